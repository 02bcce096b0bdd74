"""Whether the log is as it was written: the chain, and what else knows of it.

The chain alone can't tell that its end was cut off, nor that it was continued from there. Archives, backups and printed
slips each know a *head*: the number of an entry and its mark at a time. Every head must lie in the chain, or in a fork
that a restore took out of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from bankcard_tui.backup.container import opened_container, public_key_of
from bankcard_tui.backup.create import begin_of_name
from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.results import View
from bankcard_tui.errors import BankError, InvalidInput, fill
from bankcard_tui.locale import mark
from bankcard_tui.rules.text import visible
from bankcard_tui.services.log_chain import Checked, Tell, check_chain
from bankcard_tui.services.log_files import Archives, covers
from bankcard_tui.services.log_shelf import ARCHIVE, Shelf, read_shelf
from bankcard_tui.services.log_times import shown
from bankcard_tui.store.engine import any_text

MOST_FINDINGS = 100
_HEAD = re.compile(r"([0-9]{1,18}):([0-9a-fA-F]{64})")


class Finding(View):
    """Something wrong with the log: an English sentence, to be translated, and the values to be filled in. ``altered``:
    somebody has altered it; else something that it is held against is not there, or can't be read.
    """

    template: str
    values: dict[str, str]
    altered: bool = True


class ChainCheck(View):
    """Whether the log holds; ``problems`` says which entries are wrong and how, the first hundred of them.

    ``findings`` are the same for whoever speaks another language. ``entries`` are those in the store; ``pruned`` lie in
    archives alone. The last one has the number ``last`` and the mark ``head`` (hex).
    """

    entries: int
    head: str
    problems: tuple[str, ...]
    findings: tuple[Finding, ...] = ()
    last: int = 0
    pruned: int = 0

    @property
    def sound(self) -> bool:
        return not self.problems

    @property
    def altered(self) -> bool:
        """Whether anything shows that somebody has altered the log."""
        return any(each.altered for each in self.findings)


@dataclass(frozen=True, slots=True)
class Head:
    """An entry that somebody knows: its number, its mark, and who says so."""

    seq: int
    mark: bytes
    source: str


def read_head(text: str) -> Head:
    """A head as it stands on a slip. Raises InvalidInput."""
    found = _HEAD.fullmatch(text.strip())
    if found is None:
        raise InvalidInput(
            "heads", "This is not the head of a log.", hint="It is a number, a colon and 64 letters and digits."
        )
    return Head(int(found[1]), bytes.fromhex(found[2]), "--head")


def check_log(desk: Desk, *, deep: bool, heads: Sequence[Head], files: bool) -> ChainCheck:
    """Everything that is wrong with the log of the branch. Reads raw columns, so that nothing an attacker wrote can
    make it fail."""
    found: list[Finding] = []

    def tell(template: str, *, altered: bool = True, **values: object) -> None:
        if len(found) < MOST_FINDINGS:
            said = {name: str(value) for name, value in values.items()}
            found.append(Finding(template=template, values=said, altered=altered))

    shelf = read_shelf(desk.work.connection, desk.keys, desk.branch_id)
    checked = _check_chain(desk, shelf, tell)
    _check_shelf(shelf, tell)
    lacks = partial(tell, altered=False)
    archives = Archives(desk, shelf, tell, lacks)
    known = [*heads, *_of_shelf(shelf), *_of_rows(desk, tell)]
    if files:
        archives.check(deep=deep)
        archives.check_left()
        known += _of_files(desk, lacks)
    _check_heads(desk, checked, known, archives, deep=deep, files=files, tell=tell)
    problems = tuple(fill(each.template, dict(each.values)) for each in found)
    return ChainCheck(
        entries=checked.entries,
        head=checked.marks[0].hex(),
        problems=problems,
        findings=tuple(found),
        last=checked.last,
        pruned=shelf.floor[0],
    )


def _check_chain(desk: Desk, shelf: Shelf, tell: Tell) -> Checked:
    connection, here = desk.work.connection, desk.branch_id.bytes
    with any_text(connection):
        starts = [row[0] for row in connection.exec_driver_sql("SELECT first_seq FROM log_stretch ORDER BY first_seq")]
        head = connection.exec_driver_sql("SELECT seq, mark, latest FROM log_head").fetchall()
        # "Not this branch" in one condition would read every entry.
        strangers = [
            row[0]
            for other, values in (("IS NULL", ()), ("< ?", (here,)), ("> ?", (here,)))
            for row in connection.exec_driver_sql(
                f"SELECT seq FROM log_entry WHERE branch_id {other} ORDER BY branch_id, seq", values
            )
        ]
    wrong = 0

    def telling(template: str, **values: object) -> None:
        nonlocal wrong
        wrong += 1
        tell(template, **values)

    checked = check_chain(desk, shelf.floor, starts, telling)
    for seq in strangers:
        checked.entries += 1
        telling(mark("entry {number} belongs to no branch"), number=shown(seq))
    if len(head) != 1 or head[0][0] != checked.last or head[0][1] not in checked.marks:
        tell(
            mark("the chain does not end where its head says: entries after {number} are missing or added"),
            number=checked.last,
        )
    elif not wrong and not checked.clock.ends_at(head[0][2]):
        tell(mark("where the clock was set back is noted wrongly: a search by time can miss entries"))
    return checked


def _check_shelf(shelf: Shelf, tell: Tell) -> None:
    for name, seq in shelf.strange:
        if name == ARCHIVE.name:
            tell(mark("the note of the archive that ends with entry {number} was altered or forged"), number=shown(seq))
        else:
            tell(mark("the tombstone of the entries up to {number} was altered or forged"), number=shown(seq))
    buried = shelf.buried
    for each in shelf.tombstones:
        if each not in buried:
            tell(
                mark("the tombstone of entries {first} to {last} does not follow on the one before it"),
                first=each.first_seq,
                last=each.last_seq,
            )
        elif not covers(shelf.named(each), each):
            tell(
                mark("the archives that hold the pruned entries {first} to {last} are not in the list of archives"),
                first=each.first_seq,
                last=each.last_seq,
            )


def _of_shelf(shelf: Shelf) -> Iterator[Head]:
    for each in shelf.segments:
        yield Head(each.last_seq, each.last_mark, each.file)


def _of_rows(desk: Desk, tell: Tell) -> Iterator[Head]:
    connection = desk.work.connection
    with any_text(connection):
        rows = connection.exec_driver_sql("SELECT file, log_seq, log_mark FROM backup ORDER BY sequence").fetchall()
    for file, seq, held in rows:
        name = visible(file)[:80] if isinstance(file, str) else shown(file)
        if type(seq) is int and isinstance(held, bytes):
            yield Head(seq, held, name)
        else:
            tell(mark("what is noted of the backup {file} was altered"), file=name)


def _of_files(desk: Desk, lacks: Tell) -> Iterator[Head]:
    """The heads in backups that the branch itself has signed. Of other files those say something that are called as
    its own are.
    """
    public_key, mine = public_key_of(desk.keys.signing), begin_of_name(desk.bank.branch.code)
    for path in sorted(desk.bank.home.backups.glob("*.backup")):
        try:
            with opened_container(path, public_key, kind="backup") as container:
                said = container.manifest
            if said["branch_id"] == str(desk.branch_id):
                yield Head(int(said["log_seq"]), bytes.fromhex(said["log_mark"]), visible(path.name)[:80])
        except (BankError, KeyError, ValueError, TypeError):
            if path.name.startswith(mine):
                lacks(
                    mark("the backup {file} can't be read: it does not show where the log ended then"),
                    file=visible(path.name)[:80],
                )


def _check_heads(
    desk: Desk, checked: Checked, heads: Sequence[Head], archives: Archives, *, deep: bool, files: bool, tell: Tell
) -> None:
    floor = archives.shelf.floor[0]
    wrong: dict[tuple[int, bytes], list[str]] = {}
    for head in heads:
        border = archives.shelf.border(head.seq)
        if border is not None:
            fits = head.mark == border
        elif head.seq > checked.last:
            fits = False
        elif head.seq > floor:
            fits = _is_in_chain(desk, head)
        else:
            fits = not (deep and files) or archives.has_pruned(head.seq, head.mark)
        if not fits:
            wrong.setdefault((head.seq, head.mark), []).append(head.source)
    if wrong and files:
        for known in archives.in_forks(wrong):
            del wrong[known]
    if wrong:
        for known in archives.can_lie_in_forks(wrong, files=files):
            del wrong[known]
    for (seq, _), sources in wrong.items():
        said = ", ".join(dict.fromkeys(sources))
        if seq > checked.last:
            tell(
                mark("the log ends with entry {last}, but {source} has entry {number}: its end was cut off"),
                last=checked.last,
                source=said,
                number=seq,
            )
        else:
            tell(
                mark("entry {number} is not the one in {source}: the log was cut off there and continued"),
                source=said,
                number=seq,
            )


def _is_in_chain(desk: Desk, head: Head) -> bool:
    with any_text(desk.work.connection):
        found = desk.work.connection.exec_driver_sql(
            "SELECT mark FROM log_entry WHERE branch_id = ? AND seq = ?", (desk.branch_id.bytes, head.seq)
        ).fetchall()
    return any(row[0] == head.mark for row in found)
