"""The figures of the policy, section by section: finding one, and what is said about it."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar, Final
from zoneinfo import ZoneInfo

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from bankcard_tui.errors import InvalidInput
from bankcard_tui.locale import mark, say, tr
from bankcard_tui.screens.common.base import DeskScreen
from bankcard_tui.screens.common.policy_tiers import TIERS, tier_lines
from bankcard_tui.screens.common.policy_versions import waiting_for
from bankcard_tui.screens.common.policy_words import foot_lines, shown_value
from bankcard_tui.services.policies import policy_values
from bankcard_tui.services.policy_views import PolicyValues, ValueView
from bankcard_tui.widgets.dialogs import Choose, Option
from bankcard_tui.widgets.labels import count, day
from bankcard_tui.widgets.safe import Tone, heading, status, toned
from bankcard_tui.widgets.search_box import SearchBox
from bankcard_tui.widgets.table import Column, Direction, Page, PagedTable, Row

_COLUMNS: Final = (
    Column(mark("Figure"), 34, grow=True, priority=1),
    Column(mark("Now in force"), 17, "right", priority=1),
    Column(mark("Changed to"), 17, priority=1),
)
_CHANGE: Final = mark("Change")


class PolicyList(DeskScreen):
    """Sections of values, a page of the table each. Subclasses say which values they cover."""

    HEADING: ClassVar[str] = mark("Policy")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", mark("Search")),
        Binding("s", "section", mark("Section"), show=False),
        Binding("c", "changes", mark("Changes alone"), show=False),
    ]
    DEFAULT_CSS = """
    PolicyList .heading { height: 1; padding: 0 1; }
    PolicyList SearchBox { margin: 0 1; display: none; }
    PolicyList SearchBox.shown { display: block; }
    PolicyList .section { height: auto; padding: 0 1; }
    PolicyList .said { height: auto; max-height: 3; padding: 0 1; }
    PolicyList .foot { height: 4; padding: 0 1; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.policy: PolicyValues | None = None
        self.changes: dict[str, str] = {}
        """What values are to become, by their names."""
        self.problems: dict[str, InvalidInput] = {}
        """Why some of them can't."""
        self._to_sign = 0
        self._text = ""
        self._changed_alone = False
        self.section = ""
        """The title of the one shown; empty for the first."""
        self.away = False
        """Whether another screen was opened from here."""

    def covers(self, value: ValueView) -> bool:
        """Whether ``value`` stands on this page."""
        return True

    def read(self) -> PolicyValues:
        """The policy in force; called in a thread."""
        return policy_values(self.desk)

    def body(self) -> ComposeResult:
        yield Static("", classes="heading", markup=False)
        yield SearchBox()
        yield Static("", classes="section", markup=False)
        yield PagedTable(_COLUMNS, self._fetch, enter=_CHANGE, id="values", autoload=False)
        yield Static("", classes="said", markup=False)
        yield Static("", classes="foot", markup=False)

    def load(self) -> None:
        box = self.query_one(SearchBox)
        box.value = self._text
        box.set_class(bool(self._text), "shown")
        self._show()
        self.table.focus()

    def on_screen_resume(self) -> None:
        # A question leaves the list as it is; behind other screens the policy may have changed.
        if self.away and self.is_current:
            self.away, self.policy = False, None
            self.table.reload(first=True)

    @property
    def table(self) -> PagedTable:
        return self.query_one(PagedTable)

    @property
    def value(self) -> ValueView | None:
        """The value under the cursor."""
        key = self.table.selected_key if self.query(PagedTable) else None
        return next((each for each in self.values() if each.name == key), None)

    def values(self) -> list[ValueView]:
        """Those of this page."""
        return [each for each in self.policy.values if self.covers(each)] if self.policy else []

    # What the table shows

    def _fetch(self, cursor: Any, _direction: Direction) -> Page:
        policy = self.policy or self._read()
        values = [each for each in policy.values if self.covers(each)]
        if self.narrowed:
            return Page([self._row(each) for each in values if self._wanted(each)])
        sections = _sections(values)
        section = cursor or self.section
        here = sections.index(section) if section in sections else 0
        following = sections[here + 1] if here + 1 < len(sections) else None
        rows = [self._row(each) for each in values if each.group == sections[here]]
        return Page(rows, following, sections[here - 1] if here else None)

    def _read(self) -> PolicyValues:
        policy = self.read()
        self._to_sign = sum(not row.altered and row.mine_to_sign for row in waiting_for(self))
        self.policy = policy
        return policy

    def _wanted(self, value: ValueView) -> bool:
        if self._changed_alone:
            return value.name in self.changes
        said = f"{say(value.words)} {tr(value.description)} {tr(value.group)} {value.name}".casefold()
        return all(part in said for part in self._text.casefold().split())

    def _row(self, value: ValueView) -> Row:
        changed = Content()
        if value.name in self.changes:
            text = shown_value(value, self.changes[value.name])
            wrong = value.name in self.problems
            changed = status("!", text, Tone.BAD) if wrong else status(">", text, Tone.ACCENT)
        return Row(value.name, (say(value.words), shown_value(value, value.value), changed))

    def show_changes(self, *, alone: bool) -> None:
        """Show what is changed: alone, or in its section."""
        self._changed_alone, self._text = alone, ""
        self._show()

    def _show(self) -> None:
        """Show from the beginning what is wanted now."""
        if self._changed_alone:
            self.table.empty_text = tr("Nothing is changed. c shows all values again.")
        else:
            self.table.empty_text = tr("No value is found by {typed}. Esc shows all again.", typed=self._text)
        self.table.reload(first=True)

    @on(PagedTable.Moved)
    def _moved(self) -> None:
        value = self.value
        if value is not None:
            self.section = value.group
            self.table.say_enter(_CHANGE if self.may(value.permission) else "")
        self.query_one(".heading", Static).update(self._head())
        self.query_one(".section", Static).update(self._over())
        self.query_one(".foot", Static).update(self._foot(value))
        self.refresh_bindings()

    def _head(self) -> Content:
        policy = self.policy
        if policy is None:
            return heading(tr(self.HEADING))
        since = day(policy.in_force_from.astimezone(ZoneInfo(self.zone)).date())
        words = tr("version {version} since {day}", version=count(policy.version), day=since)
        parts = [heading(tr(self.HEADING)), toned(words, Tone.MUTED)]
        if self.changes:
            parts.append(status("~", tr("{count:change|changes}", count=len(self.changes)), Tone.WARNING))
        elif self._to_sign:
            parts.append(status("!", tr("{count} for you to sign: v", count=self._to_sign), Tone.WARNING))
        return Content("   ").join(parts)

    def _over(self) -> Content:
        """What stands over the table: which values it shows, and over the tiers the table that they make."""
        if self._changed_alone:
            return toned(tr("What you have changed; c shows all values again"), Tone.ACCENT, bold=True)
        if self._text:
            return toned(tr("Found by {typed}", typed=self._text), Tone.ACCENT, bold=True)
        value = self.value
        if value is None:
            return Content()
        values = self.values()
        sections = _sections(values)
        place = tr("{number} of {count}", number=sections.index(value.group) + 1, count=len(sections))
        title = Content.assemble(toned(tr(value.group), Tone.ACCENT, bold=True), "   ", toned(place, Tone.MUTED))
        if not value.name.startswith(TIERS):
            return title
        texts = {each.name: each.value for each in values} | self.changes
        return Content("\n").join([title, *tier_lines(texts, self.changes, self.size.width - 2)])

    def _foot(self, value: ValueView | None) -> Content:
        if value is None:
            return Content()
        return foot_lines(
            value,
            self.changes.get(value.name, value.value),
            mine=self.may(value.permission),
            problem=self.problems.get(value.name),
            width=self.size.width - 2,
        )

    # Finding

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "changes":
            return bool(self.changes) or self._changed_alone
        if action == "back":
            return self.narrowed or len(self.app.screen_stack) > 2
        return super().check_action(action, parameters)

    @property
    def narrowed(self) -> bool:
        """Whether only some of the values are shown."""
        return self._changed_alone or bool(self._text)

    def action_back(self) -> None:
        """Esc: all values again; from there to the page before."""
        if not self.narrowed:
            super().action_back()
            return
        self.query_one(SearchBox).value = self._text = ""
        self._leave_search()
        self.show_changes(alone=False)

    def action_search(self) -> None:
        """/: values by their words."""
        self.query_one(SearchBox).add_class("shown").focus()

    def _leave_search(self) -> None:
        self.query_one(SearchBox).set_class(bool(self._text), "shown")
        self.table.focus()

    @on(SearchBox.Asked)
    def _asked(self, event: SearchBox.Asked) -> None:
        if event.text != self._text:
            self._text, self._changed_alone = event.text, False
            self._show()
        if event.eager:
            self._leave_search()

    @on(SearchBox.Left)
    def _left_search(self) -> None:
        self._leave_search()

    def action_changes(self) -> None:
        """c: what is changed alone, or all values again."""
        self.show_changes(alone=not self._changed_alone)

    def action_section(self) -> None:
        """s: go to a section."""
        options = [Option(name, partial(tr, name)) for name in _sections(self.values())]
        self.app.push_screen(Choose(lambda: tr("Which section?"), options), self._go_to)

    def _go_to(self, section: str | None) -> None:
        if section is not None:
            self.section = section
            self.show_changes(alone=False)


def _sections(values: list[ValueView]) -> list[str]:
    """The titles of the sections, in their order."""
    return list(dict.fromkeys(each.group for each in values))
