"""The rows of the table as they are painted."""

from __future__ import annotations

from rich.text import Text
from textual.binding import Binding
from textual.widgets import DataTable


class Grid(DataTable[Text], inherit_bindings=False):
    """Paints; all keys but Enter are the PagedTable's."""

    DEFAULT_CSS = """
    Grid { height: 1fr; background: $background; scrollbar-size-vertical: 1; }
    Grid > .datatable--header { background: $panel; color: $text-muted; text-style: none; }
    Grid > .datatable--even-row, Grid > .datatable--odd-row { background: $background; }
    Grid:focus { background-tint: transparent; }
    Grid:focus > .datatable--header { background-tint: transparent; }
    """

    opens = True

    def say_enter(self, words: str) -> None:
        """What Enter does; nothing where ``words`` is empty."""
        self.opens = bool(words)
        self._bindings.key_to_bindings["enter"] = [Binding("enter", "select_cursor", words)] if words else []

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return super().check_action(action, parameters) and (action != "select_cursor" or self.row_count > 0)
