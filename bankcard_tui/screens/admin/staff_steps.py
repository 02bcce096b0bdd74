"""What is done to a staff account, from the list and from the opened account alike."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import ClassVar, TypeVar
from uuid import uuid4
from zoneinfo import ZoneInfo

from textual.binding import Binding, BindingType
from textual.content import Content

from bankcard_tui.desk.results import Done, Result
from bankcard_tui.locale import mark, tr
from bankcard_tui.screens.common.base import DeskScreen
from bankcard_tui.screens.common.reset import SECOND_FACTOR_LOST, ask_to_reset
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.activation import HalfCode, show_half
from bankcard_tui.services.staff import StaffRow, disable_staff, enable_staff
from bankcard_tui.widgets.dialogs import Confirm, Message
from bankcard_tui.widgets.labels import moment
from bankcard_tui.widgets.safe import Tone, safe, toned

R = TypeVar("R")


class StaffSteps(DeskScreen):
    """The keys o (half-code), r (reset), d (disable) and e (enable) for the account that ``chosen`` names."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o", "code", mark("Half-code")),
        Binding("r", "reset", mark("Reset")),
        Binding("d", "disable", mark("Disable")),
        Binding("e", "enable", mark("Enable")),
    ]

    @property
    def chosen(self) -> StaffRow | None:
        """The account that a key is meant for."""
        return None

    def after_change(self) -> None:
        """The account was disabled or enabled, or that was asked for."""

    def after_reset(self) -> None:
        """A reset of the account was started."""
        self.after_change()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "code":
            return self.may(Permission.SHOW_ACTIVATION_CODES)
        if action in ("disable", "enable"):
            row = self.chosen
            return row is None or (row.disabled_at is None) == (action == "disable")
        return super().check_action(action, parameters)

    def action_disable(self) -> None:
        """Ask, then disable the account."""
        row = self.chosen
        if row is None:
            return
        key = uuid4().hex
        body = partial(
            tr,
            mark(
                "{name} can't sign in any more, and open sessions end at once.\n"
                "The account and everything in its history are kept. It can be enabled again, to be activated anew."
            ),
            name=row.name,
        )
        self._ask(
            Confirm(lambda: tr("Disable {username}?", username=row.username), body, lambda: tr("Disable the account")),
            lambda: self.change(
                lambda: disable_staff(self.desk.once(key), row.id, row.version),
                lambda now: self._done(tr("{username} is disabled.", username=now.username)),
            ),
        )

    def action_enable(self) -> None:
        """Ask, then enable the account."""
        row = self.chosen
        if row is None:
            return
        key = uuid4().hex
        body = partial(
            tr,
            mark(
                "The permissions stay as they were, the password does not: two colleagues show a half-code with o for "
                "{name} to choose a new one."
            ),
            name=row.name,
        )
        self._ask(
            Confirm(
                lambda: tr("Enable {username}?", username=row.username),
                body,
                lambda: tr("Enable the account"),
                destructive=False,
            ),
            lambda: self.change(
                lambda: enable_staff(self.desk.once(key), row.id, row.version),
                lambda now: self._done(tr("{username} is enabled and waits for activation.", username=now.username)),
            ),
        )

    def change(self, write: Callable[[], Result[R]], done: Callable[[R], None]) -> None:
        """Change the account in a worker, or say that a second admin is asked for it."""

        def answered(result: Result[R]) -> None:
            if isinstance(result, Done):
                done(result.view)
            else:
                self._done(
                    tr(
                        "Not in force yet: it waits for a second admin, who signs it on the page To sign until {time}.",
                        time=moment(result.request.expires_at, ZoneInfo(self.zone)),
                    )
                )

        self.work(write, answered, group="change")

    def action_reset(self) -> None:
        """The person has forgotten the password, or lost the phone with the second factor."""
        row = self.chosen
        if row is not None:
            ask_to_reset(self, row.id, row.name, [SECOND_FACTOR_LOST], self.after_reset, waits=row.waits_for_activation)

    def action_code(self) -> None:
        """Ask, then show a half of an activation code."""
        row = self.chosen
        if row is None:
            return
        body = partial(
            tr,
            mark(
                "It is shown once. Tell it to {name} alone; a colleague shows the other half at another desk.\n"
                "A half shown after both were shown makes a new code."
            ),
            name=row.name,
        )
        self._ask(
            Confirm(
                lambda: tr("Show a half-code for {username}?", username=row.username),
                body,
                lambda: tr("Show it"),
                destructive=False,
            ),
            lambda: self.work(lambda: show_half(self.desk, row.id).view, self._show_code, group="code"),
        )

    def _ask(self, question: Confirm, then: Callable[[], None]) -> None:
        self.app.push_screen(question, lambda yes: then() if yes else None)

    def _done(self, said: str) -> None:
        self.app.notify(said, markup=False)
        self.after_change()

    def _show_code(self, code: HalfCode) -> None:
        title = partial(tr, mark("Half-code for {username}"), username=code.username)
        self.app.push_screen(Message(title, lambda: self._told(code)))

    def _told(self, code: HalfCode) -> Content:
        """The half, large, and what comes next."""
        which = tr("First half") if code.half == 1 else tr("Second half")
        until = moment(code.expires_at, ZoneInfo(self.zone))
        after = (
            tr("Now a colleague opens this account at another desk and presses o for the second half.")
            if code.half == 1
            else tr("With both halves {username} activates the account at the lobby.", username=code.username)
        )
        return Content.assemble(
            (which, "bold"),
            "\n\n",
            ("      " + "  ".join(code.code), f"bold {Tone.ACCENT}"),
            "\n\n",
            safe(tr("Good until {time}", time=until)),
            "\n",
            toned(after, Tone.MUTED),
        )
