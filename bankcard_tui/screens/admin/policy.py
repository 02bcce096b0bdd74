"""Policy: every figure in force, for reading."""

from __future__ import annotations

from typing import ClassVar
from zoneinfo import ZoneInfo

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import Static

from bankcard_tui.locale import mark, tr
from bankcard_tui.screens.admin.policy_words import (
    SECTIONS,
    document_pairs,
    figure_pairs,
    grade_pairs,
    points_pairs,
    tier_lines,
)
from bankcard_tui.screens.common.base import DeskScreen
from bankcard_tui.services.policies import PolicyView, show_policy
from bankcard_tui.widgets.facts import Facts
from bankcard_tui.widgets.labels import count, moment
from bankcard_tui.widgets.safe import Tone, heading, safe, safe_lines, toned


class PolicyScreen(DeskScreen):
    """The policy in force with its version, section by section."""

    PAGE = "policy"
    HELP = mark(
        "The figures that the branch decides by, and since when. Each decision names the version it was made under. "
        "j k and PgDn PgUp scroll."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll(1)", show=False),
        Binding("k", "scroll(-1)", show=False),
        Binding("n,pagedown", "scroll(15)", mark("Further"), key_display="PgDn"),
        Binding("p,pageup", "scroll(-15)", mark("Up again"), key_display="PgUp"),
    ]
    DEFAULT_CSS = """
    PolicyScreen VerticalScroll { padding: 0 2; }
    PolicyScreen .section { margin-top: 1; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._policy: PolicyView | None = None

    def body(self) -> ComposeResult:
        with VerticalScroll(id="policy"):
            yield from self._contents()

    def load(self) -> None:
        self.query_one("#policy").focus()
        if self._policy is None:
            self.work(lambda: show_policy(self.desk), self._show, group="policy")

    def action_scroll(self, lines: int) -> None:
        self.query_one("#policy").scroll_relative(y=lines, animate=False)

    def _show(self, policy: PolicyView) -> None:
        self._policy = policy
        self.run_worker(self._fill(), group="fill")

    async def _fill(self) -> None:
        area = self.query_one("#policy", VerticalScroll)
        await area.remove_children()
        await area.mount(*self._contents())

    def _contents(self) -> list[Widget]:
        policy = self._policy
        if policy is None:
            return [Static(toned(tr("Loading ..."), Tone.MUTED))]
        since = moment(policy.in_force_from, ZoneInfo(self.zone))
        words = tr("Version {version}, in force since {time}", version=count(policy.version), time=since)
        parts: list[Widget] = [Static(heading(words), markup=False)]
        if policy.note:
            parts.append(Static(safe(tr(policy.note)), markup=False))
        parts += [_title(mark("Limits by grade, yuan")), Static(safe_lines("\n".join(tier_lines(policy.tiers))))]
        parts += [_title(mark("Grades by probability")), Facts(grade_pairs(policy.grade_bounds_percent))]
        for section, names in SECTIONS.items():
            parts += [_title(section), Facts(figure_pairs(policy.figures, names))]
        parts += [_title(mark("Documents")), Facts(document_pairs(policy.figures["required_documents"]))]
        parts += [_title(mark("Points card")), Facts(points_pairs(policy.figures["points_card"]))]
        return parts


def _title(words: str) -> Widget:
    return Static(toned(tr(words), Tone.ACCENT, bold=True), classes="section", markup=False)
