"""Several transports as one."""

from __future__ import annotations

from dataclasses import dataclass

from bankcard_tui.delivery.letter import Letter, Transport
from bankcard_tui.rules.terms import Channel


@dataclass(frozen=True, slots=True)
class Several:
    """Sends each letter by the first of ``transports`` that reaches its kind of address."""

    transports: tuple[Transport, ...]

    @property
    def kinds(self) -> frozenset[Channel]:
        return frozenset().union(*(each.kinds for each in self.transports))

    def send(self, letter: Letter) -> None:
        next(each for each in self.transports if letter.kind in each.kinds).send(letter)
