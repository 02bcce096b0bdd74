"""Exporting entries of the log: where to and in which form, with what came of it on the page that asked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final, Literal, cast

from textual.content import Content

from bankcard_tui.errors import InvalidInput
from bankcard_tui.locale import mark, tr
from bankcard_tui.screens.common.base import DeskScreen
from bankcard_tui.screens.common.paths import read_path
from bankcard_tui.screens.common.undertaking import Report, undertake
from bankcard_tui.services.log_export import ExportView
from bankcard_tui.widgets.dialogs import Ask
from bankcard_tui.widgets.fields import Field, Raw
from bankcard_tui.widgets.form import Form
from bankcard_tui.widgets.labels import count
from bankcard_tui.widgets.safe import Tone, status

WORK: Final = "export"
MOST_PATH: Final = 400
FileForm = Literal["csv", "json"]
Export = Callable[[Path, FileForm, Report], ExportView]
"""Writes the entries to a new file, in a thread."""


def ask_for_export(screen: DeskScreen, which: str, export: Export, begun: Callable[[], object]) -> None:
    """Ask for file and form, then write; ``which`` (translated) says which entries. ``begun`` runs when it began."""

    def begin(wanted: tuple[Path, FileForm] | None) -> None:
        if wanted is not None:
            file, form = wanted
            title = mark("Exporting the log")
            undertake(screen, WORK, title, lambda work: export(file, form, work.report), _told)
            begun()

    now = screen.desk.bank.clock.now()
    suggested = Path.home() / f"log-{screen.desk.bank.branch.code}-{now:%Y%m%d-%H%M}.csv"
    fields = (
        Field(
            "form",
            mark("Form"),
            "choice",
            options=(("csv", mark("CSV, for a spreadsheet")), ("json", mark("JSON, for a program"))),
            value="csv",
            on_change=_fit_ending,
        ),
        Field(
            "file", mark("File"), hint=mark("A new file, with its whole path."), value=str(suggested), most=MOST_PATH
        ),
    )
    screen.app.push_screen(
        Ask(
            lambda: tr("Export to a file?"), fields, lambda values, _: _read(values), body=which, submit=mark("Export")
        ),
        begin,
    )


def _fit_ending(raw: Raw, form: Form) -> None:
    """The file ends as its form does."""
    file = Path(str(form.raw("file")))
    if file.suffix in (".csv", ".json"):
        form.fill({"file": str(file.with_suffix(f".{raw}"))})


def _read(values: dict[str, object]) -> tuple[Path, FileForm]:
    path = read_path("file", values["file"])
    if path.exists() or path.is_symlink():
        raise InvalidInput("file", "There is a file of this name already.", hint="Choose another name.")
    return path, cast(FileForm, str(values["form"]))


def _told(done: ExportView) -> Content:
    words = tr("{count:entry|entries} written to {path}", count=count(done.entries), path=done.path)
    return status("+", words, Tone.GOOD)
