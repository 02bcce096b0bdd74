"""Months of history are taken over from files that nobody vouches for."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest

from bankcard_tui.config import Home
from bankcard_tui.services.customers import search
from bankcard_tui.services.history_import import HISTORY_COLUMNS
from tests.branch import PASSWORD, Town
from tests.cli.kit import HOSTILE, Answer, bankcard, counts, is_harmless, rejects
from tests.histories import month_row, months_from

FIRST = date(2024, 1, 1)


@pytest.fixture
def customer(town: Town) -> str:
    return str(town.registers("zhang").customer_id)


def written(path: Path, rows: Iterable[dict[str, str]]) -> Path:
    out = io.StringIO()
    writer = csv.DictWriter(out, HISTORY_COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(out.getvalue(), newline="")
    return path


def imported(home: Home, file: Path, *options: str, user: str = "admin") -> Answer:
    command = ("import", "history", str(file), "--as", user, "--password-stdin")
    return bankcard(home, *command, *options, typed=f"{PASSWORD}\n")


def test_importing_the_same_file_again_changes_nothing(home: Home, customer: str, tmp_path: Path) -> None:
    bad = month_row(customer, FIRST, balance="much")
    file = written(tmp_path / "months.csv", [*months_from(customer, FIRST, [0] * 12), bad])
    assert counts(imported(home, file, "--json")) == (12, 0, 1)
    assert counts(imported(home, file, "--json")) == (0, 12, 1)


def test_bad_rows_are_told_with_code_and_reason_and_can_be_corrected(home: Home, customer: str, tmp_path: Path) -> None:
    good = months_from(customer, FIRST, [0, 0])
    bad = [
        month_row("nobody", FIRST),
        month_row(customer, FIRST, 31),
        month_row(customer, FIRST, days_past_due="often"),
        month_row(customer, date(2099, 1, 1)),
    ]
    file = written(tmp_path / "months.csv", [*good, *bad])
    assert counts(imported(home, file, "--json")) == (2, 0, 4)
    path = tmp_path / "months.rejects.csv"
    found = rejects(path)
    assert [(int(each["line"]), each["code"]) for each in found] == [(4, "0203"), (5, "0206"), (6, "0207"), (7, "0207")]
    assert found[0]["reason"] == ("customer_external_id: No customer has this external id. Import the customers first.")
    assert found[2]["reason"] == "days_past_due: This is not a number of days. Type 0 for never overdue."
    path.write_text(path.read_text().replace("2099-01", "2024-03").replace("nobody", customer))
    assert counts(imported(home, path, "--json")) == (1, 1, 2)


def test_a_month_that_is_none_is_told_with_the_shape_of_one(home: Home, customer: str, tmp_path: Path) -> None:
    file = written(tmp_path / "months.csv", [month_row(customer, FIRST) | {"month": "2025-13"}])
    assert counts(imported(home, file, "--json")) == (0, 0, 1)
    found = rejects(tmp_path / "months.rejects.csv")
    assert found[0]["reason"] == "month: This is not a month. Type it as 2025-03."


def test_more_rows_than_one_chunk_are_all_taken(home: Home, town: Town, tmp_path: Path) -> None:
    people = [str(town.registers(f"zhang{each}").customer_id) for each in range(24)]
    rows = [row for each in people for row in months_from(each, FIRST, [0] * 24)]
    assert counts(imported(home, written(tmp_path / "months.csv", rows), "--json")) == (24 * 24, 0, 0)


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("column", HISTORY_COLUMNS)
def test_hostile_cells_end_in_the_rejects_and_on_no_terminal(
    text: str, column: str, home: Home, customer: str, tmp_path: Path
) -> None:
    file = written(tmp_path / "months.csv", [month_row(customer, FIRST) | {column: text}])
    answer = imported(home, file)
    assert answer.code == 0, answer.err
    assert "0 taken, 0 known already" in answer.out
    assert is_harmless(answer.out + answer.err)


@pytest.mark.parametrize("user", ["teller", "manager"])
def test_only_who_may_import_does(user: str, home: Home, customer: str, tmp_path: Path) -> None:
    file = written(tmp_path / "months.csv", [month_row(customer, FIRST)])
    assert imported(home, file, user=user).code == 3


def test_a_file_of_customers_is_no_file_of_history(home: Home, town: Town, tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    file.write_text("external_id,name\n")
    answer = imported(home, file)
    assert answer.code == 2
    assert "lacks these columns: customer_external_id" in answer.err
    assert search(town.desk("teller")).items == ()
