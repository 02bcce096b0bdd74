"""The tier table: what each grade may be granted under the policy in force, and how many people sign for it."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content

from bankcard_tui.locale import mark, tr
from bankcard_tui.rules.money import Money
from bankcard_tui.screens.common.base import DeskScreen
from bankcard_tui.screens.manager.facts_text import on_day
from bankcard_tui.services.policies import PolicyView, TierView, show_policy
from bankcard_tui.widgets.labels import amount, badge
from bankcard_tui.widgets.lined import Lined, Lines
from bankcard_tui.widgets.safe import Tone, heading, pad, toned

_COLUMNS: Final = (
    (mark("Grade"), 13, "left"),
    (mark("Default risk"), 12, "right"),
    (mark("Initial limit, yuan"), 23, "right"),
    (mark("Increase"), 10, "right"),
    (mark("Reduced after"), 19, "right"),
)
_BAR: Final = 50


class TiersScreen(DeskScreen):
    """The tier table."""

    PAGE = "limits"
    HELP = mark(
        "The limits of each grade under the policy in force. The grade follows from the probability of default; the "
        "initial limit lies inside the band of the grade. Larger limits need more signatures."
    )
    DEFAULT_CSS = """
    TiersScreen VerticalScroll { height: 1fr; padding: 0 1; scrollbar-size-vertical: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "scroll_page(1)", show=False),
        Binding("k,up", "scroll_page(-1)", show=False),
        Binding("pagedown", "scroll_page(10)", show=False),
        Binding("pageup", "scroll_page(-10)", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._policy: PolicyView | None = None

    def body(self) -> ComposeResult:
        with VerticalScroll(can_focus=False):
            yield Lined(self._lines)

    def load(self) -> None:
        self.work(lambda: show_policy(self.desk), self._show)

    def _show(self, policy: PolicyView) -> None:
        self._policy = policy
        self.query_one(Lined).renew()

    def action_scroll_page(self, lines: int) -> None:
        """Scroll where the terminal is small."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)

    def _lines(self, _width: int) -> Lines:
        policy = self._policy
        if policy is None:
            return [toned(tr("Loading ..."), Tone.MUTED)]
        since = tr(
            "version {version}, in force from {day}",
            version=policy.version,
            day=on_day(policy.in_force_from, self.zone),
        )
        return [
            Content.assemble(heading(tr("Limits by grade")), "   ", toned(since, Tone.MUTED)),
            Content(),
            *_table(policy),
            Content(),
            *_scale(policy.tiers),
            Content(),
            heading(tr("Signatures by amount")),
            Content(),
            *_signatures(policy.figures),
        ]


def _table(policy: PolicyView) -> Lines:
    head = Content.assemble(*(pad(tr(title), width, align) for title, width, align in _COLUMNS))
    lines = [head.stylize(str(Tone.MUTED))]
    for tier, bounds in zip(policy.tiers, _probabilities(policy.grade_bounds_percent), strict=True):
        cells = (
            badge(tier.grade),
            bounds,
            f"{amount(tier.lowest)} - {amount(tier.highest)}",
            f"{tier.raise_low_percent}-{tier.raise_high_percent} %" if tier.raise_high_percent else tr("none"),
            _reduced(tier.reduced_after_months_overdue),
        )
        padded = (pad(cell, width, align) for cell, (_, width, align) in zip(cells, _COLUMNS, strict=True))
        lines.append(Content.assemble(*padded))
    return lines


def _probabilities(bounds: tuple[int, int, int]) -> tuple[str, ...]:
    first, second, third = bounds
    return (f"< {first} %", f"{first} - {second} %", f"{second} - {third} %", f">= {third} %")


def _reduced(months: int) -> str:
    if months == 0:
        return tr("any overdue")
    return tr("1 month overdue") if months == 1 else tr("{months:month|months} overdue", months=months)


def _scale(tiers: tuple[TierView, ...]) -> Lines:
    """Where the band of each grade lies between nothing and the highest limit."""
    top = max(tier.highest.fen for tier in tiers)
    lines = []
    for tier in tiers:
        start = tier.lowest.fen * _BAR // top
        end = max(start + 1, tier.highest.fen * _BAR // top)
        band = Content.assemble(
            ("." * start, "$panel on $panel"),
            ("#" * (end - start), f"{Tone.ACCENT} on {Tone.ACCENT}"),
            ("." * (_BAR - end), "$panel on $panel"),
        )
        lines.append(Content.assemble(pad(badge(tier.grade), _COLUMNS[0][1]), band))
    highest = amount(Money(top))
    axis = Content.assemble("0", pad(highest, _BAR - 1, "right"))
    return [*lines, Content.assemble(" " * _COLUMNS[0][1], axis).stylize(str(Tone.MUTED))]


def _signatures(figures: dict[str, Any]) -> Lines:
    one, two = Money.parse(figures["first_signature_up_to"]), Money.parse(figures["second_signature_up_to"])
    rows = (
        (tr("up to {amount}", amount=amount(one)), tr("one manager")),
        (tr("up to {amount}", amount=amount(two)), tr("and a second person")),
        (tr("above {amount}", amount=amount(two)), tr("and a third person")),
    )
    return [Content.assemble(pad(limit, 24, "right"), "   ", who) for limit, who in rows]
