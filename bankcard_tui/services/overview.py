"""What waits for whom: the counts on everybody's first page."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Table, TextClause, func, select, text

from bankcard_tui.desk.access import ACCOUNT
from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.operation import question
from bankcard_tui.desk.pending import REQUEST
from bankcard_tui.desk.results import View
from bankcard_tui.models.person import IS_CLAIM
from bankcard_tui.rules.terms import ApplicationStatus, CardStatus, Role
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.four_eyes import ADMINS_KINDS, ADMINS_SIGNING
from bankcard_tui.services.requests import live, of_applications
from bankcard_tui.services.review import waiting_for_review
from bankcard_tui.services.subjects import APPLICATION, CARD, PERSON

COUNT_TO = 1000
"""Nobody works off more than this today; counting further would cost time on a large store."""


class Overview(View):
    """Counts of what waits, up to COUNT_TO; None where it is not this person's work."""

    to_review: int | None = None
    to_sign: int | None = None
    admins_to_sign: int | None = None
    returned: int | None = None
    to_hand_over: int | None = None
    to_activate: int | None = None
    claims: int | None = None
    admins: int | None = None
    staff_to_activate: int | None = None


@question("overview.show", allow=Permission.OWN_ACCOUNT, own=Permission.OWN_ACCOUNT)
def overview(desk: Desk) -> Overview:
    """What waits for the person at this desk."""
    may = desk.actor.may
    found: dict[str, int] = {}
    if may(Permission.REVIEW_APPLICATIONS):
        found["to_review"] = _count(desk, APPLICATION, *waiting_for_review(desk, None))
    if may(Permission.SIGN_SECOND) or may(Permission.SIGN_THIRD):
        found["to_sign"] = _count(desk, REQUEST, *live(desk), of_applications())
    signing = [each for each in ADMINS_SIGNING if may(each)]
    if signing:
        # Each of these needs one signature beside the maker's.
        others = (REQUEST.c.maker_index != desk.actor.index, REQUEST.c.subject_index != desk.actor.index)
        asked = (REQUEST.c.subject_kind.in_(ADMINS_KINDS), REQUEST.c.needed.in_(signing))
        found["admins_to_sign"] = _count(desk, REQUEST, *live(desk), *others, *asked)
    if may(Permission.HAND_OVER_CARDS):
        here = CARD.c.branch_id == desk.branch_id
        found["to_hand_over"] = _count(desk, CARD, here, CARD.c.status == CardStatus.ISSUED)
        found["to_activate"] = _count(desk, CARD, here, CARD.c.status == CardStatus.HANDED_OVER)
    if may(Permission.ENTER_APPLICATIONS):
        returned = APPLICATION.c.status == ApplicationStatus.RETURNED
        found["returned"] = _count(desk, APPLICATION, APPLICATION.c.branch_id == desk.branch_id, returned)
    if may(Permission.VERIFY_IDENTITY):
        found["claims"] = _count(desk, PERSON, PERSON.c.branch_id == desk.branch_id, text(IS_CLAIM))
    if may(Permission.MANAGE_STAFF):
        working = (ACCOUNT.c.disabled_at.is_(None), ACCOUNT.c.branch_id == desk.branch_id)
        admins = (ACCOUNT.c.role == Role.ADMIN, ACCOUNT.c.password.is_not(None))
        found["admins"] = _count(desk, ACCOUNT, *working, *admins)
        waiting = (ACCOUNT.c.role.in_((Role.TELLER, Role.MANAGER, Role.ADMIN)), ACCOUNT.c.password.is_(None))
        found["staff_to_activate"] = _count(desk, ACCOUNT, *working, *waiting)
    return Overview(**found)


def _count(desk: Desk, of: Table, *conditions: ColumnElement[Any] | TextClause) -> int:
    some = select(of.c.id).where(*conditions).limit(COUNT_TO).subquery()
    return int(desk.sql.execute(select(func.count()).select_from(some)).scalar_one())
