"""The files of the log's archives, held against what the store knows of them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import chain, pairwise
from typing import Any
from uuid import UUID

from bankcard_tui.backup.age import identity_from
from bankcard_tui.backup.container import public_key_of
from bankcard_tui.backup.segment import Raw, open_segment, read_segment, verify_segment
from bankcard_tui.desk.desk import Desk
from bankcard_tui.errors import BankError
from bankcard_tui.locale import mark
from bankcard_tui.models.log import COLUMNS
from bankcard_tui.rules.terms import Outcome
from bankcard_tui.rules.text import visible
from bankcard_tui.services.log_chain import ENTRIES, Tell
from bankcard_tui.services.log_shelf import Shelf, Shelved, Tombstone
from bankcard_tui.services.log_times import shown
from bankcard_tui.store.engine import any_text

RESTORE = "backup.restore"
_SEQ, _ACTION, _OUTCOME, _DETAIL = (COLUMNS.index(name) for name in ("seq", "action", "outcome", "detail"))


def covers(archives: Sequence[Shelved | None], tombstone: Tombstone) -> bool:
    """Whether these archives hold, one after the other, exactly what a tombstone stands for."""
    found = [each for each in archives if each is not None]
    if not found or len(found) < len(archives):
        return False
    joined = all(
        (after.first_seq, after.before_mark) == (each.last_seq + 1, each.last_mark) for each, after in pairwise(found)
    )
    first, last = found[0], found[-1]
    return (
        joined
        and (first.first_seq, first.before_mark) == (tombstone.first_seq, tombstone.before_mark)
        and (last.last_seq, last.last_mark) == (tombstone.last_seq, tombstone.last_mark)
    )


class Archives:
    """The archives of a branch, for a check of its log."""

    def __init__(self, desk: Desk, shelf: Shelf, tell: Tell, lacks: Tell) -> None:
        self.shelf = shelf
        self._desk = desk
        self._tell = tell
        self._lacks = lacks
        self._folder = desk.bank.home.archives
        self._public_key = public_key_of(desk.keys.signing)
        self._identities = [identity_from(desk.keys.backup)]
        self._broken: set[UUID] = set()
        self._missing: set[UUID] = set()

    def check(self, *, deep: bool) -> None:
        """Look at the file of every archive: that it is there, its digest and its signature; ``deep`` at each entry."""
        for each in self.shelf.archives:
            values = {"file": visible(each.file)[:80], "first": each.first_seq, "last": each.last_seq}
            try:
                path = each.path(self._folder)
                if deep:
                    segment = verify_segment(path, self._public_key, self._identities, self._desk.keys.chain)
                else:
                    segment = open_segment(path, self._public_key)
                fits = each.is_of(segment)
            except BankError as problem:
                fits = False
                if problem.code == "backup.unreadable":
                    self._lacks(
                        mark("the archive {file} of entries {first} to {last} is missing in backups/log"), **values
                    )
                    self._broken.add(each.id)
                    self._missing.add(each.id)
                    continue
            if not fits:
                self._tell(mark("the archive {file} of entries {first} to {last} was altered or is damaged"), **values)
                self._broken.add(each.id)

    def check_left(self) -> None:
        """Hold what is left of pruned entries, while they are cleared, against their archives."""
        desk = self._desk
        for tombstone in self.shelf.buried:
            for archive in self.shelf.named(tombstone):
                if archive is None or archive.id in self._broken:
                    continue
                bounds = (desk.branch_id.bytes, archive.first_seq, archive.last_seq)
                with any_text(desk.work.connection):
                    left = desk.work.connection.exec_driver_sql(
                        ENTRIES, bounds, execution_options={"stream_results": True}
                    )
                    self._compare(archive, (tuple(row) for row in left))

    def _compare(self, archive: Shelved, left: Iterator[Raw]) -> None:
        entry = next(left, None)
        if entry is None:
            return
        for row in self._rows(archive):
            while entry is not None and entry[_SEQ] < row[_SEQ]:
                self._tell(mark("entry {number} is out of place"), number=shown(entry[_SEQ]))
                entry = next(left, None)
            if entry is None:
                return
            if entry[_SEQ] == row[_SEQ]:
                if entry != row:
                    self._tell(mark("entry {number} was changed, or its mark is forged"), number=row[_SEQ])
                entry = next(left, None)
        for each in chain((entry,) if entry is not None else (), left):
            self._tell(mark("entry {number} is out of place"), number=shown(each[_SEQ]))

    def has_pruned(self, seq: int, held: bytes) -> bool:
        """Whether an archive has this pruned entry; one that is missing can't say that it has not."""
        for archive in self.shelf.segments:
            if archive.first_seq <= seq <= archive.last_seq:
                if archive.id in self._missing:
                    return True
                return any(row[-1] == held for row in self._rows(archive) if row[_SEQ] == seq)
        return False

    def can_lie_in_forks(self, heads: Collection[tuple[int, bytes]], *, files: bool) -> set[tuple[int, bytes]]:
        """Those of ``heads`` (number and mark) that, by what the store alone knows, lie in a fork: in one that is
        missing, or without ``files`` in any.

        The mark of a fork's row shows that a restore has made it. Which entry names it may lie in another fork or among
        the pruned: that there is a restore, or that entries were pruned, has to do.
        """
        unread = [each for each in self.shelf.forks if not files or each.id in self._missing]
        if not unread or not (self.shelf.floor[0] or _named_by(self._restores_in_chain())):
            return set()
        return {
            (seq, held)
            for seq, held in heads
            for fork in unread
            if fork.first_seq <= seq < fork.last_seq or (seq, held) == (fork.last_seq, fork.last_mark)
        }

    def in_forks(self, heads: Collection[tuple[int, bytes]]) -> set[tuple[int, bytes]]:
        """Those of ``heads`` (number and mark) that lie in a fork which a restore has named."""
        named = _named_by(self._restores_in_chain())
        held: dict[tuple[str, int, int], set[tuple[int, bytes]]] = {}
        for fork in self.shelf.forks:
            if fork.id in self._broken or not any(fork.first_seq <= seq <= fork.last_seq for seq, _ in heads):
                continue
            found = held[fork.digest, fork.first_seq, fork.last_seq] = set()
            restores = []
            for row in self._rows(fork):
                if (row[_SEQ], row[-1]) in heads:
                    found.add((row[_SEQ], row[-1]))
                if row[_ACTION] == RESTORE and row[_OUTCOME] == Outcome.DONE:
                    restores.append(row[_DETAIL])
            # A later restore may have taken the entry of an earlier one out of the chain.
            named |= _named_by(restores)
        if held and not named >= held.keys():
            named |= _named_by(
                row[_DETAIL]
                for archive in self.shelf.segments
                if archive.last_seq <= self.shelf.floor[0] and archive.id not in self._broken
                for row in self._rows(archive)
                if row[_ACTION] == RESTORE and row[_OUTCOME] == Outcome.DONE
            )
        return {head for fork, found in held.items() if fork in named for head in found}

    def _restores_in_chain(self) -> list[Any]:
        connection = self._desk.work.connection
        with any_text(connection):
            return [
                row[0]
                for row in connection.exec_driver_sql(
                    "SELECT detail FROM log_entry WHERE branch_id = ? AND action = ? AND outcome = ?",
                    (self._desk.branch_id.bytes, RESTORE, Outcome.DONE.value),
                )
            ]

    def _rows(self, archive: Shelved) -> Iterator[Raw]:
        """The entries of an archive that is sound to the end; of any other none."""
        path = archive.path(self._folder)
        with suppress(BankError):
            if archive.is_of(verify_segment(path, self._public_key, self._identities, self._desk.keys.chain)):
                yield from read_segment(path, self._public_key, self._identities)


def _named_by(details: Iterable[Any]) -> set[tuple[str, int, int]]:
    """The forks that entries of restores name, and the archives that they took out of the chain with them: digest,
    first and last number.
    """
    named = set()
    for detail in details:
        try:
            said = json.loads(detail)
            named.add((str(said["fork"]), int(said["first_seq"]), int(said["last_seq"])))
            named |= {(str(digest), int(first), int(last)) for digest, first, last in said.get("taken_out", ())}
        except (ValueError, TypeError, KeyError):
            continue  # an entry that was altered is told of by the chain, and one without a fork names none
    return named
