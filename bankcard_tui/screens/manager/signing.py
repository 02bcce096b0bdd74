"""Signing what a colleague proposes: the questions and what comes of them, for the list and for the open file."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import partial

from textual.content import Content

from bankcard_tui.desk.results import RequestView, Result
from bankcard_tui.errors import BankError, Conflict
from bankcard_tui.locale import mark, say, tr
from bankcard_tui.rules.terms import RequestStatus
from bankcard_tui.screens.common.base import DeskScreen
from bankcard_tui.screens.manager.facts_text import on_day
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.requests import AlteredRow, WaitingRow, refuse, sign, withdraw
from bankcard_tui.widgets.dialogs import Ask, Confirm, Words
from bankcard_tui.widgets.errands import SESSION_PROBLEMS, tell
from bankcard_tui.widgets.fields import Field
from bankcard_tui.widgets.labels import amount, badge
from bankcard_tui.widgets.safe import Tone, safe, status, toned

Then = Callable[[Content], None]
"""Gets what came of it, to be shown."""


class Signing:
    """Offers to sign, to refuse and to take back on a screen; the operations themselves decide who may."""

    def __init__(self, screen: DeskScreen) -> None:
        self._screen = screen

    def offers(self, action: str, row: WaitingRow | AlteredRow | None) -> bool:
        """Whether ``action`` (give, refuse, take_back) has anything to do for this row and person."""
        if row is None or row.altered:
            return False
        if action == "take_back":
            return row.mine
        return self.can_sign(row) if action == "give" else self.can_refuse(row)

    def can_sign(self, row: WaitingRow) -> bool:
        """Whether the next signature may be this person's."""
        signed = self._screen.shell.who.name in row.request.signers
        return not row.mine and not signed and self._screen.may(row.next_permission)

    def can_refuse(self, row: WaitingRow) -> bool:
        """Whether this person may end the request by refusing to sign."""
        return not row.mine and (self._screen.may(Permission.SIGN_SECOND) or self._screen.may(Permission.SIGN_THIRD))

    def standing(self, row: WaitingRow | AlteredRow) -> Content:
        """What this person has to do with the request, as symbol, word and colour."""
        if row.altered:
            return status("!", tr("altered in the store"), Tone.BAD)
        if row.mine:
            return status("~", tr("waits for others"), Tone.MUTED)
        if self.can_sign(row):
            return status(">", tr("to be signed by you"), Tone.ACCENT)
        if self._screen.shell.who.name in row.request.signers:
            return status("+", tr("signed by you"), Tone.MUTED)
        return status("-", tr("not yours to sign"), Tone.MUTED)

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

    def ask_to_sign(self, row: WaitingRow, then: Then) -> None:
        """Confirm, then sign."""
        self._confirm(lambda: tr("Sign this limit?"), row, lambda: tr("Sign"), sign, then)

    def ask_to_take_back(self, row: WaitingRow, then: Then) -> None:
        """Confirm, then take one's own request back."""
        self._confirm(lambda: tr("Take your request back?"), row, lambda: tr("Take back"), withdraw, then)

    def ask_to_refuse(self, row: WaitingRow, then: Then) -> None:
        """Ask why, then refuse to sign."""

        def send(values: dict[str, object], key: str) -> RequestView:
            return refuse(self._screen.desk.once(key), row.request.id, str(values["note"])).view

        def answered(request: RequestView | None) -> None:
            if request is not None:
                then(outcome(row, request))

        fields = [Field("note", mark("Why not"), hint=mark("The application goes back to the queue."), most=500)]
        title = partial(tr, mark("Refuse to sign: {name}"), name=row.customer)
        body = partial(tr, mark("Limit: {amount} yuan"), amount=amount(row.limit))
        self._screen.app.push_screen(Ask(title, fields, send, body=body, submit=mark("Refuse to sign")), answered)

    def _confirm(
        self,
        title: Words,
        row: WaitingRow,
        yes: Words,
        write: Callable[..., Result[RequestView]],
        then: Then,
    ) -> None:
        key = uuid.uuid4().hex

        def failed(error: BankError) -> None:
            if isinstance(error, Conflict):
                then(status("!", tr("This request does not wait any more."), Tone.WARNING))
            elif not isinstance(error, SESSION_PROBLEMS):
                tell(self._screen.app, error)

        def answered(confirmed: bool | None) -> None:
            if confirmed:
                self._screen.work(
                    lambda: write(self._screen.desk.once(key), row.request.id).view,
                    lambda request: then(outcome(row, request)),
                    on_problem=failed,
                    group="sign",
                )

        self._screen.app.push_screen(Confirm(title, lambda: self.describe(row), yes, destructive=False), answered)


def outcome(row: WaitingRow, request: RequestView) -> Content:
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
