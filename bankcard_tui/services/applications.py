"""Applications from the customer's side: submit, submit again, withdraw, look."""

from __future__ import annotations

import re
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, func, select, true

from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.operation import operation, question
from bankcard_tui.desk.pending import end, view_of, waiting_for
from bankcard_tui.desk.results import RequestView, View
from bankcard_tui.errors import Conflict, InvalidInput
from bankcard_tui.models.application import Application, ApplicationMove
from bankcard_tui.rules.applications import OPEN, check_move, may_apply
from bankcard_tui.rules.free_text import free_text
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import (
    ApplicationStatus,
    CardKind,
    DocumentKind,
    Purpose,
    RefusalReason,
    RequestStatus,
)
from bankcard_tui.rules.text import clean_line, fold_width, prefix_end, search_key
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.application_views import (
    ApplicationRow,
    DecisionView,
    MoveView,
    application_rows,
    applications_of,
    ask_again_until,
    decisions_of,
    moves_of,
    show_application,
)
from bankcard_tui.services.codes import ALPHABET
from bankcard_tui.services.customers import my_customer, open_record
from bankcard_tui.services.paging import Page, fetch_page
from bankcard_tui.services.people import name_of
from bankcard_tui.services.subjects import APPLICATION, CUSTOMER, of_application, of_customer
from bankcard_tui.store.types import new_id

_ONE = application_rows().where(APPLICATION.c.id == bindparam("id"))
LARGEST_WISH = Money.yuan(1_000_000)
FEW = 5_000
_NUMBER = re.compile(r"[0-9]{6}-[0-9A-Z]{6}")


class Requirements(View):
    """What a kind of card asks for: the documents whose originals the bank has to see, in the order of the policy."""

    kind: CardKind
    documents: tuple[DocumentKind, ...]


class ApplicationFile(View):
    """One application with its history. ``version`` goes back with every decision.

    ``decisions``, with the opinions behind them, and ``request`` are for staff who see applications: empty for others.
    Until the end of ``ask_again_until`` the customer can ask for another look at a refusal; None where they can't.
    """

    row: ApplicationRow
    version: int
    embossed_name: str
    note: str
    entered_by: str
    earlier: UUID | None
    moves: tuple[MoveView, ...]
    decisions: tuple[DecisionView, ...]
    request: RequestView | None
    ask_again_until: date | None


@operation(
    "application.submit",
    allow=Permission.ENTER_APPLICATIONS,
    own=Permission.OWN_APPLICATIONS,
    subject=of_customer,
)
def submit(
    desk: Desk,
    customer: UUID,
    kind: CardKind,
    purpose: Purpose,
    wished_limit: Money,
    embossed_name: str,
    note: str = "",
) -> ApplicationRow:
    """Apply for a card. After a refusal or a withdrawal a customer can apply again."""
    record = open_record(desk, customer)
    earlier = applications_of(desk, customer)
    may_apply([each.status for each in earlier])
    id = new_id(desk.now)
    number = number_of(id, desk.today)
    desk.add(
        Application,
        id=id,
        branch_id=record.branch_id,
        customer_id=customer,
        number=number,
        kind=kind,
        purpose=purpose,
        wished_limit=_checked_wish(desk, wished_limit),
        embossed_name=checked_embossed_name(embossed_name),
        note=free_text("note", note, most=500),
        status=ApplicationStatus.SUBMITTED,
        submitted_at=desk.now,
        entered_by=desk.account_id,
        earlier_id=earlier[0].id if earlier else None,
    )
    move(desk, id, ApplicationStatus.SUBMITTED)
    desk.note(application=id, number=number, kind=kind, wished_limit=wished_limit)
    return row_of(desk, id)


@operation(
    "application.resubmit",
    allow=Permission.ENTER_APPLICATIONS,
    own=Permission.OWN_APPLICATIONS,
    subject=of_application,
)
def resubmit(desk: Desk, application: UUID, note: str = "") -> ApplicationRow:
    """Send an application that was returned for more documents back to review."""
    record = desk.record(Application, application)
    if record.status is not ApplicationStatus.RETURNED:  # in review goes back to submitted too: by its reviewer alone
        raise Conflict(
            "Only a returned application can be sent again.",
            hint="Open the application to see how it stands.",
            code="conflict.not_returned",
        )
    record.submitted_at = desk.now
    change_status(desk, record, ApplicationStatus.SUBMITTED, note=free_text("note", note))
    return row_of(desk, application)


@operation(
    "application.withdraw",
    allow=Permission.ENTER_APPLICATIONS,
    own=Permission.OWN_APPLICATIONS,
    subject=of_application,
)
def withdraw(desk: Desk, application: UUID, note: str = "") -> ApplicationRow:
    """Withdraw an application that is not decided yet."""
    record = desk.record(Application, application)
    _withdraw(desk, record, free_text("note", note))
    return row_of(desk, application)


@question(
    "application.open",
    allow=Permission.SEE_APPLICATIONS,
    own=Permission.OWN_APPLICATIONS,
    subject=of_application,
    opens=True,
)
def open_application(desk: Desk, application: UUID) -> ApplicationFile:
    """Open an application with its history. The look is logged."""
    return application_file(desk, application, inside=desk.actor.may(Permission.SEE_APPLICATIONS))


@question("application.mine", allow=Permission.OWN_APPLICATIONS, own=Permission.OWN_APPLICATIONS)
def my_applications(desk: Desk) -> tuple[ApplicationRow, ...]:
    """One's own applications, newest first."""
    return applications_of(desk, my_customer(desk))


@question("application.requirements", allow=(Permission.OWN_APPLICATIONS, Permission.ENTER_APPLICATIONS))
def requirements(desk: Desk) -> tuple[Requirements, ...]:
    """The documents that each kind of card requires."""
    return tuple(
        Requirements(kind=kind, documents=documents) for kind, documents in desk.policy.required_documents.items()
    )


@question("application.list", allow=Permission.SEE_APPLICATIONS)
def list_applications(
    desk: Desk, status: ApplicationStatus | None = None, text: str = "", cursor: str | None = None
) -> Page[ApplicationRow]:
    """Applications with dates and states, newest first; ``text`` is the number of an application, or starts a name and
    orders them by name.
    """
    statement = application_rows()
    if status is not None:
        statement = statement.where(APPLICATION.c.status == status)

    def page(statement: Select[Any], keys: tuple[ColumnElement[Any], ...], newest_first: bool) -> Page[ApplicationRow]:
        show = partial(show_application, now=desk.now)
        return fetch_page(desk.sql, statement, keys, cursor, show, newest_first=newest_first)

    typed = fold_width(text).strip()
    if not typed or _NUMBER.fullmatch(typed.upper()):
        here = APPLICATION.c.branch_id == desk.branch_id
        numbered = APPLICATION.c.number == typed.upper() if typed else true()
        return page(statement.where(here, numbered), (APPLICATION.c.submitted_at, APPLICATION.c.id), True)
    key = search_key(typed)
    if len(key) > 100:
        raise InvalidInput("text", "This is too long to search for.", hint="Type the start of a name.")
    # Asked of which table the branch is decides who is walked through: all of that name, or all of that status.
    branch = APPLICATION.c.branch_id if _are_few(desk, status) else CUSTOMER.c.branch_id
    named = (branch == desk.branch_id, CUSTOMER.c.name_key >= key, CUSTOMER.c.name_key < prefix_end(key))
    by_name = (CUSTOMER.c.name_key, CUSTOMER.c.id, APPLICATION.c.submitted_at, APPLICATION.c.id)
    return page(statement.where(*named), by_name, False)


def _are_few(desk: Desk, status: ApplicationStatus | None) -> bool:
    """Whether there are so few applications, of a status, that looking at each is quicker than at all of a name."""
    asked = select(APPLICATION.c.id).where(APPLICATION.c.branch_id == desk.branch_id)
    if status is not None:
        asked = asked.where(APPLICATION.c.status == status)
    counted = select(func.count()).select_from(asked.limit(FEW + 1).subquery())
    return bool(desk.sql.execute(counted).scalar_one() <= FEW)


def application_file(
    desk: Desk, application: UUID, row: ApplicationRow | None = None, *, inside: bool
) -> ApplicationFile:
    """The whole of one application, with what staff alone read where ``inside``; ``row`` saves looking it up where it
    is known.
    """
    record = desk.record(Application, application)
    request = waiting_for(desk, "application", application) if inside else None
    decisions = decisions_of(desk, application) if inside else ()
    moves = moves_of(desk, record, decisions)
    return ApplicationFile(
        row=row or row_of(desk, application),
        version=record.version,
        embossed_name=record.embossed_name,
        note=record.note,
        entered_by=name_of(desk, record.entered_by),
        earlier=record.earlier_id,
        moves=moves,
        decisions=decisions,
        request=view_of(desk, request) if request is not None else None,
        ask_again_until=ask_again_until(desk, record, moves),
    )


def row_of(desk: Desk, application: UUID) -> ApplicationRow:
    """One application as a row."""
    row = desk.sql.execute(_ONE, {"id": application}).first()
    assert row is not None
    return show_application(row, desk.now)


def change_status(
    desk: Desk,
    record: Application,
    status: ApplicationStatus,
    *,
    reasons: tuple[RefusalReason, ...] = (),
    note: str = "",
) -> None:
    """Move an application and write down who, when and why. Raises Conflict for a move that there is not."""
    check_move(record.status, status)
    if desk.work.subject is not None and desk.work.subject.id == record.id:
        if "before" not in desk.work.detail:
            desk.note(before={"status": record.status})
        desk.note(after={"status": status})
    record.status = status
    record.version += 1
    record.claimed_by = record.claimed_until = record.claimed_session = None
    if status not in OPEN:
        record.decided_at = desk.now
    move(desk, record.id, status, reasons=reasons, note=note)


def move(
    desk: Desk,
    application: UUID,
    status: ApplicationStatus,
    *,
    reasons: tuple[RefusalReason, ...] = (),
    note: str = "",
) -> None:
    """Write one step into the history of an application."""
    desk.add(
        ApplicationMove,
        id=new_id(desk.now),
        application_id=application,
        at=desk.now,
        account_id=desk.actor.account_id,
        status=status,
        reason=" ".join(reasons),
        note=note,
    )


def withdraw_open(desk: Desk, customer: UUID) -> None:
    """Withdraw whatever a customer has open."""
    for record in desk.db.scalars(
        select(Application).where(APPLICATION.c.customer_id == customer, APPLICATION.c.status.in_(OPEN))
    ):
        _withdraw(desk, record, "")


def _withdraw(desk: Desk, record: Application, note: str) -> None:
    waiting = waiting_for(desk, "application", record.id)
    if waiting is not None:
        end(desk, waiting, RequestStatus.WITHDRAWN)
    change_status(desk, record, ApplicationStatus.WITHDRAWN, note=note)


def number_of(application: UUID, day: date) -> str:
    """The number under which people speak of an application: its day and six letters, as 261121-K7QM2X."""
    tail = int.from_bytes(application.bytes[-4:], "big")
    return f"{day:%y%m%d}-" + "".join(ALPHABET[tail >> shift & 31] for shift in range(25, -1, -5))


def _checked_wish(desk: Desk, wish: Money) -> Money:
    least = min(tier.lowest for tier in desk.policy.tiers)
    if not least <= wish <= LARGEST_WISH:
        raise InvalidInput(
            "wished_limit",
            "The wished limit lies between {least} and {most} yuan.",
            hint="Type an amount in yuan.",
            least=str(least),
            most=str(LARGEST_WISH),
        )
    return wish


def checked_embossed_name(text: str) -> str:
    """The name on the card: Latin capitals, 2 to 26 characters, as the embossing machine takes them."""
    name = clean_line("embossed_name", fold_width(text).upper(), most=26)
    if len(name) < 2 or not all(character in "ABCDEFGHIJKLMNOPQRSTUVWXYZ .'-/" for character in name):
        raise InvalidInput(
            "embossed_name",
            "The name on the card takes Latin letters only, at least two.",
            hint="As in the passport: ZHANG WEI.",
        )
    return name
