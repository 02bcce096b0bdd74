"""Changes of limits that wait for one more person: the list, one of them in full, and a batch looked through."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Final
from uuid import UUID

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from bankcard_tui.locale import mark, tr
from bankcard_tui.screens.common.signing import SigningKeys, altered_text
from bankcard_tui.screens.common.waiting import WaitingPage
from bankcard_tui.screens.manager.facts_text import on_day
from bankcard_tui.screens.manager.limit_sheet import LimitSheet
from bankcard_tui.screens.manager.limit_signing import ChangeSigning, about, totals_words
from bankcard_tui.screens.manager.limit_text import (
    after,
    change_percent,
    grades,
    kind_badge,
    large_lines,
    reason_line,
    signed_amount,
    tone_of,
)
from bankcard_tui.screens.teller.working import pages_of
from bankcard_tui.services.limit_proposals import ProposalFile, open_proposal
from bankcard_tui.services.limit_views import ProposalTotals
from bankcard_tui.services.limit_waiting import AlteredLimits, BatchFile, Signed, WaitingLimits, open_batch, waiting
from bankcard_tui.services.paging import Page
from bankcard_tui.widgets.labels import amount
from bankcard_tui.widgets.lined import Lined, Lines, block
from bankcard_tui.widgets.safe import Tone, heading, safe, toned, truncate
from bankcard_tui.widgets.table import Column, PagedTable, Row

Then = Callable[[Content], None]

_COLUMNS: Final = (
    Column(mark("Customer"), 12, grow=True, priority=1),
    Column(mark("Adjustment"), 11, priority=3),
    Column(mark("By how much"), 22, "right", priority=1),
    Column(mark("Signed"), 6, priority=2),
    Column(mark("For you"), 22, priority=1),
    Column(mark("Proposed by"), 16, priority=4),
    Column(mark("Expires"), 10, priority=5),
)
_IN_BATCH: Final = (
    Column(mark("Customer"), 12, grow=True, priority=1),
    Column(mark("Card"), 4, priority=3),
    Column(mark("Adjustment"), 11, priority=2),
    Column(mark("Limit"), 12, "right", priority=2),
    Column(mark("After"), 12, "right", priority=1),
    Column("", 6, "right", priority=4),
    Column(mark("Grade"), 25, priority=5),
)


class LimitSignaturePage(WaitingPage[WaitingLimits, AlteredLimits]):
    """Changes of limits that wait for a signature, the oldest first."""

    PAGE = "signatures"
    TITLE = mark("Limits waiting for a signature")
    COLUMNS = _COLUMNS
    EMPTY = mark("No change of a limit waits for a signature.")
    HELP = mark(
        "Changes of limits that need a second or third signature, one by one or as a batch.\n"
        "Enter opens what would be changed; g signs, f refuses with a note, t takes your own request back. A batch is "
        "carried out as a whole or not at all."
    )
    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(self) -> None:
        super().__init__()
        self.signing = ChangeSigning(self)

    def find(self, cursor: str | None) -> Page[WaitingLimits | AlteredLimits]:
        return waiting(self.desk, cursor)

    def cells(self, row: WaitingLimits | AlteredLimits) -> tuple[Content | str, ...]:
        standing = self.signing.standing(row)
        if isinstance(row, AlteredLimits):
            return "", "", "", "", standing, "", ""
        request = row.request
        signed = tr("{signed} of {needed}", signed=request.signed, needed=request.needed)
        kind = kind_badge(row.proposal.kind) if row.proposal else ""
        return (
            about(row),
            kind,
            _by_how_much(row.totals),
            signed,
            standing,
            request.maker,
            on_day(request.expires_at, self.zone),
        )

    def open(self, row: WaitingLimits | AlteredLimits) -> None:
        if isinstance(row, AlteredLimits):
            self.say_below(altered_text(row))
        elif row.proposal is not None:
            self._open_one(row, row.proposal.id)
        else:
            self.work(
                lambda: open_batch(self.desk, row.request.id),
                lambda file: self.app.push_screen(BatchScreen(file, row, self.said)),
                group="open",
            )

    def _open_one(self, row: WaitingLimits, proposal: UUID) -> None:
        self.work(
            lambda: open_proposal(self.desk, proposal),
            lambda file: self.app.push_screen(LimitSignatureSheet(file, row, self.said)),
            group="open",
        )


class LimitSignatureSheet(LimitSheet, SigningKeys[WaitingLimits]):
    """The whole file behind one change, to be looked at before signing."""

    PAGE = "signatures"
    HELP = mark("The proposal as it stands now. g signs it, f refuses with a note, t takes your own back.")
    BINDINGS: ClassVar[list[BindingType]] = [Binding("w", "why", mark("Why"))]

    def __init__(self, file: ProposalFile, row: WaitingLimits, then: Then) -> None:
        super().__init__(file)
        self._row = row
        self._then = then
        self.signing = ChangeSigning(self)

    @property
    def at_hand(self) -> WaitingLimits:
        return self._row

    def load(self) -> None:
        self.say(self.signing.standing(self._row))

    def large(self, width: int) -> Lines:
        proposal = self.file.proposal
        return block(*large_lines(proposal, self._row.amount), tone_of(proposal.kind), width)

    def said(self, said: Content) -> None:
        self.dismiss()
        self._then(said)


class BatchScreen(SigningKeys[WaitingLimits]):
    """Everything in a batch, to be looked through before signing it."""

    PAGE = "signatures"
    HELP = mark(
        "Everything that this batch would change. Below the list stands why; Enter opens a proposal with the opinion.\n"
        "g signs the whole batch, f refuses it with a note, t takes your own back."
    )
    DEFAULT_CSS = """
    BatchScreen .heading { height: 2; padding: 0 1; }
    BatchScreen .detail { height: 2; padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(self, file: BatchFile, row: WaitingLimits, then: Then) -> None:
        super().__init__()
        self._contents = {each.proposal.id.hex: each for each in file.contents}
        self._row = row
        self._then = then
        self.signing = ChangeSigning(self)

    def body(self) -> ComposeResult:
        yield Lined(self._heading).add_class("heading")
        rows = [Row(key, _batch_cells(each)) for key, each in self._contents.items()]
        yield PagedTable(_IN_BATCH, pages_of(rows), id="batch")
        yield Static("", classes="detail", markup=False)

    def load(self) -> None:
        self.query_one(PagedTable).focus()

    @property
    def at_hand(self) -> WaitingLimits:
        return self._row

    def _heading(self, width: int) -> Lines:
        title = Content.assemble(heading(about(self._row)), "   ", self.signing.standing(self._row))
        return [truncate(title, width), truncate(safe(totals_words(self._row.totals)), width)]

    @on(PagedTable.Moved)
    def _moved(self, event: PagedTable.Moved) -> None:
        here = self._contents.get(event.key or "")
        self.query_one(".detail", Static).update(toned(reason_line(here.proposal) if here else "", Tone.MUTED))

    @on(PagedTable.Chosen)
    def _chosen(self, event: PagedTable.Chosen) -> None:
        proposal = self._contents[event.key].proposal.id
        self.work(
            lambda: open_proposal(self.desk, proposal),
            lambda file: self.app.push_screen(LimitSheet(file)),
            group="open",
        )

    def said(self, said: Content) -> None:
        self.dismiss()
        self._then(said)


def _batch_cells(each: Signed) -> tuple[Content | str, ...]:
    proposal = each.proposal
    return (
        proposal.customer,
        proposal.last4,
        kind_badge(proposal.kind),
        amount(proposal.before),
        amount(after(proposal, each.amount)),
        change_percent(proposal, each.amount),
        grades(proposal),
    )


def _by_how_much(totals: ProposalTotals) -> str:
    return "  ".join(signed_amount(each) for each in (totals.raised, -totals.reduced) if each)
