"""How long people wait for the program: first frame, first data after signing in, the command line."""

from __future__ import annotations

from bench.branch import small_branch
from bench.measure import Figure, in_turn, median
from bench.terminal import ROOT, Terminal, command, run, sign_in

BASELINES = ROOT / "bench" / "baselines"
BARE_APP = command(str(BASELINES / "textual_app.py"))
BARE_COMMAND = command(str(BASELINES / "typer_command.py"), "--help")


def measure(quick: bool) -> list[Figure]:
    """First frame and command line against bare programs on the same libraries."""
    with small_branch() as (town, home):
        _, application = town.applicant()
        town.bank.close()
        bankcard = ["-m", "bankcard_tui", "--home", str(home.folder)]
        ours = command(*bankcard, "run")
        everything = command(str(BASELINES / "everything_first.py"), "--home", str(home.folder), "run")
        actions = (
            lambda: _first_frame(ours, "User name"),
            lambda: _first_frame(BARE_APP, "User name"),
            lambda: _first_frame(everything, "User name"),
            lambda: _first_rows(ours, application.number),
            lambda: run(command(*bankcard, "--help")),
            lambda: run(command(*bankcard, "op", "list")),
            lambda: run(BARE_COMMAND),
        )
        if not quick:
            in_turn(1, *actions)  # compiles modules, warms the disk
        taken = in_turn(1 if quick else 15, *actions)
    frame, bare_app, slow, rows, help_, listed, bare_command = (median(each) for each in taken)
    return [
        Figure("first frame / bare Textual application", frame, bare_app, 1.4),
        Figure("first frame with everything imported first / bare", slow, bare_app),
        Figure("first rows after the sign-in key", rows, note="with bcrypt at its full cost"),
        Figure("bankcard --help / bare Typer command", help_, bare_command, 1.5),
        Figure("bankcard op list / bare Typer command", listed, bare_command, 4),
    ]


def _first_frame(arguments: list[str], marker: str) -> float:
    with Terminal(arguments) as terminal:
        return terminal.until(marker) - terminal.started


def _first_rows(arguments: list[str], number: str) -> float:
    with Terminal(arguments) as terminal:
        terminal.until("Harbour")  # the branch is open
        sign_in(terminal, "manager")
        moment = terminal.press("\r")
        return terminal.until(number) - moment
