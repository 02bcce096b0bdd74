"""Desks: a person at a terminal, and what an operation may use while it runs."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from sqlalchemy import Connection, Insert, insert
from sqlalchemy.orm import Session
from sqlmodel import SQLModel

from bankcard_tui.errors import NotSignedIn, Refused
from bankcard_tui.models.base import table
from bankcard_tui.rules.policy import Policy
from bankcard_tui.rules.terms import Role
from bankcard_tui.security.keys import Keys
from bankcard_tui.security.permissions import Permission

if TYPE_CHECKING:
    from bankcard_tui.desk.bank import Bank

M = TypeVar("M", bound=SQLModel)


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever acts, as the store knows them at this moment.

    ``person_id`` says what is theirs; ``index``, the fingerprint of the ID number, says who they are as a human being:
    somebody who claims a number that is known already has an index in common with its holder, and nothing else. While
    ``second_factor_due`` the policy demands a second factor that is not there yet, and leaves only what everybody may.
    """

    account_id: UUID | None
    person_id: UUID | None
    index: bytes | None
    username: str
    name: str
    role: Role | None
    permissions: frozenset[Permission]
    second_factor_due: bool = False

    def may(self, permission: Permission) -> bool:
        """Whether this actor holds ``permission``."""
        return permission in self.permissions


NOBODY = Actor(None, None, None, "", "", None, frozenset())


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom or what an operation touches: a record, and the person it concerns (see :class:`Actor`)."""

    kind: str
    id: UUID
    person_id: UUID | None = None
    index: bytes | None = None
    version: int = 0


@dataclass(slots=True)
class Work:
    """What belongs to one running operation."""

    connection: Connection
    actor: Actor
    policy: Policy
    policy_version: int
    now: datetime
    prepared: Any = None
    subject: Subject | None = None
    request: UUID | None = None
    """The request whose last signature makes this operation run."""
    detail: dict[str, Any] = field(default_factory=dict)
    others: list[tuple[Subject, dict[str, Any]]] = field(default_factory=list)
    """Whom it touches besides its subject, each with what their own entry says."""
    names: dict[UUID, str] = field(default_factory=dict)
    """Names of accounts that were looked up already: the same few stand all over a file."""
    records: dict[tuple[type[SQLModel], UUID], SQLModel] = field(default_factory=dict)
    """Records that were read already; the session itself forgets what nobody holds."""
    _session: Session | None = None

    @property
    def session(self) -> Session:
        if self._session is None:
            # The operation's transaction belongs to the decorator: the session neither commits nor ends it.
            self._session = Session(bind=self.connection, join_transaction_mode="rollback_only", expire_on_commit=False)
        return self._session

    def flush(self) -> None:
        if self._session is not None:
            self._session.flush()

    def close(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None
        self.records.clear()


@cache
def _insert_into(model: type[SQLModel]) -> tuple[Insert, dict[str, object]]:
    defaults = {name: field.default for name, field in model.model_fields.items() if not field.is_required()}
    return insert(table(model)), defaults


@dataclass(frozen=True, slots=True)
class Desk:
    """A person (or nobody, or the system) at a terminal of the bank.

    Desks are cheap values that threads may share. ``who`` is what was known at sign-in, for showing; what counts is
    checked against the store in each operation.
    """

    bank: Bank
    terminal: str
    session_id: UUID | None = None
    who: Actor = NOBODY
    key: str | None = None
    system: bool = False
    _work: Work | None = None

    def once(self, key: str) -> Desk:
        """This desk, sending under an idempotency key: a form makes one when it opens."""
        return replace(self, key=key)

    # What follows is for operations alone, while they run.

    @property
    def work(self) -> Work:
        if self._work is None:
            raise RuntimeError("only a running operation has a transaction")
        return self._work

    @property
    def db(self) -> Session:
        """The unit of work for single records."""
        return self.work.session

    def record(self, model: type[M], id: UUID) -> M:
        """The record of ``model`` with this id, read once in an operation. Raises NoResultFound when there is none."""
        known = self.work.records.get((model, id))
        if known is None:
            known = self.work.records[model, id] = self.work.session.get_one(model, id)
        return cast(M, known)

    def add(self, model: type[SQLModel], **columns: object) -> None:
        """Add a record that nothing in this operation changes again, past the unit of work, which takes longer.

        Columns that are not given have the defaults of the model.
        """
        insert, defaults = _insert_into(model)
        self.sql.execute(insert, {**defaults, **columns})

    def keep(self, id: UUID, record: SQLModel) -> None:
        """Have :meth:`record` find what was read in another way."""
        self.work.records[type(record), id] = record

    @property
    def sql(self) -> Connection:
        """The transaction, for set-based statements. Pending changes of records are flushed first."""
        self.work.flush()
        return self.work.connection

    @property
    def actor(self) -> Actor:
        return self.work.actor

    @property
    def account_id(self) -> UUID:
        """The account that acts. Raises NotSignedIn at the lobby."""
        if self.work.actor.account_id is None:
            raise NotSignedIn("Nobody is signed in.", hint="Sign in first.")
        return self.work.actor.account_id

    @property
    def policy(self) -> Policy:
        return self.work.policy

    @property
    def policy_version(self) -> int:
        return self.work.policy_version

    @property
    def now(self) -> datetime:
        """The time of this operation: the same wherever it is asked."""
        return self.work.now

    @property
    def today(self) -> date:
        """The calendar day at the branch."""
        return self.bank.day_of(self.work.now)

    @property
    def keys(self) -> Keys:
        return self.bank.keys

    @property
    def branch_id(self) -> UUID:
        return self.bank.branch.id

    @property
    def prepared(self) -> Any:
        """What the operation's ``prepare`` gave, outside the transaction."""
        return self.work.prepared

    @property
    def subject(self) -> Subject:
        if self.work.subject is None:
            raise RuntimeError("this operation has no subject")
        return self.work.subject

    def about(self, subject: Subject) -> None:
        """Name whom this operation touches, where that is known only while it runs. Staff don't act on themselves."""
        if self.is_self(subject.index) and self.actor.role is not Role.CUSTOMER:
            raise on_oneself()
        self.work.subject = subject

    def concerns(self, subject: Subject, **detail: object) -> None:
        """Have an entry of its own stand in the log for somebody whom an operation over many touches."""
        self.work.others.append((subject, {name: _plain(value) for name, value in detail.items()}))

    def is_self(self, index: bytes | None) -> bool:
        """Whether ``index`` is the fingerprint of the person who acts."""
        return index is not None and index == self.actor.index

    def note(self, **detail: object) -> None:
        """Put something into the log entry of this operation. Never a password, an ID number or a card number."""
        self.work.detail.update({name: _plain(value) for name, value in detail.items()})


def on_oneself() -> Refused:
    """The refusal for whoever acts on their own data with rights meant for others."""
    return Refused(
        "Nobody acts on their own application, card or account.",
        hint="Ask a colleague to do this.",
        code="refused.own",
    )


def _plain(value: object) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return str(value) if isinstance(value, str) else value
    if isinstance(value, list | tuple | frozenset | set):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(name): _plain(item) for name, item in value.items()}
    return str(value)
