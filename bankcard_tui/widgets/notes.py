"""The input for a text of several lines. The sign-in screen has none and does not wait for what it stands on."""

from __future__ import annotations

from textual import events
from textual.widgets import TextArea

from bankcard_tui.errors import InvalidInput
from bankcard_tui.rules.text import clean_text
from bankcard_tui.widgets.entries import NO_LIMIT, PasteRefused


class Notes(TextArea):
    """Several lines. Enter breaks the line, Tab goes on."""

    DEFAULT_CSS = """
    Notes, Notes:focus { border: none; height: 4; padding: 0; background: $surface; }
    Notes:focus { background: $panel; }
    """

    def __init__(self, text: str, *, id: str) -> None:
        super().__init__(text, id=id, compact=True, highlight_cursor_line=False)

    async def _on_paste(self, event: events.Paste) -> None:
        if self._takes(event.text):
            await super()._on_paste(event)
        event.stop()
        event.prevent_default()

    def action_paste(self) -> None:
        if self._takes(self.app.clipboard):
            super().action_paste()

    def _takes(self, text: str) -> bool:
        try:
            clean_text(self.id or "", text, most=NO_LIMIT)
        except InvalidInput as problem:
            self.post_message(PasteRefused(problem, self))
            return False
        return True
