"""Champion and challenger: which of two points cards to rely on, as far as it can be told."""

from __future__ import annotations

from typing import ClassVar, Final

from textual.binding import BindingType
from textual.content import Content

from bankcard_tui.locale import mark, tr
from bankcard_tui.rules.differences import Difference
from bankcard_tui.rules.terms import Grade
from bankcard_tui.rules.training import Comparison
from bankcard_tui.screens.manager.cards_page import FURTHER, CardSheet, Say, section, text
from bankcard_tui.screens.manager.cards_signing import CardKeys, CardSigning
from bankcard_tui.screens.manager.cards_text import (
    FIGURE_NAMES,
    FIGURES,
    attribute_text,
    characteristic_label,
    clear_lead,
    difference_words,
    figure,
    figure_lead,
    missing_text,
)
from bankcard_tui.services.card_reports import CardComparison, GradeMove, compare_cards
from bankcard_tui.services.scorecards import CardRow
from bankcard_tui.widgets.labels import badge, count, english
from bankcard_tui.widgets.lined import Lines, block
from bankcard_tui.widgets.plots import table_lines
from bankcard_tui.widgets.safe import Tone, heading, safe, toned
from bankcard_tui.widgets.table import Column

SINCE: Final = mark("Since then: customers whom neither has seen")
_GRADE_CELLS: Final = 14


class CardsCompared(CardSheet[CardComparison], CardKeys):
    """A trained card beside the one in force."""

    HELP = mark(
        "The card in force is the champion, the other one the challenger. Held out customers were forecast by a "
        "challenger that had not seen them; later ones came after all those it was made from; since then are those who "
        "matured after it was trained, whom neither card has seen. Trust the last most.\n"
        "An AUC that differs by less than 0.01, or fewer than 100 customers, is no clear difference.\n"
        "a asks that the challenger is put in force. j k and PgDn PgUp scroll."
    )
    BINDINGS: ClassVar[list[BindingType]] = [FURTHER]

    def __init__(self, row: CardRow, then: Say) -> None:
        super().__init__()
        self._row = row
        self._then = then
        self.signing = CardSigning(self)

    @property
    def card(self) -> CardRow:
        return self._row

    def ask(self) -> CardComparison:
        assert self._row.id is not None
        return compare_cards(self.desk, self._row.id)

    def said(self, said: Content) -> None:
        self.dismiss()
        self._then(said)

    def lines(self, answer: CardComparison, width: int) -> Lines:
        head = tr(
            "{challenger} (challenger) beside {champion} (champion, in force)",
            challenger=answer.challenger,
            champion=answer.champion,
        )
        lines: Lines = [heading(head), Content(), *verdict(answer, min(width, 72))]
        for title, compared in _samples(answer):
            lines += section(title, _sample(answer, title, compared, width))
        if answer.seen_by_champion and answer.held_out is not None:
            words = tr(
                "The champion learned from some of the customers held out: its figures on them flatter it, and a "
                "challenger that comes close is better than it looks."
            )
            lines += [Content(), *text(words, width, Tone.WARNING, "!")]
        lines += section(mark("What would change: grades of the last twelve months"), _moves(answer.moves, width))
        lines += section(mark("Largest differences in points"), _differences(answer.differences, width))
        return [*lines, Content()]


def _samples(answer: CardComparison) -> tuple[tuple[str, Comparison | None], ...]:
    return (
        (SINCE, answer.since),
        (mark("Later customers"), answer.later),
        (mark("Customers held out"), answer.held_out),
    )


def verdict(answer: CardComparison, width: int) -> Lines:
    """The two rows to look at first: what the most trustworthy sample that can tell says.

    That a champion is ahead on customers whom it has seen tells nothing.
    """
    told = next(((title, each) for title, each in _samples(answer) if each is not None and clear_lead(each)), None)
    if told is None or (told[1] is answer.held_out and answer.seen_by_champion and clear_lead(told[1]) < 0):
        return block(f"~ {tr('No clear difference')}", tr("neither card can be told to be better"), Tone.ACCENT, width)
    title, compared = told
    lead = clear_lead(compared)
    on = tr("told by: {sample}", sample=tr(title))
    if lead > 0:
        return block(f"+ {tr('The challenger orders customers better')}", on, Tone.GOOD, width)
    return block(f"! {tr('The champion orders customers better')}", on, Tone.WARNING, width)


def _sample(answer: CardComparison, title: str, compared: Comparison | None, width: int) -> Lines:
    if compared is None and answer.other_then and title != SINCE:
        words = tr("Not compared: {name} was in force when the challenger was trained.", name=answer.other_then)
        return text(words, width)
    if compared is None:
        return text(tr("Too few customers to compare on."), width)
    mine, theirs = compared.challenger_quality, compared.champion_quality
    columns = (
        Column(mark("Measure"), 22, priority=1),
        Column(mark("Challenger"), 10, "right", priority=1),
        Column(mark("Champion"), 10, "right", priority=1),
        Column(mark("Better"), 20, priority=1),
    )
    rows = [
        (tr(FIGURE_NAMES[name]), figure(mine, name), figure(theirs, name), _better(compared, name)) for name in FIGURES
    ]
    symbol, words, tone = difference_words(compared)
    size = tr("{cases:customer|customers}, {bad} of them bad", cases=count(mine.cases), bad=count(mine.bad))
    return [*text(size, width), *table_lines(columns, rows, min(width, 70)), *text(words, width, tone, symbol)]


def _better(compared: Comparison, name: str) -> Content:
    """The winner of a figure, in words."""
    lead = figure_lead(compared, name)
    if lead is None:
        return toned(tr("can't be told"), Tone.MUTED)
    if not lead:
        return toned(tr("level"), Tone.MUTED)
    return toned(tr("challenger"), Tone.GOOD) if lead > 0 else toned(tr("champion"), Tone.WARNING)


def _moves(moves: tuple[GradeMove, ...], width: int) -> Lines:
    if not moves:
        return text(tr("Nothing was decided in the last twelve months."), width)
    counted = {(move.before, move.after): move.count for move in moves}
    total = sum(counted.values())
    kept = sum(number for (before, after), number in counted.items() if before is after)
    grades = list(Grade)
    better = sum(number for (one, two), number in counted.items() if grades.index(two) < grades.index(one))
    words = tr(
        "Of {total:applicant|applicants} {kept} keep their grade, {better} get a better and {worse} a worse one.",
        total=count(total),
        kept=count(kept),
        better=count(better),
        worse=count(total - kept - better),
    )
    columns = [Column(mark("Champion says"), _GRADE_CELLS), *(Column(english(each), 10, "right") for each in grades)]
    rows = [(badge(one), *(_cell(counted, one, two) for two in grades)) for one in grades]
    over = toned(tr("the challenger would say"), Tone.MUTED)
    return [
        *text(words, width),
        Content(),
        Content.assemble(" " * (_GRADE_CELLS + 2), over),
        *table_lines(columns, rows, min(width, 64)),
    ]


def _cell(counted: dict[tuple[Grade, Grade], int], before: Grade, after: Grade) -> Content:
    number = counted.get((before, after), 0)
    if not number:
        return toned("-", Tone.MUTED)
    return heading(count(number)) if before is after else safe(count(number))


def _differences(rows: tuple[Difference, ...], width: int) -> Lines:
    columns = (
        Column(mark("Characteristic"), 22, priority=1),
        Column(mark("Attribute"), 20, grow=True, priority=1),
        Column(mark("Challenger"), 10, "right", priority=1),
        Column(mark("Champion"), 10, "right", priority=1),
    )
    shown = [
        (characteristic_label(row.characteristic), _attribute(row), f"{row.challenger:+d}", f"{row.champion:+d}")
        for row in rows
    ]
    return table_lines(columns, shown, min(width, 96)) if shown else []


def _attribute(row: Difference) -> Content:
    if not row.known:
        return missing_text(row.characteristic)
    return attribute_text(row.characteristic, row.at_least, row.below, row.words)
