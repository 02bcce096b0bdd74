"""A drill: the newest backup restored into an empty place with the kit alone, and somebody signs in there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

from textual.content import Content

from bankcard_tui.backup.kit import Kit
from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.registry import Secret
from bankcard_tui.locale import mark, tr
from bankcard_tui.screens.admin.backup_opening import kit_field, read_kit_or_passphrase
from bankcard_tui.screens.admin.backup_words import problem_words
from bankcard_tui.screens.common.base import DeskScreen
from bankcard_tui.screens.common.undertaking import undertake
from bankcard_tui.services.drills import DrillView, newest_backup, run_drill
from bankcard_tui.widgets.dialogs import Ask
from bankcard_tui.widgets.fields import Field
from bankcard_tui.widgets.safe import Tone, safe, status

DRILL_FIELDS: Final = (
    kit_field(mark("Such as /media/usb/branch.kit")),
    Field("passphrase", mark("Passphrase"), "secret", mark("Of the kit, or of a backup without kits."), required=False),
    Field("password", mark("Your password"), "secret", mark("You sign in with it in the restored branch.")),
)


def ask_for_drill(screen: DeskScreen, work: str, begun: Callable[[], object]) -> None:
    """Ask for kit and password, then drill as the undertaking ``work``; ``begun`` runs when it has begun."""
    desk = screen.desk

    def begin(opened: tuple[Kit, Secret] | None) -> None:
        if opened is None:
            return
        kit, password = opened
        undertake(
            screen,
            work,
            mark("Drill"),
            lambda work: run_drill(desk, newest_backup(desk), kit, password, report=work.report),
            _told,
        )
        begun()

    question = Ask(
        lambda: tr("Restore the newest backup for practice?"),
        DRILL_FIELDS,
        lambda values, _: _opened(desk, values),
        body=lambda: tr(
            "It goes to an empty place with the kit alone and is removed again. The branch stays as it is."
        ),
        submit=mark("Begin the drill"),
    )
    screen.app.push_screen(question, begin)


def _opened(desk: Desk, values: Mapping[str, object]) -> tuple[Kit, Secret]:
    kit = read_kit_or_passphrase(values, lambda: newest_backup(desk))
    return kit, Secret(str(values["password"]))


def _told(drill: DrillView) -> Content:
    took = str(timedelta(seconds=round(drill.milliseconds / 1000)))
    if not drill.problem:
        words = tr("The drill went well: {file} was restored and signed in to in {took}.", file=drill.file, took=took)
        return status("+", words, Tone.GOOD)
    words = tr("The drill with {file} failed: {problem}.", file=drill.file, problem=problem_words(drill.problem))
    advice = tr("Verify the backup with v. Then make a new one and try again.")
    return Content.assemble(status("x", words, Tone.BAD), "\n", safe(advice))
