"""What a form asks for: the description of a field, and the way between what is typed and what it means."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Literal

from bankcard_tui.errors import InvalidInput
from bankcard_tui.locale import tr
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.text import clean_line, clean_text, fold_width, visible, visible_block
from bankcard_tui.widgets.labels import label, yes_no

if TYPE_CHECKING:
    from bankcard_tui.widgets.form import Form

Kind = Literal["line", "secret", "amount", "date", "number", "choice", "choices", "text", "check", "note", "heading"]
Raw = str | bool | tuple[str, ...]
"""What a field holds while it is filled in: typed text, the chosen value ("" for none), the chosen values, a tick."""

SILENT: Final = ("note", "heading")
"""Kinds that only say something and have no value."""

_DATE = re.compile(r"([0-9]{4})(?:[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?|([0-9]{2})([0-9]{2}))")
_NUMBER = re.compile(r"-?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,15})")


@dataclass(frozen=True)
class Field:
    """One question of a form.

    ``name`` is the key in the form's values and the ``field`` of InvalidInput. ``label``, ``hint`` and the words of
    ``options`` are English, marked for translation. ``options`` is an enum of rules/terms.py or pairs of value and
    word. ``most`` is the largest number of characters. ``on_change(raw, form)`` runs after the person changed the
    field, for what can be derived: it calls ``form.fill``.

    The value by kind: line, secret, text: str; amount: Money; date: ISO str (``1990-05-31``, typed also as 19900531,
    1990/5/31 or 1990年5月31日); number: int; choice: the enum member or the option's value; choices: tuple of them;
    check: bool. An optional field left empty gives "" (line, secret, text, date) or None (amount, number, choice).
    """

    name: str
    label: str
    kind: Kind = "line"
    hint: str = ""
    required: bool = True
    options: type[StrEnum] | Sequence[tuple[str, str]] = ()
    value: object = None
    most: int = 100
    on_change: Callable[[Raw, Form], None] | None = None

    def words(self) -> list[tuple[str, str]]:
        """Value and word of each option, in the language in use."""
        if isinstance(self.options, type):
            return [(member.value, label(member)) for member in self.options]
        return [(value, tr(word)) for value, word in self.options]


def empty(field: Field) -> Raw:
    """What an untouched field holds."""
    if field.kind == "check":
        return False
    return () if field.kind == "choices" else ""


def to_raw(field: Field, value: object) -> Raw:
    """What a field holds to mean ``value``; hidden characters come out visible."""
    if value is None:
        return empty(field)
    if field.kind == "check":
        return bool(value)
    if field.kind == "choices":
        return tuple(str(each) for each in value) if isinstance(value, Sequence) else (str(value),)
    if isinstance(value, date):
        return value.isoformat()
    return visible_block(str(value)) if field.kind == "text" else visible(str(value))


def raw_words(field: Field, raw: Raw) -> str:
    """What a field holds, in words for people; a dash for nothing."""
    if isinstance(raw, bool):
        return yes_no(raw)
    if field.kind in ("choice", "choices"):
        words = dict(field.words())
        return ", ".join(words.get(value, value) for value in ((raw,) if isinstance(raw, str) else raw) if value) or "-"
    return visible(str(raw)) or "-"


def read(field: Field, raw: Raw) -> object:
    """The value that ``raw`` means; see Field. Raises InvalidInput on the field."""
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, tuple):
        if field.required and not raw:
            raise InvalidInput(field.name, "This is needed.", hint="Choose at least one.")
        return tuple(_member(field, value) for value in raw)
    if field.kind == "text":
        return clean_text(field.name, raw, most=field.most, required=field.required)
    if not (raw if field.kind == "secret" else raw.strip()):
        return _nothing(field)
    return _READERS[field.kind](field, raw)


def _nothing(field: Field) -> object:
    if field.required:
        hint = "Choose one." if field.kind == "choice" else "Fill it in."
        raise InvalidInput(field.name, "This is needed.", hint=hint)
    return None if field.kind in ("amount", "number", "choice") else ""


def _member(field: Field, value: str) -> str:
    return field.options(value) if isinstance(field.options, type) else value


def _read_number(field: Field, raw: str) -> int:
    text = fold_width(raw).strip()
    if not _NUMBER.fullmatch(text):
        raise InvalidInput(field.name, "This is not a whole number.", hint="Type digits only, such as 12.")
    return int(text.replace(",", ""))


def _read_date(field: Field, raw: str) -> str:
    match = _DATE.fullmatch(fold_width(raw).strip())
    try:
        if match is None:
            raise ValueError
        return date(int(match[1]), int(match[2] or match[4]), int(match[3] or match[5])).isoformat()
    except ValueError:
        raise InvalidInput(
            field.name, "This is not a date.", hint="Type year, month and day, such as 1990-05-31."
        ) from None


_READERS: Final[dict[str, Callable[[Field, str], object]]] = {
    "line": lambda field, raw: clean_line(field.name, raw, most=field.most),
    "secret": lambda field, raw: raw,
    "amount": lambda field, raw: Money.parse(raw, field.name),
    "date": _read_date,
    "number": _read_number,
    "choice": _member,
}
