"""Every operation from the shell: for automation, and for people who work with a screen reader."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bankcard_tui.cli.op import offered
from bankcard_tui.config import Home
from bankcard_tui.services.everything import operations
from tests.branch import PASSWORD, Town, id_number
from tests.cli.kit import HOSTILE, Answer, bankcard, is_harmless


def run(home: Home, name: str, given: object = None, *options: str, user: str = "admin") -> Answer:
    wanted = () if given is None else ("--input", json.dumps(given))
    return bankcard(home, "op", "run", name, "--as", user, "--password-stdin", *wanted, *options, typed=f"{PASSWORD}\n")


@pytest.fixture
def password(home: Home) -> str:
    file = home.folder / "password"
    file.write_text(PASSWORD)
    file.chmod(0o600)
    return str(file)


def lines(home: Home, password: str, *wanted: object, user: str = "admin") -> tuple[int, list[dict[str, Any]]]:
    typed = b"".join(each if isinstance(each, bytes) else json.dumps(each).encode() + b"\n" for each in wanted)
    answer = bankcard(home, "op", "run", "--jsonl", "--as", user, "--password-file", password, typed=typed)
    return answer.code, [json.loads(line) for line in answer.out.splitlines()]


def test_the_list_needs_no_store_and_holds_the_whole_registry_but_the_inner_steps(tmp_path: Path) -> None:
    answer = bankcard(tmp_path / "nowhere", "op", "list", "--json")
    assert (answer.code, answer.err) == (0, "")
    of_a_screen = {"session.sign_in", "session.lock", "session.unlock"}
    outer = {spec.name for spec in operations() if not spec.internal}
    assert of_a_screen < outer
    assert {each["name"] for each in answer.data} == outer - of_a_screen
    by_name = {each["name"]: each for each in answer.data}
    registering = by_name["customer.register_self"]["parameters"]
    assert [(each["name"], each["secret"], each["required"]) for each in registering[:3]] == [
        ("username", False, True),
        ("password", True, True),
        ("again", True, True),
    ]
    approve = by_name["application.approve"]
    assert approve["permissions"] == ["review_applications"]
    assert approve["mode"] == "write"
    assert next(each for each in approve["parameters"] if each["name"] == "limit")["type"] == "amount"
    kinds = next(each for each in by_name["review.queue"]["parameters"] if each["name"] == "kind")
    assert kinds["choices"] == ["consumer", "business", "debit_linked"]
    assert kinds["nullable"]
    assert not kinds["required"]


def test_every_parameter_of_every_operation_has_a_known_type(tmp_path: Path) -> None:
    known = {"text", "integer", "boolean", "id", "amount", "date", "time", "anything", "choice", "list", "object"}

    def check(shape: dict[str, Any]) -> None:
        assert shape["type"] in known, shape
        for part in (*shape.get("fields", ()), *(shape[each] for each in ("items", "values") if each in shape)):
            check(part)

    for operation in bankcard(tmp_path, "op", "list", "--json").data:
        for parameter in operation["parameters"]:
            check(parameter)


def test_the_list_is_for_reading_too(tmp_path: Path) -> None:
    answer = bankcard(tmp_path, "op", "list")
    assert answer.code == 0
    assert all(name in answer.out for name in offered())
    assert is_harmless(answer.out)


def test_an_operation_runs_and_its_session_ends(home: Home, town: Town) -> None:
    answer = run(home, "session.me")
    assert answer.code == 0, answer.err
    assert answer.data["username"] == "admin"
    again = run(home, "staff.list", {"role": "manager"})
    assert {each["username"] for each in again.data["items"]} == {"manager", "manager2", "director"}


@pytest.mark.parametrize(
    ("name", "given", "user", "code", "said"),
    [
        ("staff.list", None, "teller", 3, "You may not do this."),
        ("staff.list", {"role": "king"}, "admin", 1, "role: "),
        ("staff.list", {"rank": "king"}, "admin", 1, "rank: "),
        ("staff.nothing", None, "admin", 1, "There is no operation staff.nothing."),
        ("session.attempt", {"username": "admin"}, "admin", 1, "There is no operation session.attempt."),
        ("draft.save", {"form": "x", "values": {}}, "admin", 1, "There is no operation draft.save."),
        ("session.me", [1], "admin", 2, "not an object"),
        ("customer.open", {"customer": "00000000-0000-0000-0000-000000000000"}, "teller", 1, "customer"),
    ],
)
def test_what_does_not_go_says_why(name: str, given: object, user: str, code: int, said: str, home: Home) -> None:
    answer = run(home, name, given, user=user)
    assert (answer.code, answer.out) == (code, ""), answer.err
    assert said in answer.err


@pytest.mark.parametrize("given", ["{", "nonsense", '{"a": NaN}', '{"a": 1, "a": 2}', "[" * 100_000, "9" * 5_000])
def test_what_is_not_json_is_misuse(given: str, home: Home) -> None:
    answer = bankcard(
        home, "op", "run", "session.me", "--as", "admin", "--password-stdin", "--input", given, typed=f"{PASSWORD}\n"
    )
    assert (answer.code, answer.out) == (2, "")


def test_a_secret_is_never_taken_from_the_command_line(home: Home, tmp_path: Path) -> None:
    def asked(username: str, number: int) -> str:
        somebody = {"identity": {"name": "Li Na", "id_number": id_number(number)}, "contact": {"phone": "13800138000"}}
        return json.dumps({"username": username, "password": PASSWORD, "again": PASSWORD, **somebody})

    answer = bankcard(home, "op", "run", "customer.register_self", "--input", asked("lina", 700))
    assert (answer.code, answer.out) == (2, "")
    assert "Secrets are not taken from the command line: password, again" in answer.err
    assert PASSWORD not in answer.err
    file = tmp_path / "input.json"
    file.write_text(asked("lina", 700))
    for username, place, typed in (("lina", f"@{file}", ""), ("lina2", "@-", asked("lina2", 701))):
        answer = bankcard(home, "op", "run", "customer.register_self", "--input", place, typed=typed)
        assert answer.code == 0, answer.err
        assert answer.data["username"] == username
        assert PASSWORD not in answer.out


def open_sessions(home: Home) -> int:
    with closing(sqlite3.connect(home.store)) as connection:
        count: int = connection.execute("SELECT count(*) FROM session WHERE ended_at IS NULL").fetchone()[0]
        return count


@pytest.mark.parametrize("name", ["session.sign_in", "session.unlock", "session.lock"])
def test_a_command_opens_no_session_beside_its_own(name: str, home: Home, password: str) -> None:
    given = {"username": "teller", "password": PASSWORD}
    open_before = open_sessions(home)
    code, answers = lines(home, password, {"op": name, "input": given}, {"op": "session.me"})
    assert code == 1
    assert answers[0]["error"]["code"] == "op.of_a_screen"
    assert "a command signs in and out by itself" in answers[0]["error"]["message"]
    assert answers[1]["result"]["username"] == "admin"
    alone = bankcard(home, "op", "run", name, "--input", "@-", typed=json.dumps(given))
    assert (alone.code, alone.out) == (2, "")
    assert "--as USER" in alone.err
    assert open_sessions(home) == open_before


def test_password_and_input_may_share_stdin(home: Home) -> None:
    typed = f'{PASSWORD}\n{{"role": "teller"}}'
    answer = bankcard(
        home, "op", "run", "staff.list", "--as", "admin", "--password-stdin", "--input", "@-", typed=typed
    )
    assert answer.code == 0, answer.err
    assert len(answer.data["items"]) == 2


def test_what_waits_for_a_signature_says_so(home: Home, town: Town) -> None:
    _, application = town.applicant(wish=20_000)
    claim = run(home, "review.claim", {"application": str(application.id)}, user="manager")
    assert claim.code == 0, claim.err
    answer = run(
        home,
        "application.approve",
        {"application": str(application.id), "limit": "20000.00", "note": "", "against_reason": "known customer"},
        user="manager",
    )
    if answer.code == 0:
        assert answer.data["pending"]["signed"] == 1
    else:
        assert "claim" in answer.err.lower() or "review" in answer.err.lower(), answer.err


def test_the_same_key_does_a_thing_once(home: Home) -> None:
    given = {"username": "newbie", "identity": {"name": "New Bie", "id_number": id_number(700)}, "role": "teller"}
    first = run(home, "staff.add", given, "--key", "k-1")
    again = run(home, "staff.add", given, "--key", "k-1")
    assert first.code == 0, first.err
    assert again.data == first.data
    assert run(home, "staff.add", given, "--key", "k-2").code == 1
    assert run(home, "staff.add", given, "--key", "k" * 65).code == 1


def test_many_operations_run_under_one_sign_in_and_a_bad_line_stops_none(home: Home, password: str) -> None:
    code, answers = lines(
        home,
        password,
        {"op": "session.me"},
        b"{broken\n",
        b"\xff\xfe\n",
        b"\n",
        b'"text"\n',
        b"x" * 2_000_000 + b"\n",
        {"op": 5},
        {"op": "session.me", "input": []},
        {"op": "session.me", "surprise": 1},
        {"op": "nothing.such"},
        {"op": "staff.list", "input": {"role": "king"}},
        {"op": "customer.search", "input": {"text": "a"}},
        {"op": "staff.list", "input": {"role": "teller"}},
    )
    assert code == 1
    assert [answer["ok"] for answer in answers] == [True, *[False] * 10, True]
    codes = [answer["error"]["code"] for answer in answers if not answer["ok"]]
    assert codes[-3:] == ["op.unknown", "input.invalid", "refused.permission"]
    assert set(codes[:-3]) == {"usage", "input.json"}
    assert answers[-3]["error"]["field"] == "role" or answers[-2]["error"]["field"] is None
    assert len(answers[-1]["result"]["items"]) == 2


def test_all_well_is_exit_code_0(home: Home, password: str) -> None:
    assert lines(home, password, {"op": "session.me"}, {"op": "policy.show", "input": {}, "key": "a"})[0] == 0


def test_after_its_session_has_ended_each_line_is_refused(home: Home, password: str) -> None:
    code, answers = lines(home, password, {"op": "session.end"}, {"op": "session.me"}, {"op": "session.me"})
    assert code == 1
    assert [answer["ok"] for answer in answers] == [True, False, False]


def test_many_lines_take_their_password_from_nowhere_but_a_file_or_a_terminal(home: Home) -> None:
    answer = bankcard(home, "op", "run", "--jsonl", "--as", "admin", "--password-stdin", typed=f"{PASSWORD}\n")
    assert answer.code == 2
    assert bankcard(home, "op", "run", "session.me", "--jsonl").code == 2


def test_at_the_lobby_nobody_needs_to_sign_in(home: Home) -> None:
    answer = bankcard(home, "op", "run", "session.me")
    assert answer.code == 3
    assert "Nobody is signed in." in answer.err


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_input_reaches_no_terminal(text: str, home: Home, password: str) -> None:
    given = {"username": text, "identity": {"name": text, "id_number": text}, "role": text}
    answer = run(home, "staff.add", given)
    assert answer.code == 1
    assert is_harmless(answer.out + answer.err)
    typed = json.dumps({"op": text, "input": {text: text}, text: 1}) + "\n" + json.dumps({"op": text}) + "\n"
    many = bankcard(home, "op", "run", "--jsonl", "--as", "admin", "--password-file", password, typed=typed)
    assert many.code == 1
    assert is_harmless(many.out)
    assert len(many.out.splitlines()) == 2


def test_errors_in_answers_speak_chinese(home: Home, password: str) -> None:
    answer = bankcard(
        home, "--lang", "zh_CN", "op", "run", "--jsonl", "--as", "admin", "--password-file", password, typed="{\n"
    )
    assert json.loads(answer.out)["error"]["message"] == "输入不是 JSON。"
