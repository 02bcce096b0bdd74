"""No English word stands in a Chinese sentence: errors carry names, numbers and phrases, and phrases are translated."""

from __future__ import annotations

import ast
import errno
import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from bankcard_tui import locale
from bankcard_tui.desk.access import Lobby
from bankcard_tui.desk.operation import run
from bankcard_tui.desk.registry import REGISTRY, Mode
from bankcard_tui.errors import BankError, InvalidForm, Phrase, reason_of
from bankcard_tui.rules.hard_rules import MISSING_DOCUMENT
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import RequestStatus
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services import customer_import, imports, requests, review, staff
from bankcard_tui.services.everything import operations
from bankcard_tui.services.subjects import APPLICATION, no_such
from bankcard_tui.store.engine import sqlite
from bankcard_tui.store.problems import explain_problem
from tests.rules.decent_applicant import DECENT, broken_by
from tests.services.permitted import CASES, KINDS
from tests.services.world import World
from tests.test_catalogue import ERRORS, PACKAGE, WITH_FIELD

TYPED = {
    "before",
    "until",
    "areas",
    "bin",
    "character",
    "code",
    "codes",
    "column",
    "columns",
    "command",
    "example",
    "file",
    "folder",
    "format",
    "given",
    "home",
    "known",
    "label",
    "lang",
    "name",
    "names",
    "outcome",
    "path",
    "places",
    "point",
    "province",
    "revision",
    "table",
    "tables",
    "text",
    "username",
    "what",
}
"""What people typed, or what has a name of its own: paths, user names, codes, columns."""
NUMBERS = {
    "age",
    "amount",
    "ceiling",
    "count",
    "day",
    "days",
    "found",
    "free",
    "highest",
    "income",
    "latest",
    "least",
    "length",
    "limit",
    "line",
    "lowest",
    "minutes",
    "months",
    "most",
    "needed",
    "number",
    "numbers",
    "owed",
    "place",
    "room",
    "signed",
    "step",
    "times",
    "today",
    "total",
    "value",
    "version",
    "wanted",
    "years",
}
SAID = {"error", "kind", "other", "problem", "problems", "rules", "said", "why"}
"""What is said in words, so that it has to be a phrase."""

PROPER = {"BIN", "CSV", "ID", "JSON", "SQLITE", "TOML", "UTF", "age", "delivery"}
COMMAND = re.compile(r"bankcard(?: -{0,2}[a-z][a-z-]*)*|chmod|make setup")


def hidden(phrase: Phrase) -> Phrase:
    """A phrase without the names in it."""
    return Phrase(phrase.template, {name: _hidden(name, value) for name, value in phrase.values.items()})


def _hidden(name: str, value: Any) -> Any:
    if isinstance(value, Phrase):
        return hidden(value)
    if isinstance(value, tuple):
        return tuple(hidden(each) for each in value)
    return "*" if name in TYPED else value


def english_in(phrases: tuple[Phrase, ...]) -> list[str]:
    """The English words that a Chinese reader of these phrases sees, names and commands left out."""
    locale.use("zh_CN")
    read = COMMAND.sub("", " ".join(locale.say(hidden(each)) for each in phrases))
    return [word for word in re.findall(r"[A-Za-z]{2,}", read) if word not in PROPER]


def problems_of(error: BankError) -> tuple[Phrase, ...]:
    each = error.problems if isinstance(error, InvalidForm) else [error]
    return tuple(phrase for one in each for phrase in one.phrases)


def raised(work: Callable[..., object], *arguments: Any) -> tuple[Phrase, ...]:
    try:
        work(*arguments)
    except BankError as error:
        return problems_of(error)
    return ()


def calls() -> Iterator[tuple[str, ast.keyword]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                continue
            if node.func.id in ERRORS | WITH_FIELD | {"Misused"}:
                for keyword in node.keywords:
                    if keyword.arg not in (None, "hint", "code"):
                        yield f"{path.relative_to(PACKAGE)}:{node.lineno} {keyword.arg}", keyword


def test_every_value_of_an_error_is_a_name_a_number_or_a_phrase() -> None:
    for place, keyword in calls():
        assert keyword.arg in TYPED | NUMBERS | SAID, f"{place}: say what it holds"
        read = ast.unparse(keyword.value)
        wordy = re.search(r"strerror|\.message\b|\['msg'\]|\bstr\((error|problem)\)|\.template\b|\.value\b", read)
        assert not wordy, f"{place}: {read} is English in every language"


@pytest.mark.parametrize("code", sorted(errno.errorcode))
def test_the_operating_systems_reasons_are_translated(code: int) -> None:
    assert english_in((reason_of(OSError(code, "why")),)) == []


@pytest.mark.parametrize("name", [spec.name for spec in operations()])
def test_what_is_wrong_with_an_input_is_said_in_chinese(name: str) -> None:
    spec, found = REGISTRY[name], 0
    wrong: list[Any] = [None, "零", 1.5, [], {}, True, -1, [1], {"x": 1}]
    texts = [
        "no json",
        "[]",
        "{}",
        '{"nobody": 1}',
        *(json.dumps({field: one}) for field in spec.hints for one in wrong),
    ]
    for text in texts:
        said = raised(spec.read_payload, text)
        found += bool(said)
        assert english_in(said) == [], (text, said)
    assert found


@pytest.mark.parametrize("name", [spec.name for spec in operations()])
def test_every_refusal_is_said_in_chinese(again: World, name: str) -> None:
    spec, case = REGISTRY[name], CASES[name]
    for kind in KINDS:
        desk = again.desk(case.owner if kind == "owner" else kind)
        arguments = case.arguments(again, kind)
        attempts = [] if kind in case.allowed and spec.mode is Mode.WRITE else [arguments]
        attempts.append(
            {field: UUID(int=1) if isinstance(value, UUID) else value for field, value in arguments.items()}
        )
        attempts.append({field: "\n" if isinstance(value, str) else value for field, value in arguments.items()})
        if case.own is not None:
            with suppress(KeyError):
                attempts.append(case.own(again, kind))
        for one in attempts:
            said = raised(run, spec, desk, one)
            assert english_in(said) == [], (kind, one, said)
        if isinstance(spec.allow, Lobby):
            break


@pytest.mark.parametrize("kind", ["account", "application", "card", "customer", "document", "request"])
def test_a_record_that_is_missing_is_called_by_its_name(kind: str) -> None:
    assert english_in(no_such(kind).phrases) == []


def test_the_rules_that_stop_an_approval_are_said_in_chinese(again: World) -> None:
    for template in MISSING_DOCUMENT.values():
        assert english_in((Phrase(template),)) == []
    poor = {"monthly_income": Money.yuan(1), "monthly_debt": Money.yuan(9_000), "times_overdue": 20}
    nobody = replace(
        DECENT, age=12, identity_verified=False, income_checked=False, own_limits=Money.yuan(999_999), **poor
    )
    broken = broken_by(nobody)
    assert len(broken) > 5
    for rule in broken:
        assert english_in((Phrase(rule.template, dict(rule.values)),)) == []
    application = again.ids["claimed.application"]
    with again.bank.store.write() as connection:
        connection.exec_driver_sql("DELETE FROM document")
    said = raised(review.approve, again.desk("manager"), application, Money.yuan(10_000))
    assert english_in(said) == []
    locale.use("zh_CN")
    assert [locale.say(each) for each in said] == ["不能批准：缺少身份证件。", "请退回或拒绝该申请。"]


def test_why_a_signed_request_did_not_run_is_said_in_chinese(again: World) -> None:
    with again.bank.store.write() as connection:
        connection.execute(update(APPLICATION).values(version=APPLICATION.c.version + 1))
    signed = requests.sign(again.desk("manager2"), again.ids["waiting.request"]).view
    assert signed.status is RequestStatus.FAILED
    assert signed.problem
    assert english_in(signed.problem) == []


def test_a_permission_that_a_role_can_not_have_is_refused_in_chinese(again: World) -> None:
    admin, teller = again.desk("admin"), again.ids["teller"]
    version = staff.open_staff(admin, teller).row.version
    added = frozenset({Permission.REVIEW_APPLICATIONS})
    said = raised(staff.set_permissions, admin, teller, version, added, frozenset())
    assert said
    assert english_in(said) == []


def test_a_rejected_row_is_explained_in_chinese(again: World) -> None:
    night = again.bank.system_desk("night")
    job = imports.start_import(night, "customers", "another digest").view.id
    rows = ({}, {"external_id": "E9", "name": "A\tB", "id_number": "1", "phone": "x", "occupation": "pilot"})
    answer = customer_import.import_customers(night, job, 0, rows).view
    assert len(answer.rejects) == 2
    for reject in answer.rejects:
        assert english_in(reject.reason) == [], reject


def test_what_the_database_refuses_is_named_by_code_and_column(tmp_path: Path) -> None:
    connection = sqlite.connect(":memory:")
    connection.execute("CREATE TABLE account (username TEXT NOT NULL UNIQUE)")
    for statement in ("INSERT INTO account VALUES (NULL)", "SELECT * FROM nothing", "SELEKT"):
        with pytest.raises(sqlite.Error) as error:
            connection.execute(statement)
        said = str(explain_problem(error.value, tmp_path).values["said"])
        assert re.fullmatch(r"SQLITE_[A-Z_]+(: \w+(\.\w+)?)?.*", said), said
    connection.close()
