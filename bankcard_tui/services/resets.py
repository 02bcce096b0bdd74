"""Resets: somebody starts one, and only the person completes it.

From that moment the old password opens nothing; a new one comes by activation alone.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from bankcard_tui.desk.access import not_allowed
from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.operation import operation
from bankcard_tui.desk.results import View
from bankcard_tui.errors import Conflict, InvalidInput, Phrase
from bankcard_tui.models.account import Account
from bankcard_tui.rules.free_text import free_line
from bankcard_tui.rules.terms import Role
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.activation import write_code
from bankcard_tui.services.channels import RESET_CODE, address_of, drop_waiting
from bankcard_tui.services.choosing import forget_codes
from bankcard_tui.services.outbox import deliver_now
from bankcard_tui.services.passwords import take_password
from bankcard_tui.services.second_factor_check import lift_second_factor
from bankcard_tui.services.sessions import end_sessions
from bankcard_tui.services.staff import keep_an_admin
from bankcard_tui.services.subjects import of_account


class StartedReset(View):
    """A reset that was started: where a code went, masked, and until when it holds; nowhere without an own channel."""

    username: str
    sent_to: str | None
    expires_at: datetime | None


@operation(
    "reset.start",
    allow=(Permission.MANAGE_STAFF, Permission.RESET_CUSTOMERS),
    subject=of_account,
    after=deliver_now,
)
def start_reset(
    desk: Desk, account: UUID, id_seen: bool = False, second_factor_lost: bool = False, note: str = ""
) -> StartedReset:
    """Start a password reset: the password stops working and sessions end. The person alone chooses the next one.

    For a customer ``id_seen`` says that the original ID was seen. With ``second_factor_lost`` the second
    factor goes too.
    """
    record = desk.record(Account, account)
    _check_may(desk, record, id_seen)
    note = free_line("note", note, most=200, required=False)
    if record.role is Role.ADMIN:
        keep_an_admin(desk, account)
    record.version += 1
    take_password(desk, account)
    end_sessions(desk, account)
    forget_codes(desk, account)
    drop_waiting(desk, account)
    if second_factor_lost:
        lift_second_factor(desk, account)
    desk.note(username=record.username, second_factor_lost=second_factor_lost, note=note)
    address = address_of(desk, account)
    if address is None:
        return StartedReset(username=record.username, sent_to=None, expires_at=None)
    expires = write_code(
        desk,
        record,
        address,
        RESET_CODE,
        Phrase(
            "{name} at {branch} has started a reset of your password. The old one no longer works.",
            {"name": desk.actor.name, "branch": desk.bank.branch.name},
        ),
    )
    return StartedReset(username=record.username, sent_to=address.masked, expires_at=expires)


def _check_may(desk: Desk, record: Account, id_seen: bool) -> None:
    """Raise unless whoever acts may start a reset of this account now."""
    if record.role is Role.SYSTEM:
        raise Conflict("The system's account has no password.", code="conflict.system")
    is_customer = record.role is Role.CUSTOMER
    if not desk.actor.may(Permission.RESET_CUSTOMERS if is_customer else Permission.MANAGE_STAFF):
        raise not_allowed(desk.actor)
    if record.disabled_at is not None:
        raise Conflict("This account is disabled already.", code="conflict.disabled")
    if record.password is None:
        raise Conflict(
            "This account has no password: it waits for its activation already.",
            hint="Send a code to the person's channel, or two colleagues each show a half-code.",
            code="conflict.waits_for_activation",
        )
    if is_customer and not id_seen:
        raise InvalidInput("id_seen", "See the customer's original ID first.", hint="Nobody resets on a phone call.")
