"""Drafts: what was typed into the forms of a screen is kept in the store until it is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, Final, Protocol, runtime_checkable

from textual.screen import Screen
from textual.timer import Timer

from bankcard_tui.desk.desk import Desk
from bankcard_tui.errors import BankError
from bankcard_tui.services.drafts import discard_draft, save_draft
from bankcard_tui.widgets.form import Form

DRAFT_AFTER_SECONDS: Final = 1.5

Work = Callable[[], object]


@runtime_checkable
class KeepsDrafts(Protocol):
    """A screen whose forms are kept as drafts."""

    def take_drafts(self) -> list[Work]:
        """What still has to be kept, to be run in a thread by whoever takes it."""
        ...


class Drafts:
    """The drafts of one screen.

    ``name_of`` gives the name of a form's draft, empty for none; ``values_of`` what of a form is kept. A form is known
    by its id: with another language it is another widget.
    """

    def __init__(
        self,
        screen: Screen[Any],
        desk: Callable[[], Desk],
        name_of: Callable[[Form], str],
        values_of: Callable[[Form], Mapping[str, object]],
    ) -> None:
        self._screen = screen
        self._desk = desk
        self._name_of = name_of
        self._values_of = values_of
        self._unkept: dict[str, Form] = {}
        self._timer: Timer | None = None

    def changed(self, form: Form) -> None:
        """The person has changed something in ``form``: it is kept a moment later."""
        name = self._name_of(form)
        if not name:
            return
        self._unkept[name] = form
        if self._timer is not None:
            self._timer.stop()
        self._timer = self._screen.set_timer(DRAFT_AFTER_SECONDS, self._keep)

    def sent(self, form: Form) -> None:
        """The form was sent, or is not wanted any more: its draft goes."""
        name = self._name_of(form)
        self._unkept.pop(name, None)
        if name:
            self._behind(partial(discard_draft, self._desk(), name))

    def take(self) -> list[Work]:
        """What still has to be kept, to be run in a thread by whoever takes it. A problem there is not told: the
        person is on the way to something else, and the draft before this one stays."""
        unkept, self._unkept = self._unkept, {}
        return [self._keeping(name, form) for name, form in unkept.items()]

    def keep_at_once(self) -> None:
        """The screen is left or covered."""
        for keep in self.take():
            self._behind(keep)

    def _keep(self) -> None:
        # What is being sent just now needs no draft; where sending fails, it waits in the form.
        busy = {name: form for name, form in self._unkept.items() if form.busy}
        for name in busy:
            del self._unkept[name]
        self.keep_at_once()
        self._unkept.update(busy)

    def _keeping(self, name: str, form: Form) -> Work:
        return partial(_quietly, partial(save_draft, self._desk(), name, dict(self._values_of(form))))

    def _behind(self, act: Work) -> None:
        """Do it behind whatever screen comes next: an errand of this one would end with it."""
        self._screen.app.run_worker(asyncio.to_thread(_quietly, act), group="drafts")


def _quietly(act: Work) -> None:
    with suppress(BankError):
        act()
