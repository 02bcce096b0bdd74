"""Re-evaluation of 1,000,000 accounts with twelve months of history each, and a policy tried on all of them.

The job is measured against bare SQL on a copy of the store, which reads the same rows of accounts, customers, persons
and months, and writes as many of the same shape: evaluations, proposals with a reason, the accounts moved on. It does
so in one go, a statement for each in a single transaction, where the job takes chunks that can be stopped between. The
what-if is measured against bare SQL that groups the evaluated accounts by grade and segment. Notes give the time of the
processor alone.
"""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from bankcard_tui.config import Home
from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.rules.policy import DEFAULT_POLICY
from bankcard_tui.services.evaluations import evaluate_all_due
from bankcard_tui.services.portfolio import what_if
from bench.branch import COST
from bench.measure import Figure, in_turn, median, processor_time, timed
from bench.portfolio import EVALUATED, portfolio_of
from tests.branch import Town
from tests.services.evaluating import inside

LARGE, SMALL, QUICK = 1_000_000, 100_000, 3_000
MEGABYTE = 1024
MORE_MEMORY = 1.5

_EVALUATE = """
    INSERT INTO evaluation (id, branch_id, card_account_id, at, policy_version, card, points, odds, odds_low, blocked,
        months_observed, worst_days, months_overdue, overdue_at_all, spent_percent, use_percent, credit_limit,
        own_limits, owed, income, debt, assets, liabilities, times_overdue, account_grade, grade, spending_class,
        result, after)
    SELECT a.id, a.branch_id, a.id, 1743900000000000, 1, 'expert-2', 600, 3000000, 2500000, 0, count(*),
        max(h.days_past_due), sum(h.days_past_due > 3), 0, sum(h.spent) * 100 / (count(*) * a.credit_limit),
        sum(h.balance) * 100 / (count(*) * a.credit_limit), a.credit_limit,
        (SELECT sum(b.credit_limit) FROM person AS q JOIN customer AS d ON d.person_id = q.id
            JOIN card_account AS b ON b.customer_id = d.id WHERE q.id_index = p.id_index),
        (SELECT balance FROM history_month WHERE customer_id = c.id ORDER BY month DESC LIMIT 1),
        c.monthly_income, c.monthly_debt, c.deposits + c.other_assets, c.liabilities, c.times_overdue, a.grade, 'good',
        'high', CASE WHEN max(h.days_past_due) < 4 THEN 'raise' ELSE 'stable' END, a.credit_limit
    FROM card_account AS a JOIN customer AS c ON c.id = a.customer_id JOIN person AS p ON p.id = c.person_id
    JOIN history_month AS h ON h.customer_id = a.customer_id
    WHERE a.evaluated_on <= '2024-10-01' AND p.birth_date < '2010-01-01' AND p.standing = 'known'
        AND c.housing = 'owned' AND c.occupation <> '' AND c.employer_kind <> '' AND c.years_employed >= 0
    GROUP BY a.id"""
_PROPOSE = """
    INSERT INTO limit_proposal (id, branch_id, card_account_id, customer_id, evaluation_id, origin, kind, state, before,
        amount, grade, reason, said, answer, policy_version, made_at, version)
    SELECT e.id, e.branch_id, a.id, a.customer_id, e.id, 'evaluation', 'raise', 'open', e.credit_limit, e.after,
        'good', ?, '', '', 1, e.at, 1
    FROM evaluation AS e JOIN card_account AS a ON a.id = e.card_account_id WHERE e.result = 'raise' LIMIT ?"""
_MOVE = "UPDATE card_account SET evaluated_on = '2025-04-06', evaluation_id = id WHERE evaluated_on <= '2024-10-01'"
_GROUP = """
    SELECT e.account_grade, CASE WHEN e.assets >= 500000000 THEN 4 WHEN e.assets >= 300000000 THEN 3
            WHEN e.assets >= 50000000 THEN 2 WHEN e.assets >= 5000000 THEN 1 ELSE 0 END AS segment,
        count(*), sum(e.credit_limit), sum(e.after), sum(e.result = 'raise'), sum(e.result = 'reduction')
    FROM card_account AS a LEFT JOIN evaluation AS e ON e.id = a.evaluation_id GROUP BY 1, 2"""


def measure(quick: bool) -> list[Figure]:
    """The job against the bare SQL, its memory at a tenth of the accounts, and the what-if against the grouping."""
    large, small = (QUICK, QUICK // 3) if quick else (LARGE, SMALL)
    with TemporaryDirectory(prefix="bankcard-bench-") as folder:
        tenth = _evaluated(_copied(small, Path(folder) / "small"))
        home = _copied(large, Path(folder) / "large")
        job = _evaluated(home)
        with closing(Bank.open(home, cost=COST, clock=SimulatedClock(EVALUATED))) as bank:
            town = Town(bank)
            tried, grouped = in_turn(3, lambda: _trying(town), lambda: _grouping(bank))
            computed = [processor_time(lambda: _trying(town)), processor_time(lambda: _grouping(bank))]
        proposed = int(job["proposed"])
        shutil.rmtree(home.folder)
        bare, bare_computed = _bare(_copied(large, Path(folder) / "bare"), proposed)
    accounts = f"{large:,} accounts"
    return [
        Figure(
            f"re-evaluation of {accounts}, {proposed:,} proposals / bare SQL",
            job["seconds"],
            bare,
            5,
            note=_of_processor(job["computed"], bare_computed),
        ),
        Figure(f"peak memory of it / of {small:,} accounts", job["memory"], tenth["memory"], MORE_MEMORY, unit="MB"),
        Figure(
            f"policy tried on {accounts} / bare SQL that groups them",
            median(tried),
            median(grouped),
            3,
            note=_of_processor(*computed),
        ),
    ]


def _of_processor(measured: float, baseline: float) -> str:
    return f"{measured:.2f} s / {baseline:.2f} s = {measured / baseline:.2f}x of the processor alone"


def _copied(accounts: int, folder: Path) -> Home:
    shutil.copytree(portfolio_of(accounts).folder, folder)
    return Home(folder)


def _evaluated(home: Home) -> dict[str, float]:
    """Run the job in a process of its own: seconds, those of the processor, MB of memory at the peak, and proposals."""
    ran = subprocess.run(
        [sys.executable, "-m", "bench.reevaluation", str(home.folder)], capture_output=True, text=True, check=True
    )
    found: dict[str, float] = json.loads(ran.stdout)
    return found


def _bare(home: Home, proposals: int) -> tuple[float, float]:
    """How long bare SQL takes for as many rows, in one transaction with the pragmas of the store: seconds, and those of
    the processor.
    """
    reason = "You spent 60 % of your limits a month and paid on time for 12 months." * 5
    with closing(Bank.open(home, cost=COST)) as bank:

        def work() -> None:
            with bank.store.write() as connection:
                connection.exec_driver_sql(_EVALUATE)
                connection.exec_driver_sql(_PROPOSE, (reason, proposals))
                connection.exec_driver_sql(_MOVE)

        taken: list[float] = []
        computed = processor_time(lambda: taken.append(timed(work)))
        return taken[0], computed


def _trying(town: Town) -> float:
    larger = tuple(replace(tier, raise_high_percent=tier.raise_high_percent + 5) for tier in DEFAULT_POLICY.tiers)
    policy = replace(DEFAULT_POLICY, tiers=larger, high_spending_percent=30)
    return inside(town, lambda desk: timed(lambda: what_if(desk, policy)))


def _grouping(bank: Bank) -> float:
    with bank.store.read() as connection:
        return timed(lambda: connection.exec_driver_sql(_GROUP).fetchall())


def _peak_memory() -> float:
    """MB at the peak. What getrusage says begins with the memory of the process that started this one: a gigabyte where
    it has just filled a store.
    """
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE
    peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(peak.split()[1]) / MEGABYTE


def main() -> None:
    """Evaluate everything that is due in the store of a home, as the command line does."""
    with closing(Bank.open(Home(Path(sys.argv[1])), cost=COST, clock=SimulatedClock(EVALUATED))) as bank:
        counts = []
        computed = time.process_time()
        seconds = timed(lambda: counts.append(evaluate_all_due(bank.system_desk("night"))))
        computed = time.process_time() - computed
    memory = _peak_memory()
    proposed = counts[0].raises + counts[0].reductions
    print(json.dumps({"seconds": seconds, "computed": computed, "memory": memory, "proposed": proposed}))


if __name__ == "__main__":
    main()
