"""Signing what a colleague asks for: the keys, the questions and what comes of them, for lists and opened requests."""

from __future__ import annotations

import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar, Final, Generic, Protocol, TypeVar

from textual.binding import Binding, BindingType
from textual.content import Content

from bankcard_tui.desk.results import RequestView, Result
from bankcard_tui.errors import BankError, Conflict
from bankcard_tui.locale import mark, say, tr
from bankcard_tui.screens.common.base import DeskScreen
from bankcard_tui.services.requests import Altered, refuse, sign, withdraw
from bankcard_tui.widgets.dialogs import Ask, Confirm, Words
from bankcard_tui.widgets.errands import SESSION_PROBLEMS, tell
from bankcard_tui.widgets.fields import Field
from bankcard_tui.widgets.safe import Tone, status

Then = Callable[[Content], None]
"""Gets what came of it, to be shown."""


class Waiting(Protocol):
    """A row of what waits for signatures."""

    @property
    def request(self) -> RequestView: ...

    @property
    def mine(self) -> bool: ...


W = TypeVar("W", bound=Waiting)


class Signing(ABC, Generic[W]):
    """Offers to sign, to refuse and to take back on a screen; the operations themselves decide who may."""

    sign_title: str
    """The question before signing, marked."""
    refused_hint: str
    """What happens after a refusal, marked."""

    def __init__(self, screen: DeskScreen) -> None:
        self._screen = screen

    @abstractmethod
    def can_sign(self, row: W) -> bool:
        """Whether the next signature may be this person's."""

    @abstractmethod
    def can_refuse(self, row: W) -> bool:
        """Whether this person may end the request by refusing to sign."""

    @abstractmethod
    def describe(self, row: W) -> str:
        """The request in a few lines."""

    @abstractmethod
    def refusal(self, row: W) -> tuple[Words, Words]:
        """Title and text of the question why not."""

    @abstractmethod
    def outcome(self, row: W, request: RequestView) -> Content:
        """What came of a signature, a refusal or a withdrawal, in one line."""

    def offers(self, action: str, row: W | Altered | None) -> bool:
        """Whether ``action`` (give, refuse, take_back) has anything to do for this row and person."""
        if row is None or isinstance(row, Altered):
            return False
        if action == "take_back":
            return row.mine
        return self.can_sign(row) if action == "give" else self.can_refuse(row)

    def standing(self, row: W | Altered) -> Content:
        """What this person has to do with the request, as symbol, word and colour."""
        if isinstance(row, Altered):
            return status("!", tr("altered in the store"), Tone.BAD)
        if row.mine:
            return status("~", tr("waits for others"), Tone.MUTED)
        if self.can_sign(row):
            return status(">", tr("to be signed by you"), Tone.ACCENT)
        if self._screen.shell.who.name in row.request.signers:
            return status("+", tr("signed by you"), Tone.MUTED)
        return status("-", tr("not yours to sign"), Tone.MUTED)

    def ask_to_sign(self, row: W, then: Then) -> None:
        """Confirm, then sign."""
        self._confirm(lambda: tr(self.sign_title), row, lambda: tr("Sign"), sign, then)

    def ask_to_take_back(self, row: W, then: Then) -> None:
        """Confirm, then take one's own request back."""
        self._confirm(lambda: tr("Take your request back?"), row, lambda: tr("Take back"), withdraw, then)

    def ask_to_refuse(self, row: W, then: Then) -> None:
        """Ask why, then refuse to sign."""

        def send(values: dict[str, object], key: str) -> RequestView:
            return refuse(self._screen.desk.once(key), row.request.id, str(values["note"])).view

        def answered(request: RequestView | None) -> None:
            if request is not None:
                then(self.outcome(row, request))

        fields = [Field("note", mark("Why not"), hint=self.refused_hint, most=500)]
        title, body = self.refusal(row)
        self._screen.app.push_screen(Ask(title, fields, send, body=body, submit=mark("Refuse to sign")), answered)

    def _confirm(self, title: Words, row: W, yes: Words, write: Callable[..., Result[RequestView]], then: Then) -> None:
        key = uuid.uuid4().hex

        def failed(error: BankError) -> None:
            if isinstance(error, Conflict):
                then(status("!", tr("This request does not wait any more."), Tone.WARNING))
            elif not isinstance(error, SESSION_PROBLEMS):
                tell(self._screen.app, error)

        def answered(confirmed: bool | None) -> None:
            if confirmed:
                self._screen.work(
                    lambda: write(self._screen.desk.once(key), row.request.id).view,
                    lambda request: then(self.outcome(row, request)),
                    on_problem=failed,
                    group="sign",
                )

        self._screen.app.push_screen(Confirm(title, lambda: self.describe(row), yes, destructive=False), answered)


_KEYS: Final[list[BindingType]] = [
    Binding("g", "give", mark("Give signature")),
    Binding("f", "refuse", mark("Refuse to sign")),
    Binding("t", "take_back", mark("Take back")),
]


class SigningKeys(DeskScreen, Generic[W]):
    """The keys g (give the signature), f (refuse to sign) and t (take back) for the request at hand."""

    BINDINGS: ClassVar[list[BindingType]] = _KEYS

    signing: Signing[W]

    @property
    def at_hand(self) -> W | Altered | None:
        """The request that a key is meant for."""
        raise NotImplementedError

    def said(self, said: Content) -> None:
        """Show what came of it."""
        raise NotImplementedError

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("give", "refuse", "take_back"):
            return self.signing.offers(action, self.at_hand)
        # f refuses here, and does nothing else where there is nothing to refuse.
        return False if action == "credit_file" else super().check_action(action, parameters)

    def action_give(self) -> None:
        """Sign it."""
        self._ask(self.signing.ask_to_sign)

    def action_refuse(self) -> None:
        """Refuse to sign it."""
        self._ask(self.signing.ask_to_refuse)

    def action_take_back(self) -> None:
        """Take one's own request back."""
        self._ask(self.signing.ask_to_take_back)

    def _ask(self, ask: Callable[[W, Then], None]) -> None:
        row = self.at_hand
        if row is not None and not isinstance(row, Altered):
            ask(row, self.said)


def altered_text(row: Altered) -> Content:
    """What was altered about a request, and what to do."""
    return status("!", " ".join(map(say, row.problem)), Tone.BAD)
