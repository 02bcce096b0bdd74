"""Whatever is typed into whatever operation: it is done, or refused in words; nothing else happens."""

from __future__ import annotations

import json
import unicodedata
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any, get_args, get_origin
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bankcard_tui.desk.operation import run
from bankcard_tui.desk.registry import REGISTRY, Mode, Secret, Spec
from bankcard_tui.desk.results import View
from bankcard_tui.errors import BankError, InvalidInput, Unavailable
from bankcard_tui.rules.text import clean_text
from bankcard_tui.services import applications, customers, logs, review, staff
from bankcard_tui.services.customer_sign_ins import customer_sign_ins
from bankcard_tui.services.everything import operations
from tests.services.permitted import CASES
from tests.services.world import World

HOSTILE = {
    "markup": "[bold red]x[/] [@click=app.quit]y[/]",
    "broken markup": "a[/]b[",
    "escape": "\x1b[2J\x1b]0;owned\x07",
    "null": "a\x00b",
    "bidirectional": "abc\u202egpj.exe",
    "zero width": "a\u200bb\u200dc\ufeff",
    "lines": "one\ntwo\r\nthree\ttab",
    "half a surrogate": "x\ud800y",
    "not a character": "x\uffffy\U0010ffff",
    "sql": "'; DROP TABLE customer; --",
    "wildcards": "%_%' OR '1'='1",
    "formula": "=cmd|'/c calc'!A0",
    "format": "{username} {0} %s %n {x!r}",
    "json": '{"a": [1, 2',
    "combining": "e" + "\u0301" * 500,
    "wide": "\uff21\uff22\ufdfa" * 100,
    "long": "长" * 10_000,
    "blanks": "\u3000\u00a0   ",
    "empty": "",
    "number": "1e309",
    "path": "../../../../etc/passwd\x00",
}
HIDDEN = {"Cc", "Cf", "Cs", "Co"}


def spoilt(hint: Any, value: Any, text: str) -> list[Any]:
    """``value`` with ``text`` in each place where text may stand."""
    if isinstance(value, Secret) or hint is Secret:
        return [Secret(text)]
    if isinstance(value, View):
        found = []
        for name, each in value:
            if isinstance(each, str) and type(each) is str:
                # As a screen builds it; broken text is refused there already.
                found.append(value.model_copy(update={name: text}))
        return found
    if hint == dict[str, str]:
        return [{text: text}, dict.fromkeys(value, text)]
    if type(value) is str or hint is str or str in get_args(hint):
        return [text]
    if get_origin(hint) is dict:
        return [{text: text}, {"a": [{"b": text}]}]
    if get_origin(hint) is tuple and get_args(hint) and get_origin(get_args(hint)[0]) is dict:
        return [({"external_id": text, "name": text, "id_number": text, "registered_on": text, "phone": text},)]
    return []


def attempts(spec: Spec, arguments: dict[str, Any], text: str) -> list[dict[str, Any]]:
    bound = spec.bind((), arguments)
    return [bound | {name: value} for name in bound for value in spoilt(spec.hints[name], bound[name], text)]


TAKES_TEXT = [spec.name for spec in operations()]


@pytest.mark.parametrize("name", TAKES_TEXT)
def test_hostile_text_is_taken_as_data_or_refused_in_words(day: World, again: World, name: str) -> None:
    world, spec, case = again, REGISTRY[name], CASES[name]
    kinds = sorted(case.allowed - {"nobody"}) or ["nobody"]
    kind = kinds[0]
    desk = world.desk(case.owner if kind == "owner" else kind)
    said: list[str] = []
    for text in HOSTILE.values():
        arguments = case.arguments(world, kind)
        for place, each in enumerate(attempts(spec, arguments, text)):
            try:
                run(spec, desk.once(f"form-{len(text)}-{place}"), each)
            except Unavailable:
                raise  # the store is not what is wrong
            except BankError as problem:
                said.append(str(problem))
            else:
                _nothing_hidden_is_kept(world)
                if spec.mode is Mode.WRITE:
                    world.again(day)
    assert all(len(each) < 1_000 for each in said)
    _nothing_hidden_is_kept(world)
    assert logs.verify_log(world.bank.system_desk("night")).sound


def _nothing_hidden_is_kept(world: World) -> None:
    """No text in the store holds what a terminal obeys or nobody sees."""
    for table, rows in world.contents().items():
        for row in rows:
            for value in row:
                if not isinstance(value, str) or (value.isascii() and value.isprintable()):
                    continue
                hidden = {c for c in value if c != "\n" and unicodedata.category(c) in HIDDEN}
                assert not hidden, (table, value, hidden)
                assert len(value) < 100_000, (table, value[:100])


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_wildcards_and_quotes_find_only_themselves(again: World, text: str) -> None:
    teller, admin = again.desk("teller"), again.desk("admin")
    with_all = len(customers.search(teller).items)
    for search in (
        lambda: customers.search(teller, text).items,
        lambda: applications.list_applications(teller, None, text).items,
        lambda: logs.list_log(admin, username=text).items if text else (),
        lambda: logs.list_log(admin, action=text).items if text else (),
        lambda: logs.list_log(admin, text=text).items if text.strip() else (),
    ):
        try:
            found = search()
        except InvalidInput:
            continue
        assert not found or not text.strip() or len(found) == with_all or len(text) < 2, found


def test_a_text_without_end_is_refused_before_the_store_sees_it(again: World) -> None:
    for search in (
        lambda: logs.list_log(again.desk("admin"), text="x" * 200_000),
        lambda: customers.search(again.desk("teller"), "x" * 200_000),
        lambda: applications.list_applications(again.desk("teller"), None, "x" * 200_000),
    ):
        with pytest.raises(InvalidInput, match="too long to search"):
            search()


def test_a_percent_sign_is_searched_for_as_a_percent_sign(again: World) -> None:
    admin = again.desk("admin")
    assert logs.list_log(admin, text="%").items == ()
    assert logs.list_log(admin, text="_").items
    assert all(
        "_" in f"{row.action}{row.username}{json.dumps(row.detail)}" for row in logs.list_log(admin, text="_").items
    )
    assert customers.search(again.desk("teller"), "%").items == ()


CURSOR = st.one_of(
    st.text(max_size=60),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
        lambda each: st.lists(each, max_size=4) | st.dictionaries(st.text(max_size=3), each, max_size=2),
        max_leaves=8,
    ).map(json.dumps),
    st.lists(st.one_of(st.integers(), st.text(max_size=40), st.booleans(), st.none()), max_size=5).map(
        lambda values: json.dumps(["next", *values])
    ),
    st.tuples(st.integers(-(2**70), 2**70), st.uuids()).map(
        lambda pair: json.dumps(["previous", pair[0], pair[1].hex])
    ),
    st.sampled_from(
        [
            "[" * 5_000,
            '["next","\\ud800","x"]',
            '["next",1e999]',
            '["next",true]',
            '["next",9223372036854775808]',
            "null",
        ]
    ),
)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(CURSOR)
def test_a_forged_cursor_finds_a_page_or_is_refused(again: World, cursor: str) -> None:
    teller, manager, admin = (again.desk(name) for name in ("teller", "manager", "admin"))
    for turn in (
        lambda: customers.search(teller, "", cursor),
        lambda: customers.search(teller, "zh", cursor),
        lambda: customers.claims(teller, cursor),
        lambda: review.queue(manager, None, cursor),
        lambda: applications.list_applications(manager, None, "zh", cursor),
        lambda: logs.list_log(admin, cursor=cursor),
        lambda: logs.my_log(admin, cursor),
        lambda: staff.list_staff(admin, None, cursor),
        lambda: customer_sign_ins(admin, cursor),
    ):
        with suppress(InvalidInput):
            assert len(turn().items) <= 100


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=40))
def test_whatever_is_searched_for_is_answered(again: World, text: str) -> None:
    for search in (
        lambda: customers.search(again.desk("teller"), text),
        lambda: applications.list_applications(again.desk("teller"), None, text),
        lambda: logs.list_log(again.desk("admin"), text=text),
    ):
        with suppress(InvalidInput):
            assert len(search().items) <= 100


@pytest.mark.parametrize("moment", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
def test_the_ends_of_time_are_times_like_others(again: World, moment: datetime) -> None:
    admin = again.desk("admin")
    logs.list_log(admin, since=moment)
    logs.list_log(admin, until=moment)
    with pytest.raises(InvalidInput):
        logs.list_log(admin, since=moment.replace(tzinfo=None))


ROWS: list[dict[str, str]] = [
    {"registered_on": "9999-12-31"},
    {"registered_on": "2024-02-30"},
    {"birth_date": "0001-01-01"},
    {"monthly_income": "NaN"},
    {"monthly_income": "-1"},
    {"monthly_income": "99999999999999999999"},
    {"employer_kind": "x' OR 1"},
    {"housing": "\u202e"},
    {"id_type": "passport"},
    {"phone": "x" * 10_000},
    {"external_id": ""},
    {"external_id": "\x1b[2J"},
    {"name": "a\nb"},
]


@pytest.mark.parametrize("row", ROWS, ids=[json.dumps(row)[:40] for row in ROWS])
def test_a_bad_row_comes_back_with_its_reason_and_does_not_stop_the_file(again: World, row: dict[str, str]) -> None:
    from bankcard_tui.rules.identity import make_id_number
    from bankcard_tui.services import customer_import, imports

    def number(serial: int) -> str:
        return make_id_number("310101", date(1990, 1, 1), serial)

    night = again.bank.system_desk("night")
    job = imports.start_import(night, "customers", "file").view.id
    good = {"name": "Ok", "phone": "13800138000"}
    rows = (
        good | {"external_id": "A", "id_number": number(1)},
        good | {"external_id": "B", "id_number": number(2)} | row,
        good | {"external_id": "C", "id_number": number(3)},
    )
    chunk = customer_import.import_customers(night, job, 0, rows).view
    assert [each.line for each in chunk.rejects] == [1]
    assert chunk.rejects[0].reason
    assert chunk.job.done + len(chunk.rejects) == 3
    assert customer_import.import_customers(night, job, 3, rows[:1]).view.job.skipped == 1


def test_an_unknown_record_is_not_found_by_those_who_may_and_refused_to_others(again: World) -> None:
    for name in TAKES_TEXT:
        spec, case = REGISTRY[name], CASES[name]
        ids = [each for each, hint in spec.hints.items() if hint is UUID]
        if not ids or not case.allowed:
            continue
        for kind in ("owner", sorted(case.allowed)[-1]):
            desk = again.desk(case.owner if kind == "owner" else kind)
            arguments = case.arguments(again, sorted(case.allowed)[-1]) | {each: UUID(int=7) for each in ids}
            with pytest.raises(BankError) as error:
                run(spec, desk, arguments)
            if kind == "owner":
                assert error.value.exit_code == 3, (name, error.value)


def test_text_of_several_lines_keeps_its_lines_and_nothing_else() -> None:
    assert clean_text("note", "one\r\ntwo\n\n") == "one\ntwo"
