"""Column types: how our values lie in the store.

Amounts are whole fen, times are whole microseconds since 1970 in UTC, ids are 16 bytes: exact, narrow, and the same in
SQLite and PostgreSQL.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cache
from threading import Lock
from typing import Any, TypeVar
from uuid import UUID

import uuid_utils
from sqlalchemy import BigInteger, CheckConstraint, Dialect, LargeBinary, String, TypeDecorator, Uuid
from sqlalchemy.types import TypeEngine

from bankcard_tui.errors import VerificationFailed
from bankcard_tui.rules.money import LARGEST_FEN, Money

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

T = TypeVar("T")


class _Last:
    """The id that was made last, and for which moment."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        self.lock = Lock()
        self.id = 0
        self.at: datetime | None = None


_LAST = _Last()
# A forked process would go on counting where its parent does, and both would make the same ids.
os.register_at_fork(after_in_child=_LAST.forget)


def new_id(at: datetime | None = None) -> UUID:
    """A new id (UUIDv7), made before the insert: it sorts by time and needs no sequence to wait for."""
    return UUID(bytes=uuid_utils.uuid7().bytes) if at is None else UUID(int=_first_of(1, at))


def new_ids(count: int, at: datetime) -> list[bytes]:
    """So many new ids in a row as they lie in the store, each as :func:`new_id` makes one."""
    first = _first_of(count, at)
    return [id.to_bytes(16) for id in range(first, first + count)]


def _first_of(count: int, at: datetime) -> int:
    """The first of so many ids of one moment."""
    with _LAST.lock:
        made = uuid_utils.uuid7(nanoseconds=micros_of(at) * 1000).int
        # What is made at the same moment keeps its order: the steps of a history stand one after the other.
        first = made if _LAST.id < made or at != _LAST.at else _LAST.id + 1
        _LAST.id, _LAST.at = first + count - 1, at
        return first


def micros_of(moment: datetime) -> int:
    """Microseconds since 1970 in UTC. Raises ValueError for a time without a zone."""
    if moment.tzinfo is None:
        raise ValueError("a time in the store has a zone")
    return (moment - _EPOCH) // _MICROSECOND


def moment_of(micros: int) -> datetime:
    """The aware UTC time of ``micros``."""
    return _EPOCH + timedelta(microseconds=micros)


def sound(read: Callable[[Any], T], value: object) -> T:
    """What ``read`` makes of ``value``. Raises VerificationFailed for what this program never wrote."""
    try:
        return read(value)
    except (ValueError, TypeError, OverflowError) as error:
        raise VerificationFailed(
            "A value in the store can't be read: somebody has altered it.",
            hint="Do not work on. Run: bankcard doctor",
            code="store.value",
        ) from error


def _id_of(value: object) -> UUID:
    if not isinstance(value, bytes):
        raise TypeError("an id is 16 bytes")
    return UUID(bytes=value)


class Id(TypeDecorator[UUID]):
    """A UUID: 16 bytes in SQLite, the native type in PostgreSQL."""

    impl = LargeBinary
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(Uuid())
        return dialect.type_descriptor(LargeBinary(16))

    def process_bind_param(self, value: UUID | None, dialect: Dialect) -> Any:
        if value is None or dialect.name == "postgresql":
            return value
        return value.bytes

    def process_result_value(self, value: Any, dialect: Dialect) -> UUID | None:
        return value if value is None or isinstance(value, UUID) else sound(_id_of, value)


class Fen(TypeDecorator[Money]):
    """An amount in whole fen."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Money | None, dialect: Dialect) -> int | None:
        return None if value is None else value.fen

    def process_result_value(self, value: int | None, dialect: Dialect) -> Money | None:
        return None if value is None else sound(Money, value)


class Moment(TypeDecorator[datetime]):
    """An aware UTC time in whole microseconds."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else micros_of(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else sound(moment_of, value)


class Day(TypeDecorator[date]):
    """A calendar day as ``YYYY-MM-DD``."""

    impl = String(10)
    cache_ok = True

    def process_bind_param(self, value: date | None, dialect: Dialect) -> str | None:
        return None if value is None else value.isoformat()

    def process_result_value(self, value: str | None, dialect: Dialect) -> date | None:
        return None if value is None else sound(date.fromisoformat, value)


class Word(TypeDecorator[StrEnum]):
    """A member of a closed list, as its value; :func:`word` makes one per list."""

    impl = String(40)
    cache_ok = True
    kind: type[StrEnum]

    def process_bind_param(self, value: StrEnum | str | None, dialect: Dialect) -> str | None:
        return None if value is None else self.kind(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        return None if value is None else sound(self.kind, value)


@cache
def word(kind: type[StrEnum]) -> type[Word]:
    """The column type that holds members of ``kind``."""
    return type(f"{kind.__name__}Word", (Word,), {"kind": kind, "cache_ok": True})


def fen_check(column: str) -> CheckConstraint:
    """The store's own bound on an amount: not negative, not absurd."""
    return CheckConstraint(f"{column} >= 0 AND {column} <= {LARGEST_FEN}", name=f"{column}_range")


def word_check(column: str, kind: type[StrEnum]) -> CheckConstraint:
    """The store's own check that a column holds a member of the list (or nothing, where it may be empty)."""
    return CheckConstraint(f"{column} IN ({', '.join(repr(member.value) for member in kind)})", name=f"{column}_known")
