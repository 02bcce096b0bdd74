"""What needs several signatures gets them from several people, or does not happen."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import select

from bankcard_tui.desk.access import ACCOUNT
from bankcard_tui.desk.desk import Desk
from bankcard_tui.errors import BankError, Conflict, NotSignedIn, Refused
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import ApplicationStatus, CardKind, Purpose, RequestStatus, Role
from bankcard_tui.security.permissions import EVERYBODYS, Permission
from bankcard_tui.services import applications, cards, customers, identity, logs, requests, review, staff
from bankcard_tui.services.profile import Contact, Identity
from tests.branch import id_number
from tests.services.world import World


def cards_of(world: World, name: str) -> int:
    return len(customers.open_file(world.desk("teller2"), world.ids[f"{name}.customer"]).cards)


def status_of(world: World, name: str) -> ApplicationStatus:
    return applications.open_application(world.desk("manager2"), world.ids[f"{name}.application"]).row.status


def take_away(world: World, username: str, permission: Permission) -> None:
    admin, account = world.desk("admin"), world.ids[username]
    version = staff.open_staff(admin, account).row.version
    staff.set_permissions(admin, account, version, frozenset(), frozenset({permission}))


def disable(world: World, username: str) -> None:
    admin, account = world.desk("admin"), world.ids[username]
    staff.disable_staff(admin, account, staff.open_staff(admin, account).row.version)


def three_signatures(world: World) -> UUID:
    """A request for 45,000 yuan, made by manager2 and signed by nobody else yet."""
    application = world.ids["zhang.application"]
    review.claim(world.desk("manager2"), application)
    pending = review.approve(world.desk("manager2"), application, Money.yuan(45_000)).pending
    assert pending is not None
    assert (pending.signed, pending.needed) == (1, 3)
    return pending.id


def test_nothing_is_issued_before_the_last_signature(world: World) -> None:
    assert cards_of(world, "waiting") == 0
    assert status_of(world, "waiting") is ApplicationStatus.IN_REVIEW
    signed = requests.sign(world.desk("manager2"), world.ids["waiting.request"]).view
    assert (signed.status, signed.signed, signed.needed) == (RequestStatus.DONE, 2, 2)
    assert cards_of(world, "waiting") == 1
    with pytest.raises(Conflict, match="not wait any more"):
        requests.sign(world.desk("director"), world.ids["waiting.request"])
    assert cards_of(world, "waiting") == 1


def test_the_maker_can_not_sign_at_any_place(world: World) -> None:
    with pytest.raises(Refused, match="signed this already"):
        requests.sign(world.desk("manager"), world.ids["waiting.request"])
    request = three_signatures(world)
    requests.sign(world.desk("manager"), request)
    for username in ("manager2", "manager"):
        with pytest.raises(Refused):
            requests.sign(world.desk(username), request)
    assert requests.sign(world.desk("director"), request).view.status is RequestStatus.DONE


def test_the_third_signature_needs_the_right_to_give_it(world: World) -> None:
    request = three_signatures(world)
    requests.sign(world.desk("director"), request)
    with pytest.raises(Refused, match="not yours to give"):
        requests.sign(world.desk("manager"), request)


def test_whoever_entered_an_application_under_an_earlier_account_neither_reviews_nor_signs(world: World) -> None:
    """A teller enters an application, and comes back as a manager under a new account."""
    town = world.town
    entered = applications.submit(
        world.desk("teller2"),
        world.ids["free.customer"],
        CardKind.CONSUMER,
        Purpose.EVERYDAY,
        Money.yuan(20_000),
        "A B",
    ).view.id
    disable(world, "teller2")
    person = Identity(name="Teller2", id_number=id_number(4))
    account = staff.add_staff(world.desk("admin"), "promoted", person, Role.MANAGER).view.id
    town.activate(account, "promoted", ("teller", "manager"))
    with pytest.raises(Refused, match="Nobody acts on their own"):
        review.claim(town.desk("promoted"), entered)
    review.claim(world.desk("manager"), entered)
    pending = review.approve(world.desk("manager"), entered, Money.yuan(20_000)).pending
    assert pending is not None
    with pytest.raises(Refused, match="Nobody acts on their own"):
        requests.sign(town.desk("promoted"), pending.id)
    with pytest.raises(Refused, match="Nobody acts on their own"):
        requests.refuse(town.desk("promoted"), pending.id, "I would rather not")
    assert requests.sign(world.desk("manager2"), pending.id).view.status is RequestStatus.DONE


def test_one_person_has_one_staff_account(world: World) -> None:
    person = Identity(name="Manager", id_number=id_number(5))
    with pytest.raises(Conflict, match="works here already as manager"):
        staff.add_staff(world.desk("admin"), "manager9", person, Role.MANAGER)


def test_until_somebody_has_an_account_what_goes_wrong_is_about_the_person(world: World) -> None:
    person = Identity(name="Manager", id_number=id_number(5))
    with pytest.raises(Conflict):
        staff.add_staff(world.desk("admin"), "manager9", person, Role.MANAGER)
    newcomer = staff.add_staff(
        world.desk("admin"), "newcomer", Identity(name="Wu", id_number=id_number(401)), Role.TELLER
    )
    with world.town.bank.store.read() as connection:
        said = connection.exec_driver_sql(
            "SELECT subject_kind, subject_id, subject_person FROM log_entry"
            " WHERE action = 'staff.add' ORDER BY seq DESC"
        ).fetchmany(2)
    done, failed = said
    assert failed[0] == "person"
    assert failed[1] == failed[2]
    assert (done[0], done[1]) == ("account", newcomer.view.id.bytes)


@pytest.mark.parametrize("username", ["manager2", "director"])
def test_staff_whose_claim_on_being_a_customer_is_not_settled_are_the_subject_all_the_same(
    world: World, username: str
) -> None:
    """The fingerprint of the ID number tells who somebody is, before anybody has settled the claim."""
    number = id_number({"manager2": 6, "director": 7}[username])
    customer = world.town.registers(f"again-{username}", username.title(), number).customer_id
    application = world.town.applies(f"again-{username}", customer).id
    own, other = world.desk(username), world.desk("manager")
    for attempt in (
        lambda: review.claim(own, application),
        lambda: review.look(own, application),
        lambda: applications.open_application(own, application),
        lambda: customers.open_file(own, customer),
        lambda: customers.check_income(own, customer, 1),
    ):
        with pytest.raises(Refused, match="Nobody acts on their own"):
            attempt()
    assert review.claim(other, application).view.application.row.id == application
    found = review.claim_next(own, after=None).view
    assert found is None or found.application.row.id != application


def test_the_subject_neither_signs_nor_refuses_nor_takes_the_card(world: World) -> None:
    director = world.desk("director")
    for attempt in (requests.sign, requests.refuse):
        with pytest.raises(Refused, match="Nobody acts on their own"):
            attempt(director, world.ids["self.director.request"], "for me")
    teller, card = world.desk("teller"), world.ids["self.teller.card"]
    for by_counter in (cards.hand_over, cards.activate):
        with pytest.raises(Refused, match="Nobody acts on their own"):
            by_counter(teller, card, True)
    cards.hand_over(world.desk("teller2"), card, True)
    assert cards.activate(world.desk("teller2"), card, True).view.number.startswith("****")


@pytest.mark.parametrize("how", ["disabled", "may no longer review"])
def test_a_request_of_a_maker_who_lost_the_right_fails_at_the_last_signature(world: World, how: str) -> None:
    if how == "disabled":
        disable(world, "manager")
    else:
        take_away(world, "manager", Permission.REVIEW_APPLICATIONS)
    signed = requests.sign(world.desk("manager2"), world.ids["waiting.request"]).view
    assert signed.status is RequestStatus.FAILED
    assert signed.problem
    assert cards_of(world, "waiting") == 0
    assert status_of(world, "waiting") is not ApplicationStatus.APPROVED
    world.desk("admin")
    entries = logs.list_log(world.desk("admin"), action="application.approve").items
    assert [entry.outcome for entry in entries[:1]] == ["pending"]


@pytest.mark.parametrize("how", ["disabled", "may no longer sign"])
def test_a_request_whose_earlier_signer_lost_the_right_fails(world: World, how: str) -> None:
    request = three_signatures(world)
    requests.sign(world.desk("manager"), request)
    if how == "disabled":
        disable(world, "manager")
    else:
        take_away(world, "manager", Permission.SIGN_SECOND)
    signed = requests.sign(world.desk("director"), request).view
    assert signed.status is RequestStatus.FAILED
    assert cards_of(world, "zhang") == 0


def test_a_signer_who_lost_the_right_can_not_sign(world: World) -> None:
    take_away(world, "manager2", Permission.SIGN_SECOND)
    with pytest.raises(Refused):
        requests.sign(world.desk("manager2"), world.ids["waiting.request"])
    disable(world, "director")
    with pytest.raises(NotSignedIn):
        requests.sign(world.desk("director"), world.ids["waiting.request"])


def test_an_admin_does_not_change_or_disable_the_own_account(world: World) -> None:
    admin, own = world.desk("admin"), world.ids["admin"]
    version = staff.open_staff(world.desk("admin2"), own).row.version
    with pytest.raises(Refused, match="Nobody acts on their own"):
        staff.disable_staff(admin, own, version)
    with world.bank.store.read() as connection:
        assert connection.execute(select(ACCOUNT.c.disabled_at).where(ACCOUNT.c.id == own)).scalar_one() is None


def test_a_teller_neither_registers_nor_verifies_the_own_person(world: World) -> None:
    teller, own = world.desk("teller"), Identity(name="Teller", id_number=id_number(3))
    from bankcard_tui.services.registration import register

    with pytest.raises(BankError):
        register(teller, "teller-own", own, Contact(phone="13900139000"))
    with pytest.raises(Refused, match="Nobody acts on their own"):
        identity.verify_identity(teller, world.ids["self.teller.customer"], 1, True, True, True)


def only_signs(world: World, username: str) -> Desk:
    """Somebody who signs and does not review."""
    for permission in (Permission.REVIEW_APPLICATIONS, Permission.SEE_APPLICATIONS, Permission.SEE_CUSTOMERS):
        assert permission in world.desk(username).who.permissions
    admin, account = world.desk("admin"), world.ids[username]
    file = staff.open_staff(admin, account)
    kept = {Permission.SIGN_SECOND, Permission.SIGN_THIRD} | EVERYBODYS
    staff.set_permissions(admin, account, file.row.version, file.added, file.of_role - kept)
    return world.desk(username)


def test_whoever_only_signs_looks_at_what_they_are_asked_to_sign_and_at_nothing_else(world: World) -> None:
    director = only_signs(world, "director")
    waiting = world.ids["waiting.application"]
    file = review.look(director, waiting)
    assert (file.application.row.id, file.customer.name) == (waiting, "Zhang Wei")
    assert file.application.request is not None
    entry = logs.list_log(world.desk("admin"), username="director").items[0]
    assert (entry.action, entry.outcome, entry.subject_id) == ("review.look", "done", waiting)
    for other in ("zhang", "claimed", "returned", "issued", "self.director"):
        with pytest.raises(Refused):
            review.look(director, world.ids[f"{other}.application"])
    assert requests.sign(director, world.ids["waiting.request"]).view.status is RequestStatus.DONE
    with pytest.raises(Refused):
        review.look(director, waiting)


def test_whoever_only_signs_looks_at_nothing_that_another_signs_next(world: World) -> None:
    request = three_signatures(world)
    director, zhang = only_signs(world, "director"), world.ids["zhang.application"]
    take_away(world, "manager", Permission.REVIEW_APPLICATIONS)
    assert review.look(world.desk("manager"), zhang).application.row.needed == 3
    assert review.look(director, zhang).application.row.signed == 1
    requests.sign(world.desk("manager"), request)
    for username, why in (("manager", "not yours to give"), ("teller", "may not do this")):
        with pytest.raises(Refused, match=why):
            review.look(world.desk(username), zhang)
    assert review.look(director, zhang).application.row.signed == 2
    requests.refuse(director, request, "Not yet.")
    with pytest.raises(Refused, match="may not do this"):
        review.look(director, zhang)
