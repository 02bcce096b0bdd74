"""Signing a limit that a colleague proposes: who may, and the words for it."""

from __future__ import annotations

from functools import partial

from textual.content import Content

from bankcard_tui.desk.results import RequestView
from bankcard_tui.locale import mark, say, tr
from bankcard_tui.rules.terms import RequestStatus
from bankcard_tui.screens.common.signing import Signing
from bankcard_tui.screens.manager.facts_text import on_day
from bankcard_tui.services.four_eyes import SIGNING
from bankcard_tui.services.requests import WaitingRow
from bankcard_tui.widgets.dialogs import Words
from bankcard_tui.widgets.labels import amount, badge
from bankcard_tui.widgets.safe import Tone, safe, status, toned


class LimitSigning(Signing[WaitingRow]):
    """Offers to sign, to refuse and to take back the limit of an application."""

    sign_title = mark("Sign this limit?")
    refused_hint = mark("The application goes back to the queue.")

    def can_sign(self, row: WaitingRow) -> bool:
        signed = self._screen.shell.who.name in row.request.signers
        return not row.mine and not signed and self._screen.may(row.next_permission)

    def can_refuse(self, row: WaitingRow) -> bool:
        return not row.mine and any(map(self._screen.may, SIGNING))

    def describe(self, row: WaitingRow) -> str:
        """The request in a few lines: for whom, how much, by whom, why."""
        request = row.request
        lines = [
            f"{row.customer}   {row.number}",
            tr("Limit: {amount} yuan", amount=amount(row.limit)),
            tr("Proposed by {name}, {day}", name=request.maker, day=on_day(request.made_at, self._screen.zone)),
            tr("Signed: {signed} of {needed}", signed=request.signed, needed=request.needed),
        ]
        if row.against_reason:
            lines.append(tr("Against the opinion: {reason}", reason=row.against_reason))
        if row.note:
            lines.append(tr("Note: {note}", note=row.note))
        return "\n".join(lines)

    def refusal(self, row: WaitingRow) -> tuple[Words, Words]:
        title = partial(tr, mark("Refuse to sign: {name}"), name=row.customer)
        return title, partial(tr, mark("Limit: {amount} yuan"), amount=amount(row.limit))

    def outcome(self, row: WaitingRow, request: RequestView) -> Content:
        """What came of a signature, a refusal or a withdrawal, in one line."""
        name = Content.assemble(safe(row.customer), f"  {row.number}  ")
        if request.status is RequestStatus.PENDING:
            words = tr("signed, {signed} of {needed}", signed=request.signed, needed=request.needed)
            return Content.assemble(name, status("~", words, Tone.ACCENT))
        if request.status is RequestStatus.DONE:
            return Content.assemble(name, status("+", tr("approved, the card is issued"), Tone.GOOD))
        if request.status is RequestStatus.FAILED:
            failed = status("x", tr("signed, but it does not hold any more:"), Tone.BAD)
            return Content.assemble(name, failed, " ", safe(" ".join(map(say, request.problem))))
        return Content.assemble(name, badge(request.status), "  ", toned(tr("it waits for a review again"), Tone.MUTED))
