"""The points cards of the branch: which one gives opinions, and those that were trained."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import bindparam, select

from bankcard_tui.desk.desk import Desk
from bankcard_tui.errors import VerificationFailed
from bankcard_tui.models.base import table
from bankcard_tui.models.scorecard import ScorecardVersion
from bankcard_tui.rules.expert import expert_card
from bankcard_tui.rules.policy import Policy
from bankcard_tui.rules.scorecard import Scorecard
from bankcard_tui.rules.scorecard_json import card_from_json, digest_of
from bankcard_tui.rules.terms import CardState
from bankcard_tui.store.types import micros_of

SCORECARD = table(ScorecardVersion)
_IN_FORCE = select(ScorecardVersion).where(
    SCORECARD.c.branch_id == bindparam("branch"), SCORECARD.c.state == CardState.IN_FORCE
)


@dataclass(frozen=True, slots=True)
class InForce:
    """The card that gives opinions, and the digest of what it says."""

    card: Scorecard
    digest: str


def card_in_force(desk: Desk) -> InForce:
    """The trained card that was approved, or the expert's. Raises VerificationFailed where somebody has altered it."""
    record = desk.db.scalars(_IN_FORCE, {"branch": desk.branch_id}).one_or_none()
    return _expert(desk.policy) if record is None else checked_card(desk, record)


def checked_card(desk: Desk, record: ScorecardVersion) -> InForce:
    """The card of a row. Raises VerificationFailed where somebody has altered the row."""
    if not desk.keys.row_fits(record.mark, "scorecard", _marked(record)):
        raise VerificationFailed(
            "The points card {number} was altered in the store.",
            hint="Nothing rests on it any more. Tell your administrator; a backup holds the card as it was.",
            code="card.altered",
            number=record.version,
        )
    return InForce(_read(record.card), record.digest)


def mark_card(desk: Desk, record: ScorecardVersion) -> None:
    """Put the mark under a row as it stands now."""
    record.mark = desk.keys.row_mark("scorecard", _marked(record))


def _marked(record: ScorecardVersion) -> list[object]:
    times = (record.trained_at, record.in_force_from, record.retired_at)
    return [
        record.id.bytes,
        record.branch_id.bytes,
        record.version,
        str(record.state),
        record.card,
        record.digest,
        record.trained_by.bytes,
        record.request_id.bytes if record.request_id else None,
        *(micros_of(each) if each else None for each in times),
    ]


@lru_cache(maxsize=8)
def _read(text: str) -> Scorecard:
    return card_from_json(text)


def _expert(policy: Policy) -> InForce:
    """The expert's card of ``policy``, made once for each policy that is in use."""
    known = _EXPERTS.get(id(policy))
    if known is None or known[0] is not policy:
        card = expert_card(policy)
        _EXPERTS.clear()
        known = _EXPERTS[id(policy)] = (policy, InForce(card, digest_of(card)))
    return known[1]


_EXPERTS: dict[int, tuple[Policy, InForce]] = {}
"""The policy itself is kept beside its card: what was thrown away lends its id to another."""
