"""Watching a points card: forecast against outcome, drift of the applicants, and whether managers follow the aid."""

from __future__ import annotations

from typing import ClassVar, Final

from textual.binding import BindingType
from textual.content import Content

from bankcard_tui.locale import mark, tr
from bankcard_tui.rules.training import Quality
from bankcard_tui.screens.manager.cards_page import FURTHER, CardSheet, section, text
from bankcard_tui.screens.manager.cards_text import (
    card_name,
    characteristic_label,
    meaning,
    since,
    standing,
)
from bankcard_tui.services.card_reports import Agreement, Drift, ManagerRow, Monitor, MonthRow, monitor
from bankcard_tui.services.scorecards import CardRow
from bankcard_tui.widgets.labels import count, percent
from bankcard_tui.widgets.lined import Lines
from bankcard_tui.widgets.plots import calibration_plot, drift_plot, share_bar, table_lines
from bankcard_tui.widgets.safe import Tone, heading, toned
from bankcard_tui.widgets.table import Column

TOTAL: Final = "points"
"""The code of the drift of the points altogether."""
FEW_OUTCOMES: Final = 100
FAR_OFF: Final = 2.0
"""Standard deviations of the number of bad ones beyond which a forecast was off by more than chance."""
_BAR: Final = 16

_MANAGERS: Final = (
    Column(mark("Manager"), 10, grow=True, priority=1),
    Column(mark("Decisions"), 9, "right", priority=2),
    Column(mark("Against it"), 16, "right", priority=1),
    Column(mark("Approved"), 8, "right", priority=3),
    Column(mark("Turned out"), 10, "right", priority=4),
    Column(mark("of them bad"), 14, "right", priority=2),
)
_MONTHS: Final = (
    Column(mark("Month"), 7, priority=1),
    Column(mark("Decisions"), 9, "right", priority=2),
    Column(mark("With the aid"), 23, priority=1),
    Column(mark("Mean points"), 11, "right", priority=2),
)


class CardMonitor(CardSheet[Monitor]):
    """How a card has done since it is in force."""

    HELP = mark(
        "How a points card does in use. Calibration: did as many customers turn bad as it expected? Drift: are the "
        "applicants of the last twelve months still those it learned from? Below 0.10 they are, up to 0.25 look at "
        "it, above that train a new card. Agreement: how often managers follow the aid, and how those turned out whom "
        "they approved against it.\n"
        "j k and PgDn PgUp scroll."
    )
    BINDINGS: ClassVar[list[BindingType]] = [FURTHER]

    def __init__(self, row: CardRow) -> None:
        super().__init__()
        self._row = row

    def ask(self) -> Monitor:
        return monitor(self.desk, self._row.id)

    def lines(self, answer: Monitor, width: int) -> Lines:
        row = answer.row
        head = Content.assemble(heading(card_name(row)), "   ", standing(row), "  ")
        return [
            Content.assemble(head, toned(since(row, self.zone), Tone.MUTED)),
            *section(mark("Forecast and outcome"), _calibration(answer.calibration, width)),
            *section(mark("Drift of the applicants"), _drift(answer.drift, width, expert=row.id is None)),
            *section(mark("Do managers follow the aid?"), _agreement(answer.agreement, width)),
            *_managers(answer.managers, width),
            *section(mark("Month by month"), _months(answer.months, width)),
            *section(mark("What nobody can know"), bias_lines(answer.refused, answer.granted, width)),
            Content(),
        ]


def bias_lines(refused: int, granted: int, width: int) -> Lines:
    """What it means that nobody knows how those turn out who were refused."""
    if not refused + granted:
        return text(tr("Nothing was decided in the last twelve months."), width)
    words = tr(
        "{refused} of {all:decision|decisions} in twelve months were refusals. Nobody learns how they would have "
        "turned out: the card knows those who were granted, so that for applicants like the refused its probability "
        "is less sure, and more likely too low than too high. Refusing on the card alone confirms itself.",
        refused=count(refused),
        all=count(refused + granted),
    )
    return text(words, width, Tone.WARNING, "!")


def _calibration(quality: Quality, width: int) -> Lines:
    if not quality.cases:
        return text(tr("No outcome has matured yet: a card takes a year to show what it is worth."), width)
    expected = sum(each.expected for each in quality.reliability)
    said = tr(
        "Of {cases:customer|customers} {bad} turned bad; {expected} were expected.",
        cases=count(quality.cases),
        bad=count(quality.bad),
        expected=f"{expected:,.1f}",
    )
    variance = sum(each.expected * (1 - each.expected / each.cases) for each in quality.reliability if each.cases)
    off = abs(quality.bad - expected) > FAR_OFF * max(variance, 1.0) ** 0.5
    if quality.cases < FEW_OUTCOMES:
        lines = text(f"{said} {tr('That is too little to judge by.')}", width, Tone.MUTED, "~")
    elif not off:
        lines = text(f"{said} {tr('That lies within chance.')}", width, Tone.GOOD, "+")
    else:
        way = tr("The card is too hopeful.") if quality.bad > expected else tr("The card is too strict.")
        lines = text(f"{said} {way}", width, Tone.WARNING, "!")
    if quality.auc is not None:
        lines += [*text(meaning(quality, "auc"), width)]
    return [*lines, Content(), *calibration_plot(quality.reliability, width)]


def _drift(rows: tuple[Drift, ...], width: int, *, expert: bool) -> Lines:
    if expert:
        return text(tr("The expert's card learned from nobody: there is nothing to drift from."), width)
    if all(each.psi is None for each in rows):
        cases = count(max((each.cases for each in rows), default=0))
        words = tr(
            "Not shown yet: {count:applicant is|applicants are} too few to tell a change from chance.", count=cases
        )
        return text(words, width)
    named = [
        (tr("All points") if each.code == TOTAL else characteristic_label(each.code).plain, each.psi, each.cases)
        for each in sorted(rows, key=lambda each: each.code != TOTAL)
    ]
    legend = text(tr("Population stability index: below 0.10 stable, to 0.25 watch, above act."), width)
    return [*drift_plot(named, width), *legend]


def _agreement(agreement: Agreement, width: int) -> Lines:
    if not agreement.decided:
        return text(tr("Nothing was decided under this card in the last twelve months."), width)
    words = tr(
        "{agreed} of {decided:decision|decisions} went with the aid.",
        agreed=count(agreement.agreed),
        decided=count(agreement.decided),
    )
    against = tr(
        "Against it {approved:application was|applications were} approved and {refused} refused.",
        approved=count(agreement.approved_against),
        refused=count(agreement.refused_against),
    )
    return [
        Content.assemble(share_bar(agreement.agreed, agreement.decided, 2 * _BAR), "  ", words),
        *text(against, width),
    ]


def _managers(rows: tuple[ManagerRow, ...], width: int) -> Lines:
    if not rows:
        return []
    words = tr(
        "Approved: against this card. Turned out: whom the manager approved against any card's opinion in the last "
        "three years, and how many of them turned bad."
    )
    lines = table_lines(_MANAGERS, [_manager(row) for row in rows], min(width, 92))
    return [Content(), *lines, *text(words, width, Tone.MUTED)]


def _manager(row: ManagerRow) -> tuple[object, ...]:
    against = f"{count(row.against)} ({percent(row.against / row.decided, 0)})" if row.decided else "-"
    if row.turned_out:
        bad: object = f"{count(row.bad)} ({percent(row.bad / row.turned_out, 0)})"
    else:
        bad = toned(tr("not known yet") if row.approved_against else "-", Tone.MUTED)
    return (row.name, count(row.decided), against, count(row.approved_against), count(row.turned_out), bad)


def _months(rows: tuple[MonthRow, ...], width: int) -> Lines:
    shown = [
        (row.month, count(row.decided), share_bar(row.agreed, row.decided, _BAR), f"{row.points:,.0f}") for row in rows
    ]
    return table_lines(_MONTHS, shown, min(width, 60)) if shown else []
