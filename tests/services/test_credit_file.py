"""The credit file: all of a customer's credit on one line of time, and to the customer no more than is theirs."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest

from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.errors import NotFound, Phrase, Refused
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import Grade, LimitChangeKind, MessageState, ProposalOrigin, ProposalState, WarningState
from bankcard_tui.services.credit_file import credit_file
from bankcard_tui.services.credit_file_views import (
    ApplicationDecided,
    CreditFile,
    DocumentSeen,
    FileEntry,
    IdentityChecked,
    IncomeChecked,
    LimitChanged,
    LimitProposed,
    PaidLate,
    Reevaluated,
    Told,
    Warned,
    WatchBegun,
)
from bankcard_tui.services.logs import list_log
from bankcard_tui.services.phrases import ALTERED, from_json, to_json
from bankcard_tui.services.review import approve, claim
from tests.branch import Town
from tests.credit import Credit

TODAY = date(2026, 3, 2)


@pytest.fixture
def credit(town: Town) -> Credit:
    """A customer with a card of 10,000 yuan granted a moment ago."""
    customer, application = town.applicant()
    claim(town.desk("manager"), application.id)
    approve(town.desk("manager"), application.id, Money.yuan(10_000), "Stable income.")
    return Credit(town, customer.customer_id)


def seen_by(credit: Credit, username: str) -> CreditFile:
    return credit_file(credit.town.desk(username), credit.customer)


def parts(file: CreditFile, kind: type[FileEntry]) -> list[FileEntry]:
    return [entry for entry in file.timeline if isinstance(entry, kind)]


def live_through(credit: Credit) -> None:
    """One of each that can stand in the file."""
    credit.evaluated()
    credit.proposed()
    credit.proposed(ProposalOrigin.CUSTOMER, answer="Not yet.", state=ProposalState.REFUSED, ended_by=credit.manager)
    change = credit.changed(LimitChangeKind.RAISE, 10_000, 13_000)
    credit.watched(change_id=change)
    credit.warned()
    credit.told(change_id=change)
    credit.month(date(2026, 1, 1), 4_000, 12)
    credit.month(date(2026, 2, 1), 6_000)


def test_a_manager_sees_everything_on_one_line_of_time(credit: Credit) -> None:
    live_through(credit)
    file = seen_by(credit, "manager")
    assert {type(entry) for entry in file.timeline} == {
        ApplicationDecided,
        DocumentSeen,
        IdentityChecked,
        IncomeChecked,
        LimitChanged,
        LimitProposed,
        PaidLate,
        Reevaluated,
        Told,
        Warned,
        WatchBegun,
    }
    times = [entry.at for entry in file.timeline]
    assert times == sorted(times, reverse=True)
    decided = parts(file, ApplicationDecided)[0]
    assert isinstance(decided, ApplicationDecided)
    assert decided.points is not None
    assert decided.probability is not None
    assert decided.note == "Stable income."
    assert decided.by == "Manager"


def test_customers_never_see_staff_notes_warnings_or_the_watch_list(credit: Credit) -> None:
    live_through(credit)
    file = seen_by(credit, "zhang")
    for hidden in (Warned, WatchBegun, Reevaluated):
        assert not parts(file, hidden)
    whole = file.model_dump_json()
    for secret in ("Stable income.", "Sounded worried.", "Keep an eye on this."):
        assert secret in seen_by(credit, "manager").model_dump_json()
        assert secret not in whole
    decided = parts(file, ApplicationDecided)[0]
    assert isinstance(decided, ApplicationDecided)
    assert (decided.points, decided.probability, decided.note, decided.against) == (None, None, "", False)
    asked = parts(file, LimitProposed)
    assert [each.answer for each in asked if isinstance(each, LimitProposed)] == ["Not yet."]
    assert file.summary.open_warnings == 0
    assert file.summary.watched_until is None
    assert file.summary.open_proposals == 0


def test_the_summary_says_where_the_credit_stands(credit: Credit) -> None:
    live_through(credit)
    credit.warned(state=WarningState.OPEN)
    credit.special(3_000, TODAY, TODAY + timedelta(days=30))
    credit.special(9_000, TODAY - timedelta(days=60), TODAY - timedelta(days=1))
    summary = seen_by(credit, "manager").summary
    assert summary.granted == Money.yuan(13_000)
    assert summary.total_limit == Money.yuan(180_000)
    assert (summary.owed, summary.owed_in, summary.use_percent) == (Money.yuan(6_000), date(2026, 2, 1), 46)
    assert (summary.worst_days, summary.months_overdue) == (12, 1)
    assert (summary.open_warnings, summary.open_proposals) == (1, 1)
    assert summary.watched_until == TODAY + timedelta(days=180)
    assert summary.evaluated_again_on == date(2026, 9, 2)
    assert summary.responsible == "Manager"


def test_each_month_shows_the_limit_that_held_at_its_end(credit: Credit, clock: SimulatedClock) -> None:
    for month, after in ((11, 8_000), (12, 12_000)):
        at = clock.now() - timedelta(days=90 if month == 11 else 80)
        credit.changed(LimitChangeKind.RAISE, 5_000, after, at=at, grade=Grade.MEDIUM)
    credit.month(date(2026, 1, 1), 4_000, 12)
    lines = seen_by(credit, "manager").months
    shown = [(line.month.month, line.limit, line.balance, line.days_past_due) for line in lines]
    assert shown[:3] == [
        (12, Money.yuan(12_000), None, None),
        (1, Money.yuan(12_000), Money.yuan(4_000), 12),
        (2, Money.yuan(12_000), None, None),
    ]
    assert lines[0].grade is Grade.MEDIUM


def test_the_look_at_a_credit_file_is_logged(credit: Credit) -> None:
    admin = credit.town.desk("admin")
    seen_by(credit, "manager")
    entry = list_log(admin).items[0]
    assert (entry.action, entry.username) == ("customer.credit_file", "manager")


def test_no_customer_sees_the_file_of_another(credit: Credit) -> None:
    credit.town.registers("lina", "Li Na")
    with pytest.raises(Refused):
        credit_file(credit.town.desk("lina"), credit.customer)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "7",
        "[7]",
        '["x"]',
        '[{"template": "{missing}", "values": {"x": 1}}]',
        '[{"template": 7, "values": {}}]',
        '[{"template": "{a}", "values": {"a": null}}]',
        '[{"template": "x", "values": [1]}]',
        '[{"template": "{count:a|b}", "values": {"other": 1}}]',
        "[" * 50_000,
    ],
)
def test_a_reason_that_was_altered_in_the_store_says_so(credit: Credit, text: str) -> None:
    credit.changed(LimitChangeKind.RAISE, 10_000, 13_000, reason=text)
    credit.warned(figures=text)
    credit.proposed(reason=text)
    file = seen_by(credit, "manager")
    changed = [each.change.reason for each in file.timeline if isinstance(each, LimitChanged)]
    assert (ALTERED,) in changed
    assert parts(file, Warned)
    assert parts(file, LimitProposed)


def test_an_opinion_that_was_altered_leaves_the_probability_unknown(credit: Credit) -> None:
    with credit.town.bank.store.write() as connection:
        connection.exec_driver_sql("UPDATE application_decision SET opinion = '[1, 2'")
    decided = parts(seen_by(credit, "manager"), ApplicationDecided)[0]
    assert isinstance(decided, ApplicationDecided)
    assert decided.probability is None
    assert decided.points is not None


@pytest.mark.parametrize(
    ("columns", "state"),
    [
        ({}, MessageState.DELIVERED),
        ({"delivered_at": None, "problem": "smtp.550"}, MessageState.GIVEN_UP),
        ({"delivered_at": None, "kind": None, "problem": "do_not_disturb"}, MessageState.KEPT),
        ({"delivered_at": None, "ended_at": None}, MessageState.WAITING),
    ],
)
def test_a_message_says_how_it_stands(credit: Credit, columns: dict[str, object], state: MessageState) -> None:
    credit.told(**columns)
    told = parts(seen_by(credit, "zhang"), Told)[0]
    assert isinstance(told, Told)
    assert told.state is state


def test_what_was_handed_over_and_not_confirmed_is_in_doubt(credit: Credit) -> None:
    now = credit.town.bank.clock.now()
    credit.told(delivered_at=None, ended_at=None, handed_over_at=now)
    told = parts(seen_by(credit, "zhang"), Told)[0]
    assert isinstance(told, Told)
    assert told.state is MessageState.IN_DOUBT


def test_a_sentence_comes_back_from_the_store_as_it_was_written() -> None:
    inner = Phrase("Increase")
    sentence = Phrase("{who}: {count:row|rows}", {"who": inner, "count": 3, "all": (inner, inner)})
    assert from_json(to_json([sentence])) == (sentence,)


def test_the_file_of_nobody_is_not_found(credit: Credit) -> None:
    with pytest.raises(NotFound):
        credit_file(credit.town.desk("manager"), UUID(int=7))
