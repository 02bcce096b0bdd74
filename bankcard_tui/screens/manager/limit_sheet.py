"""The limit sheet: one proposal with all that a decision rests on, side by side, and the amounts always in view."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from textual.binding import Binding, BindingType
from textual.content import Content

from bankcard_tui.locale import mark, say, say_all, tr
from bankcard_tui.rules.terms import EvaluationResult
from bankcard_tui.screens.manager.facts_text import customer_lines
from bankcard_tui.screens.manager.limit_text import (
    grades,
    large_lines,
    limit_lines,
    proposal_lines,
    signatures_words,
    special_words,
    tone_of,
)
from bankcard_tui.screens.manager.opinion_text import opinion_lines
from bankcard_tui.screens.manager.parted import Parted
from bankcard_tui.screens.manager.precedent_text import precedent_lines
from bankcard_tui.screens.manager.why import Why
from bankcard_tui.services.limit_proposals import ProposalFile
from bankcard_tui.widgets.facts import Pair, fact_lines
from bankcard_tui.widgets.labels import ago, amount, label
from bankcard_tui.widgets.lined import Lines, block, hanging
from bankcard_tui.widgets.safe import Tone, pad, safe, status, toned, truncate


class LimitSheet(Parted):
    """Shows a ProposalFile. Subclasses say what can be done with it.

    Three parts: the proposal with its reasons and what happened to the limit before, the customer, and the opinion.
    """

    PAGE = "limits"
    HELP = mark("On the left stands why and what happened to the limit before, on the right the opinion; w says why.")
    TITLES = (mark("Proposal"), mark("Customer"))
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("w", "why", mark("Why"), show=False),
        Binding("tab", "turn", mark("Proposal or customer"), show=False),
        Binding("1", "turn('applicant')", mark("Proposal"), show=False),
        Binding("2", "turn('before')", mark("Customer"), show=False),
    ]

    def __init__(self, file: ProposalFile) -> None:
        super().__init__()
        self.file = file

    def show(self, file: ProposalFile) -> None:
        """Show this file, from the top of each part."""
        self.file = file
        self.from_the_top()

    def subject(self, width: int) -> Lines:
        proposal = self.file.proposal
        waits = tr("waits {time}", time=ago(proposal.made_at, self.desk.bank.clock.now()))
        right = Content.assemble(
            toned(tr("limit"), Tone.MUTED), f" {amount(self.file.limit.total)}   ", toned(waits, Tone.MUTED)
        )
        room = max(0, width - cell_len(right.plain) - 2)
        age = tr("age {age}", age=self.file.customer.age)
        what = toned(f"  {age}  {tr('card {last4}', last4=proposal.last4)}", Tone.MUTED)
        name = safe(proposal.customer).stylize("bold")
        left = Content.assemble(truncate(name, max(0, room - cell_len(what.plain))), what)
        return [Content.assemble(pad(left, room), "  ", right)]

    def first(self, width: int) -> Lines:
        problem = [status("!", say_all(self.file.problem), Tone.WARNING)] if self.file.problem else []
        return [
            *(line for each in problem for line in hanging(each, width)),
            *proposal_lines(self.file.proposal, self.zone, width),
            Content(),
            *fact_lines(self._in_all(), width),
            Content(),
            *limit_lines(self.file.limit, self.zone, width),
        ]

    def _in_all(self) -> list[Pair]:
        """What the customer may owe here in all, of how much, and owes; what a re-evaluation would come to now."""
        file = self.file
        limits = tr("{amount} of {total}", amount=amount(file.own_limits), total=amount(file.total_limit))
        today = label(file.today)
        if file.today in (EvaluationResult.RAISE, EvaluationResult.REDUCTION):
            today = f"{today}: {amount(file.after)}"
        return [(mark("Limits here"), limits), (mark("Owed"), amount(file.owed)), (mark("Evaluated today"), today)]

    def second(self, width: int) -> Lines:
        customer = customer_lines(self.file.customer, self.zone, width)
        return [*customer, Content(), *precedent_lines(self.file.advice, width)]

    def opinion(self, width: int) -> Lines:
        return opinion_lines(self.file, width, self.part_rows)

    def large(self, width: int) -> Lines:
        proposal = self.file.proposal
        return block(*large_lines(proposal), tone_of(proposal.kind), width)

    def beside(self, width: int) -> Lines:
        proposal = self.file.proposal
        signers = toned(signatures_words(proposal.signatures), Tone.MUTED)
        second = special_words(proposal) or grades(proposal)
        return [truncate(bounds(self.file), width), truncate(Content.assemble(second, "   ", signers), width)]

    def action_why(self) -> None:
        """All reasons of the opinion."""
        self.app.push_screen(Why(self.file.advice))


def bounds(file: ProposalFile) -> Content:
    """What can be granted here."""
    if file.problem:
        return status("!", say(file.problem[0]), Tone.WARNING)
    between = amount(file.lowest) if file.lowest == file.highest else f"{amount(file.lowest)} - {amount(file.highest)}"
    return Content.assemble(toned(tr("can be granted"), Tone.MUTED), f"  {between}")
