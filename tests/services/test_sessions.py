"""Sessions: locked when idle, ended in time, and never more than the store says."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from bankcard_tui.desk.access import SESSION
from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.desk.registry import Secret
from bankcard_tui.errors import BankError, NotSignedIn, Refused, SessionLocked
from bankcard_tui.rules.terms import ApplicationStatus
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services import applications, drafts, logs, overview, review, sign_in, staff
from tests.branch import PASSWORD, Town

ONE_ANSWER = "The name and the password do not fit together, or the account rests."


def refused(bank: Bank, username: str, password: str = PASSWORD) -> str:
    with pytest.raises(Refused) as error:
        sign_in.sign_in(bank.lobby("counter"), username, password)
    assert type(error.value) is Refused
    return str(error.value)


def test_a_session_locks_after_ten_idle_minutes_and_a_refused_try_does_not_wake_it(
    town: Town, clock: SimulatedClock
) -> None:
    desk = town.desk("teller")
    clock.advance(timedelta(minutes=10))
    overview.overview(desk)
    clock.advance(timedelta(minutes=10, seconds=1))
    for _ in range(3):
        with pytest.raises(SessionLocked):
            drafts.save_draft(desk, "form", {})
        with pytest.raises(SessionLocked):
            overview.overview(desk)
        with pytest.raises(Refused):
            sign_in.unlock(desk, Secret("not the password of the teller"))
    with pytest.raises(SessionLocked):
        overview.overview(desk)
    sign_in.unlock(desk, Secret(PASSWORD))
    overview.overview(desk)


def test_reading_is_work_too(town: Town, clock: SimulatedClock) -> None:
    desk = town.desk("teller")
    for _ in range(8):
        clock.advance(timedelta(minutes=5))
        overview.overview(desk)


def test_a_locked_session_opens_with_the_password_and_keeps_its_claims(town: Town) -> None:
    _, application = town.applicant()
    manager = town.desk("manager")
    review.claim(manager, application.id)
    sign_in.lock(manager)
    with pytest.raises(SessionLocked):
        review.queue(manager)
    with pytest.raises(Refused):
        sign_in.unlock(manager, Secret("not the password of the manager"))
    sign_in.unlock(manager, Secret(PASSWORD))
    assert review.claim(manager, application.id)


def test_tries_at_unlocking_count_as_tries_at_signing_in(town: Town) -> None:
    desk = town.desk("teller")
    sign_in.lock(desk)
    for _ in range(5):
        with pytest.raises(Refused):
            sign_in.unlock(desk, Secret("not the password of the teller"))
    with pytest.raises(Refused):
        sign_in.unlock(desk, Secret(PASSWORD))
    refused(town.bank, "teller")


def test_nobody_unlocks_the_session_of_somebody_else(town: Town) -> None:
    desk = town.desk("teller")
    sign_in.lock(desk)
    pretended = replace(desk, who=town.desk("manager").who)
    with pytest.raises(Refused):
        sign_in.unlock(pretended, Secret(PASSWORD))
    with pytest.raises(SessionLocked):
        overview.overview(desk)


def test_a_session_ends_after_twelve_hours_however_busy(town: Town, clock: SimulatedClock) -> None:
    desk = town.desk("teller")
    for _ in range(12 * 12 - 1):
        clock.advance(timedelta(minutes=5))
        overview.overview(desk)
    clock.advance(timedelta(minutes=5))
    with pytest.raises(NotSignedIn):
        overview.overview(desk)
    with pytest.raises(BankError):
        sign_in.unlock(desk, Secret(PASSWORD))


def test_a_demotion_takes_effect_at_the_next_operation(town: Town) -> None:
    manager, admin = town.desk("manager"), town.desk("admin")
    review.queue(manager)
    version = staff.open_staff(admin, town.staff("manager")).row.version
    removed = frozenset({Permission.REVIEW_APPLICATIONS})
    staff.set_permissions(admin, town.staff("manager"), version, frozenset(), removed)
    with pytest.raises(Refused):
        review.queue(manager)
    assert Permission.REVIEW_APPLICATIONS not in sign_in.me(manager).permissions


def test_what_the_desk_believes_about_itself_counts_for_nothing(town: Town) -> None:
    teller, admin = town.desk("teller"), town.desk("admin")
    with pytest.raises(Refused):
        logs.list_log(replace(teller, who=admin.who))
    with pytest.raises(NotSignedIn):
        logs.list_log(replace(town.bank.lobby("x"), who=admin.who))


def test_signing_in_where_a_terminal_died_ends_its_session_and_frees_its_claims(town: Town) -> None:
    _, application = town.applicant()
    lost = town.sign_in("manager", "counter-7")
    review.claim(lost, application.id)
    town.sign_in("manager2", "counter-7")
    with pytest.raises(NotSignedIn):
        review.queue(lost)
    row = applications.open_application(town.desk("director"), application.id).row
    assert row.status is ApplicationStatus.SUBMITTED
    assert review.claim(town.desk("manager2"), application.id)


def test_signing_out_ends_the_session_and_frees_its_claims(town: Town) -> None:
    _, application = town.applicant()
    review.claim(town.desk("manager"), application.id)
    sign_in.sign_out(town.desk("manager"))
    with pytest.raises(NotSignedIn):
        overview.overview(town.desk("manager"))
    assert review.claim(town.desk("manager2"), application.id)


def test_the_last_sign_in_is_shown_at_the_next(town: Town, clock: SimulatedClock) -> None:
    first = clock.now()
    town.sign_in("teller", "one")
    clock.advance(timedelta(hours=3))
    assert sign_in.me(town.sign_in("teller", "two")).previous_sign_in_at == first


def test_no_two_people_share_a_session_row(town: Town) -> None:
    town.desk("teller")
    town.desk("manager")
    with town.bank.store.read() as connection:
        sessions = connection.execute(select(SESSION.c.id, SESSION.c.account_id)).fetchall()
    assert len({row.id for row in sessions}) == len(sessions)
