"""The proposals that somebody has looked through and wants to sign in one go, and what they come to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from bankcard_tui.locale import tr
from bankcard_tui.rules.money import ZERO, Money
from bankcard_tui.rules.terms import LimitChangeKind
from bankcard_tui.screens.manager.limit_text import change
from bankcard_tui.services.limit_views import ProposalView
from bankcard_tui.widgets.labels import amount

MOST: Final = 500
"""How many proposals are signed at once."""


class Selection:
    """The chosen proposals by their ids, as they were when they were looked at."""

    def __init__(self, proposals: Iterable[ProposalView] = ()) -> None:
        self._chosen: dict[str, ProposalView] = {}
        self.add(proposals)

    def __len__(self) -> int:
        return len(self._chosen)

    def __contains__(self, key: str) -> bool:
        return key in self._chosen

    @property
    def proposals(self) -> tuple[ProposalView, ...]:
        """All that are chosen, in the order of choosing."""
        return tuple(self._chosen.values())

    def add(self, proposals: Iterable[ProposalView]) -> None:
        """Choose those of ``proposals`` that can be signed, as many as one batch takes: of each account one."""
        accounts = {each.account for each in self._chosen.values()}
        for each in proposals:
            if can_be_chosen(each) and len(self._chosen) < MOST and each.account not in accounts:
                self._chosen[each.id.hex] = each
                accounts.add(each.account)

    def toggle(self, proposal: ProposalView) -> None:
        """Choose one, or no longer."""
        if self._chosen.pop(proposal.id.hex, None) is None:
            self.add([proposal])

    def clear(self) -> None:
        self._chosen.clear()

    @property
    def raised(self) -> Money:
        """By how much limits would rise in all, special limits included."""
        return _sum(change(each) for each in self._chosen.values() if each.kind is not LimitChangeKind.REDUCTION)

    @property
    def reduced(self) -> Money:
        """By how much limits would fall in all."""
        return -_sum(change(each) for each in self._chosen.values() if each.kind is LimitChangeKind.REDUCTION)

    @property
    def signed_by_one(self) -> tuple[ProposalView, ...]:
        """Those for which one signature is enough."""
        return tuple(each for each in self._chosen.values() if each.signatures == 1)


def can_be_chosen(proposal: ProposalView) -> bool:
    """Whether it can be signed at all: it is not about oneself, and waits for nobody else."""
    return not proposal.mine and proposal.waiting is None


def batch_words(proposals: Sequence[ProposalView]) -> str:
    """What signing these comes to, in a few lines: how many, how much, the largest, and who else signs."""
    batch = Selection(proposals)
    up = [each for each in proposals if each.kind is not LimitChangeKind.REDUCTION]
    down = [each for each in proposals if each.kind is LimitChangeKind.REDUCTION]
    lines = []
    if up:
        lines.append(
            tr("{count:limit rises|limits rise}, by {amount} yuan in all", count=len(up), amount=amount(batch.raised))
        )
        largest = max(up, key=lambda each: change(each).fen)
        lines.append(tr("the largest: {name}, +{amount}", name=largest.customer, amount=amount(change(largest))))
    if down:
        lines.append(
            tr(
                "{count:limit falls|limits fall}, by {amount} yuan in all",
                count=len(down),
                amount=amount(batch.reduced),
            )
        )
    more = sum(each.signatures > 1 for each in proposals)
    if more:
        lines.append(
            tr(
                "{count} of them need another signature: all wait together until the last one is there.",
                count=more,
            )
        )
    return "\n".join(lines)


def _sum(amounts: Iterable[Money]) -> Money:
    return sum(amounts, ZERO)
