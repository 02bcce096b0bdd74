"""The base of every screen: background work, sending a form, help, going back, changing the language."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, ClassVar, Final, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.css.query import NoMatches
from textual.screen import Screen
from textual.signal import Signal
from textual.widget import Widget
from textual.widgets import Input

from bankcard_tui.errors import BankError, InvalidForm, InvalidInput
from bankcard_tui.locale import mark
from bankcard_tui.widgets.errands import SESSION_PROBLEMS, Errands, tell
from bankcard_tui.widgets.form import Form
from bankcard_tui.widgets.help import HelpScreen
from bankcard_tui.widgets.keybar import KeyBar

T = TypeVar("T")

RELABEL_AGAIN_SECONDS: Final = 0.2


class BankScreen(Screen[None]):
    """A screen of the bank.

    A screen overrides ``body`` (its widgets), usually ``load`` (start the work that fills them), and gives ``HELP``
    and ``BINDINGS`` with marked English texts; at most five of its own bindings are shown in the footer, which also
    has Esc and F1. A shell puts its top line before the body by overriding ``top``.

    The language: when ``app.language_changed`` (a ``textual.signal.Signal``) is published, the screen composes again,
    forms keep what was typed, the focus stays, and ``load`` runs again. So texts are translated in ``body``, ``load``
    and the answers to work, never in ``__init__``.
    """

    HELP: ClassVar[str] = ""
    """A few English sentences, marked for translation: what this screen is for and how the work goes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", mark("Back")),
        Binding("f1", "help", mark("Help")),
        Binding("question_mark", "help", mark("Help"), show=False),
    ]

    def __init__(self, name: str | None = None, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(name, id, classes)
        self._errands = Errands(self)

    def top(self) -> ComposeResult:
        """What stands above the body: the shell's line with bank, person and role."""
        yield from ()

    def body(self) -> ComposeResult:
        """The screen's own widgets."""
        yield from ()

    def load(self) -> None:
        """Start the work that fills the body; called when the screen opens and after a change of the language."""

    def compose(self) -> ComposeResult:
        yield from self.top()
        yield from self.body()
        yield KeyBar()

    def on_mount(self) -> None:
        # A subclass with an on_mount of its own does not call this one: Textual calls both.
        changed = getattr(self.app, "language_changed", None)
        if isinstance(changed, Signal):
            changed.subscribe(self, self._language_changed)
        self.load()

    def work(
        self,
        call: Callable[[], T],
        then: Callable[[T], object],
        *,
        on_problem: Callable[[BankError], None] | None = None,
        group: str = "default",
    ) -> None:
        """Run ``call`` in a thread, then ``then`` with its answer; see :meth:`Errands.start`."""
        self._errands.start(call, then, on_problem=on_problem, group=group)

    def send(self, form: Form, call: Callable[[], T], then: Callable[[T], object]) -> None:
        """Run the write that ``form`` asked for: busy meanwhile, its problems at the fields, other errors told.

        ``form.key`` is the idempotency key of this filling in: it stays for another try and is renewed on success.
        """

        def succeeded(answer: T) -> None:
            form.busy = False
            form.renew_key()
            then(answer)

        def failed(error: BankError) -> None:
            form.busy = False
            if isinstance(error, InvalidInput | InvalidForm):
                form.show_problems(error)
            elif not isinstance(error, SESSION_PROBLEMS):
                tell(self.app, error)

        form.busy = True
        self.work(call, succeeded, on_problem=failed, group=f"send-{form.id}")

    def action_back(self) -> None:
        """Esc: leave this screen."""
        self.dismiss()

    def action_help(self) -> None:
        """F1 or ?: what this screen is for, and all its keys."""
        self.app.push_screen(HelpScreen(self.HELP, self))

    async def recompose(self) -> None:
        with self._errands.held_back():
            await super().recompose()

    async def _language_changed(self, _language: object) -> None:
        await self.relabel()

    async def relabel(self) -> None:
        """Compose again in the language in use; forms keep what was typed and the focus stays where it was.

        What a form has sent is answered first, at the form that sent it; other answers that come meanwhile wait.
        """
        if any(form.busy for form in self.query(Form)):
            self.set_timer(RELABEL_AGAIN_SECONDS, self.relabel)
            return
        focused = self.focused
        here, name = _path(focused), focused.id if focused is not None else None
        with self._errands.held_back():
            await remade(self)
            with suppress(NoMatches):
                self.query_one(here).focus() if here else None
        self.load()
        self.call_after_refresh(self._go_on_at, name)

    def _go_on_at(self, name: str | None) -> None:
        """Back to the field ``name``, wherever loading put the focus, and behind what was typed there: the next key
        must not replace everything."""
        for field in self.query(f"#{name}") if name else ():
            self.set_focus(field)
        if isinstance(self.focused, Input):
            self.call_after_refresh(self.focused.action_end)


async def remade(screen: Screen[Any]) -> None:
    """Compose ``screen`` again; its forms keep what was typed."""
    before = {form.id: form for form in screen.query(Form)}
    await screen.recompose()
    for form in screen.query(Form):
        if form.id in before:
            form.take_over(before[form.id])


def _path(widget: Widget | None) -> str:
    """A selector of ``widget`` by the ids on the way to it; empty where its own path has none."""
    return " ".join(reversed(list(_ids(widget)))) if widget is not None and widget.id else ""


def _ids(widget: Widget) -> Iterator[str]:
    for node in widget.ancestors_with_self:
        if isinstance(node, Widget) and not isinstance(node, Screen) and node.id:
            yield f"#{node.id}"
