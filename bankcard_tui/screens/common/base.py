"""What every screen of somebody signed in shares: the desk, the shell's lines, and drafts of forms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Protocol, cast

from textual import on
from textual.app import ComposeResult

from bankcard_tui.desk.desk import Desk
from bankcard_tui.locale import mark, tr
from bankcard_tui.screens.common.drafts import Drafts, Work
from bankcard_tui.screens.common.shell import NavigationLine, TopLine
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.drafts import load_draft
from bankcard_tui.services.sign_in import Who
from bankcard_tui.widgets.form import Form
from bankcard_tui.widgets.help import HelpScreen
from bankcard_tui.widgets.working import BankScreen

RESTORED: Final = mark("What you had typed is back.")


@dataclass(frozen=True, slots=True)
class Page:
    """A first-level page: ``title`` is marked English, ``permissions`` any of which opens it."""

    name: str
    title: str
    permissions: tuple[Permission, ...]
    open: Callable[[], DeskScreen]


class Shell(Protocol):
    """What screens use of the application."""

    desk: Desk
    who: Who
    pages: tuple[Page, ...]

    def open_page(self, name: str) -> None:
        """Go to a first-level page."""
        ...

    def take_in(self, who: Who) -> None:
        """What the person may do is this from now on."""
        ...


class DeskScreen(BankScreen):
    """A screen of somebody signed in. ``PAGE`` is the first-level page it belongs to, for the navigation line."""

    PAGE: ClassVar[str] = ""

    def __init__(self) -> None:
        super().__init__()
        self.drafts = Drafts(self, lambda: self.desk, self.draft_name, self.draft_values)

    @property
    def shell(self) -> Shell:
        return cast(Shell, self.app)

    @property
    def desk(self) -> Desk:
        """The desk at which the person sits."""
        return self.shell.desk

    @property
    def zone(self) -> str:
        """The time zone of the branch."""
        return self.desk.bank.branch.zone

    def may(self, permission: Permission) -> bool:
        """Whether to offer something. What counts is checked by the operation itself."""
        return permission in self.shell.who.permissions

    def top(self) -> ComposeResult:
        yield TopLine()
        yield NavigationLine(self.PAGE)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Esc is not offered where it leads nowhere; a screen with its own way back says so itself."""
        if action == "back" and type(self).action_back is DeskScreen.action_back:
            return len(self.app.screen_stack) > 2
        return super().check_action(action, parameters)

    def action_back(self) -> None:
        """Esc: from a first-level page nowhere, from others to the one before."""
        if len(self.app.screen_stack) > 2:
            self.dismiss()

    def action_help(self) -> None:
        """F1 or ?: the help of the screen, and the keys that work everywhere."""
        everywhere = mark("Everywhere: F10 or Ctrl+P menu, Ctrl+L lock, Ctrl+T language, Ctrl+Q sign out.")
        self.app.push_screen(HelpScreen(self.HELP, self, everywhere))

    def leaving(self) -> list[Work]:
        """What has to be given back before another first-level page opens, to be run in a thread."""
        return []

    # Drafts: a form that has a ``draft_name`` keeps what was typed in the store until it is sent.

    def draft_name(self, form: Form) -> str:
        """The name under which this form's draft is kept; empty for no draft."""
        return ""

    def draft_values(self, form: Form) -> Mapping[str, object]:
        """What of ``form`` is kept: what the person has changed. The rest is as the store has it, and would bring
        back what others have changed since."""
        return form.changes()

    def take_up(self, form: Form, draft: Mapping[str, Any]) -> None:
        """Put a draft, as ``draft_values`` gave it, into ``form``."""
        form.fill(draft)
        form.say(tr(RESTORED))

    def restore_draft(self, form: Form) -> None:
        """Fill in what was typed before the terminal was lost."""
        name, id = self.draft_name(form), form.id
        if name:
            # With another language it is another form by the time of the answer.
            self.work(lambda: load_draft(self.desk, name), lambda draft: self._restore(id, draft), group="draft")

    def sent(self, form: Form) -> None:
        """The form was sent: its draft goes."""
        self.drafts.sent(form)

    def take_drafts(self) -> list[Work]:
        """What still has to be kept; see ``Drafts.take``."""
        return self.drafts.take()

    def on_screen_suspend(self) -> None:
        """The screen is left or covered: what was typed last is kept at once."""
        self.drafts.keep_at_once()

    def _restore(self, id: str | None, draft: dict[str, Any] | None) -> None:
        form = next((form for form in self.query(Form) if form.id == id), None)
        if draft and form is not None:
            self.take_up(form, draft)

    @on(Form.Changed)
    def _form_changed(self, event: Form.Changed) -> None:
        self.drafts.changed(event.form)
