"""What is sent to a person, what sends it, and why it did not go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from bankcard_tui.rules.terms import Channel


@dataclass(frozen=True, slots=True)
class Letter:
    """One message to one address. ``id`` stays the same however often it is sent, so that a second copy is known."""

    id: UUID
    kind: Channel
    address: str
    subject: str
    body: str
    sent_at: datetime


class Undelivered(Exception):
    """A letter did not go. ``code`` says why, as ``smtp.timeout``, and never holds what was in it.

    ``final``: another try would end alike. ``unreachable``: the transport itself is down: nothing else of this kind
    goes now. ``in_doubt``: the letter was handed over and nobody said what became of it, so that it may have arrived.
    """

    def __init__(self, code: str, *, final: bool = False, unreachable: bool = False, in_doubt: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.final = final
        self.unreachable = unreachable
        self.in_doubt = in_doubt


class Transport(Protocol):
    """A way for letters to people."""

    @property
    def kinds(self) -> frozenset[Channel]:
        """What kinds of addresses it reaches."""
        ...

    def send(self, letter: Letter) -> None:
        """Send ``letter``; whoever returns has delivered it. Raises Undelivered."""
        ...


def plain(letter: Letter) -> str:
    """A letter as text for a file or a terminal."""
    return f"To: {letter.address}\nSubject: {letter.subject}\nMessage-ID: {letter.id}\n\n{letter.body}\n"
