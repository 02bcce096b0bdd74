"""The life of a request for signatures, and of the application it is about."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from bankcard_tui.desk.bank import POLICY
from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.desk.pending import SIGNATURE
from bankcard_tui.errors import BankError, Conflict, Refused
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.policy import DEFAULT_POLICY, to_plain
from bankcard_tui.rules.terms import ApplicationStatus, RequestStatus
from bankcard_tui.services import applications, customers, requests, review, sign_in
from bankcard_tui.services.subjects import APPLICATION, CARD
from tests.branch import SOLID
from tests.services.world import World


def cards_of(world: World, name: str) -> int:
    return len(customers.open_file(world.desk("teller2"), world.ids[f"{name}.customer"]).cards)


def status_of(world: World, name: str) -> ApplicationStatus:
    return applications.open_application(world.desk("manager2"), world.ids[f"{name}.application"]).row.status


def test_a_request_ends_after_seven_days_and_the_application_can_be_decided_anew(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, request = world.bank.clock, world.ids["waiting.request"]
    assert isinstance(clock, SimulatedClock)
    clock.advance(timedelta(days=7, seconds=1))
    manager, manager2 = (world.town.sign_in(name, f"new-{name}") for name in ("manager", "manager2"))
    with pytest.raises(Conflict, match="not wait any more"):
        requests.sign(manager2, request)
    assert request not in [row.request.id for row in requests.waiting(manager2).items]
    review.claim(manager, world.ids["waiting.application"])
    pending = review.approve(manager, world.ids["waiting.application"], Money.yuan(20_000)).pending
    assert pending is not None
    shown = [row.id for row in applications.list_applications(manager2).items]
    assert shown.count(world.ids["waiting.application"]) == 1, "an expired request must not show it twice"
    assert requests.sign(manager2, pending.id).view.status is RequestStatus.DONE


def test_a_request_fails_when_the_application_was_changed_in_between(world: World) -> None:
    application = world.ids["waiting.application"]
    with world.bank.store.write() as connection:
        connection.execute(
            update(APPLICATION).where(APPLICATION.c.id == application).values(version=APPLICATION.c.version + 1)
        )
    signed = requests.sign(world.desk("manager2"), world.ids["waiting.request"]).view
    assert signed.status is RequestStatus.FAILED
    assert "changed" in str(signed.problem[0])


def test_a_request_fails_when_the_rule_does_not_hold_any_more(world: World) -> None:
    teller, customer = world.desk("teller"), world.ids["waiting.customer"]
    version = customers.open_file(teller, customer).version
    ruined = SOLID.model_copy(update={"monthly_debt": Money.yuan(17_000)})
    customers.change_circumstances(teller, customer, version, ruined)
    signed = requests.sign(world.desk("manager2"), world.ids["waiting.request"]).view
    assert signed.status is RequestStatus.FAILED
    assert cards_of(world, "waiting") == 0


def test_a_request_fails_when_the_rule_of_today_asks_for_more_signatures(world: World) -> None:
    stricter = replace(DEFAULT_POLICY, second_signature_up_to=Money.yuan(15_000))
    with world.bank.store.write() as connection:
        connection.execute(
            insert(POLICY).values(
                branch_id=world.bank.branch.id,
                version=2,
                policy=json.dumps(to_plain(stricter)),
                in_force_from=world.bank.clock.now(),
                note="stricter",
            )
        )
    signed = requests.sign(world.desk("manager2"), world.ids["waiting.request"]).view
    assert signed.status is RequestStatus.FAILED
    assert "more signatures" in str(signed.problem[0])


def test_an_application_that_waits_for_a_signature_is_neither_decided_nor_requested_twice(world: World) -> None:
    application = world.ids["waiting.application"]
    manager = world.desk("manager")
    for attempt in (
        lambda: review.approve(manager, application, Money.yuan(20_000)),
        lambda: review.approve(manager, application, Money.yuan(5_000)),
        lambda: review.refuse(manager, application, ()),
        lambda: review.claim(world.desk("manager2"), application),
        lambda: review.release(manager, application),
    ):
        with pytest.raises(Conflict):
            attempt()
    assert application not in [row.id for row in review.queue(manager).items]


def test_two_signatures_at_once_run_a_request_once(world: World) -> None:
    request = world.ids["waiting.request"]

    def sign(username: str) -> str:
        try:
            return requests.sign(world.desk(username), request).view.status.value
        except Conflict:
            return "late"

    with ThreadPoolExecutor(2) as pool:
        ended = sorted(pool.map(sign, ("manager2", "director")))
    assert ended == ["done", "late"]
    with world.bank.store.read() as connection:
        issued = connection.execute(select(CARD.c.id)).fetchall()
        signed = connection.execute(select(SIGNATURE).where(SIGNATURE.c.request_id == request)).fetchall()
    assert (len(issued), len(signed)) == (5, 1)


@pytest.mark.parametrize("how", ["refused", "withdrawn"])
def test_a_refused_or_withdrawn_request_gives_the_application_back_to_the_queue(world: World, how: str) -> None:
    request, application = world.ids["waiting.request"], world.ids["waiting.application"]
    if how == "refused":
        ended = requests.refuse(world.desk("manager2"), request, "Too high for this income.").view
        assert ended.status is RequestStatus.REFUSED
    else:
        with pytest.raises(Refused, match="Only its maker"):
            requests.withdraw(world.desk("manager2"), request)
        assert requests.withdraw(world.desk("manager"), request).view.status is RequestStatus.WITHDRAWN
    assert application in [row.id for row in review.queue(world.desk("manager2")).items]
    with pytest.raises(Conflict):
        requests.sign(world.desk("director"), request)
    clock = world.bank.clock
    assert isinstance(clock, SimulatedClock)
    clock.advance(timedelta(minutes=16))
    review.claim(world.town.sign_in("manager2", "another"), application)


def test_a_customer_who_withdraws_ends_the_request(world: World) -> None:
    applications.withdraw(world.town.desk("waiting"), world.ids["waiting.application"])
    with pytest.raises(BankError):
        requests.sign(world.desk("manager2"), world.ids["waiting.request"])
    assert status_of(world, "waiting") is ApplicationStatus.WITHDRAWN
    assert cards_of(world, "waiting") == 0


def test_the_last_signature_may_come_long_after_the_makers_claim_has_ended(world: World) -> None:
    clock = world.bank.clock
    assert isinstance(clock, SimulatedClock)
    sign_in.sign_out(world.desk("manager"))
    clock.advance(timedelta(days=6))
    signed = requests.sign(world.town.sign_in("manager2", "later"), world.ids["waiting.request"]).view
    assert signed.status is RequestStatus.DONE, signed.problem
