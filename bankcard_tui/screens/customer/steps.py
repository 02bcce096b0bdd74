"""What a customer can do next, in the order in which it helps."""

from __future__ import annotations

from dataclasses import dataclass

from bankcard_tui.locale import mark
from bankcard_tui.rules.applications import OPEN
from bankcard_tui.rules.terms import ApplicationStatus, CardStatus
from bankcard_tui.services.customer_views import CustomerFile


@dataclass(frozen=True)
class Step:
    """``text`` is English, marked; ``key`` does it on the start page, and is empty for what is done at the counter."""

    text: str
    key: str = ""


MISSING = Step(mark("Something is missing for your application: open it to see what."), "Enter")
BRING_ID = Step(mark("Bring your identity card to the counter: no card without it."))
FILL_IN = Step(mark("Fill in what you earn and how you live: the decision rests on it."), "p")
FETCH = Step(mark("Your card is ready: fetch it at the counter with your identity card."))
ACTIVATE = Step(mark("Have your card activated at the counter with your identity card."))
APPLY = Step(mark("Apply for a card."), "a")
APPLY_AGAIN = Step(mark("You can apply again."), "a")
WAIT = Step(mark("Nothing to do now: this page shows when your application moves on."))
NOTHING = Step(mark("Nothing to do now: your card is ready to use."))


def next_steps(file: CustomerFile) -> list[Step]:
    """What helps the customer of ``file`` on, the most important first; never empty."""
    newest = file.applications[0].status if file.applications else None
    cards = {card.status for card in file.cards}
    found = [
        (MISSING, newest is ApplicationStatus.RETURNED),
        (FETCH, CardStatus.ISSUED in cards),
        (ACTIVATE, CardStatus.HANDED_OVER in cards),
        (BRING_ID, file.verified_at is None),
        (FILL_IN, file.circumstances.monthly_income is None),
        (APPLY, newest is None),
        (APPLY_AGAIN, newest in (ApplicationStatus.REFUSED, ApplicationStatus.WITHDRAWN)),
    ]
    steps = [step for step, helps in found if helps]
    return steps or [WAIT if newest in OPEN else NOTHING]
