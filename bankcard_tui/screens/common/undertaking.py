"""Long work: it goes on while its person looks at something else, says how far it came, and can be stopped.

An undertaking belongs to the application and to the session that began it, not to the page: the page shows the one it
finds when it opens.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from contextvars import copy_context
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any, ClassVar, Final, Generic, TypeVar, cast
from weakref import WeakKeyDictionary

from textual.app import App
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static
from textual.worker import Worker

from bankcard_tui.errors import BankError
from bankcard_tui.locale import tr
from bankcard_tui.screens.common.base import DeskScreen, Shell
from bankcard_tui.widgets.charts import bar
from bankcard_tui.widgets.dialogs import Confirm
from bankcard_tui.widgets.errands import SESSION_PROBLEMS, problem_text, tell
from bankcard_tui.widgets.safe import Tone, heading, status, toned

T = TypeVar("T")
Report = Callable[[str, int, int], None]
"""Told what is going on (English, marked), how far it is, and how far it goes; see ``Undertaking.report``."""

TICK_SECONDS: Final = 0.25
ANSWER_SECONDS: Final = 0.2
BAR_CELLS: Final = 20
STEPS_SHOWN: Final = 6
_SECONDS_A_MINUTE: Final = 60


@dataclass(slots=True)
class Step:
    """One thing that is done on the way; ``label`` is English, marked."""

    label: str
    done: int
    total: int


class Undertaking(Generic[T]):
    """One piece of long work. ``title`` is English, marked; ``tell`` says in the language in use what came of it.

    ``levels`` (English, marked) are told when they are passed; every other step is told while it is under way.
    """

    def __init__(
        self, app: App[Any], title: str, tell: Callable[[T], Content], *, stoppable: bool, levels: Sequence[str]
    ) -> None:
        """Made on the event loop of ``app``."""
        self.title = title
        self.session = cast(Shell, app).desk.session_id
        self.stoppable = stoppable
        self.levels = levels
        self.passed: set[str] = set()
        self.steps: list[Step] = []
        self.problem: BankError | None = None
        self.stopping = False
        self.running = True
        self._tell = tell
        self._answer: T | None = None
        self._app = app
        self._loop = asyncio.get_running_loop()
        self._began = monotonic()

    def report(self, label: str, done: int, total: int) -> None:
        """Called by the work, in its thread: what is going on, how far it is, and how far it goes (0: not known).

        Raises BankError once the person wants no more of it, or has signed out.
        """
        if self.stoppable and (self.stopping or not self.is_here()):
            raise stopped()
        if label in self.levels:
            self.passed.add(label)
        elif not self.steps or self.steps[-1].label != label:
            self.steps.append(Step(label, done, total))
        else:
            self.steps[-1] = Step(label, done, total)

    def agree(self, question: Callable[[], Confirm]) -> None:
        """Called by the work, in its thread: go on only where the person says yes to ``question``, and can't stop it
        any more. Raises BankError.
        """
        answers: SimpleQueue[bool | None] = SimpleQueue()
        dialog: list[Confirm] = []

        def ask() -> None:
            dialog.append(question())
            self._app.push_screen(dialog[0], answers.put)

        self._loop.call_soon_threadsafe(ask)
        while not self.stopping and self.is_here():
            with suppress(Empty):
                if answers.get(timeout=ANSWER_SECONDS):
                    self.stoppable = False
                    return
                break
        self.stop()
        raise stopped()

    def is_here(self) -> bool:
        """Whether whoever began it still sits at this terminal."""
        return cast(Shell, self._app).desk.session_id == self.session and getattr(self._app, "signed_in", True)

    def stop(self) -> None:
        """Let the work stop where it next says how far it is."""
        if self.stoppable:
            self.stopping = True

    def end(self, answer: T | None, problem: BankError | None) -> None:
        """Keep what came of it."""
        self._answer, self.problem, self.running = answer, problem, False

    def words(self) -> Content:
        """How far it came, or what came of it, in the language in use."""
        if self.running:
            return Content("\n").join([self._head(), *self._step_lines()])
        if self.problem is not None:
            said = problem_text(self.problem)
            came = status("!", said, Tone.WARNING) if self.stopping else status("x", said, Tone.BAD)
        else:
            came = self._tell(cast(T, self._answer))
        return Content.assemble(heading(tr(self.title)), "\n", came)

    def _head(self) -> Content:
        minutes, seconds = divmod(int(monotonic() - self._began), _SECONDS_A_MINUTE)
        if self.stopping:
            note = status("!", tr("It stops ..."), Tone.WARNING)
        elif self.stoppable:
            note = toned(tr("Esc stops it; you can go on working."), Tone.MUTED)
        else:
            note = toned(tr("You can go on working."), Tone.MUTED)
        return Content.assemble(heading(tr(self.title)), f"  {minutes}:{seconds:02}  ", note)

    def _step_lines(self) -> list[Content]:
        steps = self.steps[-STEPS_SHOWN:]
        lines = [status("+", tr(step.label), Tone.GOOD) for step in steps[:-1]]
        lines.append(_under_way(steps[-1]) if steps else status("~", tr("It begins ..."), Tone.ACCENT))
        if self.passed:
            lines.append(Content("   ").join(self._level(label) for label in self.levels))
        return lines

    def _level(self, label: str) -> Content:
        if label in self.passed:
            return status("+", tr(label), Tone.GOOD)
        return status("-", tr(label), Tone.MUTED)


def _under_way(step: Step) -> Content:
    words = status("~", tr(step.label), Tone.ACCENT)
    if step.total <= 0:
        return words
    share = min(100, 100 * step.done // step.total)
    return Content.assemble(words, "  ", bar(step.done, step.total, BAR_CELLS), f" {share} %")


def stopped() -> BankError:
    """The error with which work ends that its person has stopped."""
    return BankError("This was stopped.", hint="Begin again whenever you like.", code="stopped")


_BEGUN: Final[WeakKeyDictionary[App[Any], dict[str, Undertaking[Any]]]] = WeakKeyDictionary()


def found(screen: DeskScreen, name: str) -> Undertaking[Any] | None:
    """The undertaking ``name`` that this person began at this sign-in, under way or ended."""
    known = _BEGUN.get(screen.app, {}).get(name)
    return known if known is not None and known.session == screen.desk.session_id else None


def forget(screen: DeskScreen, name: str) -> None:
    """Show the undertaking ``name`` no longer; what is under way stays."""
    known = found(screen, name)
    if known is not None and not known.running:
        del _BEGUN[screen.app][name]


def undertake(
    screen: DeskScreen,
    name: str,
    title: str,
    call: Callable[[Undertaking[T]], T],
    tell_of: Callable[[T], Content],
    *,
    stoppable: bool = True,
    levels: Sequence[str] = (),
    then: Callable[[T], object] | None = None,
) -> Undertaking[T]:
    """Begin ``call`` in a thread of its own; ``tell_of`` says what came of it, ``then`` gets it on the event loop.

    What came of it is notified as well where another page is open by then. A problem with the session that began it is
    the application's business; any error that is no BankError ends the application through its crash handler.
    """
    app = screen.app
    work = Undertaking(app, title, tell_of, stoppable=stoppable, levels=levels)
    _BEGUN.setdefault(app, {})[name] = work
    page = screen.PAGE
    thread = asyncio.get_running_loop().run_in_executor(None, copy_context().run, lambda: call(work))

    async def run() -> None:
        try:
            answer = await asyncio.shield(thread)
        except asyncio.CancelledError:
            work.stop()  # the application is being left
            raise
        except BankError as problem:
            work.end(None, problem)
            if work.is_here() and (isinstance(problem, SESSION_PROBLEMS) or not _on_page(app, page)):
                tell(app, problem)
        else:
            work.end(answer, None)
            if not work.is_here():
                return
            if then is not None:
                then(answer)
            elif not _on_page(app, page):
                app.notify(tr("{title}: done.", title=tr(title)), markup=False)

    # At the application, so that it is nobody's errand: leaving the page does not end it.
    _: Worker[None] = app.run_worker(run, group=f"undertaking-{name}")
    return work


def _on_page(app: App[Any], page: str) -> bool:
    return any(isinstance(screen, DeskScreen) and page == screen.PAGE for screen in app.screen_stack)


class WorkPanel(Static):
    """Shows the undertaking ``name`` of its screen while there is one; ``ended`` is called once when it ends."""

    DEFAULT_CSS = """
    WorkPanel { height: auto; max-height: 10; padding: 0 1; margin-bottom: 1; display: none; }
    """
    ALLOW_SELECT: ClassVar[bool] = False

    def __init__(self, name: str, ended: Callable[[], object]) -> None:
        super().__init__(markup=False)
        self._of = name
        self._ended = ended
        self._ticking: Timer | None = None

    def on_mount(self) -> None:
        self.look()

    @property
    def work(self) -> Undertaking[Any] | None:
        """What is shown."""
        screen = self.screen
        return found(screen, self._of) if isinstance(screen, DeskScreen) else None

    @property
    def busy(self) -> bool:
        """Whether it is under way."""
        work = self.work
        return work is not None and work.running

    def look(self) -> None:
        """Show how far it is, again and again while it is under way."""
        work = self.work
        self.display = work is not None
        self.update(work.words() if work is not None else Content())
        if self.busy and self._ticking is None:
            self._ticking = self.set_interval(TICK_SECONDS, self.look)
        elif not self.busy and self._ticking is not None:
            self._ticking.stop()
            self._ticking = None
            self._ended()
        self.screen.refresh_bindings()

    def ask_to_stop(self) -> None:
        """Ask, with the cursor on Cancel, then let it stop."""
        work = self.work
        if work is None or not work.running or not work.stoppable or work.stopping:
            return

        def answered(yes: bool | None) -> None:
            if yes:
                work.stop()
                self.look()

        self.app.push_screen(
            Confirm(
                lambda: tr("Stop it?"),
                lambda: tr("Until you confirm it goes on. What is half done then is removed."),
                lambda: tr("Stop it"),
            ),
            answered,
        )

    def forget(self) -> None:
        """Take away what came of work that has ended."""
        screen = self.screen
        if isinstance(screen, DeskScreen):
            forget(screen, self._of)
            self.look()
