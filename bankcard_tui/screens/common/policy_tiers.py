"""The tier table as it would be with the changes made so far: what differs stands out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from textual.content import Content

from bankcard_tui.locale import mark, tr
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import Grade
from bankcard_tui.widgets.labels import amount, badge
from bankcard_tui.widgets.lined import Lines
from bankcard_tui.widgets.plots import table_lines
from bankcard_tui.widgets.safe import Tone, safe, toned
from bankcard_tui.widgets.table import Column

_COLUMNS: Final = (
    Column(mark("Grade"), 11, priority=1),
    Column(mark("Default"), 8, "right", priority=2),
    Column(mark("Limits, yuan"), 22, "right", priority=1),
    Column(mark("Increase"), 8, "right", priority=1),
    Column(mark("Reduced after"), 16, "right", priority=1),
)


_RULES: Final = ("raise_low_percent", "raise_high_percent", "reduced_after_months_overdue")
TIERS: Final = ("tiers.", "grade_bounds_percent.")
"""How the names of the figures in the table begin."""


def tier_lines(values: Mapping[str, str], changed: Collection[str], width: int) -> Lines:
    """A line a grade under the head; ``values`` are texts by the names of figures, ``changed`` names among them."""

    def cell(text: str, *names: str) -> Content:
        return toned(text, Tone.ACCENT, bold=True) if any(name in changed for name in names) else safe(text)

    rows = []
    below = ""
    for grade in Grade:
        of, own = f"tiers.{grade}", f"grade_bounds_percent.{grade}"
        risk = f"< {values[own]} %" if own in values else f">= {values[below]} %"
        lowest, highest = (amount(Money.parse(values[f"{of}.{bound}"])) for bound in ("lowest", "highest"))
        low, high, months = (values[f"{of}.{rule}"] for rule in _RULES)
        rows.append(
            (
                badge(grade),
                cell(risk, own if own in values else below),
                cell(f"{lowest} - {highest}", f"{of}.lowest", f"{of}.highest"),
                cell(f"{low}-{high} %" if int(high) else tr("none"), *(f"{of}.{rule}" for rule in _RULES[:2])),
                cell(_reduced(int(months)), f"{of}.{_RULES[2]}"),
            )
        )
        below = own
    return table_lines(_COLUMNS, rows, width)


def _reduced(months: int) -> str:
    return tr("{months:month|months} overdue", months=months) if months else tr("any overdue")
