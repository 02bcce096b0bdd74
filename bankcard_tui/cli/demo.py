"""The demo branch: two years of a small branch, made through the same operations that its staff use.

The clock is simulated; on some days of each week the branch works off what has come in. The same seed on the same day
makes the same branch.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from bankcard_tui.cli.demo_history import History
from bankcard_tui.cli.demo_staff import DemoDesks, hire
from bankcard_tui.config import Home
from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.clock import SimulatedClock, SystemClock
from bankcard_tui.desk.stand_in import DEMO_CODE
from bankcard_tui.security.passwords import DEFAULT_COST

YEARS = 2
ZONE = "Asia/Shanghai"

Report = Callable[[str, int, int], None]


def build_demo(
    home: Home,
    *,
    customers: int = 2_000,
    seed: int = 1,
    key_file: Path | None = None,
    cost: int = DEFAULT_COST,
    report: Report | None = None,
) -> None:
    """Fill an empty home with a demo branch of so many ``customers``. Raises Unavailable when there is a store.

    ``cost`` is bcrypt's, for the passwords of the demo. ``report`` is told what is going on, how far it is, and how
    far it goes.
    """
    today = SystemClock().now().astimezone(ZoneInfo(ZONE)).date()
    first = today - timedelta(days=365 * YEARS)
    clock = SimulatedClock(datetime.combine(first, time(8, 30), ZoneInfo(ZONE)))
    bank = Bank.create(
        home,
        bank="东海银行 East Sea Bank",
        branch="港湾支行 Harbour Branch",
        code=DEMO_CODE,
        zone=ZONE,
        key_file=key_file,
        clock=clock,
        cost=cost,
        durable=False,
    )
    try:
        desks = DemoDesks(bank, clock)
        hire(desks)
        History(desks, Random(seed), first, today, customers).run(report or (lambda *_: None))
    finally:
        bank.close()
