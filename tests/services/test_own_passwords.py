"""Nobody sets or reads somebody else's password: no operation, no view, no request for signatures, no option."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, get_args
from uuid import UUID

import pytest
import typer
from pydantic import BaseModel
from sqlalchemy import select

from bankcard_tui.cli.describe import holds_secret
from bankcard_tui.cli.main import app
from bankcard_tui.desk.access import ACCOUNT, Lobby
from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.operation import run
from bankcard_tui.desk.registry import REGISTRY, Mode, Secret, Spec
from bankcard_tui.desk.results import View
from bankcard_tui.errors import BankError
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.everything import operations
from bankcard_tui.services.subjects import myself, of_account
from tests.branch import PASSWORD
from tests.services.permitted import CASES, KINDS
from tests.services.world import World

NAMES = [spec.name for spec in operations()]
SECRET_WORD = re.compile(r"passw|passphrase|pwd|secret|hash|digest|token|(^|_)(codes?|half|pin)($|_)")

SHOWN = {
    ("HalfCode", "half"): "which half it is",
    ("HalfCode", "code"): "half of a code: alone it opens nothing, and the person never sees it on a screen",
    ("RecoveryCodes", "codes"): "one's own, shown once",
    ("ChannelView", "code_expires_at"): "a time",
    ("Rejected", "code"): "why a row of a file was rejected",
    ("Enrolment", "secret"): "one's own, for the app on one's phone, before it counts",
    ("SecondFactorView", "codes_left"): "how many",
    ("OwnAccount", "recovery_codes_left"): "how many",
    ("OwnAccount", "password_since"): "a time",
    ("BackupView", "digest"): "of a file",
    ("ArchiveView", "digest"): "of a file",
    ("CardFile", "digest"): "of a points card",
    ("Drift", "code"): "of a characteristic",
    ("DrillView", "digest"): "of a file",
    ("Attempt", "password"): "what is kept of one, for a step of signing in that nobody can call from outside",
}
"""Fields of views that sound secret, and what they are."""

TAKEN = {
    ("backup.begin", "under_passphrase"): "whether there is one",
    ("backup.record_check", "digest"): "of a file",
    ("backup.drill", "digest"): "of a file",
}
"""Parameters that sound secret, and what they are."""

PROVES = {
    "activation.complete": {"first_half", "second_half"},
    "activation.complete_with_code": {"code"},
    "activation.recover": {"code"},
    "session.sign_in": {"password"},
}
"""At the lobby: what proves that somebody is the person of the account that is named."""

FOUNDS = {"branch.first_admin", "customer.register_self"}
"""At the lobby: what makes a new account and touches none that is there."""

CHANGES_OWN = {"activation.complete", "activation.complete_with_code", "activation.recover", "password.change"}


def views(hint: Any) -> Iterator[type[BaseModel]]:
    """Every view inside a type."""
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        yield hint
        for field in hint.model_fields.values():
            yield from views(field.annotation)
    for each in get_args(hint):
        yield from views(each)


def breaches(spec: Spec) -> list[str]:
    """How an operation could set or show somebody else's secret."""
    hints = {name: spec.hints[name] for name in spec.signature.parameters}
    secrets = {name for name, hint in hints.items() if holds_secret(hint)}
    plain = [name for name in hints if name not in secrets and (spec.name, name) not in TAKEN]
    found = [f"{name} is no Secret" for name in plain if SECRET_WORD.search(name)]
    for view in views(spec.hints["return"]):
        for name, field in view.model_fields.items():
            masked = holds_secret(field.annotation) and spec.internal
            if SECRET_WORD.search(name) and (view.__name__, name) not in SHOWN and not masked:
                found.append(f"{view.__name__} shows {name}")
    if not secrets:
        return found
    if spec.signatures is not None:
        found.append("a secret waits for signatures")
    if spec.idempotent:
        found.append("a secret is kept for repeating")
    if any(UUID in (hint, *get_args(hint)) for hint in hints.values()):
        found.append("a secret beside the id of a record")
    if isinstance(spec.allow, Lobby):
        if spec.name not in FOUNDS and not PROVES.get(spec.name, {"?"}) <= secrets:
            found.append("a secret at the lobby that nothing proves")
    elif not (spec.allow == spec.own == Permission.OWN_ACCOUNT and spec.subject is myself):
        found.append("a secret for another account than one's own")
    elif {"username", "account"} & set(hints):
        found.append("a secret for an account that is named")
    return found


@pytest.mark.parametrize("name", NAMES)
def test_no_operation_takes_or_shows_the_secret_of_somebody_else(name: str) -> None:
    assert breaches(REGISTRY[name]) == []


class Revealed(View):
    username: str
    password_hash: str


def by_id(desk: Desk, account: UUID, password: Secret) -> None: ...
def by_name(desk: Desk, username: str, password: Secret) -> None: ...
def as_text(desk: Desk, account: UUID, new_password: str) -> None: ...
def as_own(desk: Desk, username: str, password: Secret) -> None: ...
def reveal(desk: Desk, account: UUID) -> tuple[Revealed, ...]: ...
def at_the_lobby(desk: Desk, username: str, again: Secret) -> None: ...


@pytest.mark.parametrize("function", [by_id, by_name, as_text, as_own, reveal, at_the_lobby])
def test_this_would_notice_an_operation_that_sets_or_shows_a_password(function: Any) -> None:
    allow: Any = Permission.MANAGE_STAFF
    own, subject = None, of_account
    if function is as_own:
        allow, own, subject = Permission.OWN_ACCOUNT, Permission.OWN_ACCOUNT, myself
    if function is at_the_lobby:
        allow, subject = Lobby.ANYBODY, None
    spec = Spec("staff.set_password", function, allow, own, subject, Mode.WRITE, None, None, False, False, False)
    assert breaches(spec)


def test_nothing_that_holds_a_secret_can_wait_for_signatures() -> None:
    signed = [spec for spec in operations() if spec.signatures is not None]
    assert signed
    assert not any(holds_secret(hint) for spec in signed for hint in spec.hints.values())


def passwords(world: World) -> dict[str, str | None]:
    with world.bank.store.read() as connection:
        rows = connection.execute(select(ACCOUNT.c.username, ACCOUNT.c.password))
        return {row.username: row.password for row in rows}


def attempts(world: World, spec: Spec, kind: str) -> Iterator[dict[str, Any]]:
    """What this kind of person may try: as it is meant, and upon every other account."""
    arguments = CASES[spec.name].arguments(world, kind)
    yield arguments
    if "account" in spec.signature.parameters:
        for account in ("zhang.account", "known.account", "lost.account", "teller2", "manager", "admin", "admin2"):
            yield arguments | {"account": world.ids[account]}
    if "username" in spec.signature.parameters and spec.name not in FOUNDS:
        for username in ("zhang", "known", "fresh", "lost", "teller", "admin2"):
            yield arguments | {"username": username}


@pytest.mark.parametrize("name", [name for name in NAMES if REGISTRY[name].mode is Mode.WRITE])
def test_no_password_changes_but_by_its_person_and_one_is_ended_by_a_reset_alone(
    day: World, again: World, name: str
) -> None:
    spec, before = REGISTRY[name], passwords(again)
    person = {"activation.complete": "fresh", "activation.complete_with_code": "lost", "activation.recover": "admin"}
    # At the lobby nobody is anybody.
    for kind in ("nobody", "admin") if isinstance(spec.allow, Lobby) else KINDS:
        desk = again.desk(CASES[name].owner if kind == "owner" else kind)
        for arguments in attempts(again, spec, kind):
            try:
                run(spec, desk, arguments)
            except BankError:
                assert passwords(again) == before
                continue
            after = passwords(again)
            changed = {username for username in before if after[username] != before[username]}
            if name in CHANGES_OWN:
                assert changed == {person.get(name, desk.who.username)}
                assert all(after[username] for username in changed)
            elif name == "reset.start":
                assert len(changed) == 1
                assert [after[username] for username in changed] == [None]
                assert desk.who.username not in changed
            else:
                assert not changed, (kind, changed)
            added = set(after) - set(before)
            assert not added or name in {*FOUNDS, "staff.add", "customer.register", "customer.open_account"}
            if name not in FOUNDS:
                assert not any(after[username] for username in added)
            again.again(day)


@pytest.mark.parametrize("name", sorted(CHANGES_OWN))
def test_without_the_right_codes_no_password_changes(again: World, name: str) -> None:
    spec, before = REGISTRY[name], passwords(again)
    arguments = CASES[name].arguments(again, "teller")
    for proof in sorted(PROVES.get(name, {"current"})):
        wrong = [Secret(""), Secret("2222-2222"), Secret("2222-2222-2222-2222"), *again.codes.values()]
        for each in wrong:
            if each.get_secret_value() == arguments[proof].get_secret_value():
                continue
            with pytest.raises(BankError):
                run(spec, again.desk("teller"), arguments | {proof: each})
    assert passwords(again) == before


@pytest.mark.parametrize("name", [name for name in NAMES if CASES[name].allowed and not REGISTRY[name].internal])
def test_no_answer_holds_a_password_or_what_is_kept_of_one(again: World, name: str) -> None:
    spec, case = REGISTRY[name], CASES[name]
    kind = sorted(case.allowed)[0]
    answer = run(spec, again.desk(case.owner if kind == "owner" else kind), case.arguments(again, kind))
    said = json.dumps(spec.result.dump_python(answer.view, mode="json")) if answer.pending is None else str(answer)
    assert "$2b$" not in said
    assert PASSWORD not in said


def options(command: object) -> Iterator[Any]:
    yield from (each for each in getattr(command, "params", ()) if getattr(each, "opts", ()))
    for part in getattr(command, "commands", {}).values():
        yield from options(part)


def test_no_option_of_the_command_line_takes_a_password_or_a_code() -> None:
    """Others see the arguments of a running command: a password comes from a question, stdin or a file."""
    sounding = [each for each in options(typer.main.get_command(app)) if SECRET_WORD.search("_".join(each.opts))]
    assert len(sounding) > 3
    for each in sounding:
        names = {name.strip("-").replace("-", "_") for name in each.opts}
        takes_value = not getattr(each, "is_flag", False) and not any(name.endswith("_file") for name in names)
        assert not takes_value or names == {"code"}, each.opts  # the branch code of init


def test_a_desk_that_is_nobodys_has_no_own_password_to_change(again: World) -> None:
    desk = replace(again.desk("zhang"), session_id=None)
    for name in ("password.change", "channel.propose", "channel.remove", "recovery.renew", "session.unlock"):
        with pytest.raises(BankError):
            run(REGISTRY[name], desk, CASES[name].arguments(again, "zhang"))
