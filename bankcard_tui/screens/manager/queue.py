"""The review queue: what waits, the oldest first, and the way to the desk."""

from __future__ import annotations

from functools import partial
from typing import ClassVar, Final
from uuid import UUID

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from bankcard_tui.errors import BankError, Conflict
from bankcard_tui.locale import mark, tr
from bankcard_tui.rules.terms import ApplicationStatus, CardKind, ProposalOrigin
from bankcard_tui.screens.common.base import DeskScreen
from bankcard_tui.screens.common.drafts import Work
from bankcard_tui.screens.manager.decisions import Tally
from bankcard_tui.screens.manager.desk import ReviewDesk
from bankcard_tui.screens.manager.limit_desk import LimitDesk
from bankcard_tui.screens.manager.limit_filters import Filters
from bankcard_tui.screens.manager.limit_round import Round
from bankcard_tui.screens.manager.steps import Steps
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.application_views import ApplicationRow
from bankcard_tui.services.limit_proposals import ProposalFile, proposal_totals
from bankcard_tui.services.limit_views import ProposalTotals
from bankcard_tui.services.review import ReviewFile, queue
from bankcard_tui.widgets.dialogs import Choose, Option
from bankcard_tui.widgets.errands import SESSION_PROBLEMS, tell
from bankcard_tui.widgets.labels import ago, amount, badge, label
from bankcard_tui.widgets.safe import Tone, heading, safe, status, toned
from bankcard_tui.widgets.table import Column, Direction, Page, PagedTable, Row

_COLUMNS: Final = (
    Column(mark("Number"), 13, priority=1),
    Column(mark("Customer"), 12, grow=True, priority=1),
    Column(mark("Kind"), 12, priority=4),
    Column(mark("Wished limit"), 12, "right", priority=3),
    Column(mark("Waits"), 7, "right", priority=2),
    Column(mark("Status"), 13, priority=2),
)
_KINDS: Final = {
    CardKind.CONSUMER: mark("Consumer"),
    CardKind.BUSINESS: mark("Business"),
    CardKind.DEBIT_LINKED: mark("Debit-linked"),
}
_ALL: Final = "all"
_ASKED: Final = Filters(origin=ProposalOrigin.CUSTOMER)


class ReviewQueue(DeskScreen):
    """Applications to be reviewed."""

    PAGE = "home"
    HELP = mark(
        "All applications that wait for a review, the oldest first.\n"
        "g starts with the next free one and goes on from there; Enter takes the one under the cursor. An application "
        "is reviewed by one person at a time.\n"
        "l answers what customers ask for their limits, one after the other."
    )
    DEFAULT_CSS = """
    ReviewQueue .heading { height: 2; padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("g", "go", mark("Go: next free one")),
        Binding("f", "filter", mark("Filter by kind")),
        Binding("l", "limits", mark("Limit requests")),
        Binding("u", "update", mark("Update"), show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._kind: CardKind | None = None
        self._tally = Tally()
        self._taking = False
        self._limits_asked = 0
        self._steps = Steps(self.desk, None)
        self._shown_before = False

    def body(self) -> ComposeResult:
        yield Static("", classes="heading", markup=False)
        yield PagedTable(_COLUMNS, self._fetch, enter=mark("Take"), id="queue", autoload=False)

    def load(self) -> None:
        table = self.query_one(PagedTable)
        table.empty_text = self._empty()
        self._look_around()
        table.reload(first=True)
        table.focus()

    def on_screen_resume(self) -> None:
        """Back from the desk: what is left, and what was done."""
        # The first showing is loaded by load; a page that is just being left needs nothing.
        if self._shown_before and self.is_current:
            self._look_around()
            self.query_one(PagedTable).reload()
        self._shown_before = True

    def _fetch(self, cursor: str | None, _direction: Direction) -> Page:
        found = queue(self.desk, self._kind, cursor)
        return Page([self._row(each) for each in found.items], found.next, found.previous)

    def _row(self, row: ApplicationRow) -> Row:
        taken = row.status is ApplicationStatus.IN_REVIEW
        waits = ago(row.submitted_at, self.desk.bank.clock.now())
        return Row(
            row.id.hex,
            (
                row.number,
                row.customer,
                tr(_KINDS[row.kind]),
                amount(row.wished_limit),
                waits,
                status("~", row.reviewer, Tone.MUTED) if taken else _stands(row),
            ),
        )

    def _look_around(self) -> None:
        """The head, and how many customers ask for another limit."""
        self._head()
        if self.may(Permission.DECIDE_LIMITS):
            self.work(lambda: proposal_totals(self.desk, origin=_ASKED.origin), self._count, group="limits")

    def _count(self, totals: ProposalTotals) -> None:
        self._limits_asked = totals.count
        self._head()
        self.refresh_bindings()

    def _head(self) -> None:
        kind = label(self._kind) if self._kind else tr("All kinds")
        done = "   ".join(self._tally.words())
        order = toned(tr("{kind}, oldest first", kind=kind), Tone.MUTED)
        line = Content.assemble(heading(tr("To be reviewed")), "   ", order)
        if done:
            line = Content.assemble(line, "   ", status("+", done, Tone.GOOD))
        if self._limits_asked:
            words = tr("{count:limit request|limit requests}: l", count=self._limits_asked)
            line = Content.assemble(line, "   ", status(">", words, Tone.ACCENT))
        self.query_one(".heading", Static).update(line)

    def _empty(self) -> str:
        if self._kind is not None:
            return tr("Nothing of this kind waits. f shows other kinds.")
        return tr("Nothing waits for a review. New applications appear here; u looks again.")

    def leaving(self) -> list[Work]:
        return [self._steps.leave] if self._taking else []

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "limits":
            return self._limits_asked > 0
        return super().check_action(action, parameters)

    def action_update(self) -> None:
        """Look again."""
        self._look_around()
        self.query_one(PagedTable).reload()

    def action_limits(self) -> None:
        """Answer what customers ask for their limits, the oldest first."""

        def begin() -> tuple[Round, ProposalFile | None]:
            way = Round.of_all(self.desk, _ASKED)
            return way, way.next()

        self.work(begin, self._open_limits, group="limit")

    def _open_limits(self, begun: tuple[Round, ProposalFile | None]) -> None:
        way, file = begun
        if file is None:
            self._look_around()
        else:
            self.app.push_screen(LimitDesk(file, way, lambda said: self.app.notify(said.plain, markup=False)))

    def action_filter(self) -> None:
        """All kinds of cards, or one."""
        options = [
            Option(_ALL, lambda: safe(tr("All kinds")), "0"),
            *(Option(kind.value, partial(label, kind), str(number)) for number, kind in enumerate(CardKind, 1)),
        ]
        self.app.push_screen(Choose(lambda: tr("Which kind?"), options), self._filtered)

    def _filtered(self, choice: str | None) -> None:
        if choice is not None:
            self._kind = None if choice == _ALL else CardKind(choice)
            self.load()

    def action_go(self) -> None:
        """Take the oldest that is free."""
        if not self._taking:
            self._take()

    @on(PagedTable.Chosen)
    def _chosen(self, event: PagedTable.Chosen) -> None:
        if not self._taking:
            self._take(UUID(hex=event.key))

    def _take(self, application: UUID | None = None) -> None:
        self._taking = True
        self._steps = steps = Steps(self.desk, self._kind)
        self.work(lambda: steps.take(application), self._open, on_problem=self._refused)

    def _open(self, file: ReviewFile | None) -> None:
        self._taking = False
        self.app.push_screen(ReviewDesk(file, self._tally, self._steps))

    def _refused(self, error: BankError) -> None:
        self._taking = False
        if not isinstance(error, SESSION_PROBLEMS):
            tell(self.app, error)
        if isinstance(error, Conflict):
            self.query_one(PagedTable).reload()


def _stands(row: ApplicationRow) -> Content:
    """How it stands with an application that nobody has."""
    return status("!", tr("Asked again"), Tone.WARNING) if row.asked_again else badge(row.status)
