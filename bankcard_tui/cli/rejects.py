"""The file of rows that were not taken: to be corrected and imported again."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import TextIO
from uuid import UUID

from bankcard_tui.cli.console import Misused
from bankcard_tui.cli.csv_rows import IMPORT_COLUMN, REJECT_COLUMNS, Row
from bankcard_tui.locale import mark
from bankcard_tui.rules.text import spreadsheet_safe, visible

_BEGIN = b"line,code,reason,"


class Rejects:
    """Made when the first row is rejected, readable for its owner alone, safe to open in a spreadsheet and to show on a
    terminal.

    Each row names the import ``job`` that rejected it: what this one left when it was stopped is added to. The rejects
    of another import are kept under another name, ``kept``. Raises Misused for a file that is anything else.
    """

    def __init__(self, path: Path, columns: Sequence[str], job: UUID) -> None:
        if path.exists() and not _holds_rejects(path):
            raise Misused(
                mark("{path} is there already, and not a file of rejects."),
                hint=mark("Name another file: --rejects PATH"),
                path=path,
            )
        self.path = path
        self.kept: Path | None = None
        self.written = 0
        self.earlier = _rows_of(str(job), path)
        self._job = str(job)
        self._columns = columns
        self._file: TextIO | None = None

    def add(self, row: Row, code: str, reason: str) -> None:
        """One row, as it stood in the file but with hidden characters spelt, with its line, code and reason."""
        self.written += 1
        original = [row.cells.get(column, "") for column in self._columns]
        cells = (code, reason, self._job, *original)
        csv.writer(self._open()).writerow([row.line, *(spreadsheet_safe(visible(cell)) for cell in cells)])

    def keep(self) -> None:
        """Make sure that what was added survives this process."""
        if self._file is not None:
            self._file.flush()
            os.fsync(self._file.fileno())

    def __enter__(self) -> Rejects:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def _open(self) -> TextIO:
        if self._file is None:
            if not self.earlier and self.path.exists():
                # Somebody may have corrected rows in it.
                self.kept = _free_name(self.path)
                self.path.rename(self.kept)
            begin = os.O_APPEND if self.earlier else os.O_EXCL | os.O_CREAT
            handle = os.open(self.path, os.O_WRONLY | os.O_NOFOLLOW | begin, 0o600)
            self._file = os.fdopen(handle, "a" if self.earlier else "w", encoding="utf-8", newline="")
            if not self.earlier:
                # With a byte order mark Excel reads UTF-8; our own reader takes it too.
                self._file.write("\ufeff")
                csv.writer(self._file).writerow([*REJECT_COLUMNS, *self._columns])
        return self._file


def _holds_rejects(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_BEGIN) + 3).removeprefix(b"\xef\xbb\xbf").startswith(_BEGIN)


def _rows_of(job: str, path: Path) -> int:
    """How many rejects of an import a file holds already; 0 where there is no such file."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return sum(row.get(IMPORT_COLUMN) == job for row in csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error):
        return 0


def _free_name(path: Path) -> Path:
    """``path`` with ``~`` behind it, or ``~2``, ``~3`` and so on where that is taken."""
    names = (path.with_name(f"{path.name}~{'' if place == 1 else place}") for place in count(1))
    return next(name for name in names if not os.path.lexists(name))
