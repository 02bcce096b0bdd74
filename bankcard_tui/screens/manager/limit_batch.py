"""Signing many proposals in one go: the question that says what it comes to, and what came of it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from functools import partial

from textual.content import Content

from bankcard_tui.errors import BankError
from bankcard_tui.locale import mark, tr
from bankcard_tui.screens.common.base import DeskScreen
from bankcard_tui.screens.manager.limit_selection import Selection, batch_words
from bankcard_tui.services.limit_batches import sign_batch
from bankcard_tui.services.limit_views import ProposalView, Seen
from bankcard_tui.widgets.dialogs import Choose, Confirm, Option
from bankcard_tui.widgets.errands import SESSION_PROBLEMS, problem_text
from bankcard_tui.widgets.safe import Tone, status

Then = Callable[[Content, bool], object]
"""Gets what came of it, and whether the choice has served."""


def sign_selection(screen: DeskScreen, chosen: Sequence[ProposalView], then: Then) -> None:
    """Ask, then sign ``chosen``; where some of them need more signatures than others, first ask which."""
    alone = Selection(chosen).signed_by_one
    if not alone or len(alone) == len(chosen):
        _confirm(screen, chosen, then)
        return

    def answered(choice: str | None) -> None:
        if choice is not None:
            _confirm(screen, alone if choice == "alone" else chosen, then)

    options = [
        Option("alone", partial(tr, mark("Only the {count} that your signature is enough for"), count=len(alone))),
        Option("all", partial(tr, mark("All {count}; they wait together for a colleague"), count=len(chosen))),
    ]
    screen.app.push_screen(Choose(lambda: tr("Not all of them are yours alone to sign"), options), answered)


def _confirm(screen: DeskScreen, chosen: Sequence[ProposalView], then: Then) -> None:
    batch = Selection(chosen)
    key = uuid.uuid4().hex
    seen = tuple(Seen(proposal=each.id, version=each.version, amount=each.amount) for each in chosen)

    def send() -> Content:
        result = sign_batch(screen.desk.once(key), seen, batch.raised, batch.reduced)
        if result.pending is not None:
            signed = tr("{signed} of {needed}", signed=result.pending.signed, needed=result.pending.needed)
            words = tr("{count:proposal waits|proposals wait} for a colleague's signature", count=len(chosen))
            return status("~", f"{words}, {signed}", Tone.ACCENT)
        return status("+", tr("{count:limit is changed|limits are changed}", count=len(chosen)), Tone.GOOD)

    def failed(error: BankError) -> None:
        if not isinstance(error, SESSION_PROBLEMS):
            then(status("!", problem_text(error), Tone.BAD), False)

    def answered(yes: bool | None) -> None:
        if yes:
            screen.work(send, lambda said: then(said, True), on_problem=failed, group="sign")

    title = partial(tr, mark("Sign {count:proposal|proposals}?"), count=len(chosen))
    yes = partial(tr, mark("Sign {count}"), count=len(chosen))
    screen.app.push_screen(Confirm(title, lambda: batch_words(chosen), yes, destructive=False), answered)
