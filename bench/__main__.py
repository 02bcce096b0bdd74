"""``python -m bench``: measure everything, or the benches named, and print one table."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from bankcard_tui.store.engine import sqlite
from bench import (
    eight_processes,
    keys,
    large_branch,
    long_log,
    opinions,
    reevaluation,
    safe_keeping,
    starts,
    whole_operation,
)
from bench.measure import Figure

BENCHES: dict[str, Callable[[bool], list[Figure]]] = {
    "starts": starts.measure,
    "operation": whole_operation.measure,
    "processes": eight_processes.measure,
    "large": large_branch.measure,
    "keys": keys.measure,
    "keeping": safe_keeping.measure,
    "log": long_log.measure,
    "opinion": opinions.measure,
    "limits": reevaluation.measure,
}
HEADINGS = ("name", "measured", "baseline", "ratio", "aim", "result")


def main() -> None:
    """Measure and print; the exit code is 0 whether aims are met or not."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of: {', '.join(BENCHES)}")
    parser.add_argument("--quick", action="store_true", help="a few rounds on small stores: tells only that it works")
    parser.add_argument("--json", action="store_true", help="the figures as JSON")
    parser.add_argument(
        "--markdown",
        type=Path,
        metavar="FILE",
        help="also write the table to FILE, between its bench marks if it has them",
    )
    chosen = parser.parse_args()
    unknown = [name for name in chosen.names if name not in BENCHES]
    if unknown:
        parser.error(f"no such bench: {', '.join(unknown)}")
    figures: dict[str, list[Figure]] = {}
    for name in chosen.names or BENCHES:
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        figures[name] = BENCHES[name](chosen.quick)
    table = markdown([each for taken in figures.values() for each in taken])
    if chosen.json:
        plain = {name: [each.plain() for each in taken] for name, taken in figures.items()}
        print(json.dumps({"machine": machine(), "figures": plain}, ensure_ascii=False, indent=2))
    else:
        print(table)
    if chosen.markdown:
        write(chosen.markdown, table)


def write(file: Path, table: str) -> None:
    """Put the table into ``file``: between its marks where it has them, else as the whole file."""
    before, begins, rest = (file.read_text("utf-8") if file.exists() else "").partition("<!-- bench -->\n")
    _, ends, after = rest.partition("<!-- /bench -->")
    file.write_text(f"{before}{begins}{table}\n{ends}{after}" if begins and ends else f"{table}\n", "utf-8")


def machine() -> str:
    """When and on what it was measured; no names."""
    return (
        f"{date.today():%Y-%m-%d}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, SQLite {sqlite.sqlite_version}"
    )


def markdown(figures: Sequence[Figure]) -> str:
    """The table, aligned for a terminal and valid Markdown."""
    rows = [HEADINGS, *(each.cells() for each in figures)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(HEADINGS))]
    lines = [f"| {' | '.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))} |" for row in rows]
    lines.insert(1, f"| {' | '.join('-' * width for width in widths)} |")
    notes = [f"- {each.name}: {each.note}" for each in figures if each.note]
    said = f"Measured {machine()}. Of lists: 99 of 100 times, and in brackets half of them."
    return "\n".join([said, "", *lines, *(["", *notes] if notes else [])])


if __name__ == "__main__":
    main()
