"""What the screens that anybody may use share: signing in, registering, activating. Nothing typed here is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual.binding import Binding, BindingType

from bankcard_tui.errors import BankError, InvalidForm, InvalidInput
from bankcard_tui.locale import mark
from bankcard_tui.widgets.errands import SESSION_PROBLEMS, problem_text
from bankcard_tui.widgets.fields import Field
from bankcard_tui.widgets.form import Form
from bankcard_tui.widgets.safe import Tone
from bankcard_tui.widgets.working import BankScreen

if TYPE_CHECKING:
    from bankcard_tui.app import BankApp


class LobbyScreen(BankScreen):
    """A screen of nobody."""

    BINDINGS: ClassVar[list[BindingType]] = [
        # In both languages at once: whoever needs it may not read the other one.
        Binding("f2", "app.language", mark("中文/English")),
    ]

    @property
    def bank_app(self) -> BankApp:
        return cast("BankApp", self.app)


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
