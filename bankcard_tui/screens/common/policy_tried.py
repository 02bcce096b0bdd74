"""Changes of the policy tried on the portfolio before anybody signs them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content

from bankcard_tui.desk.desk import Desk
from bankcard_tui.errors import BankError, InvalidForm
from bankcard_tui.locale import mark, tr
from bankcard_tui.screens.common.lines import LinesScreen, section, text
from bankcard_tui.screens.common.policy_movers import PolicyMovers
from bankcard_tui.screens.common.policy_propose import CameOfIt, ask_to_propose
from bankcard_tui.screens.common.policy_words import difference_lines
from bankcard_tui.screens.common.shell import NavigationLine, TopLine
from bankcard_tui.screens.common.what_if_text import what_if_lines
from bankcard_tui.services.policies import PolicyValues, Tried, policy_values, try_policy
from bankcard_tui.widgets.labels import count
from bankcard_tui.widgets.lined import Lines
from bankcard_tui.widgets.safe import Tone, heading, toned

TICK_SECONDS: Final = 0.5


@dataclass(frozen=True, slots=True)
class Trial:
    """What changes would do, and the values that they are about."""

    policy: PolicyValues
    tried: Tried


def trial_of(desk: Desk, changes: Mapping[str, str]) -> Trial:
    """Try ``changes``; takes as long as the portfolio is large. Raises InvalidForm where they can't be."""
    return Trial(policy_values(desk), try_policy(desk, dict(changes)))


class Trying(LinesScreen[Trial]):
    """Tries changes and shows what they would do: all that is common to one's own and a colleague's."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("m", "movers", mark("Who moves"))]

    def __init__(self, page: str) -> None:
        """``page`` is the first-level page from which this was opened."""
        super().__init__()
        self._page = page
        self._began = monotonic()

    def top(self) -> ComposeResult:
        yield TopLine()
        yield NavigationLine(self._page)

    def on_mount(self) -> None:
        self.set_interval(TICK_SECONDS, self._tick)

    def _tick(self) -> None:
        if self.answer is None:
            self.renew()

    def waiting_lines(self) -> Lines:
        seconds = int(monotonic() - self._began)
        words = tr("Trying it on all accounts ... {seconds:second|seconds}", seconds=seconds)
        return [toned(words, Tone.MUTED)]

    def lines(self, answer: Trial, width: int) -> Lines:
        values = {value.name: value for value in answer.policy.values}
        lines = self.head(answer, width)
        lines += section(mark("What changes"), difference_lines(values, answer.tried.differences, width))
        if answer.tried.what_if is None:
            still = text(tr("None of these figures moves the limit of anybody."), width)
            return [*lines, *section(mark("On the portfolio"), still)]
        return [*lines, *section(mark("On the portfolio"), what_if_lines(answer.tried.what_if, width))]

    def head(self, answer: Trial, width: int) -> Lines:
        """What stands above the differences."""
        raise NotImplementedError

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "movers":
            what_if = self.answer.tried.what_if if self.answer is not None else None
            return what_if is not None and bool(what_if.movers)
        return super().check_action(action, parameters)

    def action_movers(self) -> None:
        """m: those whose limits differ most."""
        if self.answer is not None and self.answer.tried.what_if is not None:
            self.app.push_screen(PolicyMovers(self._page, self.answer.tried.what_if.movers))


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

    def ask(self) -> Trial:
        return trial_of(self.desk, self._changes)

    def head(self, answer: Trial, width: int) -> Lines:
        return [heading(tr("What {count:change|changes} would do", count=count(len(answer.tried.differences))))]

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
