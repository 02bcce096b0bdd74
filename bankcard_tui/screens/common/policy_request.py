"""A change of the policy that waits: what it changes, what it would do, and the signature under it."""

from __future__ import annotations

from functools import partial
from typing import ClassVar
from zoneinfo import ZoneInfo

from textual.binding import BindingType
from textual.content import Content

from bankcard_tui.desk.results import RequestView
from bankcard_tui.locale import mark, say, tr
from bankcard_tui.rules.terms import RequestStatus
from bankcard_tui.screens.common.lines import Say, text
from bankcard_tui.screens.common.policy_tried import Trying
from bankcard_tui.screens.common.policy_words import difference_lines
from bankcard_tui.screens.common.signing import Signing, SigningKeys
from bankcard_tui.services.policies import try_out
from bankcard_tui.services.policy_views import Tried, WaitingChange
from bankcard_tui.widgets.dialogs import Words
from bankcard_tui.widgets.facts import Pair, fact_lines
from bankcard_tui.widgets.labels import badge, day, moment
from bankcard_tui.widgets.lined import Lines
from bankcard_tui.widgets.safe import Tone, heading, safe, status, toned


class PolicySigning(Signing[WaitingChange]):
    """Offers to sign, to refuse and to take back a change of the policy."""

    sign_title = mark("Sign this change of the policy?")
    refused_hint = mark("The colleague who asked reads it in the log.")

    def can_sign(self, row: WaitingChange) -> bool:
        return row.mine_to_sign

    def can_refuse(self, row: WaitingChange) -> bool:
        return row.mine_to_sign

    def describe(self, row: WaitingChange) -> str:
        at = self.at(row.request)
        lines = [
            title_of(row),
            from_words(row),
            tr("Asked by {name}, {time}", name=row.request.maker, time=at),
            tr("Note: {note}", note=row.note),
        ]
        return "\n".join(lines)

    def refusal(self, row: WaitingChange) -> tuple[Words, Words]:
        title = partial(tr, mark("Refuse to sign: {name}"), name=title_of(row))
        return title, partial(tr, mark("The policy stays as it is."))

    def outcome(self, row: WaitingChange, request: RequestView) -> Content:
        what = Content.assemble(safe(title_of(row)), "  ")
        if request.status is RequestStatus.PENDING:
            words = tr("signed, {signed} of {needed}", signed=request.signed, needed=request.needed)
            return Content.assemble(what, status("~", words, Tone.ACCENT))
        if request.status is RequestStatus.DONE:
            return Content.assemble(what, status("+", tr("signed: {from_when}", from_when=from_words(row)), Tone.GOOD))
        if request.status is RequestStatus.FAILED:
            failed = status("x", tr("signed, but it does not hold any more:"), Tone.BAD)
            return Content.assemble(what, failed, " ", safe(" ".join(map(say, request.problem))))
        return Content.assemble(what, badge(request.status), "  ", toned(tr("nothing is changed"), Tone.MUTED))

    def at(self, request: RequestView) -> str:
        """When it was asked for, at the branch."""
        return moment(request.made_at, ZoneInfo(self._screen.zone))


def title_of(row: WaitingChange) -> str:
    """How much is to be changed."""
    return tr("{count:change|changes} of the policy", count=len(row.changes))


def from_words(row: WaitingChange) -> str:
    """From when on it is to be in force."""
    if row.from_day is None:
        return tr("in force as soon as it is signed")
    return tr("in force from {day}", day=day(row.from_day))


class PolicyRequest(Trying, SigningKeys[WaitingChange]):
    """One change that waits, tried on the portfolio as it is now."""

    HELP = mark(
        "What a colleague wants to change, and what it would do to the limits of all accounts if they were evaluated "
        "again now. g signs it, f refuses with a note, t takes your own request back. Nobody signs what they asked "
        "for.\n"
        "m lists the accounts whose limits differ most. j k and PgDn PgUp scroll."
    )
    BINDINGS: ClassVar[list[BindingType]] = []
    signing: PolicySigning

    def __init__(self, page: str, row: WaitingChange, then: Say) -> None:
        super().__init__(page)
        self._row = row
        self._then = then
        self.signing = PolicySigning(self)

    @property
    def at_hand(self) -> WaitingChange:
        return self._row

    def ask(self) -> Tried:
        return try_out(self.desk, self._row.changes, self._row.from_day)

    def head(self, width: int) -> Lines:
        row = self._row
        pairs: list[Pair] = [
            (mark("Asked by"), f"{row.request.maker}, {self.signing.at(row.request)}"),
            (mark("Takes force"), from_words(row)),
            (mark("Note"), row.note),
            (mark("For you"), self.signing.standing(row)),
        ]
        lines = [heading(title_of(row)), *fact_lines(pairs, width)]
        for problem in row.problem:
            lines += text(say(problem), width, Tone.WARNING, "!")
        return [*lines, Content(), *difference_lines(row.differences, width)]

    def said(self, said: Content) -> None:
        self.dismiss()
        self._then(said)
