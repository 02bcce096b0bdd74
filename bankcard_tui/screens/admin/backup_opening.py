"""What opens a backup, as somebody types it into a form: the file of a recovery kit and its passphrase."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from bankcard_tui.backup.kit import Kit, kit_content, needs_passphrase, parse_kit
from bankcard_tui.backup.unpack import kit_inside
from bankcard_tui.errors import InvalidInput
from bankcard_tui.locale import mark
from bankcard_tui.screens.common.paths import read_path, told_at
from bankcard_tui.widgets.fields import Field

MOST_PATH: Final = 400

PASSPHRASE: Final = Field("passphrase", mark("Its passphrase"), "secret", mark("Where it has one."), required=False)


def kit_field(hint: str) -> Field:
    """The question for the file of a kit."""
    return Field("kit", mark("Recovery kit"), hint=hint, required=False, most=MOST_PATH)


def read_kit_or_passphrase(values: Mapping[str, object], backup: Callable[[], Path]) -> Kit:
    """The kit that a form names, else the one inside ``backup``, which is under the passphrase. Raises InvalidInput."""
    kit = read_kit(values)
    if kit is not None:
        return kit
    passphrase = str(values["passphrase"])
    if not passphrase:
        raise InvalidInput("kit", "This is needed.", hint="Or type the passphrase of the backup.")
    with told_at("passphrase"):
        return kit_inside(backup(), passphrase)


def read_kit(values: Mapping[str, object]) -> Kit | None:
    """The kit that a form names; None where it names none. Raises InvalidInput."""
    if not str(values["kit"]).strip():
        return None
    path, passphrase = read_path("kit", values["kit"]), str(values.get("passphrase", ""))
    with told_at("kit"):
        content = kit_content(path)
    if needs_passphrase(content) and not passphrase:
        raise InvalidInput("passphrase", "This kit is under a passphrase.", hint="Type it.")
    with told_at("passphrase" if needs_passphrase(content) else "kit"):
        return parse_kit(content, passphrase)
