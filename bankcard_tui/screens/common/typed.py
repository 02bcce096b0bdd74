"""What was typed and not sent: asked when somebody leaves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from textual.screen import Screen

    from bankcard_tui.widgets.form import Form


class Typed:
    """The forms in which something was typed, each with its key at that moment. Sending renews a form's key."""

    def __init__(self) -> None:
        self._forms: WeakKeyDictionary[Form, str] = WeakKeyDictionary()

    def note(self, form: Form) -> None:
        """Something was typed into ``form``."""
        self._forms[form] = form.key

    def unsent(self, screens: Sequence[Screen[Any]]) -> bool:
        """Whether a form on one of ``screens`` holds something that was not sent."""
        return any(form.is_attached and form.screen in screens and form.key == key for form, key in self._forms.items())
