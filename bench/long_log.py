"""The log: verifying 1,000,000 entries, and paging through 10,000,000 as through 100,000.

The logs are those of real branches, continued with statements; their chains are sound.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from datetime import datetime, timedelta
from functools import partial

from bankcard_tui.desk.bank import Bank
from bankcard_tui.models.log import COLUMNS
from bankcard_tui.rules.terms import Outcome
from bankcard_tui.security import chain
from bankcard_tui.services.customers import search
from bankcard_tui.services.logs import LogPage, list_log, my_log, verify_log
from bankcard_tui.services.sign_in import sign_in
from bench.big_store import FOUNDED
from bench.branch import COST
from bench.log_rows import CUSTOMER, YEARS, log_of
from bench.measure import Figure, in_turn, median, percentile, timed
from tests.branch import PASSWORD, Town

SLOW = 0.05
CHUNK = 20_000


def measure(quick: bool) -> list[Figure]:
    """Verification against the chain in memory, then each page of the long log against the same of a short one."""
    return [_verifying(quick), *_paging(quick)]


def _verifying(quick: bool) -> Figure:
    entries, rounds = (2_000, 2) if quick else (1_000_000, 5)
    with closing(Bank.open(log_of(entries), cost=COST)) as bank:
        desk = sign_in(bank.lobby("desk-admin"), "admin", PASSWORD)

        def verify() -> float:
            start = time.perf_counter()
            found = verify_log(desk, files=False)
            seconds = time.perf_counter() - start
            if not found.sound:
                raise AssertionError(found.problems)
            return found.entries / seconds

        speed, bare = in_turn(rounds, verify, lambda: _bare_chain(bank))
    name = f"log verification, {entries:,} entries / chain of rows in memory"
    return Figure(name, median(speed), median(bare), 0.35, at_least=True, unit="entries/s")


def _bare_chain(bank: Bank) -> float:
    """Entries a second of the chain alone, over tuples that lie in memory already."""
    seconds, count, before = 0.0, 0, chain.START
    with bank.store.read() as connection:
        rows = connection.connection.cursor()
        rows.execute(f"SELECT {', '.join(COLUMNS)}, mark FROM log_entry ORDER BY seq")
        while held := rows.fetchmany(CHUNK):
            count += len(held)
            start = time.perf_counter()
            for row in held:
                before = chain.mark(bank.keys.chain, before, row[:-1])
                if before != row[-1]:
                    raise AssertionError("the log of the bench is not sound")
            seconds += time.perf_counter() - start
    return count / seconds


def _paging(quick: bool) -> list[Figure]:
    many, few, rounds = (5_000, 2_000, 3) if quick else (10_000_000, 100_000, 100)
    figures = []
    with ExitStack() as opened:
        long, short = (
            _lists(Town(opened.enter_context(closing(Bank.open(log_of(each), cost=COST))))) for each in (many, few)
        )
        for name, ask in long.items():
            actions = [partial(timed, ask), partial(timed, short[name])]
            in_turn(1, *actions)  # fills the caches
            large, small = in_turn(rounds, *actions)
            figures += [
                Figure(
                    f"{name}, {share:.0%} of keys, {many:,} entries / {few:,}",
                    percentile(large, share),
                    percentile(small, share),
                    1.5,
                )
                for share in (0.5, 0.99)
            ]
            half = percentile(large, 0.5)
            figures.append(Figure(f"{name}, {many:,} entries", percentile(large, 0.99), None, SLOW, True, half=half))
    return figures


def _lists(town: Town) -> dict[str, Callable[[], object]]:
    """Every way to look at the log by name; "far down" is a page in the middle, reached from the one above it."""
    admin, teller, customer = (town.desk(name) for name in ("admin", "teller", CUSTOMER))
    (only,) = search(teller).items
    day = FOUNDED + YEARS / 2
    one = partial(list_log, admin, username="manager")
    return {
        "log": partial(list_log, admin),
        "log, far down": _far_down(partial(list_log, admin), day),
        "own log of a teller": partial(my_log, teller),
        "own log of a teller, far down": partial(my_log, teller, _far_cursor(one, day)),
        "own log of a customer": partial(my_log, customer),
        "log of one person": one,
        "log of one person, far down": _far_down(one, day),
        "log of one action": partial(list_log, admin, action="customer.register"),
        "log of actions of one kind": partial(list_log, admin, action="review."),
        "log of a rare kind": partial(list_log, admin, action="staff."),
        "log of refusals": partial(list_log, admin, outcome=Outcome.REFUSED),
        "log of one customer": partial(list_log, admin, subject=only.id),
        "log of one day": partial(list_log, admin, since=day, until=day + timedelta(days=1)),
        "log up to one day": partial(list_log, admin, until=day),
        "log of a person up to one day": partial(list_log, admin, username="manager", until=day),
        "log of what a person never does": partial(list_log, admin, username="teller", action="review.claim"),
        "log by a word that is there": partial(list_log, admin, text="solid"),
        "log by a word that is not": partial(list_log, admin, text="nowhere"),
    }


def _far_down(ask: Callable[..., LogPage], day: datetime) -> Callable[[], object]:
    return partial(ask, cursor=_far_cursor(ask, day))


def _far_cursor(ask: Callable[..., LogPage], day: datetime) -> str:
    cursor = ask(until=day).next
    if cursor is None:
        raise AssertionError("the log of the bench is too short")
    return cursor
