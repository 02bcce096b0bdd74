"""The history of an application and the documents it needs, in words for the customer."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from textual.content import Content

from bankcard_tui.locale import tr
from bankcard_tui.rules.terms import ApplicationStatus, DocumentKind
from bankcard_tui.screens.common.explanation import REASONS, step_badge
from bankcard_tui.screens.customer.parts import local_day
from bankcard_tui.services.application_views import MoveView
from bankcard_tui.services.applications import ApplicationFile
from bankcard_tui.services.customer_views import DocumentView
from bankcard_tui.widgets.facts import Pair
from bankcard_tui.widgets.labels import english, moment
from bankcard_tui.widgets.safe import Tone, safe_lines, status, toned


def history(moves: Sequence[MoveView], zone: str) -> list[Pair]:
    """Each move with its time, what happened and who did it; reasons and note under it. The newest comes first."""
    pairs: list[Pair] = []
    for place in reversed(range(len(moves))):
        move = moves[place]
        by = Content.assemble("  ", toned(move.by, Tone.MUTED))
        pairs.append((moment(move.at, ZoneInfo(zone)), Content.assemble(_what(moves, place), by)))
        pairs += [("", tr(REASONS[reason])) for reason in move.reasons]
        if move.note:
            pairs.append(("", move.note))
    return pairs


def _what(moves: Sequence[MoveView], place: int) -> Content:
    """What a move meant; submitted has four meanings, told by what came between it and the one before."""
    move = moves[place]
    before = [each.status for each in moves[:place]]
    if move.status is not ApplicationStatus.SUBMITTED or ApplicationStatus.SUBMITTED not in before:
        return step_badge(moves, place)
    between = before[len(before) - before[::-1].index(ApplicationStatus.SUBMITTED) :]
    if ApplicationStatus.REFUSED in between:
        return step_badge(moves, place)
    again = ApplicationStatus.RETURNED in between
    return status(">", tr("Sent again") if again else tr("Back in the queue"), Tone.ACCENT)


def asked_for(application: ApplicationFile) -> str:
    """What the reviewer wrote when the application was returned; empty while it is not with the customer."""
    if application.row.status is not ApplicationStatus.RETURNED:
        return ""
    return _last(application, ApplicationStatus.RETURNED).note


def refused_because(application: ApplicationFile) -> list[Content]:
    """The reasons of the refusal, and what the reviewer wrote; empty where it was not refused."""
    if application.row.status is not ApplicationStatus.REFUSED:
        return []
    refusal = _last(application, ApplicationStatus.REFUSED)
    note = [safe_lines(refusal.note)] if refusal.note else []
    return [*(Content(tr(REASONS[reason])) for reason in refusal.reasons), *note]


def _last(application: ApplicationFile, status: ApplicationStatus) -> MoveView:
    return next(move for move in reversed(application.moves) if move.status is status)


def papers(needed: Sequence[DocumentKind], documents: Sequence[DocumentView], zone: str) -> list[Pair]:
    """How it stands with each needed document, then with each other kind that is on file."""
    others = dict.fromkeys(each.kind for each in documents if each.kind not in needed)
    return [(english(kind), _paper(kind, documents, zone)) for kind in (*needed, *others)]


def _paper(kind: DocumentKind, documents: Sequence[DocumentView], zone: str) -> Content:
    held = [each for each in documents if each.kind is kind]
    seen = next((each for each in held if each.verified_at is not None), None)
    if seen is not None:
        return status("+", tr("original seen on {day}", day=local_day(seen.verified_at, zone)), Tone.GOOD)
    if held:
        return status("!", tr("on file; bring the original to the counter"), Tone.WARNING)
    return status("!", tr("missing; bring the original to the counter"), Tone.WARNING)
