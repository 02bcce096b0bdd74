"""Whoever writes to the store's file with another tool gains no signature and no desk by it, and it shows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from bankcard_tui.desk.access import SESSION
from bankcard_tui.desk.pending import REQUEST, SIGNATURE
from bankcard_tui.desk.registry import Secret
from bankcard_tui.errors import BankError, NotSignedIn, Refused, VerificationFailed
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import RequestStatus
from bankcard_tui.services import customers, logs, requests, review, sign_in
from bankcard_tui.services.activation import complete, show_half
from bankcard_tui.services.subjects import CARD
from bankcard_tui.store.engine import sqlite
from bankcard_tui.store.types import micros_of
from tests.branch import PASSWORD
from tests.services.world import World

OTHER: dict[str, Any] = {"needed": "sign_third", "operation": "application.return", "status": "withdrawn"}


def write(world: World, statement: str, *values: object) -> int:
    """What somebody with the file in hands can do, who has no key and whom no constraint stops."""
    connection = sqlite.connect(world.bank.store.path, isolation_level=None)
    connection.execute("PRAGMA foreign_keys=OFF")
    connection.execute("PRAGMA ignore_check_constraints=ON")
    changed: int = connection.execute(statement, values).rowcount
    connection.close()
    return changed


def another(column: str, value: object) -> object:
    """A value of the same kind that was never there."""
    if column in OTHER:
        return OTHER[column]
    if column == "payload":
        return json.dumps(json.loads(str(value)) | {"limit": "30000.00"}, sort_keys=True, separators=(",", ":"))
    if isinstance(value, bytes):
        return bytes(byte ^ 1 for byte in value)
    return value + 1 if isinstance(value, int) else "altered"


def of_table(world: World, table: str, key: UUID, column: str) -> object:
    connection = sqlite.connect(world.bank.store.path)
    name = {"request": "id", "signature": "request_id", "session": "id"}[table]
    found: object = connection.execute(f"SELECT {column} FROM {table} WHERE {name} = ?", (key.bytes,)).fetchone()[0]
    connection.close()
    return found


def proposed(world: World) -> UUID:
    """A request for 45,000 yuan that waits for a second and a third signature."""
    application = world.ids["zhang.application"]
    review.claim(world.desk("manager2"), application)
    request = review.approve(world.desk("manager2"), application, Money.yuan(45_000)).pending
    assert request is not None
    return request.id


def signed_twice(world: World) -> UUID:
    """The same, with the second signature."""
    request = proposed(world)
    requests.sign(world.desk("manager"), request, "Known for years.")
    return request


def cards(world: World) -> int:
    with world.bank.store.read() as connection:
        number: int = connection.execute(select(func.count()).select_from(CARD)).scalar_one()
    return number


def listed(world: World) -> dict[UUID, bool]:
    """What waits for a signature, and whether it is shown as altered."""
    rows = requests.waiting(world.desk("director")).items
    return {row.id if row.altered else row.request.id: row.altered for row in rows}


KINDS = ("another value", "a text", "raw bytes")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("column", REQUEST.c.keys())
def test_a_request_that_was_altered_is_shown_as_such_and_not_signed(again: World, column: str, kind: str) -> None:
    sound, request, before = proposed(again), again.ids["waiting.request"], cards(again)
    if column == "ended_at":
        value: object = 1
    else:
        value = another(column, of_table(again, "request", request, column))
    value = {"another value": value, "a text": "零", "raw bytes": b"\xff"}[kind]
    assert write(again, f"UPDATE request SET {column} = ? WHERE id = ?", value, request.bytes) == 1
    with pytest.raises(BankError):
        requests.sign(again.desk("director"), request)
    assert cards(again) == before
    if column == "id" and kind != "another value":
        return  # an id that is none: the list itself says that the store was altered
    shown = listed(again)
    assert shown.pop(sound) is False, "the others stay usable"
    gone = column in ("status", "branch_id") or (column == "expires_at" and kind != "another value")
    assert gone or set(shown.values()) >= {True}
    requests.sign(again.desk("manager"), sound)
    assert requests.sign(again.desk("director"), sound).view.status is RequestStatus.DONE


def test_an_altered_request_says_what_it_is_and_can_still_be_read(again: World) -> None:
    request = again.ids["waiting.request"]
    write(again, "UPDATE request SET needed = '' WHERE id = ?", request.bytes)
    row = next(each for each in requests.waiting(again.desk("director")).items if each.altered)
    assert str(row.problem[0]) == "This request was altered in the store."
    assert (row.number, row.application) == (
        review.look(again.desk("director"), again.ids["waiting.application"]).application.row.number,
        again.ids["waiting.application"],
    )


def test_a_request_that_was_refused_does_not_come_back_to_life(again: World) -> None:
    request = again.ids["waiting.request"]
    requests.refuse(again.desk("manager2"), request, "Too high for this income.")
    write(again, "UPDATE request SET status = 'pending', ended_at = NULL WHERE id = ?", request.bytes)
    with pytest.raises(VerificationFailed, match="This request was altered"):
        requests.sign(again.desk("director"), request)
    assert listed(again)[request] is True


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("column", SIGNATURE.c.keys())
def test_a_signature_that_was_altered_is_named_and_the_request_is_not_signed(
    again: World, column: str, kind: str
) -> None:
    request, before = signed_twice(again), cards(again)
    value = another(column, of_table(again, "signature", request, column))
    value = {"another value": value, "a text": "零", "raw bytes": b"\xff"}[kind]
    write(again, f"UPDATE signature SET {column} = ? WHERE request_id = ?", value, request.bytes)
    if column == "request_id":  # taken away: what is left needs both signatures again
        assert listed(again)[request] is False
        assert requests.sign(again.desk("director"), request).view.status is RequestStatus.PENDING
    else:
        with pytest.raises(VerificationFailed, match="altered"):
            requests.sign(again.desk("director"), request)
        assert listed(again)[request] is True
    assert cards(again) == before


def test_the_altered_signature_is_named_by_its_place(again: World) -> None:
    request = signed_twice(again)
    write(again, "UPDATE signature SET note = 'I never said so' WHERE request_id = ?", request.bytes)
    with pytest.raises(VerificationFailed, match="Signature 2 under this request was altered"):
        requests.sign(again.desk("director"), request)
    entry = logs.list_log(again.desk("admin")).items[0]
    assert (entry.action, entry.outcome, entry.detail["problem"]) == ("request.sign", "failed", "signature.altered")


def forged(world: World, request: UUID) -> Iterator[tuple[str, tuple[object, ...]]]:
    """Ways to put the second signature of the director under a request."""
    who = "SELECT ?, 2, account.id, person.id_index, 1, '' "
    rest = "FROM account JOIN person ON person.id = account.person_id WHERE account.username = 'manager'"
    for mark in (b"", bytes(32)):
        yield f"INSERT INTO signature {who}, ? {rest}", (request.bytes, mark)
    copied = "SELECT ?, place, account_id, signer_index, signed_at, note, mark FROM signature LIMIT 1"
    yield f"INSERT INTO signature {copied}", (request.bytes,)


@pytest.mark.parametrize("way", [0, 1, 2], ids=["no mark", "a guessed mark", "copied from another request"])
def test_a_signature_that_nobody_gave_does_not_count(again: World, way: int) -> None:
    waiting = again.ids["waiting.request"]
    request, before = proposed(again), cards(again)
    requests.sign(again.desk("manager2"), waiting)
    statement, values = list(forged(again, request))[way]
    assert write(again, statement, *values) == 1
    with pytest.raises(VerificationFailed, match="Signature 2"):
        requests.sign(again.desk("director"), request)
    assert listed(again)[request] is True
    assert cards(again) == before + 1, "the card of the request that was signed in earnest"


def test_too_many_signatures_are_no_reason_to_run(again: World) -> None:
    request = again.ids["waiting.request"]
    statement, values = next(forged(again, request))
    write(again, statement, *values)
    with pytest.raises(VerificationFailed):
        requests.sign(again.desk("director"), request)


@pytest.mark.parametrize("column", ["account_id", "terminal", "started_at", "ends_at", "mark"])
def test_a_session_that_was_altered_has_ended(again: World, column: str) -> None:
    teller = again.desk("teller2")
    assert teller.session_id is not None
    value = another(column, of_table(again, "session", teller.session_id, column))
    if column == "account_id":
        value = again.ids["admin2"].bytes
    write(again, f"UPDATE session SET {column} = ? WHERE id = ?", value, teller.session_id.bytes)
    with pytest.raises(NotSignedIn, match="altered in the store") as error:
        sign_in.me(teller)
    assert error.value.code == "session.altered"


def test_a_session_that_nobody_opened_opens_nothing(again: World) -> None:
    director, forged_id = again.desk("director"), UUID(int=7)
    assert director.session_id is not None
    columns = [column.name for column in SESSION.c if column.name != "id"]
    statement = (
        f"INSERT INTO session (id, {', '.join(columns)}) SELECT ?, {', '.join(columns)} FROM session WHERE id = ?"
    )
    assert write(again, statement, forged_id.bytes, director.session_id.bytes) == 1
    with pytest.raises(NotSignedIn, match="altered"):
        customers.search(replace(director, session_id=forged_id), "Zhang")


def test_what_waits_for_a_signature_is_logged_with_the_request_and_the_application_alone(again: World) -> None:
    request = proposed(again)
    entry = next(each for each in logs.list_log(again.desk("admin")).items if each.action == "application.approve")
    assert (entry.outcome, entry.subject_id) == ("pending", again.ids["zhang.application"])
    assert entry.detail == {"request": str(request), "signatures": "1/3"}


@pytest.mark.parametrize("column", ["account_id", "first_shown_to", "second_shown_to", "expires_at"])
def test_half_codes_fit_only_as_they_were_shown(again: World, column: str) -> None:
    value: object = again.ids["known.account" if column == "account_id" else "admin"].bytes
    if column == "expires_at":
        value = micros_of(again.bank.clock.now()) + 10**12
    assert write(again, f"UPDATE activation SET {column} = ?", value) == 1
    name = "known" if column == "account_id" else "fresh"
    password, halves = Secret(PASSWORD), (again.codes["fresh.1"], again.codes["fresh.2"])
    with pytest.raises(Refused, match="do not fit together"):
        complete(again.bank.lobby("lobby"), name, *halves, password, password)


def test_nobody_sees_both_halves_by_altering_who_saw_the_first(again: World) -> None:
    account, teller = again.ids["known.account"], again.desk("teller")
    first = Secret(show_half(teller, account).view.code)
    other = again.ids["manager"].bytes
    write(again, "UPDATE activation SET first_shown_to = ? WHERE account_id = ?", other, account.bytes)
    second, password = Secret(show_half(teller, account).view.code), Secret(PASSWORD)
    for seen in (other, again.ids["teller"].bytes):
        write(again, "UPDATE activation SET first_shown_to = ? WHERE account_id = ?", seen, account.bytes)
        with pytest.raises(Refused, match="do not fit together"):
            complete(again.bank.lobby("lobby"), "known", first, second, password, password)
