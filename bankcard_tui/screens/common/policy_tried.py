"""Changes of the policy tried on the portfolio before anybody signs them."""

from __future__ import annotations

from collections.abc import Mapping
from time import monotonic
from typing import ClassVar, Final

from textual.binding import Binding, BindingType
from textual.content import Content

from bankcard_tui.errors import BankError, InvalidForm
from bankcard_tui.locale import mark, say, tr
from bankcard_tui.screens.common.lines import LinesScreen, text
from bankcard_tui.screens.common.policy_movers import PolicyMovers
from bankcard_tui.screens.common.policy_page import BehindPage
from bankcard_tui.screens.common.policy_propose import CameOfIt, ask_to_propose
from bankcard_tui.screens.common.policy_words import difference_lines
from bankcard_tui.screens.common.what_if_text import what_if_lines
from bankcard_tui.services.policies import try_out
from bankcard_tui.services.policy_views import Tried
from bankcard_tui.widgets.lined import Lines
from bankcard_tui.widgets.safe import Tone, heading

TICK_SECONDS: Final = 0.5


class Trying(BehindPage, LinesScreen[Tried]):
    """Tries changes and shows what they would do: all that is common to one's own and a colleague's."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("m", "movers", mark("Who moves"))]

    def __init__(self, page: str) -> None:
        """``page`` is the first-level page from which this was opened."""
        super().__init__(page)
        self._began = monotonic()

    def on_mount(self) -> None:
        self.set_interval(TICK_SECONDS, self._tick)

    def _tick(self) -> None:
        if self.answer is None:
            self.renew()

    def waiting_lines(self, width: int) -> Lines:
        seconds = int(monotonic() - self._began)
        words = tr("Trying it on all accounts ... {seconds:second|seconds}", seconds=seconds)
        return [*self.head(width), Content(), *text(words, width)]

    def problem_lines(self, problem: BankError, width: int) -> Lines:
        return [*self.head(width), Content(), *super().problem_lines(problem, width)]

    def lines(self, answer: Tried, width: int) -> Lines:
        if answer.what_if is None:
            moved = text(tr("None of these figures moves the limit of anybody."), width)
        else:
            moved = what_if_lines(answer.what_if, width)
        for each in answer.unseen:
            moved = [*text(say(each), width, Tone.WARNING, "!"), *moved]
        return [*self.head(width), Content(), *moved, Content()]

    def head(self, width: int) -> Lines:
        """What is tried, known before it is."""
        raise NotImplementedError

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "movers":
            what_if = self.answer.what_if if self.answer is not None else None
            return what_if is not None and bool(what_if.movers)
        return super().check_action(action, parameters)

    def action_movers(self) -> None:
        """m: those whose limits differ most."""
        if self.answer is not None and self.answer.what_if is not None:
            self.app.push_screen(PolicyMovers(self.page, self.answer.what_if.movers))


class PolicyTried(Trying):
    """One's own changes, before they are proposed."""

    HELP = mark(
        "What your changes would do to the limits of all accounts if they were evaluated again now, beside what the "
        "policy in force would do. Nothing is changed by looking.\n"
        "m lists the accounts whose limits differ most. Ctrl+S proposes the changes for a day; a second person signs. "
        "Esc goes back to the values. j k and PgDn PgUp scroll."
    )
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+s", "propose", mark("Propose"))]

    def __init__(self, page: str, changes: Mapping[str, str], then: CameOfIt) -> None:
        super().__init__(page)
        self._changes = dict(changes)
        self._then = then

    def ask(self) -> Tried:
        return try_out(self.desk, self._changes)

    def head(self, width: int) -> Lines:
        title = heading(tr("What {count:change|changes} would do", count=len(self._changes)))
        return [title, *(difference_lines(self.answer.differences, width) if self.answer is not None else [])]

    def failed(self, problem: BankError) -> None:
        if isinstance(problem, InvalidForm):
            self._came_of_it(problem)
        else:
            super().failed(problem)

    def action_propose(self) -> None:
        """Ctrl+S: ask that the changes take force."""
        ask_to_propose(self, self._changes, self._came_of_it)

    def _came_of_it(self, came: Content | InvalidForm) -> None:
        self.dismiss()
        self._then(came)
