"""What every screen of somebody signed in shares: the desk, the shell's lines, and drafts of forms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, TypeVar, cast

from textual import on
from textual.app import ComposeResult
from textual.timer import Timer

from bankcard_tui.desk.desk import Desk
from bankcard_tui.screens.common.shell import NavigationLine, TopLine
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.drafts import discard_draft, load_draft, save_draft
from bankcard_tui.services.sign_in import Who
from bankcard_tui.widgets.form import Form
from bankcard_tui.widgets.working import BankScreen

T = TypeVar("T")

DRAFT_AFTER_SECONDS = 1.5


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


class DeskScreen(BankScreen):
    """A screen of somebody signed in. ``PAGE`` is the first-level page it belongs to, for the navigation line."""

    PAGE: ClassVar[str] = ""

    def __init__(self) -> None:
        super().__init__()
        self._draft_timer: Timer | None = None

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

    def action_back(self) -> None:
        """Esc: from a first-level page nowhere, from others to the one before."""
        if len(self.app.screen_stack) > 2:
            self.dismiss()

    # Drafts: a form that has a ``draft_name`` keeps what was typed in the store until it is sent.

    def draft_name(self, form: Form) -> str:
        """The name under which this form's draft is kept; empty for no draft."""
        return ""

    def restore_draft(self, form: Form) -> None:
        """Fill in what was typed before the terminal was lost."""
        name = self.draft_name(form)
        if name:
            self.work(lambda: load_draft(self.desk, name), lambda draft: self._restored(form, draft), group="draft")

    def sent(self, form: Form) -> None:
        """The form was sent: its draft goes."""
        name = self.draft_name(form)
        if self._draft_timer is not None:
            self._draft_timer.stop()
        if name:
            self.work(lambda: discard_draft(self.desk, name), lambda _: None, group="draft")

    def _restored(self, form: Form, draft: dict[str, Any] | None) -> None:
        if draft and form.is_attached:
            form.fill(draft)

    @on(Form.Changed)
    def _keep_draft(self, event: Form.Changed) -> None:
        form, name = event.form, self.draft_name(event.form)
        if not name:
            return
        if self._draft_timer is not None:
            self._draft_timer.stop()
        self._draft_timer = self.set_timer(DRAFT_AFTER_SECONDS, lambda: self._save_draft(form, name))

    def _save_draft(self, form: Form, name: str) -> None:
        if form.is_attached and not form.busy:
            values = dict(form.draft(secrets=False))
            self.work(lambda: save_draft(self.desk, name, values), lambda _: None, group="draft")
