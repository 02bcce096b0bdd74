"""What a re-evaluation rests on, read for one account or for many at once: limits, months of history, the file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Executable,
    Integer,
    LargeBinary,
    bindparam,
    case,
    cast,
    func,
    select,
    type_coerce,
)

from bankcard_tui.desk.desk import Desk
from bankcard_tui.models.card import CardAccount
from bankcard_tui.rules.applicant import Figures
from bankcard_tui.rules.columns import UNKNOWN, Whole, most, where
from bankcard_tui.rules.limits import GRADES, MONTHS_LOOKED_AT
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.months import latest_day_due, month_after, month_of
from bankcard_tui.rules.terms import Grade
from bankcard_tui.services.applicants import FILE, files_of
from bankcard_tui.services.history import HISTORY, LOOKED_BACK
from bankcard_tui.services.limits_held import RUNNING, SPECIAL
from bankcard_tui.services.subjects import CARD_ACCOUNT, CUSTOMER, PERSON
from bankcard_tui.store.types import sound

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


def _counted(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((condition, 1)))


def _summed(condition: ColumnElement[bool], amount: ColumnElement[int]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, amount))), 0)


_MONTHS = (
    select(
        func.count(HISTORY.c.month),
        _counted(_RECENT),
        func.coalesce(func.max(case((_RECENT, HISTORY.c.days_past_due))), UNKNOWN),
        _summed(_RECENT, _BALANCE),
        _counted(_SPENDING),
        _summed(_SPENDING, _SPENT),
        _summed(_REACHED & (HISTORY.c.days_past_due > bindparam("grace")), _BIT),
        _summed(_REACHED & (HISTORY.c.days_past_due > 0), _BIT),
    )
    .select_from(CARD_ACCOUNT)
    .outerjoin(HISTORY, (HISTORY.c.customer_id == CARD_ACCOUNT.c.customer_id) & (HISTORY.c.month < bindparam("until")))
    .group_by(CARD_ACCOUNT.c.id)
    .order_by(CARD_ACCOUNT.c.id)
)
_ACCOUNTS = (
    select(
        type_coerce(CARD_ACCOUNT.c.id, LargeBinary),
        type_coerce(CARD_ACCOUNT.c.customer_id, LargeBinary),
        CARD_ACCOUNT.c.grade,
        CARD_ACCOUNT.c.evaluated_on,
        type_coerce(CARD_ACCOUNT.c.credit_limit, BigInteger),
        func.coalesce(_LIMITS, 0) + func.coalesce(_SPECIALS, 0),
        func.coalesce(_OWED, 0),
        func.coalesce(_PAID, 0),
        *FILE,
    )
    .join_from(CARD_ACCOUNT, CUSTOMER, CARD_ACCOUNT.c.customer_id == CUSTOMER.c.id)
    .join(PERSON, CUSTOMER.c.person_id == PERSON.c.id)
    .order_by(CARD_ACCOUNT.c.id)
)
_DUE = (
    select(CARD_ACCOUNT.c.id)
    .where(CARD_ACCOUNT.c.branch_id == bindparam("branch"), CARD_ACCOUNT.c.evaluated_on <= bindparam("due"))
    .order_by(CARD_ACCOUNT.c.evaluated_on, CARD_ACCOUNT.c.id)
    .limit(bindparam("most", type_=Integer))
)


@dataclass(frozen=True, slots=True)
class Used:
    """How a card was used and repaid, or a column of each of many cards: ``months_observed`` in all; of the last twelve
    months the ``worst_days`` past due and the mean use of all limits of the customer in percent; ``spent_percent`` is
    the mean spending a month, of the same. UNKNOWN where there is no month or no limit. Bit k of ``overdue`` and of
    ``late`` says that the month k + 1 ago was overdue beyond the grace, or at all; ``since`` is how many months ago the
    last evaluation was.
    """

    months_observed: Whole
    worst_days: Whole
    use_percent: Whole
    spent_percent: Whole
    overdue: Whole
    late: Whole
    since: Whole


@dataclass(frozen=True, slots=True)
class Found:
    """Accounts to be evaluated, a column of each: ids as they lie in the store, the place of the grade, amounts in fen,
    ``paid`` what running plans take a month, how the card was used, and the customer's file.
    """

    account: Sequence[bytes]
    customer: Sequence[bytes]
    limit: Whole
    own_limits: Whole
    grade: Whole
    owed: Whole
    paid: Whole
    used: Used
    figures: Figures
    words: dict[str, Sequence[str | None]]

    def __len__(self) -> int:
        return len(self.account)


def due_accounts(desk: Desk, at_most: int) -> Found | None:
    """The next ``at_most`` accounts that are to be evaluated again, those that wait longest first; None if there are
    none.

    Rows come from the driver as they lie in the store: to make a value of each of their figures takes longer than all
    rules together.
    """
    import numpy as np

    which = {
        "branch": desk.branch_id,
        "due": latest_day_due(desk.today, desk.policy.reevaluation_months),
        "most": at_most,
    }
    rows = _raw(desk, _ACCOUNTS.where(CARD_ACCOUNT.c.id.in_(_DUE)), which | {"today": desk.today})
    if not rows:
        return None
    account, customer, grade, evaluated_on, *others = zip(*rows, strict=True)
    limit, own_limits, owed, paid = (np.array(each, np.int64) for each in others[:4])
    months = np.array(_months(desk, _MONTHS.where(CARD_ACCOUNT.c.id.in_(_DUE)), which), np.int64).T
    ago = {each: _months_since(sound(date.fromisoformat, each), desk.today) for each in set(evaluated_on)}
    used = _used(months, np.array([ago[each] for each in evaluated_on], np.int64), own_limits)
    places = {each: GRADES.index(sound(Grade, each)) for each in set(grade)}
    grades = np.array([places[each] for each in grade], np.int64)
    figures, words = files_of(others[4:], desk.today, used.worst_days, used.use_percent)
    return Found(account, customer, limit, own_limits, grades, owed, paid, used, figures, words)


def used_in(desk: Desk, account: CardAccount, limits: Money) -> Used:
    """How the card of one account was used; ``limits`` is all that the customer may owe here."""
    (months,) = _months(desk, _MONTHS.where(CARD_ACCOUNT.c.id == bindparam("id")), {"id": account.id})
    return _used(months, _months_since(account.evaluated_on, desk.today), limits.fen)


def _raw(desk: Desk, asked: Executable, names: dict[str, Any]) -> Sequence[Any]:
    cursor = desk.sql.execute(asked, names).cursor
    return [] if cursor is None else cursor.fetchall()


def _months(desk: Desk, asked: Executable, which: dict[str, Any]) -> Sequence[tuple[int, ...]]:
    """What the months that are over say of each account, in the order of their ids."""
    until = month_of(desk.today)
    names = {
        "until": until,
        "end": until.year * 12 + until.month - 1,
        "since": month_after(until, -LOOKED_BACK),
        "spending_since": month_after(until, -desk.policy.spending_months),
        "reach": month_after(until, -MONTHS_LOOKED_AT),
        "grace": desk.policy.grace_days,
    }
    return _raw(desk, asked, names | which)


def _months_since(day: date, today: date) -> int:
    return (today.year - day.year) * 12 + today.month - day.month


def _used(months: Iterable[Whole], since: Whole, limits: Whole) -> Used:
    seen, recent, worst, balance, spending, spent, overdue, late = months
    return Used(
        months_observed=seen,
        worst_days=worst,
        use_percent=_mean_percent(balance, recent * limits),
        spent_percent=_mean_percent(spent, spending * limits),
        overdue=overdue,
        late=late,
        since=since,
    )


def _mean_percent(amount: Whole, of: Whole) -> Whole:
    return where(of > 0, amount * 100 // most(of, 1), UNKNOWN)
