"""What the commands about the log take: which entries are meant."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from bankcard_tui.cli.console import Misused
from bankcard_tui.locale import mark

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from bankcard_tui.rules.terms import Outcome

Username = Annotated[str, typer.Option("--username", help=mark("Only what this person did."))]
Action = Annotated[
    str, typer.Option("--action", help=mark("Only this action; with a dot at the end every one that begins so."))
]
OutcomeName = Annotated[
    str | None, typer.Option("--outcome", metavar="OUTCOME", help=mark("Only done, refused, failed or pending."))
]
Since = Annotated[str | None, typer.Option("--since", metavar="TIME", help=mark("From this day or time on."))]
Until = Annotated[str | None, typer.Option("--until", metavar="TIME", help=mark("Before this day or time."))]
Text = Annotated[str, typer.Option("--text", help=mark("Only entries that hold this text."))]


def outcome_named(given: str | None) -> Outcome | None:
    """The outcome that was typed. Raises Misused."""
    from bankcard_tui.rules.terms import Outcome

    if given is None:
        return None
    if given not in list(Outcome):
        raise Misused(
            mark("There is no outcome {outcome}."),
            hint=mark("Choose one of: {known}"),
            outcome=given,
            known=", ".join(Outcome),
        )
    return Outcome(given)


def moment_in(given: str | None, zone: ZoneInfo) -> datetime | None:
    """A day or a time as typed; without a zone it is the branch's. Raises Misused."""
    if given is None:
        return None
    try:
        read = datetime.fromisoformat(given)
        return (read if read.tzinfo else read.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Misused(
            mark("{given} is not a day or a time."), hint=mark("As 2026-11-21 or 2026-11-21T08:30."), given=given[:40]
        ) from None
