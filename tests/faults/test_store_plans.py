"""The queries that everybody waits for use an index, however many rows the store holds."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, insert, select

from bankcard_tui.config import Home
from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.desk.desk import Desk
from bankcard_tui.models.application import Application
from bankcard_tui.models.base import table
from bankcard_tui.models.card import Card, CardAccount
from bankcard_tui.models.customer import Customer
from bankcard_tui.models.limit import LimitProposal
from bankcard_tui.models.log import LogEntry
from bankcard_tui.models.outcome import CustomerOutcome, HistoryMonth
from bankcard_tui.models.person import Person, Standing
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import (
    ApplicationStatus,
    CardKind,
    CardStatus,
    Grade,
    LimitChangeKind,
    Outcome,
    ProposalOrigin,
    ProposalState,
    Purpose,
    SpendingClass,
)
from bankcard_tui.services import (
    applications,
    cards,
    customers,
    evaluations,
    limit_changes,
    limit_proposals,
    limit_waiting,
    logs,
    outcomes,
    overview,
    requests,
    review,
    staff,
)
from bankcard_tui.services.customer_sign_ins import customer_sign_ins
from bankcard_tui.services.paging import Page
from bankcard_tui.store.types import micros_of, new_id
from tests.branch import OPENING, Town

CUSTOMERS, ENTRIES = 4_000, 4_000
START = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def large(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A branch with thousands of customers, applications, cards and entries."""
    folder = tmp_path_factory.mktemp("large") / "home"
    shutil.copytree(template, folder)
    bank = Bank.open(Home(folder), clock=SimulatedClock(OPENING + timedelta(hours=2)), cost=4, durable=False)
    _fill(bank)
    town = Town(bank)
    for username in ("teller", "manager", "admin"):
        town.desk(username)
    yield town
    bank.close()


def _fill(bank: Bank) -> None:
    ids = [[new_id(START + timedelta(minutes=at)) for at in range(CUSTOMERS)] for _ in range(5)]
    persons, people, asked, accounts, plastic = ids
    moments = [START + timedelta(minutes=at) for at in range(CUSTOMERS)]
    here = {"branch_id": bank.branch.id}
    statuses = (ApplicationStatus.APPROVED,) * 18 + (ApplicationStatus.SUBMITTED, ApplicationStatus.RETURNED)
    rows: dict[Any, list[dict[str, Any]]] = {
        Person: [
            here
            | {
                "id": persons[at],
                "name": f"Customer {at:05}",
                "id_sealed": b"",
                "id_index": at.to_bytes(16),
                "id_last4": f"{at % 10_000:04}",
                "birth_date": START.date(),
                "standing": Standing.CLAIM if at % 20 == 0 else Standing.KNOWN,
                "created_at": moments[at],
            }
            for at in range(CUSTOMERS)
        ],
        Customer: [
            here
            | {
                "id": people[at],
                "person_id": persons[at],
                "name": f"Customer {at:05}",
                "name_key": f"customer {at:05}",
                "phone": f"+86138{at:08}",
                "email": "",
                "address": "",
                "employer": "",
                "security_note": "",
                "channels": "",
                "registered_at": moments[at],
                "version": 1,
            }
            for at in range(CUSTOMERS)
        ],
        Application: [
            here
            | {
                "id": asked[at],
                "customer_id": people[at],
                "number": f"N{at}",
                "kind": CardKind.CONSUMER,
                "purpose": Purpose.EVERYDAY,
                "wished_limit": Money.yuan(5_000),
                "embossed_name": "X Y",
                "note": "",
                "status": statuses[at % 20],
                "submitted_at": moments[at],
                "version": 1,
            }
            for at in range(CUSTOMERS)
        ],
        CardAccount: [
            here
            | {
                "id": accounts[at],
                "customer_id": people[at],
                "application_id": asked[at],
                "credit_limit": Money.yuan(5_000),
                "grade": Grade.GOOD,
                "opened_at": moments[at],
                "evaluated_on": moments[at].date(),
                "policy_version": 1,
            }
            for at in range(CUSTOMERS)
        ],
        Card: [
            here
            | {
                "id": plastic[at],
                "card_account_id": accounts[at],
                "kind": CardKind.CONSUMER,
                "number_sealed": b"",
                "number_index": at.to_bytes(16),
                "last4": f"{at % 10_000:04}",
                "embossed_name": "X Y",
                "expires_on": START.date(),
                "status": CardStatus.ISSUED if at % 100 == 0 else CardStatus.ACTIVE,
                "issued_at": moments[at],
                "version": 1,
            }
            for at in range(CUSTOMERS)
        ],
        CustomerOutcome: [
            here
            | {
                "id": accounts[at],
                "customer_id": people[at],
                "card_account_id": accounts[at],
                "started_on": moments[at].date(),
                "facts": '{"age": 40}',
                "points": 500 + at % 200,
                "months_observed": 12,
                "worst_days_past_due": 0,
                "bad": False,
                "matured_at": moments[at],
            }
            for at in range(CUSTOMERS)
        ],
        # Too few months for an outcome, so that these customers wait whenever somebody looks.
        HistoryMonth: [
            here
            | {
                "customer_id": people[at],
                "month": date(2024, 1, 1),
                "balance": Money.yuan(2_000),
                "spent": Money.yuan(1_000),
                "repaid": Money.yuan(1_000),
                "due": Money.yuan(200),
                "days_past_due": 0,
            }
            for at in range(0, CUSTOMERS, 4)
        ],
        LimitProposal: [
            here
            | {
                "id": plastic[at],
                "card_account_id": accounts[at],
                "customer_id": people[at],
                "origin": ProposalOrigin.EVALUATION,
                "kind": LimitChangeKind.RAISE,
                "state": ProposalState.OPEN if at % 4 == 0 else ProposalState.DONE,
                "before": Money.yuan(5_000),
                "amount": Money.yuan(6_000),
                "grade": Grade.GOOD,
                "reason": "[]",
                "said": "",
                "answer": "",
                "policy_version": 1,
                "made_at": moments[at],
                "version": 1,
            }
            for at in range(CUSTOMERS)
        ],
        LogEntry: [
            here
            | {
                "seq": 100_000 + at,
                "at": micros_of(moments[at]),
                "account_id": persons[at % 40],
                "actor_id": persons[at % 40],
                "username": f"user{at % 40}",
                "role": "teller",
                "terminal": "t",
                "action": "customer.open" if at % 40 else "application.approve",
                "outcome": "done" if at % 80 else "failed",
                "subject_kind": "customer",
                "subject_id": people[at],
                "subject_person": persons[at],
                "detail": "{}",
                "mark": b"",
            }
            for at in range(ENTRIES)
        ],
    }
    with bank.store.write() as connection:
        for model, each in rows.items():
            connection.execute(insert(table(model)), each)


def plans_of(town: Town, ask: Callable[[], object]) -> list[tuple[str, str]]:
    """Every step of every SELECT's plan while ``ask`` runs, with its statement."""
    said: list[tuple[str, Any]] = []
    engines = (town.bank.store._reading, town.bank.store._writing)

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            said.append((statement, parameters))

    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        ask()
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)
    steps = []
    with town.bank.store.read() as connection:
        for statement, parameters in said:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            steps += [(row[3], statement) for row in plan]
    return steps


Ask = Callable[[dict[str, Desk]], object]


def _of_a_name(manager: Desk, status: ApplicationStatus | None, few: int) -> Page[applications.ApplicationRow]:
    """The applications of a name where up to ``few`` of a status are few."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(applications, "FEW", few)
        return applications.list_applications(manager, status, "Customer 0012")


def an_account(manager: Desk) -> UUID:
    with manager.bank.store.read() as connection:
        id = table(CardAccount).c.id
        return connection.execute(select(id).where(id > UUID(int=0)).limit(1)).scalar_one()


INDEXED: dict[str, tuple[str, Ask]] = {
    "the review queue": ("ix_application_queue", lambda at: review.queue(at["manager"])),
    "the queue of a kind": ("ix_application_queue", lambda at: review.queue(at["manager"], CardKind.CONSUMER)),
    "the next application": ("ix_application_queue", lambda at: review.claim_next(at["manager"])),
    "customers, newest first": ("ix_customer_registered", lambda at: customers.search(at["teller"])),
    "a name": ("ix_customer_name_key", lambda at: customers.search(at["teller"], "Customer 0012")),
    "a phone": ("ix_customer_phone", lambda at: customers.search(at["teller"], "13800001")),
    "an ID number": ("ix_person_id_index", lambda at: customers.search(at["teller"], "310101198805170019")),
    "a card number": ("card USING INDEX sqlite", lambda at: customers.search(at["teller"], "6235001234567890")),
    "four digits of an ID": ("ix_person_last4", lambda at: customers.search(at["teller"], "0123")),
    "four digits of a card": ("ix_card_last4", lambda at: customers.search(at["teller"], "0123")),
    "claims": ("ix_person_claims", lambda at: customers.claims(at["teller"])),
    "applications": ("ix_application_submitted", lambda at: applications.list_applications(at["manager"])),
    "returned applications": (
        "ix_application_status",
        lambda at: applications.list_applications(at["manager"], ApplicationStatus.RETURNED),
    ),
    "applications of a name": (
        "ix_customer_name_key",
        lambda at: _of_a_name(at["manager"], None, few=100),
    ),
    "the few applications of a status and a name": (
        "ix_application_status",
        lambda at: _of_a_name(at["manager"], ApplicationStatus.RETURNED, few=1_000),
    ),
    "the many applications of a status and a name": (
        "ix_customer_name_key",
        lambda at: _of_a_name(at["manager"], ApplicationStatus.RETURNED, few=100),
    ),
    "an application by number": (
        "(number=?)",
        lambda at: applications.list_applications(at["manager"], None, "260101-ABCDEF"),
    ),
    "the log": ("log_entry_1 (branch_id=?)", lambda at: logs.list_log(at["admin"])),
    "one's own log": ("ix_log_account", lambda at: logs.my_log(at["teller"])),
    "what others did about oneself": ("ix_log_subject ", lambda at: logs.my_log(at["teller"])),
    "the log of a person": ("ix_log_username", lambda at: logs.list_log(at["admin"], username="user3")),
    "the log of an action": ("ix_log_action", lambda at: logs.list_log(at["admin"], action="application.approve")),
    "the log of a part": ("ix_log_action", lambda at: logs.list_log(at["admin"], action="application.")),
    "the log of a record": ("ix_log_subject_id", lambda at: logs.list_log(at["admin"], subject=new_id())),
    "the log of failures": ("ix_log_outcome", lambda at: logs.list_log(at["admin"], outcome=Outcome.FAILED)),
    "the log of an hour": (
        "sqlite_autoindex_log_entry_1 (branch_id=? AND seq>? AND seq<?)",
        lambda at: logs.list_log(at["admin"], since=START, until=START + timedelta(hours=1)),
    ),
    "a part of the log in an hour": (
        "ix_log_action (branch_id=? AND action=? AND seq>? AND seq<?)",
        lambda at: logs.list_log(at["admin"], action="staff.", since=START, until=START + timedelta(hours=1)),
    ),
    "a rare action of a busy person": (
        "USING INDEX ix_log_action",
        lambda at: logs.list_log(at["admin"], username="user0", action="staff.add", outcome=Outcome.DONE),
    ),
    "what a person seldom did": (
        "USING INDEX ix_log_username",
        lambda at: logs.list_log(at["admin"], username="user3", action="customer.open", outcome=Outcome.DONE),
    ),
    "a word in the log": (
        "sqlite_autoindex_log_entry_1 (branch_id=? AND seq>?",
        lambda at: logs.list_log(at["admin"], text="nowhere"),
    ),
    "a word in the log of a person": (
        "USING INDEX ix_log_username",
        lambda at: logs.list_log(at["admin"], text="nowhere", username="user3"),
    ),
    "limits to decide on": ("ix_limit_proposal_state", lambda at: limit_proposals.proposals(at["manager"])),
    "limits of a kind to decide on": (
        "ix_limit_proposal_state",
        lambda at: limit_proposals.proposals(at["manager"], LimitChangeKind.RAISE, spending_class=SpendingClass.HIGH),
    ),
    "what they come to": ("ix_limit_proposal_state", lambda at: limit_proposals.proposal_totals(at["manager"])),
    "limits that wait for a signature": ("ix_request_status", lambda at: limit_waiting.waiting(at["manager"])),
    "special limits that end": ("ix_special_limit_end", lambda at: limit_changes.end_due(at["manager"])),
    "cards to hand over": ("ix_card_to_hand_over", lambda at: cards.to_hand_over(at["teller"])),
    "what waits for signatures": ("ix_request_status", lambda at: requests.waiting(at["manager"])),
    "sign-ins of customers": ("ix_customer_registered", lambda at: customer_sign_ins(at["admin"])),
    "staff": ("ix_account_role", lambda at: staff.list_staff(at["admin"])),
    "the manager's first page": ("ix_application_", lambda at: overview.overview(at["manager"])),
    "the teller's first page": ("ix_person_claims", lambda at: overview.overview(at["teller"])),
    "who has matured": ("customer_1 (id>?)", lambda at: outcomes.record_due(at["manager"])),
    "outcomes of cards": ("(card_account_id=?)", lambda at: outcomes.record_due(at["manager"])),
    "who is to be evaluated again": ("ix_card_account_due", lambda at: evaluations.evaluate_all_due(at["manager"])),
    "the limits of a person": ("ix_person_id_index", lambda at: evaluations.evaluate_all_due(at["manager"])),
    "the evaluations of an account": (
        "ix_evaluation_account",
        lambda at: evaluations.evaluations(at["manager"], an_account(at["manager"])),
    ),
    "precedents": ("ix_outcome_points", lambda at: review.claim_next(at["manager"])),
}
SORTED_IN_MEMORY = (
    "four digits of an ID",
    "four digits of a card",
    "an ID number",
    "a card number",
    "the few applications of a status and a name",
)
"""The few whom a number or a rare status finds are sorted by name afterwards."""


OF_NO_TABLE = ("SCAN anon_", "SCAN CONSTANT ROW", "SCAN level", "SCAN job")
"""Parts of a union, the numbers of points around an applicant's, which are counted out, and jobs, of which there are
few.
"""


@pytest.mark.parametrize("what", INDEXED)
def test_a_large_store_is_searched_by_index_and_never_walked_through(large: Town, what: str) -> None:
    index, ask = INDEXED[what]
    desks = {name: large.desk(name) for name in ("teller", "manager", "admin")}
    steps = plans_of(large, lambda: ask(desks))
    assert any(index in step for step, _ in steps), steps
    walked = [(step, said) for step, said in steps if step.startswith("SCAN ") and not step.startswith(OF_NO_TABLE)]
    assert walked == []
    sorted_rows = [said for step, said in steps if step == "USE TEMP B-TREE FOR ORDER BY" and "LIMIT" in said]
    if what not in SORTED_IN_MEMORY:
        # Co-routines of a union sort a page at most.
        assert [said for said in sorted_rows if "anon_" not in said] == []


PAGED: dict[str, tuple[int, Callable[[Town, str | None], Page[Any]]]] = {
    "customers": (CUSTOMERS, lambda town, cursor: customers.search(town.desk("teller"), "", cursor)),
    "by name": (CUSTOMERS, lambda town, cursor: customers.search(town.desk("teller"), "Customer", cursor)),
    "by phone": (CUSTOMERS, lambda town, cursor: customers.search(town.desk("teller"), "13800", cursor)),
    "claims": (CUSTOMERS // 20, lambda town, cursor: customers.claims(town.desk("teller"), cursor)),
    "applications": (
        CUSTOMERS,
        lambda town, cursor: applications.list_applications(town.desk("manager"), None, "", cursor),
    ),
    "applications by name": (
        CUSTOMERS,
        lambda town, cursor: applications.list_applications(town.desk("manager"), None, "customer", cursor),
    ),
    "a part of the log": (
        ENTRIES // 40,
        lambda town, cursor: logs.list_log(town.desk("admin"), action="application.", outcome=None, cursor=cursor),
    ),
    "an hour of the log": (
        ENTRIES,
        lambda town, cursor: logs.list_log(
            town.desk("admin"), since=START, until=OPENING - timedelta(days=9), cursor=cursor
        ),
    ),
}


@pytest.mark.parametrize("status", [None, *ApplicationStatus])
@pytest.mark.parametrize("name", ["c", "customer 00", "Customer 00120", "nobody"])
def test_few_applications_and_many_are_listed_alike(
    large: Town, status: ApplicationStatus | None, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def listed(few: int) -> list[str]:
        monkeypatch.setattr(applications, "FEW", few)
        page = applications.list_applications(large.desk("manager"), status, name)
        seen = [row.number for row in page.items]
        while page.next is not None and len(seen) < 300:
            page = applications.list_applications(large.desk("manager"), status, name, page.next)
            seen += [row.number for row in page.items]
        return seen

    assert listed(few=0) == listed(few=100_000)


@pytest.mark.parametrize("what", PAGED)
def test_pages_show_every_row_once_forwards_and_backwards(large: Town, what: str) -> None:
    expected, turn = PAGED[what]
    page = turn(large, None)
    assert page.previous is None
    pages = [page]
    while page.next is not None and len(pages) < 60:
        page = turn(large, page.next)
        pages.append(page)
    seen = [row for each in pages for row in each.items]
    keys = [getattr(row, "id", None) or row.seq for row in seen]
    assert len(keys) == len(set(keys)) >= expected
    assert all(len(each.items) <= 100 for each in pages)
    backwards = [page]
    while page.previous is not None and len(backwards) < 60:
        page = turn(large, page.previous)
        backwards.append(page)
    assert [row for each in reversed(backwards) for row in each.items] == seen
