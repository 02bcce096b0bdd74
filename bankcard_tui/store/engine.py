"""The store: an SQLite file with its connections, pragmas and transactions."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, FromClause, Select, Table, create_engine
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from bankcard_tui.errors import Unavailable, reason_of
from bankcard_tui.store.door import Door
from bankcard_tui.store.problems import explain_problem, refuse_network_file_system
from bankcard_tui.store.queue import turn
from bankcard_tui.store.swap import finish_swap

try:
    import pysqlite3.dbapi2 as sqlite
except ImportError:  # platforms without the wheel
    import sqlite3 as sqlite

BUSY_MILLISECONDS = 10_000
CACHE_KIB = 64 * 1024
COPIED_AT_ONCE = 4096
"""Pages (of 4 KiB) that a copy takes between two reports."""
SAFE_WAL_FROM = (3, 51, 3)
"""SQLite 3.7.0 to 3.51.2 can corrupt a WAL store under concurrent checkpoints."""

_ALWAYS = (
    f"busy_timeout={BUSY_MILLISECONDS}",
    "foreign_keys=ON",
    "trusted_schema=OFF",
    f"cache_size=-{CACHE_KIB}",
    "temp_store=MEMORY",
)


class _Compiler(SQLiteCompiler):
    def get_from_hint_text(self, table: FromClause, text: str | None) -> str | None:
        return text


class Dialect(SQLiteDialect_pysqlite):
    """SQLite, which may be told the index, and with savepoints said directly: SQLAlchemy compiles its own anew each
    time, at a tenth of an operation.
    """

    supports_statement_cache = True
    statement_compiler = _Compiler

    def do_savepoint(self, connection: Connection, name: str) -> None:
        """Begin a savepoint."""
        connection.exec_driver_sql(f"SAVEPOINT {name}")

    def do_rollback_to_savepoint(self, connection: Connection, name: str) -> None:
        """Go back to a savepoint."""
        connection.exec_driver_sql(f"ROLLBACK TO SAVEPOINT {name}")

    def do_release_savepoint(self, connection: Connection, name: str) -> None:
        """Keep what was done since a savepoint."""
        connection.exec_driver_sql(f"RELEASE SAVEPOINT {name}")


registry.register("sqlite.bankcard", __name__, "Dialect")


class Store:
    """One open store. ``write`` and ``read`` are its only transactions, and are not nested.

    ``restored`` counts how often a backup was put in its place since it was opened.
    """

    def __init__(self, path: Path, queue: Path, *, durable: bool = True) -> None:
        self.path = path
        self.queue = queue
        self.restored = 0
        self._name = str(path)
        self._door = Door(path)
        self._file: tuple[int, int] | None = None
        self._lock = Lock()
        self._durable = durable
        self._connect()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """The only writer until the block ends: commits at its end, rolls back on an error."""
        # The connection is fetched before the turn and given back after it: nobody waits for that.
        with (
            self.inside(),
            self.explained(),
            self._writing.connect() as connection,
            turn(self.queue),
            connection.begin(),
        ):
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A consistent view of the store, in which nothing can be written."""
        with self.inside(), self.explained(), self._reading.connect() as connection, connection.begin():
            connection.exec_driver_sql("BEGIN")
            yield connection

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Until the block ends nobody puts another file in place of the store, and the connections are to the one that
        lies there now. Raises Busy while a backup is being restored.
        """
        with ExitStack() as holding:
            holding.enter_context(self._door.held_open())
            if not self._connected_to_its_file():
                holding.close()
                finish_swap(self.path)
                holding.enter_context(self._door.held_open())
                if not self._connected_to_its_file():
                    raise _missing(self.path)
            yield

    def _connected_to_its_file(self) -> bool:
        """Whether the file is there; when it is another one than before, the connections are made anew."""
        try:
            status = os.stat(self._name)
        except FileNotFoundError:
            return False
        except OSError:
            return True  # SQLite says what is wrong
        file = status.st_dev, status.st_ino
        if file != self._file:
            with self._lock:
                if self._file not in (None, file):
                    # SQLite sees that its database has moved, and leaves the log of the new one alone.
                    self.close()
                    self._connect()
                    self.restored += 1
                self._file = file
        return True

    def _connect(self) -> None:
        self._writing = _engine(self.path, _writing_pragmas(self._durable))
        self._reading = _engine(self.path, ("query_only=ON",))

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Turn what the database says into an error that a person can act on."""
        try:
            yield
        except (DBAPIError, sqlite.Error) as error:
            raise explain_problem(error, self.path) from error

    def close(self) -> None:
        """Close every connection."""
        self._writing.dispose()
        self._reading.dispose()


def open_store(path: Path, queue: Path, *, durable: bool = True) -> Store:
    """Open an existing store. Raises Unavailable when it is missing, not a file, or on a network file system."""
    finish_swap(path)
    if not path.exists():
        finish_swap(path)  # one that began a moment ago
    if not path.exists():
        raise _missing(path)
    if not path.is_file():
        raise Unavailable("{path} is not a file.", hint="Choose another home.", code="store.unopenable", path=path)
    refuse_network_file_system(path)
    return Store(path, queue, durable=durable)


def _missing(path: Path) -> Unavailable:
    return Unavailable(
        "There is no store at {path}.",
        hint="Run: bankcard init (a new branch) or bankcard demo (a branch to try things in).",
        code="store.missing",
        path=path,
    )


def create_store(path: Path, queue: Path, *, durable: bool = True) -> Store:
    """Make an empty store. Raises Unavailable when there is one already or the folder can't be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        refuse_network_file_system(path.parent)
        path.touch(mode=0o600, exist_ok=False)
    except FileExistsError as error:
        if not path.exists():
            raise _can_not_be_made(path, error) from None  # its folder is a file
        raise Unavailable(
            "There is a store at {path} already.",
            hint="Open it with: bankcard run. To start anew choose another --home.",
            code="store.exists",
            path=path,
        ) from None
    except OSError as error:
        raise _can_not_be_made(path, error) from None
    return Store(path, queue, durable=durable)


def _can_not_be_made(path: Path, error: OSError) -> Unavailable:
    return Unavailable(
        "The store {path} can't be made: {error}.",
        hint="Check the folder's rights and whether the disk is mounted read-only.",
        code="store.unopenable",
        path=path,
        error=reason_of(error),
    )


@contextmanager
def migrating_connection(store: Store) -> Iterator[Connection]:
    """The only writer, with foreign keys off: SQLite rebuilds tables, and would delete the children of a rebuilt one.

    The caller checks the foreign keys before the block ends.
    """
    engine = _engine(store.path, (*_writing_pragmas(durable=True), "foreign_keys=OFF"))
    try:
        with store.inside(), turn(store.queue), store.explained(), engine.connect() as connection, connection.begin():
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection
    finally:
        engine.dispose()


@contextmanager
def any_text(connection: Connection) -> Iterator[None]:
    """Within the block text that is not UTF-8 reads as well: each broken byte as half of a surrogate pair."""
    driver: Any = connection.connection.dbapi_connection
    strict, driver.text_factory = driver.text_factory, lambda raw: raw.decode("utf-8", "surrogateescape")
    try:
        yield
    finally:
        driver.text_factory = strict


def copy_store(
    store: Store, target: Path, *, report: Callable[[int, int], None] | None = None, durable: bool = True
) -> None:
    """A consistent copy of the store in a new file that only its owner can read, while others go on writing.

    ``report`` is told how many pages are done of how many; what it raises stops the copying. Without ``durable`` the
    copy is not flushed to the disk.
    """
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    target.touch(mode=0o600, exist_ok=False)
    with store.inside(), store.explained():
        source, copy = sqlite.connect(store.path, isolation_level=None), sqlite.connect(target)
        try:
            source.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
            # One reading transaction over all steps: what others commit meanwhile neither shows nor starts it anew.
            source.execute("BEGIN")
            source.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            copy.execute(f"PRAGMA synchronous={'FULL' if durable else 'OFF'}")
            source.backup(
                copy, pages=COPIED_AT_ONCE, progress=lambda _, left, total: report and report(total - left, total)
            )
        finally:
            copy.close()
            source.close()


@contextmanager
def lone_file(path: Path) -> Iterator[Any]:
    """The driver's connection to the file of a store that nobody else has open: it reads, and makes nothing beside."""
    try:
        connection = sqlite.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None)
        try:
            connection.execute("PRAGMA trusted_schema=OFF")
            yield connection
        finally:
            connection.close()
    except sqlite.Error as error:
        raise explain_problem(error, path) from error


@contextmanager
def untouched(path: Path) -> Iterator[Connection]:
    """A connection that reads the store at ``path`` in one transaction, past its door, and leaves every byte as it is:
    one that is closed last would write the log of a terminal that was killed into the database.
    """
    log = path.with_name(path.name + "-wal")
    mode = "ro" if log.exists() and log.stat().st_size else "rw"
    engine = _engine(path, ("query_only=ON",), mode)
    try:
        with engine.connect() as connection, connection.begin():
            connection.exec_driver_sql("BEGIN")
            yield connection
    except (DBAPIError, sqlite.Error) as error:
        raise explain_problem(error, path) from error
    finally:
        engine.dispose()


def by_index(statement: Select[Any], table: Table, *columns: str) -> Select[Any]:
    """``statement`` with the index of ``table`` that has these columns: SQLite knows nothing of how often a value
    occurs, and takes the wrong one where several fit. Raises LookupError where there is no such index."""
    for index in table.indexes:
        if tuple(column.name for column in index.columns) == columns:
            return statement.with_hint(table, f"INDEXED BY {index.name}", "sqlite")
    raise LookupError(columns)


def _writing_pragmas(durable: bool) -> tuple[str, ...]:
    if not durable:
        return "journal_mode=WAL", "synchronous=OFF"
    if sqlite.sqlite_version_info >= SAFE_WAL_FROM:
        return "journal_mode=WAL", "synchronous=FULL"
    return "journal_mode=DELETE", "synchronous=EXTRA"


def _engine(path: Path, pragmas: tuple[str, ...], mode: str = "rw") -> Engine:
    """An engine whose transactions its user begins: a listener that does it would slow down every statement."""

    def connect() -> Any:
        connection = sqlite.connect(
            f"{path.as_uri()}?mode={mode}",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
            timeout=BUSY_MILLISECONDS / 1000,
        )
        for pragma in (*_ALWAYS, *pragmas):
            connection.execute(f"PRAGMA {pragma}")
        return connection

    # One connection is used by one thread at a time; the pool may hand it to another thread later.
    return create_engine(
        "sqlite+bankcard://", module=sqlite, creator=connect, poolclass=QueuePool, pool_size=4, max_overflow=8
    )
