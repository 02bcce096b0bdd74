"""One staff account: who it is, and its permissions."""

from __future__ import annotations

from typing import ClassVar
from uuid import uuid4
from zoneinfo import ZoneInfo

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import OptionList, Static

from bankcard_tui.locale import mark, tr
from bankcard_tui.screens.admin.permission_matrix import PermissionMatrix, matrix_head
from bankcard_tui.screens.admin.staff_steps import StaffSteps
from bankcard_tui.screens.admin.staff_words import account_status
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.staff import StaffFile, StaffRow, open_staff, set_permissions
from bankcard_tui.widgets.dialogs import Confirm
from bankcard_tui.widgets.facts import Facts, Pair
from bankcard_tui.widgets.labels import label, moment
from bankcard_tui.widgets.permission_labels import permission_label


class StaffFileScreen(StaffSteps):
    """The account with the matrix of its permissions; changes are saved together with Ctrl+S."""

    PAGE = "staff"
    HELP = mark(
        "What this account may do: what its role gives, what was added for this account, what was taken away.\n"
        "Space changes a line, Ctrl+S saves all changes after a question. They hold from the person's next step on. "
        "What a role does not allow at all is not listed: nobody holds both the counter and the review. What is done "
        "to an administrator waits for a second one's signature."
    )
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+s", "save", mark("Save"))]
    DEFAULT_CSS = """
    StaffFileScreen Facts { padding: 1 1; }
    StaffFileScreen .head { padding: 0 1; height: 1; background: $panel; }
    """

    def __init__(self, file: StaffFile) -> None:
        super().__init__()
        self._file = file
        self._held: frozenset[Permission] | None = None

    def body(self) -> ComposeResult:
        yield Facts(self._facts(), columns=2, id="account")
        yield Static(matrix_head(), classes="head", markup=False)
        yield PermissionMatrix(self._file, self._held, id="permissions")

    def load(self) -> None:
        self.matrix.focus()
        self.matrix.highlighted = self.matrix.highlighted or 0

    @property
    def matrix(self) -> PermissionMatrix:
        return self.query_one("#permissions", PermissionMatrix)

    @property
    def chosen(self) -> StaffRow | None:
        return self._file.row

    def after_change(self) -> None:
        self.dismiss()

    def after_reset(self) -> None:
        self.work(lambda: open_staff(self.desk, self._file.row.id), self._opened_again, group="open")

    def _opened_again(self, file: StaffFile) -> None:
        self._file = file
        self.run_worker(self._show_again(self.matrix.highlighted), group="repaint")

    def _facts(self) -> list[Pair]:
        row, zone = self._file.row, ZoneInfo(self.zone)
        last = moment(row.last_sign_in_at, zone) if row.last_sign_in_at else tr("never")
        return [
            (mark("Name"), row.name),
            (mark("User name"), row.username),
            (mark("Role"), label(row.role)),
            (mark("Status"), account_status(row.waits_for_activation, row.disabled_at, row.waits_for_second_admin)),
            (mark("Created"), moment(row.created_at, zone)),
            (mark("Last sign-in"), last),
        ]

    @on(OptionList.OptionSelected, "#permissions")
    def _change(self, event: OptionList.OptionSelected) -> None:
        self.matrix.toggle(event.option_index)
        self._held = self.matrix.held

    def action_save(self) -> None:
        """Ask with all changes by name, then save them."""
        matrix = self.matrix
        if not matrix.put_in and not matrix.taken_out:
            self.app.notify(tr("Nothing is changed. Space changes a line."), markup=False)
            return
        row, added, removed, key = self._file.row, matrix.added, matrix.removed, uuid4().hex
        self._ask(
            Confirm(
                lambda: tr("Change the permissions of {username}?", username=row.username),
                self._changes,
                lambda: tr("Change them"),
            ),
            lambda: self.change(
                lambda: set_permissions(self.desk.once(key), row.id, row.version, added, removed), self._saved
            ),
        )

    def _changes(self) -> str:
        """What would change, by name."""
        matrix, name = self.matrix, self._file.row.name
        lines = [tr("{name} may from now on:", name=name)] if matrix.put_in else []
        lines += [f"  + {permission_label(each)}" for each in matrix.put_in]
        lines += [tr("{name} may not any more:", name=name)] if matrix.taken_out else []
        lines += [f"  x {permission_label(each)}" for each in matrix.taken_out]
        return "\n".join(lines)

    def _saved(self, file: StaffFile) -> None:
        self.app.notify(tr("Saved. It holds from the next step of {name} on.", name=file.row.name), markup=False)
        self._file, self._held = file, None
        place = self.matrix.highlighted
        self.run_worker(self._show_again(place), group="repaint")

    async def _show_again(self, place: int | None) -> None:
        await self.recompose()
        self.load()
        self.matrix.highlighted = place

    def action_back(self) -> None:
        """Esc: with changes that are not saved only after a question."""
        if self.matrix.put_in or self.matrix.taken_out:
            self._ask(
                Confirm(
                    lambda: tr("Leave without saving?"),
                    lambda: tr("The changes to the permissions are lost. Ctrl+S saves them."),
                    lambda: tr("Leave"),
                ),
                lambda: super(StaffFileScreen, self).action_back(),
            )
        else:
            super().action_back()
