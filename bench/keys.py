"""What a person at the keyboard feels, in the application in a terminal: from the key to the painted answer."""

from __future__ import annotations

import time
from collections.abc import Callable

from bankcard_tui.desk.bank import Bank
from bench.big_store import BIG, SMALL, store_of
from bench.large_branch import QUICK
from bench.measure import Figure, in_turn, percentile
from bench.terminal import Terminal, command, sign_in

QUIET = 0.03


def measure(quick: bool) -> list[Figure]:
    """Moving in a table, then from one application to the next on the review desk of a large and a small branch."""
    size = QUICK if quick else BIG
    with _manager(store_of(SMALL)) as small, _manager(store_of(size)) as large:
        moved = [_repainted(small, key) for key in ("j" * 10 + "k" * 10) * (1 if quick else 15)]
        measured, baseline = in_turn(3 if quick else 200, _skipping(large), _skipping(small))
    far = f"{size.customers:,} customers / {SMALL.customers:,}"
    return [
        Figure("key to repaint in a table, 95% of keys", percentile(moved, 0.95), None, 0.02, absolute=True),
        Figure("key to next application on the screen, 99% of keys", percentile(measured, 0.99), None, 0.1, True),
        Figure(f"the same, {far}, 99%", percentile(measured, 0.99), percentile(baseline, 0.99), 1.5),
        Figure(f"the same, {far}, 50%", percentile(measured, 0.5), percentile(baseline, 0.5), 1.5),
    ]


class _Desk(Terminal):
    """The application with a manager signed in, at the review queue; ``waiting`` are the numbers in its order."""

    def __init__(self, bank: Bank) -> None:
        with bank.store.read() as connection:
            self.waiting: list[str] = list(
                connection.exec_driver_sql(
                    "SELECT number FROM application WHERE status IN ('submitted', 'in_review')"
                    " ORDER BY submitted_at, id LIMIT 1000"
                ).scalars()
            )
        home = bank.store.path.parent.parent
        bank.close()
        super().__init__(command("-m", "bankcard_tui", "--home", str(home), "run"))


def _manager(bank: Bank) -> _Desk:
    desk = _Desk(bank)
    desk.until("Harbour")
    sign_in(desk, "manager")
    desk.press("\r")
    desk.until(desk.waiting[0])
    time.sleep(0.5)
    return desk


def _repainted(terminal: Terminal, key: str) -> float:
    pressed = terminal.press(key)
    painted = terminal.until(str.strip)
    time.sleep(QUIET)
    return painted - pressed


def _skipping(desk: _Desk) -> Callable[[], float]:
    """Open the first application; each call then skips to the next."""
    place = 0
    desk.press("g")
    desk.until(desk.waiting[0])
    time.sleep(0.5)

    def skip() -> float:
        nonlocal place
        place += 1
        pressed = desk.press("s")
        painted = desk.until(desk.waiting[place])
        time.sleep(QUIET)
        return painted - pressed

    return skip
