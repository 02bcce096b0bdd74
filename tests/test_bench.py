"""The benches work; whether their aims are met is for `make bench` on a quiet machine."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest

from bench.terminal import ROOT, environment

BENCHES = ["starts", "operation", "processes", "large", "keys", "keeping", "log", "opinion", "limits"]
# One of them runs with every check; the others take minutes, which belong to the proofs.
TRIED = [each if each == "operation" else pytest.param(each, marks=pytest.mark.proof) for each in BENCHES]
ERRORS = "errors", "entries"
"""Units of what is counted and hoped to be nought."""


@pytest.mark.parametrize("bench", TRIED)
def test_a_bench_gives_a_figure_for_everything_that_it_names(bench: str, tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "bench", "--quick", "--json", bench],
        cwd=ROOT,
        env={**environment(), "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    figures = json.loads(ran.stdout)["figures"][bench]
    assert figures
    for each in figures:
        assert math.isfinite(each["measured"])
        assert each["measured"] > 0 or each["unit"] in ERRORS, each["name"]
        assert each["baseline"] is None or each["ratio"] > 0, each["name"]
        assert each["aim"] is None or each["ok"] is not None, each["name"]
    # What is counted and must be nought does not depend on how busy the machine is.
    assert all(each["ok"] for each in figures if each["unit"] in ERRORS)


def test_every_bench_is_tried() -> None:
    listed = subprocess.run(
        [sys.executable, "-m", "bench", "--help"], cwd=ROOT, env=environment(), capture_output=True, text=True
    )
    assert all(bench in listed.stdout for bench in BENCHES)
