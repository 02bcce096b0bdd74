"""How points cards do: challenger beside champion, and how the one in force fares with the applicants of today."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, select

from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.operation import question
from bankcard_tui.desk.results import View
from bankcard_tui.errors import Conflict
from bankcard_tui.models.account import Account
from bankcard_tui.rules.differences import Difference, differences
from bankcard_tui.rules.odds import grade_of
from bankcard_tui.rules.scorecard import Scorecard
from bankcard_tui.rules.terms import CardState, Decision, Grade
from bankcard_tui.rules.training import Comparison, Quality, Training
from bankcard_tui.services.application_views import DECISION
from bankcard_tui.services.card_data import DecisionRow, Facts, decisions, outcomes, within
from bankcard_tui.services.outcomes import OUTCOME
from bankcard_tui.services.scorecards import SEE_CARDS, CardFile, CardRow, card_file
from bankcard_tui.services.subjects import APPLICATION, CARD_ACCOUNT

WINDOW = timedelta(days=365)
"""Decisions of so long count."""

TURNED_OUT_WITHIN = timedelta(days=3 * 365)
"""What was approved against the aid needs a year or more to turn out."""


class GradeMove(View):
    """How many of those decided on had grade ``before`` with one card and ``after`` with the other."""

    before: Grade
    after: Grade
    count: int


class CardComparison(View):
    """The card in force (champion) and another one (challenger).

    ``held_out`` and ``later`` are those of the challenger's training, None where another card was in force then
    (``other_then``: its name);
    ``since`` is on customers who matured after both were trained: neither has seen them. ``seen_by_champion``: the
    champion was trained on some of the customers of ``held_out``, so that its figures there flatter it. ``moves`` is
    about the decisions of the last twelve months.
    """

    champion: str
    challenger: str
    held_out: Comparison | None
    later: Comparison | None
    since: Comparison | None
    other_then: str
    seen_by_champion: bool
    moves: tuple[GradeMove, ...]
    differences: tuple[Difference, ...]


class Drift(View):
    """The population stability index of a characteristic, or of ``points``, over ``cases`` applicants since the
    training; None while there are too few, and for a card that was not trained.
    """

    code: str
    psi: float | None
    cases: int


class Agreement(View):
    """Decisions under a card, returns left out, and how many went with its opinion or which way against it."""

    decided: int = 0
    agreed: int = 0
    approved_against: int = 0
    refused_against: int = 0


class ManagerRow(View):
    """A manager's decisions under a card; of those approved against any opinion in three years, how many have turned
    out and how many of them bad.
    """

    name: str
    decided: int
    against: int
    approved_against: int
    turned_out: int
    bad: int


class MonthRow(View):
    """The decisions under a card in a ``month`` (YYYY-MM at the branch), and the mean of their points."""

    month: str
    decided: int
    agreed: int
    points: float


class Monitor(View):
    """How a card fares. ``calibration`` is on customers who matured since it came in force; of applicants of the last
    twelve months ``refused`` have no outcome and ``granted`` will have one.
    """

    row: CardRow
    calibration: Quality
    drift: tuple[Drift, ...]
    agreement: Agreement
    managers: tuple[ManagerRow, ...]
    refused: int
    granted: int
    months: tuple[MonthRow, ...]


@question("scorecard.compare", allow=SEE_CARDS)
def compare_cards(desk: Desk, challenger: UUID) -> CardComparison:
    """Compare a points card with the one in force, on customers and applicants that both can be tried on."""
    first, second = card_file(desk, None), card_file(desk, challenger)
    if second.row.state is CardState.IN_FORCE:
        raise Conflict(
            "This points card is in force: there is nothing to compare it with.",
            hint="Choose another card.",
            code="conflict.same_card",
        )
    training = second.card.training
    then = training is not None and _was_champion(training, first.card)
    return CardComparison(
        champion=first.card.name,
        challenger=second.card.name,
        held_out=training.held_out if training and then else None,
        later=training.later if training and then else None,
        since=_since(desk, first, second),
        other_then="" if then or training is None or training.held_out is None else training.held_out.champion,
        seen_by_champion=_overlap(first.card.training, training),
        moves=_moves(desk, first.card, second.card),
        differences=differences(first.card, second.card),
    )


def _was_champion(training: Training, card: Scorecard) -> bool:
    return training.held_out is not None and training.held_out.champion == card.name


def _overlap(champion: Training | None, challenger: Training | None) -> bool:
    if champion is None or challenger is None or champion.last_day is None or challenger.first_day is None:
        return False
    return champion.last_day >= challenger.first_day


def _since(desk: Desk, first: CardFile, second: CardFile) -> Comparison | None:
    trained = [each.row.trained_at for each in (first, second) if each.row.trained_at is not None]
    facts, bad = _known(desk, max(trained))
    if not facts.count:
        return None
    from bankcard_tui.decision.scoring import probabilities
    from bankcard_tui.decision.training import compared

    table = facts.table(bad)
    return compared(first.card, table, probabilities(second.card, table))


def _moves(desk: Desk, champion: Scorecard, challenger: Scorecard) -> tuple[GradeMove, ...]:
    facts = Facts()
    for row in decisions(within(desk.sql), desk.branch_id, desk.now - WINDOW):
        if row.last and row.facts:
            facts.add(row.facts)
    if not facts.count:
        return ()
    from bankcard_tui.decision.scoring import probabilities

    table = facts.table()
    before, after = (
        [grade_of(each, desk.policy) for each in probabilities(card, table).tolist()] for card in (champion, challenger)
    )
    counted = Counter(zip(before, after, strict=True))
    order = list(Grade)
    moves = sorted(counted.items(), key=lambda move: [order.index(grade) for grade in move[0]])
    return tuple(GradeMove(before=one, after=other, count=count) for (one, other), count in moves)


@question("scorecard.monitor", allow=SEE_CARDS)
def monitor(desk: Desk, scorecard: UUID | None = None) -> Monitor:
    """Show how a points card fares, the one in force or another: calibration, drift, agreement, overrides."""
    shown = card_file(desk, scorecard)
    tally = _Tally(desk, shown)
    for row in decisions(within(desk.sql), desk.branch_id, desk.now - WINDOW):
        tally.count(row)
    return Monitor(
        row=shown.row,
        calibration=_calibration(desk, shown),
        drift=_drift(desk, shown, tally.applicants),
        agreement=tally.agreement(),
        managers=_managers(desk, tally),
        refused=tally.granted[False],
        granted=tally.granted[True],
        months=tally.in_months(),
    )


class _Tally:
    """The decisions of the window, counted in one pass."""

    def __init__(self, desk: Desk, shown: CardFile) -> None:
        self.desk, self.shown = desk, shown
        self.applicants = Facts()
        self.granted: Counter[bool] = Counter()
        self.ways: Counter[tuple[Decision, bool]] = Counter()
        self.by_manager: defaultdict[UUID, Counter[str]] = defaultdict(Counter)
        self.by_month: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def count(self, row: DecisionRow) -> None:
        """Take one decision; agreement is about those in which the card that is shown gave the opinion."""
        self.granted[row.decision is Decision.APPROVE] += row.last
        trained_at = self.shown.row.trained_at
        if row.last and row.facts and (trained_at is None or row.at > trained_at):
            self.applicants.add(row.facts)
        # Under the expert's card of an early form no name was kept.
        if row.card not in (self.shown.card.name, "" if self.shown.row.id is None else self.shown.card.name):
            return
        self.ways[row.decision, row.against] += 1
        against = row.against and row.decision is Decision.APPROVE
        self.by_manager[row.account_id].update(decided=1, against=row.against, approved_against=against)
        month = f"{self.desk.bank.day_of(row.at):%Y-%m}"
        self.by_month[month].update(decided=1, agreed=not row.against, points=row.points)

    def agreement(self) -> Agreement:
        return Agreement(
            decided=self.ways.total(),
            agreed=sum(count for (_, against), count in self.ways.items() if not against),
            approved_against=self.ways[Decision.APPROVE, True],
            refused_against=self.ways[Decision.REFUSE, True],
        )

    def in_months(self) -> tuple[MonthRow, ...]:
        return tuple(
            MonthRow(
                month=month, decided=each["decided"], agreed=each["agreed"], points=each["points"] / each["decided"]
            )
            for month, each in sorted(self.by_month.items())
        )


def _known(desk: Desk, since: datetime | None) -> tuple[Facts, list[bool]]:
    """What was known of the customers who matured after ``since``, and who turned bad by the policy in force."""
    facts, bad = Facts(), []
    for row in outcomes(within(desk.sql), desk.branch_id, since):
        facts.add(row.facts)
        bad.append(row.worst_days_past_due >= desk.policy.bad_days_past_due)
    return facts, bad


def _calibration(desk: Desk, shown: CardFile) -> Quality:
    """Of the card on those who matured since it came in force, or was trained; of the expert's on all."""
    facts, bad = _known(desk, shown.row.in_force_from or shown.row.trained_at)
    if not facts.count:
        return Quality(0, 0, None, None, None, None)
    from bankcard_tui.decision.metrics import quality
    from bankcard_tui.decision.scoring import probabilities

    table = facts.table(bad)
    return quality(probabilities(shown.card, table), table.bad)


def _drift(desk: Desk, shown: CardFile, applicants: Facts) -> tuple[Drift, ...]:
    from bankcard_tui.decision.drift import psi
    from bankcard_tui.decision.population import POINTS, population

    before = shown.card.training.population if shown.card.training else {}
    now = population(shown.card, applicants.table())
    least = desk.policy.drift_least_cases
    found = []
    for code in (POINTS, *(each.code for each in shown.card.characteristics)):
        expected, actual = before.get(code, ()), now[code]
        index = psi(expected, actual, least) if len(expected) == len(actual) else None
        found.append(Drift(code=code, psi=index, cases=sum(actual)))
    return tuple(found)


def _managers(desk: Desk, tally: _Tally) -> tuple[ManagerRow, ...]:
    turned_out = _turned_out(desk)
    rows = []
    for account in {*tally.by_manager, *turned_out}:
        record = desk.db.get(Account, account)
        known, bad = turned_out.get(account, (0, 0))
        counted = tally.by_manager[account]
        rows.append(
            ManagerRow(
                name=record.display_name if record else "",
                decided=counted["decided"],
                against=counted["against"],
                approved_against=counted["approved_against"],
                turned_out=known,
                bad=bad,
            )
        )
    return tuple(sorted(rows, key=lambda row: (-row.against, -row.decided, row.name)))


def _turned_out(desk: Desk) -> dict[UUID, tuple[int, int]]:
    """By account: how many of those it approved against the aid have turned out, and how many bad."""
    is_bad = case((OUTCOME.c.worst_days_past_due >= desk.policy.bad_days_past_due, 1), else_=0)
    statement = (
        select(DECISION.c.account_id, func.count().label("known"), func.sum(is_bad).label("bad"))
        .join_from(DECISION, APPLICATION, DECISION.c.application_id == APPLICATION.c.id)
        .join(CARD_ACCOUNT, CARD_ACCOUNT.c.application_id == APPLICATION.c.id)
        .join(OUTCOME, OUTCOME.c.card_account_id == CARD_ACCOUNT.c.id)
        .where(
            APPLICATION.c.branch_id == desk.branch_id,
            DECISION.c.decision == Decision.APPROVE,
            DECISION.c.against,
            DECISION.c.at > desk.now - TURNED_OUT_WITHIN,
        )
        .group_by(DECISION.c.account_id)
    )
    found: Any = desk.sql.execute(statement).all()
    return {row.account_id: (int(row.known), int(row.bad)) for row in found}
