"""What an operation gives back, and the base of everything that is shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeAlias, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from bankcard_tui.errors import Conflict, Phrase
from bankcard_tui.rules.terms import RequestStatus

R = TypeVar("R", covariant=True)


class View(BaseModel):
    """A frozen picture of something in the store, safe to hand to screens and other threads."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class RequestView(View):
    """Something that waits for signatures: ``signed`` of ``needed`` are there (the maker's is the first).

    ``problem`` says why one that was signed by all did not run.
    """

    id: UUID
    operation: str
    status: RequestStatus
    maker: str
    made_at: datetime
    expires_at: datetime
    subject_kind: str
    subject_id: UUID
    signed: int
    needed: int
    signers: tuple[str, ...] = ()
    problem: tuple[Phrase, ...] = ()


@dataclass(frozen=True, slots=True)
class Done(Generic[R]):
    """It was done; ``view`` shows the result."""

    view: R

    @property
    def pending(self) -> RequestView | None:
        return None


@dataclass(frozen=True, slots=True)
class Pending(Generic[R]):
    """It waits for another signature; ``request`` shows what waits."""

    request: RequestView

    @property
    def pending(self) -> RequestView | None:
        return self.request

    @property
    def view(self) -> R:
        raise Conflict(
            "This waits for another signature ({signed} of {needed}).",
            hint="It takes effect when the last signature is there.",
            signed=self.request.signed,
            needed=self.request.needed,
        )


Result: TypeAlias = Done[R] | Pending[R]
