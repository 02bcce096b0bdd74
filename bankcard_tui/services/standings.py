"""What a re-evaluation rests on, read for one account or for many at once: limits, months of history, the file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    Executable,
    Integer,
    LargeBinary,
    Row,
    and_,
    bindparam,
    case,
    cast,
    func,
    select,
    type_coerce,
)

from bankcard_tui.desk.desk import Desk
from bankcard_tui.models.base import table
from bankcard_tui.models.card import CardAccount
from bankcard_tui.models.limit import Evaluation
from bankcard_tui.rules.applicant import Applicant
from bankcard_tui.rules.columns import UNKNOWN
from bankcard_tui.rules.limits import MONTHS_LOOKED_AT
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.months import latest_day_due, month_after, month_of
from bankcard_tui.rules.terms import EvaluationResult
from bankcard_tui.services.applicants import on_file
from bankcard_tui.services.history import HISTORY, LOOKED_BACK, UNSEEN, Behaviour
from bankcard_tui.services.limits_held import RUNNING, SPECIAL
from bankcard_tui.services.subjects import CARD_ACCOUNT, CUSTOMER, PERSON

EVALUATION = table(Evaluation)
_SAME = PERSON.alias("same")
_OTHERS = CUSTOMER.alias("others")
_BESIDE = CARD_ACCOUNT.alias("beside")
_LIMITS = (
    select(func.sum(type_coerce(_BESIDE.c.credit_limit, BigInteger)))
    .select_from(_SAME)
    .join(_OTHERS, _OTHERS.c.person_id == _SAME.c.id)
    .join(_BESIDE, _BESIDE.c.customer_id == _OTHERS.c.id)
    .where(_SAME.c.id_index == PERSON.c.id_index)
    .correlate(PERSON)
    .scalar_subquery()
)
_SPECIALS = (
    select(func.sum(type_coerce(SPECIAL.c.amount, BigInteger)))
    .select_from(_SAME)
    .join(_OTHERS, _OTHERS.c.person_id == _SAME.c.id)
    .join(SPECIAL, SPECIAL.c.customer_id == _OTHERS.c.id)
    .where(_SAME.c.id_index == PERSON.c.id_index, *RUNNING)
    .correlate(PERSON)
    .scalar_subquery()
)
_PAID = (
    select(
        # Equal parts, each rounded up to a whole fen; a temporary increase has no months and takes nothing.
        func.sum((type_coerce(SPECIAL.c.amount, BigInteger) + SPECIAL.c.months - 1) // SPECIAL.c.months)
    )
    .select_from(_SAME)
    .join(_OTHERS, _OTHERS.c.person_id == _SAME.c.id)
    .join(SPECIAL, SPECIAL.c.customer_id == _OTHERS.c.id)
    .where(_SAME.c.id_index == PERSON.c.id_index, *RUNNING)
    .correlate(PERSON)
    .scalar_subquery()
)
# The newest evaluation where what was owed held a reduction: its months overdue count until the limit can follow.
_HELD = and_(EVALUATION.c.id == CARD_ACCOUNT.c.evaluation_id, EVALUATION.c.result == EvaluationResult.HELD)
_HELD_OF = (
    select(EVALUATION.c.months_overdue, EVALUATION.c.overdue_at_all)
    .join_from(CARD_ACCOUNT, EVALUATION, _HELD)
    .where(CARD_ACCOUNT.c.id == bindparam("id"))
)
_OWED = (
    select(type_coerce(HISTORY.c.balance, BigInteger))
    .where(HISTORY.c.customer_id == CARD_ACCOUNT.c.customer_id)
    .order_by(HISTORY.c.month.desc())
    .limit(1)
    .correlate(CARD_ACCOUNT)
    .scalar_subquery()
)
_RECENT = HISTORY.c.month >= bindparam("since")
_SPENDING = HISTORY.c.month >= bindparam("spending_since")
_AGO = bindparam("end", type_=Integer) - (
    cast(func.substr(HISTORY.c.month, 1, 4), Integer) * 12 + cast(func.substr(HISTORY.c.month, 6, 2), Integer)
)
_BIT = cast(1, BigInteger).op("<<")(_AGO)
_REACHED = HISTORY.c.month >= bindparam("reach")
_BALANCE, _SPENT = (type_coerce(each, BigInteger) for each in (HISTORY.c.balance, HISTORY.c.spent))
_MONTHS = (
    select(
        type_coerce(CARD_ACCOUNT.c.id, LargeBinary).label("account"),
        func.count().label("months"),
        func.count(case((_RECENT, 1))).label("recent"),
        func.max(case((_RECENT, HISTORY.c.days_past_due))).label("worst"),
        func.sum(case((_RECENT, _BALANCE))).label("balance"),
        func.count(case((_SPENDING, 1))).label("spending"),
        func.sum(case((_SPENDING, _SPENT))).label("spent"),
        func.sum(case((_REACHED & (HISTORY.c.days_past_due > bindparam("grace")), _BIT))).label("overdue"),
        func.sum(case((_REACHED & (HISTORY.c.days_past_due > 0), _BIT))).label("late"),
    )
    .join_from(CARD_ACCOUNT, HISTORY, HISTORY.c.customer_id == CARD_ACCOUNT.c.customer_id)
    .where(HISTORY.c.month < bindparam("until"))
    .group_by(CARD_ACCOUNT.c.id)
)
_ON_FILE = (
    "monthly_income income_source income_checked_at deposits other_assets liabilities monthly_debt other_limits"
    " times_overdue years_employed employer_kind occupation housing security verified_at"
)
_ACCOUNTS = (
    select(
        type_coerce(CARD_ACCOUNT.c.id, LargeBinary).label("account"),
        type_coerce(CARD_ACCOUNT.c.customer_id, LargeBinary).label("customer"),
        type_coerce(CARD_ACCOUNT.c.credit_limit, BigInteger).label("limit"),
        CARD_ACCOUNT.c.grade,
        CARD_ACCOUNT.c.evaluated_on,
        *(CUSTOMER.c[name] for name in _ON_FILE.split()),
        PERSON.c.birth_date,
        PERSON.c.standing,
        EVALUATION.c.months_overdue,
        EVALUATION.c.overdue_at_all,
        _LIMITS.label("limits"),
        _SPECIALS.label("specials"),
        _PAID.label("paid"),
        _OWED.label("owed"),
    )
    .join_from(CARD_ACCOUNT, CUSTOMER, CARD_ACCOUNT.c.customer_id == CUSTOMER.c.id)
    .join(PERSON, CUSTOMER.c.person_id == PERSON.c.id)
    .outerjoin(EVALUATION, _HELD)
)
_DUE = (
    select(CARD_ACCOUNT.c.id)
    .where(CARD_ACCOUNT.c.branch_id == bindparam("branch"), CARD_ACCOUNT.c.evaluated_on <= bindparam("due"))
    .order_by(CARD_ACCOUNT.c.evaluated_on, CARD_ACCOUNT.c.id)
    .limit(bindparam("most", type_=Integer))
)


@dataclass(frozen=True, slots=True)
class Used:
    """How a card was used and repaid: ``spent_percent`` is the mean spending a month, of all limits of the customer;
    UNKNOWN where there is no month or no limit. Bit k of ``overdue`` and of ``late`` says that the month k + 1 ago was
    overdue beyond the grace, or at all; ``since`` is how many months ago the last evaluation was. ``held_months`` and
    ``held_late`` are the longest row of months overdue, and whether there was a day, of a reduction that was held then.
    """

    behaviour: Behaviour = UNSEEN
    spent_percent: int = UNKNOWN
    overdue: int = 0
    late: int = 0
    since: int = 0
    held_months: int = 0
    held_late: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """An account to be evaluated: its ids as they lie in the store, its limit and what is owed in fen, what running
    plans take a month, how the card was used, and the customer as the decision aid reads the file.
    """

    account: bytes
    customer: bytes
    limit: int
    grade: str
    owed: int
    paid: Money
    used: Used
    applicant: Applicant


def due_accounts(desk: Desk, most: int) -> list[Found]:
    """The next ``most`` accounts that are to be evaluated again, those that wait longest first."""
    which = {
        "branch": desk.branch_id,
        "due": latest_day_due(desk.today, desk.policy.reevaluation_months),
        "most": most,
    }
    rows = desk.sql.execute(_ACCOUNTS.where(CARD_ACCOUNT.c.id.in_(_DUE)), which | {"today": desk.today}).fetchall()
    months = _months(desk, _MONTHS.where(CARD_ACCOUNT.c.id.in_(_DUE)), which)
    return [_found(row, months.get(row.account), desk.today) for row in rows]


def used_in(desk: Desk, account: CardAccount, limits: Money) -> Used:
    """How the card of one account was used; ``limits`` is all that the customer may owe here."""
    months = _months(desk, _MONTHS.where(CARD_ACCOUNT.c.id == bindparam("id")), {"id": account.id})
    held = desk.sql.execute(_HELD_OF, {"id": account.id}).one_or_none()
    return _used(months.get(account.id.bytes), account.evaluated_on, limits.fen, desk.today, held)


def _months(desk: Desk, asked: Executable, which: dict[str, Any]) -> dict[bytes, Row[Any]]:
    """What the months that are over say, by account."""
    until = month_of(desk.today)
    names = {
        "until": until,
        "end": until.year * 12 + until.month - 1,
        "since": month_after(until, -LOOKED_BACK),
        "spending_since": month_after(until, -desk.policy.spending_months),
        "reach": month_after(until, -MONTHS_LOOKED_AT),
        "grace": desk.policy.grace_days,
    }
    return {row.account: row for row in desk.sql.execute(asked, names | which).fetchall()}


def _used(
    row: Row[Any] | None, evaluated_on: date, limits: int, today: date, held: Row[*tuple[Any, ...]] | None
) -> Used:
    if row is None:
        return Used()
    use = row.balance * 100 // (row.recent * limits) if row.recent and limits else None
    return Used(
        behaviour=Behaviour(row.months, row.worst, use),
        spent_percent=row.spent * 100 // (row.spending * limits) if row.spending and limits else UNKNOWN,
        overdue=row.overdue or 0,
        late=row.late or 0,
        since=(today.year - evaluated_on.year) * 12 + today.month - evaluated_on.month,
        held_months=0 if held is None else held.months_overdue or 0,
        held_late=held is not None and bool(held.overdue_at_all),
    )


def _found(row: Row[Any], months: Row[Any] | None, today: date) -> Found:
    limits = row.limits + (row.specials or 0)
    used = _used(months, row.evaluated_on, limits, today, row)
    applicant = on_file(row, row, today, Money(limits), used.behaviour)
    return Found(row.account, row.customer, row.limit, row.grade, row.owed or 0, Money(row.paid or 0), used, applicant)
