"""The manager's page of early warnings: what is to be dealt with, what each rests on, and what to do."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar, Final, NamedTuple, cast

from textual.binding import Binding, BindingType
from textual.content import Content

from bankcard_tui.locale import mark, tr
from bankcard_tui.rules.terms import WarningKind, WarningMeasure, WarningState
from bankcard_tui.screens.manager.watch_list import WatchListScreen, watch_fields
from bankcard_tui.screens.manager.watch_page import WatchingPage
from bankcard_tui.screens.manager.watch_text import WARNING_COLUMNS, totals_line, warning_cells, warning_lines
from bankcard_tui.services.paging import Page
from bankcard_tui.services.warning_work import (
    WarningTotals,
    WarningView,
    deal_with_warning,
    give_warning_back,
    list_warnings,
    take_warning,
    warning_totals,
)
from bankcard_tui.services.watch_list import NOTE_LENGTH, watch
from bankcard_tui.widgets.dialogs import Choose, Option
from bankcard_tui.widgets.fields import Field
from bankcard_tui.widgets.labels import label
from bankcard_tui.widgets.lined import Lines
from bankcard_tui.widgets.safe import Tone, toned

_ALL = "all"


class _Filter(NamedTuple):
    """A part of the list: its words (English, marked), its key, and what is asked for."""

    words: str
    key: str
    parameters: dict[str, Any]


_FILTERS: Final = {
    _ALL: _Filter(mark("All that are to be dealt with"), "0", {}),
    "mine": _Filter(mark("Those that I have"), "m", {"mine": True}),
    "watched": _Filter(mark("Watched accounts only"), "w", {"watched": True}),
    "done": _Filter(mark("Dealt with"), "d", {"state": WarningState.DONE}),
}


class WatchPage(WatchingPage[WarningView]):
    """Early warnings that are to be dealt with."""

    COLUMNS = WARNING_COLUMNS
    HELP = mark(
        "Early warnings: signs that a customer may come to owe more than can be repaid. Those that nobody has stand "
        "first. t takes the one under the cursor, d records what was done and what came of it, g gives one back, also "
        "one of an absent colleague.\n"
        "Enter opens the customer's file, w puts the account on the watch list, l shows that list, f filters."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "take", mark("Take")),
        Binding("d", "done", mark("Deal with")),
        Binding("g", "give_back", mark("Give back")),
        Binding("w", "watch", mark("Watch"), show=False),
        Binding("f", "filter", mark("Filter")),
        Binding("l", "list", mark("Watch list")),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._shown = _ALL
        self._totals: WarningTotals | None = None

    def find(self, cursor: str | None) -> Page[WarningView]:
        self._totals = warning_totals(self.desk)
        found = list_warnings(self.desk, **_parameters(self._shown), cursor=cursor)
        self.app.call_from_thread(self.paint_head)
        return found

    def count(self) -> None:
        """How many warnings are to be dealt with now."""

        def show(totals: WarningTotals) -> None:
            self._totals = totals
            self.paint_head()

        self.work(lambda: warning_totals(self.desk), show, group="totals")

    def cells(self, row: WarningView) -> tuple[object, ...]:
        return warning_cells(row, self.desk.bank.clock.now())

    def lines(self, row: WarningView, width: int) -> Lines:
        return warning_lines(row, self.zone, width)

    def head(self) -> Content:
        if self._totals is None:
            return toned(tr("Loading ..."), Tone.MUTED)
        line = totals_line(self._totals)
        if self._shown == _ALL:
            return line
        words = tr(_FILTERS[self._shown].words) if self._shown in _FILTERS else label(WarningKind(self._shown))
        return Content.assemble(line, "   ", toned(words, Tone.ACCENT))

    def empty(self) -> str:
        if self._shown != _ALL:
            return tr("No warning fits. f shows others.")
        return tr("Nothing to deal with. Accounts are looked at every day; l shows the watch list.")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        row = self.at_hand
        undone = row is not None and row.state is not WarningState.DONE and not row.own
        if action == "take":
            return undone and row is not None and row.state is WarningState.OPEN
        if action == "give_back":
            return undone and row is not None and row.state is WarningState.TAKEN
        if action == "done":
            return undone and row is not None and (row.mine or row.state is WarningState.OPEN)
        if action == "watch":
            return row is not None and not row.own
        return super().check_action(action, parameters)

    # Keys

    def action_take(self) -> None:
        """Take the warning under the cursor."""
        row = self.at_hand
        if row is not None:
            self.do(lambda desk: take_warning(desk, row.id), tr("{name}: taken", name=row.customer))

    def action_give_back(self) -> None:
        """Let somebody else take it."""
        row = self.at_hand
        if row is not None:
            self.do(lambda desk: give_warning_back(desk, row.id), tr("{name}: given back", name=row.customer))

    def action_done(self) -> None:
        """Record what was done about it."""
        row = self.at_hand
        if row is None:
            return
        fields = [
            Field("measure", mark("What was done"), "choice", options=WarningMeasure),
            Field("note", mark("What came of it"), hint=mark("Only staff read this."), most=NOTE_LENGTH),
        ]
        self.ask(
            mark("Deal with: {name}"),
            row,
            fields,
            lambda desk, values: deal_with_warning(
                desk, row.id, cast(WarningMeasure, values["measure"]), str(values["note"])
            ),
        )

    def action_watch(self) -> None:
        """Put the account on the watch list."""
        row = self.at_hand
        if row is not None:
            self.ask(
                mark("Watch: {name}"),
                row,
                watch_fields(),
                lambda desk, values: watch(desk, row.account, cast(int, values["months"]), str(values["note"])),
            )

    def action_list(self) -> None:
        """The accounts on the watch list."""
        self.app.push_screen(WatchListScreen())

    def action_filter(self) -> None:
        """All that is to be dealt with, or a part of it."""
        options = [
            *(Option(name, partial(tr, each.words), each.key) for name, each in _FILTERS.items()),
            *(Option(kind.value, partial(label, kind), str(number)) for number, kind in enumerate(WarningKind, 1)),
        ]
        self.app.push_screen(Choose(lambda: tr("Which warnings?"), options), self._filtered)

    def _filtered(self, choice: str | None) -> None:
        if choice is not None:
            self._shown = choice
            self.load()


def _parameters(shown: str) -> dict[str, Any]:
    return _FILTERS[shown].parameters if shown in _FILTERS else {"kind": WarningKind(shown)}
