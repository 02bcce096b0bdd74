"""One version of the policy: who is behind it, and what it changed."""

from __future__ import annotations

from typing import ClassVar, Final
from zoneinfo import ZoneInfo

from textual.binding import BindingType
from textual.content import Content

from bankcard_tui.locale import mark, tr
from bankcard_tui.screens.common.lines import LinesScreen, section, text
from bankcard_tui.screens.common.policy_page import BehindPage
from bankcard_tui.screens.common.policy_words import difference_lines
from bankcard_tui.services.policy_views import VERSION_WORDS, VersionState, VersionView
from bankcard_tui.widgets.facts import Pair, fact_lines
from bankcard_tui.widgets.labels import count, moment
from bankcard_tui.widgets.lined import Lines
from bankcard_tui.widgets.safe import Tone, heading, status


class PolicyVersion(BehindPage, LinesScreen[VersionView]):
    """A version that was, is, or is to be in force."""

    HELP = mark(
        "One version of the policy: from when on it counts, who proposed it, who signed it, and the values in which it "
        "differs from the version before. Each decision names the version it was made under. j k and PgDn PgUp scroll."
    )
    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(self, page: str, version: VersionView) -> None:
        super().__init__(page)
        self.answer = version

    def lines(self, answer: VersionView, width: int) -> Lines:
        pairs: list[Pair] = [
            (mark("State"), state_badge(answer.state)),
            (mark("In force from"), moment(answer.in_force_from, ZoneInfo(self.zone))),
            (mark("Proposed by"), answer.proposed_by),
            (mark("Signed by"), answer.approved_by),
            (mark("Note"), answer.note),
        ]
        head = heading(tr("Version {version} of the policy", version=count(answer.version)))
        lines = [head, Content(), *fact_lines(pairs, width)]
        changed = difference_lines(answer.differences, width) if answer.differences else []
        return [*lines, *section(mark("What it changed"), changed or text(tr("Nothing: it is the first."), width))]


_STATES: Final = {
    VersionState.IN_FORCE: ("+", Tone.GOOD),
    VersionState.SCHEDULED: ("~", Tone.ACCENT),
    VersionState.PAST: ("-", Tone.MUTED),
    VersionState.REPLACED: ("-", Tone.MUTED),
    VersionState.ALTERED: ("!", Tone.BAD),
}


def state_badge(state: VersionState) -> Content:
    """How a version stands, as symbol, word and colour."""
    symbol, tone = _STATES[state]
    return status(symbol, tr(VERSION_WORDS[state]), tone)
