"""The file of rows that were not taken: to be corrected and imported again."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TextIO

from bankcard_tui.cli.console import Misused
from bankcard_tui.cli.csv_rows import REJECT_COLUMNS, Row
from bankcard_tui.locale import mark
from bankcard_tui.rules.text import spreadsheet_safe


class Rejects:
    """Made when the first row is rejected, readable for its owner alone, safe to open in a spreadsheet.

    ``going_on`` adds to the file that an import left when it was stopped; otherwise a file of rejects that is there
    already is kept under its name with ``~``. Raises Misused for a file that is anything else.
    """

    def __init__(self, path: Path, columns: Sequence[str], *, going_on: bool) -> None:
        if path.exists() and not _holds_rejects(path):
            raise Misused(
                mark("{path} is there already, and not a file of rejects."),
                hint=mark("Name another file: --rejects PATH"),
                path=path,
            )
        self.path = path
        self.written = 0
        self.earlier = _rows_in(path) if going_on else 0
        self._columns = columns
        self._file: TextIO | None = None

    def add(self, row: Row, code: str, reason: str) -> None:
        """One row, as it stood in the file, with its line, code and reason."""
        self.written += 1
        original = [row.cells.get(column, "") for column in self._columns]
        csv.writer(self._open()).writerow([row.line, *map(spreadsheet_safe, (code, reason, *original))])

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
                self.path.replace(self.path.with_name(f"{self.path.name}~"))
            begin = os.O_APPEND if self.earlier else os.O_EXCL | os.O_CREAT
            handle = os.open(self.path, os.O_WRONLY | os.O_NOFOLLOW | begin, 0o600)
            self._file = os.fdopen(handle, "a" if self.earlier else "w", encoding="utf-8", newline="")
            if not self.earlier:
                # With a byte order mark Excel reads UTF-8; our own reader takes it too.
                self._file.write("\ufeff")
                csv.writer(self._file).writerow([*REJECT_COLUMNS, *self._columns])
        return self._file


def _holds_rejects(path: Path) -> bool:
    begin = ",".join(REJECT_COLUMNS).encode()
    with path.open("rb") as file:
        return file.read(len(begin) + 3).removeprefix(b"\xef\xbb\xbf").startswith(begin)


def _rows_in(path: Path) -> int:
    """How many rejects a file holds already; 0 where there is none."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return max(0, sum(1 for _ in csv.reader(file)) - 1)
    except (OSError, UnicodeDecodeError, csv.Error):
        return 0
