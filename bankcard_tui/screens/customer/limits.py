"""The customer's limits in words: how much, what beside it, what happened and why, and what was asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

from textual.content import Content

from bankcard_tui.locale import LIST, language, say, tr
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import LimitChangeKind, ProposalState
from bankcard_tui.screens.common.credit_file_story import PROPOSAL_TONES, change_status
from bankcard_tui.screens.common.credit_file_text import special_line
from bankcard_tui.screens.customer.parts import local_day, yuan
from bankcard_tui.services.limit_views import ChangeView, LimitView, ProposalView
from bankcard_tui.services.messages import MessageView
from bankcard_tui.widgets.charts import limit_use
from bankcard_tui.widgets.facts import Pair
from bankcard_tui.widgets.labels import amount, day, label
from bankcard_tui.widgets.safe import Tone, heading, safe, safe_lines, status, toned

NEWS_DAYS = 30
"""For how long the first page tells of a changed limit or an answer."""

Told = Mapping[UUID, Sequence[MessageView]]
"""The messages about a change, by its id."""


def limit_lines(limit: LimitView, whole: Money) -> list[Content]:
    """The limit in large, what may be owed in all, how much is used, and when it is looked at again.

    What is owed is known for all cards together: ``whole`` is what may be owed on all of them.
    """
    first = heading(tr("Limit {amount}", amount=yuan(limit.limit)))
    lines = [first]
    if limit.total != limit.limit:
        lines.append(safe(tr("With what is granted beside it {amount} today.", amount=yuan(limit.total))))
    lines += [special_line(special) for special in limit.specials if special.running]
    if limit.owed is not None and limit.owed_in is not None:
        month = toned(tr("all cards, at the end of {month}", month=f"{limit.owed_in:%Y-%m}"), Tone.MUTED)
        lines.append(Content.assemble(limit_use(limit.owed, whole), "  ", month))
    again = tr("It is looked at again by the bank from {day} on.", day=day(limit.evaluated_again_on))
    return [*lines, toned(again, Tone.MUTED)]


def history_pairs(limit: LimitView, told: Told, zone: str) -> list[Pair]:
    """Each change with its reasons, and how the message about it stands; the newest first."""
    pairs: list[Pair] = []
    for change in limit.history:
        pairs.append((local_day(change.at, zone), change_status(change)))
        pairs += [("", safe(say(reason))) for reason in change.reason]
        stands = [_delivery(message) for message in told.get(change.id, ())]
        if stands:
            pairs.append(("", toned(tr("Told: {how}", how=LIST[language()].join(stands)), Tone.MUTED)))
    return pairs


def _delivery(message: MessageView) -> str:
    if message.kind is None:
        return tr("on this page alone")
    return tr("{channel} ({state})", channel=label(message.kind), state=label(message.state))


def wish(asked: ProposalView) -> str:
    """What was asked for, in one sentence."""
    if asked.kind is LimitChangeKind.TEMPORARY and asked.until is not None:
        return tr("{amount} yuan more until {day}", amount=amount(asked.amount), day=day(asked.until))
    if asked.kind is LimitChangeKind.PLAN and asked.purpose is not None:
        months = asked.months or 0
        return tr(
            "{purpose}: {amount} yuan over {months:month|months}",
            purpose=label(asked.purpose),
            amount=amount(asked.amount),
            months=months,
        )
    return tr("a limit of {amount} yuan", amount=amount(asked.amount))


def ask_pairs(asks: Sequence[ProposalView], zone: str) -> list[Pair]:
    """What was asked for, how it stands, and the answer."""
    pairs: list[Pair] = []
    for asked in asks:
        symbol, tone = PROPOSAL_TONES[asked.state]
        stands = status(symbol, _stands(asked.state), tone)
        pairs.append((local_day(asked.made_at, zone), Content.assemble(safe(wish(asked)), "  ", stands)))
        if asked.monthly is not None:
            pairs.append(("", tr("{amount} yuan a month", amount=amount(asked.monthly))))
        if asked.said:
            pairs.append(("", toned(asked.said, Tone.MUTED)))
        if asked.answer:
            pairs.append(("", safe_lines(tr("Answer: {words}", words=asked.answer))))
    return pairs


def _stands(state: ProposalState) -> str:
    return tr("waits for a manager") if state is ProposalState.OPEN else label(state)


def news(limits: Sequence[LimitView], asks: Sequence[ProposalView], today: date, zone: str) -> list[Content]:
    """What the first page tells: limits changed of late, and what was asked for that waits or was answered of late."""
    since = day(today - timedelta(days=NEWS_DAYS))
    changes = [each for limit in limits for each in limit.history if each.kind is not LimitChangeKind.GRANTED]
    lines = [
        Content.assemble(toned(local_day(each.at, zone), Tone.MUTED), "  ", change_status(each))
        for each in changes
        if local_day(each.at, zone) >= since
    ]
    for asked in asks:
        waits = asked.state is ProposalState.OPEN
        if waits or (asked.state is ProposalState.REFUSED and local_day(asked.ended_at, zone) >= since):
            symbol, tone = PROPOSAL_TONES[asked.state]
            when = toned(local_day(asked.made_at, zone), Tone.MUTED)
            said = tr("You asked for {what}", what=wish(asked))
            lines.append(Content.assemble(when, "  ", said, "  ", status(symbol, _stands(asked.state), tone)))
    return lines


def told_of(changes: Sequence[ChangeView], messages: Sequence[MessageView]) -> dict[UUID, list[MessageView]]:
    """The messages by the change that they tell of."""
    return {each.id: [message for message in messages if message.change == each.id] for each in changes}
