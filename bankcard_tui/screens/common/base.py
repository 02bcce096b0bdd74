"""What every screen of somebody signed in shares: the desk, the shell's lines, and drafts of forms."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Protocol, TypeVar, cast

from textual import on
from textual.app import ComposeResult
from textual.timer import Timer

from bankcard_tui.desk.desk import Desk
from bankcard_tui.errors import BankError
from bankcard_tui.locale import tr
from bankcard_tui.screens.common.lobby import relabelled
from bankcard_tui.screens.common.shell import NavigationLine, TopLine
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.drafts import discard_draft, load_draft, save_draft
from bankcard_tui.services.sign_in import Who
from bankcard_tui.widgets.form import Form
from bankcard_tui.widgets.help import HelpScreen
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
        self._unkept: dict[str, Form] = {}

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

    async def relabel(self) -> None:
        await relabelled(self, super().relabel)

    def action_help(self) -> None:
        """F1 or ?: the help of the screen, and the keys that work everywhere."""
        everywhere = tr("Everywhere: F10 or Ctrl+P menu, Ctrl+L lock, Ctrl+T language, Ctrl+Q sign out.")
        self.app.push_screen(HelpScreen(f"{tr(self.HELP)}\n\n{everywhere}".lstrip(), self))

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
        self._unkept.pop(name, None)
        if name:
            self.work(lambda: discard_draft(self.desk, name), lambda _: None, group="draft")

    def take_drafts(self) -> list[Callable[[], None]]:
        """What still has to be kept, to be run in a thread by whoever takes it. A problem there is not told: the
        person is on the way to something else, and the draft before this one stays."""
        unkept, self._unkept = self._unkept, {}
        return [partial(_keep, self.desk, name, dict(form.draft(secrets=False))) for name, form in unkept.items()]

    def on_screen_suspend(self) -> None:
        """The screen is left or covered: what was typed last is kept at once."""
        for keep in self.take_drafts():
            self.app.run_worker(asyncio.to_thread(keep), group="drafts")

    def _restored(self, form: Form, draft: dict[str, Any] | None) -> None:
        if draft and form.is_attached:
            form.fill(draft)

    @on(Form.Changed)
    def _form_changed(self, event: Form.Changed) -> None:
        name = self.draft_name(event.form)
        if not name:
            return
        self._unkept[name] = event.form
        if self._draft_timer is not None:
            self._draft_timer.stop()
        self._draft_timer = self.set_timer(DRAFT_AFTER_SECONDS, self._keep_drafts)

    def _keep_drafts(self) -> None:
        unkept, self._unkept = self._unkept, {}
        for name, form in unkept.items():
            if form.is_attached and not form.busy:
                values = dict(form.draft(secrets=False))
                self.work(partial(save_draft, self.desk, name, values), lambda _: None, group=f"draft-{name}")


def _keep(desk: Desk, name: str, values: dict[str, Any]) -> None:
    with suppress(BankError):
        save_draft(desk, name, values)
