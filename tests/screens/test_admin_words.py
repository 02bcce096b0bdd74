"""Words that administrators read: every operation and permission has them, in both languages."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from rich.cells import cell_len

from bankcard_tui import widgets
from bankcard_tui.errors import InvalidForm, InvalidInput
from bankcard_tui.locale import catalogue, explain, tr
from bankcard_tui.rules.terms import Outcome
from bankcard_tui.screens import admin
from bankcard_tui.screens.admin import PAGES
from bankcard_tui.screens.admin.log_filter import LogFilter, filter_fields, read_filter
from bankcard_tui.screens.common.base import Page
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.everything import operations
from bankcard_tui.services.logs import LogRow
from bankcard_tui.widgets.action_labels import action_label, find_action, subject_label
from bankcard_tui.widgets.log_rows import LOG_COLUMNS, entry_facts, outcome_badge
from bankcard_tui.widgets.permission_labels import permission_label
from tests.screens.test_widgets_catalogue import sentences
from tests.screens.widgets_kit import LANGUAGES, speaking

ZONE = ZoneInfo("Asia/Shanghai")
FILES = [
    *sorted(Path(admin.__path__[0]).glob("*.py")),
    *(Path(widgets.__path__[0]) / f"{name}.py" for name in ("action_labels", "permission_labels", "log_rows")),
]
NAMES = [spec.name for spec in operations()]
WHAT = next(column for column in LOG_COLUMNS if column.grow)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_sentence_of_these_screens_has_its_translation(path: Path) -> None:
    assert [text for text in sentences(path) if text not in catalogue("zh_CN")] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_operation_is_said_in_plain_words_that_fit_the_log(name: str) -> None:
    english = action_label(name)
    assert english != name, "give it a label in widgets/action_labels.py"
    assert english in catalogue("zh_CN")
    for language in LANGUAGES:
        with speaking(language):
            assert cell_len(action_label(name)) <= WHAT.width + 2


def test_no_two_operations_read_alike() -> None:
    for language in LANGUAGES:
        with speaking(language):
            labels = [action_label(name) for name in NAMES]
            assert sorted({label for label in labels if labels.count(label) > 1}) == []


def test_an_action_or_record_of_a_newer_program_is_shown_by_its_code() -> None:
    assert action_label("moon.land") == "moon.land"
    assert subject_label("rocket") == "rocket"
    assert outcome_badge("exploded").plain == "exploded"


@pytest.mark.parametrize("permission", Permission)
def test_every_permission_is_said_in_words_that_fit_the_matrix(permission: Permission) -> None:
    english = permission_label(permission)
    assert english in catalogue("zh_CN")
    for language in LANGUAGES:
        with speaking(language):
            assert 0 < cell_len(permission_label(permission)) <= 32


def test_no_two_permissions_read_alike() -> None:
    for language in LANGUAGES:
        with speaking(language):
            assert len({permission_label(each) for each in Permission}) == len(Permission)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_titles_of_pages_are_short(page: Page) -> None:
    for language in LANGUAGES:
        with speaking(language):
            assert cell_len(tr(page.title)) <= 12


# What is typed to find an action


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", ""),
        ("staff.add", "staff.add"),
        (" Staff.Add ", "staff.add"),
        ("staff.", "staff."),
        ("session", "session."),
        ("approve", "application.approve"),
        ("Sign in", "session.sign_in"),
        ("permissions", "staff.set_permissions"),
    ],
)
def test_an_action_is_found_by_code_area_or_words(typed: str, code: str) -> None:
    assert find_action("action", typed) == code


def test_an_action_is_found_by_its_chinese_words() -> None:
    with speaking("zh_CN"):
        assert find_action("action", "批准申请") == "application.approve"


@pytest.mark.parametrize(("typed", "says"), [("launch", "No action"), ("account", "Several actions")])
def test_words_that_mean_nothing_or_too_much_are_refused_with_advice(typed: str, says: str) -> None:
    with pytest.raises(InvalidInput, match=says) as problem:
        find_action("action", typed)
    assert problem.value.field == "action"
    assert problem.value.hint
    with speaking("zh_CN"):
        assert explain(problem.value) != problem.value.message


# Filters


def test_days_of_a_filter_begin_and_end_at_midnight_at_the_branch() -> None:
    wanted = LogFilter(first=date(2026, 3, 1), last=date(2026, 3, 2)).parameters(ZONE)
    assert wanted["since"] == datetime(2026, 3, 1, tzinfo=ZONE)
    assert wanted["until"] == datetime(2026, 3, 3, tzinfo=ZONE)
    assert LogFilter(last=date.max).parameters(ZONE)["until"] is None


def test_a_filter_that_is_read_fills_its_form_again() -> None:
    subject = uuid4()
    values: dict[str, object] = {
        "username": " Teller ",
        "action": "approve",
        "outcome": "refused",
        "first": "2026-03-01",
        "last": "2026-03-01",
        "text": "four eyes",
        "subject": str(subject),
    }
    read = read_filter(values)
    day = date(2026, 3, 1)
    assert read == LogFilter("teller", "application.approve", Outcome.REFUSED, day, day, "four eyes", subject)
    assert read_filter({field.name: _typed(field.value) for field in filter_fields(read)}) == read
    assert read_filter({field.name: _typed(field.value) for field in filter_fields(LogFilter())}).empty


def _typed(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value or ""


def test_everything_wrong_with_a_filter_is_said_at_once() -> None:
    values: dict[str, object] = dict.fromkeys(("username", "text"), "")
    values |= {"action": "launch", "outcome": "any", "first": "2026-03-02", "last": "2026-03-01", "subject": "17"}
    with pytest.raises(InvalidForm) as problems:
        read_filter(values)
    assert [problem.field for problem in problems.value.problems] == ["action", "subject", "last"]


def test_the_filters_in_force_are_said_in_one_line() -> None:
    full = LogFilter("teller", "staff.", Outcome.REFUSED, date(2026, 3, 1), date(2026, 3, 2), "x")
    assert full.words() == "user name teller, action staff., outcome Refused, from 2026-03-01, until 2026-03-02, text x"
    assert LogFilter().words() == ""


# Entries


def test_an_opened_entry_shows_every_column_and_each_value_of_the_detail() -> None:
    entry = LogRow(
        seq=12_345,
        at=datetime(2026, 3, 1, 16, 30, tzinfo=ZoneInfo("UTC")),
        username="manager",
        role="manager",
        terminal="desk-3",
        action="application.refuse",
        outcome="done",
        subject_kind="application",
        subject_id=uuid4(),
        detail={"reasons": ["income", "risk"], "number": "A-7", "against": True, "none": []},
    )
    shown = [str(getattr(value, "plain", value)) for _, value in entry_facts(entry, ZONE)]
    assert shown == [
        "12,345",
        "2026-03-02 00:30",
        "manager",
        "Manager",
        "desk-3",
        "Refuse an application",
        "application.refuse",
        "+ Done",
        "Application",
        str(entry.subject_id),
        "against: true",
        "none: -",
        "number: A-7",
        "reasons: income, risk",
    ]


def test_a_filter_of_one_day_holds_that_day_alone() -> None:
    wanted = LogFilter(first=date(2026, 3, 1), last=date(2026, 3, 1)).parameters(ZONE)
    assert wanted["until"] - wanted["since"] == timedelta(days=1)
