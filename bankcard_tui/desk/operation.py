"""The decorator that makes a function an operation: access, four eyes, log, transaction and idempotency, once.

A write runs as: session, permission and subject checked in the store; SAVEPOINT; the function; on an error ROLLBACK TO
and a refused or failed entry, else the entry of what was done; COMMIT. If the entry can't be written, nothing happened.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar
from uuid import UUID

from sqlalchemy import Connection, NestedTransaction, Row
from sqlalchemy.exc import DBAPIError

from bankcard_tui.desk import pending, sent
from bankcard_tui.desk.access import (
    TOUCH_AFTER,
    Allowed,
    Lobby,
    actor_at,
    actor_of,
    check_access,
    not_allowed,
    session_at,
    touch,
)
from bankcard_tui.desk.desk import NOBODY, Actor, Desk, Subject, Work
from bankcard_tui.desk.log import write_entry
from bankcard_tui.desk.registry import FindSubject, Mode, Secret, Spec, register
from bankcard_tui.desk.results import Done, Pending, Result
from bankcard_tui.errors import BankError, Conflict, InvalidInput, NotSignedIn, Refused, SessionLocked
from bankcard_tui.rules.terms import Outcome
from bankcard_tui.security.permissions import Permission
from bankcard_tui.store.problems import explain_problem

LARGEST_NUMBER = 2**63 - 1
"""The largest whole number that a store takes."""

P = ParamSpec("P")
R = TypeVar("R")


class Operation(Generic[P, R]):
    """A registered function: call it with the desk first."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.__doc__ = spec.function.__doc__
        self.__name__ = spec.name

    def __call__(self, desk: Desk, *args: P.args, **kwargs: P.kwargs) -> Result[R]:
        return run(self.spec, desk, self.spec.bind(args, kwargs))


class Reading(Generic[P, R]):
    """A registered question: call it with the desk first, get the answer."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.__doc__ = spec.function.__doc__
        self.__name__ = spec.name

    def __call__(self, desk: Desk, *args: P.args, **kwargs: P.kwargs) -> R:
        answer: R = run(self.spec, desk, self.spec.bind(args, kwargs)).view
        return answer


def operation(
    name: str,
    *,
    allow: Allowed,
    own: Permission | None = None,
    subject: FindSubject | None = None,
    signatures: Callable[[Desk, dict[str, Any]], tuple[Permission, ...]] | None = None,
    prepare: Callable[..., Any] | None = None,
    idempotent: bool = True,
    internal: bool = False,
    while_locked: bool = False,
    after: Callable[[Desk], None] | None = None,
) -> Callable[[Callable[Concatenate[Desk, P], R]], Operation[P, R]]:
    """Register a function that changes something.

    ``allow`` is the permission to do it for others, ``own`` the permission to do it for oneself; ``subject`` finds whom
    it touches; ``signatures`` the permissions that further signatures need; ``prepare`` runs before the transaction
    (password hashing, files) with the same arguments; ``after`` runs when it was done and committed, outside the
    transaction, and has nothing to say to the person (not after a last signature). ``internal`` ones are steps of
    others and not offered. ``while_locked`` is for locking itself, and for the end of a job that was begun before.
    """

    def decorate(function: Callable[Concatenate[Desk, P], R]) -> Operation[P, R]:
        spec = Spec(
            name,
            function,
            allow,
            own,
            subject,
            Mode.WRITE,
            signatures,
            prepare,
            idempotent,
            internal,
            while_locked,
            after,
        )
        register(spec)
        return Operation(spec)

    return decorate


def question(
    name: str,
    *,
    allow: Allowed,
    own: Permission | None = None,
    subject: FindSubject | None = None,
    opens: bool = False,
    while_locked: bool = False,
) -> Callable[[Callable[Concatenate[Desk, P], R]], Reading[P, R]]:
    """Register a function that only reads. With ``opens`` it shows a record or a number, which is logged first."""

    def decorate(function: Callable[Concatenate[Desk, P], R]) -> Reading[P, R]:
        mode = Mode.OPEN if opens else Mode.READ
        spec = Spec(name, function, allow, own, subject, mode, None, None, False, False, while_locked)
        register(spec)
        return Reading(spec)

    return decorate


def run(spec: Spec, desk: Desk, arguments: dict[str, Any]) -> Result[Any]:
    """Run one operation. Raises a BankError for whatever the person can do something about."""
    if desk._work is not None:
        raise RuntimeError("an operation does not call another one: share a function")
    for name, value in arguments.items():
        _check_plain(name, value)
    barred = _barred(spec, desk, arguments) if spec.prepare else None
    prepared = spec.prepare(desk, **arguments) if spec.prepare and barred is None else None
    if spec.mode is Mode.READ:
        return _read(spec, desk, arguments)
    return _write(spec, desk, arguments, prepared, barred)


def _barred(spec: Spec, desk: Desk, arguments: dict[str, Any]) -> BankError | None:
    """Why this is not open to whoever sits at the desk: nothing is hashed or read for those whom it will refuse."""
    if isinstance(spec.allow, Lobby):
        return None
    with desk.bank.store.read() as connection:
        at_work, seen = _sit_down(desk, connection, None)
        try:
            _check(spec, at_work, seen, arguments)
        except BankError as error:
            return error
        finally:
            at_work.work.close()
    return None


def _check_plain(name: str, value: object) -> None:
    """Raise InvalidInput for what no store takes: text that has no UTF-8 form (half of a surrogate pair), and numbers
    of more than 64 bits.
    """
    if isinstance(value, dict):
        value = list(value.items())
    if isinstance(value, list | tuple):
        for each in value:
            _check_plain(name, each)
        return
    if isinstance(value, int) and abs(value) > LARGEST_NUMBER:
        raise InvalidInput(name, "This number is too large.", hint="Check what you typed.")
    text = value.get_secret_value() if isinstance(value, Secret) else value
    if isinstance(text, str):
        try:
            text.encode()
        except UnicodeEncodeError:
            broken = InvalidInput(name, "This contains a broken character.", hint="Delete the text and type it again.")
            raise broken from None


def _read(spec: Spec, desk: Desk, arguments: dict[str, Any]) -> Result[Any]:
    store = desk.bank.store
    with store.read() as connection:
        at_work, seen = _sit_down(desk, connection, None)
        refused = None
        try:
            _check(spec, at_work, seen, arguments)
            answer = spec.function(at_work, **arguments)
        except Refused as error:
            refused = error
        finally:
            at_work.work.close()
    if refused is not None:
        with store.write() as connection:
            _enter(spec, replace(at_work, _work=replace(at_work.work, connection=connection)), Outcome.REFUSED, refused)
        raise refused
    desk.bank.keep_alive(desk, at_work.now)
    return Done(answer)


def _write(spec: Spec, desk: Desk, arguments: dict[str, Any], prepared: Any, barred: BankError | None) -> Result[Any]:
    problem: Exception | None = None
    result: Result[Any] | None = None
    with desk.bank.store.write() as connection:
        at_work, seen = _sit_down(desk, connection, prepared)
        work = at_work.work
        savepoint = connection.begin_nested()
        try:
            _check(spec, at_work, seen, arguments)
            if barred is not None:
                raise barred
            digest = spec.digest(desk.keys.codes, arguments) if desk.key and spec.idempotent else ""
            result = sent.earlier(spec, at_work, digest) if digest else None
            if result is not None:
                return result
            needed = spec.signatures(at_work, arguments) if spec.signatures else ()
            view = spec.function(at_work, **arguments)
            work.flush()
            if needed:
                # What was done so far was a rehearsal: the rule holds, but the signatures are missing.
                savepoint.rollback()
                work.close()
                work.detail.clear()
                savepoint = connection.begin_nested()
                result = Pending(pending.make(spec, at_work, arguments, needed))
            else:
                result = Done(view)
            if digest:
                sent.remember(spec, at_work, digest, result)
            savepoint.commit()
        except Exception as error:  # logged here, raised again below
            problem = explain_problem(error, desk.bank.store.path) if isinstance(error, DBAPIError) else error
            _undo(savepoint, problem)
        finally:
            work.close()
        outcome = _outcome(problem, result)
        if not (spec.internal and problem is None):
            _enter(spec, at_work, outcome, problem)
        # Only work that an open session allows is a sign of life: a refused try must not wake an idle session.
        stale = seen is not None and seen.seen_at < work.now - TOUCH_AFTER
        if stale and work.actor.account_id is not None and not spec.while_locked:
            touch(connection, desk, work.now)
    if problem is not None:
        raise problem
    assert result is not None
    if spec.after is not None and isinstance(result, Done):
        spec.after(replace(desk, key=None))
    return result


def _undo(savepoint: NestedTransaction, problem: Exception) -> None:
    """Back to the savepoint. Where the store has given up the whole transaction, as on a full disk, raises ``problem``:
    there is no transaction left in which an entry could be written.
    """
    if savepoint.is_active:
        try:
            savepoint.rollback()
        except DBAPIError:
            raise problem from None


def _sit_down(desk: Desk, connection: Connection, prepared: Any) -> tuple[Desk, Row[*tuple[Any, ...]] | None]:
    """The desk with everything that the operation may use, nobody acting yet, and the session as it is now."""
    bank = desk.bank
    now = bank.clock.now()
    if bank.store.restored:
        bank.notice_restore(now)
    seen = session_at(connection, desk, now)
    version = bank.version_in_force(connection, now) if seen is None else seen.policy_version
    work = Work(connection, NOBODY, bank.policy(connection, version), version, now, prepared)
    return replace(desk, _work=work), seen


def _check(spec: Spec, at_work: Desk, seen: Row[*tuple[Any, ...]] | None, arguments: dict[str, Any]) -> None:
    work = at_work.work
    try:
        work.actor = actor_at(work.connection, at_work, seen, work.policy, work.now, while_locked=spec.while_locked)
    except (NotSignedIn, SessionLocked):
        if not isinstance(spec.allow, Lobby):
            raise

    def find_subject() -> Subject | None:
        return spec.subject(at_work, arguments) if spec.subject else None

    work.subject = check_access(at_work, spec.allow, spec.own, find_subject)
    if spec.mode is Mode.OPEN:
        work.detail.setdefault("shown", True)


def _outcome(problem: Exception | None, result: Result[Any] | None) -> Outcome:
    if problem is None:
        return Outcome.PENDING if isinstance(result, Pending) else Outcome.DONE
    return Outcome.REFUSED if isinstance(problem, Refused) else Outcome.FAILED


def _enter(spec: Spec, at_work: Desk, outcome: Outcome, problem: Exception | None) -> None:
    work = at_work.work
    detail = dict(work.detail)
    if problem is not None:
        detail["problem"] = problem.code if isinstance(problem, BankError) else type(problem).__name__
    entries = [(work.subject, detail), *(work.others if outcome is Outcome.DONE else ())]
    key, branch, terminal = at_work.keys.chain, at_work.branch_id, at_work.terminal
    for subject, said in entries:
        write_entry(work.connection, key, branch, work.now, work.actor, terminal, spec.name, outcome, subject, said)


def run_signed(
    spec: Spec, at_work: Desk, request_id: UUID, maker: UUID, arguments: dict[str, Any], version: int, further: int
) -> Any:
    """Run what had waited for ``further`` signatures, in the transaction of the last one, with the maker's rights of
    this moment.

    Raises Conflict when its subject was changed since or more signatures are needed by now, and whatever the rule says.
    """
    signer = at_work.work
    actor: Actor = actor_of(signer.connection, maker, signer.policy)
    work = Work(signer.connection, actor, signer.policy, signer.policy_version, signer.now, request=request_id)
    runner = replace(at_work, _work=work)
    work.detail["request"] = str(request_id)
    allowed = spec.allow if isinstance(spec.allow, tuple) else (spec.allow,)
    if not any(isinstance(each, Permission) and actor.may(each) for each in allowed):
        raise not_allowed(actor)
    try:
        work.subject = spec.subject(runner, arguments) if spec.subject else None
        pending.check_unchanged(work.subject, version)
        if spec.signatures and len(spec.signatures(runner, arguments)) > further:
            raise Conflict("By the rule of today this needs more signatures.", hint="It has to be decided anew.")
        view = spec.function(runner, **arguments)
        work.flush()
    finally:
        work.close()
    _enter(spec, runner, Outcome.DONE, None)
    return view
