"""The own second factor: set up with a phone, dropped, and its recovery codes made anew."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from bankcard_tui.desk.registry import Secret
from bankcard_tui.locale import mark, tr
from bankcard_tui.screens.common.base import DeskScreen
from bankcard_tui.screens.common.codes import CodesDialog
from bankcard_tui.screens.common.lobby import show_refusal
from bankcard_tui.services import second_factor
from bankcard_tui.services.recovery_codes import RecoveryCodes
from bankcard_tui.services.second_factor import Enrolment
from bankcard_tui.widgets.dialogs import Ask
from bankcard_tui.widgets.fields import Field
from bankcard_tui.widgets.form import Form
from bankcard_tui.widgets.qr import QrCode
from bankcard_tui.widgets.safe import Tone, heading, toned

PASSWORD: Final = Field("password", mark("Your password"), "secret")
CODE: Final = Field("code", mark("App code"), hint=mark("Six digits of the app, or a recovery code."), most=60)


class EnrolScreen(DeskScreen):
    """The secret, as a QR code and as text, and the field for the first code. It needs every line of a small terminal,
    so that the shell's lines give way."""

    HELP = mark(
        "Scan the code with an app for one-time codes, or type the secret into it. Then type the six digits that the "
        "app shows: only then the second factor is in force. Esc leaves everything as it was."
    )
    BINDINGS: ClassVar[list[BindingType]] = []
    DEFAULT_CSS = """
    EnrolScreen #enrol { height: 1fr; align: center middle; }
    EnrolScreen QrCode { margin-right: 2; }
    EnrolScreen #words { width: 36; height: auto; }
    EnrolScreen #words Static { height: auto; margin-bottom: 1; }
    EnrolScreen #words FieldRow Static { margin-bottom: 0; }
    EnrolScreen Form { height: auto; padding: 0; }
    """

    def __init__(self, offered: Enrolment, then: Callable[[RecoveryCodes], object]) -> None:
        """``then`` gets the recovery codes once the second factor is in force."""
        super().__init__()
        self._offered = offered
        self._then = then

    def top(self) -> ComposeResult:
        yield from ()

    def body(self) -> ComposeResult:
        with Horizontal(id="enrol"):
            yield QrCode(self._offered.uri, id="qr")
            with Vertical(id="words"):
                yield Static(heading(tr("Set up the second factor")), markup=False)
                yield Static(
                    tr("1. Scan this with the app on your phone. Without a camera, type the secret:"), markup=False
                )
                yield Static(_in_lines(self._offered.secret), id="secret", markup=False)
                yield Static(tr("2. Type the six digits that it shows:"), markup=False)
                yield Form(
                    [Field("code", mark("App code"), most=20)],
                    submit=mark("Put in force"),
                    enter_sends=True,
                    id="first-code",
                )

    def load(self) -> None:
        self.query_one(Form).focus()

    @on(Form.Submitted)
    def _submitted(self, event: Form.Submitted) -> None:
        code = Secret(str(event.values["code"]))
        self.work(
            lambda: second_factor.confirm(self.desk, code).view,
            self._in_force,
            on_problem=lambda error: show_refusal(self.query_one(Form), error),
            group="confirm",
        )

    def _in_force(self, codes: RecoveryCodes) -> None:
        self.query_one(Form).renew_key()
        self.dismiss()
        self._then(codes)


def _in_lines(secret: str) -> Content:
    """The secret in groups of four, as it is typed, four groups on a line."""
    groups = secret.split()
    return Content("\n").join(
        toned("  " + " ".join(groups[place : place + 4]), Tone.ACCENT, bold=True) for place in range(0, len(groups), 4)
    )


def set_up(screen: DeskScreen, enrolled: bool, then: Callable[[], object] | None = None) -> None:
    """Ask for the password, show the secret, take the first code, show the recovery codes; ``then`` all is done."""

    def begin(values: dict[str, object], _key: str) -> Enrolment:
        return second_factor.begin(
            screen.desk, Secret(str(values["password"])), Secret(str(values.get("code", "")))
        ).view

    def offered(answer: Enrolment | None) -> None:
        if answer is not None:
            screen.app.push_screen(EnrolScreen(answer, lambda codes: _on_paper(screen, codes, then)))

    another = mark("The app on the new phone takes the place of the one in use, once its first code is typed.")
    first = mark("You need an app for one-time codes on your phone. Signing in then takes the password and its code.")
    screen.app.push_screen(
        Ask(
            lambda: tr("Set up the second factor"),
            [PASSWORD, CODE] if enrolled else [PASSWORD],
            begin,
            body=partial(tr, another if enrolled else first),
            submit=mark("Go on"),
        ),
        offered,
    )


def make_new_codes(screen: DeskScreen) -> None:
    """Ten new recovery codes for the second factor."""

    def renew(values: dict[str, object], _key: str) -> RecoveryCodes:
        return second_factor.new_codes(screen.desk, *(Secret(str(values[name])) for name in ("password", "code"))).view

    screen.app.push_screen(
        Ask(
            lambda: tr("New recovery codes"),
            [PASSWORD, CODE],
            renew,
            body=lambda: tr("Those on your old paper do not count any more."),
            submit=mark("Make new ones"),
        ),
        lambda codes: _on_paper(screen, codes) if codes is not None else None,
    )


def drop(screen: DeskScreen) -> None:
    """Do without the second factor; a password that is too short to stand alone is changed in the same step."""

    def send(values: dict[str, object], _key: str) -> bool:
        second_factor.drop(
            screen.desk, *(Secret(str(values[name])) for name in ("password", "code", "new_password", "again"))
        )
        return True

    def dropped(done: bool | None) -> None:
        if done:
            screen.app.notify(tr("Signing in takes the password alone again."), markup=False)

    hint = mark("Only where the one in use is too short to stand alone.")
    fields = [
        PASSWORD,
        CODE,
        Field("new_password", mark("New password"), "secret", hint=hint, required=False),
        Field("again", mark("Once more"), "secret", required=False),
    ]
    screen.app.push_screen(
        Ask(
            lambda: tr("Do without the second factor?"),
            fields,
            send,
            body=lambda: tr("Whoever learns your password can then sign in as you. The recovery codes end too."),
            submit=mark("Drop it"),
        ),
        dropped,
    )


def _on_paper(screen: DeskScreen, made: RecoveryCodes, then: Callable[[], object] | None = None) -> None:
    def written(_: bool | None) -> None:
        if then is not None:
            then()

    screen.app.push_screen(
        CodesDialog(
            lambda: tr("Codes for the day the phone is lost: write them down now"),
            lambda: tr(
                "Without your phone, one of them stands in for its code when you sign in. Each counts once. "
                "Keep the paper apart from the phone, where nobody else finds it."
            ),
            made.codes,
        ),
        written,
    )
