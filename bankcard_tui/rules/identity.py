"""Resident identity numbers: 18 characters by GB 11643, and the birth dates and ages in them.

The digit that tells the sex (the 17th) is deliberately never read here: only the audit of fairness looks at it.
"""

from __future__ import annotations

import re
from datetime import date

from bankcard_tui.errors import InvalidInput
from bankcard_tui.rules.text import without_blanks

OLDEST_YEARS = 130

# GB/T 2260, with the residence permits of Hong Kong (81), Macao (82) and Taiwan (83).
PROVINCES = frozenset(
    str(code)
    for first, last in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 83))
    for code in range(first, last + 1)
)

_SHAPE = re.compile(r"[0-9]{17}[0-9X]")


def is_id_number(text: str) -> bool:
    """Whether ``text`` is 18 characters, nothing else, with the right check character."""
    return _SHAPE.fullmatch(text) is not None and _check_character(text[:17]) == text[17]


def check_id_number(field: str, text: str, today: date) -> str:
    """The 18 characters of the ID number in ``text``: full-width digits folded, blanks removed, X capital.

    Raises InvalidInput on ``field`` for a wrong length, other characters, an unknown province, a birth date that is
    impossible, in the future or more than 130 years ago, and a wrong check character.
    """
    number = without_blanks(text).upper()
    if len(number) != 18:
        raise InvalidInput(
            field,
            "An ID number has 18 characters; this has {length}.",
            hint="Copy it from the identity card.",
            length=len(number),
        )
    if not _SHAPE.fullmatch(number):
        raise InvalidInput(
            field, "An ID number is 17 digits and then a digit or X.", hint="Copy it from the identity card."
        )
    if number[:2] not in PROVINCES:
        raise InvalidInput(
            field, "No province has the code {province}.", hint="Check the first two digits.", province=number[:2]
        )
    try:
        birth = birth_date_of(number)
    except ValueError:
        raise InvalidInput(
            field,
            "The birth date in this ID number does not exist.",
            hint="Check digits 7 to 14: year, month and day of birth.",
        ) from None
    check_birth_date(field, birth, today)
    if number[17] != _check_character(number[:17]):
        raise InvalidInput(
            field,
            "The last character of the ID number does not fit the others.",
            hint="One digit is wrong or two are swapped: compare all of them with the identity card.",
        )
    return number


def check_birth_date(field: str, value: date, today: date) -> date:
    """``value`` as it is. Raises InvalidInput on ``field`` when it is after ``today`` or over 130 years before it."""
    if value > today:
        raise InvalidInput(field, "This birth date is in the future.", hint="Check the year of birth.")
    if age_on(value, today) > OLDEST_YEARS:
        raise InvalidInput(
            field,
            "This birth date is more than {years:year|years} ago.",
            hint="Check the year of birth.",
            years=OLDEST_YEARS,
        )
    return value


def birth_date_of(id_number: str) -> date:
    """The birth date in a canonical ID number. Raises ValueError where it holds none."""
    return date(int(id_number[6:10]), int(id_number[10:12]), int(id_number[12:14]))


def age_on(birth: date, day: date) -> int:
    """Full years lived on ``day``; who was born on 29 February turns a year older on 1 March of common years."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def mask_id(last4: str) -> str:
    """An ID number of which only the last four characters are shown."""
    return "*" * 14 + last4


def make_id_number(region: str, birth: date, serial: int) -> str:
    """The ID number for a ``region`` (six digits, GB/T 2260), a birth date and a ``serial`` from 0 to 999.

    Raises ValueError for another region or serial.
    """
    if not re.fullmatch(r"[0-9]{6}", region) or region[:2] not in PROVINCES:
        raise ValueError(f"not a region: {region!r}")
    if not 0 <= serial <= 999:
        raise ValueError(f"not a serial of an ID number: {serial}")
    body = f"{region}{birth.year:04d}{birth:%m%d}{serial:03d}"
    return body + _check_character(body)


def _check_character(body: str) -> str:
    """ISO 7064 MOD 11-2 over the first 17 digits."""
    from stdnum.cn import ric  # slow to import, and needed only when a number is checked

    return ric.calc_check_digit(body + "0")
