"""The permissions of an account: what the role gives, what was added, what was taken away."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from bankcard_tui.locale import mark, tr
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.staff import StaffFile
from bankcard_tui.widgets.labels import yes_no
from bankcard_tui.widgets.permission_labels import permission_label
from bankcard_tui.widgets.safe import Tone, pad, safe, status, toned

LABEL_CELLS, ROLE_CELLS = 34, 12


def matrix_head() -> Content:
    """The line above the matrix."""
    return toned(
        Content.assemble(
            "    ", pad(tr("Permission"), LABEL_CELLS), pad(tr("From the role"), ROLE_CELLS + 4), tr("This account")
        ),
        Tone.MUTED,
    )


class PermissionMatrix(OptionList):
    """One line for each permission that the role gives or lets add; Space puts it in or takes it out.

    Nothing is changed in the store: ``added`` and ``removed`` are what is asked for.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "select", mark("Change")),
        Binding("enter", "select", mark("Change"), show=False),
        Binding("j", "cursor_down", show=False),
        Binding("k", "cursor_up", show=False),
    ]
    DEFAULT_CSS = """
    PermissionMatrix, PermissionMatrix:focus {
        height: 1fr; border: none; padding: 0 1; background: $background; background-tint: transparent;
    }
    """

    def __init__(self, file: StaffFile, held: frozenset[Permission] | None = None, *, id: str | None = None) -> None:
        """``held`` is what is asked for already; else what the account has now."""
        self._of_role = file.of_role
        self._now = file.permissions
        self._order = sorted(file.of_role | file.addable, key=list(Permission).index)
        self.held = file.permissions if held is None else held
        super().__init__(
            *(Option(self._line(each), id=each.value) for each in self._order), id=id, compact=True, markup=False
        )

    @property
    def added(self) -> frozenset[Permission]:
        return self.held - self._of_role

    @property
    def removed(self) -> frozenset[Permission]:
        return self._of_role - self.held

    @property
    def put_in(self) -> list[Permission]:
        """What the account would hold and does not hold now."""
        return [each for each in self._order if each in self.held and each not in self._now]

    @property
    def taken_out(self) -> list[Permission]:
        """What the account holds now and would not hold."""
        return [each for each in self._order if each in self._now and each not in self.held]

    def toggle(self, place: int) -> None:
        """Put the permission in line ``place`` in, or take it out."""
        self.held ^= {self._order[place]}
        self.replace_option_prompt_at_index(place, self._line(self._order[place]))

    def _line(self, permission: Permission) -> Content:
        held, given = permission in self.held, permission in self._of_role
        if held and not given:
            word = status("+", tr("added"), Tone.GOOD)
        elif given and not held:
            word = status("x", tr("removed"), Tone.WARNING)
        else:
            word = safe(tr("as the role") if held else tr("no"))
        changed = held != (permission in self._now)
        return Content.assemble(
            "[x] " if held else "[ ] ",
            pad(permission_label(permission), LABEL_CELLS),
            pad(yes_no(given), ROLE_CELLS + 4),
            pad(word, 14),
            toned(tr("not saved"), Tone.ACCENT) if changed else "",
        )
