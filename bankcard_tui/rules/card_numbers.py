"""Card numbers: 12 to 19 digits, the last a Luhn check digit (ISO/IEC 7812-1)."""

from __future__ import annotations

import calendar
import re
from datetime import date

from bankcard_tui.errors import Conflict, InvalidInput
from bankcard_tui.rules.text import without_blanks

_SHAPE = re.compile(r"[0-9]{12,19}")


def luhn_digit(digits: str) -> str:
    """The check digit that belongs after ``digits``."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        total += int(digit) if place % 2 else sum(divmod(2 * int(digit), 10))
    return str(-total % 10)


def is_card_number(text: str) -> bool:
    """Whether ``text`` is 12 to 19 digits, nothing else, with the right check digit."""
    return _SHAPE.fullmatch(text) is not None and luhn_digit(text[:-1]) == text[-1]


def card_number(bin: str, serial: int, length: int = 16) -> str:
    """The card number of ``length`` digits: the issuer's ``bin``, ``serial`` filled with zeros, and the check digit.

    Raises Conflict when the serial needs more digits than are left, ValueError for a BIN or serial that is no number.
    """
    if not re.fullmatch(r"[0-9]+", bin) or serial < 0:
        raise ValueError(f"not a BIN and a serial: {bin!r}, {serial}")
    room = length - len(bin) - 1
    if room < 1 or serial >= 10**room:
        raise Conflict(
            "No card numbers are left under the BIN {bin}.", hint="Ask an admin to put another BIN in force.", bin=bin
        )
    body = f"{bin}{serial:0{room}d}"
    return body + luhn_digit(body)


def check_card_number(field: str, text: str) -> str:
    """The digits of the card number in ``text``: full-width digits folded, blanks and hyphens removed.

    Raises InvalidInput on ``field`` for anything else than 12 to 19 digits and for a wrong check digit.
    """
    number = without_blanks(text).replace("-", "")
    if not _SHAPE.fullmatch(number):
        raise InvalidInput(field, "A card number has 12 to 19 digits.", hint="Copy it from the front of the card.")
    if not is_card_number(number):
        raise InvalidInput(
            field,
            "The last digit of the card number does not fit the others.",
            hint="One digit is wrong or two are swapped: compare all of them with the card.",
        )
    return number


def mask_card(last4: str) -> str:
    """A card number of which only the last four digits are shown."""
    return f"**** **** **** {last4}"


def group_card(number: str) -> str:
    """A card number in groups of four, as it stands on the card."""
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))


def expiry(issued: date, years: int) -> date:
    """The last day on which a card issued on ``issued`` for ``years`` is good: the end of that month."""
    year = issued.year + years
    return date(year, issued.month, calendar.monthrange(year, issued.month)[1])
