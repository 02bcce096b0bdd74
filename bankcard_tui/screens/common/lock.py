"""The locked terminal: the work below is covered and kept until its person gives the password."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from threading import Event
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from bankcard_tui.desk.registry import Secret
from bankcard_tui.errors import BankError, NotSignedIn
from bankcard_tui.locale import mark, tr
from bankcard_tui.services.sign_in import lock, unlock
from bankcard_tui.widgets.errands import problem_text
from bankcard_tui.widgets.fields import Field
from bankcard_tui.widgets.form import Form
from bankcard_tui.widgets.safe import Tone, heading, status, toned
from bankcard_tui.widgets.working import BankScreen

if TYPE_CHECKING:
    from bankcard_tui.app import BankApp


class LockScreen(BankScreen):
    """Covers everything. ``before`` runs in a thread before the session is locked: drafts are kept there."""

    CSS_PATH = "lock.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        # There is nowhere to go back to, and a help screen would have to wait until the lock is open.
        Binding("escape,f1,question_mark", "nothing", show=False),
    ]

    def __init__(self, before: list[Callable[[], object]]) -> None:
        super().__init__()
        self._before = before
        self._locked = Event()
        self._problem: BankError | None = None

    def body(self) -> ComposeResult:
        who = self.bank_app.who
        with Vertical(id="box"):
            yield Static(self._sign(who.name), id="sign", markup=False)
            field = Field("password", mark("Password"), "secret")
            yield Form([field], submit=mark("Unlock"), enter_sends=True, id="unlock")
            yield Static(self._sentence(), id="said", markup=False)
            yield Static(toned(tr("Ctrl+Q signs out.   Ctrl+T 中文/English"), Tone.MUTED), markup=False)

    @property
    def bank_app(self) -> BankApp:
        return cast("BankApp", self.app)

    def load(self) -> None:
        if not self._locked.is_set():
            self.work(self._lock, lambda _: None, on_problem=lambda _: None, group="lock")

    def _lock(self) -> None:
        try:
            for each in self._before:
                each()
            self._before = []
            # Even where the store can't be told, this terminal stays covered until the password is given.
            with suppress(BankError):
                lock(self.bank_app.desk)
        finally:
            self._locked.set()

    def _sign(self, name: str) -> Content:
        return Content.assemble(heading(tr("Locked")), "\n", toned(name, Tone.MUTED))

    def _sentence(self) -> Content:
        return status("!", problem_text(self._problem), Tone.BAD) if self._problem is not None else Content()

    @on(Form.Submitted)
    def _submitted(self, event: Form.Submitted) -> None:
        password = str(event.values["password"])

        def try_it() -> None:
            self._locked.wait()
            unlock(self.bank_app.desk, Secret(password))

        self._say(None)
        self.work(try_it, lambda _: self.bank_app.uncover(), on_problem=self._refused, group="unlock")

    def _refused(self, error: BankError) -> None:
        form = self.query_one(Form)
        form.busy = False
        form.fill({"password": ""})
        form.focus()
        if not isinstance(error, NotSignedIn):
            self._say(error)

    def _say(self, error: BankError | None) -> None:
        self._problem = error
        self.query_one("#said", Static).update(self._sentence())

    def action_nothing(self) -> None:
        """A key that would lead away."""
