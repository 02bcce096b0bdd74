"""The steps from one application to the next. They run in a thread and never leave the reviewer without a sentence."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from threading import RLock
from uuid import UUID

from textual.content import Content

from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.results import RequestView
from bankcard_tui.errors import BankError, Conflict
from bankcard_tui.locale import explain, tr
from bankcard_tui.rules.terms import CardKind, RequestStatus
from bankcard_tui.services.application_views import ApplicationRow
from bankcard_tui.services.review import ReviewFile, claim, claim_next, release
from bankcard_tui.widgets.labels import amount, badge
from bankcard_tui.widgets.safe import Tone, safe, status


@dataclass(frozen=True)
class Turn:
    """What came of one step: ``done`` is to be counted, ``said`` stands above the keys, ``next`` follows.

    ``problem`` is set when nothing could be taken after it.
    """

    done: str
    said: Content
    next: ReviewFile | None = None
    problem: BankError | None = None


@dataclass
class Steps:
    """Takes applications of one kind, or of all; ``skipped`` since the person last began at the front.

    What is held is known here, where it is taken: a step may still be under way when the person leaves, and must leave
    nothing behind that nobody looks at.
    """

    desk: Desk
    kind: CardKind | None
    skipped: bool = False
    _holding: UUID | None = field(default=None, init=False)
    _left: bool = field(default=False, init=False)
    _one: RLock = field(default_factory=RLock, init=False, repr=False)

    def take(self, application: UUID | None = None) -> ReviewFile | None:
        """Claim ``application``, or hold it longer; without it the oldest that is free, None where there is none."""
        if application is None:
            return self._take(lambda: claim_next(self.desk, self.kind).view)
        return self._take(lambda: claim(self.desk, application).view)

    def following(self, done: str, said: Content, after: UUID | None) -> Turn:
        """Take the oldest application behind ``after``; from the front again where nothing was skipped."""

        def oldest() -> ReviewFile | None:
            self._holding = None
            file = claim_next(self.desk, self.kind, after).view
            if file is None and after is not None and not self.skipped:
                file = claim_next(self.desk, self.kind).view
            return file

        try:
            return Turn(done, said, self._take(oldest))
        except BankError as problem:
            return Turn(done, said, problem=problem)

    def give_back(self) -> None:
        """Release what is held. Raises Conflict where it is not held any more."""
        with self._one:
            held, self._holding = self._holding, None
            if held is not None:
                release(self.desk, held)

    def leave(self) -> None:
        """The person goes elsewhere: release what is held, and take nothing any more."""
        with self._one:
            self._left = True
            with suppress(BankError):
                self.give_back()

    def _take(self, claiming: Callable[[], ReviewFile | None]) -> ReviewFile | None:
        with self._one:
            file = None if self._left else claiming()
            self._holding = file.application.row.id if file is not None else None
            return file

    def again(self, application: UUID) -> Turn:
        """Claim what was not held any more, to be looked at afresh; where a colleague has it, take the next."""
        try:
            file = self.take(application)
        except Conflict as problem:
            words = f"{explain(problem)} {tr('Here is the next one.')}"
            return self.following("", status("!", words, Tone.WARNING), application)
        words = tr("Something has changed here, nothing was decided. Check it and decide.")
        return Turn("", status("!", words, Tone.WARNING), file)

    def skip(self, application: UUID) -> Turn:
        try:
            self.give_back()
        except Conflict:
            return self.following("", Content(), application)
        return self.following("skipped", Content(), application)


def decided_words(row: ApplicationRow) -> Content:
    limit = f"  {amount(row.approved_limit)}" if row.approved_limit is not None else ""
    return Content.assemble(badge(row.status), "  ", safe(row.customer), f"  {row.number}{limit}")


def waiting_words(file: ReviewFile | None, request: RequestView) -> Content:
    name = file.customer.name if file is not None else ""
    words = tr("waits for a signature, {signed} of {needed}", signed=request.signed, needed=request.needed)
    return Content.assemble(badge(RequestStatus.PENDING), "  ", safe(name), "  ", words)
