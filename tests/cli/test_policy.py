"""``bankcard policy``: read without a sign-in, tried, proposed by one and signed by another."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from bankcard_tui.config import Home
from tests.branch import PASSWORD
from tests.cli.kit import HOSTILE, Answer, bankcard, is_harmless


def policy(home: Home, *arguments: str, user: str = "") -> Answer:
    signing_in = ("--as", user, "--password-stdin") if user else ()
    return bankcard(home, "policy", *arguments, *signing_in, typed=f"{PASSWORD}\n" if user else "")


def figures(home: Home, *arguments: str) -> dict[str, str]:
    shown: dict[str, str] = policy(home, "show", *arguments, "--json").data["figures"]
    return shown


def signed(home: Home, request: str, user: str) -> Answer:
    sign = ("op", "run", "request.sign", "--input", json.dumps({"request": request}))
    return bankcard(home, *sign, "--as", user, "--password-stdin", typed=f"{PASSWORD}\n")


def test_figures_are_shown_by_name_and_by_the_beginning_of_their_names(home: Home) -> None:
    assert figures(home, "tiers.good") == {
        "tiers.good.lowest": "5000.00",
        "tiers.good.highest": "20000.00",
        "tiers.good.raise_low_percent": "20",
        "tiers.good.raise_high_percent": "30",
        "tiers.good.reduced_after_months_overdue": "2",
    }
    answer = policy(home, "show", "idle_minutes", "due_days")
    assert answer.code == 0
    assert "idle_minutes: 10 minutes" in answer.out
    assert "From 1 to 60" in answer.out
    assert "manage_policy" in answer.out
    assert answer.out.count("nothing rests on it yet") == 1
    assert policy(home, "show", "nothing.like.it").code == 2
    assert policy(home, "show", "tier").code == 2


def test_every_group_of_figures_is_shown(home: Home) -> None:
    answer = policy(home, "show")
    for words in ("Limits by grade", "Points card", "due_days", "Payment is due after (nothing rests on it yet)"):
        assert words in answer.out


def test_a_change_is_tried_proposed_seen_and_signed(home: Home) -> None:
    tried = policy(home, "try", "tiers.good.highest=25000")
    assert tried.code == 0, tried.err
    assert "20,000.00 yuan  25,000.00 yuan" in tried.out
    asked = policy(home, "set", "tiers.good.highest=25,000", "--note", "Decided.", "--json", user="manager")
    assert asked.code == 0, asked.err
    assert (asked.data["signed"], asked.data["needed"]) == (1, 2)
    seen = policy(home, "waiting", user="manager2")
    assert "Proposed by Manager" in seen.out
    assert "25,000.00 yuan" in seen.out
    assert asked.data["id"] in seen.err
    assert signed(home, asked.data["id"], "manager").code == 3
    assert signed(home, asked.data["id"], "manager2").code == 0
    assert figures(home, "tiers.good.highest") == {"tiers.good.highest": "25000.00"}
    assert figures(home, "tiers.good.highest", "--version", "1") == {"tiers.good.highest": "20000.00"}
    assert figures(home, "tiers.good.highest", "--on", "2026-03-01") == {"tiers.good.highest": "20000.00"}
    listed = policy(home, "list")
    assert [word in listed.out for word in ("In force", "Past", "Manager2", "Decided.")] == [True] * 4
    assert [row["version"] for row in policy(home, "list", "--json").data] == [2, 1]
    assert "Nothing waits" in policy(home, "waiting", user="manager2").out


def test_a_change_is_read_from_a_file_and_scheduled(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "figures.txt"
    file.write_text("# agreed\nidle_minutes = 5\n\nsession_hours=8\n", encoding="utf-8")
    day = date.today().replace(day=1).isoformat()
    asked = policy(home, "set", "--file", str(file), "--note", "x", "--from", "2020-01-01", user="admin")
    assert asked.code == 1
    assert "from_day" in asked.err
    assert policy(home, "set", "--file", str(file), "--note", "x", "--from", "soon", user="admin").code == 2
    asked = policy(home, "set", "--file", str(file), "--note", "x", user="admin")
    assert asked.code == 0, asked.err
    assert "session_hours" in policy(home, "waiting", user="admin2").out
    assert day


@pytest.mark.parametrize("given", [[], ["idle_minutes"], ["=5"], ["idle_minutes=5", "idle_minutes=6"]], ids=str)
def test_what_is_no_figure_with_a_value_is_misuse(home: Home, given: list[str]) -> None:
    assert policy(home, "try", *given).code == 2


def test_everything_wrong_is_said_at_once(home: Home) -> None:
    answer = policy(home, "try", "idle_minutes=0", "tiers.good.lowest=90000", "unheard=1")
    assert answer.code == 1
    for name in ("idle_minutes", "tiers.good.lowest", "unheard"):
        assert f"{name}:" in answer.err


def test_either_a_version_or_a_day_is_shown(home: Home) -> None:
    assert policy(home, "show", "--version", "1", "--on", "2026-03-01").code == 2
    assert policy(home, "show", "--version", "9").code == 1


def test_managers_propose_no_figures_of_admins(home: Home) -> None:
    assert policy(home, "set", "idle_minutes=5", "--note", "x", user="manager").code == 3


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_hostile_names_and_values_are_harmless(home: Home, text: str) -> None:
    for given in (f"points_card.name={text}", f"{text}=1", text):
        answer = policy(home, "try", given)
        assert answer.code in (0, 1, 2)
        assert is_harmless(answer.out)
        assert is_harmless(answer.err)


def test_what_is_tried_is_said_in_the_words_of_the_page(home: Home) -> None:
    answer = bankcard(home, "--lang", "zh_CN", "policy", "try", "tiers.good.highest=25000")
    assert "现行政策" in answer.out
    assert not any(word in answer.out for word in ("额度管理", "excellent", "ordinary"))


def test_the_policy_is_shown_tried_and_listed_in_chinese(home: Home) -> None:
    for arguments in (["show"], ["show", "due_days"], ["try", "tiers.good.highest=25000"], ["list"]):
        answer = bankcard(home, "--lang", "zh_CN", "policy", *arguments)
        assert answer.code == 0
        assert "nothing rests" not in answer.out
        assert any("\u4e00" <= each <= "\u9fff" for each in answer.out)
