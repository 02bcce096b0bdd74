"""Whoever registers with an ID number that the bank knows learns nothing and gets nothing, until the counter has seen
who it is.
"""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event

from bankcard_tui.errors import BankError, Conflict, InvalidForm, InvalidInput, NotSignedIn, Refused
from bankcard_tui.rules.terms import ApplicationStatus, CardKind, DocumentKind, Purpose
from bankcard_tui.services import applications, cards, customers, identity, logs, review, sign_in
from bankcard_tui.services.registration import Registered
from tests.branch import PASSWORD, Town, id_number

KNOWN = 610


@pytest.fixture
def known(town: Town) -> Registered:
    """Li Na was registered by a teller, applied, and has a card."""
    customer = town.teller_registers("lina", "Li Na", id_number(KNOWN))
    town.verified(customer.customer_id)
    application = town.applies("lina", customer.customer_id)
    manager, teller = town.desk("manager"), town.desk("teller")
    review.claim(manager, application.id)
    review.approve(manager, application.id, application.wished_limit)
    (card,) = cards.to_hand_over(teller).items
    cards.hand_over(teller, card.id, True)
    return customer


def settle(town: Town, customer: Any, genuine: bool, by: str = "teller") -> Any:
    desk = town.desk(by)
    version = customers.open_file(desk, customer).version
    return identity.settle_claim(desk, customer, version, genuine, "Seen at the counter.").view


def said_while_registering(town: Town, username: str, number: str) -> tuple[list[str], dict[str, Any]]:
    said: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *more: Any) -> None:
        said.append(statement)

    engines = (town.bank.store._reading, town.bank.store._writing)
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    answer = town.registers(username, "Wang Fang", number).model_dump()
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)
    return said, {name: value for name, value in answer.items() if not name.endswith("_id")}


def test_registering_with_a_known_number_answers_and_works_as_with_an_unknown_one(
    town: Town, known: Registered
) -> None:
    unknown_said, unknown_answer = said_while_registering(town, "fang1", id_number(611))
    known_said, known_answer = said_while_registering(town, "fang2", id_number(KNOWN))
    assert known_said == unknown_said
    assert known_answer | {"username": ""} == unknown_answer | {"username": ""}
    mine = [customers.my_file(town.desk(name)).model_dump() for name in ("fang1", "fang2")]
    for each in mine:
        for own in ("id", "account_id", "username", "id_number", "last_sign_in_at"):
            each.pop(own)
    assert mine[0] == mine[1]
    assert "claim_on_known" in mine[0]


def test_a_claim_attaches_nothing_of_the_known_person(town: Town, known: Registered) -> None:
    town.registers("thief", "Li Na", id_number(KNOWN))
    thief = town.desk("thief")
    assert customers.my_file(thief).cards == ()
    assert applications.my_applications(thief) == ()
    assert cards.my_cards(thief) == ()
    assert {row.username for row in logs.my_log(thief).items} <= {"thief", ""}
    lina = customers.my_file(town.desk("lina"))
    for attempt in (
        lambda: customers.open_file(thief, lina.id),
        lambda: customers.change_contact(thief, lina.id, lina.version, lina.contact),
        lambda: applications.open_application(thief, lina.applications[0].id),
        lambda: applications.submit(
            thief, lina.id, CardKind.CONSUMER, Purpose.EVERYDAY, lina.applications[0].wished_limit, "LI NA"
        ),
        lambda: identity.add_document(thief, lina.id, DocumentKind.ID_CARD, "x"),
    ):
        with pytest.raises(Refused, match="You may not do this"):
            attempt()
    assert customers.my_file(town.desk("lina")) == lina.model_copy(
        update={"last_sign_in_at": customers.my_file(town.desk("lina")).last_sign_in_at}
    )


def test_what_the_claimant_does_does_not_show_in_the_known_persons_log(town: Town, known: Registered) -> None:
    customer = town.registers("thief", "Li Na", id_number(KNOWN))
    town.applies("thief", customer.customer_id)
    assert "thief" not in {row.username for row in logs.my_log(town.desk("lina")).items}


def test_a_claim_on_a_known_person_is_not_verified_and_gets_no_card(town: Town, known: Registered) -> None:
    customer = town.registers("thief", "Li Na", id_number(KNOWN)).customer_id
    application = town.applies("thief", customer)
    teller = town.desk("teller")
    file = customers.open_file(teller, customer)
    assert (file.claim, file.claim_on_known) == (True, True)
    with pytest.raises(Conflict, match="settle the claim first"):
        identity.verify_identity(teller, customer, file.version, True, True, True)
    review.claim(town.desk("manager"), application.id)
    with pytest.raises(BankError):
        review.approve(town.desk("manager"), application.id, application.wished_limit, "", "why not")


def test_two_claims_on_an_unknown_number_the_first_seen_at_the_counter_holds(town: Town) -> None:
    first = town.registers("one", "Wu", id_number(620)).customer_id
    second = town.registers("two", "Wu", id_number(620)).customer_id
    teller = town.desk("teller")
    assert identity.verify_identity(teller, second, 1, True, True, True).view
    with pytest.raises(Conflict, match="settle the claim first"):
        identity.verify_identity(teller, first, 1, True, True, True)
    settle(town, first, genuine=False)
    with pytest.raises(Refused):
        town.sign_in("one")
    assert customers.my_file(town.desk("two")).verified_at is not None


def test_a_claim_that_is_not_genuine_ends_its_account_and_withdraws_its_application(
    town: Town, known: Registered
) -> None:
    customer = town.registers("thief", "Li Na", id_number(KNOWN)).customer_id
    application = town.applies("thief", customer)
    thief = town.desk("thief")
    settle(town, customer, genuine=False)
    with pytest.raises(NotSignedIn):
        customers.my_file(thief)
    with pytest.raises(Refused):
        sign_in.sign_in(town.bank.lobby("x"), "thief", PASSWORD)
    row = applications.open_application(town.desk("manager"), application.id).row
    assert row.status is ApplicationStatus.WITHDRAWN
    assert customers.claims(town.desk("teller")).items == ()
    for attempt in (
        lambda: settle(town, customer, genuine=True),
        lambda: identity.verify_identity(town.desk("teller"), customer, 2, True, True, True),
        lambda: identity.add_document(town.desk("teller"), customer, DocumentKind.ID_CARD, "x"),
        lambda: applications.submit(
            town.desk("teller"), customer, CardKind.CONSUMER, Purpose.EVERYDAY, application.wished_limit, "LI NA"
        ),
    ):
        with pytest.raises(Conflict):
            attempt()


def test_a_genuine_claim_brings_account_applications_and_documents_to_the_known_person(town: Town) -> None:
    """Known from a file of another branch, without an account, and registers alone."""
    from bankcard_tui.services import customer_import, imports

    night = town.bank.system_desk("night")
    job = imports.start_import(night, "customers", "digest").view.id
    row = {"external_id": "E1", "name": "Li Na", "id_number": id_number(KNOWN), "phone": "13800138000"}
    assert customer_import.import_customers(night, job, 0, (row,)).view.job.done == 1
    customer = town.registers("lina", "Li Na", id_number(KNOWN)).customer_id
    application = town.applies("lina", customer)
    identity.add_document(town.desk("lina"), customer, DocumentKind.ID_CARD, "front and back")
    kept = settle(town, customer, genuine=True)
    assert kept != customer
    mine = customers.my_file(town.desk("lina"))
    assert (mine.id, mine.username, mine.claim) == (kept, "lina", False)
    assert [each.id for each in mine.applications] == [application.id]
    assert [each.reference for each in mine.documents] == ["front and back"]
    assert applications.withdraw(town.desk("lina"), application.id).view.status is ApplicationStatus.WITHDRAWN


def test_a_second_sign_in_of_a_known_customer_is_not_settled_as_genuine(town: Town, known: Registered) -> None:
    customer = town.registers("lina2", "Li Na", id_number(KNOWN)).customer_id
    with pytest.raises(Conflict, match="signs in as lina already"):
        settle(town, customer, genuine=True)
    assert customers.my_file(town.desk("lina2")).claim


def test_staff_who_register_as_customers_do_not_decide_on_their_own_claim(town: Town) -> None:
    customer = town.registers("t-own", "Teller", id_number(3)).customer_id
    with pytest.raises(Refused, match="Nobody acts on their own"):
        identity.settle_claim(town.desk("teller"), customer, 1, True, "That is me.")
    with pytest.raises(Refused, match="Nobody acts on their own"):
        identity.verify_identity(town.desk("teller"), customer, 1, True, True, True)
    assert settle(town, customer, genuine=True, by="teller2") == customer


def test_a_wrong_id_number_is_refused_before_anything_is_looked_up(town: Town, known: Registered) -> None:
    for number in ("", "123", id_number(KNOWN)[:-1] + "0", "x" * 10_000):
        if number == id_number(KNOWN):
            continue
        with pytest.raises((InvalidInput, InvalidForm)):
            town.registers("fang", "Wang Fang", number or " ")
