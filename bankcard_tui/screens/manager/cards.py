"""Points cards: which one gives opinions, those that were trained, and what waits for a second signature."""

from __future__ import annotations

from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from bankcard_tui.locale import mark, tr
from bankcard_tui.rules.terms import CardState
from bankcard_tui.rules.training import Quality
from bankcard_tui.screens.common.undertaking import WorkPanel, undertake
from bankcard_tui.screens.manager.cards_model import ModelCard, ToOtherPages
from bankcard_tui.screens.manager.cards_signing import CardSigning, waiting_card
from bankcard_tui.screens.manager.cards_text import (
    card_name,
    figure,
    held_out_words,
    learned_from,
    since,
    standing,
)
from bankcard_tui.screens.manager.facts_text import on_day
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.card_reports import monitor
from bankcard_tui.services.card_training import train_card
from bankcard_tui.services.scorecards import CardRow, list_cards
from bankcard_tui.widgets.labels import count
from bankcard_tui.widgets.safe import Tone, heading, status, toned
from bankcard_tui.widgets.table import Column, Direction, Page, PagedTable, Row

WORK: Final = "points card"
"""Training: one at a time."""
EXPERT: Final = "expert"
"""The key of the row of the expert's card."""

_COLUMNS: Final = (
    Column(mark("Points card"), 14, grow=True, priority=1),
    Column(mark("State"), 11, priority=1),
    Column(mark("Customers"), 9, "right", priority=3),
    Column(mark("Bad"), 5, "right", priority=4),
    Column(mark("AUC"), 5, "right", priority=2),
    Column(mark("to champion"), 11, "right", priority=2),
    Column(mark("For you"), 21, priority=1),
    Column(mark("Trained"), 10, priority=5),
    Column(mark("By"), 12, priority=6),
)


class CardsPage(ToOtherPages):
    """The list of points cards, the newest first and the expert's last."""

    PAGE = "cards"
    HELP = mark(
        "A points card turns what is known of an applicant into points, and the points into a probability of default. "
        "One card gives opinions: the expert's, until a card that learned from this branch's own customers is put in "
        "force by two people.\n"
        "l learns a new card from all customers whose outcome is known; you can go on working meanwhile, and Esc stops "
        "it. Enter shows a card whole: what it learned from, how good it is, how far to trust it. c compares it with "
        "the card in force, m shows how a card does in use.\n"
        "a asks that a card is put in force, r that the expert's gives opinions again; g signs what a colleague asks "
        "for, f refuses with a note, t takes your own request back."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", mark("Stop it")),
        Binding("l", "learn", mark("Learn")),
        Binding("m", "monitor", mark("Monitor")),
        Binding("c", "compare", mark("Compare")),
        Binding("u", "update", mark("Update"), show=False),
        Binding("x", "clear", mark("Clear"), show=False),
    ]
    DEFAULT_CSS = """
    CardsPage .heading { height: 2; padding: 0 1; }
    CardsPage .said { height: auto; min-height: 1; max-height: 3; padding: 0 1; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.signing = CardSigning(self)
        self._rows: dict[str, CardRow] = {}
        self._shown_before = False
        self._outcomes_asked = False

    def body(self) -> ComposeResult:
        yield Static(self._head(), classes="heading", markup=False)
        yield WorkPanel(WORK, self._trained)
        yield PagedTable(_COLUMNS, self._fetch, id="cards", autoload=False)
        yield Static("", classes="said", markup=False)

    def load(self) -> None:
        self.table.reload(first=True)
        self.table.focus()

    def on_screen_resume(self) -> None:
        for panel in self.query(WorkPanel):
            panel.look()
        # The first showing is loaded by load; a page that is just being left needs nothing.
        if self._shown_before and self.is_current:
            self.table.reload()
        self._shown_before = True

    @property
    def table(self) -> PagedTable:
        return self.query_one(PagedTable)

    @property
    def card(self) -> CardRow | None:
        key = self.table.selected_key if self.query(PagedTable) else None
        return self._rows.get(key) if key else None

    def _fetch(self, _cursor: object, _direction: Direction) -> Page:
        rows = list_cards(self.desk)
        self._rows = {row.id.hex if row.id else EXPERT: row for row in rows}
        return Page([Row(key, self._cells(row)) for key, row in self._rows.items()])

    def _cells(self, row: CardRow) -> tuple[Content | str, ...]:
        auc, lead = "", ""
        if row.held_out is not None:
            mine, theirs = row.held_out.challenger_quality, row.held_out.champion_quality
            auc = figure(mine, "auc")
            if mine.auc is not None and theirs.auc is not None:
                lead = f"{mine.auc - theirs.auc:+.3f}"
        trained = on_day(row.trained_at, self.zone) if row.trained_at is not None else ""
        learned = (count(row.customers), count(row.bad)) if row.customers else ("", "")
        return (card_name(row), standing(row), *learned, auc, lead, self._waits(row), trained, row.trained_by)

    def _waits(self, row: CardRow) -> Content:
        waiting = waiting_card(row)
        return self.signing.standing(waiting) if waiting is not None else Content()

    def _head(self) -> Content:
        row = next((row for row in self._rows.values() if row.state is CardState.IN_FORCE), None)
        if row is None:
            return heading(tr("Points cards"))
        words = tr("In force: {name} {since}", name=card_name(row).plain, since=since(row, self.zone))
        return Content.assemble(heading(tr("Points cards")), "   ", toned(words.rstrip(), Tone.MUTED))

    @on(PagedTable.Moved)
    def _moved(self) -> None:
        self.query_one(".heading", Static).update(self._head())
        self.refresh_bindings()
        if [*self._rows] == [EXPERT] and not self._outcomes_asked:
            self._outcomes_asked = True
            self.work(lambda: monitor(self.desk).calibration, self._say_what_to_learn_from, group="outcomes")

    def _say_what_to_learn_from(self, known: Quality) -> None:
        if [*self._rows] == [EXPERT] and self.may(Permission.TRAIN_CARDS):
            self._say(toned(only_the_expert(known), Tone.MUTED))

    @on(PagedTable.Chosen)
    def _chosen(self, event: PagedTable.Chosen) -> None:
        row = self._rows.get(event.key)
        if row is not None:
            self.app.push_screen(ModelCard(row, self.said))

    def said(self, said: Content) -> None:
        """Show what came of it, and how the cards stand now."""
        self._say(said)
        self.table.reload()

    def _say(self, said: Content) -> None:
        self.query_one(".said", Static).update(said)

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        busy = any(panel.busy for panel in self.query(WorkPanel))
        if action == "learn":
            return not busy and self.may(Permission.TRAIN_CARDS)
        if action == "back":
            return busy
        return super().check_action(action, parameters)

    def action_back(self) -> None:
        """Esc: stop what is under way."""
        self.query_one(WorkPanel).ask_to_stop()

    def action_clear(self) -> None:
        """Take away what came of the last training."""
        self.query_one(WorkPanel).forget()

    def action_learn(self) -> None:
        """Train a card on the customers of the branch."""
        desk = self.desk
        undertake(self, WORK, mark("Training a points card"), lambda work: train_card(desk, work.report), told_trained)
        self.query_one(WorkPanel).look()

    def action_update(self) -> None:
        """Look again; what was said before may hold no more."""
        self._say(Content())
        self.table.reload()

    def _trained(self) -> None:
        """Stand on the new card: what came of the training speaks of the keys for it."""
        self.table.reload(first=True)


def only_the_expert(known: Quality) -> str:
    """What a first card could learn from."""
    if not known.cases:
        return tr("Only the expert's card so far: no customer's outcome is known yet that another could learn from.")
    return tr(
        "Only the expert's card so far. l trains one on {customers:customer|customers} whose outcome is known, {bad} "
        "of them bad.",
        customers=count(known.cases),
        bad=count(known.bad),
    )


def told_trained(card: CardRow) -> Content:
    """What came of a training."""
    lines = [status("+", tr("{name} is trained. {learned}", name=card.name, learned=learned_from(card)), Tone.GOOD)]
    if card.held_out is not None:
        symbol, words, tone = held_out_words(card.held_out)
        lines.append(status(symbol, words, tone))
    lines.append(
        toned(tr("Enter shows it, a asks for approval; before two people agree it gives no opinion."), Tone.MUTED)
    )
    return Content("\n").join(lines)
