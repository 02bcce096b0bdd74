"""The way from one proposal to the next. It runs in a thread and asks for a page at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import asdict
from uuid import UUID

from bankcard_tui.desk.desk import Desk
from bankcard_tui.errors import Conflict, NotFound, Refused
from bankcard_tui.rules.terms import ProposalState
from bankcard_tui.screens.manager.limit_filters import Filters
from bankcard_tui.screens.manager.limit_selection import can_be_chosen
from bankcard_tui.services.limit_proposals import ProposalFile, open_proposal, proposals


class Round:
    """Open proposals one after the other: first ``ids``, then those behind ``cursor``; each is offered once."""

    def __init__(self, desk: Desk, filters: Filters, ids: Iterable[UUID] = (), cursor: str | None = None) -> None:
        self._desk = desk
        self._filters = filters
        self._ids = deque(ids)
        self._cursor = cursor

    @classmethod
    def of_all(cls, desk: Desk, filters: Filters) -> Round:
        """All that ``filters`` let through, from the first."""
        page = proposals(desk, **asdict(filters))
        return cls(desk, filters, [each.id for each in page.items], page.next)

    def take(self, proposal: UUID) -> ProposalFile:
        """Open this one, whatever its turn."""
        if proposal in self._ids:
            self._ids.remove(proposal)
        return open_proposal(self._desk, proposal)

    def next(self) -> ProposalFile | None:
        """Open the next that one may decide on; None where none is left."""
        while self._ids or self._more():
            try:
                file = open_proposal(self._desk, self._ids.popleft())
            except (Conflict, NotFound, Refused):
                continue  # a colleague was there first, or it is about oneself
            if file.proposal.state is ProposalState.OPEN and can_be_chosen(file.proposal):
                return file
        return None

    def _more(self) -> bool:
        if self._cursor is None:
            return False
        page = proposals(self._desk, **asdict(self._filters), cursor=self._cursor)
        self._ids.extend(each.id for each in page.items)
        self._cursor = page.next
        return bool(page.items)
