"""Looking at messages, never at what they say: how they stand, and sending one again that is in doubt."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, or_, select, update

from bankcard_tui.desk.desk import Desk, Subject
from bankcard_tui.desk.operation import operation, question
from bankcard_tui.desk.results import View
from bankcard_tui.errors import Conflict, VerificationFailed
from bankcard_tui.rules.contact import mask_email, mask_phone
from bankcard_tui.rules.free_text import free_line
from bankcard_tui.rules.terms import Channel, MessageState
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.customers import my_customer
from bankcard_tui.services.outbox import MESSAGE, after_quiet_hours, deliver_now, state_of
from bankcard_tui.services.paging import Page, fetch_page
from bankcard_tui.services.subjects import ACCOUNT, CUSTOMER, PERSON, no_such, of_customer
from bankcard_tui.store.sealing import unseal

BEING_SENT = timedelta(minutes=10)
"""For how long a message that was handed over may still be on its way: longer than any transport takes."""

_MASKS = {Channel.EMAIL: mask_email, Channel.SMS: mask_phone}
_BY_AGE = (MESSAGE.c.id,)
"""An id begins with the moment at which it was made."""

_OPEN = MESSAGE.c.ended_at.is_(None)
_IN_STATE: dict[MessageState, ColumnElement[bool]] = {
    MessageState.WAITING: and_(_OPEN, MESSAGE.c.handed_over_at.is_(None)),
    MessageState.IN_DOUBT: and_(MESSAGE.c.delivered_at.is_(None), MESSAGE.c.handed_over_at.is_not(None)),
    MessageState.DELIVERED: MESSAGE.c.delivered_at.is_not(None),
    MessageState.GIVEN_UP: and_(
        ~_OPEN, MESSAGE.c.kind.is_not(None), MESSAGE.c.delivered_at.is_(None), MESSAGE.c.handed_over_at.is_(None)
    ),
    MessageState.KEPT: MESSAGE.c.kind.is_(None),
}


class MessageView(View):
    """A message, by ``kind`` (None: kept and not sent). The ``address`` is masked, and empty once it was erased;
    ``problem`` is a code, as ``smtp.450``. ``change`` is the change of a limit that it tells of.
    """

    id: UUID
    state: MessageState
    kind: Channel | None
    address: str
    about: str
    change: UUID | None
    made_at: datetime
    next_try_at: datetime
    tries: int
    delivered_at: datetime | None
    problem: str
    policy_version: int


@question("message.list", allow=Permission.SEE_CUSTOMERS, subject=of_customer, opens=True)
def messages_of(desk: Desk, customer: UUID, cursor: str | None = None) -> Page[MessageView]:
    """What a customer was told of, the newest first. The look is logged."""
    return _page(desk, MESSAGE.c.customer_id == customer, cursor)


@question("message.mine", allow=Permission.OWN_PROFILE, own=Permission.OWN_PROFILE)
def my_messages(desk: Desk, cursor: str | None = None) -> Page[MessageView]:
    """What one was told of oneself, as a customer."""
    return _page(desk, MESSAGE.c.customer_id == my_customer(desk), cursor)


@question("message.outbox", allow=(Permission.DECIDE_LIMITS, Permission.MANAGE_BACKUPS, Permission.EVALUATE_LIMITS))
def outbox(desk: Desk, state: MessageState | None = None, cursor: str | None = None) -> Page[MessageView]:
    """All messages of the branch, or those in one state, the newest first."""
    here = MESSAGE.c.branch_id == desk.branch_id
    return _page(desk, here if state is None else and_(here, _IN_STATE[state]), cursor)


def _of_message(desk: Desk, arguments: dict[str, Any]) -> Subject:
    """The message named by the argument ``message``, and the person whom it is for."""
    row = desk.sql.execute(
        select(MESSAGE.c.id, MESSAGE.c.tries, PERSON.c.id.label("person"), PERSON.c.id_index)
        .join_from(MESSAGE, CUSTOMER, MESSAGE.c.customer_id == CUSTOMER.c.id, isouter=True)
        .join(ACCOUNT, MESSAGE.c.account_id == ACCOUNT.c.id, isouter=True)
        .join(PERSON, or_(PERSON.c.id == CUSTOMER.c.person_id, PERSON.c.id == ACCOUNT.c.person_id), isouter=True)
        .where(MESSAGE.c.id == arguments["message"])
    ).one_or_none()
    if row is None:
        raise no_such("message")
    return Subject("message", row.id, row.person, row.id_index, row.tries)


@operation("message.send_again", allow=Permission.DECIDE_LIMITS, subject=_of_message, after=deliver_now)
def send_again(desk: Desk, message: UUID, reason: str) -> MessageView:
    """Send a notice again of which nobody knows whether it arrived; the reason stands in the log."""
    reason = free_line("reason", reason, most=200)
    row = desk.sql.execute(select(MESSAGE).where(MESSAGE.c.id == message)).one()
    if state_of(row) is not MessageState.IN_DOUBT or row.ended_at is not None:
        raise Conflict(
            "This message is not in doubt.",
            hint="Only a message that was handed over and never answered for is sent again by hand.",
            code="conflict.not_in_doubt",
        )
    if not row.problem and row.handed_over_at > desk.now - BEING_SENT:
        raise Conflict(
            "This message is being sent just now.",
            hint="Wait {minutes:minute|minutes}, then look how it stands.",
            code="conflict.being_sent",
            minutes=BEING_SENT // timedelta(minutes=1),
        )
    again = {
        "handed_over_at": None,
        "next_try_at": after_quiet_hours(desk),
        "expires_at": max(row.expires_at, desk.now + timedelta(days=desk.policy.notice_days)),
    }
    desk.sql.execute(update(MESSAGE).where(MESSAGE.c.id == message).values(**again))
    desk.note(note=reason, about=row.about, problem=row.problem)
    return _view(desk, desk.sql.execute(select(MESSAGE).where(MESSAGE.c.id == message)).one())


def _page(desk: Desk, found: ColumnElement[bool], cursor: str | None) -> Page[MessageView]:
    statement = select(MESSAGE).where(found)
    return fetch_page(desk.sql, statement, _BY_AGE, cursor, lambda row: _view(desk, row), newest_first=True)


def _view(desk: Desk, row: Row[Any]) -> MessageView:
    return MessageView(
        id=row.id,
        state=state_of(row),
        kind=row.kind,
        address=_masked(desk, row),
        about=row.about,
        change=row.change_id,
        made_at=row.made_at,
        next_try_at=row.next_try_at,
        tries=row.tries,
        delivered_at=row.delivered_at,
        problem=row.problem,
        policy_version=row.policy_version,
    )


def _masked(desk: Desk, row: Row[Any]) -> str:
    """The address so far as it may be shown; empty where there is none, or one that was altered in the store."""
    if row.address is None or row.kind not in _MASKS:
        return ""
    try:
        return _MASKS[row.kind](unseal(desk.keys, "message.address", row.id, row.address))
    except VerificationFailed:
        return ""
