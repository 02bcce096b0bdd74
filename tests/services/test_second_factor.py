"""Putting a second factor in force, doing without it again, and the policy that demands it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, select, update

from bankcard_tui.desk.access import ACCOUNT, PERMISSION
from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.desk.desk import Desk, Work
from bankcard_tui.desk.operation import run, run_signed
from bankcard_tui.desk.pending import REQUEST
from bankcard_tui.desk.registry import REGISTRY, Secret
from bankcard_tui.errors import BankError, Conflict, InvalidInput, NotSignedIn, Refused, SecondFactorNeeded
from bankcard_tui.rules.terms import STAFF_ROLES, RecoveryPurpose, RequestStatus, Role
from bankcard_tui.security.permissions import EVERYBODYS, Permission
from bankcard_tui.services import customers, logs, overview, policies, policy_changes, review, second_factor, sign_in
from bankcard_tui.services.passwords import change_password
from bankcard_tui.services.recovery_codes import RECOVERY_CODE
from tests.branch import PASSWORD, Town
from tests.services.phone import begun, enrol
from tests.services.world import World

SHORT = "kV9umber:Thr"
LONG = "amber lantern over quiet canals"
STEP = timedelta(seconds=30)


def changes(desk: Desk, current: str, new: str) -> None:
    change_password(desk, Secret(current), Secret(new), Secret(new))


def demand(town: Town, *roles: Role) -> None:
    """One admin asks for it, and it runs as with the signature of another."""
    admin, admin2 = town.desk("admin"), town.desk("admin2")
    request = policy_changes.demand_second_factor(admin, frozenset(roles)).pending
    assert request is not None
    assert admin.who.account_id is not None
    spec = REGISTRY["policy.demand_second_factor"]
    with town.bank.store.write() as connection:
        connection.execute(update(REQUEST).where(REQUEST.c.id == request.id).values(status=RequestStatus.DONE))
        now = town.bank.clock.now()
        version = town.bank.version_in_force(connection, now)
        work = Work(connection, admin2.who, town.bank.policy(connection, version), version, now)
        arguments = {"roles": frozenset(roles)}
        run_signed(spec, replace(admin2, _work=work), request.id, admin.who.account_id, arguments, version, 1)


def test_a_second_factor_is_in_force_from_its_first_code_on(town: Town, clock: SimulatedClock) -> None:
    desk = town.desk("teller")
    assert second_factor.mine(desk).model_dump() == {"since": None, "codes_left": 0, "demanded": False}
    phone = begun(desk)
    assert second_factor.mine(desk).since is None
    assert town.sign_in("teller", "elsewhere")
    paper = second_factor.confirm(desk, Secret(phone.shows())).view.codes
    assert (second_factor.mine(desk).since, second_factor.mine(desk).codes_left) == (clock.now(), 10)
    assert len(set(paper)) == 10
    assert all(len(code.replace("-", "")) == 16 for code in paper)
    with pytest.raises(SecondFactorNeeded):
        town.sign_in("teller", "elsewhere")


def test_a_wrong_first_code_puts_nothing_in_force_and_may_be_corrected(town: Town) -> None:
    desk = town.desk("teller")
    phone = begun(desk)
    for wrong in ("000000", "", phone.shows(5), "ABCD-EFGH-JKLM-NPQR"):
        with pytest.raises(InvalidInput, match="does not fit"):
            second_factor.confirm(desk, Secret(wrong))
    assert second_factor.confirm(desk, Secret(phone.shows()))
    with pytest.raises(Conflict, match="waits for its first code"):
        second_factor.confirm(desk, Secret(phone.shows(1)))


def test_beginning_needs_the_password(town: Town) -> None:
    with pytest.raises(Refused):
        second_factor.begin(town.desk("teller"), Secret("not the password of the teller"))
    with pytest.raises(Conflict, match="waits for its first code"):
        second_factor.confirm(town.desk("teller"), Secret("123456"))


def test_beginning_twice_the_last_secret_counts(town: Town) -> None:
    desk = town.desk("teller")
    first, second = begun(desk), begun(desk)
    with pytest.raises(InvalidInput):
        second_factor.confirm(desk, Secret(first.shows()))
    second_factor.confirm(desk, Secret(second.shows()))


def test_a_new_phone_takes_over_when_it_is_confirmed_and_the_old_one_holds_until_then(
    town: Town, clock: SimulatedClock
) -> None:
    desk = town.desk("teller")
    old = enrol(desk)
    with pytest.raises(SecondFactorNeeded):
        second_factor.begin(desk, Secret(PASSWORD))
    new = begun(desk, code=old.shows())
    clock.advance(STEP)
    lobby = town.bank.lobby("counter")
    with pytest.raises(Refused):
        sign_in.sign_in(lobby, "teller", PASSWORD, new.shows())
    assert sign_in.sign_in(lobby, "teller", PASSWORD, old.shows())
    second_factor.confirm(desk, Secret(new.shows()))
    clock.advance(STEP)
    for gone in (old.shows(), old.paper[0]):
        with pytest.raises(Refused):
            sign_in.sign_in(lobby, "teller", PASSWORD, gone)
    assert sign_in.sign_in(lobby, "teller", PASSWORD, new.shows())


def test_new_recovery_codes_end_the_old_ones_and_used_ones_stay_as_history(town: Town) -> None:
    desk = town.desk("teller")
    phone = enrol(desk)
    sign_in.sign_in(town.bank.lobby("counter"), "teller", PASSWORD, phone.paper[0])
    codes = second_factor.new_codes(desk, Secret(PASSWORD), Secret(phone.shows())).view.codes
    assert not set(codes) & set(phone.paper)
    with pytest.raises(Refused):
        sign_in.sign_in(town.bank.lobby("counter"), "teller", PASSWORD, phone.paper[1])
    assert sign_in.sign_in(town.bank.lobby("counter"), "teller", PASSWORD, codes[1])
    with town.bank.store.read() as connection:
        rows = connection.execute(select(RECOVERY_CODE.c.purpose, RECOVERY_CODE.c.used_at)).fetchall()
    paper = [row for row in rows if row.purpose is RecoveryPurpose.SECOND_FACTOR]
    assert sum(row.used_at is not None for row in paper) == 2
    assert len(paper) == 11


def test_without_a_second_factor_there_is_nothing_to_drop_and_no_codes(town: Town) -> None:
    desk = town.desk("teller")
    for _ in range(6):  # and the right password counts as no try
        with pytest.raises(Conflict, match="no second factor"):
            second_factor.drop(desk, Secret(PASSWORD), Secret("123456"))
        with pytest.raises(Conflict, match="no second factor"):
            second_factor.new_codes(desk, Secret(PASSWORD), Secret("123456"))
    assert town.sign_in("teller", "elsewhere")


def test_a_shorter_password_may_be_chosen_beside_a_second_factor_only(town: Town) -> None:
    desk = town.desk("teller")
    with pytest.raises(InvalidInput, match="at least 15"):
        changes(desk, PASSWORD, SHORT)
    phone = enrol(desk)
    with pytest.raises(InvalidInput, match="at least 8"):
        changes(desk, PASSWORD, "kV9umb:")
    with pytest.raises(InvalidInput, match="easy to guess"):
        changes(desk, PASSWORD, "password1")
    changes(desk, PASSWORD, SHORT)
    assert sign_in.sign_in(town.bank.lobby("counter"), "teller", SHORT, phone.shows())


def test_who_drops_it_needs_a_password_of_fifteen_characters(town: Town, clock: SimulatedClock) -> None:
    desk, there = town.desk("teller"), town.sign_in("teller", "elsewhere")
    phone = enrol(desk)
    changes(desk, PASSWORD, SHORT)
    there = sign_in.sign_in(town.bank.lobby("elsewhere"), "teller", SHORT, phone.paper[0])
    short, code = Secret(SHORT), Secret(phone.shows())
    for _ in range(6):  # counted as no tries: neither password nor code is wrong
        with pytest.raises(InvalidInput, match="at least 15"):
            second_factor.drop(desk, short, code)
        with pytest.raises(InvalidInput, match="at least 15"):
            second_factor.drop(desk, short, code, Secret("kV9umber:Thr+"), Secret("kV9umber:Thr+"))
        with pytest.raises(InvalidInput, match="differ"):
            second_factor.drop(desk, short, code, Secret(LONG), Secret(LONG + "x"))
        with pytest.raises(InvalidInput, match="used this password before") as error:
            second_factor.drop(desk, short, code, Secret(PASSWORD), Secret(PASSWORD))
    assert error.value.field == "new_password"
    clock.advance(timedelta(seconds=1))
    second_factor.drop(desk, short, code, Secret(LONG), Secret(LONG))
    overview.overview(desk)
    with pytest.raises(NotSignedIn):
        overview.overview(there)
    assert second_factor.mine(desk).model_dump() == {"since": None, "codes_left": 0, "demanded": False}
    assert sign_in.sign_in(town.bank.lobby("counter"), "teller", LONG)


def test_who_has_a_long_password_drops_it_with_a_code(town: Town) -> None:
    desk = town.desk("teller")
    phone = enrol(desk)
    for code in ("", "000000"):
        with pytest.raises(Refused):
            second_factor.drop(desk, Secret(PASSWORD), Secret(code))
    with pytest.raises(Refused):
        second_factor.drop(desk, Secret("not the password"), Secret(phone.shows()))
    second_factor.drop(desk, Secret(PASSWORD), Secret(phone.shows()))
    assert town.sign_in("teller", "elsewhere")
    assert enrol(desk).paper


def test_whose_role_must_have_one_may_do_nothing_else_until_it_is_there(town: Town, clock: SimulatedClock) -> None:
    """In the session that is open, from the next operation on, and freed without signing in anew."""
    desk, manager = town.desk("teller"), town.desk("manager")
    assert customers.search(desk) is not None
    demand(town, Role.TELLER)
    who = sign_in.me(desk)
    assert who.second_factor_due
    assert who.permissions == EVERYBODYS
    for step in (lambda: customers.search(desk), lambda: policies.show_policy(desk)):
        with pytest.raises(Refused):
            step()
    assert logs.my_log(desk) is not None
    assert review.queue(manager) is not None
    assert not sign_in.me(manager).second_factor_due
    fresh = sign_in.me(town.sign_in("teller2", "elsewhere"))
    assert fresh.second_factor_due
    assert second_factor.mine(desk).demanded
    phone = enrol(desk)
    assert customers.search(desk) is not None
    assert not sign_in.me(desk).second_factor_due
    with pytest.raises(Refused, match="policy demands"):
        second_factor.drop(desk, Secret(PASSWORD), Secret(phone.shows()))
    begun(desk, code=phone.shows())
    assert customers.search(desk) is not None


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_nobody_of_a_role_that_must_has_a_way_around_it(world: World, role: Role) -> None:
    """Whatever else the account was given: of all operations only those on the own account and the own log are left."""
    name = {Role.TELLER: "teller", Role.MANAGER: "director", Role.ADMIN: "admin"}[role]
    desk = world.desk(name)
    demand(world.town, role)
    left = set()
    for spec in REGISTRY.values():
        if spec.permissions and not EVERYBODYS & set(spec.permissions):
            arguments = dict.fromkeys(spec.signature.parameters)
            with pytest.raises(BankError) as error:
                run(spec, desk, arguments)
            assert error.value.code == "refused.permission", spec.name
        else:
            left.add(spec.name.split(".")[0])
    assert left <= {
        "activation",
        "branch",
        "channel",
        "customer",
        "draft",
        "log",
        "message",
        "overview",
        "password",
        "recovery",
        "second_factor",
        "session",
    }


def test_a_policy_that_demands_it_no_more_frees_everybody(town: Town) -> None:
    demand(town, Role.TELLER, Role.MANAGER)
    with pytest.raises(Refused):
        review.queue(town.desk("manager"))
    demand(town, Role.TELLER)
    assert review.queue(town.desk("manager")) is not None


def test_demanding_it_waits_for_a_second_admin(town: Town) -> None:
    asked = policy_changes.demand_second_factor(town.desk("admin"), frozenset({Role.TELLER, Role.ADMIN})).pending
    assert asked is not None
    assert (asked.status, asked.needed, asked.subject_kind) == (RequestStatus.PENDING, 2, "policy")
    assert policies.show_policy(town.desk("teller")).figures["second_factor_roles"] == []
    with pytest.raises(Conflict, match="waits for a signature"):
        policy_changes.demand_second_factor(town.desk("admin2"), frozenset())


def test_only_of_staff_it_can_be_demanded(town: Town) -> None:
    for role in (Role.CUSTOMER, Role.SYSTEM):
        with pytest.raises(InvalidInput, match="Only staff"):
            policy_changes.demand_second_factor(town.desk("admin"), frozenset({role}))


def test_the_policy_shows_of_whom_it_is_demanded(town: Town) -> None:
    demand(town, Role.MANAGER)
    shown = policies.show_policy(town.desk("teller"))
    assert (shown.version, shown.figures["second_factor_roles"]) == (2, ["manager"])


def test_taken_permissions_stay_taken_beside_the_demand(town: Town) -> None:
    desk = town.desk("teller")
    with town.bank.store.write() as connection:
        account = connection.execute(select(ACCOUNT.c.id).where(ACCOUNT.c.username == "teller")).scalar_one()
        connection.execute(
            insert(PERMISSION).values(account_id=account, permission=Permission.OWN_LOG.value, granted=False)
        )
    demand(town, Role.TELLER)
    with pytest.raises(Refused):
        logs.my_log(desk)
    with town.bank.store.write() as connection:
        connection.execute(delete(PERMISSION).where(PERMISSION.c.account_id == account))
    assert logs.my_log(desk) is not None
