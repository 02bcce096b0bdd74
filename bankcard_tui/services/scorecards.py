"""The points cards of the branch: which one gives opinions, and what those that were trained say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from sqlalchemy import bindparam, select

from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.operation import question
from bankcard_tui.desk.pending import REQUEST, checked_signatures, view_of, waiting_for
from bankcard_tui.desk.registry import REGISTRY
from bankcard_tui.desk.results import RequestView, View
from bankcard_tui.errors import VerificationFailed
from bankcard_tui.models.account import Account
from bankcard_tui.models.base import table
from bankcard_tui.models.scorecard import ScorecardVersion
from bankcard_tui.rules.expert import expert_card
from bankcard_tui.rules.policy import Policy
from bankcard_tui.rules.scorecard import Scorecard
from bankcard_tui.rules.scorecard_json import card_from_json, digest_of
from bankcard_tui.rules.terms import CardState, RequestStatus
from bankcard_tui.rules.training import Comparison
from bankcard_tui.security.keys import Keys
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.subjects import no_such
from bankcard_tui.store.engine import Store, any_text
from bankcard_tui.store.types import micros_of

SCORECARD = table(ScorecardVersion)
CARD_KIND = "scorecard"
"""The kind of what a request about a points card concerns."""

APPROVE = "scorecard.approve"

MOST_LISTED = 50
"""The newest trained cards that are listed; older ones are shown by their id."""

SEE_CARDS = (Permission.TRAIN_CARDS, Permission.APPROVE_CARDS)
_OF_BRANCH = select(ScorecardVersion).where(SCORECARD.c.branch_id == bindparam("branch"))
_IN_FORCE = _OF_BRANCH.where(SCORECARD.c.state == CardState.IN_FORCE).order_by(SCORECARD.c.version)
_NEWEST = _OF_BRANCH.order_by(SCORECARD.c.version.desc()).limit(MOST_LISTED)
_ONE = _OF_BRANCH.where(SCORECARD.c.id == bindparam("card"))
_SIGNED = (
    select(REQUEST.c.ended_at, REQUEST.c.id, REQUEST.c.operation, SCORECARD.c.id.label("card"))
    .join_from(SCORECARD, REQUEST, (REQUEST.c.subject_id == SCORECARD.c.id) & (REQUEST.c.subject_kind == CARD_KIND))
    .where(
        SCORECARD.c.branch_id == bindparam("branch"),
        REQUEST.c.status == RequestStatus.DONE,
        REQUEST.c.id.is_distinct_from(bindparam("but")),
    )
)


@dataclass(frozen=True, slots=True)
class InForce:
    """The card that gives opinions, and the digest of what it says."""

    card: Scorecard
    digest: str


class CardRow(View):
    """A points card in the list: ``version`` 0 without an id is the expert's card of the policy.

    ``held_out`` and ``later`` compare it with the card that was in force when it was trained. ``request`` is the
    approval or retirement that waits, with the ``note`` of whoever asked; ``altered`` says that the card or that
    request is not as it was written.
    """

    id: UUID | None
    name: str
    version: int
    state: CardState
    trained_at: datetime | None = None
    trained_by: str = ""
    in_force_from: datetime | None = None
    retired_at: datetime | None = None
    customers: int = 0
    bad: int = 0
    held_out: Comparison | None = None
    later: Comparison | None = None
    request: RequestView | None = None
    note: str = ""
    mine: bool = False
    mine_to_sign: bool = False
    altered: bool = False


class CardFile(View):
    """A points card whole, with the digest (SHA-256, hexadecimal) of what it says."""

    row: CardRow
    card: Scorecard
    digest: str


@question("scorecard.list", allow=SEE_CARDS)
def list_cards(desk: Desk) -> tuple[CardRow, ...]:
    """The points cards of the branch, the newest first and the expert's last."""
    trained = [row_of_card(desk, each) for each in desk.db.scalars(_NEWEST, {"branch": desk.branch_id})]
    return (*trained, expert_row(desk))


@question("scorecard.show", allow=SEE_CARDS)
def show_card_version(desk: Desk, scorecard: UUID | None = None, expert: bool = False) -> CardFile:
    """Show a trained points card, the ``expert``'s, or without either the one that gives opinions.

    Raises VerificationFailed where it was altered.
    """
    return _expert_file(desk) if expert else card_file(desk, scorecard)


def card_file(desk: Desk, card: UUID | None) -> CardFile:
    """The trained card with this id, or the one in force. Raises NotFound, and VerificationFailed where it was
    altered.
    """
    record = record_in_force(desk) if card is None else trained_card(desk, card)
    if record is None:
        return _expert_file(desk)
    checked = checked_card(desk, record)
    return CardFile(row=row_of_card(desk, record), card=checked.card, digest=checked.digest)


def _expert_file(desk: Desk) -> CardFile:
    expert = expert_in(desk.policy)
    return CardFile(row=expert_row(desk), card=expert.card, digest=expert.digest)


def card_in_force(desk: Desk) -> InForce:
    """The trained card that was approved, or the expert's; the expert's too where the other asks about what the policy
    of today leaves out. Raises VerificationFailed where somebody has altered it.
    """
    record = record_in_force(desk)
    checked = None if record is None else checked_card(desk, record)
    return checked if checked and is_allowed(desk, checked.card) else expert_in(desk.policy)


def is_allowed(desk: Desk, card: Scorecard) -> bool:
    """Whether the policy lets a card ask about everything that it asks about."""
    return all(desk.policy.asks(each.code) for each in card.characteristics)


def record_in_force(desk: Desk) -> ScorecardVersion | None:
    """The row of the card that gives opinions; None while that is the expert's.

    Raises VerificationFailed where there are two, or where the one that two people have put in force says that it is
    not: somebody else has written there.
    """
    found = claiming_force(desk)
    if len(found) > 1 or any(each.state is not CardState.IN_FORCE for each in found):
        raise next((altered(each) for each in found if not fits(desk, each)), altered(found[0]))
    return found[0] if found else None


def claiming_force(desk: Desk) -> list[ScorecardVersion]:
    """The rows that say they are in force; where none does, the one that two people have signed for last."""
    found = list(desk.db.scalars(_IN_FORCE, {"branch": desk.branch_id}))
    if found:
        return found
    signed = desk.sql.execute(_SIGNED, {"branch": desk.branch_id, "but": desk.work.request})
    last = max(signed, key=lambda row: (row.ended_at is None, row.ended_at, row.id), default=None)
    return [trained_card(desk, last.card)] if last is not None and last.operation == APPROVE else []


def trained_card(desk: Desk, card: UUID) -> ScorecardVersion:
    """The row of a trained card. Raises NotFound where there is none."""
    record = desk.db.scalars(_ONE, {"branch": desk.branch_id, "card": card}).one_or_none()
    if record is None:
        raise no_such(CARD_KIND)
    return record


def checked_card(desk: Desk, record: ScorecardVersion) -> InForce:
    """The card of a row. Raises VerificationFailed where somebody has altered the row."""
    if not fits(desk, record):
        raise altered(record)
    return InForce(_read(record.card), record.digest)


def altered_cards(store: Store, keys: Keys) -> tuple[int, list[str]]:
    """How many trained cards there are, and the versions of those whose row is not as it was written; reads the raw
    columns, whatever lies there.
    """
    with store.read() as connection, any_text(connection):
        rows = connection.exec_driver_sql(f"SELECT {', '.join(_COLUMNS)}, mark FROM scorecard ORDER BY id").fetchall()
    return len(rows), [str(row.version) for row in rows if not keys.row_fits(row.mark, CARD_KIND, row[:-1])]


def fits(desk: Desk, record: ScorecardVersion) -> bool:
    """Whether a row is as it was written."""
    return desk.keys.row_fits(record.mark, CARD_KIND, _marked(record))


def altered(record: ScorecardVersion) -> VerificationFailed:
    """The error for a row that is not as it was written."""
    return VerificationFailed(
        "The points card {number} was altered in the store.",
        hint="Nothing rests on it any more. Tell your administrator; a backup holds the card as it was.",
        code="card.altered",
        number=record.version,
    )


def mark_card(desk: Desk, record: ScorecardVersion) -> None:
    """Put the mark under a row as it stands now."""
    record.mark = desk.keys.row_mark(CARD_KIND, _marked(record))


def card_name(version: int) -> str:
    """What a trained card is called."""
    return f"branch-{version}"


def expert_row(desk: Desk) -> CardRow:
    """The expert's card of the policy; it gives opinions while no trained one does."""
    return CardRow(
        id=None,
        name=desk.policy.points_card.name,
        version=0,
        state=CardState.RETIRED if claiming_force(desk) else CardState.IN_FORCE,
    )


def row_of_card(desk: Desk, record: ScorecardVersion) -> CardRow:
    """A trained card as it stands in the list; what was altered says nothing of itself, not even that it is not in
    force.
    """
    trainer = desk.db.get(Account, record.trained_by)
    row = CardRow(
        id=record.id,
        name=card_name(record.version),
        version=record.version,
        state=record.state,
        trained_at=record.trained_at,
        trained_by=trainer.display_name if trainer else "",
        in_force_from=record.in_force_from,
        retired_at=record.retired_at,
        altered=not fits(desk, record),
    )
    if row.altered and record in claiming_force(desk):
        row = row.model_copy(update={"state": CardState.IN_FORCE})
    if not row.altered:
        card = _read(record.card)
        customers, bad = card.outcomes
        row = row.model_copy(update={"name": card.name, "customers": customers, "bad": bad})
        if card.training is not None:
            row = row.model_copy(update={"held_out": card.training.held_out, "later": card.training.later})
    return _with_request(desk, record, row)


def _with_request(desk: Desk, record: ScorecardVersion, row: CardRow) -> CardRow:
    request = waiting_for(desk, CARD_KIND, record.id)
    if request is None:
        return row
    try:
        signatures = checked_signatures(desk, request)
    except VerificationFailed:
        return row.model_copy(update={"altered": True})
    taken = (request.maker_index, *(each.signer_index for each in signatures))
    return row.model_copy(
        update={
            "request": view_of(desk, request),
            "note": REGISTRY[request.operation].read_payload(request.payload)["note"],
            "mine": request.maker_id == desk.account_id,
            "mine_to_sign": desk.actor.index not in taken and desk.actor.may(Permission.APPROVE_CARDS),
        }
    )


_COLUMNS = (
    "id",
    "branch_id",
    "version",
    "state",
    "card",
    "digest",
    "trained_by",
    "request_id",
    "trained_at",
    "in_force_from",
    "retired_at",
)
"""What the mark covers, in this order."""


def _marked(record: ScorecardVersion) -> list[object]:
    return [_raw(getattr(record, name)) for name in _COLUMNS]


def _raw(value: object) -> object:
    """A value as it lies in the store."""
    if isinstance(value, UUID):
        return value.bytes
    if isinstance(value, datetime):
        return micros_of(value)
    return str(value) if isinstance(value, str) else value


@lru_cache(maxsize=MOST_LISTED)
def _read(text: str) -> Scorecard:
    return card_from_json(text)


def expert_in(policy: Policy) -> InForce:
    """The expert's card of ``policy``, made once for each policy that is in use."""
    known = _EXPERTS.get(id(policy))
    if known is None or known[0] is not policy:
        card = expert_card(policy)
        _EXPERTS.clear()
        known = _EXPERTS[id(policy)] = (policy, InForce(card, digest_of(card)))
    return known[1]


_EXPERTS: dict[int, tuple[Policy, InForce]] = {}
"""The policy itself is kept beside its card: what was thrown away lends its id to another."""
