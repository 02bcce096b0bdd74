"""The signatures page: limits that a colleague has proposed and that wait for one more person."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from bankcard_tui.locale import mark, say, tr
from bankcard_tui.screens.common.base import DeskScreen
from bankcard_tui.screens.manager.facts_text import on_day
from bankcard_tui.screens.manager.lined import Lines
from bankcard_tui.screens.manager.opinion_text import block
from bankcard_tui.screens.manager.sheet import Sheet
from bankcard_tui.screens.manager.signing import Signing
from bankcard_tui.services.requests import AlteredRow, WaitingRow, waiting
from bankcard_tui.services.review import ReviewFile, look
from bankcard_tui.widgets.facts import Pair, fact_lines
from bankcard_tui.widgets.labels import amount, label
from bankcard_tui.widgets.safe import Tone, heading, safe, status, toned
from bankcard_tui.widgets.table import Column, Direction, Page, PagedTable, Row

_COLUMNS: Final = (
    Column(mark("Number"), 13, priority=3),
    Column(mark("Customer"), 12, grow=True, priority=1),
    Column(mark("Limit"), 12, "right", priority=1),
    Column(mark("Signed"), 6, priority=2),
    Column(mark("For you"), 22, priority=1),
    Column(mark("Proposed by"), 16, priority=4),
    Column(mark("Expires"), 10, priority=5),
)
_KEYS: Final[list[BindingType]] = [
    Binding("g", "give", mark("Give signature")),
    Binding("f", "refuse", mark("Refuse to sign")),
    Binding("t", "take_back", mark("Take back")),
]


class SignaturePage(DeskScreen):
    """What waits for a signature, the oldest first."""

    PAGE = "signatures"
    HELP = mark(
        "Limits above what one person may grant wait here for a second or third signature.\n"
        "Enter opens the whole file; g signs, f refuses with a note, t takes your own request back. Nobody "
        "signs twice, and what is not signed in time expires."
    )
    DEFAULT_CSS = """
    SignaturePage .heading { height: 2; padding: 0 1; }
    SignaturePage .said { height: 1; padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*_KEYS, Binding("u", "update", mark("Update"))]

    def __init__(self) -> None:
        super().__init__()
        self._rows: dict[str, WaitingRow | AlteredRow] = {}
        self._signing = Signing(self)
        self._shown_before = False

    def body(self) -> ComposeResult:
        yield Static(heading(tr("Waiting for a signature")), classes="heading", markup=False)
        empty = tr("Nothing waits for a signature. u looks again.")
        yield PagedTable(_COLUMNS, self._fetch, id="requests", empty_text=empty, autoload=False)
        yield Static("", classes="said", markup=False)

    def load(self) -> None:
        table = self.query_one(PagedTable)
        table.reload(first=True)
        table.focus()

    def on_screen_resume(self) -> None:
        # The first showing is loaded by load; a page that is just being left needs nothing.
        if self._shown_before and self.is_current:
            self.query_one(PagedTable).reload()
        self._shown_before = True

    def _fetch(self, cursor: str | None, _direction: Direction) -> Page:
        found = waiting(self.desk, cursor)
        self._rows = {(row.id if row.altered else row.request.id).hex: row for row in found.items}
        return Page([self._row(key, row) for key, row in self._rows.items()], found.next, found.previous)

    def _row(self, key: str, row: WaitingRow | AlteredRow) -> Row:
        if row.altered:
            return Row(key, (row.number, row.customer, "", "", self._signing.standing(row), "", ""))
        request = row.request
        signed = tr("{signed} of {needed}", signed=request.signed, needed=request.needed)
        expires = on_day(request.expires_at, self.zone)
        cells = (
            row.number,
            row.customer,
            amount(row.limit),
            signed,
            self._signing.standing(row),
            request.maker,
            expires,
        )
        return Row(key, cells)

    @property
    def _here(self) -> WaitingRow | AlteredRow | None:
        key = self.query_one(PagedTable).selected_key if self.query(PagedTable) else None
        return self._rows.get(key) if key else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("give", "refuse", "take_back"):
            return self._signing.offers(action, self._here)
        return super().check_action(action, parameters)

    @on(PagedTable.Moved)
    def _moved(self) -> None:
        self.refresh_bindings()

    @on(PagedTable.Chosen)
    def _chosen(self, event: PagedTable.Chosen) -> None:
        row = self._rows.get(event.key)
        if row is None:
            return
        application = row.application
        if row.altered:
            self._say(altered_text(row))
        if application is not None:
            self.work(lambda: look(self.desk, application), lambda file: self._open(file, row))

    def _open(self, file: ReviewFile, row: WaitingRow | AlteredRow) -> None:
        self.app.push_screen(SignatureSheet(file, row, self.said))

    def said(self, said: Content) -> None:
        """Show what came of it, and what is left."""
        self._say(said)
        self.query_one(PagedTable).reload()

    def _say(self, said: Content) -> None:
        self.query_one(".said", Static).update(said)

    def action_update(self) -> None:
        """Look again."""
        self.query_one(PagedTable).reload()

    def action_give(self) -> None:
        """Sign the request under the cursor."""
        if (row := self._here) is not None and not row.altered:
            self._signing.ask_to_sign(row, self.said)

    def action_refuse(self) -> None:
        """Refuse to sign it."""
        if (row := self._here) is not None and not row.altered:
            self._signing.ask_to_refuse(row, self.said)

    def action_take_back(self) -> None:
        """Take one's own request back."""
        if (row := self._here) is not None and not row.altered:
            self._signing.ask_to_take_back(row, self.said)


class SignatureSheet(Sheet):
    """The whole file behind a request, to be looked at before signing."""

    PAGE = "signatures"
    HELP = mark("The file as it stands now. g signs what is proposed, f refuses with a note, t takes your own back.")
    BINDINGS: ClassVar[list[BindingType]] = [*_KEYS, Binding("w", "why", mark("Why"))]

    def __init__(self, file: ReviewFile, row: WaitingRow | AlteredRow, then: Callable[[Content], None]) -> None:
        super().__init__(file)
        self._row = row
        self._then = then
        self._signing = Signing(self)

    def load(self) -> None:
        self.say(self._signing.standing(self._row))

    def proposal(self, file: ReviewFile, width: int) -> Lines:
        """What is to be signed, in place of what the aid proposes."""
        if self._row.altered:
            return block(f"! {tr('Altered in the store')}", tr("nothing to sign"), Tone.BAD, width)
        return block(f"> {tr('To be signed')}", tr("{amount} yuan", amount=amount(self._row.limit)), Tone.ACCENT, width)

    def terms(self, file: ReviewFile) -> Lines:
        """Who proposed it, and what the aid proposes."""
        if self._row.altered:
            return [safe(say(each)) for each in self._row.problem]
        request, opinion = self._row.request, file.advice.opinion
        signed = tr("{signed} of {needed} signed", signed=request.signed, needed=request.needed)
        by = Content.assemble(toned(tr("proposed by"), Tone.MUTED), "  ", safe(request.maker), f"  {signed}")
        advice = label(opinion.proposal) + (f" {amount(opinion.limit)}" if opinion.limit is not None else "")
        return [by, Content.assemble(toned(tr("the aid"), Tone.MUTED), f"  {advice}")]

    def applicant_lines(self, file: ReviewFile, width: int) -> Lines:
        """What the maker wrote stands above the applicant."""
        if self._row.altered:
            return super().applicant_lines(file, width)
        wrote: list[Pair] = []
        if self._row.against_reason:
            wrote.append((mark("Against aid"), self._row.against_reason))
        if self._row.note:
            wrote.append((mark("Maker's note"), self._row.note))
        return [*fact_lines(wrote, width), *super().applicant_lines(file, width)]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("give", "refuse", "take_back"):
            return self._signing.offers(action, self._row)
        return super().check_action(action, parameters)

    def action_give(self) -> None:
        """Sign it."""
        if not self._row.altered:
            self._signing.ask_to_sign(self._row, self._done)

    def action_refuse(self) -> None:
        """Refuse to sign it."""
        if not self._row.altered:
            self._signing.ask_to_refuse(self._row, self._done)

    def action_take_back(self) -> None:
        """Take one's own request back."""
        if not self._row.altered:
            self._signing.ask_to_take_back(self._row, self._done)

    def _done(self, said: Content) -> None:
        self.dismiss()
        self._then(said)


def altered_text(row: AlteredRow) -> Content:
    """What was altered about a request, and what to do."""
    return status("!", " ".join(map(say, row.problem)), Tone.BAD)
