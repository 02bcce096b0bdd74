"""A store or key that is not as it should be: a clear sentence with a hint, and nothing lost."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bankcard_tui.config import Home
from bankcard_tui.desk.bank import Bank
from bankcard_tui.errors import BankError, Unavailable
from bankcard_tui.store.engine import SAFE_WAL_FROM, Store, create_store, open_store, sqlite
from bankcard_tui.store.problems import refuse_network_file_system
from tests.branch import Town


def raw(home: Home, *statements: str) -> None:
    connection = sqlite.connect(home.store, isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    connection.close()


def code_of(home: Home, key_file: Path | None = None) -> str:
    with pytest.raises(BankError) as error:
        Bank.open(home, key_file=key_file, cost=4)
    assert error.value.hint
    assert error.value.exit_code == 5
    return error.value.code


SPOILT: dict[str, tuple[Callable[[Home], object], str]] = {
    "missing": (lambda home: home.store.unlink(), "store.missing"),
    "a folder": (lambda home: (home.store.unlink(), home.store.mkdir()), "store.unopenable"),
    "empty": (lambda home: _replace(home, b""), "store.unfinished"),
    "garbage": (lambda home: _replace(home, b"\x00\xff" * 9_000), "store.damaged"),
    "text": (lambda home: _replace(home, b"SQLite format 3\x00" + b"x" * 9_000), "store.damaged"),
    "newer": (lambda home: raw(home, "UPDATE alembic_version SET version_num = '9999'"), "store.newer"),
    "never finished": (lambda home: raw(home, "DELETE FROM alembic_version"), "store.unfinished"),
    "without its branch": (
        lambda home: raw(home, "PRAGMA foreign_keys=OFF", "DELETE FROM branch"),
        "store.unfinished",
    ),
    "without a key": (lambda home: home.key.unlink(), "key.missing"),
    "with a damaged key": (lambda home: home.key.write_bytes(b"no key at all"), "key.damaged"),
    "with another key": (lambda home: home.key.write_text("ab" * 32), "key.wrong"),
    "with a key that all can read": (lambda home: home.key.chmod(0o644), "key.open_to_others"),
}


def _replace(home: Home, content: bytes) -> None:
    for name in ("-wal", "-shm"):
        home.store.with_name(home.store.name + name).unlink(missing_ok=True)
    home.store.write_bytes(content)


@pytest.mark.parametrize("what", SPOILT)
def test_a_store_that_is_not_sound_is_refused_in_words(home: Home, what: str) -> None:
    spoil, code = SPOILT[what]
    spoil(home)
    assert code_of(home) == code


def test_a_key_file_elsewhere_is_used(home: Home, tmp_path: Path) -> None:
    elsewhere = tmp_path / "usb.key"
    shutil.move(home.key, elsewhere)
    assert code_of(home) == "key.missing"
    Bank.open(home, key_file=elsewhere, cost=4).close()


def test_an_older_store_asks_for_the_upgrade(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    from bankcard_tui.store import schema

    monkeypatch.setattr(schema, "HEAD", "9001")
    monkeypatch.setattr(schema, "REVISIONS", (*schema.REVISIONS, "9001"))
    assert code_of(home) == "store.older"


def test_a_store_and_a_key_are_never_overwritten(home: Home) -> None:
    before = home.store.read_bytes(), home.key.read_bytes()
    with pytest.raises(Unavailable) as error:
        Bank.create(home, bank="B", branch="B", code="B", cost=4)
    assert error.value.code == "store.exists"
    home.store.rename(home.store.with_suffix(".away"))
    with pytest.raises(Unavailable) as error:
        Bank.create(home, bank="B", branch="B", code="B", cost=4)
    assert error.value.code == "key.exists"
    assert (home.store.with_suffix(".away").read_bytes(), home.key.read_bytes()) == before


def test_store_and_folders_are_for_their_owner_alone(home: Home, tmp_path: Path) -> None:
    fresh = Home(tmp_path / "fresh")
    Bank.create(fresh, bank="B", branch="B", code="B", cost=4).close()
    for path in (fresh.store, fresh.key, fresh.queue):
        assert path.stat().st_mode & 0o077 == 0, path
    for folder in (fresh.store.parent, fresh.key.parent, fresh.backups):
        assert folder.stat().st_mode & 0o077 == 0, folder


MOUNTS = """\
/dev/vda1 / ext4 rw 0 0
server:/export /mnt/shared nfs4 rw 0 0
//server/c /mnt/with\\040blank cifs rw 0 0
/dev/vdb1 /mnt/shared/local ext4 rw 0 0
a@b: /mnt/far fuse.sshfs rw 0 0
broken
"""


@pytest.mark.parametrize(
    ("path", "refused"),
    [
        ("/srv/bank", False),
        ("/mnt/shared/bank", True),
        ("/mnt/shared", True),
        ("/mnt/shared2/bank", False),
        ("/mnt/shared/local/bank", False),
        ("/mnt/with blank/bank", True),
        ("/mnt/far/bank", True),
    ],
)
def test_network_file_systems_are_refused(tmp_path: Path, path: str, refused: bool) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(MOUNTS)
    if not refused:
        refuse_network_file_system(Path(path), mounts)
        return
    with pytest.raises(Unavailable) as error:
        refuse_network_file_system(Path(path), mounts)
    assert error.value.code == "store.network"
    refuse_network_file_system(Path(path), tmp_path / "no such list")


def _pragmas(store: Store, names: tuple[str, ...], *, write: bool) -> dict[str, object]:
    with store.write() if write else store.read() as connection:
        return {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in names}


@pytest.mark.parametrize("write", [True, False])
def test_the_pragmas_are_in_force_on_every_connection(home: Home, write: bool) -> None:
    store = open_store(home.store, home.queue)
    names = ("foreign_keys", "trusted_schema", "busy_timeout", "cache_size", "journal_mode", "query_only")
    safe = sqlite.sqlite_version_info >= SAFE_WAL_FROM
    assert _pragmas(store, names, write=write) == {
        "foreign_keys": 1,
        "trusted_schema": 0,
        "busy_timeout": 10_000,
        "cache_size": -65_536,
        "journal_mode": "wal" if safe else "delete",
        "query_only": int(not write),
    }
    if write:
        assert _pragmas(store, ("synchronous",), write=True) == {"synchronous": 2 if safe else 3}
    store.close()


def test_a_reader_writes_nothing(bank: Bank) -> None:
    with pytest.raises(Unavailable) as error, bank.store.read() as connection:
        connection.exec_driver_sql("DELETE FROM session")
    assert error.value.code == "store.read_only"


def test_a_path_with_strange_characters_is_a_path_like_others(template: Path, tmp_path: Path) -> None:
    folder = tmp_path / "a b?mode=memory#x%41 分行"
    shutil.copytree(template, folder)
    bank = Bank.open(Home(folder), cost=4)
    assert Town(bank).desk("teller").who.username == "teller"
    bank.close()
    assert {path.name for path in tmp_path.iterdir()} == {folder.name}


def test_a_store_in_a_place_that_does_not_exist_or_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for path in (tmp_path / "none" / "x.db", tmp_path / "file" / "x.db"):
        with pytest.raises(Unavailable) as error:
            open_store(path, path.with_suffix(".queue"))
        assert error.value.code == "store.missing"
    with pytest.raises(Unavailable) as error:
        create_store(tmp_path / "file" / "x.db", tmp_path / "q")
    assert error.value.code == "store.unopenable"


def test_a_queue_that_is_a_link_is_not_followed(home: Home, tmp_path: Path) -> None:
    bank = Bank.open(home, cost=4)
    home.queue.unlink(missing_ok=True)
    os.symlink(tmp_path / "elsewhere", home.queue)
    with pytest.raises(Unavailable) as error, bank.store.write():
        pass
    assert error.value.code == "store.read_only"
    assert not (tmp_path / "elsewhere").exists()
    bank.close()
