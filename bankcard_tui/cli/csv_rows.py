"""Reading a CSV file that nobody vouches for: one line is one row, and a bad one never spoils the next.

A line break inside a cell would make a row of two lines; no column of ours may hold one, so that each line stands for
itself and an open quote can't swallow the rest of the file.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from bankcard_tui.cli.console import Misused
from bankcard_tui.errors import BankError, InvalidInput
from bankcard_tui.locale import mark
from bankcard_tui.rules.text import spreadsheet_safe, unspelt

LONGEST_LINE = 32_768
"""Characters; a row of ours is some hundreds long."""

IMPORT_COLUMN = "import"
REJECT_COLUMNS = ("line", "code", "reason", IMPORT_COLUMN)
"""What a file of rejects has before the columns of the file; corrected, it can be imported like any other. The last one
says which import rejected the row."""

_BLOCK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the file: its line (the header is line 1), and its cells by column.

    ``problem`` says why it can't be read, if so; ``cells`` then hold what could be told apart.
    """

    line: int
    cells: dict[str, str]
    problem: BankError | None = None


@dataclass(frozen=True, slots=True)
class Survey:
    """What a first reading of the whole file found: its SHA-256 as hex, and how many lines it has at most."""

    digest: str
    lines: int


def survey(file: BinaryIO, name: Path) -> Survey:
    """Read all of ``file`` and go back to its start. Raises Misused where it is not UTF-8."""
    from codecs import getincrementaldecoder

    digest, lines = hashlib.sha256(), 1
    decoder = getincrementaldecoder("utf-8")()
    while True:
        block = file.read(_BLOCK)
        digest.update(block)
        try:
            decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            line = lines + error.object[: error.start].count(b"\n")
            raise Misused(
                mark("{file} is not UTF-8 text: line {line}."),
                hint=mark("Save it as CSV UTF-8. Nothing was imported."),
                file=name,
                line=line,
            ) from None
        if not block:
            break
        lines += block.count(b"\n")
    file.seek(0)
    return Survey(digest.hexdigest(), lines)


def check_header(file: BinaryIO, name: Path, columns: Sequence[str], optional: Collection[str] = ()) -> None:
    """Read the header of ``file`` and go back to its start. Raises Misused where it does not fit."""
    for _ in read_rows(file, name, columns, optional):
        break
    file.seek(0)


def read_rows(file: BinaryIO, name: Path, columns: Sequence[str], optional: Collection[str] = ()) -> Iterator[Row]:
    """The rows of ``file`` after its header, empty lines left out. Raises Misused where the header does not fit: of the
    ``columns`` only ``optional`` ones may be missing.
    """
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    try:
        lines = enumerate(_lines(text), start=1)
        first = next(lines, (1, ""))[1]
        header = _header(first, name, columns, optional)
        corrected = REJECT_COLUMNS[0] in header
        for number, line in lines:
            if line is not None and not line.strip():
                continue
            yield _row(number, line, header, corrected)
    finally:
        text.detach()


def _lines(text: io.TextIOWrapper) -> Iterator[str | None]:
    """Line by line, without its end; None for one that is too long to be a row of ours."""
    while line := text.readline(LONGEST_LINE + 2):
        if line.endswith(("\n", "\r")) or len(line) <= LONGEST_LINE:
            yield line.rstrip("\r\n")
            continue
        while line and not line.endswith(("\n", "\r")):
            line = text.readline(LONGEST_LINE)
        yield None


def _header(line: str | None, name: Path, columns: Sequence[str], optional: Collection[str]) -> list[str]:
    try:
        header = [cell.strip() for cell in _cells(line)]
    except InvalidInput as error:
        raise Misused(mark("{file} has no header: {problem}"), file=name, problem=error.phrases[0]) from None
    known = {*columns, *REJECT_COLUMNS}
    missing = [column for column in columns if column not in header and column not in optional]
    strange = [column for column in header if column not in known]
    twice = sorted({column for column in header if header.count(column) > 1})
    for found, template in (
        (missing, mark("{file} lacks these columns: {columns}")),
        (strange, mark("{file} has columns that nobody knows: {columns}")),
        (twice, mark("{file} has these columns twice: {columns}")),
    ):
        if found:
            raise Misused(
                template,
                hint=mark("The first line names the columns, separated by commas: {known}"),
                file=name,
                columns=", ".join(each[:60] for each in found[:20]),
                known=", ".join(columns),
            )
    return header


def _row(number: int, line: str | None, header: list[str], corrected: bool) -> Row:
    try:
        cells = _cells(line)
    except InvalidInput as unreadable:
        return Row(number, {header[0]: line or ""}, unreadable)
    if corrected:
        cells = [unspelt(_unguarded(cell)) for cell in cells]
    named = {name: cell for name, cell in zip(header, cells, strict=False) if name not in REJECT_COLUMNS}
    if len(cells) == len(header):
        return Row(number, named)
    ragged = InvalidInput(
        "row",
        "This row has {found:cell|cells}, the header has {wanted}.",
        hint="A cell with a comma in it needs quotes.",
        found=len(cells),
        wanted=len(header),
    )
    return Row(number, named, ragged)


def _cells(line: str | None) -> list[str]:
    if line is None:
        raise InvalidInput(
            "row",
            "This row is longer than {most:character|characters}.",
            hint="Look for a missing line end.",
            most=LONGEST_LINE,
        )
    try:
        return next(csv.reader([line], strict=True), [])
    except csv.Error:
        raise InvalidInput(
            "row",
            "The quotes in this row do not fit together.",
            hint="A quote inside a cell is written twice; a cell holds no line break.",
        ) from None


def _unguarded(cell: str) -> str:
    """A cell without the apostrophe that kept a spreadsheet from running it."""
    return cell[1:] if cell.startswith("'") and spreadsheet_safe(cell[1:]) == cell else cell
