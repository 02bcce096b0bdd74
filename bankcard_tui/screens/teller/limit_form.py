"""Proposing another limit for a card: for a time, for a purpose, or for good."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date
from functools import partial
from typing import Any, Final, cast
from uuid import UUID

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.results import Result
from bankcard_tui.errors import InvalidInput
from bankcard_tui.locale import mark, tr
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.special_limits import monthly_payment
from bankcard_tui.rules.terms import LimitChangeKind, PlanPurpose
from bankcard_tui.screens.teller.form_screen import Errand, FormScreen, Values
from bankcard_tui.screens.teller.working import TellerScreen
from bankcard_tui.services.limit_asking import bounds_of, limit_of_customer, propose
from bankcard_tui.services.limit_views import LimitBounds, LimitView, PlanBounds, ProposalView
from bankcard_tui.widgets.dialogs import Choose, Option
from bankcard_tui.widgets.entries import OPTION_KEYS
from bankcard_tui.widgets.fields import Field
from bankcard_tui.widgets.form import Form
from bankcard_tui.widgets.labels import amount, day, english, label
from bankcard_tui.widgets.safe import Tone, safe, status, toned

KINDS: Final = (
    LimitChangeKind.TEMPORARY,
    LimitChangeKind.PLAN,
    LimitChangeKind.RAISE,
    LimitChangeKind.REDUCTION,
)
_ASKED: Final[dict[LimitChangeKind, Collection[str]]] = {
    LimitChangeKind.TEMPORARY: ("until",),
    LimitChangeKind.PLAN: ("purpose", "months"),
}
_ONLY_SOME: Final = ("until", "purpose", "months")
_NOTE_LENGTH: Final = 500


class LimitForm(FormScreen):
    """What is proposed, as the customer tells it; below it what can be granted, and what a plan takes a month."""

    HELP = mark(
        "Propose a temporary increase, a personal plan or another limit for this card. Below the form stands what can "
        "be granted; what a plan takes a month is worked out while you type.\n"
        "What you propose is decided by a colleague. Enter goes on, a number picks an option, Ctrl+S sends."
    )
    DEFAULT_CSS = """
    LimitForm .bounds { height: auto; min-height: 2; padding: 0 1; background: $surface; }
    """

    def __init__(self, limit: LimitView, bounds: LimitBounds, then: Callable[[ProposalView], object]) -> None:
        super().__init__(
            Errand(
                title=mark("Another limit for {name}"),
                whose=limit.customer,
                fields=_fields,
                submit=mark("Propose"),
                draft=f"limit.form.{limit.account}",
                send=lambda desk, values: _send(desk, limit, values),
                then=lambda result: then(cast("Result[ProposalView]", result).view),
            )
        )
        self._bounds = bounds

    def body(self) -> ComposeResult:
        yield from super().body()
        yield Static("", classes="bounds", markup=False)

    def load(self) -> None:
        self._show_bounds()

    def take_up(self, form: Form, draft: Mapping[str, Any]) -> None:
        # What is asked follows from what is to change, so that this comes first.
        form.fill({"kind": draft.get("kind", "")})
        self._show_bounds()
        super().take_up(form, draft)
        self._show_bounds()

    @on(Form.Changed)
    def _show_bounds(self) -> None:
        """Ask for what this kind needs, and say what can be granted."""
        kind = _kind(self.form)
        self.form.leave_out(set(_ONLY_SOME) - set(_ASKED.get(kind, ()) if kind else ()))
        self.query_one(".bounds", Static).update(self._bounds_words(kind))

    def _bounds_words(self, kind: LimitChangeKind | None) -> Content:
        now = tr("The limit is {amount} yuan.", amount=amount(self._bounds.limit))
        if kind is None:
            return toned(f"{now} {tr('Choose what is to change.')}", Tone.MUTED)
        if kind is LimitChangeKind.PLAN:
            return Content("\n").join([safe(now), self._plan_words()])
        pairs = {
            LimitChangeKind.RAISE: self._bounds.raised,
            LimitChangeKind.REDUCTION: self._bounds.reduced,
            LimitChangeKind.TEMPORARY: self._bounds.temporary,
        }
        words = _between(*pairs[kind])
        if kind is LimitChangeKind.TEMPORARY:
            last = tr("at the latest up to {day}", day=day(self._bounds.temporary_until))
            words = Content.assemble(words, f", {last}")
        return Content("\n").join([safe(now), words])

    def _plan_words(self) -> Content:
        """What a plan for the purpose can be, and what it takes a month as far as it is typed."""
        raw = self.form.raw("purpose")
        terms = next((each for each in self._bounds.plans if each.purpose == raw), None)
        if terms is None:
            return toned(tr("Choose what it is for."), Tone.MUTED)
        if terms.monthly is None:
            words = tr("Income or debts are not known: no plan can be granted.")
            return status("!", words, Tone.WARNING)
        words = tr(
            "up to {highest} yuan within {months:month|months}, at most {monthly} a month",
            highest=amount(terms.highest),
            months=terms.longest_months,
            monthly=amount(terms.monthly),
        )
        return Content.assemble(safe(words), "   ", self._monthly(terms))

    def _monthly(self, terms: PlanBounds) -> Content:
        months = str(self.form.raw("months")).strip()
        try:
            asked = Money.parse(str(self.form.raw("amount")))
        except InvalidInput:
            return Content()
        if not months.isdecimal() or not 0 < int(months) <= 1_000:
            return Content()
        monthly = monthly_payment(asked, int(months))
        words = tr("repays {amount} a month", amount=amount(monthly))
        fits = terms.monthly is not None and monthly <= terms.monthly
        return status("+" if fits else "!", words, Tone.GOOD if fits else Tone.WARNING).stylize("bold")


def _fields() -> list[Field]:
    return [
        Field("kind", mark("What is to change"), "choice", options=[(each.value, english(each)) for each in KINDS]),
        Field("purpose", mark("What for"), "choice", options=PlanPurpose),
        Field("amount", mark("Amount, yuan"), "amount", hint=mark("The new limit, or what is added to it.")),
        Field("months", mark("Months"), "number"),
        Field("until", mark("Last day"), "date"),
        Field("note", mark("Reason"), most=_NOTE_LENGTH, hint=mark("Whoever decides reads this.")),
    ]


def _kind(form: Form) -> LimitChangeKind | None:
    raw = str(form.raw("kind"))
    return LimitChangeKind(raw) if raw else None


def _send(desk: Desk, limit: LimitView, values: Values) -> Result[ProposalView]:
    kind = LimitChangeKind(str(values["kind"]))
    until = values.get("until")
    return propose(
        desk,
        limit.account,
        kind,
        cast(Money, values["amount"]),
        date.fromisoformat(str(until)) if until else None,
        cast("int | None", values.get("months")),
        cast("PlanPurpose | None", values.get("purpose")),
        str(values["note"]),
    )


def _between(lowest: Money, highest: Money) -> Content:
    if lowest > highest:
        return status("!", tr("Nothing can be granted now."), Tone.WARNING)
    return safe(tr("{lowest} to {highest} yuan can be granted", lowest=amount(lowest), highest=amount(highest)))


def propose_limit(screen: TellerScreen, customer: UUID) -> None:
    """Propose another limit for a customer's account; where there are several, ask which."""

    def choose(limits: tuple[LimitView, ...]) -> None:
        found = {limit.account.hex: limit for limit in limits}
        if len(found) > 1:
            options = [Option(key, partial(_account_line, limit)) for key, limit in found.items()]
            title = partial(tr, mark("Which card?"))
            screen.app.push_screen(Choose(title, options[: len(OPTION_KEYS)]), lambda key: ask(found.get(key or "")))
        elif limits:
            ask(limits[0])
        else:
            screen.say(tr("There is no card yet."))

    def ask(limit: LimitView | None) -> None:
        if limit is not None:
            screen.work(lambda: bounds_of(screen.desk, limit.account), partial(show, limit), group="limit")

    def show(limit: LimitView, bounds: LimitBounds) -> None:
        screen.app.push_screen(LimitForm(limit, bounds, lambda made: screen.say(proposed_words(made).plain)))

    screen.work(lambda: limit_of_customer(screen.desk, customer), choose, group="limit")


def _account_line(limit: LimitView) -> str:
    return f"**** {limit.last4}  {amount(limit.limit)}"


def proposed_words(proposal: ProposalView) -> Content:
    """What was proposed, in one line."""
    words = tr("{kind}: {amount} yuan. A colleague decides.", kind=label(proposal.kind), amount=amount(proposal.amount))
    return status("+", words, Tone.GOOD)
