"""The applications of the branch, as a page of the manager, who also sees what the aid had said."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from textual.binding import Binding, BindingType

from bankcard_tui.locale import mark
from bankcard_tui.screens.manager.why import Decisions
from bankcard_tui.screens.teller.application_file import ApplicationScreen
from bankcard_tui.screens.teller.applications import ApplicationsScreen


class DecidedApplication(ApplicationScreen):
    """The application of the counter, with its decisions and the opinions behind them."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("d", "decisions", mark("Decisions"))]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "decisions" and not (self._file and self._file.decisions):
            return False
        return super().check_action(action, parameters)

    def action_decisions(self) -> None:
        """d: each decision with the opinion as it was."""
        if self._file is not None:
            self.app.push_screen(Decisions(self._file, self.zone))


class ApplicationsPage(ApplicationsScreen):
    """The counter's list, whose applications open with their decisions."""

    def open_application(self, application: UUID) -> None:
        self.app.push_screen(DecidedApplication(application))
