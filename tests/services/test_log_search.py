"""Whatever the log is filtered by, exactly the entries that fit are found, in the order in which they were written."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bankcard_tui.config import Home
from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.desk.desk import NOBODY, Subject
from bankcard_tui.desk.log import write_entry
from bankcard_tui.errors import InvalidInput
from bankcard_tui.rules.terms import Outcome
from bankcard_tui.services import log_search
from bankcard_tui.services.log_times import FIRST, LAST, spans
from bankcard_tui.services.logs import LogPage, LogRow, list_log, my_log, verify_log
from bankcard_tui.store.types import micros_of
from tests.branch import OPENING, Town

ENTRIES = 1_200
ACTIONS = ("customer.open", "customer.search", "application.approve", "application.refuse", "staff.add", "card.reveal")
PEOPLE = ("teller", "manager", "admin", "nobody-at-all")
RECORDS = tuple(UUID(int=number) for number in range(1, 6))
WORDS = ("harbour", "Harbour", "50%", "a_b", "海港")
BEGUN = OPENING + timedelta(days=1)


@pytest.fixture(scope="module")
def town(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A branch whose clock was set back by seconds, by hours and by years, and once stood far ahead."""
    folder = tmp_path_factory.mktemp("searched") / "home"
    shutil.copytree(template, folder)
    bank = Bank.open(Home(folder), clock=SimulatedClock(OPENING + timedelta(hours=2)), cost=4, durable=False)
    _write(bank)
    opened = Town(bank)
    opened.desk("admin")
    yield opened
    bank.close()


def _write(bank: Bank) -> None:
    chance = random.Random(12)
    now = BEGUN
    with bank.store.write() as connection:
        for number in range(ENTRIES):
            now += timedelta(seconds=chance.choice((0, 0, 1, 20, 300)))
            now += {
                300: timedelta(hours=-3),
                500: timedelta(days=365 * 70),
                520: timedelta(days=-365 * 80),
                800: timedelta(days=365 * 10),
            }.get(number, timedelta())
            busy = number % 400 < 300
            person = RECORDS[number % 5]
            write_entry(
                connection,
                bank.keys.chain,
                bank.branch.id,
                now - timedelta(seconds=chance.choice((0, 0, 0, 5, 59))),
                replace(NOBODY, username=chance.choice(PEOPLE[:2] if busy else PEOPLE[:3])),
                "t",
                chance.choice(ACTIONS[:2] if busy else ACTIONS),
                chance.choice((Outcome.DONE,) * 8 + (Outcome.REFUSED, Outcome.FAILED)),
                Subject("customer", person, person) if number % 3 else None,
                {"note": chance.choice(WORDS)} if number % 50 == 7 else {},
            )


@pytest.fixture(scope="module")
def everything(town: Town) -> list[LogRow]:
    """Every entry, the newest first, read without any filter."""
    return [row for page in paged(town, {}) for row in page.items]


def fits(row: LogRow, wanted: dict[str, Any]) -> bool:
    """The meaning of the filters, as plain Python says it."""
    text = wanted.get("text", "").lower()
    held = "\0".join((row.username, row.action, repr(row.detail))).lower()
    action = wanted.get("action", "")
    return (
        wanted.get("username", "") in ("", row.username)
        and (row.action.startswith(action) if action.endswith(".") else action in ("", row.action))
        and wanted.get("subject") in (None, row.subject_id)
        and wanted.get("outcome") in (None, row.outcome)
        and ("since" not in wanted or row.at >= wanted["since"])
        and ("until" not in wanted or row.at < wanted["until"])
        and text in held
    )


MOMENTS = st.one_of(
    st.integers(0, 90_000).map(lambda seconds: BEGUN + timedelta(seconds=seconds)),
    st.sampled_from([-1, 1, 365 * 60, 365 * 71, -365 * 9, -365 * 20]).map(lambda days: BEGUN + timedelta(days=days)),
)
FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "username": st.sampled_from(PEOPLE),
        "action": st.sampled_from([*ACTIONS, "customer.", "application.", "staff.", "nothing."]),
        "subject": st.sampled_from(RECORDS),
        "outcome": st.sampled_from(Outcome),
        "since": MOMENTS,
        "until": MOMENTS,
        "text": st.sampled_from([*WORDS, "teller", "card.rev", "nowhere at all"]),
    },
)


def paged(town: Town, wanted: dict[str, Any]) -> list[LogPage]:
    pages = [list_log(town.desk("admin"), **wanted)]
    while (cursor := pages[-1].next) is not None:
        assert len(pages) < 100
        pages.append(list_log(town.desk("admin"), **wanted, cursor=cursor))
    return pages


def paged_back(town: Town, wanted: dict[str, Any], last: LogPage) -> list[LogPage]:
    pages = [last]
    while (cursor := pages[-1].previous) is not None:
        assert len(pages) < 100
        pages.append(list_log(town.desk("admin"), **wanted, cursor=cursor))
    return pages[::-1]


@pytest.mark.parametrize("seconds", [0.0, 60.0], ids=["a window a page", "no haste"])
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wanted=FILTERS)
def test_all_that_fits_is_found_in_its_order_by_paging_there_and_back(
    town: Town,
    everything: list[LogRow],
    monkeypatch: pytest.MonkeyPatch,
    seconds: float,
    wanted: dict[str, Any],
) -> None:
    monkeypatch.setattr(log_search, "PAGE_SECONDS", seconds)
    expected = [row.seq for row in everything if fits(row, wanted)]
    pages = paged(town, wanted)
    assert [row.seq for page in pages for row in page.items] == expected
    assert all(len(page.items) <= 100 for page in pages)
    assert pages[0].previous is None
    back = paged_back(town, wanted, pages[-1])
    assert [row.seq for page in back for row in page.items] == expected


def test_everything_is_what_was_written(everything: list[LogRow]) -> None:
    seqs = [row.seq for row in everything]
    assert len(seqs) > ENTRIES
    assert seqs == list(range(seqs[0], 0, -1))


def test_a_search_that_stops_says_how_far_it_came_and_goes_on_from_there(
    town: Town, everything: list[LogRow], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_search, "PAGE_SECONDS", 0.0)
    monkeypatch.setattr(log_search, "WINDOW_SECONDS", 0.0)
    times = {row.seq: row.at for row in everything}
    newest = max(times)
    page = list_log(town.desk("admin"), text="nowhere at all")
    assert page.items == ()
    assert page.next is not None
    assert page.searched_to == times[newest - log_search.PAGE_ROWS]
    last = paged(town, {"text": "nowhere at all"})[-1]
    assert (last.items, last.next, last.searched_to) == ((), None, None)


def test_a_page_that_is_full_or_the_last_one_has_not_stopped(town: Town) -> None:
    first = list_log(town.desk("admin"))
    assert (len(first.items), first.searched_to) == (100, None)
    rare = list_log(town.desk("admin"), action="branch.open")
    assert (len(rare.items), rare.next, rare.searched_to) == (1, None, None)


def test_the_own_log_holds_what_one_did_and_what_was_done_to_one_once(town: Town) -> None:
    teller = town.desk("teller")
    mine = {row.seq for row in my_log(teller).items}
    person = teller.who.person_id if teller.who else None
    with town.bank.store.read() as connection:
        rows = connection.exec_driver_sql("SELECT seq, account_id, subject_person FROM log_entry").fetchall()
    account, me = town.staff("teller").bytes, person.bytes if person else None
    assert mine == {seq for seq, by, about in rows if by == account or about == me}


def test_a_clock_that_was_set_back_is_noted_and_the_log_is_sound(town: Town) -> None:
    with town.bank.store.read() as connection:
        starts = connection.exec_driver_sql("SELECT first_seq FROM log_stretch ORDER BY 1").scalars().all()
    assert len(starts) == 4  # from the beginning, back by hours, by decades, and to the day of the one who looks
    assert verify_log(town.desk("admin")).sound


def test_of_a_time_only_the_neighbourhood_is_read(town: Town, everything: list[LogRow]) -> None:
    """The parts of the log in which an hour is looked for hold that hour and what is within a minute of it."""
    rows = everything
    for hour in range(0, 24, 3):
        since, until = BEGUN + timedelta(hours=hour), BEGUN + timedelta(hours=hour + 1)
        with town.bank.store.read() as connection:
            parts = list(spans(connection, town.bank.branch.id, micros_of(since), micros_of(until), newest_first=True))
        inside = [row for row in rows if any(low <= row.seq <= high for low, high in parts)]
        assert {row.seq for row in rows if since <= row.at < until} <= {row.seq for row in inside}
        slack = timedelta(minutes=2)
        assert all(since - slack <= row.at < until + slack for row in inside)


def test_without_a_time_the_whole_log_is_read(town: Town) -> None:
    with town.bank.store.read() as connection:
        assert list(spans(connection, town.bank.branch.id, None, None, newest_first=True)) == [(FIRST, LAST)]


@pytest.mark.parametrize(
    "cursor",
    ["", "x", "[]", '["next"]', '["next","1"]', '["aside",1]', '["next",1,2]', f'["next",{2**70}]', "[" * 9999],
)
def test_a_cursor_that_is_none_is_refused(town: Town, cursor: str) -> None:
    if not cursor:
        assert list_log(town.desk("admin"), cursor=cursor).items
        return
    with pytest.raises(InvalidInput):
        list_log(town.desk("admin"), cursor=cursor)


@pytest.mark.parametrize("edge", [2**63 - 1, 2**63 - 2, 1, 0, -1, 1 - 2**63])
@pytest.mark.parametrize("direction", ["next", "previous"])
@pytest.mark.parametrize("wanted", [{}, {"text": "x"}, {"since": datetime.fromisoformat("2026-03-03T00:00:00+00:00")}])
def test_a_cursor_at_the_ends_of_all_numbers_is_a_page(
    town: Town, direction: str, edge: int, wanted: dict[str, Any]
) -> None:
    page = list_log(town.desk("admin"), **wanted, cursor=f'["{direction}",{edge}]')
    assert len(page.items) <= 100
