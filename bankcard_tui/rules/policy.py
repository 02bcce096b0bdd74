"""The bank's policy: every figure that a bank may want otherwise, with the defaults of a new branch.

A policy is a value. It lives in the store as one JSON document per version; each decision names its version.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from datetime import timedelta
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import CardKind, DocumentKind, Grade, PlanPurpose, ReductionTarget, Role


@dataclass(frozen=True, slots=True)
class Tier:
    """The band of initial limits for one grade, and what a raise may add (percent)."""

    grade: Grade
    lowest: Money
    highest: Money
    raise_low_percent: int
    raise_high_percent: int
    reduced_after_months_overdue: int


@dataclass(frozen=True, slots=True)
class PlanTerms:
    """What a personal plan for ``purpose`` may be: its highest amount and longest term, in months."""

    purpose: PlanPurpose
    highest: Money
    longest_months: int


@dataclass(frozen=True, slots=True)
class Band:
    """Points for a numeric characteristic below ``below`` (the last band of a characteristic has None: no bound)."""

    below: int | None
    points: int


@dataclass(frozen=True, slots=True)
class PointsCard:
    """The expert points card: what each attribute adds to or takes from ``base_points``.

    Units: ages and years in years; incomes in yuan a month; assets in yuan; ratios in percent; counts as counts. The
    last two are about cards at this bank in the last twelve months; without bands they are not asked.
    """

    name: str
    base_points: int
    age: tuple[Band, ...]
    monthly_income: tuple[Band, ...]
    assets: tuple[Band, ...]
    debt_service_percent: tuple[Band, ...]
    other_limits_percent_of_annual_income: tuple[Band, ...]
    times_overdue: tuple[Band, ...]
    years_employed: tuple[Band, ...]
    employer_kind: dict[str, int]
    occupation: dict[str, int]
    housing: dict[str, int]
    income_source: dict[str, int]
    security: dict[str, int]
    unknown: int
    own_days_past_due: tuple[Band, ...] = ()
    own_use_percent: tuple[Band, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """All figures in force at once."""

    points_card: PointsCard
    tiers: tuple[Tier, ...]
    required_documents: dict[CardKind, tuple[DocumentKind, ...]]
    grade_bounds_percent: tuple[int, int, int] = (10, 20, 40)
    points_at_even_grade: int = 600
    odds_at_even_grade: int = 20
    points_to_double_odds: int = 20
    lowest_age: int = 18
    highest_age: int = 70
    lowest_monthly_income: Money = Money.yuan(1_500)
    debt_service_ceiling_percent: int = 50
    new_debt_service_percent_of_limit: int = 10
    most_times_overdue: int = 6
    total_limit_months_of_income: int = 10
    total_limit_highest: Money = Money.yuan(300_000)
    limit_step: Money = Money.yuan(500)
    first_signature_up_to: Money = Money.yuan(10_000)
    second_signature_up_to: Money = Money.yuan(30_000)
    precedents_needed: int = 5
    request_days: int = 7
    claim_minutes: int = 15
    idle_minutes: int = 10
    session_hours: int = 12
    sign_in_tries: int = 5
    sign_in_rest_minutes: int = 30
    activation_minutes: int = 10
    activation_tries: int = 5
    codes_sent_an_hour: int = 5
    password_least: int = 15
    password_least_with_second_factor: int = 8
    password_kept: int = 4
    second_factor_roles: tuple[Role, ...] = ()
    log_retention_months: int = 12
    backups_kept_daily: int = 7
    backups_kept_weekly: int = 5
    backups_kept_monthly: int = 12
    backup_warn_days: int = 2
    drill_warn_days: int = 92
    card_years: int = 5
    card_bin: str = "623500"
    matured_months: int = 12
    bad_days_past_due: int = 60
    months_before_upper_half: int = 6
    age_in_card: bool = True
    drift_least_cases: int = 300
    reconsider_days: int = 30
    reevaluation_months: int = 6
    grace_days: int = 3
    spending_months: int = 6
    high_spending_percent: int = 40
    reduction_to: ReductionTarget = ReductionTarget.LOWER_TIER_LOWEST
    temporary_most_percent: int = 50
    temporary_most_days: int = 90
    plans: tuple[PlanTerms, ...] = (
        PlanTerms(PlanPurpose.HOME, Money.yuan(200_000), 60),
        PlanTerms(PlanPurpose.CAR, Money.yuan(150_000), 60),
        PlanTerms(PlanPurpose.EDUCATION, Money.yuan(50_000), 36),
        PlanTerms(PlanPurpose.OTHER, Money.yuan(50_000), 24),
    )
    watch_raise_percent: int = 30
    watch_months: int = 6
    watch_check_days: int = 7
    warning_check_days: int = 30
    warning_use_percent: int = 90
    warning_use_percent_watched: int = 80
    warning_cash_percent: int = 30
    warning_cash_percent_watched: int = 15
    warning_income_fall_percent: int = 20
    quiet_from_hour: int = 22
    quiet_until_hour: int = 8
    notices_despite_do_not_disturb: bool = False
    notice_days: int = 7
    segment_bounds: tuple[Money, Money, Money, Money] = (
        Money.yuan(50_000),
        Money.yuan(500_000),
        Money.yuan(3_000_000),
        Money.yuan(5_000_000),
    )
    segment_loan_percent: int = 0
    group_customers_least: int = 30
    group_customers_most: int = 200
    abc_a_percent: int = 75
    abc_b_percent: int = 95
    replacement_fee: Money = Money.yuan(15)
    due_days: int = 20
    minimum_due_percent: int = 10
    daily_interest_per_million: int = 500
    late_fee_percent: int = 5
    grace_amount: Money = Money.yuan(10)
    principal_first_from_days: int = 91
    overdue_m1_days: int = 30
    overdue_m2_days: int = 60
    overdue_m3_days: int = 90
    substandard_after_days: int = 90
    doubtful_after_days: int = 270
    loss_after_days: int = 360
    contact_attempts_a_day: int = 6
    repayment_plan_months: int = 60

    @property
    def claim_time(self) -> timedelta:
        return timedelta(minutes=self.claim_minutes)

    def asks(self, characteristic: str) -> bool:
        """Whether a points card may rest on ``characteristic``: on age only where the bank allows it."""
        return characteristic != "age" or self.age_in_card

    def tier(self, grade: Grade) -> Tier:
        """The tier of ``grade``."""
        return next(tier for tier in self.tiers if tier.grade is grade)

    def plan(self, purpose: PlanPurpose) -> PlanTerms:
        """What a personal plan for ``purpose`` may be."""
        return next(each for each in self.plans if each.purpose is purpose)


EXPERT_CARD = PointsCard(
    name="expert-2",
    base_points=526,
    age=(Band(22, -12), Band(26, -4), Band(35, 2), Band(50, 8), Band(61, 6), Band(None, 0)),
    monthly_income=(
        Band(3_000, -16),
        Band(5_000, -4),
        Band(8_000, 5),
        Band(15_000, 14),
        Band(30_000, 22),
        Band(None, 28),
    ),
    assets=(Band(5_000, -6), Band(50_000, 2), Band(200_000, 10), Band(500_000, 16), Band(None, 22)),
    debt_service_percent=(Band(10, 14), Band(25, 6), Band(40, -6), Band(50, -18), Band(None, -34)),
    other_limits_percent_of_annual_income=(Band(20, 4), Band(60, 0), Band(120, -8), Band(None, -18)),
    times_overdue=(Band(1, 18), Band(2, -16), Band(4, -36), Band(None, -60)),
    years_employed=(Band(1, -8), Band(3, 0), Band(8, 6), Band(None, 12)),
    employer_kind={
        "government": 14,
        "state_owned": 10,
        "foreign": 6,
        "private": 2,
        "self_employed": -6,
        "none": -14,
    },
    occupation={
        "professional": 8,
        "management": 8,
        "office": 4,
        "worker": 0,
        "service": -2,
        "farmer": -2,
        "retired": 2,
        "student": -8,
        "other": 0,
    },
    housing={"owned": 10, "mortgaged": 6, "family": 0, "employer": -2, "rented": -4},
    income_source={
        "payroll": 10,
        "tax_record": 8,
        "pension": 8,
        "business": 2,
        "investment": 0,
        "declared": -10,
    },
    security={"collateral": 8, "guarantor": 5, "none": 0},
    unknown=-6,
    own_days_past_due=(Band(1, 16), Band(30, -6), Band(60, -36), Band(None, -60)),
    own_use_percent=(Band(30, 6), Band(70, 2), Band(90, -6), Band(None, -14)),
)

DEFAULT_POLICY = Policy(
    points_card=EXPERT_CARD,
    tiers=(
        Tier(Grade.EXCELLENT, Money.yuan(10_000), Money.yuan(50_000), 30, 50, 3),
        Tier(Grade.GOOD, Money.yuan(5_000), Money.yuan(20_000), 20, 30, 2),
        Tier(Grade.MEDIUM, Money.yuan(2_000), Money.yuan(10_000), 10, 20, 1),
        Tier(Grade.POOR, Money.yuan(500), Money.yuan(5_000), 0, 0, 0),
    ),
    required_documents={
        CardKind.CONSUMER: (DocumentKind.ID_CARD, DocumentKind.INCOME_PROOF),
        CardKind.BUSINESS: (DocumentKind.ID_CARD, DocumentKind.BUSINESS_LICENCE, DocumentKind.TAX_RETURN),
        CardKind.DEBIT_LINKED: (DocumentKind.ID_CARD, DocumentKind.DEBIT_CARD),
    },
)


def to_plain(value: object) -> Any:
    """A policy as JSON-ready data: amounts as yuan strings."""
    if isinstance(value, Money):
        return value.plain
    if is_dataclass(value):
        return {each.name: to_plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, dict):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [to_plain(item) for item in value]
    return value


def policy_from_plain(plain: dict[str, Any]) -> Policy:
    """Read what :func:`to_plain` wrote. Raises KeyError, TypeError or ValueError where it is not a policy."""
    read: Policy = _read(Policy, plain)
    return read


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _read(kind: Any, plain: Any) -> Any:
    if kind is Money:
        return Money.parse(plain)
    if isinstance(kind, type) and is_dataclass(kind):
        hints = _hints(kind)
        known = {name: _read(hints[name], item) for name, item in plain.items()}
        return kind(**known)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is dict:
        return {_read(arguments[0], key): _read(arguments[1], item) for key, item in plain.items()}
    if origin is tuple:
        inner = arguments[:1] * len(plain) if arguments[-1] is Ellipsis else arguments
        return tuple(_read(each, item) for each, item in zip(inner, plain, strict=True))
    if type(None) in arguments:
        return None if plain is None else _read(arguments[0], plain)
    if isinstance(plain, bool) is not (kind is bool) or not isinstance(plain, str | int):
        raise TypeError(f"not a policy value: {plain!r}")
    return kind(plain)
