"""``python -m bench.credit``: what the points card that learns is worth on real credit data."""

from __future__ import annotations

import argparse
import sys

# Before numpy is imported by anything else: it sets how many threads numpy takes.
import bankcard_tui.decision  # noqa: F401  # imported for that effect
from bench.credit import few, quality, speed
from bench.credit.sets import FOLDER

PARTS = ("quality", "few", "coverage", "speed")


def main() -> None:
    """Measure and print; the exit code is 0 whether aims are met or not."""
    parser = argparse.ArgumentParser(prog="python -m bench.credit", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"some of: {', '.join(PARTS)}")
    parser.add_argument("--quick", action="store_true", help="one repeat and a few draws")
    parser.add_argument(speed.CHILD, action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    unknown = set(chosen.parts) - set(PARTS)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    if not FOLDER.is_dir():
        sys.exit(f"There is no credit data to measure on: {FOLDER} is not there.")
    if chosen.child:
        speed.child()
        return
    parts = chosen.parts or PARTS
    if "quality" in parts:
        quality.measure(1 if chosen.quick else None)
    if "few" in parts:
        few.measure(3 if chosen.quick else 20)
    if "coverage" in parts:
        few.coverage(3 if chosen.quick else 20)
    if "speed" in parts:
        print("\n## Speed\n")
        for figure in speed.measure():
            print(*(f"{cell:>10}" if place else f"{cell:58}" for place, cell in enumerate(figure.cells())))


if __name__ == "__main__":
    main()
