"""A customer's documents: adding one, recording that the original was seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar
from uuid import UUID

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from bankcard_tui.locale import mark, tr
from bankcard_tui.screens.common.questions import document_fields, enter_document
from bankcard_tui.screens.teller.file_sections import original_badge
from bankcard_tui.screens.teller.working import TellerScreen, pages_of, short
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.customer_views import CustomerFile, DocumentView
from bankcard_tui.services.customers import open_file
from bankcard_tui.services.identity import verify_document
from bankcard_tui.widgets.dialogs import Ask
from bankcard_tui.widgets.fields import Field
from bankcard_tui.widgets.labels import day, label
from bankcard_tui.widgets.safe import heading
from bankcard_tui.widgets.table import Column, Direction, Page, PagedTable, Row

COLUMNS = [
    Column(mark("Document"), 20),
    Column(mark("Reference"), 14, grow=True, priority=2),
    Column(mark("Issued on"), 10, priority=4),
    Column(mark("Original"), 19),
    Column(mark("Seen on"), 10, priority=3),
    Column(mark("Seen by"), 16, priority=5),
]


class DocumentsScreen(TellerScreen):
    """The documents of one customer; ``changed`` gets the file as it is after each step."""

    HELP = mark(
        "The documents of this customer. Enter records that you have seen the original of the one under the cursor; "
        "a adds a document. Only documents whose originals were seen count in a review."
    )
    NEEDS: ClassVar = {"add": (Permission.ENTER_APPLICATIONS,)}
    BINDINGS: ClassVar[list[BindingType]] = [Binding("a", "add", mark("Add"))]
    DEFAULT_CSS = """
    DocumentsScreen .title { height: auto; padding: 0 1; margin-bottom: 1; }
    """

    def __init__(self, file: CustomerFile, changed: Callable[[CustomerFile], object]) -> None:
        super().__init__()
        self._file = file
        self._changed = changed

    def body(self) -> ComposeResult:
        yield Static(heading(tr("Documents of {name}", name=short(self._file.name))), classes="title", markup=False)
        empty = tr("No documents yet.")
        if self.may(Permission.ENTER_APPLICATIONS):
            empty += " " + tr("a adds the first.")
        yield PagedTable(COLUMNS, self._fetch, empty_text=empty, enter="", id="documents")

    def on_mount(self) -> None:
        self.query_one(PagedTable).focus()

    def _fetch(self, cursor: Any, direction: Direction) -> Page:
        rows = [self._row(each) for each in self._file.documents]
        return pages_of(rows)(cursor, direction)

    def _row(self, document: DocumentView) -> Row:
        seen = document.verified_at
        cells = (
            label(document.kind),
            document.reference,
            day(document.issued_on) if document.issued_on else "",
            original_badge(document),
            self.on_day(seen) if seen is not None else "",
            document.verified_by,
        )
        return Row(str(document.id), cells)

    def _reload(self) -> None:
        self.work(lambda: open_file(self.desk, self._file.id), self._show, group="file")

    def _show(self, file: CustomerFile) -> None:
        self._file = file
        self._changed(file)
        self.query_one(PagedTable).reload()

    def _not_seen(self, key: str | None) -> DocumentView | None:
        """The document ``key`` if it waits for its original to be seen by somebody like the person here."""
        found = next((each for each in self._file.documents if str(each.id) == key), None)
        waits = found is not None and found.verified_at is None and self.may(Permission.VERIFY_IDENTITY)
        return found if waits else None

    @on(PagedTable.Moved)
    def _moved(self, event: PagedTable.Moved) -> None:
        event.table.say_enter(mark("Original seen") if self._not_seen(event.key) else "")

    @on(PagedTable.Chosen)
    def _choose(self, event: PagedTable.Chosen) -> None:
        document = self._not_seen(event.key)
        if document is None:
            return
        self.confirmed(
            lambda: label(document.kind),
            lambda: tr("Reference {reference}. Compare it with the original.", reference=short(document.reference)),
            lambda: tr("I have seen the original"),
            lambda desk: verify_document(desk, document.id).view,
            lambda _: self._reload(),
            on_conflict=self._reload,
        )

    def action_add(self) -> None:
        """a: a document laid on the counter."""

        def send(values: dict[str, object], key: str) -> UUID:
            added = enter_document(self.desk.once(key), self._file.id, values)
            if values.get("seen"):
                verify_document(self.desk.once(f"{key}-seen"), added)
            return added

        fields = document_fields()
        if self.may(Permission.VERIFY_IDENTITY):
            fields.append(Field("seen", mark("I have seen the original"), "check"))
        asked = Ask(lambda: tr("Add a document"), fields, send, submit=mark("Add"))
        self.app.push_screen(asked, lambda answer: self._reload() if answer is not None else None)
