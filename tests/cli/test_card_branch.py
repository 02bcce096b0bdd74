"""``bankcard card`` at the branch: trained by one, approved by two."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from uuid import UUID

import pytest

from bankcard_tui.config import Home
from bankcard_tui.desk.bank import Bank
from bankcard_tui.rules.scorecard_json import card_from_json
from bankcard_tui.services.card_training import train_card
from tests.branch import PASSWORD, Town
from tests.cli.kit import Answer, bankcard, is_harmless
from tests.services.points_cards import alter, turned_out


def card(home: Home, *arguments: str, user: str = "manager", **env: str) -> Answer:
    signing_in = ("--as", user, "--password-stdin")
    return bankcard(home, "card", *arguments, *signing_in, typed=f"{PASSWORD}\n", **env)


@pytest.fixture
def known(home: Home, bank: Bank) -> Home:
    """A branch that knows how 60 customers turned out."""
    turned_out(bank, 60)
    return home


@pytest.fixture
def trained(known: Home, bank: Bank) -> Home:
    train_card(Town(bank).desk("director"))
    return known


def test_a_card_is_trained_and_listed(known: Home) -> None:
    answer = card(known, "train")
    assert answer.code == 0, answer.err
    assert "60 customers" in answer.out
    assert "branch-1" in answer.out
    assert "card approve 1 --as USER" in answer.err
    rows = card(known, "list", "--json").data
    assert [(row["version"], row["state"], row["customers"]) for row in rows] == [
        (1, "trained", 60),
        (0, "in_force", 0),
    ]
    shown = card(known, "list")
    assert shown.code == 0
    assert is_harmless(shown.out)
    assert "branch-1" in shown.out


def test_without_outcomes_training_says_why_not(home: Home) -> None:
    answer = card(home, "train")
    assert answer.code == 1
    assert "nothing to learn from" in answer.err


def test_two_people_put_a_card_in_force_and_take_it_back(trained: Home) -> None:
    asked = card(trained, "approve", "1", "--note", "Better.", "--json")
    assert asked.code == 0, asked.err
    assert (asked.data["signed"], asked.data["needed"]) == (1, 2)
    listed = card(trained, "list")
    assert "1/2" in listed.out
    assert "request.sign" in listed.err
    signing = ("op", "run", "request.sign", "--input", json.dumps({"request": asked.data["id"]}))
    signer = ("--as", "manager2", "--password-stdin")
    assert bankcard(trained, *signing, "--as", "manager", "--password-stdin", typed=f"{PASSWORD}\n").code == 3
    assert bankcard(trained, *signing, *signer, typed=f"{PASSWORD}\n").code == 0
    assert card(trained, "show", "--json").data["name"] == "branch-1"
    retired = card(trained, "retire")
    assert retired.code == 0, retired.err
    command = retired.err[retired.err.index("op run") :].replace("USER", "manager2")
    said = bankcard(trained, *shlex.split(command), "--password-stdin", typed=f"{PASSWORD}\n")
    assert said.code == 0, said.err
    assert card(trained, "show", "--json").data["name"] == "expert-2"


def test_a_card_is_shown_compared_and_exported(trained: Home, tmp_path: Path) -> None:
    assert "branch-1" in card(trained, "show", "1").out
    assert card(trained, "show", "--json").data["name"] == "expert-2"
    compared = card(trained, "compare", "1")
    assert compared.code == 0, compared.err
    assert "expert-2" in compared.out
    assert card(trained, "compare", "1", "--json").data["challenger"] == "branch-1"
    out = tmp_path / "card.json"
    answer = card(trained, "export", "1", "--out", str(out), "--json")
    assert answer.data["name"] == card_from_json(out.read_text()).name == "branch-1"


@pytest.mark.parametrize(
    "arguments", [("show", "7"), ("compare", "7"), ("approve", "7"), ("export", "7", "--out", "x")]
)
def test_a_card_that_is_not_there_is_named(trained: Home, arguments: tuple[str, ...]) -> None:
    answer = card(trained, *arguments)
    assert answer.code == 2
    assert "no points card 7" in answer.err


@pytest.mark.parametrize(
    "arguments", [("train", "--table", "t.csv"), ("show", "--card", "c.json"), ("compare", "1", "--card", "c.json")]
)
def test_branch_and_files_are_not_mixed(home: Home, arguments: tuple[str, ...]) -> None:
    assert card(home, *arguments).code == 2
    assert bankcard(home, "card", arguments[0]).code == 2


def test_the_counter_does_not_train(known: Home) -> None:
    assert card(known, "train", user="teller").code == 3
    assert card(known, "list", user="teller").code == 3


def test_an_altered_card_is_told_in_the_list_and_fails_where_it_is_used(trained: Home, bank: Bank) -> None:
    row = next(row for row in card(trained, "list", "--json").data if row["version"] == 1)
    alter(bank, UUID(row["id"]), digest="0" * 64)
    assert "Altered" in card(trained, "list").out
    assert card(trained, "show", "1").code == 4
    assert card(trained, "approve", "1").code == 4


def test_it_speaks_chinese(trained: Home) -> None:
    for arguments in (("list",), ("compare", "1"), ("approve", "1")):
        answer = card(trained, *arguments, BANKCARD_LANG="zh_CN")
        assert answer.code == 0, answer.err
        assert not {"signature", "Card", "customers"} & set(re.findall(r"[A-Za-z]+", answer.out))


def test_the_doctor_names_the_cards_that_were_altered(trained: Home, bank: Bank) -> None:
    def said() -> str:
        checks = bankcard(trained, "--json", "doctor", TERM="xterm").data["checks"]
        return next(each["finding"] for each in checks if each["check"] == "Points cards")

    assert "unaltered" in said()
    row = next(row for row in card(trained, "list", "--json").data if row["version"] == 1)
    alter(bank, UUID(row["id"]), digest="0" * 64)
    assert "Somebody has altered points cards in the store: 1" in said()
