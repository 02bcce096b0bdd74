"""The signatures page: limits that a colleague has proposed and that wait for one more person."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Final

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from bankcard_tui.locale import mark, say, tr
from bankcard_tui.screens.common.policy_versions import PolicyVersions, waiting_for
from bankcard_tui.screens.common.signing import SigningKeys, altered_text
from bankcard_tui.screens.common.waiting import WaitingPage
from bankcard_tui.screens.manager.facts_text import on_day
from bankcard_tui.screens.manager.limit_signatures import LimitSignaturePage
from bankcard_tui.screens.manager.sheet import Sheet
from bankcard_tui.screens.manager.signing import LimitSigning
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.four_eyes import SIGNING
from bankcard_tui.services.limit_waiting import AlteredLimits, WaitingLimits
from bankcard_tui.services.limit_waiting import waiting as limits_waiting
from bankcard_tui.services.paging import Page
from bankcard_tui.services.requests import AlteredRow, WaitingRow, waiting
from bankcard_tui.services.review import ReviewFile, look
from bankcard_tui.widgets.facts import Pair, fact_lines
from bankcard_tui.widgets.labels import amount, label
from bankcard_tui.widgets.lined import Lines, block
from bankcard_tui.widgets.safe import Tone, heading, safe, status, toned
from bankcard_tui.widgets.table import Column

_COLUMNS: Final = (
    Column(mark("Number"), 13, priority=3),
    Column(mark("Customer"), 12, grow=True, priority=1),
    Column(mark("Limit"), 12, "right", priority=1),
    Column(mark("Signed"), 6, priority=2),
    Column(mark("For you"), 22, priority=1),
    Column(mark("Proposed by"), 16, priority=4),
    Column(mark("Expires"), 10, priority=5),
)


class SignaturePage(WaitingPage[WaitingRow, AlteredRow]):
    """What waits for a signature, the oldest first."""

    PAGE = "signatures"
    COLUMNS = _COLUMNS
    EMPTY = mark("Nothing waits for a signature. Points cards wait on their own page.")
    HELP = mark(
        "Limits above what one person may grant wait here for a second or third signature.\n"
        "Enter opens the whole file; g signs, f refuses with a note, t takes your own request back. Nobody "
        "signs twice, and what is not signed in time expires. l lists changes of limits that wait, v changes of their "
        "rules. Points cards wait on their own page."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("l", "limits", mark("Limits")),
        Binding("v", "rules", mark("Rules"), show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.signing = LimitSigning(self)

    def load(self) -> None:
        super().load()
        self._count()

    def on_screen_resume(self) -> None:
        self._count()

    def action_update(self) -> None:
        super().action_update()
        self._count()

    def action_limits(self) -> None:
        """Changes of limits that wait for a signature."""
        self.app.push_screen(LimitSignaturePage())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "limits":
            return any(map(self.may, (Permission.DECIDE_LIMITS, *SIGNING)))
        if action == "rules":
            return self.may(Permission.MANAGE_LIMIT_RULES)
        return super().check_action(action, parameters)

    def action_rules(self) -> None:
        """Changes of the rules of limits that wait for a signature."""
        self.app.push_screen(PolicyVersions("limits"))

    def _count(self) -> None:
        """How many changes of limits wait on the page behind l, and of their rules on that behind v."""

        def count() -> tuple[Page[WaitingLimits | AlteredLimits] | None, int]:
            found = limits_waiting(self.desk) if self.check_action("limits", ()) else None
            return found, len(waiting_for(self))

        def show(found: tuple[Page[WaitingLimits | AlteredLimits] | None, int]) -> None:
            page, rules = found
            line = [heading(tr(self.TITLE))]
            if page is not None and page.items:
                more = "+" if page.next else ""
                words = tr("{count:limit change|limit changes}: l", count=f"{len(page.items)}{more}")
                line.append(status(">", words, Tone.ACCENT))
            if rules:
                words = tr("{count:change|changes} of rules: v", count=rules)
                line.append(status(">", words, Tone.ACCENT))
            self.query_one(".heading", Static).update(Content("   ").join(line))

        if self.is_current:
            self.work(count, show, group="limits")

    def find(self, cursor: str | None) -> Page[WaitingRow | AlteredRow]:
        return waiting(self.desk, cursor)

    def cells(self, row: WaitingRow | AlteredRow) -> tuple[Content | str, ...]:
        standing = self.signing.standing(row)
        if row.altered:
            return row.number, row.customer, "", "", standing, "", ""
        request = row.request
        signed = tr("{signed} of {needed}", signed=request.signed, needed=request.needed)
        expires = on_day(request.expires_at, self.zone)
        return row.number, row.customer, amount(row.limit), signed, standing, request.maker, expires

    def open(self, row: WaitingRow | AlteredRow) -> None:
        application = row.application
        if row.altered:
            self.say_below(altered_text(row))
        if application is not None:
            self.work(lambda: look(self.desk, application), lambda file: self._show(file, row))

    def _show(self, file: ReviewFile, row: WaitingRow | AlteredRow) -> None:
        self.app.push_screen(SignatureSheet(file, row, self.said))


class SignatureSheet(Sheet, SigningKeys[WaitingRow]):
    """The whole file behind a request, to be looked at before signing."""

    PAGE = "signatures"
    HELP = mark("The file as it stands now. g signs what is proposed, f refuses with a note, t takes your own back.")
    BINDINGS: ClassVar[list[BindingType]] = [Binding("w", "why", mark("Why"))]

    def __init__(self, file: ReviewFile, row: WaitingRow | AlteredRow, then: Callable[[Content], None]) -> None:
        super().__init__(file)
        self._row = row
        self._then = then
        self.signing = LimitSigning(self)

    @property
    def at_hand(self) -> WaitingRow | AlteredRow:
        return self._row

    def load(self) -> None:
        self.say(self.signing.standing(self._row))

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

    def said(self, said: Content) -> None:
        self.dismiss()
        self._then(said)
