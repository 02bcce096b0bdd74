"""Tables of customers and their schemas as files that nobody vouches for."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zlib
from array import array
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from math import isfinite, nan
from pathlib import Path
from typing import Any, TextIO

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bankcard_tui.decision.table import NOT_KNOWN, Column, Table, Words
from bankcard_tui.errors import InvalidInput, Phrase
from bankcard_tui.locale import mark
from bankcard_tui.rules.scorecard import Scorecard
from bankcard_tui.rules.scorecard_json import MANUAL

LONGEST_LINE = 4 * 1024 * 1024
"""Characters. A packed file of some kilobytes can hold a line that fills the memory."""

SHOWN = 40
"""Characters of a wrong cell that an error shows."""


class Schema(BaseModel):
    """What the columns of a table are.

    ``categorical`` hold words, all others numbers; ``monotone_towards_target`` says where more means more bad outcomes
    (1) or fewer (-1); ``sensitive`` columns and their ``stand_ins`` never enter a card; ``target`` is 1 for a bad
    outcome and 0 for a good one.
    """

    model_config = ConfigDict(frozen=True)

    categorical: frozenset[str] = frozenset()
    monotone_towards_target: dict[str, int] = Field(default_factory=dict)
    sensitive: frozenset[str] = frozenset()
    stand_ins: frozenset[str] = frozenset()
    target: str = "target"

    @property
    def never(self) -> frozenset[str]:
        """Columns that may not enter a card."""
        return self.sensitive | self.stand_ins

    @property
    def named(self) -> frozenset[str]:
        """Every column that it names."""
        return self.categorical | self.monotone_towards_target.keys() | self.never | {self.target}


def read_schema(path: Path) -> Schema:
    """The schema in the JSON file ``path``. Raises InvalidInput where it is none."""
    try:
        plain = json.loads(path.read_bytes())
        schema = Schema.model_validate(plain)
    except (ValueError, RecursionError) as error:
        place = "JSON"
        if isinstance(error, ValidationError):
            place = ".".join(map(str, error.errors()[0]["loc"])) or "JSON"
        raise _no_schema(path, place) from None
    wrong = [code for code, way in schema.monotone_towards_target.items() if way not in (-1, 0, 1)]
    if wrong:
        raise _no_schema(path, f"monotone_towards_target.{wrong[0]}")
    return schema


def _no_schema(path: Path, place: str) -> InvalidInput:
    return InvalidInput(
        str(path),
        "This is not a schema: {place} can't be used.",
        hint="A schema is described in {file}.",
        code="schema.format",
        place=place,
        file=MANUAL,
    )


def read_table(path: Path, schema: Schema, *, with_sensitive: bool = False) -> Table:
    """The customers in the file ``path`` (CSV with a header, UTF-8, packed by gzip where its name ends in ``.gz``).

    An empty cell is not known. A column that differs in capital letters alone from one that may not enter does not
    enter either. With ``with_sensitive`` every column may: for comparison with published figures, never for a card that
    is used. Raises InvalidInput where the file does not fit ``schema``, naming line and column.
    """
    columns, bad = _read(path, schema.named, schema.categorical, schema.target)
    if bad is None:
        raise AssertionError("a target is always read")
    kept_out = set() if with_sensitive else {code.casefold() for code in schema.never}
    never = {code for code in columns if code.casefold() in kept_out}
    return Table(
        {code: column for code, column in columns.items() if code not in never},
        np.array(bad, dtype=np.bool_),
        {code: column for code, column in columns.items() if code in never},
    )


def read_for(cards: Collection[Scorecard], path: Path, target: str | None = None) -> Table:
    """The customers in the file ``path`` with what ``cards`` ask about; other columns are not looked at. Without a
    ``target`` nobody counts as bad.

    Raises InvalidInput where the file can't be read, where cards disagree about what is a number, or where the file has
    none of their characteristics.
    """
    numeric = {each.code: each.numeric for card in cards for each in card.characteristics}
    for card in cards:
        for each in card.characteristics:
            if numeric[each.code] != each.numeric:
                raise InvalidInput(
                    each.code,
                    "One card takes this for a number, the other for words.",
                    hint="Compare cards that were learned from tables of the same form.",
                    code="card.kind",
                )
    words = {code for code, number in numeric.items() if not number}
    columns, bad = _read(path, {target} if target else set(), words, target, numeric)
    if not columns:
        raise InvalidInput(
            str(path),
            "This table has no column that the card asks about: {columns}",
            hint="The first line names the columns.",
            columns=", ".join(sorted(numeric)[:20]),
        )
    known = next(iter(columns.values()))
    cases = len(known.places) if isinstance(known, Words) else len(known)
    return Table(columns, np.zeros(cases, dtype=np.bool_) if bad is None else np.array(bad, dtype=np.bool_))


def _read(
    path: Path,
    needed: Collection[str],
    words: Collection[str],
    target: str | None,
    asked: Collection[str] | None = None,
) -> tuple[dict[str, Column], array[Any] | None]:
    """Columns by code (only those ``asked`` for), and the target's figures."""
    with _opened(path) as text, _explained(path):
        rows = csv.reader(_lines(text), strict=True)
        header = [each.strip() for each in next(rows, [])]
        _check_header(path, header, needed)
        makers: list[_Numbers | _Words | _Target | None] = [
            _Target()
            if code == target
            else None
            if asked is not None and code not in asked
            else _Words()
            if code in words
            else _Numbers()
            for code in header
        ]
        for row in rows:
            if not row:
                continue
            if len(row) != len(header):
                raise InvalidInput(
                    str(path),
                    "Line {line} has {found:cell|cells}, the header has {wanted}.",
                    hint="A cell with a comma in it needs quotes.",
                    line=rows.line_num,
                    found=len(row),
                    wanted=len(header),
                )
            for code, maker, cell in zip(header, makers, row, strict=True):
                if maker is not None and not maker.take(cell.strip()):
                    raise InvalidInput(
                        str(path),
                        "Line {line}, column {column}: {given} {why}.",
                        hint="Correct the cell; an empty one is not known. Columns of words stand in the schema.",
                        line=rows.line_num,
                        column=code,
                        given=cell[:SHOWN] or '""',
                        why=maker.why,
                    )
    made = {code: maker for code, maker in zip(header, makers, strict=True) if maker is not None}
    bad = made.pop(target).values if target in made else None
    columns = {code: maker.column() for code, maker in made.items() if not isinstance(maker, _Target)}
    if not any(len(maker.values) for maker in makers if maker is not None):
        raise InvalidInput(str(path), "This table has no rows.", hint="Give a table with at least one row.")
    return columns, bad


def _check_header(path: Path, header: list[str], needed: Collection[str]) -> None:
    twice = sorted(each for each, count in Counter(header).items() if count > 1)
    missing = sorted(set(needed) - set(header))
    for found, template in (
        (twice, mark("This table has these columns twice: {columns}")),
        (missing, mark("This table lacks these columns: {columns}")),
    ):
        if found:
            raise InvalidInput(
                str(path),
                template,
                hint="The first line names the columns; the schema names those that are words, and the target.",
                columns=", ".join(each[:SHOWN] for each in found[:20]),
            )


class _Numbers:
    why = Phrase("is not a number")

    def __init__(self) -> None:
        self.values = array("d")

    def take(self, cell: str) -> bool:
        """Keep a cell; False where it does not fit."""
        try:
            value = float(cell) if cell else nan
        except ValueError:
            return False
        self.values.append(value)
        return not cell or isfinite(value)

    def column(self) -> Column:
        return np.frombuffer(self.values, dtype=np.float64).copy()


class _Words:
    why = Phrase("is not a word")

    def __init__(self) -> None:
        self.values = array("q")
        self._at: dict[str, int] = {}

    def take(self, cell: str) -> bool:
        self.values.append(self._at.setdefault(cell, len(self._at)) if cell else NOT_KNOWN)
        return True

    def column(self) -> Column:
        ascending = sorted(self._at)
        place = {word: place for place, word in enumerate(ascending)}
        moved = np.array([*(place[word] for word in self._at), NOT_KNOWN], dtype=np.int64)
        return Words(moved[np.frombuffer(self.values, dtype=np.int64)], tuple(ascending))


class _Target:
    why = Phrase("is not 0 or 1")

    def __init__(self) -> None:
        self.values = array("b")

    def take(self, cell: str) -> bool:
        if cell not in ("0", "1", "0.0", "1.0"):
            return False
        self.values.append(int(cell[0]))
        return True


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    with path.open("rb") as file, gzip.open(file) if path.name.endswith(".gz") else file as raw:
        yield io.TextIOWrapper(raw, encoding="utf-8-sig", newline="")


def _lines(text: TextIO) -> Iterator[str]:
    """Line by line. Raises _LineTooLong."""
    while line := text.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE:
            raise _LineTooLong
        yield line


class _LineTooLong(Exception):
    """A line that no table has."""


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn what is wrong with a file into InvalidInput."""
    try:
        yield
    except UnicodeDecodeError:
        why = Phrase("it is not UTF-8 text")
    except _LineTooLong:
        why = Phrase("a line is longer than {most:character|characters}", {"most": LONGEST_LINE})
    except csv.Error:
        why = Phrase("its quotes do not fit together")
    except (gzip.BadGzipFile, EOFError, zlib.error):
        why = Phrase("it can't be unpacked")
    else:
        return
    raise InvalidInput(
        str(path),
        "This table can't be read: {why}.",
        hint="Save it as CSV UTF-8, packed by gzip or plain.",
        code="table.unreadable",
        why=why,
    )
