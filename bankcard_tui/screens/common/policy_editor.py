"""Changes of the policy: collected value by value, tried, proposed."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from bankcard_tui.errors import InvalidForm
from bankcard_tui.locale import mark, say, tr
from bankcard_tui.screens.common.policy_list import PolicyList
from bankcard_tui.screens.common.policy_propose import ask_to_propose
from bankcard_tui.screens.common.policy_tried import PolicyTried
from bankcard_tui.screens.common.policy_versions import PolicyVersions
from bankcard_tui.screens.common.policy_words import FIELD, bounds_words, check_typed, field_of, typed_text
from bankcard_tui.services.drafts import discard_draft, load_draft, save_draft
from bankcard_tui.services.policy_views import PolicyValues, ValueView
from bankcard_tui.widgets.dialogs import Ask
from bankcard_tui.widgets.safe import Tone, status
from bankcard_tui.widgets.table import PagedTable


class PolicyEditor(PolicyList):
    """Values that are changed together. What is changed is kept as a draft until it is proposed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "try", mark("Try")),
        Binding("ctrl+s", "propose", mark("Propose")),
        Binding("v", "versions", mark("Versions")),
        Binding("x", "undo", mark("Take a change back"), show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._taken_up = False

    @property
    def _draft(self) -> str:
        return f"policy.{self.PAGE}"

    def read(self) -> PolicyValues:
        policy = super().read()
        if not self._taken_up:
            kept = load_draft(self.desk, self._draft) or {}
            self.changes = {each.name: str(kept[each.name]) for each in policy.values if each.name in kept}
            self._taken_up = True
        return policy

    @on(PagedTable.Chosen)
    def _chosen(self) -> None:
        value = self.value
        if value is None or not self.may(value.permission):
            return
        now = self.changes.get(value.name, value.value)

        def check(values: dict[str, object], _key: str) -> str:
            text = typed_text(values[FIELD])
            check_typed(value, text)
            return text

        def body() -> str:
            return "\n".join(part for part in (tr(value.description), bounds_words(value)) if part)

        def answered(text: str | None) -> None:
            if text is not None:
                self._change(value, text)

        self._say(Content())
        title = partial(say, value.words)
        self.app.push_screen(Ask(title, [field_of(value, now)], check, body=body, submit=mark("Change")), answered)

    def _change(self, value: ValueView, text: str) -> None:
        """Take ``text`` for what the value is to become; what it is already is no change."""
        self.problems.pop(value.name, None)
        if text == value.value:
            self.changes.pop(value.name, None)
        else:
            self.changes[value.name] = text
        self._keep()
        self.table.reload()

    def _keep(self) -> None:
        """Another terminal goes on from here."""
        if self.changes:
            keep = partial(save_draft, self.desk, self._draft, dict(self.changes))
        else:
            keep = partial(discard_draft, self.desk, self._draft)
        self.work(keep, lambda _: None, group="draft")

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("try", "propose"):
            return bool(self.changes)
        if action == "undo":
            value = self.value
            return value is not None and value.name in self.changes
        return super().check_action(action, parameters)

    def action_undo(self) -> None:
        """x: the value under the cursor stays as it is."""
        value = self.value
        if value is not None:
            self._change(value, value.value)

    def action_try(self) -> None:
        """t: what the changes would do."""
        self.away = True
        self.app.push_screen(PolicyTried(self.PAGE, self.changes, self._came_of_it))

    def action_propose(self) -> None:
        """Ctrl+S: ask that the changes take force."""
        ask_to_propose(self, self.changes, self._came_of_it)

    def action_versions(self) -> None:
        """v: earlier and later versions, and what waits for a signature."""
        self._say(Content())
        self.away = True
        self.app.push_screen(PolicyVersions(self.PAGE))

    def _came_of_it(self, came: Content | InvalidForm) -> None:
        """The changes are on their way, or some of them can't be."""
        if isinstance(came, InvalidForm):
            self.problems = {problem.field: problem for problem in came.problems}
            self._say(status("!", tr("Not yet: what is marked ! can't be. The last line says why."), Tone.BAD))
        else:
            self.problems = {}
            self.changes.clear()
            self._keep()
            self._say(came)
        self.policy = None
        self.show_changes(alone=isinstance(came, InvalidForm))

    def _say(self, said: Content) -> None:
        self.query_one(".said", Static).update(said)
