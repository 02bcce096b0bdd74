"""The limit desk: one proposal after the other, decided by single keys."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, cast

from textual.binding import Binding, BindingType
from textual.content import Content

from bankcard_tui.desk.results import Result
from bankcard_tui.errors import BankError, Conflict
from bankcard_tui.locale import explain, mark, say, tr
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import LimitChangeKind, ProposalOrigin, ProposalState
from bankcard_tui.screens.manager.deciding import DecisionAsk
from bankcard_tui.screens.manager.limit_round import Round
from bankcard_tui.screens.manager.limit_selection import can_be_chosen
from bankcard_tui.screens.manager.limit_sheet import LimitSheet, bounds
from bankcard_tui.screens.manager.limit_text import kind_badge, large_lines
from bankcard_tui.screens.teller.customer_file import CustomerFileScreen
from bankcard_tui.screens.teller.limit_form import LimitForm, proposed_words
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services import limit_proposals
from bankcard_tui.services.limit_asking import bounds_of, take_back
from bankcard_tui.services.limit_proposals import ProposalFile
from bankcard_tui.services.limit_views import ProposalView
from bankcard_tui.widgets.dialogs import Confirm, Message, Words
from bankcard_tui.widgets.errands import SESSION_PROBLEMS, tell
from bankcard_tui.widgets.fields import Field
from bankcard_tui.widgets.labels import amount, badge
from bankcard_tui.widgets.safe import Tone, safe, status, toned

Values = dict[str, object]
_NOTE_LENGTH = 500


@dataclass(frozen=True)
class Turn:
    """What came of a decision, and the proposal that follows; None where none is left."""

    said: Content
    next: ProposalFile | None


class LimitDesk(LimitSheet):
    """Decides on proposals until none is left."""

    HELP = mark(
        "Decide on one proposal after the other. On the left stands why and what happened to the limit before, on the "
        "right the opinion as it is today; below them the amounts.\n"
        "a signs it: what can be granted is said, and the amount can be changed where the rules leave room. r refuses "
        "it; a customer who asked is told the answer. n goes on without a decision, o makes a temporary increase or a "
        "plan for this card, t takes your own proposal back, c opens the customer's file."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "approve", mark("Approve")),
        Binding("r", "refuse", mark("Refuse")),
        Binding("n", "next", mark("Next")),
        Binding("w", "why", mark("Why")),
        Binding("o", "propose", mark("Other limit")),
        Binding("t", "take_back", mark("Take back")),
        Binding("c", "customer", mark("Customer's file"), show=False),
    ]

    def __init__(self, file: ProposalFile, way: Round, then: Callable[[Content], object]) -> None:
        """``then`` gets what was said last, when the way has come to its end."""
        super().__init__(file)
        self._way = way
        self._then = then
        self._busy = False

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("approve", "refuse"):
            return self._can_decide
        if action == "take_back":
            return self._is_ones_own
        if action == "propose":
            return self.may(Permission.DECIDE_LIMITS)
        if action == "customer":
            return self.may(Permission.SEE_CUSTOMERS)
        return super().check_action(action, parameters)

    @property
    def _can_decide(self) -> bool:
        proposal = self.file.proposal
        is_open = proposal.state is ProposalState.OPEN and can_be_chosen(proposal)
        return is_open and self.may(Permission.DECIDE_LIMITS)

    @property
    def _is_ones_own(self) -> bool:
        """Whether one has proposed it and nobody has decided yet."""
        proposal = self.file.proposal
        by_oneself = proposal.origin is ProposalOrigin.MANAGER and proposal.made_by == self.shell.who.name
        return by_oneself and proposal.mine and proposal.state is ProposalState.OPEN

    # Decisions

    def action_approve(self) -> None:
        """Ask for the amount, then sign; what stands against it is told instead."""
        file = self.file
        if file.problem:
            why = "\n".join(map(say, file.problem))
            self.app.push_screen(Message(lambda: tr("This can't be approved"), why))
            return
        proposal = file.proposal

        def decide(values: Values, key: str) -> Result[ProposalView]:
            desk, given, note = self.desk.once(key), cast(Money, values["amount"]), str(values["note"])
            return limit_proposals.sign(desk, proposal.id, proposal.version, given, note)

        fields = [Field("amount", mark("Amount, yuan"), "amount", value=proposal.amount), _note()]
        title = partial(tr, mark("Approve: {name}"), name=proposal.customer)
        self._ask("approve", title, partial(_approve_words, file), fields, decide, mark("Approve"))

    def action_refuse(self) -> None:
        """Ask for the answer, then refuse."""
        proposal = self.file.proposal
        asked = proposal.origin is ProposalOrigin.CUSTOMER

        def decide(values: Values, key: str) -> Result[ProposalView]:
            answer, note = str(values.get("answer") or ""), str(values["note"])
            return limit_proposals.refuse(self.desk.once(key), proposal.id, proposal.version, answer, note)

        hint = mark("The customer reads this.")
        answer = [Field("answer", mark("Answer"), hint=hint, most=_NOTE_LENGTH)] if asked else []
        title = partial(tr, mark("Refuse: {name}"), name=proposal.customer)
        self._ask("refuse", title, partial(_words, proposal), [*answer, _note()], decide, mark("Refuse"))

    def _ask(
        self,
        what: str,
        title: Words,
        body: Words,
        fields: Sequence[Field],
        decide: Callable[[Values, str], Result[ProposalView]],
        submit: str,
    ) -> None:
        """Ask, decide, and go on to the next proposal, in one go."""
        proposal = self.file.proposal

        def send(values: Values, key: str) -> Turn:
            try:
                result = decide(values, key)
            except Conflict as problem:
                return self._changed(problem)
            return Turn(_said(proposal, result), self._way.next())

        draft = f"limit.{what}.{proposal.id}"
        asked = DecisionAsk(self.desk, draft, title, fields, send, body=body, submit=submit)
        self.app.push_screen(asked, self._go_on)

    def _changed(self, problem: Conflict) -> Turn:
        """It is not as it was when it was opened: look at it afresh, or at the next."""
        said = status("!", explain(problem), Tone.WARNING)
        fresh = self._way.take(self.file.proposal.id)
        return Turn(said, fresh if fresh.proposal.state is ProposalState.OPEN else self._way.next())

    # Going on

    def action_next(self) -> None:
        """The next proposal, without a decision on this one."""
        if not self._busy:
            self._busy = True
            self.work(self._way.next, lambda file: self._go_on(Turn(Content(), file)), on_problem=self._failed)

    def _go_on(self, turn: Turn | None) -> None:
        self._busy = False
        if turn is None:
            return
        if turn.next is None:
            self.dismiss()
            self._then(turn.said or toned(tr("That was the last one."), Tone.MUTED))
            return
        self.show(turn.next)
        self.say(turn.said)

    def _failed(self, error: BankError) -> None:
        self._busy = False
        if not isinstance(error, SESSION_PROBLEMS):
            tell(self.app, error)

    # Other ways

    def action_propose(self) -> None:
        """Another change of this limit: for a time, for a purpose, for good."""
        limit = self.file.limit
        self.work(
            lambda: bounds_of(self.desk, limit.account),
            lambda bounds: self.app.push_screen(LimitForm(limit, bounds, self._proposed)),
            group="form",
        )

    def _proposed(self, proposal: ProposalView) -> None:
        self.say(proposed_words(proposal))
        self.work(lambda: self._way.take(self.file.proposal.id), self._fresh, group="fresh")

    def _fresh(self, file: ProposalFile) -> None:
        self.file = file
        self.renew()

    def action_take_back(self) -> None:
        """Take one's own proposal back."""
        proposal, key = self.file.proposal, uuid.uuid4().hex

        def take() -> Turn:
            result = take_back(self.desk.once(key), proposal.id)
            return Turn(_said(proposal, result), self._way.next())

        def answered(yes: bool | None) -> None:
            if yes:
                self.work(take, self._go_on, on_problem=self._failed)

        title, label = partial(tr, mark("Take your proposal back?")), partial(tr, mark("Take back"))
        self.app.push_screen(Confirm(title, partial(_words, proposal), label, destructive=False), answered)

    def action_customer(self) -> None:
        """The customer's file."""
        self.app.push_screen(CustomerFileScreen(self.file.customer.id))


def _note() -> Field:
    return Field("note", mark("Staff note"), required=False, hint=mark("Only staff read this."), most=_NOTE_LENGTH)


def _words(proposal: ProposalView) -> str:
    return "  ".join(large_lines(proposal))


def _approve_words(file: ProposalFile) -> str:
    """What is proposed, and the bounds of the amount and of the signatures."""
    lines = [_words(file.proposal), bounds(file).plain]
    if file.proposal.kind is not LimitChangeKind.REDUCTION:
        one, two = file.signature_bounds
        lines.append(tr("Two signatures above {one}, three above {two}.", one=amount(one), two=amount(two)))
    return "\n".join(lines)


def _said(proposal: ProposalView, result: Result[ProposalView]) -> Content:
    """What came of a decision, in one line."""
    name = Content.assemble(safe(proposal.customer), "  ", kind_badge(proposal.kind), "  ")
    if result.pending is not None:
        signed, needed = result.pending.signed, result.pending.needed
        words = tr("waits for a signature, {signed} of {needed}", signed=signed, needed=needed)
        return Content.assemble(name, status("~", words, Tone.ACCENT))
    return Content.assemble(name, badge(result.view.state))
