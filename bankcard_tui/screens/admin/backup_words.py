"""Backups in words: how old they are, how far they were verified, what is wrong with them."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Final

from textual.content import Content

from bankcard_tui.locale import mark, tr
from bankcard_tui.services.backup_checks import LEVELS, CheckedBackup
from bankcard_tui.services.backup_records import BackupState, BackupView
from bankcard_tui.widgets.errands import problem_text
from bankcard_tui.widgets.facts import Pair
from bankcard_tui.widgets.labels import ago, count, moment
from bankcard_tui.widgets.safe import Tone, safe, status, toned
from bankcard_tui.widgets.table import Column, Row

COLUMNS: Final = (
    Column(mark("No."), 5, "right", priority=1),
    Column(mark("Made"), 16, priority=1),
    Column(mark("Verification"), 15, priority=1, grow=True),
    Column(mark("Size"), 9, "right", priority=3),
    Column(mark("Log up to"), 9, "right", priority=4),
    Column(mark("By"), 10, priority=2),
    Column(mark("Verified on"), 16, priority=5),
)
PROBLEMS: Final = {
    "backup.signature": mark("wrong signature"),
    "backup.not_one": mark("bad beginning"),
    "backup.kind": mark("another kind"),
    "backup.cut": mark("cut short"),
    "backup.damaged": mark("damaged"),
    "backup.wrong_key": mark("key does not fit"),
    "backup.newer": mark("newer program"),
    "backup.integrity": mark("store damaged"),
    "backup.references": mark("bad references"),
    "backup.schema": mark("another schema"),
    "backup.rows": mark("rows differ"),
    "backup.log": mark("log altered"),
    "backup.log_end": mark("log cut off"),
    "backup.values": mark("values altered"),
    "backup.altered": mark("store altered"),
    "backup.branch": mark("another branch"),
    "backup.unreadable": mark("file missing"),
}
"""What is wrong with a backup, in a few words, by the code of the problem."""

_BYTES: Final = ((1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB"))


def size_words(size: int) -> str:
    """``12.3 MB``."""
    return next((f"{size / unit:,.1f} {name}" for unit, name in _BYTES if size >= unit), f"{size} B")


def problem_words(code: str) -> str:
    """What is wrong, in the language in use; what a newer program calls so is shown by its code."""
    return tr(PROBLEMS[code]) if code in PROBLEMS else code


def level_badge(backup: BackupView) -> Content:
    """How far a backup was found sound."""
    if backup.removed_at is not None:
        return status("-", tr("Cleared away"), Tone.MUTED)
    if backup.problem:
        return status("x", problem_words(backup.problem), Tone.BAD)
    if backup.verified:
        return status("+", tr("In full"), Tone.GOOD)
    if backup.level:
        return status("~", tr("Up to level {level}", level=backup.level), Tone.WARNING)
    return status("!", tr("Not yet"), Tone.WARNING)


def backup_row(backup: BackupView, zone: tzinfo) -> Row:
    """One backup for the table."""
    return Row(
        str(backup.id),
        (
            str(backup.sequence),
            moment(backup.made_at, zone),
            level_badge(backup),
            size_words(backup.size),
            count(backup.log_seq),
            backup.made_by,
            moment(backup.verified_at, zone) if backup.verified_at else "-",
        ),
    )


def backup_facts(backup: BackupView, zone: tzinfo) -> list[Pair]:
    """Everything that is kept about a backup."""
    verified = level_badge(backup)
    if backup.verified_at is not None:
        verified = Content.assemble(verified, f"  {moment(backup.verified_at, zone)}")
    pairs: list[Pair] = [
        (mark("No."), str(backup.sequence)),
        (mark("Made"), moment(backup.made_at, zone)),
        (mark("By"), backup.made_by),
        (mark("Verification"), verified),
        (mark("File"), backup.file),
        (mark("Size"), tr("{count:byte|bytes}", count=count(backup.size))),
        (mark("Log up to"), tr("entry {number}", number=count(backup.log_seq))),
        (mark("Log's head"), backup.head),
        (mark("Schema"), backup.schema_revision),
        (mark("SHA-256"), backup.digest),
    ]
    if backup.removed_at is not None:
        pairs.append((mark("Cleared away"), moment(backup.removed_at, zone)))
    return pairs


def backup_age(state: BackupState, now: datetime, zone: tzinfo, advice: str) -> Content:
    """The age of the last verified backup; ``advice`` (translated) is what to do where it is too old."""
    return _age(state.last_verified, state.backup_due, now, zone, advice)


def drill_age(state: BackupState, now: datetime, zone: tzinfo, advice: str) -> Content:
    """The age of the last drill that went well."""
    return _age(state.last_drill, state.drill_due, now, zone, advice)


def kits_words(state: BackupState) -> Content:
    """How many recovery kits there are, and which key goes on."""
    if state.kits:
        words = status("+", tr("{count} registered", count=count(state.kits)), Tone.GOOD)
        return Content.assemble(words, "  ", toned(tr("l lists them."), Tone.MUTED))
    advice = tr("m makes one; else nobody can restore elsewhere.")
    return Content.assemble(status("!", tr("none"), Tone.WARNING), "  ", toned(advice, Tone.MUTED))


def _age(then: datetime | None, due: bool, now: datetime, zone: tzinfo, advice: str) -> Content:
    words = tr("none yet") if then is None else f"{moment(then, zone)} ({ago(then, now)})"
    if not due:
        return status("+", words, Tone.GOOD)
    return Content.assemble(status("!", words, Tone.WARNING), "  ", toned(advice, Tone.MUTED))


def told_made(backup: BackupView) -> Content:
    """What came of making a backup."""
    words = tr("Backup {number} is made: {file}", number=backup.sequence, file=backup.file)
    return Content.assemble(status("+", words, Tone.GOOD), "\n", level_badge(backup))


def told_checked(checked: CheckedBackup) -> Content:
    """What came of verifying one: a tick for every level, and what is wrong at the next."""
    ticks = [status("+", tr(label), Tone.GOOD) for label in LEVELS[: checked.level]]
    if checked.problem is None:
        return Content("   ").join(ticks)
    wrong = status("x", tr(LEVELS[min(checked.level, len(LEVELS) - 1)]), Tone.BAD)
    said = safe(problem_text(checked.problem))
    return Content.assemble(Content("   ").join([*ticks, wrong]), "\n", said)
