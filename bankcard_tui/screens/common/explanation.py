"""A decision explained to the person concerned, and the way to another look: on the own page and at the counter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from textual.content import Content

from bankcard_tui.desk.desk import Desk
from bankcard_tui.errors import Phrase
from bankcard_tui.locale import mark, say, tr
from bankcard_tui.rules.terms import ApplicationStatus, Decision, RefusalReason
from bankcard_tui.services.application_views import MoveView, second_look
from bankcard_tui.services.explanations import DecisionExplained, Explanation, Weighed, ask_again
from bankcard_tui.widgets.dialogs import Ask, LongMessage
from bankcard_tui.widgets.fields import Field
from bankcard_tui.widgets.labels import amount, badge, count, day, label
from bankcard_tui.widgets.safe import Tone, heading, safe, safe_lines, status, toned

REASONS: Final = {
    RefusalReason.INCOME: mark("Your income is not high enough for this card, or it could not be confirmed."),
    RefusalReason.DEBT_SERVICE: mark("Too much of your income already goes into paying back debts."),
    RefusalReason.OVERDUE_HISTORY: mark("Earlier payments came late."),
    RefusalReason.IDENTITY: mark("Your identity could not be confirmed."),
    RefusalReason.DOCUMENTS: mark("Documents were missing or could not be accepted."),
    RefusalReason.TOTAL_LIMIT: mark("Your cards together have reached the highest limit that we can give you."),
    RefusalReason.RISK: mark("All in all, the risk was too high at this time."),
    RefusalReason.OTHER: mark("There was another reason; the bank says which below."),
}
"""Each reason of a refusal as a sentence to the customer."""

_WAITS: Final = {
    ApplicationStatus.SUBMITTED: mark("It waits for a manager of the bank, who will decide."),
    ApplicationStatus.RETURNED: mark("First the bank needs something more from you."),
    ApplicationStatus.WITHDRAWN: mark("It was withdrawn before anybody decided."),
}
_PROPOSED: Final = {
    Decision.APPROVE: mark("It proposed to approve."),
    Decision.REFUSE: mark("It proposed to refuse."),
    Decision.RETURN: mark("It proposed to ask for more papers first."),
}
_NEVER: Final = mark("Sex, ethnicity, religion and marital status never count.")

Block = list[Content]


def explanation_dialog(explanation: Explanation, zone: str) -> LongMessage:
    """The explanation, to be read; ``zone`` is the branch's."""
    return LongMessage(
        lambda: tr("Application {number}, explained", number=explanation.number),
        lambda: explanation_text(explanation, zone),
    )


def explanation_text(explanation: Explanation, zone: str) -> Content:
    """Who decided and why, what the aid had said, and what can be done about it, in plain words."""
    decided = explanation.decided
    blocks = [_open(explanation)] if decided is None else _decided(explanation, decided, zone)
    return Content("\n\n").join(Content("\n").join(block) for block in blocks if block)


def another_look(desk: Desk, application: UUID) -> Ask:
    """The question with which a customer, or a teller for one, asks for another look; dismisses with the row."""

    def send(values: dict[str, object], key: str) -> Any:
        return ask_again(desk.once(key), application, str(values["words"])).view

    words = Field("words", mark("In your words"), "text", mark("Tab goes on to the button."), most=2000)
    return Ask(
        lambda: tr("Have it looked at again"),
        [words],
        send,
        body=lambda: tr(
            "Somebody else than the manager who refused it looks at it and decides. This can be asked once. "
            "Say what should be seen differently, or what has changed."
        ),
        submit=mark("Ask for it"),
    )


def step_badge(moves: Sequence[MoveView], place: int) -> Content:
    """What the step at ``place`` of a history is called: after a refusal, submitted means that another look was asked
    for.
    """
    pair = second_look(moves)
    if pair is not None and moves[place] is pair[1]:
        return status(">", tr("Another look asked for"), Tone.ACCENT)
    return badge(moves[place].status)


def _open(explanation: Explanation) -> Block:
    reviewer = explanation.reviewer
    waits = _WAITS.get(explanation.status, _WAITS[ApplicationStatus.SUBMITTED])
    stands = tr("{name} is looking at it.", name=reviewer) if reviewer else tr(waits)
    return [
        heading(tr("Nothing is decided.")),
        safe(stands),
        Content(),
        safe(tr("A points card gives advice to the manager. A person decides, and the name will stand here.")),
        safe(tr(_NEVER)),
    ]


def _decided(explanation: Explanation, decided: DecisionExplained, zone: str) -> list[Block]:
    refused = decided.decision is Decision.REFUSE
    until = explanation.ask_again_until
    return [
        _again(explanation),
        _decision(decided, zone),
        _advice(decided),
        _list(tr("What counted against you, the weightiest first"), "-", Tone.WARNING, _facts(decided.against)),
        _list(tr("What counted for you, the weightiest first"), "+", Tone.GOOD, _facts(decided.in_favour)),
        _list(tr("Rules of the bank that stood in the way"), "x", Tone.WARNING, _sentences(decided.rules)),
        _list(tr("What was not known or not checked"), "?", Tone.ACCENT, _sentences(decided.to_bring)),
        [safe(tr("Bring the proof to the counter; it counts from the next decision on."))] if decided.to_bring else [],
        [safe(tr(_NEVER))],
        [safe(tr("This says what weighed. It is no promise that another fact would have changed it."))]
        if refused
        else [],
        [safe(tr("Until {day} you can ask that somebody else looks at it again.", day=day(until)))] if until else [],
        [
            toned(
                tr(
                    "Points card {card}, policy version {version}.",
                    card=decided.card,
                    version=decided.policy_version,
                ),
                Tone.MUTED,
            )
        ],
    ]


def _again(explanation: Explanation) -> Block:
    if not explanation.asked_again:
        return []
    first = heading(tr("It is being looked at again."))
    by = explanation.reviewer
    second = tr("{name} is looking at it.", name=by) if by else tr("It waits for a manager who did not refuse it.")
    return [first, safe(second), safe(tr("Until then this is the decision:"))]


def _decision(decided: DecisionExplained, zone: str) -> Block:
    on = day(decided.at.astimezone(ZoneInfo(zone)).date())
    if decided.decision is Decision.APPROVE:
        said = tr("{name} approved your application on {day}.", name=decided.by, day=on)
    else:
        said = tr("{name} refused your application on {day}.", name=decided.by, day=on)
    return [
        heading(said),
        *([safe(tr("The limit is {amount} yuan.", amount=amount(decided.limit)))] if decided.limit else []),
        *(safe(tr(REASONS[reason])) for reason in decided.reasons),
        *([safe_lines(decided.message)] if decided.message else []),
    ]


def _advice(decided: DecisionExplained) -> Block:
    gave = tr("It gave {points:point|points}: grade {grade}.", points=decided.points, grade=label(decided.grade))
    rests = (
        tr(
            "It rests on the experience of the bank and on how {customers:known customer|known customers} paid.",
            customers=count(decided.customers),
        )
        if decided.customers
        else tr("It rests on the experience of the bank.")
    )
    only = tr("It only advises: {name} decided.", name=decided.by)
    return [
        heading(tr("What the points card had said")),
        *map(safe, (gave, tr(_PROPOSED[decided.proposal]), only, rests)),
    ]


def _list(title: str, symbol: str, tone: Tone, lines: Sequence[Content]) -> Block:
    if not lines:
        return []
    return [heading(title), *(Content.assemble((f"{symbol} ", f"bold {tone}"), line) for line in lines)]


def _facts(weighed: Sequence[Weighed]) -> list[Content]:
    return [_fact(each) for each in weighed]


def _fact(weighed: Weighed) -> Content:
    fact = safe(say(weighed.fact))
    if not weighed.cases:
        return fact
    alike = tr(
        "of {cases:customer|customers} alike, {bad} fell far behind with paying",
        cases=count(weighed.cases),
        bad=count(weighed.bad),
    )
    return Content.assemble(fact, "\n  ", toned(alike, Tone.MUTED))


def _sentences(phrases: Sequence[Phrase]) -> list[Content]:
    return [safe(say(each)) for each in phrases]
