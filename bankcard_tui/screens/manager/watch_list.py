"""The watch list: accounts that are looked at more often, with how they were used before and since."""

from __future__ import annotations

from typing import ClassVar, cast

from textual.binding import Binding, BindingType
from textual.content import Content

from bankcard_tui.locale import mark, tr
from bankcard_tui.screens.manager.lined import Lines
from bankcard_tui.screens.manager.watch_page import WatchingPage
from bankcard_tui.screens.manager.watch_text import WATCHED_COLUMNS, watched_cells, watched_lines
from bankcard_tui.services.paging import Page
from bankcard_tui.services.watch_list import NOTE_LENGTH, WatchedView, end_watching, watch, watch_list
from bankcard_tui.widgets.fields import Field
from bankcard_tui.widgets.safe import Tone, heading, toned


class WatchListScreen(WatchingPage[WatchedView]):
    """The accounts on the watch list, those whose time is over first."""

    COLUMNS = WATCHED_COLUMNS
    HELP = mark(
        "Accounts that are looked at more often: after a large increase, or because a manager wants it. Used now and "
        "before: how much of the limit was owed in the newest month, and in the last one before; Overdue: the worst "
        "days past due since then.\n"
        "Enter opens the customer's file, w keeps an account on the list for longer, e takes it off, with the reason."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("w", "watch", mark("Watch on")),
        Binding("e", "end", mark("End")),
    ]

    def find(self, cursor: str | None) -> Page[WatchedView]:
        return watch_list(self.desk, cursor)

    def cells(self, row: WatchedView) -> tuple[object, ...]:
        return watched_cells(row)

    def lines(self, row: WatchedView, width: int) -> Lines:
        return watched_lines(row, width)

    def head(self) -> Content:
        order = toned(tr("those whose time is over first"), Tone.MUTED)
        return Content.assemble(heading(tr("Watch list")), "   ", order)

    def empty(self) -> str:
        return tr("Nobody is watched. Large increases come here by themselves; w on a warning watches its account.")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        row = self.at_hand
        if action in ("watch", "end"):
            return row is not None and not row.mine
        return super().check_action(action, parameters)

    def action_watch(self) -> None:
        """Keep the account on the list for longer."""
        row = self.at_hand
        if row is not None:
            self.ask(
                mark("Watch: {name}"),
                row,
                watch_fields(),
                lambda desk, values: watch(desk, row.account, cast(int, values["months"]), str(values["note"])),
            )

    def action_end(self) -> None:
        """Take the account off the list."""
        row = self.at_hand
        if row is not None:
            note = Field("note", mark("Reason"), hint=mark("Only staff read this."), most=NOTE_LENGTH)
            self.ask(
                mark("End watching: {name}"),
                row,
                [note],
                lambda desk, values: end_watching(desk, row.id, str(values["note"])),
            )


def watch_fields() -> list[Field]:
    """For how long an account is watched, and why."""
    return [
        Field("months", mark("Months"), "number", mark("Counted from today."), value=6),
        Field("note", mark("Reason"), hint=mark("Only staff read this."), most=NOTE_LENGTH),
    ]
