"""The figures of the policy, section by section, and changes to them: collected, tried, proposed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, ClassVar, Final
from zoneinfo import ZoneInfo

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from bankcard_tui.errors import InvalidForm, InvalidInput
from bankcard_tui.locale import mark, tr
from bankcard_tui.screens.common.base import DeskScreen
from bankcard_tui.screens.common.policy_propose import Changes, ask_to_propose
from bankcard_tui.screens.common.policy_tried import PolicyTried
from bankcard_tui.screens.common.policy_versions import PolicyVersions
from bankcard_tui.screens.common.policy_words import field_of, foot_lines, shown_value, typed_text
from bankcard_tui.services.policies import PolicyValues, ValueView, policy_values, waiting_policies
from bankcard_tui.widgets.dialogs import Ask, Choose, Option
from bankcard_tui.widgets.labels import count, moment
from bankcard_tui.widgets.safe import Tone, heading, status, toned
from bankcard_tui.widgets.search_box import SearchBox
from bankcard_tui.widgets.table import Column, Direction, Page, PagedTable, Row

_COLUMNS: Final = (
    Column(mark("Value"), 32, grow=True, priority=1),
    Column(mark("In force"), 19, "right", priority=1),
    Column(mark("Changed to"), 19, priority=1),
)


class PolicyEditor(DeskScreen):
    """Sections of values, a page each. Subclasses say which values they cover."""

    TITLE: ClassVar[str] = mark("Policy")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", mark("Search")),
        Binding("t", "try", mark("Try")),
        Binding("ctrl+s", "propose", mark("Propose")),
        Binding("v", "versions", mark("Versions")),
        Binding("s", "section", mark("Section"), show=False),
        Binding("c", "changes", mark("Changes alone"), show=False),
        Binding("x", "undo", mark("Take a change back"), show=False),
    ]
    DEFAULT_CSS = """
    PolicyEditor .heading { height: 1; padding: 0 1; }
    PolicyEditor SearchBox { margin: 0 1; display: none; }
    PolicyEditor SearchBox.shown { display: block; }
    PolicyEditor .section { height: auto; padding: 0 1; }
    PolicyEditor .foot { height: 4; padding: 0 1; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._policy: PolicyValues | None = None
        self._waiting = 0
        self._changes: dict[str, str] = {}
        self._problems: dict[str, InvalidInput] = {}
        self._said = Content()
        self._text = ""
        self._changed_alone = False
        self._begins_with = ""
        self._shown_before = False

    def covers(self, value: ValueView) -> bool:
        """Whether ``value`` stands on this page."""
        return True

    def body(self) -> ComposeResult:
        yield Static("", classes="heading", markup=False)
        yield SearchBox()
        yield Static("", classes="section", markup=False)
        yield PagedTable(_COLUMNS, self._fetch, enter=mark("Change"), id="values", autoload=False)
        yield Static("", classes="foot", markup=False)

    def load(self) -> None:
        self.table.reload(first=True)
        self.table.focus()

    def on_screen_resume(self) -> None:
        # The first showing is loaded by load; a page that is just being left needs nothing.
        if self._shown_before and self.is_current:
            self._look_again()
        self._shown_before = True

    @property
    def table(self) -> PagedTable:
        return self.query_one(PagedTable)

    @property
    def value(self) -> ValueView | None:
        """The value under the cursor."""
        key = self.table.selected_key if self.query(PagedTable) else None
        return next((each for each in self._values() if each.name == key), None)

    def _values(self) -> list[ValueView]:
        return [each for each in self._policy.values if self.covers(each)] if self._policy else []

    def _sections(self) -> list[str]:
        return list(dict.fromkeys(each.section for each in self._values()))

    # What the table shows

    def _fetch(self, cursor: Any, _direction: Direction) -> Page:
        if self._policy is None:
            self._policy, self._waiting = policy_values(self.desk), len(waiting_policies(self.desk))
        if self._changed_alone or self._text:
            return Page([self._row(each) for each in self._values() if self._wanted(each)])
        names = self._sections()
        here = names.index(cursor or self._begins_with) if (cursor or self._begins_with) in names else 0
        rows = [self._row(each) for each in self._values() if each.section == names[here]]
        following = names[here + 1] if here + 1 < len(names) else None
        return Page(rows, following, names[here - 1] if here else None)

    def _wanted(self, value: ValueView) -> bool:
        if self._changed_alone:
            return value.name in self._changes
        said = f"{say(value.words)} {say(value.description)} {tr(value.section)} {value.name}".casefold()
        return all(part in said for part in self._text.casefold().split())

    def _row(self, value: ValueView) -> Row:
        changed = Content()
        if value.name in self._changes:
            text = shown_value(value, self._changes[value.name])
            wrong = value.name in self._problems
            changed = status("!", text, Tone.BAD) if wrong else status(">", text, Tone.ACCENT)
        return Row(value.name, (say(value.words), shown_value(value, value.value), changed))

    def _look_again(self) -> None:
        self._policy = None
        self.table.reload()

    def _show_page(self, *, first: bool = True) -> None:
        """Another page of the same values."""
        if self._changed_alone:
            self.table.empty_text = tr("Nothing is changed. c shows all values again.")
        else:
            self.table.empty_text = tr("No value is found by {typed}. Esc shows all again.", typed=self._text)
        self.table.reload(first=first)

    @on(PagedTable.Moved)
    def _moved(self) -> None:
        self.query_one(".heading", Static).update(self._heading())
        self.query_one(".section", Static).update(self._section())
        self.query_one(".foot", Static).update(self._foot())
        self.refresh_bindings()

    def _heading(self) -> Content:
        policy = self._policy
        if policy is None:
            return heading(tr(self.TITLE))
        since = moment(policy.in_force_from, ZoneInfo(self.zone))
        words = tr("version {version}, in force since {time}", version=count(policy.version), time=since)
        parts = [heading(tr(self.TITLE)), toned(words, Tone.MUTED)]
        if self._changes:
            parts.append(status("~", tr("{count:change|changes}", count=len(self._changes)), Tone.WARNING))
        elif self._waiting:
            parts.append(status("!", tr("{count} to be signed: v", count=self._waiting), Tone.WARNING))
        return Content("   ").join(parts)

    def _section(self) -> Content:
        value = self.value
        if self._changed_alone:
            return toned(tr("What you have changed; c shows all values again"), Tone.ACCENT, bold=True)
        if self._text:
            return toned(tr("Found by {typed}", typed=self._text), Tone.ACCENT, bold=True)
        if value is None:
            return Content()
        names = self._sections()
        place = tr("{number} of {count}", number=names.index(value.section) + 1, count=len(names))
        return Content.assemble(toned(tr(value.section), Tone.ACCENT, bold=True), "   ", toned(place, Tone.MUTED))

    def _foot(self) -> Content:
        value = self.value
        if self._said:
            return self._said
        if value is None:
            return Content()
        return foot_lines(value, self.may(value.permission), self._problems.get(value.name))

    # Changing

    @on(PagedTable.Chosen)
    def _chosen(self) -> None:
        value = self.value
        if value is None or not self.may(value.permission):
            return
        self._said = Content()
        now = self._changes.get(value.name, value.value)

        def typed(values: dict[str, object] | None) -> None:
            if values is not None:
                self._change(value, typed_text(value, values["value"]))

        title = partial(say, value.words)
        body = partial(say, value.description)
        check = partial(checked_alone, value)
        self.app.push_screen(Ask(title, [field_of(value, now)], check, body=body, submit=mark("Change")), typed)

    def _change(self, value: ValueView, text: str) -> None:
        """Take ``text`` for what the value is to become; what it is already is no change."""
        self._problems.pop(value.name, None)
        if text == value.value:
            self._changes.pop(value.name, None)
        else:
            self._changes[value.name] = text
        self._keep()
        self._show_page(first=False)

    def action_undo(self) -> None:
        """x: the value under the cursor stays as it is."""
        value = self.value
        if value is not None and value.name in self._changes:
            self._change(value, value.value)

    # Finding

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("try", "propose", "changes"):
            return bool(self._changes) or self._changed_alone
        if action == "undo":
            value = self.value
            return value is not None and value.name in self._changes
        if action == "back":
            return self._narrowed or len(self.app.screen_stack) > 2
        return super().check_action(action, parameters)

    @property
    def _narrowed(self) -> bool:
        return self._changed_alone or bool(self._text)

    def action_back(self) -> None:
        """Esc: all values again; from there to the page before."""
        if not self._narrowed:
            super().action_back()
            return
        self._changed_alone = False
        self.query_one(SearchBox).value = self._text = ""
        self._leave_search()
        self._show_page()

    def action_search(self) -> None:
        """/: values by their words."""
        box = self.query_one(SearchBox)
        box.add_class("shown").focus()

    def _leave_search(self) -> None:
        self.query_one(SearchBox).set_class(bool(self._text), "shown")
        self.table.focus()

    @on(SearchBox.Asked)
    def _asked(self, event: SearchBox.Asked) -> None:
        if event.text != self._text:
            self._text, self._changed_alone = event.text, False
            self._show_page()
        if event.eager:
            self._leave_search()

    @on(SearchBox.Left)
    def _left_search(self) -> None:
        self._leave_search()

    def action_changes(self) -> None:
        """c: what is changed alone, or all values again."""
        self._changed_alone = not self._changed_alone
        self._show_page()

    def action_section(self) -> None:
        """s: go to a section."""
        options = [Option(name, partial(tr, name)) for name in self._sections()]
        self.app.push_screen(Choose(lambda: tr("Which section?"), options), self._go_to)

    def _go_to(self, section: str | None) -> None:
        if section is not None:
            self._changed_alone, self._text, self._begins_with = False, "", section
            self._show_page()

    # Trying and proposing

    def action_try(self) -> None:
        """t: what the changes would do."""
        self.app.push_screen(PolicyTried(self.PAGE, dict(self._changes), self._came_of_it))

    def action_propose(self) -> None:
        """Ctrl+S: ask that the changes take force."""
        ask_to_propose(self, self._changes, self._came_of_it)

    def action_versions(self) -> None:
        """v: earlier and later versions, and what waits for a signature."""
        self.app.push_screen(PolicyVersions(self.PAGE))

    def _came_of_it(self, came: Content | InvalidForm) -> None:
        """The changes are on their way, or some of them can't be."""
        if isinstance(came, InvalidForm):
            self._problems = {problem.field: problem for problem in came.problems}
            self._said = Content()
            self._changed_alone = True
        else:
            self._problems, self._said, self._changed_alone = {}, came, False
            self._changes.clear()
            self._keep()
        self._policy = None
        self._show_page()

    # What was changed outlives the page

    def _keep(self) -> None:
        changes = dict(self._changes)
        keep = partial(save_draft, self.desk, self._draft, changes) if changes else partial(discard_draft, ...)
        self.work(keep, lambda _: None, group="draft")
