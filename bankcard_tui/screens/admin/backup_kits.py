"""Making a recovery kit: where to write it, under which passphrase, and what to do with it then."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from textual.content import Content

from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.registry import Secret
from bankcard_tui.errors import InvalidInput
from bankcard_tui.locale import mark, tr
from bankcard_tui.screens.common.base import DeskScreen
from bankcard_tui.screens.common.paths import read_path, told_at
from bankcard_tui.services.backup_records import home_of
from bankcard_tui.services.backups import check_passphrase, make_kit
from bankcard_tui.widgets.dialogs import Ask, Message
from bankcard_tui.widgets.fields import Field
from bankcard_tui.widgets.safe import Tone, safe, status

MOST_PATH = 400

KIT_FIELDS = (
    Field(
        "file",
        mark("Write it to"),
        hint=mark("A new file, such as /media/usb/branch.kit"),
        most=MOST_PATH,
    ),
    Field(
        "label",
        mark("Name of the kit"),
        hint=mark("As it is found in the safe."),
        required=False,
        most=60,
    ),
    Field(
        "passphrase",
        mark("Passphrase"),
        "secret",
        mark("Who forgets it has lost the kit."),
        required=False,
    ),
    Field("again", mark("The same once more"), "secret", required=False),
)
PASSPHRASE_FIELDS = (
    Field("passphrase", mark("Passphrase"), "secret", mark("At least 15 characters; several words are best.")),
    Field("again", mark("The same once more"), "secret"),
)


def ask_for_kit(screen: DeskScreen, then: Callable[[], object]) -> None:
    """Ask, write and register the kit, and say what to do with it; ``then`` runs once it is made."""
    desk = screen.desk

    def made(path: Path | None) -> None:
        if path is not None:
            then()
            inside = path.resolve().is_relative_to(home_of(desk.bank).folder.resolve())
            title = partial(tr, mark("The recovery kit is made"))
            screen.app.push_screen(Message(title, lambda: _what_to_do(path, inside=inside)))

    question = Ask(
        lambda: tr("Make a recovery kit"),
        KIT_FIELDS,
        lambda values, key: _make(desk.once(key), values),
        body=lambda: tr(
            "Whoever has this file can open every backup made from now on; without it a lost machine can't be restored."
        ),
        submit=mark("Make the kit"),
    )
    screen.app.push_screen(question, made)


def ask_for_passphrase(screen: DeskScreen, then: Callable[[Secret], object]) -> None:
    """Ask for the passphrase of one backup; ``then`` gets it once it is strong enough."""
    bank = screen.desk.bank

    def check(values: dict[str, object], _key: str) -> Secret:
        passphrase = str(values["passphrase"])
        check_passphrase(bank, passphrase, str(values["again"]))
        return Secret(passphrase)

    question = Ask(
        lambda: tr("Make this backup under a passphrase"),
        PASSPHRASE_FIELDS,
        check,
        body=lambda: tr("Elsewhere only who knows it can open this backup. Keep it apart from this machine."),
        submit=mark("Make the backup"),
    )

    def given(passphrase: Secret | None) -> None:
        if passphrase is not None:
            then(passphrase)

    screen.app.push_screen(question, given)


def _make(desk: Desk, values: dict[str, object]) -> Path:
    path = read_path("file", values["file"])
    passphrase = str(values["passphrase"])
    if passphrase != str(values["again"]):
        raise InvalidInput("again", "The two passphrases differ.", hint="Type both again.")
    with told_at("file"):
        make_kit(desk.bank, desk, path, str(values["label"]) or path.name, passphrase or None)
    return path


def _what_to_do(path: Path, *, inside: bool) -> Content:
    lines = [status("+", str(path), Tone.GOOD), Content()]
    if inside:
        lines.append(status("!", tr("It lies beside what it is to rescue: move it to another place."), Tone.WARNING))
    lines += [
        safe(tr("Take the medium out now and lay it into a safe, with a second copy in another house.")),
        safe(tr("Whoever has this file can open every backup made from now on: keep it away from them.")),
        safe(tr("Try it now and then with d, a drill.")),
    ]
    return Content("\n").join(lines)
