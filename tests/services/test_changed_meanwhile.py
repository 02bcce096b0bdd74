"""Who saves names what was seen: what somebody else has changed in the meantime is not overwritten."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from bankcard_tui.errors import Conflict
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import ApplicationStatus, RefusalReason
from bankcard_tui.services import customers, identity, review, staff
from bankcard_tui.services.profile import Contact
from tests.branch import SOLID
from tests.hand_made_card import put_in_force, trained_like
from tests.services.world import World

PHONE = Contact(phone="13700137001")


@pytest.mark.parametrize(
    "save",
    [
        lambda world, id, version: customers.change_contact(world.desk("teller"), id, version, PHONE),
        lambda world, id, version: customers.change_contact(world.town.desk("zhang"), id, version, PHONE),
        lambda world, id, version: customers.change_circumstances(
            world.desk("teller"), id, version, SOLID.model_copy(update={"years_employed": 2})
        ),
        lambda world, id, version: customers.check_income(world.desk("manager"), id, version),
        lambda world, id, version: identity.verify_identity(world.desk("teller"), id, version, True, True, True),
    ],
)
def test_a_file_that_was_changed_since_it_was_opened_is_not_overwritten(
    world: World, save: Callable[..., object]
) -> None:
    customer = world.ids["zhang.customer"]
    seen = customers.open_file(world.desk("teller"), customer).version
    customers.change_contact(world.desk("teller2"), customer, seen, Contact(phone="13600136000"))
    with pytest.raises(Conflict, match="changed this customer in the meantime"):
        save(world, customer, seen)
    assert customers.open_file(world.desk("teller"), customer).contact.phone == "+8613600136000"
    save(world, customer, seen + 1)


def test_of_two_who_save_at_once_one_is_told(world: World) -> None:
    customer = world.ids["zhang.customer"]
    seen = customers.open_file(world.desk("teller"), customer).version

    def save(username: str) -> bool:
        try:
            customers.change_contact(world.desk(username), customer, seen, PHONE)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(save, ("teller", "teller2"))) == [False, True]


def test_a_staff_account_that_was_changed_since_is_not_overwritten(world: World) -> None:
    account, admin = world.ids["teller2"], world.desk("admin")
    seen = staff.open_staff(admin, account).row.version
    staff.set_permissions(world.desk("admin2"), account, seen, frozenset(), frozenset())
    with pytest.raises(Conflict, match="changed this account in the meantime"):
        staff.set_permissions(admin, account, seen, frozenset(), frozenset())
    with pytest.raises(Conflict, match="changed this account in the meantime"):
        staff.disable_staff(admin, account, seen)


def test_a_changed_income_has_to_be_checked_again(world: World) -> None:
    customer, teller = world.ids["zhang.customer"], world.desk("teller")
    file = customers.open_file(teller, customer)
    assert file.income_checked_by
    richer = SOLID.model_copy(update={"monthly_income": Money.yuan(90_000)})
    customers.change_circumstances(world.town.desk("zhang"), customer, file.version, richer)
    assert customers.open_file(teller, customer).income_checked_by == ""


def test_nobody_decides_on_the_opinion_of_a_card_that_is_not_in_force_any_more(world: World) -> None:
    application, manager = world.ids["zhang.application"], world.desk("manager")
    seen = review.claim(manager, application).view.advice.opinion.card_hash
    put_in_force(world.bank, trained_like(), world.town.staff("manager2"), version=2)
    for decide in (
        lambda: review.approve(manager, application, Money.yuan(10_000), seen_card=seen),
        lambda: review.refuse(manager, application, (RefusalReason.RISK,), against_reason="no", seen_card=seen),
    ):
        with pytest.raises(Conflict, match="Another points card gives opinions now"):
            decide()
    now = review.look(manager, application).advice.opinion.card_hash
    assert now != seen
    refused = review.refuse(manager, application, (RefusalReason.RISK,), against_reason="no", seen_card=now).view
    assert refused.status is ApplicationStatus.REFUSED
