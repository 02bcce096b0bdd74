"""Which backups are kept: for random branches, and for a year of one."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from bankcard_tui.rules.policy import DEFAULT_POLICY
from bankcard_tui.rules.retention import FRESH, KnownBackup, to_remove

FIRST = date(2026, 1, 1)


def backup(number: int, day: int, verified: bool = True, hour: int = 2) -> KnownBackup:
    on = FIRST + timedelta(days=day)
    return KnownBackup(UUID(int=number), datetime.combine(on, time(hour), UTC), on, verified)


BACKUPS = st.lists(st.tuples(st.integers(0, 800), st.booleans(), st.integers(0, 23)), max_size=60).map(
    lambda rows: [backup(number, day, verified, hour) for number, (day, verified, hour) in enumerate(rows)]
)
COUNTS = st.integers(0, 15)
FIGURES = st.builds(
    lambda d, w, m: SimpleNamespace(backups_kept_daily=d, backups_kept_weekly=w, backups_kept_monthly=m),
    COUNTS,
    COUNTS,
    COUNTS,
)


def age(each: KnownBackup) -> tuple[datetime, UUID]:
    return each.made_at, each.id


@given(BACKUPS, FIGURES)
def test_the_last_verified_backup_and_all_newer_ones_stay(backups: list[KnownBackup], figures: SimpleNamespace) -> None:
    gone = to_remove(backups, figures)
    verified = [each for each in backups if each.verified]
    if not verified:
        assert not gone
        return
    last = max(verified, key=age)
    assert all(each.id not in gone for each in backups if age(each) >= age(last))


@given(BACKUPS, FIGURES)
def test_each_of_the_last_days_keeps_a_backup_verified_where_one_was(
    backups: list[KnownBackup], figures: SimpleNamespace
) -> None:
    left = [each for each in backups if each.id not in to_remove(backups, figures)]
    days = sorted({each.day for each in backups}, reverse=True)[: figures.backups_kept_daily]
    for day in days:
        assert any(each.day == day for each in left)
        if any(each.verified for each in backups if each.day == day):
            assert any(each.verified for each in left if each.day == day)


@given(BACKUPS, FIGURES)
def test_what_is_kept_is_kept_for_a_reason(backups: list[KnownBackup], figures: SimpleNamespace) -> None:
    """No more than one for each day, week and month, but for those from the last verified one on and the fresh ones."""
    left = [each for each in backups if each.id not in to_remove(backups, figures)]
    verified = [each for each in backups if each.verified]
    if verified:
        last = max(verified, key=age)
        fresh = max(each.made_at for each in backups) - FRESH
        older = [each for each in left if age(each) < age(last) and each.made_at <= fresh]
        assert len(older) <= figures.backups_kept_daily + figures.backups_kept_weekly + figures.backups_kept_monthly


@given(BACKUPS, FIGURES)
def test_clearing_away_twice_takes_nothing_more(backups: list[KnownBackup], figures: SimpleNamespace) -> None:
    """Whoever clears away each night keeps what whoever clears away once keeps, at least."""
    gone = to_remove(backups, figures)
    left = [each for each in backups if each.id not in gone]
    assert not to_remove(left, figures)


def test_a_year_of_nightly_backups_leaves_days_weeks_and_months() -> None:
    kept: list[KnownBackup] = []
    for day in range(365):
        kept.append(backup(day, day))
        gone = to_remove(kept, DEFAULT_POLICY)
        kept = [each for each in kept if each.id not in gone]
    days = [each.day for each in kept]
    assert days[-7:] == [FIRST + timedelta(days=day) for day in range(358, 365)]
    assert {(day.year, day.month) for day in days} == {(2026, month) for month in range(1, 13)}
    assert 7 + 11 <= len(kept) <= 7 + 5 + 12


def test_a_backup_that_does_not_hold_pushes_no_sound_one_out() -> None:
    sound, wrong = backup(1, 0, hour=2), backup(2, 0, verified=False, hour=20)
    newest = backup(3, 1, hour=22)
    figures = SimpleNamespace(backups_kept_daily=2, backups_kept_weekly=0, backups_kept_monthly=0)
    assert to_remove([sound, wrong, newest], figures) == {wrong.id}


def test_what_was_made_by_hand_today_is_not_cleared_away_by_the_next_one() -> None:
    before_the_work, after_it, tonight = backup(1, 0, hour=9), backup(2, 0, hour=17), backup(3, 1, hour=2)
    assert not to_remove([before_the_work, after_it, tonight], DEFAULT_POLICY)
    assert to_remove([before_the_work, after_it, tonight, backup(4, 2)], DEFAULT_POLICY) == {before_the_work.id}
