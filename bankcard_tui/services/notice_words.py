"""What customers are told about their limits: a subject, a letter, and a short form for text messages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bankcard_tui.errors import Phrase
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import LimitChangeKind


@dataclass(frozen=True, slots=True)
class Words:
    """What is told; ``short`` says the same in one text message."""

    subject: Phrase
    body: tuple[Phrase, ...]
    short: tuple[Phrase, ...]


_SUBJECTS = {
    LimitChangeKind.GRANTED: Phrase("Your credit limit"),
    LimitChangeKind.RAISE: Phrase("Your credit limit was raised"),
    LimitChangeKind.REDUCTION: Phrase("Your credit limit was reduced"),
    LimitChangeKind.TEMPORARY: Phrase("Your credit limit was raised for a time"),
    LimitChangeKind.TEMPORARY_END: Phrase("Your temporary increase has ended"),
    LimitChangeKind.PLAN: Phrase("Your personal plan begins"),
    LimitChangeKind.PLAN_END: Phrase("Your personal plan has ended"),
}
_CHANGES = {
    LimitChangeKind.GRANTED: Phrase("You were granted a credit limit"),
    LimitChangeKind.RAISE: Phrase("Your credit limit was raised"),
    LimitChangeKind.REDUCTION: Phrase("Your credit limit was reduced"),
    LimitChangeKind.TEMPORARY: Phrase("Your credit limit was raised for a time"),
    LimitChangeKind.TEMPORARY_END: Phrase("Your temporary increase has ended"),
    LimitChangeKind.PLAN: Phrase("A personal plan was added to your credit limit"),
    LimitChangeKind.PLAN_END: Phrase("Your personal plan has ended"),
}
_WISHES = {
    LimitChangeKind.RAISE: Phrase("a higher limit"),
    LimitChangeKind.REDUCTION: Phrase("a lower limit"),
    LimitChangeKind.TEMPORARY: Phrase("a temporary increase"),
    LimitChangeKind.PLAN: Phrase("a personal plan"),
}


def of_change(
    bank: str,
    branch: str,
    kind: LimitChangeKind,
    before: Money,
    after: Money,
    until: date | None,
    reason: tuple[Phrase, ...],
) -> Words:
    """What a customer is told about a change; ``before`` and ``after`` are all that may be owed."""
    figures = [
        Phrase("before: {before} yuan", {"before": str(before)}),
        Phrase("now: {after} yuan", {"after": str(after)}),
    ]
    if until is not None:
        figures.append(Phrase("until {until}", {"until": until.isoformat()}))
    change = Phrase("{change} ({figures}).", {"change": _CHANGES[kind], "figures": tuple(figures)})
    body = [change]
    if reason:
        body += [Phrase("This rests on:"), *(Phrase("- {reason}", {"reason": each}) for each in reason)]
    return _words(bank, branch, _SUBJECTS[kind], tuple(body), (change, *reason))


def of_refusal(bank: str, branch: str, kind: LimitChangeKind, amount: Money, answer: str) -> Words:
    """What a customer is told who asked for a change that is not made; ``answer`` is the manager's own word."""
    values: dict[str, str | int | Phrase | tuple[Phrase, ...]] = {"wish": _WISHES[kind], "amount": str(amount)}
    said = [Phrase("You asked for {wish} of {amount} yuan. It could not be granted.", values)]
    if answer:
        said.append(Phrase("The answer of the bank: {answer}", {"answer": answer}))
    return _words(bank, branch, Phrase("The limit that you asked for"), tuple(said), tuple(said))


def _words(bank: str, branch: str, subject: Phrase, body: tuple[Phrase, ...], short: tuple[Phrase, ...]) -> Words:
    """What is told, from whom, and whom to ask."""
    at = {"bank": bank, "branch": branch}
    return Words(
        Phrase("{bank}: {subject}", {"bank": bank, "subject": subject}),
        (*body, Phrase("Questions? Ask at the counter of {branch}; this message can't be answered.", {**at})),
        (Phrase("[{bank}]", {"bank": bank}), *short, Phrase("Ask at the counter of {branch}.", {**at})),
    )
