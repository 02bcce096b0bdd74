"""What happened to the credit of a customer: each entry of the line of time in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from textual.content import Content

from bankcard_tui.locale import LIST, language, mark, say, tr
from bankcard_tui.rules.terms import Decision, LimitChangeKind, ProposalOrigin, ProposalState, WarningState
from bankcard_tui.screens.common.credit_file_text import day_at
from bankcard_tui.services.credit_file_views import (
    ApplicationDecided,
    CreditFile,
    DocumentSeen,
    Entry,
    FileEntry,
    IdentityChecked,
    IncomeChecked,
    LimitChanged,
    LimitProposed,
    PaidLate,
    Reevaluated,
    Told,
    Warned,
    WatchBegun,
)
from bankcard_tui.services.limit_views import ChangeView
from bankcard_tui.widgets.labels import amount, badge, day, label, percent
from bankcard_tui.widgets.lined import Lines, hanging
from bankcard_tui.widgets.safe import Tone, safe, safe_lines, status, toned

_DATE_CELLS: Final = 12
_CHECKS, _DECISIONS, _LIMITS, _WARNINGS, _MESSAGES, _OVERDUE = (
    "checks",
    "decisions",
    "limits",
    "warnings",
    "messages",
    "overdue",
)
TOPICS: Final = {
    _CHECKS: mark("Checks and documents"),
    _DECISIONS: mark("Decisions and evaluations"),
    _LIMITS: mark("Limits and proposals"),
    _WARNINGS: mark("Warnings and watch list"),
    _MESSAGES: mark("Messages"),
    _OVERDUE: mark("Payments that came late"),
}
_TOPIC_OF: Final[dict[type[FileEntry], str]] = {
    IdentityChecked: _CHECKS,
    IncomeChecked: _CHECKS,
    DocumentSeen: _CHECKS,
    ApplicationDecided: _DECISIONS,
    Reevaluated: _DECISIONS,
    LimitChanged: _LIMITS,
    LimitProposed: _LIMITS,
    Warned: _WARNINGS,
    WatchBegun: _WARNINGS,
    Told: _MESSAGES,
    PaidLate: _OVERDUE,
}
_DECIDED: Final = {
    Decision.APPROVE: ("+", mark("Application {number} approved: {amount}"), Tone.GOOD),
    Decision.REFUSE: ("x", mark("Application {number} refused"), Tone.WARNING),
    Decision.RETURN: ("!", mark("Application {number} sent back for papers"), Tone.WARNING),
}
_ASKED: Final = {
    ProposalOrigin.EVALUATION: mark("Proposed by the re-evaluation: {what}"),
    ProposalOrigin.CUSTOMER: mark("Asked for: {what}"),
    ProposalOrigin.MANAGER: mark("Proposed by a manager: {what}"),
}
PROPOSAL_TONES: Final = {
    ProposalState.OPEN: ("~", Tone.ACCENT),
    ProposalState.DONE: ("+", Tone.GOOD),
    ProposalState.REFUSED: ("x", Tone.WARNING),
    ProposalState.LAPSED: ("-", Tone.MUTED),
    ProposalState.WITHDRAWN: ("-", Tone.MUTED),
}

Said = tuple[Content, Sequence[Content]]
"""What happened, and what there is to say about it."""


def topics_in(file: CreditFile) -> list[str]:
    """The topics about which something happened, in their order."""
    found = {_TOPIC_OF[type(entry)] for entry in file.timeline}
    return [topic for topic in TOPICS if topic in found]


def story_lines(file: CreditFile, topic: str, width: int, zone: str) -> Lines:
    """The entries about ``topic`` (all of them for an empty one), the newest first."""
    lines: Lines = []
    for entry in file.timeline:
        if topic and _TOPIC_OF[type(entry)] != topic:
            continue
        what, details = _words(entry)
        by = Content.assemble("  ", toned(entry.by, Tone.MUTED)) if entry.by else Content()
        when = toned(day_at(entry.at, zone), Tone.MUTED)
        lines += hanging(Content.assemble(when, "  ", what, by), width, _DATE_CELLS)
        for detail in details:
            lines += [
                Content.assemble(" " * _DATE_CELLS, row)
                for row in detail.wrap(max(20, width - _DATE_CELLS)) or [detail]
            ]
    return lines or [toned(tr("Nothing happened yet."), Tone.MUTED)]


def _words(entry: Entry) -> Said:
    match entry:
        case IdentityChecked():
            return _identity(entry), ()
        case IncomeChecked():
            income = amount(entry.income) if entry.income is not None else ""
            source = label(entry.source) if entry.source is not None else ""
            said = tr("Income checked: {amount} a month, {source}", amount=income, source=source)
            return status("+", said, Tone.GOOD), ()
        case DocumentSeen():
            said = tr("Original seen: {document}", document=label(entry.kind))
            return Content.assemble(status("+", said, Tone.GOOD), "  ", safe(entry.reference)), ()
        case ApplicationDecided():
            return _decision(entry)
        case Reevaluated():
            return _evaluation(entry)
        case LimitChanged():
            return change_status(entry.change), [safe(say(each)) for each in entry.change.reason]
        case LimitProposed():
            return _proposal(entry)
        case Warned():
            return _warning(entry)
        case WatchBegun():
            return _watch(entry)
        case Told():
            return _message(entry), ()
        case PaidLate():
            said = tr("{days:day|days} overdue in {month}", days=entry.days_past_due, month=f"{entry.month:%Y-%m}")
            return status("!", said, Tone.WARNING), ()


def _identity(entry: IdentityChecked) -> Content:
    witnessed = (
        (entry.saw_person, mark("person")),
        (entry.saw_documents, mark("documents")),
        (entry.saw_signature, mark("signature")),
    )
    seen = tuple(safe(tr(word)).plain for found, word in witnessed if found)
    said = tr("Identity checked: {seen}", seen=LIST[language()].join(seen) or tr("nothing seen"))
    return status("+", said, Tone.GOOD) if len(seen) == len(witnessed) else status("!", said, Tone.WARNING)


def _decision(entry: ApplicationDecided) -> Said:
    symbol, template, tone = _DECIDED[entry.decision]
    granted = amount(entry.limit) if entry.limit is not None else ""
    details = [safe(label(reason)) for reason in entry.reasons]
    if entry.points is not None:
        facts = [tr("{points:point|points}", points=entry.points), label(entry.grade)]
        if entry.probability is not None:
            facts.append(tr("default risk {percent}", percent=percent(entry.probability)))
        details.append(toned(LIST[language()].join(facts), Tone.MUTED))
    if entry.against:
        details.append(toned(tr("against the opinion of the decision aid"), Tone.WARNING))
    if entry.note:
        details.append(safe_lines(entry.note))
    return status(symbol, tr(template, number=entry.number, amount=granted), tone), details


def _evaluation(entry: Reevaluated) -> Said:
    found = entry.evaluation
    what = tr("Re-evaluation of the card ending in {last4}: {result}", last4=entry.last4, result=label(found.result))
    risk = percent(found.probability)
    details = [
        tr("{points:point|points}", points=found.points),
        tr("default risk {percent}", percent=risk),
        label(found.grade),
        label(found.spending_class),
    ]
    if found.after != found.limit:
        details.append(tr("{before} to {after}", before=amount(found.limit), after=amount(found.after)))
    return status("~", what, Tone.ACCENT), [toned(LIST[language()].join(details), Tone.MUTED)]


def change_status(change: ChangeView) -> Content:
    """What happened to a limit: from how much to how much, and to when."""
    better = change.after >= change.before
    if change.kind is LimitChangeKind.GRANTED:
        moved = amount(change.after)
    else:
        moved = tr("{before} to {after}", before=amount(change.before), after=amount(change.after))
    if change.until is not None:
        said = tr("{what}: {amounts}, until {day}", what=label(change.kind), amounts=moved, day=day(change.until))
    else:
        said = tr("{what}: {amounts}", what=label(change.kind), amounts=moved)
    return status("+", said, Tone.GOOD) if better else status("-", said, Tone.WARNING)


def _proposal(entry: LimitProposed) -> Said:
    what = f"{label(entry.kind)} {amount(entry.amount)}"
    if entry.purpose is not None:
        what = f"{what} ({label(entry.purpose)})"
    symbol, tone = PROPOSAL_TONES[entry.state]
    stands = status(symbol, label(entry.state), tone)
    if entry.ended_at is not None and entry.ended_by:
        stands = Content.assemble(stands, "  ", toned(entry.ended_by, Tone.MUTED))
    details = [stands, *(safe(say(each)) for each in entry.reason)]
    if entry.said:
        details.append(safe_lines(tr("Said: {words}", words=entry.said)))
    if entry.answer:
        details.append(safe_lines(tr("Answer: {words}", words=entry.answer)))
    return safe(tr(_ASKED[entry.origin], what=what)), details


def _warning(entry: Warned) -> Said:
    done = entry.state is WarningState.DONE
    details = [safe(say(each)) for each in entry.figures]
    if done and entry.measure is not None:
        who = toned(entry.done_by, Tone.MUTED)
        details.append(Content.assemble(status("+", label(entry.measure), Tone.GOOD), "  ", who))
    elif entry.taken_by:
        details.append(status("~", tr("{name} has it", name=entry.taken_by), Tone.ACCENT))
    else:
        details.append(status("!", label(entry.state), Tone.WARNING))
    if entry.note:
        details.append(safe_lines(entry.note))
    said = tr("Warning: {what}", what=label(entry.kind))
    return status("!", said, Tone.MUTED if done else Tone.WARNING), details


def _watch(entry: WatchBegun) -> Said:
    details = [safe_lines(entry.note)] if entry.note else []
    if entry.ended_at is not None:
        details.append(toned(tr("taken off the watch list by {name}", name=entry.ended_by), Tone.MUTED))
    return status("~", tr("On the watch list until {day}", day=day(entry.until)), Tone.WARNING), details


def _message(entry: Told) -> Content:
    by = label(entry.channel) if entry.channel is not None else tr("on the own page")
    about = entry.about.removeprefix("limit.")
    known = {**{each.value: label(each) for each in LimitChangeKind}, "refused": tr("Request not granted")}
    said = safe(tr("Message by {channel}: {what}", channel=by, what=known.get(about, entry.about)))
    return Content.assemble(said, "  ", badge(entry.state))
