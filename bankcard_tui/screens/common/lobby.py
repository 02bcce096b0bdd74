"""What the screens that anybody may use share: signing in, registering, activating. Nothing typed here is kept."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final, cast

from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Input

from bankcard_tui.errors import BankError, InvalidForm, InvalidInput
from bankcard_tui.locale import mark
from bankcard_tui.screens.common.guard import drop_errands
from bankcard_tui.widgets.errands import SESSION_PROBLEMS, problem_text
from bankcard_tui.widgets.fields import Field
from bankcard_tui.widgets.form import Form
from bankcard_tui.widgets.safe import Tone
from bankcard_tui.widgets.working import BankScreen

if TYPE_CHECKING:
    from bankcard_tui.app import BankApp


RELABEL_AGAIN_SECONDS: Final = 0.2


class LobbyScreen(BankScreen):
    """A screen of nobody."""

    BINDINGS: ClassVar[list[BindingType]] = [
        # In both languages at once: whoever needs it may not read the other one.
        Binding("f2", "app.language", mark("中文/English")),
    ]

    async def relabel(self) -> None:
        await relabelled(self, super().relabel)

    @property
    def bank_app(self) -> BankApp:
        return cast("BankApp", self.app)


async def relabelled(screen: Screen[None], relabel: Callable[[], Awaitable[None]]) -> None:
    """Put ``screen`` into the language in use by ``relabel``, its widgets made anew.

    What is being sent is answered first. Other answers would find the widgets gone; they are asked for again. The
    cursor stands where typing goes on, so that the next key does not replace everything.
    """
    if any(form.busy for form in screen.query(Form)):
        screen.set_timer(RELABEL_AGAIN_SECONDS, partial(relabelled, screen, relabel))
        return
    drop_errands(screen)
    here = screen.focused.id if screen.focused is not None else None
    await relabel()
    screen.call_after_refresh(_go_on_at, screen, here)


def _go_on_at(screen: Screen[None], name: str | None) -> None:
    """Back to the field ``name``, wherever loading put the focus, and behind what was typed there."""
    for field in screen.query(f"#{name}") if name else ():
        screen.set_focus(field)
    if isinstance(screen.focused, Input):
        screen.call_after_refresh(screen.focused.action_end)


def show_refusal(form: Form, error: BankError) -> None:
    """Show ``error`` where the person looks: at its fields, or beside the button; one about the session elsewhere."""
    form.busy = False
    if isinstance(error, InvalidInput | InvalidForm):
        form.show_problems(error)
    elif not isinstance(error, SESSION_PROBLEMS):
        form.say(problem_text(error), Tone.BAD)


def new_password_fields() -> tuple[Field, Field]:
    """The two questions for a new password, wherever one is chosen."""
    hint = mark("Several words that only you would put together are easy to keep and hard to guess.")
    return Field("password", mark("New password"), "secret", hint=hint), Field("again", mark("Once more"), "secret")
