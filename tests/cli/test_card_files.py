"""``bankcard card`` on tables and cards that are files."""

from __future__ import annotations

import csv
import gzip
import json
import os
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest

from bankcard_tui.rules.scorecard_json import card_from_json, card_to_json
from tests.cli.kit import HOSTILE, ROOT, Answer, bankcard, is_harmless
from tests.decision.customers import EXPERT, customers, outcomes

SCHEMA = {
    "categorical": ["housing", "sex"],
    "monotone_towards_target": {"income": -1, "overdue": 1},
    "sensitive": ["sex"],
    "target": "defaulted",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A table of 300 customers with its schema and the expert's card."""
    columns = customers(300)
    bad = outcomes(columns)
    write_table(tmp_path / "table.csv", {**columns, "sex": ["f", "m"] * 150, "defaulted": [int(each) for each in bad]})
    (tmp_path / "schema.json").write_text(json.dumps(SCHEMA))
    (tmp_path / "expert.json").write_text(card_to_json(EXPERT))
    return tmp_path


def write_table(path: Path, columns: dict[str, list]) -> None:  # type: ignore[type-arg]  # cells of every kind
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(columns)
        rows.writerows(zip(*columns.values(), strict=True))


def train(folder: Path, *more: str, table: str = "table.csv", **env: str) -> Answer:
    files = [
        "--table",
        str(folder / table),
        "--schema",
        str(folder / "schema.json"),
        "--out",
        str(folder / "card.json"),
    ]
    return bankcard(folder, "card", "train", *files, *more, **env)


def test_a_card_is_trained_shown_and_used(folder: Path) -> None:
    answer = train(folder, "--expert", str(folder / "expert.json"), "--name", "2026-1")
    assert answer.code == 0, answer.err
    assert "2026-1" in answer.out
    card = card_from_json((folder / "card.json").read_text())
    assert card.training is not None
    assert card.training.excluded == ("sex",)
    assert "sex" not in {each.code for each in card.characteristics}
    shown = bankcard(folder, "card", "show", "--card", str(folder / "card.json"))
    assert shown.code == 0
    assert "owned, mortgaged" in shown.out
    plain = bankcard(folder, "card", "show", "--card", str(folder / "card.json"), "--json")
    assert card_from_json(plain.out) == card
    scored = bankcard(
        folder,
        *("card", "score", "--card", str(folder / "card.json"), "--table", str(folder / "table.csv")),
        *("--out", str(folder / "scores.csv")),
    )
    assert scored.code == 0, scored.err
    with (folder / "table.csv").open(newline="") as table, (folder / "scores.csv").open(newline="") as scores:
        for place, (row, found) in enumerate(zip(csv.DictReader(table), csv.DictReader(scores), strict=True), start=1):
            values = {code: row[code] or None for code in row}
            for code in ("income", "overdue", "years"):
                values[code] = values[code] and float(values[code])  # type: ignore[assignment,arg-type]  # a number now
            score = card.score(values)
            assert int(found["row"]) == place
            assert int(found["points"]) == score.points
            assert float(found["probability"]) == pytest.approx(score.probability, abs=1e-6)
            assert (float(found["low"]), float(found["high"])) == pytest.approx(score.interval, abs=1e-6)


def test_a_packed_table_gives_the_same_card(folder: Path) -> None:
    assert train(folder).code == 0
    plain = card_from_json((folder / "card.json").read_text())
    with gzip.open(folder / "table.csv.gz", "wb") as packed:
        packed.write((folder / "table.csv").read_bytes())
    assert train(folder, table="table.csv.gz").code == 0
    assert card_from_json((folder / "card.json").read_text()).characteristics == plain.characteristics


def test_two_cards_are_compared_on_the_same_rows(folder: Path) -> None:
    assert train(folder).code == 0
    files = ["--table", str(folder / "table.csv"), "--schema", str(folder / "schema.json"), "--json"]
    pair = ["--card", str(folder / "expert.json"), "--card", str(folder / "card.json")]
    answer = bankcard(folder, "card", "compare", *pair, *files)
    assert [each["card"] for each in answer.data] == ["expert", "card"]
    assert [each["cases"] for each in answer.data] == [300, 300]
    assert bankcard(folder, "card", "compare", *pair[:2], *files).code == 2


WRONG = {
    "no number": (lambda text: text.replace("years", "years", 1).replace("\n", "\nx", 1), "Line 2, column income"),
    "a target of 2": (lambda text: text.rstrip()[:-1] + "2", "column defaulted: 2 is not 0 or 1"),
    "no target": (lambda text: text.replace("defaulted", "outcome"), "lacks these columns: defaulted"),
    "a column twice": (lambda text: text.replace("years", "income"), "twice: income"),
    "no rows": (lambda text: text.splitlines()[0], "no rows"),
    "nothing": (lambda text: "", "lacks these columns"),
    "a column missing": (lambda text: text.replace("housing", "house"), "lacks these columns: housing"),
    "a cell too many": (lambda text: text.rstrip() + ",1\n", "Line 301 has 7 cells, the header has 6"),
    "an open quote": (lambda text: text + '"', "quotes do not fit"),
    "a number without end": (lambda text: text.replace("\n", "\n1e999", 1), "is not a number"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_table_that_does_not_fit_is_refused_with_its_place(folder: Path, what: str) -> None:
    spoil, said = WRONG[what]
    table = folder / "table.csv"
    table.write_text(spoil(table.read_text()))
    answer = train(folder)
    assert answer.code == 1, (answer.out, answer.err)
    assert said in answer.err
    assert not (folder / "card.json").exists()
    chinese = train(folder, BANKCARD_LANG="zh_CN")
    assert any("\u4e00" <= each <= "\u9fff" for each in chinese.err)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"\x1f\x8b broken", b""])
def test_a_packed_table_that_is_none_is_refused(folder: Path, content: bytes) -> None:
    (folder / "table.csv.gz").write_bytes(content)
    assert train(folder, table="table.csv.gz").code == 1
    assert train(folder, table="nowhere.csv").code == 5


@pytest.mark.parametrize(
    "schema", ["", "[]", "null", '{"categorical": 5}', '{"monotone_towards_target": {"income": 7}}']
)
def test_a_schema_that_is_none_is_refused(folder: Path, schema: str) -> None:
    (folder / "schema.json").write_text(schema)
    answer = train(folder)
    assert answer.code == 1
    assert "not a schema" in answer.err


@pytest.mark.parametrize("card", ["", "[]", "{}", '{"name": "x", "base": 5, "characteristics": []}', "\x00"])
def test_a_card_that_is_none_is_refused(folder: Path, card: str) -> None:
    (folder / "expert.json").write_text(card)
    answer = train(folder, "--expert", str(folder / "expert.json"))
    assert answer.code == 1
    assert "not a points card" in answer.err


def test_a_card_that_was_changed_is_refused(folder: Path) -> None:
    card = folder / "expert.json"
    card.write_text(card.read_text().replace('"points": 15', '"points": 99'))
    assert bankcard(folder, "card", "show", "--card", str(card)).code == 4


def test_what_is_read_is_never_written_over(folder: Path) -> None:
    table = folder / "table.csv"
    before = table.read_bytes()
    answer = bankcard(
        folder,
        *("card", "score", "--card", str(folder / "expert.json"), "--table", str(table), "--out", str(table)),
    )
    assert answer.code == 2
    assert table.read_bytes() == before
    link = folder / "link.csv"
    link.symlink_to(table)
    answer = bankcard(
        folder, *("card", "score", "--card", str(folder / "expert.json"), "--table", str(table), "--out", str(link))
    )
    assert answer.code == 2


def test_what_the_table_lacks_is_named_and_not_known(folder: Path) -> None:
    write_table(folder / "table.csv", {"income": [5_000, ""]})
    files = [
        "--card",
        str(folder / "expert.json"),
        "--table",
        str(folder / "table.csv"),
        "--out",
        str(folder / "s.csv"),
    ]
    answer = bankcard(folder, "card", "score", *files)
    assert answer.code == 0
    assert "housing, overdue" in answer.err
    points = [int(row["points"]) for row in csv.DictReader((folder / "s.csv").open())]
    assert points == [EXPERT.score({"income": 5_000.0}).points, EXPERT.score({}).points]
    write_table(folder / "table.csv", {"salary": [5_000]})
    assert bankcard(folder, "card", "score", *files).code == 1


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_stay_words(folder: Path, text: str) -> None:
    columns = customers(60)
    write_table(
        folder / "table.csv",
        {**columns, "housing": [text] * 60, "sex": ["f"] * 60, "defaulted": [0, 1] * 30},
    )
    assert train(folder, "--name", "x").code == 0
    shown = bankcard(folder, "card", "show", "--card", str(folder / "card.json"))
    assert shown.code == 0
    assert is_harmless(shown.out)
    write_table(folder / "table.csv", {**columns, "years": [text] * 60, "sex": [0] * 60, "defaulted": [0] * 60})
    refused = train(folder)
    assert refused.code == 1
    assert is_harmless(refused.err)


def test_the_program_starts_without_numpy(folder: Path) -> None:
    code = "import sys, bankcard_tui.cli.main, bankcard_tui.decision.drift; print('numpy' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"


def score(folder: Path, out: Path, card: str = "expert.json", table: str = "table.csv") -> Answer:
    return bankcard(
        folder, "card", "score", "--card", str(folder / card), "--table", str(folder / table), "--out", str(out)
    )


def test_nothing_but_a_file_is_written_over(folder: Path) -> None:
    pipe = folder / "pipe"
    os.mkfifo(pipe)
    answer = score(folder, pipe)
    assert answer.code == 2
    assert "no file that can be written over" in answer.err
    assert pipe.is_fifo()
    assert train(folder, "--out", str(folder)).code == 2


def test_a_line_without_end_does_not_fill_the_memory(folder: Path) -> None:
    with gzip.open(folder / "bomb.csv.gz", "wb") as file:
        file.write(b"income,housing\n")
        for _ in range(64):
            file.write(b"a" * 2**20)
    tracemalloc.start()
    try:
        answer = score(folder, folder / "scores.csv", table="bomb.csv.gz")
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert answer.code == 1
    assert "a line is longer than 4194304 characters" in answer.err
    assert most < 48 * 2**20


def test_a_hundred_thousand_columns_are_looked_through_at_once(folder: Path) -> None:
    names = ",".join(f"c{place}" for place in range(100_000))
    (folder / "wide.csv").write_text(f"{names},income,c7\n")
    answer = score(folder, folder / "scores.csv", table="wide.csv")
    assert "these columns twice: c7" in answer.err


@pytest.mark.parametrize(
    ("place", "value"),
    [("prior_sd", 1e300), ("points", 10**30), ("to_double", 10**400), ("odds", 10**400)],
    ids=["prior_sd", "points", "to_double", "odds"],
)
def test_figures_beyond_all_reason_are_refused(folder: Path, place: str, value: float) -> None:
    plain = json.loads((folder / "expert.json").read_text())
    del plain["hash"]
    plain["base" if place == "prior_sd" else "scale"][place] = value
    (folder / "huge.json").write_text(json.dumps(plain))
    answer = score(folder, folder / "scores.csv", card="huge.json")
    assert answer.code == 1
    assert "not a points card" in answer.err
