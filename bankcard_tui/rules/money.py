"""Amounts of money: whole fen, never a float."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bankcard_tui.errors import InvalidInput

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

LARGEST_FEN = 10**14
"""One trillion yuan: far above any amount of a branch, far below 2**63."""

_SHAPE = re.compile(r"(?P<sign>-?)(?P<whole>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,15})(?:\.(?P<part>[0-9]{1,2}))?")
_WIDE = str.maketrans("０１２３４５６７８９．，￥", "0123456789.,¥")


@dataclass(frozen=True, order=True, slots=True)
class Money:
    """An amount in fen (1 yuan = 100 fen)."""

    fen: int

    def __post_init__(self) -> None:
        if type(self.fen) is not int:
            raise TypeError(f"Money takes whole fen, not {type(self.fen).__name__}")
        if abs(self.fen) > LARGEST_FEN:
            raise OverflowError("amount out of range")

    @classmethod
    def yuan(cls, amount: int) -> Money:
        """Whole yuan."""
        return cls(amount * 100)

    @classmethod
    def parse(cls, text: str, field: str = "amount") -> Money:
        """Read what a person typed: ``1234``, ``1,234.50``, ``12.5``; full-width digits too.

        Raises InvalidInput for anything else (exponents, NaN, three decimals, misplaced separators).
        """
        match = _SHAPE.fullmatch(text.strip().translate(_WIDE).removeprefix("¥").strip())
        if match is None:
            raise InvalidInput(
                field, "This is not an amount.", hint="Type yuan with at most two decimals, such as 12,500 or 99.50."
            )
        fen = int(match["whole"].replace(",", "")) * 100 + int((match["part"] or "0").ljust(2, "0"))
        if fen > LARGEST_FEN:
            raise InvalidInput(field, "This amount is too large.", hint="Check the number of digits.")
        return cls(-fen if match["sign"] else fen)

    def __add__(self, other: Money) -> Money:
        return Money(self.fen + other.fen)

    def __sub__(self, other: Money) -> Money:
        return Money(self.fen - other.fen)

    def __neg__(self) -> Money:
        return Money(-self.fen)

    def __bool__(self) -> bool:
        return self.fen != 0

    def times(self, numerator: int, denominator: int = 1) -> Money:
        """This amount times a fraction, rounded half away from zero to a whole fen."""
        product = abs(self.fen) * numerator
        rounded = (2 * product + denominator) // (2 * denominator)
        return Money(rounded if self.fen >= 0 else -rounded)

    def rounded_down(self, step: Money) -> Money:
        """The largest multiple of ``step`` that is not above this amount."""
        return Money(self.fen - self.fen % step.fen)

    def __str__(self) -> str:
        """``1,234.50``; the exact text that :meth:`parse` reads back."""
        whole, part = divmod(abs(self.fen), 100)
        return f"{'-' if self.fen < 0 else ''}{whole:,}.{part:02d}"

    @property
    def plain(self) -> str:
        """``1234.50``: the form in files and JSON."""
        return str(self).replace(",", "")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core import core_schema

        def read(value: object) -> Money:
            if isinstance(value, Money):
                return value
            if isinstance(value, str):
                try:
                    return cls.parse(value)
                except InvalidInput as error:
                    raise ValueError(error) from None
            raise ValueError(
                InvalidInput("amount", "An amount is a text with yuan.", hint="As in quotation marks: 1234.50.")
            )

        return core_schema.no_info_plain_validator_function(
            read,
            serialization=core_schema.plain_serializer_function_ser_schema(lambda money: money.plain, when_used="json"),
            json_schema_input_schema=core_schema.str_schema(),
        )


ZERO = Money(0)
