"""The process in which a drill runs: ``python -m bankcard_tui.services.drill_room``.

What is asked comes as JSON on stdin, since others see arguments and environment. Each line of stdout is JSON: progress,
and at the end the code of the problem, empty where there was none.
"""

from __future__ import annotations

import json
import sys
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

from bankcard_tui.backup.kit import parse_kit
from bankcard_tui.backup.unpack import by_kit, keys_of
from bankcard_tui.config import Home
from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.errors import BankError, SecondFactorNeeded, VerificationFailed
from bankcard_tui.services.logs import verify_log
from bankcard_tui.services.restores import restore_backup
from bankcard_tui.services.sign_in import sign_in


def main() -> None:
    """Restore, check, sign in, and say what came of it."""
    asked = json.load(sys.stdin)
    home, clock = Home(Path(asked["home"])), SimulatedClock(datetime.fromisoformat(asked["now"]))
    problem = ""
    try:
        kit = parse_kit(asked["kit"].encode())
        file, cost = Path(asked["file"]), asked["cost"]
        # The key stays in memory: who is killed here leaves a store that says no more than the live one.
        restore_backup(home, home.key, file, kit=kit, report=_report, clock=clock, cost=cost, keeps_key=False)
        with closing(Bank.open(home, keys=keys_of(file, by_kit(kit)), clock=clock, cost=cost)) as bank:
            if not verify_log(bank.system_desk("drill"), files=False).sound:
                raise VerificationFailed("The log was altered.", code="log.altered")
            # The second factor is asked for once the password was right: the phone is not needed for a drill.
            with suppress(SecondFactorNeeded):
                sign_in(bank.lobby("drill"), asked["username"], asked["password"])
    except BankError as error:
        problem = error.code
    _say(problem=problem)


def _report(label: str, done: int, total: int) -> None:
    _say(label=label, done=done, total=total)


def _say(**said: object) -> None:
    print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main()
