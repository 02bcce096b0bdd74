"""What opens a backup, as the command line is given it: a kit, a passphrase, or nothing where the branch is at hand."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bankcard_tui.cli.console import Misused, ask_secret
from bankcard_tui.cli.desks import password_in
from bankcard_tui.locale import mark

if TYPE_CHECKING:
    from bankcard_tui.backup.kit import Kit

_PASSPHRASE = mark("Passphrase")


def opened_kit(path: Path, passphrase_file: Path | None = None) -> Kit:
    """The kit at ``path``; its passphrase, where it has one, is in a file or asked for."""
    from bankcard_tui.backup.kit import kit_content, needs_passphrase, parse_kit

    content = kit_content(path)
    if not needs_passphrase(content):
        return parse_kit(content)
    return parse_kit(content, known_passphrase(passphrase_file))


def given_kit(file: Path, kit: Path | None, *, asks: bool, passphrase_file: Path | None) -> Kit | None:
    """The kit that opens the backup ``file``: the one named, or the one inside it under a passphrase; else None."""
    from bankcard_tui.backup.unpack import kit_inside

    if kit is not None:
        return opened_kit(kit, passphrase_file)
    if asks or passphrase_file is not None:
        return kit_inside(file, known_passphrase(passphrase_file))
    return None


def known_passphrase(file: Path | None) -> str:
    """A passphrase that exists already: from a file, or asked for."""
    return password_in(file) if file is not None else ask_secret(_PASSPHRASE)


def new_passphrase(*, asks: bool, file: Path | None) -> tuple[str, str] | None:
    """A new passphrase, twice; None where none is wanted. Raises Misused."""
    if file is not None:
        if asks:
            raise Misused(mark("A passphrase is asked for or comes from a file, not both."), hint=mark("Choose one."))
        found = password_in(file)
        return found, found
    if not asks:
        return None
    return (
        ask_secret(mark("New passphrase (at least 15 characters; several words are best)")),
        ask_secret(mark("The same passphrase again")),
    )
