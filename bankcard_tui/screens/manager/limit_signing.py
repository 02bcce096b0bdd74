"""Signing changes of limits that a colleague has signed: who may, and the words for it."""

from __future__ import annotations

from functools import partial

from textual.content import Content

from bankcard_tui.desk.results import RequestView
from bankcard_tui.locale import mark, say, tr
from bankcard_tui.rules.terms import RequestStatus
from bankcard_tui.screens.common.signing import Signing
from bankcard_tui.screens.manager.facts_text import on_day
from bankcard_tui.screens.manager.limit_text import large_lines
from bankcard_tui.services.four_eyes import SIGNING
from bankcard_tui.services.limit_views import ProposalTotals
from bankcard_tui.services.limit_waiting import WaitingLimits
from bankcard_tui.widgets.dialogs import Words
from bankcard_tui.widgets.labels import amount, badge
from bankcard_tui.widgets.safe import Tone, safe, status, toned


class ChangeSigning(Signing[WaitingLimits]):
    """Offers to sign, to refuse and to take back one change of a limit, or a batch of them."""

    sign_title = mark("Sign this change of limits?")
    refused_hint = mark("What is in it is decided anew.")

    def can_sign(self, row: WaitingLimits) -> bool:
        return row.mine_to_sign

    def can_refuse(self, row: WaitingLimits) -> bool:
        return not row.mine and any(map(self._screen.may, SIGNING))

    def describe(self, row: WaitingLimits) -> str:
        """The request in a few lines: for whom, how much, by whom."""
        request = row.request
        lines = [
            *described(row),
            tr("Proposed by {name}, {day}", name=request.maker, day=on_day(request.made_at, self._screen.zone)),
            tr("Signed: {signed} of {needed}", signed=request.signed, needed=request.needed),
        ]
        if row.note:
            lines.append(tr("Note: {note}", note=row.note))
        return "\n".join(lines)

    def refusal(self, row: WaitingLimits) -> tuple[Words, Words]:
        return partial(tr, mark("Refuse to sign: {name}"), name=about(row)), lambda: "\n".join(described(row))

    def outcome(self, row: WaitingLimits, request: RequestView) -> Content:
        """What came of a signature, a refusal or a withdrawal, in one line."""
        name = Content.assemble(safe(about(row)), "  ")
        if request.status is RequestStatus.PENDING:
            words = tr("signed, {signed} of {needed}", signed=request.signed, needed=request.needed)
            return Content.assemble(name, status("~", words, Tone.ACCENT))
        if request.status is RequestStatus.DONE:
            words = tr("{count:limit is changed|limits are changed}", count=row.totals.count)
            return Content.assemble(name, status("+", words, Tone.GOOD))
        if request.status is RequestStatus.FAILED:
            failed = status("x", tr("signed, but it does not hold any more:"), Tone.BAD)
            return Content.assemble(name, failed, " ", safe(" ".join(map(say, request.problem))))
        return Content.assemble(
            name, badge(request.status), "  ", toned(tr("it waits to be decided again"), Tone.MUTED)
        )


def about(row: WaitingLimits) -> str:
    """Whose limit it is, or how many are in the batch."""
    if row.proposal is not None:
        return row.proposal.customer
    return tr("batch of {count}", count=row.totals.count)


def described(row: WaitingLimits) -> list[str]:
    """What would be changed, in a line or two."""
    if row.proposal is not None:
        kind, amounts = large_lines(row.proposal, row.amount)
        return [f"{row.proposal.customer}   {row.proposal.last4}", f"{kind}  {amounts}"]
    return [about(row), totals_words(row.totals)]


def totals_words(totals: ProposalTotals) -> str:
    """How many limits rise and fall, and by how much."""
    parts = []
    if totals.raises + totals.others:
        count, rise = totals.raises + totals.others, amount(totals.raised)
        parts.append(tr("{count:limit rises|limits rise}, by {amount} yuan in all", count=count, amount=rise))
    if totals.reductions:
        fall = amount(totals.reduced)
        parts.append(
            tr("{count:limit falls|limits fall}, by {amount} yuan in all", count=totals.reductions, amount=fall)
        )
    return "; ".join(parts)
