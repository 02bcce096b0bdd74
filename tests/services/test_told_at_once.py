"""What a person sees of mistakes, wrong clocks and other people's unfinished work."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.desk.registry import Secret
from bankcard_tui.errors import InvalidForm, InvalidInput, Refused, SessionLocked, VerificationFailed
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import DocumentKind, RefusalReason
from bankcard_tui.services import customers, identity, logs, overview, passwords, requests, review, sign_in
from bankcard_tui.services.profile import Contact, Identity
from bankcard_tui.services.registration import register_self
from tests.branch import PASSWORD, Town

OTHER = "seven quiet otters juggle brass lanterns"


def everything_in(town: Town) -> str:
    """All that lies in the store in clear, as text."""
    with town.bank.store.read() as connection:
        names = connection.exec_driver_sql("SELECT name FROM sqlite_schema WHERE type = 'table'").scalars().all()
        rows: list[Any] = [row for name in names for row in connection.exec_driver_sql(f'SELECT * FROM "{name}"')]
    return repr(rows)


def test_an_id_number_in_a_reference_or_a_note_lies_in_clear_nowhere(town: Town) -> None:
    number = town.new_id_number()
    registered = town.registers("zhang", number=number)
    teller = town.desk("teller")
    identity.add_document(teller, registered.customer_id, DocumentKind.ID_CARD, f"no. {number}", seen=True)
    town.verified(registered.customer_id)
    application = town.applies("zhang", registered.customer_id)
    manager = town.desk("manager")
    review.claim(manager, application.id)
    said = f"The number {number} is not readable."
    review.refuse(manager, application.id, (RefusalReason.OTHER,), said, note=said, against_reason=said)
    assert number not in everything_in(town)
    references = [each.reference for each in customers.open_file(teller, registered.customer_id).documents]
    assert f"no. {'*' * 14}{number[-4:]}" in references


def test_all_that_is_wrong_with_a_registration_is_said_at_once(town: Town) -> None:
    who, how = Identity(name="", id_number="123"), Contact(phone="12", email="x")
    with pytest.raises(InvalidForm) as error:
        register_self(town.bank.lobby("lobby"), "a b", Secret("short"), Secret("short"), who, how)
    fields = {problem.field for problem in error.value.problems}
    assert fields == {"username", "name", "id_number", "phone", "email", "password"}


def test_the_right_password_with_a_new_one_that_is_refused_counts_as_no_try(town: Town) -> None:
    desk = town.desk("teller")
    for _ in range(6):
        with pytest.raises(InvalidInput, match="used this password before"):
            passwords.change_password(desk, Secret(PASSWORD), Secret(PASSWORD), Secret(PASSWORD))
    passwords.change_password(desk, Secret(PASSWORD), Secret(OTHER), Secret(OTHER))
    assert sign_in.sign_in(town.bank.lobby("counter"), "teller", OTHER).who.username == "teller"


def test_a_rest_that_began_under_a_wrong_clock_ends_when_the_clock_is_right_again(
    town: Town, clock: SimulatedClock
) -> None:
    town.desk("teller")
    clock.advance(timedelta(days=3650))
    for _ in range(6):
        with pytest.raises(Refused):
            sign_in.sign_in(town.bank.lobby("counter"), "teller", "not the password of the teller")
    clock.advance(-timedelta(days=3650))
    assert sign_in.sign_in(town.bank.lobby("counter"), "teller", PASSWORD).who.username == "teller"


def test_a_session_locks_when_the_clock_is_set_back_since_nobody_knows_how_long_it_idled(
    town: Town, clock: SimulatedClock
) -> None:
    desk = town.desk("teller")
    clock.advance(-timedelta(seconds=50))
    overview.overview(desk)
    clock.advance(-timedelta(hours=5))
    with pytest.raises(SessionLocked):
        overview.overview(desk)
    sign_in.unlock(desk, Secret(PASSWORD))
    overview.overview(desk)


def test_a_customers_log_shows_no_limit_that_still_waits_for_a_signature(town: Town) -> None:
    _, application = town.applicant(wish=20_000)
    manager = town.desk("manager")
    review.claim(manager, application.id)
    request = review.approve(manager, application.id, Money.yuan(20_000)).pending
    assert request is not None
    mine = logs.my_log(town.desk("zhang")).items
    assert "application.approve" not in {row.action for row in mine}
    assert {row.outcome for row in mine if row.username != "zhang"} == {"done"}
    requests.sign(town.desk("manager2"), request.id)
    (approved,) = [row for row in logs.my_log(town.desk("zhang")).items if row.action == "application.approve"]
    assert not approved.detail.keys() & {"request", "signatures", "note", "against"}
    assert approved.terminal == ""
    assert "application.approve" in {row.action for row in logs.my_log(manager).items}


@pytest.mark.parametrize("change", ["latest = 'late'", "seq = 'many'", "mark = 7"])
def test_nothing_is_written_behind_an_altered_end_of_the_log(town: Town, change: str) -> None:
    customer = town.registers("zhang").customer_id
    teller = town.desk("teller")
    with town.bank.store.write() as connection:
        connection.exec_driver_sql(f"UPDATE log_head SET {change}")
    with pytest.raises(VerificationFailed, match="end of the log"):
        identity.add_document(teller, customer, DocumentKind.TAX_RETURN, "seen")
    assert not logs.verify_log(town.bank.system_desk("doctor")).sound
