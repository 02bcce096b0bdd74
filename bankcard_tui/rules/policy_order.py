"""Which figures of the policy must lie below which others, so that the rules make sense together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from bankcard_tui.errors import InvalidInput, Phrase
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import Grade, Segment


@dataclass(frozen=True, slots=True)
class Order:
    """``lower`` must not be above ``upper``; ``strictly``, it must be below."""

    lower: str
    upper: str
    strictly: bool = False


_FIXED = (
    Order("first_signature_up_to", "second_signature_up_to"),
    Order("lowest_age", "highest_age"),
    Order("warning_use_percent_watched", "warning_use_percent"),
    Order("warning_cash_percent_watched", "warning_cash_percent"),
    Order("watch_check_days", "warning_check_days"),
    Order("password_least_with_second_factor", "password_least"),
    Order("group_customers_least", "group_customers_most"),
    Order("abc_a_percent", "abc_b_percent", strictly=True),
    Order("overdue_m1_days", "overdue_m2_days", strictly=True),
    Order("overdue_m2_days", "overdue_m3_days", strictly=True),
    Order("substandard_after_days", "doubtful_after_days", strictly=True),
    Order("doubtful_after_days", "loss_after_days", strictly=True),
    *(Order(f"tiers.{grade}.lowest", f"tiers.{grade}.highest", strictly=True) for grade in Grade),
    *(Order(f"tiers.{grade}.raise_low_percent", f"tiers.{grade}.raise_high_percent") for grade in Grade),
    *(
        Order(f"tiers.{worse}.{bound}", f"tiers.{better}.{bound}")
        for better, worse in pairwise(Grade)
        for bound in ("lowest", "highest")
    ),
    *(
        Order(f"grade_bounds_percent.{one}", f"grade_bounds_percent.{other}", strictly=True)
        for one, other in pairwise(tuple(Grade)[:-1])
    ),
    *(
        Order(f"segment_bounds.{one}", f"segment_bounds.{other}", strictly=True)
        for one, other in pairwise(tuple(Segment)[1:])
    ),
)


def out_of_order(
    plain: Mapping[str, Any], words: Mapping[str, Phrase], changes: Collection[str]
) -> Iterator[InvalidInput]:
    """What does not go together, at the names of figures among ``changes``; ``plain`` holds them as in JSON, ``words``
    what they are called.
    """
    for order in (*_FIXED, *_rows(plain)):
        lower, upper = _number(plain[order.lower]), _number(plain[order.upper])
        if lower < upper or (lower == upper and not order.strictly):
            continue
        if order.lower in changes:
            yield _must_be(order.lower, order.upper, plain, words, (_BELOW, _NOT_ABOVE), order)
        elif order.upper in changes:
            yield _must_be(order.upper, order.lower, plain, words, (_ABOVE, _NOT_BELOW), order)
    yield from _no_multiples(plain, words, changes)


def _rows(names: Iterable[str]) -> Iterator[Order]:
    """The rows of each characteristic of the points card ascend."""
    bounds = [name for name in names if name.startswith("points_card.") and name.endswith(".below")]
    for one, other in pairwise(bounds):
        if one.split(".")[1] == other.split(".")[1]:
            yield Order(one, other, strictly=True)


_BELOW = Phrase("This must be below {value}: {other}.")
_NOT_ABOVE = Phrase("This must not be above {value}: {other}.")
_ABOVE = Phrase("This must be above {value}: {other}.")
_NOT_BELOW = Phrase("This must not be below {value}: {other}.")


def _must_be(
    name: str,
    other: str,
    plain: Mapping[str, Any],
    words: Mapping[str, Phrase],
    said: tuple[Phrase, Phrase],
    order: Order,
) -> InvalidInput:
    strictly, loosely = said
    return InvalidInput(
        name,
        (strictly if order.strictly else loosely).template,
        hint="Change the two together where both are to move.",
        code="policy.order",
        other=words[other],
        value=_shown(plain[other]),
    )


def _no_multiples(
    plain: Mapping[str, Any], words: Mapping[str, Phrase], changes: Collection[str]
) -> Iterator[InvalidInput]:
    """The bounds of a tier that are no limits, because they are no multiples of the step."""
    step = _number(plain["limit_step"])
    for name in (f"tiers.{grade}.{bound}" for grade in Grade for bound in ("lowest", "highest")):
        if _number(plain[name]) % step == 0:
            continue
        if name in changes:
            yield InvalidInput(
                name,
                "A limit is a multiple of {step} yuan.",
                hint="Round it down to the step.",
                step=_shown(plain["limit_step"]),
            )
        elif "limit_step" in changes:
            yield InvalidInput(
                "limit_step",
                "{value} yuan is no multiple of this: {other}.",
                hint="Change the two together where both are to move.",
                code="policy.order",
                other=words[name],
                value=_shown(plain[name]),
            )
            return


def _number(plain: Any) -> int:
    """Fen for an amount, which is text in JSON; else the number itself."""
    return Money.parse(plain).fen if isinstance(plain, str) else int(plain)


def _shown(plain: Any) -> str:
    return str(Money.parse(plain)) if isinstance(plain, str) else f"{plain:,}"
