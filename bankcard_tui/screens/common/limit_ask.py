"""Asking for another limit: by the customer alone, and at the counter for one who stands there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date
from typing import Any, Final, cast

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from bankcard_tui.errors import BankError, InvalidInput
from bankcard_tui.locale import mark, tr
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.special_limits import monthly_payment
from bankcard_tui.rules.terms import LimitChangeKind, PlanPurpose
from bankcard_tui.screens.common.base import DeskScreen
from bankcard_tui.services.limit_asking import ASKABLE, ask, bounds_of
from bankcard_tui.services.limit_views import LimitBounds, LimitView, PlanBounds
from bankcard_tui.widgets.errands import tell
from bankcard_tui.widgets.fields import Field, read
from bankcard_tui.widgets.form import Form
from bankcard_tui.widgets.labels import amount, day
from bankcard_tui.widgets.safe import Tone, heading, safe, status, toned

_ASKED: Final = {
    LimitChangeKind.RAISE: mark("A higher limit"),
    LimitChangeKind.TEMPORARY: mark("More for a while"),
    LimitChangeKind.PLAN: mark("A plan for a large purchase"),
    LimitChangeKind.REDUCTION: mark("A lower limit"),
}
_ONLY: Final = {"until": LimitChangeKind.TEMPORARY, "purpose": LimitChangeKind.PLAN, "months": LimitChangeKind.PLAN}
"""The fields that only one kind asks for."""

_FIELDS: Final = (
    Field(
        "kind",
        mark("What you ask for"),
        "choice",
        options=[(kind.value, words) for kind, words in _ASKED.items()],
        value=LimitChangeKind.RAISE.value,
    ),
    Field("purpose", mark("What it is for"), "choice", options=PlanPurpose),
    Field("amount", mark("Amount"), "amount", mark("In yuan. What is possible stands below.")),
    Field("until", mark("Last day"), "date", mark("It ends by itself after this day.")),
    Field("months", mark("Months to pay"), "number"),
    Field("said", mark("Your reason"), "text", mark("In your own words, if you like."), required=False, most=500),
)


class LimitAskScreen(DeskScreen):
    """One column: what, how much, for how long, why; what is possible stands below while it is filled in."""

    HELP = mark(
        "Ask for another limit. Choose what it is about; below the form stands what is possible today. Enter goes on "
        "to the next question, Ctrl+S sends. A manager answers; the answer stands on the page of the cards."
    )
    DEFAULT_CSS = """
    LimitAskScreen .title { height: auto; padding: 0 1; margin-bottom: 1; }
    LimitAskScreen .bounds { height: auto; padding: 0 2; border-top: solid $panel; }
    """

    def __init__(self, limit: LimitView, asked: Callable[[], object]) -> None:
        """``asked`` runs once it was sent."""
        super().__init__()
        self._limit = limit
        self._asked = asked
        self._bounds: LimitBounds | None = None

    def body(self) -> ComposeResult:
        title = tr("Another limit for the card ending in {last4}", last4=self._limit.last4)
        now = tr("now {amount} yuan", amount=amount(self._limit.limit))
        yield Static(Content.assemble(heading(title), "   ", toned(now, Tone.MUTED)), classes="title", markup=False)
        form = Form(_FIELDS, id="limit-ask", submit=mark("Send"))
        form.leave_out(_left_out(LimitChangeKind.RAISE))
        yield form
        yield Static("", classes="bounds", markup=False)

    def on_mount(self) -> None:
        self.query_one(Form).focus()
        self.restore_draft(self.query_one(Form))

    def load(self) -> None:
        if self._bounds is None:
            account = self._limit.account
            self.work(lambda: bounds_of(self.desk, account), self._open, on_problem=self._refused, group="bounds")
        else:
            self._follow()

    def _open(self, bounds: LimitBounds) -> None:
        self._bounds = bounds
        self._follow()

    def _refused(self, error: BankError) -> None:
        self.dismiss()
        tell(self.app, error)

    def draft_name(self, form: Form) -> str:
        return f"limit.ask.{self._limit.account}"

    def take_up(self, form: Form, draft: Mapping[str, Any]) -> None:
        if "kind" in draft:
            form.leave_out(_left_out(_kind(draft["kind"])))
        super().take_up(form, draft)
        self._follow()

    @on(Form.Changed)
    def _follow(self) -> None:
        """Ask what belongs to the kind, and say what is possible."""
        form = self.query_one(Form)
        kind = _kind(form.raw("kind"))
        form.leave_out(_left_out(kind))
        self.query_one(".bounds", Static).update(self._possible(form, kind))

    def _possible(self, form: Form, kind: LimitChangeKind) -> Content:
        bounds = self._bounds
        if bounds is None:
            return toned(tr("Loading ..."), Tone.MUTED)
        if kind is LimitChangeKind.PLAN:
            return _plan_words(bounds, form)
        by_kind = {LimitChangeKind.RAISE: bounds.raised, LimitChangeKind.REDUCTION: bounds.reduced}
        lowest, highest = by_kind.get(kind, bounds.temporary)
        if lowest > highest:
            return status("!", tr("There is no room for this at present."), Tone.WARNING)
        if kind is LimitChangeKind.TEMPORARY:
            said = tr(
                "Between {lowest} and {highest} yuan more, until {day} at the latest.",
                lowest=amount(lowest),
                highest=amount(highest),
                day=day(bounds.temporary_until),
            )
        else:
            said = tr(
                "A new limit between {lowest} and {highest} yuan, in steps of {step} yuan.",
                lowest=amount(lowest),
                highest=amount(highest),
                step=amount(bounds.step),
            )
        return safe(said)

    @on(Form.Submitted)
    def _send(self, event: Form.Submitted) -> None:
        form, values, account = event.form, event.values, self._limit.account
        desk = self.desk.once(form.key)
        kind = _kind(values["kind"])
        given = {name: value for name, value in values.items() if name != "kind"}
        if kind is LimitChangeKind.TEMPORARY:
            given["until"] = date.fromisoformat(str(values["until"]))
        self.send(form, lambda: ask(desk, account, kind, **cast("dict[str, Any]", given)).view, lambda _: self._sent())

    def _sent(self) -> None:
        self.sent(self.query_one(Form))
        self.notify(tr("The request is on its way to a manager."), markup=False)
        self.dismiss()
        self._asked()


def _kind(value: object) -> LimitChangeKind:
    return next((kind for kind in ASKABLE if kind.value == value), LimitChangeKind.RAISE)


def _left_out(kind: LimitChangeKind) -> list[str]:
    return [name for name, only in _ONLY.items() if only is not kind]


def _plan_words(bounds: LimitBounds, form: Form) -> Content:
    """What a plan for the purpose can be, and what the one being typed takes each month."""
    chosen = form.raw("purpose")
    plan = next((each for each in bounds.plans if each.purpose.value == chosen), None)
    if plan is None:
        return toned(tr("Choose what it is for to see what is possible."), Tone.MUTED)
    if plan.monthly is None:
        return status("!", tr("Income or debts are not known yet: fill them in first."), Tone.WARNING)
    most = tr(
        "Up to {highest} yuan over at most {months:month|months}; the income carries {monthly} yuan a month.",
        highest=amount(plan.highest),
        months=plan.longest_months,
        monthly=amount(plan.monthly),
    )
    payment = _payment(plan, form)
    return Content("\n").join([safe(most), payment]) if payment is not None else safe(most)


def _payment(plan: PlanBounds, form: Form) -> Content | None:
    """What is to be paid each month, once amount and months are typed."""
    typed: dict[str, object] = {}
    for name in ("amount", "months"):
        with suppress(InvalidInput):
            typed[name] = read(form.rows[name].field, form.raw(name))
    wanted, months = typed.get("amount"), typed.get("months")
    if not isinstance(wanted, Money) or not isinstance(months, int) or months < 1 or plan.monthly is None:
        return None
    monthly = monthly_payment(wanted, months)
    said = tr("That is {amount} yuan a month.", amount=amount(monthly))
    fits = monthly <= plan.monthly and wanted <= plan.highest and months <= plan.longest_months
    return status("+", said, Tone.GOOD) if fits else status("!", said, Tone.WARNING)
