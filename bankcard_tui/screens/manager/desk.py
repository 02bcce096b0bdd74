"""The review desk: one application after the other, decided by single keys."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import ClassVar, Final, cast
from uuid import UUID

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Center, Middle
from textual.content import Content

from bankcard_tui.desk.results import Result
from bankcard_tui.errors import BankError, Conflict
from bankcard_tui.locale import mark, tr
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import RefusalReason
from bankcard_tui.screens.common.drafts import Work
from bankcard_tui.screens.manager.deciding import DecisionAsk
from bankcard_tui.screens.manager.decisions import (
    Tally,
    approve_fields,
    approve_words,
    refuse_fields,
    send_back_fields,
)
from bankcard_tui.screens.manager.opinion_text import rule_sentence
from bankcard_tui.screens.manager.sheet import Sheet
from bankcard_tui.screens.manager.steps import Steps, Turn, decided_words, waiting_words
from bankcard_tui.services.application_views import ApplicationRow
from bankcard_tui.services.customers import check_income
from bankcard_tui.services.review import ReviewFile, approve, refuse, send_back
from bankcard_tui.widgets.dialogs import Confirm, Message, Words
from bankcard_tui.widgets.errands import SESSION_PROBLEMS, tell
from bankcard_tui.widgets.fields import Field
from bankcard_tui.widgets.labels import amount, label
from bankcard_tui.widgets.lined import Lined, Lines
from bankcard_tui.widgets.safe import Tone, heading, safe, status, toned

HOLD_AFTER: Final = timedelta(minutes=3)
"""While the person is active, a claim is renewed once it is this old: far less than the time it lasts."""

Values = dict[str, object]
Decide = Callable[[Values, str], Result[ApplicationRow]]


class ReviewDesk(Sheet):
    """Decides on claimed applications until nothing waits; ``file`` is None where nothing did from the start."""

    PAGE = "home"
    HELP = mark(
        "Decide on one application after the other. On the left stands the applicant, on the right the opinion; below "
        "them what is proposed.\n"
        "After each decision the next application is there at once. The application is yours while you work on it; "
        "Esc gives it back and returns to the queue, and so does going to another page. Half a decision is kept."
    )
    DEFAULT_CSS = """
    ReviewDesk .end { display: none; height: 1fr; }
    ReviewDesk .end Lined { width: 60; }
    ReviewDesk.ended .end { display: block; }
    ReviewDesk.ended .parts, ReviewDesk.ended .strip, ReviewDesk.ended .subject { display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "approve", mark("Approve")),
        Binding("r", "refuse", mark("Refuse")),
        Binding("b", "send_back", mark("Back for papers")),
        Binding("s", "skip", mark("Skip")),
        Binding("w", "why", mark("Why")),
        Binding("i", "check_income", mark("Income checked"), show=False),
        Binding("g", "go", mark("Go on")),
    ]

    def __init__(self, file: ReviewFile | None, tally: Tally, steps: Steps) -> None:
        super().__init__(file)
        self._tally = tally
        self._steps = steps
        self._held_at: datetime | None = None
        self._busy = False
        self._problem: BankError | None = None

    def body(self) -> ComposeResult:
        yield from super().body()
        with Middle(classes="end"), Center():
            yield Lined(self._end)

    def load(self) -> None:
        super().load()
        self.show(self.file)

    def show(self, file: ReviewFile | None) -> None:
        super().show(file)
        self._held_at = self.desk.bank.clock.now() if file else None
        self.set_class(file is None, "ended")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("approve", "refuse", "send_back", "skip", "check_income"):
            return self.file is not None
        if action == "go":
            return self.file is None
        return super().check_action(action, parameters)

    def leaving(self) -> list[Work]:
        return [self._steps.leave]

    # Decisions

    def action_approve(self) -> None:
        """Ask for the limit; what blocks is told instead."""
        if self.file is None or self._busy:
            return
        blocking = [rule_sentence(rule) for rule in self.file.advice.opinion.broken if rule.blocking]
        if blocking:
            hint = tr("Send it back for papers (b) or refuse it (r).")
            self.app.push_screen(Message(lambda: tr("This can't be approved"), "\n".join([*blocking, "", hint])))
            return
        application, card = self.file.application.row.id, self.file.advice.opinion.card_hash

        def decide(values: Values, key: str) -> Result[ApplicationRow]:
            limit = cast(Money, values["limit"])
            return approve(self.desk.once(key), application, limit, _text(values, "note"), _against(values), card)

        title = partial(tr, mark("Approve: {name}"), name=self.file.customer.name)
        self._ask(
            "approved", title, approve_fields(self.file), decide, mark("Approve"), partial(approve_words, self.file)
        )

    def action_refuse(self) -> None:
        """Ask for the reasons."""
        if self.file is None or self._busy:
            return
        application, card = self.file.application.row.id, self.file.advice.opinion.card_hash

        def decide(values: Values, key: str) -> Result[ApplicationRow]:
            reasons = cast("tuple[RefusalReason, ...]", values["reasons"])
            message, note = _text(values, "message"), _text(values, "note")
            return refuse(self.desk.once(key), application, reasons, message, note, _against(values), card)

        title = partial(tr, mark("Refuse: {name}"), name=self.file.customer.name)
        self._ask("refused", title, refuse_fields(self.file), decide, mark("Refuse"))

    def action_send_back(self) -> None:
        """Ask what is missing."""
        if self.file is None or self._busy:
            return
        application = self.file.application.row.id

        def decide(values: Values, key: str) -> Result[ApplicationRow]:
            return send_back(self.desk.once(key), application, _text(values, "message"), _text(values, "note"))

        title = partial(tr, mark("Back for papers: {name}"), name=self.file.customer.name)
        self._ask("returned", title, send_back_fields(self.file), decide, mark("Send back"))

    def _ask(
        self, done: str, title: Words, fields: Sequence[Field], decide: Decide, submit: str, body: Words = ""
    ) -> None:
        """Ask, decide, and take the next application, in one go."""
        if self.file is None:
            return
        application = self.file.application.row.id

        def send(values: Values, key: str) -> Turn:
            try:
                result = decide(values, key)
            except Conflict:
                return self._steps.again(application)
            if result.pending is not None:
                return self._steps.following("waiting", waiting_words(self.file, result.pending), application)
            return self._steps.following(done, decided_words(result.view), application)

        draft = f"review.{done}.{application}"
        asked = DecisionAsk(self.desk, draft, title, fields, send, body=body, submit=submit)
        self.app.push_screen(asked, self._finish)

    # Going on

    def _go_on(self, step: Callable[[], Turn]) -> None:
        """Run one step, one at a time."""
        if not self._busy:
            self._busy = True
            self.work(step, self._finish, on_problem=self._failed)

    def _finish(self, turn: Turn | None) -> None:
        self._busy = False
        if turn is None:
            return
        if turn.done:
            self._tally.add(turn.done)
        self._problem = turn.problem
        if turn.problem is not None:
            tell(self.app, turn.problem)
        self.show(turn.next)
        self.say(turn.said)

    def _failed(self, error: BankError) -> None:
        self._busy = False
        if not isinstance(error, SESSION_PROBLEMS):
            tell(self.app, error)

    def action_skip(self) -> None:
        """Give this one back and take the next behind it."""
        if self.file is not None:
            application, self._steps.skipped = self.file.application.row.id, True
            self._go_on(lambda: self._steps.skip(application))

    def action_go(self) -> None:
        """From the end: begin with the oldest again."""
        self._steps.skipped = False
        self._go_on(lambda: self._steps.following("", Content(), None))

    def action_back(self) -> None:
        """Esc: give the application back and return to the queue."""
        if self._busy:
            return
        if self.file is None:
            self.dismiss()
            return
        self._busy = True
        self.work(self._steps.give_back, lambda _: self.dismiss(), on_problem=self._left)

    def _left(self, error: BankError) -> None:
        self._failed(error)
        if isinstance(error, Conflict):
            self.dismiss()

    # The income check

    def action_check_income(self) -> None:
        """Record that one has checked where the income comes from."""
        if self.file is None or self._busy:
            return
        customer, application, key = self.file.customer, self.file.application.row.id, uuid.uuid4().hex
        income = customer.circumstances.monthly_income
        if customer.income_checked_at is not None or income is None:
            words = tr("The income is not known.") if income is None else tr("The income is checked already.")
            self.say(toned(words, Tone.MUTED))
            return
        source = customer.circumstances.income_source
        body = tr("{amount} yuan a month", amount=amount(income)) + (f": {label(source)}" if source else "")

        def check() -> Turn:
            try:
                check_income(self.desk.once(key), customer.id, customer.version)
            except Conflict:
                return self._steps.again(application)
            said = status("+", tr("Your check of the income is recorded."), Tone.GOOD)
            return Turn("", said, self._steps.take(application))

        def answered(yes: bool | None) -> None:
            if yes:
                self._go_on(check)

        question = partial(tr, mark("Have you checked the source of the income?"))
        self.app.push_screen(Confirm(question, body, lambda: tr("Record the check"), destructive=False), answered)

    # Holding the claim

    def on_key(self) -> None:
        now = self.desk.bank.clock.now()
        if self.file is None or self._busy or self._held_at is None or now - self._held_at < HOLD_AFTER:
            return
        application, self._held_at = self.file.application.row.id, now

        def held(file: ReviewFile | None) -> None:
            if self._shows(application) and file is not None:
                self.file = file
                self.renew()

        def lost(error: BankError) -> None:
            if self._shows(application) and isinstance(error, Conflict):
                self._go_on(lambda: self._steps.again(application))

        self.work(lambda: self._steps.take(application), held, on_problem=lost, group="hold")

    def _shows(self, application: UUID) -> bool:
        """Whether this application is still in front, with nothing asked about it: what is asked finds out itself."""
        here = self.file is not None and self.file.application.row.id == application
        return here and not self._busy and self.app.screen is self

    def _end(self, width: int) -> Lines:
        """What stands here when no application does."""
        if self._problem is not None:
            first = tr("The next application could not be taken.")
        elif self._steps.skipped:
            first = tr("This is the end of the queue. What you skipped waits again.")
        else:
            first = tr("Nothing waits. The queue is done.")
        counts = self._tally.words()
        return [
            *heading(first).wrap(width),
            Content(),
            *([toned(tr("In this sitting"), Tone.MUTED)] if counts else []),
            *(safe(f"  {each}") for each in counts),
            Content(),
            toned(tr("g looks from the front again, Esc goes back to the queue."), Tone.MUTED),
        ]


def _text(values: Values, name: str) -> str:
    return str(values.get(name) or "")


def _against(values: Values) -> str:
    return _text(values, "against_reason")
