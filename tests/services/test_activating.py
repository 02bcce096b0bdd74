"""The way to a first password: two halves, two colleagues, never the person's own hands in both."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from bankcard_tui.config import Home
from bankcard_tui.desk.access import ACCOUNT
from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.desk.registry import REGISTRY, Secret
from bankcard_tui.errors import Conflict, InvalidInput, Refused
from bankcard_tui.rules.terms import Role
from bankcard_tui.services import customers, passwords, sign_in, staff
from bankcard_tui.services.activation import complete, complete_with_code, show_half
from bankcard_tui.services.everything import operations
from bankcard_tui.services.opening import first_admin
from bankcard_tui.services.profile import Contact, Identity
from bankcard_tui.services.registration import register
from bankcard_tui.services.resets import start_reset
from tests.branch import OPENING, PASSWORD, Town, id_number
from tests.services.world import World


@pytest.fixture
def waiting(town: Town) -> UUID:
    """A customer whom a teller registered and who has no password."""
    person = Identity(name="Sun Li", id_number=town.new_id_number())
    return register(town.desk("teller"), "sunli", person, Contact(phone="13900139001")).view.account_id


def halves(town: Town, account: UUID, first: str = "teller", second: str = "teller2") -> tuple[str, str]:
    one, two = (show_half(town.desk(each), account).view for each in (first, second))
    assert (one.half, two.half) == (1, 2)
    return one.code, two.code


def activates(town: Town, first: str, second: str, username: str = "sunli", password: str = PASSWORD) -> None:
    complete(town.bank.lobby("lobby"), username, Secret(first), Secret(second), Secret(password), Secret(password))


def test_two_halves_of_two_colleagues_activate_the_account_once(town: Town, waiting: UUID) -> None:
    first, second = halves(town, waiting)
    activates(town, first.lower(), second.replace("-", " "))
    assert sign_in.sign_in(town.bank.lobby("x"), "sunli", PASSWORD).who.username == "sunli"
    with pytest.raises(Refused, match="do not fit together"):
        activates(town, first, second, password="amber lantern over quiet canals")
    with pytest.raises(Conflict):
        show_half(town.desk("teller"), waiting)


def test_one_colleague_does_not_see_both_halves(town: Town, waiting: UUID) -> None:
    show_half(town.desk("teller"), waiting)
    for desk in (town.desk("teller"), town.sign_in("teller", "another terminal")):
        with pytest.raises(Refused, match="shown to a colleague"):
            show_half(desk, waiting)
    show_half(town.desk("teller2"), waiting)
    restarted = show_half(town.desk("teller"), waiting).view
    assert restarted.half == 1
    with pytest.raises(Refused, match="shown to a colleague"):
        show_half(town.desk("teller"), waiting)


def test_halves_of_two_rounds_do_not_fit_together(town: Town, waiting: UUID) -> None:
    first, second = halves(town, waiting)
    third = show_half(town.desk("manager"), waiting).view.code
    for one, two in ((first, second), (third, second), (first, third)):
        with pytest.raises(Refused):
            activates(town, one, two)


def test_nobody_sees_a_half_of_the_own_account(town: Town) -> None:
    person = Identity(name="Teller", id_number=id_number(3))
    own = register(town.desk("teller2"), "t-own", person, Contact(phone="13900139001")).view.account_id
    with pytest.raises(Refused, match="Nobody acts on their own"):
        show_half(town.desk("teller"), own)


def test_five_tries_and_no_more(town: Town, waiting: UUID) -> None:
    first, second = halves(town, waiting)
    for _ in range(5):
        with pytest.raises(Refused):
            activates(town, first, "22222222")
    with pytest.raises(Refused):
        activates(town, first, second)
    activates(town, *halves(town, waiting))


def test_the_fifth_try_may_be_the_right_one(town: Town, waiting: UUID) -> None:
    first, second = halves(town, waiting)
    for _ in range(4):
        with pytest.raises(Refused):
            activates(town, first, "22222222")
    activates(town, first, second)


@pytest.mark.parametrize(("minutes", "holds"), [(9, True), (10, False)])
def test_codes_hold_ten_minutes(town: Town, clock: SimulatedClock, waiting: UUID, minutes: int, holds: bool) -> None:
    first, second = halves(town, waiting)
    clock.advance(timedelta(minutes=minutes))
    if holds:
        activates(town, first, second)
    else:
        with pytest.raises(Refused, match="no longer valid"):
            activates(town, first, second)


def test_halves_in_the_wrong_order_or_of_somebody_else_do_not_fit(town: Town, waiting: UUID) -> None:
    first, second = halves(town, waiting)
    other = Identity(name="Zhou Min", id_number=town.new_id_number())
    account = register(town.desk("teller"), "zhou", other, Contact(phone="13900139002")).view.account_id
    halves(town, account)
    for username, one, two in (("sunli", second, first), ("zhou", first, second), ("nobody", first, second)):
        with pytest.raises(Refused, match="do not fit together"):
            activates(town, one, two, username)


def test_one_half_alone_opens_nothing(town: Town, waiting: UUID) -> None:
    code = show_half(town.desk("teller"), waiting).view.code
    for second in (code, "22222222"):
        with pytest.raises(Refused):
            activates(town, code, second)
    with pytest.raises(InvalidInput) as error:
        activates(town, code, "")
    assert error.value.field == "second_half"


def test_a_disabled_account_is_not_activated(town: Town) -> None:
    admin = town.desk("admin")
    account = staff.add_staff(admin, "brief", Identity(name="Brief", id_number=id_number(80)), Role.TELLER).view
    first, second = halves(town, account.id)
    staff.disable_staff(admin, account.id, account.version)
    with pytest.raises(Refused):
        activates(town, first, second, "brief")
    with pytest.raises(Conflict):
        show_half(town.desk("teller"), account.id)


def test_a_weak_password_does_not_use_up_the_codes(town: Town, waiting: UUID) -> None:
    first, second = halves(town, waiting)
    for _ in range(6):
        with pytest.raises(InvalidInput):
            activates(town, first, second, password="passwordpassword")
    activates(town, first, second)


def test_both_halves_go_to_one_person_only_while_the_branch_opens(tmp_path: Path) -> None:
    clock = SimulatedClock(OPENING)
    bank = Bank.create(Home(tmp_path), bank="B", branch="H", code="N1", clock=clock, cost=4, durable=False)
    town = Town(bank)
    secret = Secret(PASSWORD)
    first_admin(bank.lobby("x"), "admin", Identity(name="One", id_number=id_number(1)), secret, secret)
    accounts = []
    for serial, username in enumerate(("second", "third"), start=2):
        person = Identity(name=username, id_number=id_number(serial))
        accounts.append(staff.add_staff(town.desk("admin"), username, person, Role.MANAGER).view)
    codes = [show_half(town.desk("admin"), accounts[0].id).view.code for _ in range(2)]
    activates(town, *codes, "second")
    show_half(town.desk("admin"), accounts[1].id)
    with pytest.raises(Refused, match="shown to a colleague"):
        show_half(town.desk("admin"), accounts[1].id)
    version = staff.open_staff(town.desk("admin"), accounts[0].id).row.version
    staff.disable_staff(town.desk("admin"), accounts[0].id, version)
    with pytest.raises(Refused, match="shown to a colleague"):
        show_half(town.desk("admin"), accounts[1].id)
    with pytest.raises(Refused, match="open already"):
        first_admin(bank.lobby("x"), "boss", Identity(name="Boss", id_number=id_number(9)), secret, secret)
    bank.close()


def test_who_had_a_password_gets_the_next_one_from_two_colleagues_in_the_smallest_branch_too(tmp_path: Path) -> None:
    clock = SimulatedClock(OPENING)
    bank = Bank.create(Home(tmp_path), bank="B", branch="H", code="N1", clock=clock, cost=4, durable=False)
    town, secret = Town(bank), Secret(PASSWORD)
    first_admin(bank.lobby("x"), "admin", Identity(name="One", id_number=id_number(1)), secret, secret)
    person = Identity(name="Wu Li", id_number=id_number(2))
    second = staff.add_staff(town.desk("admin"), "second", person, Role.TELLER).view
    town.activate(second.id, "second", ("admin", "admin"))
    start_reset(town.desk("admin"), second.id)
    show_half(town.desk("admin"), second.id)
    with pytest.raises(Refused, match="shown to a colleague"):
        show_half(town.desk("admin"), second.id)
    bank.close()


def test_guesses_at_one_way_do_not_close_the_other(town: Town, waiting: UUID) -> None:
    first, second = halves(town, waiting)
    chosen = Secret(PASSWORD)
    for _ in range(6):
        with pytest.raises(Refused):
            complete_with_code(town.bank.lobby("counter"), "sunli", Secret("2222-2222-2222"), chosen, chosen)
    activates(town, first, second)


def test_the_system_never_gets_a_password(town: Town) -> None:
    with town.bank.store.read() as connection:
        system = connection.execute(select(ACCOUNT.c.id).where(ACCOUNT.c.role == Role.SYSTEM)).scalar_one()
    for colleague in ("teller", "teller2"):
        with pytest.raises(Conflict, match="has no password"):
            show_half(town.desk(colleague), system)


def test_no_operation_sets_the_password_of_somebody_else() -> None:
    """Whatever takes a new password takes no account: it is always the own."""
    takes = {spec.name for spec in operations() if "again" in spec.signature.parameters}
    assert takes == {
        "activation.complete",
        "activation.complete_with_code",
        "activation.recover",
        "branch.first_admin",
        "customer.register_self",
        "password.change",
        "second_factor.drop",
    }
    for name in takes:
        assert not {"account", "customer"} & set(REGISTRY[name].signature.parameters)


def test_what_the_bank_knows_of_a_person_makes_no_password_and_no_stranger_learns_it(world: World) -> None:
    known = Secret("139 0013 9000 139 0013 9000")
    lobby, wrong = world.bank.lobby("lobby"), Secret("2222-2222")
    with pytest.raises(Refused, match="do not fit together"):
        complete(lobby, "known", wrong, wrong, known, known)
    halves = [
        Secret(show_half(world.desk(each), world.ids["known.account"]).view.code) for each in ("teller", "teller2")
    ]
    with pytest.raises(InvalidInput, match="easy to guess"):
        complete(lobby, "known", *halves, known, known)
    complete(lobby, "known", *halves, Secret(PASSWORD), Secret(PASSWORD))
    assert world.town.sign_in("known").who.username == "known"


def test_nobody_changes_to_a_password_made_of_the_own_profile(world: World) -> None:
    zhang, old = world.desk("zhang"), Secret(PASSWORD)
    employer = customers.my_file(zhang).circumstances.employer
    assert len(employer) > 5
    for made in (
        f"{employer} {employer}",
        "Zhang Wei 13800138000",
        "zw 1988 05 17 harbour",
        "Test Bank, Harbour, Zhang",
    ):
        with pytest.raises(InvalidInput, match="easy to guess"):
            passwords.change_password(zhang, old, Secret(made), Secret(made))
    new = Secret("nine copper kettles sing softly")
    passwords.change_password(zhang, old, new, new)
