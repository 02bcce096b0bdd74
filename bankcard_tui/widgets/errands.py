"""Work that must not stop the screen: run in a thread, answered on the event loop, late answers dropped."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from typing import Any, Final, TypeVar

from textual.app import App
from textual.widget import Widget
from textual.worker import Worker

from bankcard_tui.errors import BankError, NotSignedIn, SessionLocked
from bankcard_tui.locale import advise, explain
from bankcard_tui.rules.text import visible

T = TypeVar("T")

SESSION_PROBLEMS: Final = (NotSignedIn, SessionLocked)
"""Errors about the session; the application deals with them, wherever they turn up."""


class Errands:
    """The errands of one widget. Everything is dropped when the widget leaves the screen."""

    def __init__(self, owner: Widget) -> None:
        self._owner = owner
        self._latest: dict[str, int] = {}
        self._making = 0
        self._waiting: list[Callable[[], object]] = []

    @contextmanager
    def held_back(self) -> Iterator[None]:
        """Inside, the owner's widgets are being made anew: an answer would find them gone, so that those that come
        meanwhile wait until the end of it, each in its turn. None is lost: a write whose answer is dropped leaves
        the person without a word, and whatever goes on from it stands still."""
        self._making += 1
        try:
            yield
        finally:
            self._making -= 1
        while self._waiting and not self._making:
            self._waiting.pop(0)()

    def start(
        self,
        call: Callable[[], T],
        then: Callable[[T], object],
        *,
        on_problem: Callable[[BankError], None] | None = None,
        group: str = "default",
    ) -> None:
        """Run ``call`` in a thread and ``then`` with its answer on the event loop.

        Of two errands in one ``group`` only the later one is answered, whichever ends first. A BankError goes to
        ``on_problem``, or is told to the person (one about the session is told in any case); any other exception ends
        the application through its crash handler.
        """
        request = self._latest[group] = self._latest.get(group, 0) + 1
        # Under way from this moment: what was sent is done even when its screen is left before a worker could begin.
        thread = asyncio.get_running_loop().run_in_executor(None, copy_context().run, call)
        thread.add_done_callback(_looked_at)

        async def run() -> None:
            try:
                answer = await asyncio.shield(thread)
            except BankError as error:
                problem = error
                self._answer(group, request, lambda: self._report(problem, on_problem))
            else:
                self._answer(group, request, lambda: then(answer))

        # The function rather than its coroutine: a widget that leaves at once leaves no coroutine that nobody awaits.
        _: Worker[None] = self._owner.run_worker(run, group=f"errand-{group}")

    def _answer(self, group: str, request: int, act: Callable[[], object]) -> None:
        if self._latest[group] != request:
            return
        if self._making:
            self._waiting.append(lambda: act() if self._is_there() else None)
        elif self._is_there():
            act()

    def _is_there(self) -> bool:
        # A screen that is being left is attached until its last widget is gone.
        leaving = self._owner._pruning or self._owner.screen._pruning
        return self._owner.is_attached and not leaving

    def _report(self, error: BankError, on_problem: Callable[[BankError], None] | None) -> None:
        # An ended session is the application's business whatever the screen does about its own problem.
        if on_problem is None or isinstance(error, SESSION_PROBLEMS):
            tell(self._owner.app, error)
        if on_problem is not None:
            on_problem(error)


def _looked_at(thread: asyncio.Future[Any]) -> None:
    """A problem that nobody waits for any more is no news to asyncio either."""
    if not thread.cancelled():
        thread.exception()


def tell(app: App[Any], error: BankError) -> None:
    """Tell the person about ``error``: an ended or locked session through ``app.session_problem(error)`` where the
    application has it, everything else as a notification of sentence and hint."""
    session_problem = getattr(app, "session_problem", None)
    if isinstance(error, SESSION_PROBLEMS) and session_problem is not None:
        session_problem(error)
        return
    app.notify(problem_text(error), severity="error", timeout=12, markup=False)


def problem_text(error: BankError) -> str:
    """Sentence and hint of ``error`` in the language in use, safe to show."""
    return visible(" ".join(part for part in (explain(error), advise(error)) if part))
