"""An application whose screen can be covered: while it is, nothing that was under way changes what is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.app import App
from textual.await_complete import AwaitComplete
from textual.screen import Screen
from textual.worker import active_worker


class GuardedApp(App[None]):
    """Late answers push screens, leave screens and notify. Under a cover that waits until it is taken away: otherwise
    an answer could show a customer's data to whoever passes by, or take the cover off itself."""

    def __init__(self) -> None:
        super().__init__()
        self._postponed: list[Callable[[], object]] = []
        self._cover: Screen[None] | None = None

    @property
    def covered(self) -> bool:
        return self._cover is not None

    def cover(self, screen: Screen[None]) -> None:
        """Show ``screen`` and nothing else."""
        if not self.covered:
            self.clear_notifications()
            super().push_screen(screen)
            self._cover = screen

    def uncover(self) -> None:
        """Go on where the work stopped, and do what had to wait."""
        if self.covered:
            self._cover = None
            super().pop_screen()
            postponed, self._postponed = self._postponed, []
            for each in postponed:
                each()

    def leave_all(self) -> None:
        """Leave every screen but the first; what had to wait is forgotten."""
        self._cover = None
        self._postponed.clear()
        self.clear_notifications()
        # The list itself, not a copy: popped one by one, each screen in between would wake up and load on its way out.
        stack = self._screen_stack
        between = stack[1:-1]
        del stack[1:-1]
        for screen in between:
            drop_errands(screen)
            screen.remove()
        if len(stack) > 1:
            drop_errands(stack[-1])
            super().pop_screen()

    def push_screen(self, *args: Any, **kwargs: Any) -> Any:
        return self._when_uncovered(lambda: super(GuardedApp, self).push_screen(*args, **kwargs))

    def pop_screen(self) -> AwaitComplete:
        popped: AwaitComplete = self._when_uncovered(self._pop)
        return popped

    def _pop(self) -> AwaitComplete:
        drop_errands(self.screen)
        return super().pop_screen()

    def switch_screen(self, screen: Screen[Any] | str) -> AwaitComplete:
        switched: AwaitComplete = self._when_uncovered(lambda: super(GuardedApp, self).switch_screen(screen))
        return switched

    def notify(self, *args: Any, **kwargs: Any) -> None:
        self._when_uncovered(lambda: super(GuardedApp, self).notify(*args, **kwargs))

    def _when_uncovered(self, act: Callable[[], Any]) -> Any:
        if self.covered:
            self._postponed.append(act)
            return AwaitComplete()
        return act()


def drop_errands(screen: Screen[Any]) -> None:
    """Nobody waits any more for what ``screen`` and its widgets asked: an answer would find half of them gone."""
    current = active_worker.get(None)
    for worker in list(screen.app.workers):
        if worker is not current and screen in worker.node.ancestors_with_self:
            worker.cancel()
