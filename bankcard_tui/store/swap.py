"""Putting another file in place of a store: database and write-ahead log leave together, the new one comes whole.

Everything that is about to move is written down first, in a journal beside the store. Whoever finds the journal of a
process that died finishes its work: before the old database has left the store stays as it was, from then on the new
one takes its place. A new store is closed well before, a single file without a write-ahead log.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from bankcard_tui.errors import Unavailable, reason_of
from bankcard_tui.store.door import Door

ASIDE = "before-restore-"
"""How the folder begins in which the store from before is kept; there is one, of the last restore."""

_BESIDE = ("-wal", "-shm", "-journal")
_NAMES = 100


@dataclass(frozen=True, slots=True)
class _Plan:
    """What the journal says: the new file, and the folder for the old one (empty where there is none), relative to the
    store's folder.
    """

    new: str
    aside: str


def journal_of(store: Path) -> Path:
    """The journal of a swap that is under way."""
    return store.with_suffix(".restoring")


def workshop_of(store: Path) -> Path:
    """The folder in which a new store is made ready, on the same disk."""
    return store.with_suffix(".restore")


def swap(store: Path, new: Path, moment: str) -> Path | None:
    """Put the file ``new``, in the workshop, in place of ``store``, and return the folder in which the old one lies
    now; None where there was none. To be called with the door closed.

    Raises Unavailable when the disk refuses: with the code ``restore.swap`` the store is as it was, with
    ``restore.unfinished`` :func:`finish_swap` has to decide.
    """
    aside = _aside(store, moment) if os.path.lexists(store) else None
    plan = _Plan(str(new.relative_to(store.parent)), aside.name if aside else "")
    try:
        sync(new)
        sync(new.parent)
        _write_journal(store, plan)
        _carry_out(store, plan)
    except OSError as error:
        try:
            _take_back(store, plan)
        except OSError:
            raise _unfinished(error) from None
        raise Unavailable(
            "The restored store can't be put into place: {error}.",
            hint="Nothing was changed. Check the folder's rights, its free space and the disk, then try again.",
            code="restore.swap",
            error=reason_of(error),
        ) from None
    return aside


def finish_swap(store: Path) -> None:
    """Finish the swap of a process that died, if there is one: complete it or take it back. Waits for one that is
    under way. What a restore left behind that did not come as far is removed.

    Raises Busy after ten seconds, Unavailable when it can't be finished.
    """
    if not os.path.lexists(journal_of(store)):
        _clear_what_was_abandoned(store)
        return
    with Door(store).closed():
        plan = _read_journal(store)
        if plan is None:
            return
        try:
            # Without the new file there is nothing to put in place; the old database can only have left after it came.
            if _has_left(store, plan) and (store.exists() or (store.parent / plan.new).exists()):
                _carry_out(store, plan)
            else:
                _take_back(store, plan)
            clear_workshop(store)
        except OSError as error:
            raise _unfinished(error) from None


def _unfinished(error: OSError) -> Unavailable:
    return Unavailable(
        "A backup was being restored, and that can't be finished: {error}.",
        hint="Check the folder's rights, its free space and the disk, then start again: that finishes it.",
        code="restore.unfinished",
        error=reason_of(error),
    )


def clear_workshop(store: Path) -> None:
    """Remove the folder in which a store was made ready, with what is left in it. Raises OSError."""
    with suppress(FileNotFoundError):
        shutil.rmtree(workshop_of(store))


def _clear_what_was_abandoned(store: Path) -> None:
    """Whoever restores holds the folder of the home: where nobody does, the copy in the workshop is nobody's."""
    if not os.path.lexists(workshop_of(store)):
        return
    handle = os.open(store.parent.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not os.path.lexists(journal_of(store)):
            clear_workshop(store)
    except OSError:
        pass  # somebody works in it, or the next restore clears it away
    finally:
        os.close(handle)


def sync(path: Path) -> None:
    """Flush a file or a folder to the disk. Never a store in use: closing it here would let go of SQLite's locks."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _aside(store: Path, moment: str) -> Path:
    names = (f"{ASIDE}{moment}{suffix}" for suffix in ("", *(f"-{count}" for count in range(2, _NAMES))))
    return next(path for path in map(store.parent.joinpath, names) if not os.path.lexists(path))


def _has_left(store: Path, plan: _Plan) -> bool:
    """Whether the old database has left its place: from here on the new one belongs there."""
    return not plan.aside or (store.parent / plan.aside / store.name).exists()


def _carry_out(store: Path, plan: _Plan) -> None:
    """The moves, from whatever step on: the database first, since only while it lies in its place does SQLite write
    its log back into it and remove it.
    """
    folder = store.parent
    if not store.exists() or not _has_left(store, plan):
        if plan.aside:
            aside = folder / plan.aside
            aside.mkdir(mode=0o700, exist_ok=True)
            for name in (store.name, *(store.name + each for each in _BESIDE)):
                with suppress(FileNotFoundError):
                    os.rename(folder / name, aside / name)
            sync(aside)
        # Only when the disk has all this may the new one come: its own log will have the same name.
        sync(folder)
        os.rename(folder / plan.new, store)
    sync(folder)
    os.unlink(journal_of(store))
    sync(folder)
    for earlier in folder.glob(f"{ASIDE}*"):
        if plan.aside and earlier.name != plan.aside:
            shutil.rmtree(earlier, ignore_errors=True)


def _take_back(store: Path, plan: _Plan) -> None:
    """Everything as it was: the database last, so that it never lies there without its log."""
    folder = store.parent
    aside = folder / plan.aside
    if store.exists() and _has_left(store, plan):
        os.rename(store, folder / plan.new)  # nobody has used it yet: the door is closed since it came
    if plan.aside and aside.is_dir() and not store.exists():
        for name in (*(store.name + each for each in _BESIDE), store.name):
            with suppress(FileNotFoundError):
                os.rename(aside / name, folder / name)
        sync(folder)
    if plan.aside and aside.is_dir() and not any(aside.iterdir()):
        aside.rmdir()
    with suppress(FileNotFoundError):
        os.unlink(journal_of(store))
    sync(folder)


def _write_journal(store: Path, plan: _Plan) -> None:
    draft = workshop_of(store) / "journal"
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(json.dumps(asdict(plan)).encode())
        file.flush()
        os.fsync(file.fileno())
    os.rename(draft, journal_of(store))
    sync(store.parent)


def _read_journal(store: Path) -> _Plan | None:
    try:
        return _Plan(**json.loads(journal_of(store).read_bytes()))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        raise Unavailable(
            "The journal of a restore, {path}, can't be read.",
            hint="Do not work on. Keep the folder as it is and call your IT support.",
            code="restore.journal",
            path=journal_of(store),
        ) from error
