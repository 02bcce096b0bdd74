"""The limits page: the proposals that wait to be decided, one by one or as a batch that somebody has looked through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import ClassVar, Final
from uuid import UUID

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from bankcard_tui.locale import mark, tr
from bankcard_tui.rules.money import Money
from bankcard_tui.screens.common.base import DeskScreen
from bankcard_tui.screens.manager.limit_batch import sign_selection
from bankcard_tui.screens.manager.limit_desk import LimitDesk
from bankcard_tui.screens.manager.limit_filters import Filters
from bankcard_tui.screens.manager.limit_round import Round
from bankcard_tui.screens.manager.limit_rules import LimitRulesScreen
from bankcard_tui.screens.manager.limit_selection import MOST, Selection, can_be_chosen
from bankcard_tui.screens.manager.limit_text import (
    after,
    change_percent,
    grades,
    kind_badge,
    monthly_words,
    reason_line,
    signs,
    special_words,
)
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.limit_proposals import ProposalFile, proposal_totals, proposals
from bankcard_tui.services.limit_views import ProposalTotals, ProposalView
from bankcard_tui.widgets.dialogs import Ask
from bankcard_tui.widgets.labels import amount, label
from bankcard_tui.widgets.lined import Lined, Lines
from bankcard_tui.widgets.safe import Tone, heading, safe, status, toned, truncate
from bankcard_tui.widgets.table import Column, Direction, Page, PagedTable, Row

_COLUMNS: Final = (
    Column("", 1, priority=1),
    Column(mark("Customer"), 12, grow=True, priority=1),
    Column(mark("Card"), 4, priority=3),
    Column(mark("Adjustment"), 11, priority=1),
    Column(mark("Limit"), 10, "right", priority=2),
    Column(mark("After"), 10, "right", priority=1),
    Column("", 6, "right", priority=4),
    Column(mark("Signs"), 6, priority=2),
    Column(mark("Grade"), 22, priority=5),
    Column(mark("Spending"), 17, priority=6),
)
_DETAIL_ROWS: Final = 3


class LimitsPage(DeskScreen):
    """The work list of proposals."""

    PAGE = "limits"
    HELP = mark(
        "Limits that are to be changed: what re-evaluations propose, what customers ask for, what managers propose. "
        "Below the list stands why.\n"
        "Enter opens a proposal with the opinion. Space chooses a row and a all that the filter lets through; s signs "
        "what is chosen in one go, after a question that says what it comes to. v chooses nothing any more. t shows "
        "the rules that proposals come from, to be tried and changed."
    )
    DEFAULT_CSS = """
    LimitsPage .heading { height: 2; padding: 0 1; }
    LimitsPage .detail { height: 3; padding: 0 1; }
    LimitsPage .said { height: 1; padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "choose", mark("Choose")),
        Binding("a", "choose_all", mark("All")),
        Binding("s", "sign", mark("Sign chosen")),
        Binding("f", "filter", mark("Filter")),
        Binding("t", "rules", mark("Rules")),
        Binding("v", "choose_none", mark("Choose none"), show=False),
        Binding("u", "update", mark("Update"), show=False),
    ]

    def __init__(self, filters: Filters | None = None) -> None:
        super().__init__()
        self._filters = filters or Filters()
        self._rows: dict[str, ProposalView] = {}
        self._selection = Selection()
        self._totals: ProposalTotals | None = None
        self._cursor: str | None = None
        self._shown_before = False

    def body(self) -> ComposeResult:
        yield Lined(self._heading).add_class("heading")
        yield PagedTable(_COLUMNS, self._fetch, id="proposals", autoload=False)
        yield Lined(self._detail).add_class("detail")
        yield Static("", classes="said", markup=False)

    def load(self) -> None:
        table = self.query_one(PagedTable)
        table.empty_text = self._empty()
        self._count()
        table.reload(first=True)
        table.focus()

    def on_screen_resume(self) -> None:
        # The first showing is loaded by load; a page that is just being left needs nothing.
        if self._shown_before and self.is_current:
            self.action_update()
        self._shown_before = True

    # What is shown

    def _fetch(self, cursor: str | None, _direction: Direction) -> Page:
        found = proposals(self.desk, **asdict(self._filters), cursor=cursor)
        self._rows = {each.id.hex: each for each in found.items}
        self._cursor = found.next
        return Page(self._shown(), found.next, found.previous)

    def _shown(self) -> list[Row]:
        return [Row(key, self._cells(key, each)) for key, each in self._rows.items()]

    def _cells(self, key: str, each: ProposalView) -> tuple[Content | str, ...]:
        chosen = toned("*" if key in self._selection else "", Tone.ACCENT, bold=True)
        spending = label(each.evaluation.spending_class) if each.evaluation else ""
        return (
            chosen if can_be_chosen(each) else toned("-", Tone.MUTED),
            each.customer,
            each.last4,
            kind_badge(each.kind),
            amount(each.before),
            amount(after(each)),
            change_percent(each),
            signs(each),
            grades(each),
            spending,
        )

    def _heading(self, width: int) -> Lines:
        title = Content.assemble(heading(tr("Limits to decide")), "   ", toned(self._filters.words(), Tone.MUTED))
        return [truncate(title, width), truncate(self._sums(), width)]

    def _sums(self) -> Content:
        """What the list comes to, and what is chosen of it."""
        totals = self._totals
        if totals is None:
            return toned(tr("Loading ..."), Tone.MUTED)
        count = tr("{count:proposal|proposals}", count=f"{totals.count:,}")
        all_words = "  ".join([count, *_moved(totals.raised, totals.reduced)])
        if not len(self._selection):
            return safe(all_words)
        chosen = tr("chosen {count}", count=len(self._selection))
        sums = "  ".join([chosen, *_moved(self._selection.raised, self._selection.reduced)])
        return Content.assemble(toned(sums, Tone.ACCENT, bold=True), "   ", toned(all_words, Tone.MUTED))

    def _detail(self, width: int) -> Lines:
        """Why the limit of the row under the cursor is to be changed."""
        each = self._here
        if each is None:
            return []
        monthly = monthly_words(each.monthly) if each.monthly is not None else ""
        parts = (label(each.origin), special_words(each), monthly, each.said, reason_line(each))
        rows = safe("  ".join(part for part in parts if part)).wrap(max(4, width))
        lines = [*rows[:_DETAIL_ROWS]]
        if len(rows) > _DETAIL_ROWS:
            lines[-1] = truncate(Content.assemble(lines[-1], " ", rows[_DETAIL_ROWS]), width)
        return [toned(line, Tone.MUTED) for line in lines]

    def _empty(self) -> str:
        if self._filters != Filters():
            return tr("No proposal like this waits. f shows others.")
        return tr("No limit waits to be decided. Re-evaluations and customers' requests appear here; u looks again.")

    def _count(self) -> None:
        def show(totals: ProposalTotals) -> None:
            self._totals = totals
            self._renew()

        self.work(lambda: proposal_totals(self.desk, **asdict(self._filters)), show, group="totals")

    def _renew(self) -> None:
        for each in self.query(Lined):
            each.renew()

    def _repaint(self) -> None:
        self.query_one(PagedTable).show_rows(self._shown())
        self._renew()

    def say_below(self, said: Content) -> None:
        """What came of the last step."""
        self.query_one(".said", Static).update(said)

    @property
    def _here(self) -> ProposalView | None:
        key = self.query_one(PagedTable).selected_key if self.query(PagedTable) else None
        return self._rows.get(key) if key else None

    @on(PagedTable.Moved)
    def _moved(self) -> None:
        self._renew()
        self.refresh_bindings()

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("choose", "choose_all", "sign"):
            return self.may(Permission.DECIDE_LIMITS)
        return super().check_action(action, parameters)

    def action_update(self) -> None:
        """Look again."""
        self._count()
        self.query_one(PagedTable).reload()

    def action_rules(self) -> None:
        """t: the tier table and the other rules that proposals come from."""
        self.app.push_screen(LimitRulesScreen())

    def action_filter(self) -> None:
        """Kind, origin, grade, class."""

        def answered(values: dict[str, object] | None) -> None:
            if values is not None:
                self._filters = Filters.of(values)
                self._selection.clear()
                self.load()

        question = Ask(lambda: tr("Which proposals?"), self._filters.fields(), submit=mark("Show"))
        self.app.push_screen(question, answered)

    def action_choose(self) -> None:
        """The row under the cursor, and one row down."""
        here = self._here
        if here is None:
            return
        if can_be_chosen(here):
            self._selection.toggle(here)
            self._repaint()
        else:
            self.say_below(status("!", _why_not(here), Tone.WARNING))
        self.query_one(PagedTable).action_move(1)

    def action_choose_all(self) -> None:
        """All that the filter lets through, as many as one batch takes."""

        def chosen(found: list[ProposalView]) -> None:
            self._selection = Selection(found)
            self._repaint()
            if self._totals is not None and self._totals.count > len(found) == MOST:
                self.say_below(status("!", tr("{count} are signed at most in one go.", count=MOST), Tone.WARNING))

        self._find(chosen)

    def _choose_again(self) -> None:
        """What is chosen as it stands now; what has been decided meanwhile falls out."""
        before = self._selection

        def chosen(found: list[ProposalView]) -> None:
            self._selection = Selection(each for each in found if each.id.hex in before)
            self._repaint()

        self._find(chosen)

    def _find(self, then: Callable[[list[ProposalView]], object]) -> None:
        """The first of all that the filter lets through and that can be chosen, as many as one batch takes."""
        filters = self._filters

        def find() -> list[ProposalView]:
            found: list[ProposalView] = []
            cursor: str | None = None
            while len(found) < MOST:
                page = proposals(self.desk, **asdict(filters), cursor=cursor)
                found += filter(can_be_chosen, page.items)
                cursor = page.next
                if cursor is None:
                    break
            return found[:MOST]

        self.work(find, then, group="all")

    def action_choose_none(self) -> None:
        """Choose nothing any more."""
        self._selection.clear()
        self._repaint()

    def action_sign(self) -> None:
        """Sign what is chosen."""
        if len(self._selection):
            sign_selection(self, self._selection.proposals, self._signed)
        else:
            self.say_below(toned(tr("Nothing is chosen: Space chooses a row, a all of them."), Tone.MUTED))

    def _signed(self, said: Content, done: bool) -> None:
        if done:
            self._selection.clear()
        else:
            self._choose_again()
        self.say_below(said)
        self.action_update()

    @on(PagedTable.Chosen)
    def _open(self, event: PagedTable.Chosen) -> None:
        ids = [UUID(hex=key) for key in self._rows]
        behind = ids[ids.index(UUID(hex=event.key)) + 1 :]
        way = Round(self.desk, self._filters, behind, self._cursor)

        def opened(file: ProposalFile) -> None:
            self.app.push_screen(LimitDesk(file, way, self.say_below))

        self.work(lambda: way.take(UUID(hex=event.key)), opened, group="open")


def _moved(raised: Money, reduced: Money) -> list[str]:
    """By how much limits rise and fall, where they do."""
    return [f"{sign}{amount(money)}" for sign, money in (("+", raised), ("-", reduced)) if money]


def _why_not(proposal: ProposalView) -> str:
    """Why one can't be chosen."""
    if proposal.waiting is not None:
        return tr("This waits for a colleague's signature already.")
    return tr("This is about yourself, or your own proposal: a colleague decides.")
