"""The policy is changed by two people, from a day on, and never for days that have passed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlalchemy import update

from bankcard_tui.desk.access import POLICY
from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.pending import REQUEST
from bankcard_tui.errors import BankError, Conflict, InvalidForm, InvalidInput, NotFound, Refused, VerificationFailed
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import Grade, Outcome, RequestStatus, Role
from bankcard_tui.screens.admin.signing import asked
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.admin_requests import AdminRow, waiting_for_admins
from bankcard_tui.services.evaluations import evaluate_all_due
from bankcard_tui.services.logs import list_log
from bankcard_tui.services.policies import policy_then, policy_values, show_policy, try_out
from bankcard_tui.services.policy_changes import change_policy, demand_second_factor, waiting_changes
from bankcard_tui.services.policy_versions import list_versions
from bankcard_tui.services.policy_views import VersionState, VersionView, WaitingChange
from bankcard_tui.services.requests import refuse, sign, waiting, withdraw
from tests.branch import Town
from tests.services.evaluating import holder, lives, months_pass
from tests.services.policy_kit import ADMINS, changed_by_two, figure, proposed

HIGHER = {"tiers.good.highest": "25000"}
TODAY = date(2026, 3, 2)
"""The day at the branch on which these tests begin, at 10 in the morning."""


def versions(town: Town) -> tuple[VersionView, ...]:
    return list_versions(town.sign_in("teller")).items


def waits(town: Town, username: str) -> list[WaitingChange]:
    found = waiting_changes(town.desk(username))
    assert all(isinstance(each, WaitingChange) for each in found)
    return [each for each in found if isinstance(each, WaitingChange)]


def test_a_change_takes_force_with_the_signature_of_a_second_manager(town: Town, clock: SimulatedClock) -> None:
    request = proposed(town, HIGHER)
    assert (request.status, request.needed, request.subject_kind) == (RequestStatus.PENDING, 2, "limit_rules")
    assert figure(town, "tiers.good.highest") == "20000.00"
    clock.advance(timedelta(hours=1))
    sign(town.sign_in("director"), request.id)
    assert figure(town, "tiers.good.highest") == "25000.00"
    newest, first = versions(town)
    assert (newest.version, newest.state, newest.proposed_by, newest.approved_by) == (
        2,
        VersionState.IN_FORCE,
        "Manager",
        "Director",
    )
    assert newest.in_force_from == clock.now()
    assert [(each.name, each.before, each.after) for each in newest.differences] == [
        ("tiers.good.highest", "20000.00", "25000.00")
    ]
    assert (first.version, first.state, first.differences) == (1, VersionState.PAST, ())


def test_nobody_signs_the_own_change(town: Town) -> None:
    request = proposed(town, HIGHER)
    with pytest.raises(Refused, match="four eyes"):
        sign(town.desk("manager"), request.id)


def test_admins_sign_no_rules_of_limits_and_managers_nothing_else(town: Town) -> None:
    limits, branch = proposed(town, HIGHER), proposed(town, {"idle_minutes": "5"}, by="admin")
    for username, request in (("admin", limits), ("director", branch)):
        with pytest.raises(Refused):
            sign(town.desk(username), request.id)
    assert sign(town.desk("director"), limits.id).view.status is RequestStatus.DONE
    # The other one was made on an older policy.
    assert sign(town.desk("admin2"), branch.id).view.status is RequestStatus.FAILED


@pytest.mark.parametrize(
    ("username", "changes"),
    [
        ("manager", {"idle_minutes": "5"}),
        ("manager", {"idle_minutes": "5"} | HIGHER),
        ("admin", HIGHER),
        ("admin", {"idle_minutes": "5"} | HIGHER),
        ("teller", HIGHER),
    ],
)
def test_everybody_changes_the_own_kind_of_figures_alone(town: Town, username: str, changes: dict[str, str]) -> None:
    with pytest.raises(Refused):
        change_policy(town.desk(username), changes, "x")
    assert len(versions(town)) == 1


def test_a_change_for_a_later_day_takes_force_with_that_day(town: Town, clock: SimulatedClock) -> None:
    changed_by_two(town, HIGHER, TODAY + timedelta(days=1))
    newest = versions(town)[0]
    assert newest.state is VersionState.SCHEDULED
    clock.advance(newest.in_force_from - timedelta(microseconds=1) - clock.now())
    assert figure(town, "tiers.good.highest") == "20000.00"
    clock.advance(newest.in_force_from - clock.now())
    assert figure(town, "tiers.good.highest") == "25000.00"
    assert town.bank.day_of(newest.in_force_from) == TODAY + timedelta(days=1)
    assert town.bank.day_of(newest.in_force_from - timedelta(microseconds=1)) == TODAY


@pytest.mark.parametrize("day", [TODAY - timedelta(days=1), date(2020, 1, 1), TODAY + timedelta(days=367), date.max])
def test_nothing_is_changed_for_the_past_or_for_a_mistyped_year(town: Town, day: date) -> None:
    with pytest.raises(InvalidInput) as problem:
        change_policy(town.desk("manager"), HIGHER, "x", day)
    assert problem.value.field == "from_day"


def test_a_signature_after_the_day_puts_a_change_in_force_when_it_comes(town: Town, clock: SimulatedClock) -> None:
    request = proposed(town, HIGHER, TODAY + timedelta(days=1))
    clock.advance(timedelta(days=3))
    signed = sign(town.sign_in("director"), request.id).view
    assert signed.status is RequestStatus.DONE
    assert versions(town)[0].in_force_from == clock.now()


def test_a_change_made_in_between_makes_the_one_that_waits_a_new_question(town: Town) -> None:
    request = proposed(town, {"watch_months": "9"})
    changed_by_two(town, {"idle_minutes": "5"}, by=ADMINS)
    failed = sign(town.desk("director"), request.id).view
    assert failed.status is RequestStatus.FAILED
    assert "changed since" in str(failed.problem[0])
    assert figure(town, "watch_months") == "6"


def test_a_change_that_is_scheduled_outlives_one_that_comes_before_it(town: Town, clock: SimulatedClock) -> None:
    changed_by_two(town, HIGHER, TODAY + timedelta(days=10))
    changed_by_two(town, {"tiers.good.highest": "22000", "watch_months": "9"}, TODAY + timedelta(days=5))
    changed_by_two(town, {"idle_minutes": "5"}, by=ADMINS)
    seen = []
    for _ in range(11):
        seen.append((figure(town, "tiers.good.highest"), figure(town, "watch_months"), figure(town, "idle_minutes")))
        clock.advance(timedelta(days=1))
    assert seen == [
        *[("20000.00", "6", "5")] * 5,
        *[("22000.00", "9", "5")] * 5,
        ("25000.00", "9", "5"),
    ]


def test_what_was_written_again_keeps_who_proposed_and_who_signed_it(town: Town) -> None:
    changed_by_two(town, HIGHER, TODAY + timedelta(days=10))
    changed_by_two(town, {"idle_minutes": "5"}, by=ADMINS)
    again, admins, before, _ = versions(town)
    assert (again.state, admins.state, before.state) == (
        VersionState.SCHEDULED,
        VersionState.IN_FORCE,
        VersionState.REPLACED,
    )
    assert (again.proposed_by, again.approved_by, again.note) == (before.proposed_by, before.approved_by, before.note)
    assert again.differences == before.differences
    assert again.in_force_from == before.in_force_from
    changed_by_two(town, {"idle_minutes": "6"}, by=ADMINS)
    # One for the new change, one for what is scheduled: nothing that was replaced is written once more.
    assert len(versions(town)) == 6


def test_two_changes_for_the_same_day_both_count(town: Town, clock: SimulatedClock) -> None:
    day = TODAY + timedelta(days=2)
    changed_by_two(town, HIGHER, day)
    changed_by_two(town, {"watch_months": "9"}, day)
    changed_by_two(town, {"watch_check_days": "5"})
    changed_by_two(town, {"grace_days": "4"})
    clock.advance(timedelta(days=2))
    names = ("tiers.good.highest", "watch_months", "watch_check_days", "grace_days")
    assert [figure(town, name) for name in names] == ["25000.00", "9", "5", "4"]


def test_a_change_that_breaks_one_that_is_scheduled_is_refused_with_its_day(town: Town) -> None:
    changed_by_two(town, {"tiers.medium.highest": "18000"}, TODAY + timedelta(days=3))
    with pytest.raises(Conflict, match="2026-03-05") as problem:
        change_policy(town.desk("manager"), {"tiers.good.highest": "15000"}, "x")
    assert problem.value.code == "conflict.scheduled"


def test_with_the_clock_set_back_nothing_that_was_changed_is_lost(town: Town, clock: SimulatedClock) -> None:
    morning = clock.now()
    clock.advance(timedelta(hours=5))
    changed_by_two(town, HIGHER)
    afternoon = clock.now()
    clock.advance(morning + timedelta(hours=1) - clock.now())
    assert figure(town, "tiers.good.highest") == "20000.00"
    changed_by_two(town, {"watch_months": "9"})
    assert (figure(town, "tiers.good.highest"), figure(town, "watch_months")) == ("20000.00", "9")
    clock.advance(afternoon - clock.now())
    assert (figure(town, "tiers.good.highest"), figure(town, "watch_months")) == ("25000.00", "9")


def test_before_the_first_policy_the_first_holds(town: Town, clock: SimulatedClock) -> None:
    changed_by_two(town, HIGHER)
    clock.advance(clock.now() - timedelta(days=3_650) - clock.now())
    assert figure(town, "tiers.good.highest") == "20000.00"


@pytest.mark.parametrize("changes", [{"tiers.good.highest": "20,000"}, {"watch_months": "9", "grace_days": "3"}])
def test_a_figure_that_stays_as_it_is_is_no_change(town: Town, changes: dict[str, str]) -> None:
    with pytest.raises(InvalidForm) as problem:
        change_policy(town.desk("manager"), changes, "x")
    assert [each.code for each in problem.value.problems] == ["policy.same"]


def test_a_change_of_nothing_or_without_a_reason_is_refused(town: Town) -> None:
    for username in ("manager", "admin"):
        with pytest.raises(InvalidInput, match="Nothing"):
            change_policy(town.desk(username), {}, "x")
    with pytest.raises(InvalidInput):
        change_policy(town.desk("manager"), HIGHER, " ")


def test_everything_wrong_is_said_before_anybody_signs(town: Town) -> None:
    with pytest.raises(InvalidForm) as problem:
        change_policy(town.desk("manager"), {"watch_months": "0", "tiers.good.highest": "a lot"}, "x")
    assert [each.field for each in problem.value.problems] == ["watch_months", "tiers.good.highest"]
    assert waits(town, "manager") == []


# What waits


def test_whoever_can_sign_sees_before_what_would_change(town: Town) -> None:
    day = TODAY + timedelta(days=4)
    proposed(town, HIGHER, day)
    (mine,), (theirs,) = waits(town, "manager"), waits(town, "director")
    assert (mine.mine, mine.mine_to_sign, theirs.mine, theirs.mine_to_sign) == (True, False, False, True)
    assert (theirs.from_day, theirs.note, theirs.of_limits) == (day, "Decided by the committee.", True)
    assert [(each.name, each.before, each.after) for each in theirs.differences] == [
        ("tiers.good.highest", "20000.00", "25000.00")
    ]
    assert waits(town, "admin") == []


def test_rules_of_limits_and_other_figures_wait_side_by_side(town: Town) -> None:
    proposed(town, {"tiers.medium.highest": "18000"})
    proposed(town, {"idle_minutes": "5"}, by="admin")
    (limits,), (other,) = waits(town, "director"), waits(town, "admin2")
    assert (limits.problem, other.problem) == ((), ())
    assert [each.after for each in (*limits.differences, *other.differences)] == ["18000.00", "5"]


def test_admins_see_their_own_requests_on_their_page_and_with_the_policy(town: Town) -> None:
    demand_second_factor(town.desk("admin"), frozenset({Role.TELLER}))
    proposed(town, HIGHER)
    (row,) = waits(town, "admin2")
    assert [(each.name, each.before, each.after) for each in row.differences] == [("second_factor_roles", "", "teller")]
    assert [each.request.subject_kind for each in waiting_for_admins(town.desk("admin2")).items] == ["policy"]
    assert waiting(town.desk("director")).items == ()


def test_a_change_is_refused_or_taken_back_before_it_is_signed(town: Town) -> None:
    first = proposed(town, HIGHER)
    with pytest.raises(Conflict, match="waits for a signature"):
        change_policy(town.desk("director"), {"watch_months": "9"}, "x")
    assert refuse(town.desk("director"), first.id, "Too much.").view.status is RequestStatus.REFUSED
    second = proposed(town, HIGHER)
    assert withdraw(town.desk("manager"), second.id).view.status is RequestStatus.WITHDRAWN
    assert waits(town, "director") == []
    assert len(versions(town)) == 1


def test_the_log_says_what_was_changed_to_what_and_from_when(town: Town) -> None:
    changed_by_two(town, HIGHER)
    (entry,) = list_log(town.desk("admin"), action="policy.change", outcome=Outcome.DONE).items
    assert entry.detail["changes"] == ["tiers.good.highest: 20000.00 -> 25000.00"]
    assert (entry.detail["version"], entry.subject_kind) == (2, "limit_rules")


# Reading


def test_every_figure_is_shown_with_who_may_change_it(town: Town) -> None:
    shown = policy_values(town.desk("teller"))
    by_name = {each.name: each for each in shown.values}
    assert shown.version == 1
    tier = by_name["tiers.good.highest"]
    assert (tier.value, tier.lowest, tier.highest, tier.permission) == (
        "20000.00",
        "0",
        "10000000",
        Permission.MANAGE_LIMIT_RULES,
    )
    assert by_name["idle_minutes"].permission is Permission.MANAGE_POLICY
    assert (by_name["idle_minutes"].used, by_name["due_days"].used) == (True, False)


def test_any_version_and_any_day_can_be_looked_at(town: Town, clock: SimulatedClock) -> None:
    changed_by_two(town, HIGHER)
    changed_by_two(town, {"watch_months": "9"}, TODAY + timedelta(days=2))
    desk = town.desk("teller")

    def told(**asked: object) -> tuple[int, str, str]:
        shown = policy_then(desk, **asked)  # type: ignore[arg-type]
        values = {each.name: each.value for each in shown.values}
        return shown.version, values["tiers.good.highest"], values["watch_months"]

    assert told(version=1) == (1, "20000.00", "6")
    assert told(day=TODAY - timedelta(days=1)) == (1, "20000.00", "6")
    assert told(day=TODAY) == told() == (2, "25000.00", "6")
    assert told(day=TODAY + timedelta(days=1)) == (2, "25000.00", "6")
    assert told(day=TODAY + timedelta(days=2)) == (3, "25000.00", "9")
    assert show_policy(desk).version == 2
    with pytest.raises(NotFound):
        policy_then(desk, version=9)


def test_a_change_can_be_tried_without_being_made(town: Town) -> None:
    tried = try_out(town.desk("manager"), HIGHER | {"watch_months": "6"})
    assert [(each.name, each.before, each.after) for each in tried.differences] == [
        ("tiers.good.highest", "20000.00", "25000.00")
    ]
    assert len(versions(town)) == 1
    with pytest.raises(BankError):
        try_out(town.desk("manager"), {"tiers.good.highest": "1"})


def test_a_second_factor_is_still_demanded_as_before(town: Town) -> None:
    request = demand_second_factor(town.desk("admin"), frozenset({Role.TELLER})).pending
    assert request is not None
    sign(town.desk("admin2"), request.id)
    assert figure(town, "second_factor_roles") == "teller"
    assert list_versions(town.desk("admin2")).items[0].note == "second factor"


def test_two_who_sign_at_once_make_one_version(town: Town) -> None:
    request = proposed(town, HIGHER)
    desks = [town.sign_in(username) for username in ("director", "manager2")]

    def signs(desk: Desk) -> str:
        try:
            return sign(desk, request.id).view.status.value
        except Conflict as problem:
            return problem.code

    with ThreadPoolExecutor(2) as both:
        assert sorted(both.map(signs, desks)) == ["conflict.request_ended", "done"]
    assert [each.version for each in versions(town)] == [2, 1]


def test_a_rule_of_limits_is_tried_on_the_portfolio(town: Town) -> None:
    customer = holder(town)
    months_pass(town, 184)
    lives(town, customer, [0] * 6, spent="6000.00")
    evaluate_all_due(town.bank.system_desk("night"))
    smaller = {"tiers.excellent.raise_low_percent": "10", "tiers.excellent.raise_high_percent": "10"}
    tried = try_out(town.sign_in("manager"), smaller)
    assert tried.what_if is not None
    assert [each.after_then for each in tried.what_if.movers] == [Money.yuan(11_000)]
    admin = town.sign_in("admin")
    shown = try_out(admin, smaller).what_if
    assert shown is not None
    assert (shown.moved, shown.movers) == (1, ()), "who may not see customers learns no names"
    assert try_out(admin, {"idle_minutes": "5"}).what_if is None


def test_what_a_trial_can_not_see_is_said(town: Town) -> None:
    tried = try_out(town.desk("manager"), {"grace_days": "0", "high_spending_percent": "30"})
    assert [str(each) for each in tried.unseen] == [
        "Paid on time up to so many days late: only an evaluation counts the months anew, so that this is not the "
        "whole effect."
    ]


def test_a_change_for_a_later_day_is_tried_beside_what_holds_by_then(town: Town) -> None:
    customer = holder(town)
    months_pass(town, 184)
    lives(town, customer, [0] * 6, spent="6000.00")
    evaluate_all_due(town.bank.system_desk("night"))
    day = town.bank.day_of(town.bank.clock.now()) + timedelta(days=30)
    none = {"tiers.excellent.raise_low_percent": "0", "tiers.excellent.raise_high_percent": "0"}
    request = proposed(town, none, day)
    sign(town.sign_in("director"), request.id)
    tried = try_out(town.sign_in("manager"), {"watch_months": "7"}, day + timedelta(days=1))
    assert tried.what_if is not None
    assert (tried.what_if.moved, tried.what_if.grades[Grade.EXCELLENT].raises_now) == (0, 0)


def test_what_is_altered_while_it_waits_is_shown_as_such(town: Town) -> None:
    request = proposed(town, HIGHER)
    with town.bank.store.write() as connection:
        connection.execute(
            update(REQUEST).where(REQUEST.c.id == request.id).values(payload='{"changes":{"watch_months":"1"}}')
        )
    (row,) = waiting_changes(town.desk("director"))
    assert (row.altered, row.id if row.altered else None) == (True, request.id)
    with pytest.raises(VerificationFailed):
        sign(town.desk("director"), request.id)


def test_the_admins_page_says_which_figures_would_change(town: Town) -> None:
    proposed(town, {"idle_minutes": "5"}, TODAY + timedelta(days=1), by="admin")
    (row,) = waiting_for_admins(town.desk("admin2")).items
    assert isinstance(row, AdminRow)
    assert [(each.name, each.before, each.after) for each in row.asked.figures] == [("idle_minutes", "10", "5")]
    assert (row.asked.from_day, row.asked.note) == (TODAY + timedelta(days=1), "Decided by the committee.")
    said = [str(value) for _, value in asked(row)]
    assert said == ["A session locks when idle for: 10 -> 5", "2026-03-03", "Decided by the committee."]


def test_a_version_that_was_altered_in_the_store_says_so_and_nothing_is_built_on_it(town: Town) -> None:
    changed_by_two(town, HIGHER, TODAY + timedelta(days=3))
    for text in ("no json", "[]", '{"tiers.good.highest": 5}', '{"a": ["1"]}'):
        with town.bank.store.write() as connection:
            connection.execute(update(POLICY).where(POLICY.c.version == 2).values(changes=text))
        assert [each.state for each in versions(town)] == [
            VersionState.ALTERED,
            VersionState.IN_FORCE,
        ]
        with pytest.raises(VerificationFailed):
            change_policy(town.desk("manager"), {"watch_months": "9"}, "x")
