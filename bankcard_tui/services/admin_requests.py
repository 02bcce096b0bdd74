"""What waits for the signature of an admin: changes of staff accounts, of the policy, of the log."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from sqlalchemy import select

from bankcard_tui.desk import pending
from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.operation import question
from bankcard_tui.desk.pending import REQUEST
from bankcard_tui.desk.registry import REGISTRY
from bankcard_tui.desk.results import RequestView, View
from bankcard_tui.errors import VerificationFailed
from bankcard_tui.models.account import Account
from bankcard_tui.models.request import Request
from bankcard_tui.rules.terms import Role
from bankcard_tui.security.permissions import Permission, effective
from bankcard_tui.services.four_eyes import ADMINS_SIGNING
from bankcard_tui.services.limit_parties import LIMIT_KINDS
from bankcard_tui.services.paging import Page, fetch_page
from bankcard_tui.services.people import own_permissions
from bankcard_tui.services.policy_changes import as_things_stand
from bankcard_tui.services.policy_views import DifferenceView
from bankcard_tui.services.requests import IN_ORDER, Altered, live
from bankcard_tui.services.scorecards import CARD_KIND
from bankcard_tui.services.subjects import ACCOUNT


class Asked(View):
    """What would be done, as far as the name of the operation does not say it.

    About an account: its role, and the permissions that it would gain and lose. About the policy: the roles concerned,
    or the ``figures`` that would change, from which day on (None: with the last signature) and why. Else the last entry
    of the log (``until_seq``) that would be removed.
    """

    role: Role | None = None
    gained: frozenset[Permission] = frozenset()
    lost: frozenset[Permission] = frozenset()
    roles: tuple[Role, ...] = ()
    until_seq: int | None = None
    figures: tuple[DifferenceView, ...] = ()
    from_day: date | None = None
    note: str = ""


class AdminRow(View):
    """A request in the list of what waits for admins; user name and name are empty where it is about no account.
    ``mine_to_sign`` says whether the next signature may be the actor's.
    """

    altered: Literal[False] = False
    request: RequestView
    username: str
    name: str
    asked: Asked
    mine: bool
    mine_to_sign: bool


class AlteredAdminRow(Altered):
    """User name and name of the account to which it points now; empty when it points to none."""

    username: str
    name: str


@question("request.for_admins", allow=ADMINS_SIGNING)
def waiting_for_admins(desk: Desk, cursor: str | None = None) -> Page[AdminRow | AlteredAdminRow]:
    """What waits for the signature of an admin, the oldest first; what was altered in the store is shown as such."""
    statement = (
        select(REQUEST.c.id, ACCOUNT.c.username, ACCOUNT.c.display_name)
        .join_from(REQUEST, ACCOUNT, REQUEST.c.subject_id == ACCOUNT.c.id, isouter=True)
        .where(*live(desk), REQUEST.c.subject_kind.not_in(("application", CARD_KIND, *LIMIT_KINDS, "limit_rules")))
    )

    def show(row: Any) -> AdminRow | AlteredAdminRow:
        username, name = row.username or "", row.display_name or ""
        try:
            request = desk.record(Request, row.id)
            signed = len(pending.checked_signatures(desk, request))
        except VerificationFailed as error:
            return AlteredAdminRow(id=row.id, username=username, name=name, problem=error.phrases)
        return AdminRow(
            request=pending.view_of(desk, request),
            username=username,
            name=name,
            asked=_asked(desk, request),
            mine=request.maker_id == desk.account_id,
            mine_to_sign=desk.actor.index not in (request.maker_index, request.subject_index)
            and desk.actor.may(Permission(request.needed.split()[signed])),
        )

    return fetch_page(desk.sql, statement, IN_ORDER, cursor, show, newest_first=False)


def _asked(desk: Desk, request: Request) -> Asked:
    """What stands in the payload. Permissions are compared with those that the account has now."""
    arguments = REGISTRY[request.operation].read_payload(request.payload)
    gained: frozenset[Permission] = frozenset()
    lost: frozenset[Permission] = frozenset()
    role = None
    if request.subject_kind == "account":
        account = desk.record(Account, request.subject_id)
        role = account.role
        if "removed" in arguments:
            now = effective(account.role, *own_permissions(desk, account.id))
            then = effective(account.role, arguments["added"], arguments["removed"])
            gained, lost = then - now, now - then
    return Asked(
        role=role,
        gained=gained,
        lost=lost,
        roles=arguments.get("roles", ()),
        until_seq=arguments.get("until_seq"),
        figures=as_things_stand(desk, arguments["changes"], arguments["from_day"])[0] if "changes" in arguments else (),
        from_day=arguments.get("from_day"),
        note=arguments.get("note", ""),
    )
