"""Which points card gives opinions: two people put a trained one in force, or go back to the expert's."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from bankcard_tui.desk.desk import Desk, Subject
from bankcard_tui.desk.operation import operation
from bankcard_tui.errors import Conflict, Refused
from bankcard_tui.models.scorecard import ScorecardVersion
from bankcard_tui.rules.free_text import free_line
from bankcard_tui.rules.terms import CardState
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.four_eyes import SIGNED_WITH
from bankcard_tui.services.scorecards import (
    APPROVE,
    CARD_KIND,
    CardRow,
    checked_card,
    claiming_force,
    expert_row,
    fits,
    is_allowed,
    mark_card,
    record_in_force,
    row_of_card,
    trained_card,
)


def _to_approve(desk: Desk, arguments: dict[str, Any]) -> Subject:
    """The card named by the argument ``scorecard``, which is nobody's own. With another card in force since it was
    asked for, the question is another one.
    """
    return Subject(CARD_KIND, trained_card(desk, arguments["scorecard"]).id, None, b"", _version_in_force(desk))


def _to_retire(desk: Desk, arguments: dict[str, Any]) -> Subject:
    found = claiming_force(desk)
    return Subject(CARD_KIND, found[0].id if found else desk.branch_id, None, b"", found[0].version if found else 0)


def _version_in_force(desk: Desk) -> int:
    record = record_in_force(desk)
    return record.version if record else 0


def _two_people(desk: Desk, arguments: dict[str, Any]) -> tuple[Permission, ...]:
    return SIGNED_WITH[CARD_KIND]


@operation(APPROVE, allow=Permission.APPROVE_CARDS, subject=_to_approve, signatures=_two_people)
def approve_card(desk: Desk, scorecard: UUID, note: str = "") -> CardRow:
    """Put a trained points card in force: with the second person's signature it gives opinions."""
    record = trained_card(desk, scorecard)
    checked = checked_card(desk, record)
    if record.state is CardState.IN_FORCE:
        raise Conflict(
            "This points card gives opinions already.", hint="Choose another card.", code="conflict.in_force"
        )
    if not is_allowed(desk, checked.card):
        raise Refused(
            "This points card rests on age, which the policy leaves out.",
            hint="Train a new one: it does without.",
            code="refused.card_asks",
        )
    before = record_in_force(desk)
    if before is not None:
        _retire(desk, before)
    record.state, record.in_force_from, record.retired_at = CardState.IN_FORCE, desk.now, None
    record.request_id = desk.work.request
    mark_card(desk, record)
    desk.note(
        card=checked.card.name, digest=checked.digest, before=before.version if before else 0, note=_checked(note)
    )
    return row_of_card(desk, record)


@operation("scorecard.retire", allow=Permission.APPROVE_CARDS, subject=_to_retire, signatures=_two_people)
def retire_card(desk: Desk, note: str = "") -> CardRow:
    """Retire the trained points card in force: with the second person's signature the expert's gives opinions again.

    Where somebody has put a second one beside it past the program, both are retired.
    """
    found = claiming_force(desk)
    if not found:
        raise Conflict(
            "No trained points card is in force.",
            hint="The expert's card gives opinions already.",
            code="conflict.none_in_force",
        )
    for each in found:
        _retire(desk, each)
    desk.note(
        version=" ".join(str(each.version) for each in found),
        digest=" ".join(each.digest for each in found),
        note=_checked(note),
    )
    desk.db.flush()
    return expert_row(desk)


def _retire(desk: Desk, record: ScorecardVersion) -> None:
    """A card that was altered can be retired too, and stays without a mark that fits it."""
    sound = fits(desk, record)
    record.state, record.retired_at = CardState.RETIRED, desk.now
    if sound:
        mark_card(desk, record)


def _checked(note: str) -> str:
    return free_line("note", note, most=500, required=False)
