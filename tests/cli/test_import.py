"""Customers are taken over from files that nobody vouches for."""

from __future__ import annotations

import csv
import hashlib
import io
import stat
import time
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import pytest

from bankcard_tui.config import Home
from bankcard_tui.rules.terms import Channel, Language
from bankcard_tui.rules.text import spreadsheet_safe, visible
from bankcard_tui.services.customer_import import CUSTOMER_COLUMNS, CUSTOMERS, OPTIONAL_COLUMNS, import_customers
from bankcard_tui.services.customers import open_file, search
from bankcard_tui.services.imports import start_import
from tests.branch import PASSWORD, Town, id_number
from tests.cli.kit import HOSTILE, Answer, bankcard, counts, is_harmless, process, rejects


def row(serial: int, **changed: str) -> list[str]:
    given = {
        "external_id": f"C{serial}",
        "name": f"Customer {serial}",
        "id_type": "resident_id",
        "id_number": id_number(serial),
        "phone": "13800138000",
        "monthly_income": "12000.00",
    } | changed
    return [given.get(column, "") for column in CUSTOMER_COLUMNS]


def text_of(rows: Iterable[list[str]], columns: Iterable[str] = CUSTOMER_COLUMNS) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([list(columns), *rows])
    return out.getvalue()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "customers.csv"


def imported(home: Home, file: Path, *options: str) -> Answer:
    command = ("import", "customers", str(file), "--as", "admin", "--password-stdin")
    return bankcard(home, *command, *options, typed=f"{PASSWORD}\n")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_good_file_is_taken_whole_and_leaves_no_rejects(encoding: str, end: str, home: Home, file: Path) -> None:
    text = text_of([row(800, name="张伟"), row(801), row(802)]).replace("\r\n", end)
    file.write_bytes(text.encode(encoding))
    answer = imported(home, file, "--json")
    assert answer.code == 0, answer.err
    assert counts(answer) == (3, 0, 0)
    assert answer.data["rejects"] is None
    assert {path.name for path in file.parent.iterdir()} == {"customers.csv", "home"}


def test_a_file_says_how_customers_are_reached_or_nothing_of_it(home: Home, town: Town, file: Path) -> None:
    told = {"channels": "sms app sms", "language": "zh_CN", "do_not_disturb": "yes"}
    wrong = {"channels": "pigeon", "language": "fr", "do_not_disturb": "maybe"}
    file.write_text(text_of([row(1, **told), row(2), row(3, **wrong)]))
    assert "1 rejected" in imported(home, file).out
    teller = town.desk("teller")
    contacts = [open_file(teller, search(teller, row(each)[3]).items[0].id).contact for each in (1, 2)]
    assert contacts[0].channels == (Channel.SMS, Channel.APP)
    assert (contacts[0].language, contacts[0].do_not_disturb) == (Language.CHINESE, True)
    assert (contacts[1].channels, contacts[1].language, contacts[1].do_not_disturb) == ((), None, False)
    rejects = file.with_name("customers.rejects.csv").read_text()
    assert all(each in rejects for each in wrong.values())
    shorter = CUSTOMER_COLUMNS[: -len(OPTIONAL_COLUMNS)]
    file.write_text(text_of([row(4)[: len(shorter)]], shorter))
    assert imported(home, file).code == 0


def test_importing_the_same_file_again_changes_nothing(home: Home, file: Path) -> None:
    file.write_text(text_of([row(800), row(801), row(802, phone="1")]))
    assert counts(imported(home, file, "--json")) == (2, 0, 1)
    assert counts(imported(home, file, "--json")) == (0, 2, 1)


def test_a_bad_row_never_stops_the_file(home: Home, file: Path) -> None:
    good = text_of([row(800), row(801)])
    header, first, second = good.splitlines()
    bad = [
        'C9,"an open quote,,,',
        "too,few",
        ",".join(row(803)) + ",too,many",
        ",".join(row(804, name="a\x00b")),
        ",".join(row(805, name="a\u202eb")),
        ",".join(row(806, id_number="310101198805170018")),
        ",".join(row(807, monthly_income="1e5")),
        ",".join(row(808, registered_on="yesterday")),
        ",".join(row(809, id_type="passport")),
        ",".join(row(800, external_id="other")),
        "x" * 40_000,
        "y" * 200_000,
        '"' * 33_001,
        ",".join(row(810, address="z" * 30_000)),
    ]
    file.write_text("\n".join([header, first, *bad, "", "   ", second]) + "\n")
    answer = imported(home, file, "--json")
    assert answer.code == 0, answer.err
    assert counts(answer) == (2, 0, len(bad))
    found = rejects(Path(answer.data["rejects"]))
    assert [int(each["line"]) for each in found] == list(range(3, 3 + len(bad)))
    assert {each["code"] for each in found} == {"0207", "0202", "0201"}
    reasons = " ".join(each["reason"] for each in found)
    for part in ("The quotes in this row", "has 2 cells", "has 22 cells", "longer than 32768", "U+0000", "U+202E"):
        assert part in reasons


def test_rejects_are_private_safe_in_a_spreadsheet_and_can_be_corrected(home: Home, file: Path) -> None:
    file.write_text(text_of([row(800, name="=HYPERLINK(1)", phone="1"), row(801, name="-2+3", phone="2")]))
    answer = imported(home, file)
    path = file.with_name("customers.rejects.csv")
    assert "0 taken, 0 known already, 2 rejected" in answer.out
    assert str(path) in answer.err
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each["name"] for each in rejects(path)] == ["'=HYPERLINK(1)", "'-2+3"]
    assert all(cell == spreadsheet_safe(cell) for each in rejects(path) for cell in each.values())
    corrected = path.read_text(encoding="utf-8-sig")
    path.write_text(corrected.replace(",1,", ",13800138000,").replace(",2,", ",13800138001,"))
    again = imported(home, path, "--json")
    assert counts(again) == (2, 0, 0)
    assert again.data["rejects"] is None


def test_an_earlier_file_of_rejects_is_kept_and_any_other_file_is_spared(home: Home, file: Path) -> None:
    file.write_text(text_of([row(800, phone="1")]))
    imported(home, file)
    path = file.with_name("customers.rejects.csv")
    path.write_text(path.read_text() + "corrected by hand\n")
    imported(home, file)
    assert "corrected by hand" in path.with_name("customers.rejects.csv~").read_text()
    other = file.with_name("letter.txt")
    other.write_text("dear customer")
    answer = imported(home, file, "--rejects", str(other))
    assert answer.code == 2
    assert other.read_text() == "dear customer"
    assert imported(home, file, "--rejects", str(file)).code == 2


def test_no_earlier_rejects_are_written_over_and_it_is_said_where_they_are(home: Home, file: Path) -> None:
    path = file.with_name("customers.rejects.csv")
    for phone in ("1", "2", "3"):
        file.write_text(text_of([row(800, phone=phone)]))
        answer = imported(home, file)
    assert [each["phone"] for each in rejects(path)] == ["3"]
    assert [each["phone"] for each in rejects(path.with_name(f"{path.name}~"))] == ["1"]
    assert [each["phone"] for each in rejects(path.with_name(f"{path.name}~2"))] == ["2"]
    assert f"kept as {path}~2" in answer.err


def killed_after(town: Town, file: Path, rows: int) -> None:
    """An import of ``file`` of which the process died when so many rows were in, and none of its rejects written."""
    desk = town.desk("admin")
    job = start_import(desk, CUSTOMERS, hashlib.sha256(file.read_bytes()).hexdigest()).view
    with file.open(newline="") as opened:
        import_customers(desk, job.id, 0, tuple(islice(csv.DictReader(opened), rows)))


def test_the_rejects_of_another_import_do_not_count_when_one_goes_on(home: Home, town: Town, file: Path) -> None:
    file.write_text(text_of([row(each, phone="1") for each in range(800, 804)]))
    assert counts(imported(home, file, "--json")) == (0, 0, 4)
    path = file.with_name("customers.rejects.csv")
    before = path.read_bytes()
    file.write_text(text_of([row(each) for each in range(800, 804)]))
    killed_after(town, file, 2)
    answer = imported(home, file, "--json")
    assert counts(answer) == (4, 0, 0)
    assert answer.data["rejects"] is None
    assert "Correct them there" not in answer.err
    assert "going on after 2 rows" in answer.err
    assert path.read_bytes() == before


def test_what_a_killed_import_could_not_write_is_told_in_spite_of_older_rejects(
    home: Home, town: Town, file: Path
) -> None:
    file.write_text(text_of([row(each, phone="1") for each in range(800, 804)]))
    imported(home, file)
    killed_after(town, file, 2)
    answer = imported(home, file, "--json")
    assert counts(answer) == (0, 0, 4)
    path = file.with_name("customers.rejects.csv")
    assert [int(each["line"]) for each in rejects(path)] == [4, 5]
    assert len(rejects(path.with_name(f"{path.name}~"))) == 4
    assert "2 earlier rejects are not in that file." in answer.err


def test_a_reason_names_every_problem_of_the_row_in_whole_sentences(home: Home, file: Path) -> None:
    file.write_text(
        text_of(
            [
                row(800, id_type="passport", phone="1", name="", monthly_income="1e5", housing="cave"),
                row(801, id_type="passport"),
            ]
        )
    )
    imported(home, file)
    several, one = rejects(file.with_name("customers.rejects.csv"))
    assert several["code"] == one["code"] == "0202"
    assert one["reason"] == "id_type: Only resident ID cards are taken. Write resident_id."
    for column in ("id_type", "phone", "name", "monthly_income", "housing"):
        assert f"{column}: " in several["reason"]
    assert several["reason"].endswith(".")
    assert ".," not in several["reason"]
    assert ".;" not in several["reason"]


HIDING = ("\x1b]0;owned\x07", "a\u202eb", "zero\u200bwidth", "\t=1+1", "\x9b31m", "=\x1b[2J")


@pytest.mark.parametrize("text", HIDING)
def test_a_file_of_rejects_steers_no_terminal_and_an_uncorrected_row_stays_rejected(
    text: str, home: Home, file: Path
) -> None:
    file.write_text(text_of([row(800, name=text, phone="1"), row(801, housing=text)]), newline="")
    imported(home, file)
    path = file.with_name("customers.rejects.csv")
    assert is_harmless(path.read_text(encoding="utf-8-sig").replace("\r\n", "\n"))
    name = rejects(path)[0]["name"]
    assert name == spreadsheet_safe(visible(text))
    path.write_text(path.read_text().replace(",1,", ",13800138000,"))
    assert counts(imported(home, path, "--json")) == (0, 0, 2)
    assert rejects(file.with_name("customers.rejects.rejects.csv"))[0]["name"] == name


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "lacks these columns"),
        ("name;phone\n", "lacks these columns"),
        (text_of([], [*CUSTOMER_COLUMNS, "sex"]), "columns that nobody knows: sex"),
        (text_of([], [*CUSTOMER_COLUMNS, "name"]), "columns twice: name"),
        (text_of([], CUSTOMER_COLUMNS[1:]), "lacks these columns: external_id"),
        ('"external_id\n', "has no header"),
        ("x" * 50_000, "has no header"),
        (text_of([row(800, name="张伟")]).encode("gb18030"), "is not UTF-8 text: line 2"),
        (text_of([row(800)]).encode("utf-16"), "is not UTF-8 text: line 1"),
        (bytes(range(256)), "is not UTF-8 text"),
        (text_of([]).encode() + b"\xe5", "is not UTF-8 text: line 2"),
    ],
)
def test_a_file_that_can_t_be_read_is_one_clear_error(content: str | bytes, said: str, home: Home, file: Path) -> None:
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    answer = imported(home, file)
    assert (answer.code, answer.out) == (2, ""), answer.err
    assert said in answer.err


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize(
    "column", ["name", "id_type", "id_number", "monthly_income", "external_id", "housing", "email"]
)
def test_hostile_cells_end_in_the_rejects_and_on_no_terminal(text: str, column: str, home: Home, file: Path) -> None:
    file.write_text(text_of([row(800, **{column: text})]), newline="")
    answer = imported(home, file)
    assert answer.code == 0, answer.err
    assert is_harmless(answer.out + answer.err)


def test_hostile_headers_reach_no_terminal(home: Home, file: Path) -> None:
    file.write_text(text_of([], [*CUSTOMER_COLUMNS, *HOSTILE]), newline="")
    answer = imported(home, file)
    assert answer.code == 2
    assert is_harmless(answer.out + answer.err)


@pytest.mark.parametrize(("user", "code"), [("teller", 3), ("nobody", 3)])
def test_only_who_may_import_does(user: str, code: int, home: Home, file: Path) -> None:
    file.write_text(text_of([row(800)]))
    answer = bankcard(home, "import", "customers", str(file), "--as", user, "--password-stdin", typed=f"{PASSWORD}\n")
    assert answer.code == code


def test_a_missing_file_is_a_sentence(home: Home, tmp_path: Path) -> None:
    answer = imported(home, tmp_path / "nowhere.csv")
    assert answer.code == 5
    assert "No such file" in answer.err


def test_a_stopped_import_goes_on_where_it_was(home: Home, file: Path) -> None:
    wrong = {600, 1_600, 2_100}
    lines = [
        row(1, external_id=f"C{each}", id_number="wrong" if each in wrong else f"bad{each}") for each in range(1_800)
    ]
    file.write_text(text_of(lines))
    password = home.folder / "password"
    password.write_text(PASSWORD)
    password.chmod(0o600)
    command = ("import", "customers", str(file), "--as", "admin", "--password-file", str(password))
    running = process(home.folder, *command)
    path = file.with_name("customers.rejects.csv")
    until = time.monotonic() + 60
    while not path.exists() and time.monotonic() < until:
        time.sleep(0.02)
    running.send_signal(2)
    _, err = running.communicate(timeout=60)
    assert running.returncode == 130, err
    assert b"start the same command again" in err
    taken = len(rejects(path))
    assert taken % 500 == 0
    assert 0 < taken < 1_800
    answer = imported(home, file, "--json")
    assert f"going on after {taken} rows" in answer.err
    assert counts(answer) == (0, 0, 1_800)
    assert [int(each["line"]) for each in rejects(path)] == list(range(2, 1_802))
