"""The model card: what a points card rests on, how good it is, how far to trust it, and every point of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Final

from textual.binding import Binding, BindingType
from textual.content import Content

from bankcard_tui.locale import mark, tr
from bankcard_tui.rules.scorecard import Characteristic, Scorecard
from bankcard_tui.rules.terms import CardState
from bankcard_tui.rules.training import GroupQuality, Training
from bankcard_tui.screens.manager.cards_comparison import CardsCompared
from bankcard_tui.screens.manager.cards_monitor import CardMonitor, bias_lines
from bankcard_tui.screens.manager.cards_page import CardSheet, Say, section, text
from bankcard_tui.screens.manager.cards_signing import CardKeys, CardSigning
from bankcard_tui.screens.manager.cards_text import (
    attribute_texts,
    bad_words,
    card_name,
    characteristic_label,
    difference_words,
    figure,
    group_label,
    held_out_words,
    learned_from,
    quality_lines,
    since,
    standing,
    unit_of,
)
from bankcard_tui.screens.manager.facts_text import on_day
from bankcard_tui.services.card_reports import Monitor, monitor
from bankcard_tui.services.scorecards import CardFile, CardRow, show_card_version
from bankcard_tui.widgets.facts import Pair, fact_lines
from bankcard_tui.widgets.labels import count, percent
from bankcard_tui.widgets.lined import Lined, Lines
from bankcard_tui.widgets.plots import calibration_plot, table_lines
from bankcard_tui.widgets.safe import Tone, heading, safe, toned
from bankcard_tui.widgets.table import Column

FEW_BAD: Final = 100
"""With fewer bad outcomes than this the figures are rough, and the expert still counts for much."""

NEVER: Final = ("sex", "ethnicity", "religion", "marital_status")
"""Columns that no policy lets in."""
_POINTS: Final = (
    Column("", 34, grow=True, priority=1),
    Column(mark("Points"), 6, "right", priority=1),
    Column(mark("Customers"), 9, "right", priority=2),
    Column(mark("Turned bad"), 10, "right", priority=3),
    Column(mark("Share"), 7, "right", priority=2),
)
_GROUPS: Final = (
    Column("", 14, grow=True, priority=1),
    Column(mark("Customers"), 9, "right", priority=2),
    Column(mark("Expected"), 8, "right", priority=1),
    Column(mark("Turned bad"), 10, "right", priority=1),
    Column(mark("AUC"), 5, "right", priority=1),
)


class ToOtherPages(CardKeys):
    """The keys m (monitor) and c (compare with the card in force), for the card at hand."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "monitor", mark("Monitor")),
        Binding("c", "compare", mark("Compare")),
    ]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("monitor", "compare"):
            card = self.card
            if card is None or card.altered:
                return False
            in_force = card.state is CardState.IN_FORCE
            return not in_force and card.id is not None if action == "compare" else in_force or card.id is not None
        return super().check_action(action, parameters)

    def action_monitor(self) -> None:
        """How the card does in use."""
        if self.card is not None:
            self.app.push_screen(CardMonitor(self.card))

    def action_compare(self) -> None:
        """The card beside the one in force."""
        if self.card is not None:
            self.app.push_screen(CardsCompared(self.card, self.said))


class ModelCard(CardSheet[CardFile], ToOtherPages):
    """A points card whole."""

    HELP = mark(
        "What a points card says and rests on. Held out are customers whom the card forecast without having seen them; "
        "later ones came after all those it was made from. The champion is the card that was in force when this one "
        "was trained.\n"
        "j k and PgDn PgUp scroll. m shows how it does in use, c compares it with the card in force. a asks that the "
        "card is put in force, r that the expert's gives opinions again; g signs what a colleague asks for, f refuses "
        "with a note, t takes your own request back."
    )
    BINDINGS: ClassVar[list[BindingType]] = [Binding("c", "compare", mark("Compare"))]

    def __init__(self, row: CardRow, then: Say) -> None:
        super().__init__()
        self._row = row
        self._then = then
        self._decided: tuple[int, int] | None = None
        self.signing = CardSigning(self)

    @property
    def card(self) -> CardRow:
        return self._row if self.answer is None else self.answer.row

    def ask(self) -> CardFile:
        return show_card_version(self.desk, self._row.id, expert=self._row.id is None)

    def show(self, answer: CardFile) -> None:
        super().show(answer)
        if answer.card.training is not None:
            self.work(lambda: monitor(self.desk, answer.row.id), self._show_bias, group="bias")

    def _show_bias(self, found: Monitor) -> None:
        self._decided = (found.refused, found.granted)
        self.query_one(Lined).renew()

    def said(self, said: Content) -> None:
        self.dismiss()
        self._then(said)

    def lines(self, answer: CardFile, width: int) -> Lines:
        row, card = answer.row, answer.card
        made = card.training
        trust = _trust(row, made, width)
        if made is not None and self._decided is not None:
            trust += bias_lines(*self._decided, width)
        lines = [self._head(row), *section(mark("How far to trust it"), trust)]
        if made is not None:
            lines += _figures(made, width)
        lines += section(mark("Points"), list(_points(card, width)))
        if made is not None:
            lines += section(mark("Groups that are never told apart"), _fairness(made, width))
        return [*lines, *section(mark("What it rests on"), fact_lines(_facts(answer, self.zone), width)), Content()]

    def _head(self, row: CardRow) -> Content:
        head = Content.assemble(heading(card_name(row)), "   ", standing(row))
        words = since(row, self.zone)
        head = Content.assemble(head, " ", toned(words, Tone.MUTED)) if words else head
        return (
            head
            if row.request is None or self.at_hand is None
            else Content.assemble(head, "   ", self.signing.standing(self.at_hand))
        )


def _trust(row: CardRow, made: Training | None, width: int) -> Lines:
    """The sentences that somebody reads who reads nothing else."""
    if made is None or not row.customers:
        words = tr(
            "Written by people who know the trade, not learned from this bank's customers: its probabilities are a "
            "convention until they are compared with outcomes."
        )
        return text(words, width, Tone.WARNING, "!")
    lines: Lines = []
    rests = learned_from(row)
    if row.bad < FEW_BAD:
        rough = tr("That is little: the figures are rough, and the expert still counts for much.")
        lines += text(f"{rests} {rough}", width, Tone.WARNING, "!")
    else:
        lines += text(rests, width, Tone.GOOD, "+")
    if made.held_out is not None:
        symbol, words, tone = held_out_words(made.held_out)
        lines += text(tr("On customers held out: {words}", words=words), width, tone, symbol)
    if made.later is not None:
        symbol, words, tone = difference_words(made.later)
        lines += text(tr("On later customers: {words}", words=words), width, tone, symbol)
    else:
        words = tr("Too few customers came later to test it on what it could not know.")
        lines += text(words, width, Tone.MUTED, "-")
    return lines


def _figures(made: Training, width: int) -> Lines:
    lines: Lines = []
    if made.held_out is not None:
        lines += section(mark("How good it is: customers held out"), quality_lines(made.held_out, width))
    if made.later is not None:
        lines += section(mark("How good it is: later customers"), quality_lines(made.later, width))
    if made.held_out is not None:
        plot = calibration_plot(made.held_out.challenger_quality.reliability, width)
        lines += section(mark("Forecast and outcome, by rising forecast"), plot)
    return lines


def _points(card: Scorecard, width: int) -> Iterator[Content]:
    yield from text(tr("Everybody starts at {points:point|points}.", points=card.base.points), width)
    for each in card.characteristics:
        yield Content()
        yield from _attributes(each, width, learned=card.training is not None)


def _attributes(each: Characteristic, width: int, *, learned: bool) -> Lines:
    """Its attributes as a table under its name, the unit at the first; what was counted only where it was."""
    columns = _POINTS if learned else _POINTS[:2]
    head = heading(characteristic_label(each.code))
    rows: list[tuple[object, ...]] = [(head, *(toned(tr(column.label), Tone.MUTED) for column in _POINTS[1:]))]
    for name, attribute in attribute_texts(each):
        if len(rows) == 1:
            name = Content.assemble(name, "  ", toned(unit_of(each.code), Tone.MUTED))
        share = percent(attribute.bad / attribute.cases) if attribute.cases else "-"
        points = toned(f"{attribute.points:+d}", Tone.WARNING if attribute.points < 0 else Tone.GOOD)
        rows.append((name, points, count(attribute.cases), count(attribute.bad), share))
    return table_lines(columns, rows, min(width, 86))[1:]


def _fairness(made: Training, width: int) -> Lines:
    if not made.fairness:
        return text(tr("Not audited: no group was large enough."), width)
    words = tr("These never enter the card. Where as many turned bad as were expected, it does a group no wrong.")
    lines = text(words, width)
    columns = list(dict.fromkeys(each.column for each in made.fairness))
    for column in columns:
        name = heading(group_label(column))
        head = (name, *(toned(tr(each.label), Tone.MUTED) for each in _GROUPS[1:]))
        groups = [_group(each) for each in made.fairness if each.column == column]
        lines += [Content(), *table_lines(_GROUPS, [head, *groups], min(width, 70))[1:]]
    return lines


def _group(each: GroupQuality) -> tuple[Content | str, ...]:
    quality = each.quality
    expected = sum(group.expected for group in quality.reliability)
    shares = ("-", "-")
    if quality.cases:
        shares = (percent(expected / quality.cases), percent(quality.bad / quality.cases))
    return (group_label(each.value), count(quality.cases), *shares, figure(quality, "auc"))


def _facts(answer: CardFile, zone: str) -> list[Pair]:
    row, made = answer.row, answer.card.training
    pairs: list[Pair] = []
    if made is not None:
        trained = on_day(row.trained_at, zone) if row.trained_at is not None else made.made_at
        window = f"{made.first_day} - {made.last_day}" if made.first_day and made.last_day else "-"
        pairs = [
            (mark("Version"), str(row.version)),
            (mark("Trained"), tr("{day} by {name}", day=trained, name=row.trained_by)),
            (mark("Customers began"), window),
            (mark("Customers"), tr("{all}, {bad} of them bad", all=count(row.customers), bad=count(row.bad))),
            (mark("Bad means"), bad_words(made.bad_days, made.months)),
            (mark("Never used"), tr("sex, ethnicity, religion, marital status, and what gives them away")),
            *[("", _excluded(each)) for each in made.excluded if each not in NEVER],
            (mark("Starts from"), safe(made.expert or "-")),
            (mark("Leaves it by"), _strength(made)),
        ]
    return [*pairs, (mark("Scale"), _scale(answer.card)), (mark("Hash"), answer.digest)]


def _excluded(column: str) -> str:
    """Another column that was left out, and why."""
    if column == "age":
        return tr("age: the policy of the time kept it out")
    return tr("{column}: only kept for this audit", column=group_label(column).plain)


def _strength(made: Training) -> str:
    return tr(
        "about {ridge} an attribute, {step} between neighbours (standard deviations of the log-odds)",
        ridge=f"{made.ridge_sd:.2f}",
        step=f"{made.step_sd:.2f}",
    )


def _scale(card: Scorecard) -> str:
    scale = card.scale
    return tr(
        "{points:point|points} stand for odds of {odds} to 1; {step} more double the odds.",
        points=scale.points,
        odds=scale.odds,
        step=scale.to_double,
    )
