"""What every operation has in common: the transaction, the entry, the clock, the policy, the terminal."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from sqlalchemy import insert, update

from bankcard_tui.desk.bank import POLICY, Bank
from bankcard_tui.desk.clock import SimulatedClock, SystemClock
from bankcard_tui.desk.operation import operation, run
from bankcard_tui.desk.registry import REGISTRY, Mode, register
from bankcard_tui.desk.results import Pending, RequestView
from bankcard_tui.desk.stand_in import stand_in
from bankcard_tui.errors import BankError, Conflict, InvalidInput, NotSignedIn, Refused, VerificationFailed
from bankcard_tui.rules.policy import DEFAULT_POLICY, Policy, policy_from_plain, to_plain
from bankcard_tui.rules.terms import RequestStatus
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services import drafts, logs, overview, policies, sign_in
from bankcard_tui.services.everything import operations
from bankcard_tui.store.types import new_id
from tests.branch import OPENING, Town


def in_force_from(bank: Bank, version: int, moment: datetime, policy: Policy) -> None:
    with bank.store.write() as connection:
        connection.execute(
            insert(POLICY).values(
                branch_id=bank.branch.id,
                version=version,
                policy=json.dumps(to_plain(policy)),
                in_force_from=moment,
                note="",
            )
        )


def test_a_policy_is_in_force_from_its_moment_on(town: Town, clock: SimulatedClock) -> None:
    later = clock.now() + timedelta(minutes=5)
    in_force_from(town.bank, 2, later, replace(DEFAULT_POLICY, card_years=3))
    teller = town.desk("teller")
    assert policies.show_policy(teller).version == 1
    clock.move_to(later)
    shown = policies.show_policy(teller)
    assert (shown.version, shown.figures["card_years"]) == (2, 3)


@pytest.mark.parametrize("text", ["", "[]", "null", '{"limit_step": "x"}', '{"tiers": [7]}', "[" * 100_000])
def test_a_policy_that_was_altered_in_the_store_is_named(text: str, town: Town) -> None:
    admin = town.desk("admin")
    with town.bank.store.write() as connection:
        connection.execute(update(POLICY).values(policy=text))
    town.bank._policies.clear()
    with pytest.raises(VerificationFailed, match="Version 1 of the policy was altered"):
        policies.show_policy(admin)


def test_a_number_that_no_store_takes_is_refused_at_its_field(town: Town) -> None:
    for number in (2**63, -(2**63), 10**40):
        with pytest.raises(InvalidInput, match="too large") as problem:
            policies.policy_then(town.desk("admin"), number)
        assert problem.value.field == "version"


def test_a_policy_reads_back_as_it_was_written() -> None:
    assert policy_from_plain(json.loads(json.dumps(to_plain(DEFAULT_POLICY)))) == DEFAULT_POLICY


def test_an_operation_that_breaks_leaves_an_entry_no_effect_and_an_open_store(town: Town) -> None:
    """A defect of the program, not a mistake of a person."""
    teller = town.desk("teller")
    with pytest.raises(TypeError):
        drafts.save_draft(teller, "form", {"not for JSON": object()})
    entry = logs.list_log(town.desk("admin"), username="teller").items[0]
    assert (entry.action, entry.outcome, entry.detail["problem"]) == ("draft.save", "failed", "TypeError")
    assert drafts.my_drafts(teller) == ()
    drafts.save_draft(teller, "form", {"fine": 1})
    assert drafts.load_draft(teller, "form") == {"fine": 1}


def test_a_name_is_registered_once() -> None:
    with pytest.raises(ValueError, match=r"two operations named log\.mine"):
        register(REGISTRY["log.mine"])


def test_an_operation_does_not_run_inside_another(town: Town) -> None:
    name = "test.nested"

    @operation(name, allow=Permission.OWN_ACCOUNT, own=Permission.OWN_ACCOUNT)
    def nested(desk: object) -> None:
        """Calls another operation."""
        overview.overview(desk)  # type: ignore[arg-type]  # the desk of a running operation, as operations get it

    try:
        with pytest.raises(RuntimeError, match="does not call another"):
            nested(town.desk("teller"))
    finally:
        del REGISTRY[name]


def test_outside_of_an_operation_a_desk_has_no_transaction(town: Town) -> None:
    with pytest.raises(RuntimeError, match="only a running operation"):
        _ = town.desk("teller").sql


@pytest.mark.parametrize("terminal", ["", "\u202e", "分行", "\x1b\x07"])
def test_a_terminal_without_a_printable_name_is_refused(bank: Bank, terminal: str) -> None:
    with pytest.raises(InvalidInput):
        bank.lobby(terminal)


def test_the_name_of_a_terminal_holds_nothing_that_a_terminal_obeys(bank: Bank) -> None:
    assert bank.lobby("\x1b[2Jdesk-7\u202e" + "x" * 100).terminal == ("[2Jdesk-7" + "x" * 100)[:60]


def test_only_a_demo_branch_has_stand_ins(town: Town) -> None:
    with pytest.raises(Refused, match="demo"):
        stand_in(town.bank, "teller", "x")
    town.bank.branch = replace(town.bank.branch, code="DEMO")
    desk = stand_in(town.bank, "teller", "x")
    assert sign_in.me(desk).username == "teller"
    assert logs.list_log(town.desk("admin"), username="teller").items[0].action == "session.stand_in"


def test_nobody_is_somebody_only_after_signing_in(bank: Bank) -> None:
    for spec in operations():
        if spec.permissions and spec.mode is Mode.READ and not spec.signature.parameters:
            with pytest.raises(NotSignedIn):
                run(spec, bank.lobby("x"), {})


def test_every_operation_says_what_it_does_and_what_it_gives() -> None:
    for spec in operations():
        assert spec.title.endswith("."), f"{spec.name} is cut: {spec.title}"
        assert "\n" not in spec.title, spec.name
        assert "return" in spec.hints, spec.name
        assert spec.model.model_json_schema()["type"] == "object"


def test_what_was_typed_as_json_is_refused_by_field() -> None:
    spec = REGISTRY["application.approve"]
    for payload in ("", "[]", "{}", '{"application":"x"}', '{"application":"x","limit":1,"more":2}', '{"a":' * 500):
        with pytest.raises(BankError) as error:
            spec.read_payload(payload)
        assert error.value.code == "input.invalid"


def test_what_waits_has_no_result_yet() -> None:
    view = RequestView(
        id=new_id(OPENING),
        operation="application.approve",
        status=RequestStatus.PENDING,
        maker="M",
        made_at=OPENING,
        expires_at=OPENING,
        subject_kind="application",
        subject_id=new_id(OPENING),
        signed=1,
        needed=2,
    )
    with pytest.raises(Conflict, match="1 of 2"):
        _ = Pending(view).view


def test_the_banks_time_is_aware_utc_and_does_not_run_back() -> None:
    clock = SimulatedClock(datetime(2026, 1, 1, 8, tzinfo=timezone(timedelta(hours=8))))
    assert clock.now() == datetime(2026, 1, 1, tzinfo=UTC)
    assert clock.now().utcoffset() == SystemClock().now().utcoffset() == timedelta(0)
    with pytest.raises(ValueError, match="run back"):
        clock.move_to(datetime(2025, 12, 31, tzinfo=UTC))
    with pytest.raises(ValueError, match="zone"):
        SimulatedClock(datetime(2026, 1, 1))


def test_ids_sort_by_the_time_of_the_bank() -> None:
    ids = [new_id(OPENING + timedelta(seconds=each)) for each in range(50)]
    assert ids == sorted(ids)
    assert len(set(ids)) == 50


def test_a_process_and_its_fork_never_make_the_same_id() -> None:
    made = {new_id(OPENING) for _ in range(100)}
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, b"".join(new_id(OPENING).bytes for _ in range(100)))
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        raw = pipe.read()
    theirs = {UUID(bytes=raw[at : at + 16]) for at in range(0, len(raw), 16)}
    ours = {new_id(OPENING) for _ in range(100)}
    assert len(theirs) == 100
    assert not theirs & (made | ours)


def test_the_permission_to_look_comes_from_the_store_for_each_look(town: Town) -> None:
    assert REGISTRY["card.reveal"].permissions == (Permission.REVEAL_NUMBERS,)
    assert REGISTRY["session.sign_in"].permissions == ()
