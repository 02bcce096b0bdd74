"""Text in people's own words: notes, messages, references. Numbers that identify somebody don't stand in it."""

from __future__ import annotations

import re

from bankcard_tui.rules.card_numbers import is_card_number
from bankcard_tui.rules.identity import is_id_number
from bankcard_tui.rules.text import clean_line, clean_text, fold_width

# Digits as people group them, in full width too; where letters or more digits touch them it is another number.
_NUMBER = re.compile(r"(?<![0-9A-Za-z０-９])[0-9０-９](?:[ -]?[0-9０-９]){14,18}[XxＸｘ]?(?![0-9A-Za-z０-９])")


def free_line(field: str, value: str, *, most: int = 100, required: bool = True) -> str:
    """One line as :func:`clean_line` takes it, with ID and card numbers masked but for their last four."""
    return hide_numbers(clean_line(field, value, most=most, required=required))


def free_text(field: str, value: str, *, most: int = 2000, required: bool = False) -> str:
    """Several lines as :func:`clean_text` takes them, with ID and card numbers masked but for their last four."""
    return hide_numbers(clean_text(field, value, most=most, required=required))


def hide_numbers(text: str) -> str:
    """``text`` with every valid ID number and card number masked: in clear they lie nowhere."""
    return _NUMBER.sub(_masked, text)


def _masked(found: re.Match[str]) -> str:
    number = fold_width(found[0]).replace(" ", "").replace("-", "").upper()
    # Cards for paying begin with 3 to 6 and have 16 digits or more: a licence number that happens to have a right check
    # digit stays readable, mostly.
    is_card = len(number) >= 16 and number[0] in "3456" and is_card_number(number)
    return "*" * (len(number) - 4) + number[-4:] if is_card or is_id_number(number) else found[0]
