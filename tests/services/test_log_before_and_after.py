"""An entry of a change says what was there before and what is there now, without what would find a person."""

from __future__ import annotations

from typing import Any

from bankcard_tui.rules.money import Money
from bankcard_tui.services import applications, customers, logs
from bankcard_tui.services.customers import open_file
from bankcard_tui.services.profile import Contact
from tests.branch import SOLID
from tests.services.world import World


def newest(world: World, action: str) -> dict[str, Any]:
    return logs.list_log(world.desk("admin"), action=action).items[0].detail


def test_a_change_of_contact_is_told_masked(again: World) -> None:
    customer, teller = again.ids["zhang.customer"], again.desk("teller")
    contact = Contact(phone="13700137001", email="new@example.org", address="7 Quay Street")
    customers.change_contact(teller, customer, open_file(teller, customer).version, contact)
    detail = newest(again, "customer.change_contact")
    assert detail["before"] == {"phone": "+86 138****8000", "email": "z***@example.com", "address": ""}
    assert detail["after"] == {"phone": "+86 137****7001", "email": "n***@example.org", "address": "7 ***"}


def test_a_change_of_circumstances_tells_what_changed_and_nothing_else(again: World) -> None:
    customer, teller = again.ids["zhang.customer"], again.desk("teller")
    version = open_file(teller, customer).version
    poorer = SOLID.model_copy(update={"monthly_income": Money.yuan(9_000)})
    version = customers.change_circumstances(teller, customer, version, poorer).view
    detail = newest(again, "customer.change_circumstances")
    assert (detail["before"], detail["after"]) == ({"monthly_income": "18,000.00"}, {"monthly_income": "9,000.00"})
    customers.change_circumstances(teller, customer, version, poorer)
    assert newest(again, "customer.change_circumstances") == {"changed": []}


def test_a_step_of_an_application_tells_from_where_to_where(again: World) -> None:
    applications.withdraw(again.town.desk("zhang"), again.ids["zhang.application"])
    detail = newest(again, "application.withdraw")
    assert (detail["before"], detail["after"]) == ({"status": "submitted"}, {"status": "withdrawn"})
