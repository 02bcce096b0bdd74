"""The one form: a column of questions, each with its label, its input and one line for hint or problem."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from rich.cells import cell_len
from textual import on
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.events import DescendantBlur, DescendantFocus
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Button, Input, Static, TextArea

from bankcard_tui.errors import InvalidForm, InvalidInput
from bankcard_tui.locale import mark, tr
from bankcard_tui.widgets.entries import Options, PasteRefused
from bankcard_tui.widgets.errands import problem_text
from bankcard_tui.widgets.fields import SILENT, Field, Raw, read, to_raw
from bankcard_tui.widgets.row import FieldRow
from bankcard_tui.widgets.safe import Tone, safe, status

LABEL_CELLS: Final = 24
"""The widest column of labels; longer labels wrap."""


class Form(VerticalScroll, can_focus=False, inherit_bindings=False):
    """A form made from a list of fields. Enter and Down go on, Up goes back, Ctrl+S sends.

    ``submit`` is the English word on the button. With ``enter_sends`` Enter in the last field sends (signing in);
    otherwise it goes to the button, so that nothing is sent by one Enter too many.

    On sending, what the form can check itself is shown at the fields; else ``Form.Submitted`` is posted and the form
    is ``busy``: it can't be sent again until ``busy`` is False. ``BankScreen.send`` does all of that.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "send", mark("Send")),
        Binding("down", "move(1)", show=False),
        Binding("up", "move(-1)", show=False),
        Binding("enter", "next_line", show=False, priority=True),
        Binding("enter", "move(1)", show=False),
        Binding("tab", "tab(1)", show=False, priority=True),
        Binding("shift+tab", "tab(-1)", show=False, priority=True),
        Binding("pagedown", "move(5)", show=False),
        Binding("pageup", "move(-5)", show=False),
    ]
    DEFAULT_CSS = """
    Form { height: 1fr; padding: 0 1; scrollbar-size-vertical: 1; }
    Form Entry, Form Notes { max-width: 60; }
    Form .send-line { height: auto; }
    Form .send-line Button {
        height: 1; min-width: 12; padding: 0 2; background: $panel; color: $foreground; text-style: bold;
    }
    Form .send-line Button:focus { background: $primary; color: $block-cursor-foreground; text-style: bold underline; }
    Form .send-line Static { width: 1fr; height: auto; min-height: 1; padding-left: 2; }
    """

    busy: reactive[bool] = reactive(False, init=False)
    """Whether what was sent is still on its way."""

    @dataclass
    class Submitted(Message):
        """The person sends; ``values`` by field name, as ``Field`` says."""

        form: Form
        values: dict[str, object]

    @dataclass
    class Changed(Message):
        """The person changed the field ``name``."""

        form: Form
        name: str

    def __init__(
        self,
        fields: Sequence[Field],
        *,
        submit: str = mark("Send"),
        enter_sends: bool = False,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._submit = submit
        self._enter_sends = enter_sends
        self._left_out: frozenset[str] = frozenset()
        asked = [cell_len(tr(field.label)) + 2 for field in fields if field.kind not in (*SILENT, "check")]
        width = min(LABEL_CELLS, max(asked, default=2))
        self.rows = {field.name: FieldRow(field, width) for field in fields}
        self.held: dict[str, Raw] = self.draft()
        self._label_width = width
        self.key = uuid.uuid4().hex

    def compose(self) -> ComposeResult:
        yield from self.rows.values()
        with Horizontal(classes="send-line") as line:
            line.styles.margin = (0, 0, 0, self._label_width)
            yield Button(safe(tr(self._submit)), classes="send", compact=True)
            yield Static("", classes="form-message", markup=False)

    def renew_key(self) -> None:
        """A new idempotency key: what is sent next is another request."""
        self.key = uuid.uuid4().hex

    def focus(self, scroll_visible: bool = True) -> Form:
        """Put the cursor into the first field."""
        self._stops[0].focus(scroll_visible)
        return self

    # Values

    def values(self) -> dict[str, object]:
        """The values of all fields. Raises InvalidForm with every problem that the form can see itself."""
        found: dict[str, object] = {}
        problems: list[InvalidInput] = []
        for row in self._asking:
            try:
                found[row.field.name] = read(row.field, row.raw)
            except InvalidInput as problem:
                problems.append(problem)
        if problems:
            raise InvalidForm(problems)
        return found

    def raw(self, name: str) -> Raw:
        """What the field ``name`` holds now."""
        return self.rows[name].raw

    def draft(self, *, secrets: bool = True) -> dict[str, Raw]:
        """What every field holds now, complete or not, to be kept and given to ``fill`` again."""
        return {row.field.name: row.raw for row in self._asking if secrets or row.field.kind != "secret"}

    def fill(self, values: Mapping[str, object]) -> None:
        """Put values or a draft into the fields; names that the form does not ask for are ignored."""
        for row in self._asking:
            if row.field.name in values:
                row.raw = to_raw(row.field, values[row.field.name])

    def leave_out(self, names: Collection[str]) -> None:
        """Ask for everything but the fields ``names``: those are not shown, and hold nothing."""
        self._left_out = frozenset(names)
        for name, row in self.rows.items():
            row.display = name not in names

    def hold(self, values: Mapping[str, object]) -> None:
        """Fill in what there is already: what differs from it later is a change by the person."""
        self.fill(values)
        self.held = self.draft()

    def changes(self) -> dict[str, Raw]:
        """What the person has changed, without secrets, as ``draft`` gives it."""
        return {name: raw for name, raw in self.draft(secrets=False).items() if raw != self.held[name]}

    def take_over(self, before: Form) -> None:
        """Go on where ``before``, the same form in another language, was left."""
        self.fill(before.draft())
        self.held, self.key = before.held, before.key

    def show_problems(self, error: InvalidInput | InvalidForm) -> None:
        """Show each problem at its field and go to the first; what belongs to no field stands beside the button."""
        problems = error.problems if isinstance(error, InvalidForm) else [error]
        first = {problem.field: problem for problem in reversed(problems)}
        for row in self._asking:
            row.problem = first.get(row.field.name)
        others = [problem for problem in problems if problem.field not in self.rows]
        self.say(" ".join(problem_text(problem) for problem in others), Tone.BAD)
        wrong = next((row for row in self._asking if row.problem is not None), None)
        self.busy = False
        if wrong is not None:
            wrong.input.focus()

    def say(self, text: str, tone: Tone = Tone.MUTED) -> None:
        """A sentence (translated already) beside the button; empty takes it away."""
        content = status("!" if tone is Tone.BAD else "", text, tone) if text else Content()
        self.query_one(".form-message", Static).update(content)

    def watch_busy(self, busy: bool) -> None:
        if self.is_mounted:
            self.query_one(".send", Button).disabled = busy
            self.say(tr("Sending ...") if busy else "")

    # Keys

    @property
    def _asking(self) -> list[FieldRow]:
        return [
            row for row in self.rows.values() if row.field.kind not in SILENT and row.field.name not in self._left_out
        ]

    @property
    def _stops(self) -> list[Widget]:
        stops = [row.input for row in self._asking]
        return [*stops, *self.query(".send")]

    def action_move(self, step: int) -> None:
        """Go ``step`` fields on, at most to the first or to the button."""
        stops = self._stops
        here = stops.index(self.screen.focused) if self.screen.focused in stops else 0
        # At once: keys may be typed ahead of the screen, and a password must not run on into the field before it.
        self.screen.set_focus(stops[max(0, min(len(stops) - 1, here + step))])

    def action_tab(self, step: int) -> None:
        """Tab moves at once, as Enter does; at the ends of the form it goes where it goes on the screen."""
        stops, here = self._stops, self.screen.focused
        if here not in stops or not 0 <= stops.index(here) + step < len(stops):
            raise SkipAction
        self.action_move(step)

    def action_next_line(self) -> None:
        """Enter in a line goes on; in the last one of a form that Enter sends, and elsewhere, the widget takes it."""
        lines = [row.input for row in self._asking if isinstance(row.input, Input)]
        here = self.screen.focused
        if here not in lines or (self._enter_sends and here is self._asking[-1].input):
            raise SkipAction
        self.action_move(1)

    def action_send(self) -> None:
        """Check what can be checked here and send, once."""
        if self.busy:
            return
        try:
            values = self.values()
        except InvalidForm as error:
            self.show_problems(error)
            return
        self.say("")
        self.busy = True
        self.post_message(self.Submitted(self, values))

    @on(Input.Submitted)
    def _enter(self, event: Input.Submitted) -> None:
        event.stop()
        if self._enter_sends and event.input is self._asking[-1].input:
            self.action_send()
        else:
            self.action_move(1)

    @on(Button.Pressed, ".send")
    def _button(self, event: Button.Pressed) -> None:
        event.stop()
        self.action_send()

    # What happens in the fields

    @on(Input.Changed)
    @on(TextArea.Changed)
    @on(Options.Changed)
    def _changed(self, event: Input.Changed | TextArea.Changed | Options.Changed) -> None:
        event.stop()
        row = self._row_of(event.control)
        if row is None:
            return
        row.problem = None
        if row.field.on_change is not None:
            row.field.on_change(row.raw, self)
        self.post_message(self.Changed(self, row.field.name))

    @on(PasteRefused)
    def _paste_refused(self, event: PasteRefused) -> None:
        event.stop()
        row = self._row_of(event.control)
        if row is not None:
            row.problem = event.problem

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        row = self._row_of(event.widget)
        if row is not None:
            row.add_class("here")
            self.scroll_to_widget(row, animate=False)

    def on_descendant_blur(self, event: DescendantBlur) -> None:
        row = self._row_of(event.widget)
        if row is not None:
            row.remove_class("here")
            row.tidy()

    def _row_of(self, widget: object) -> FieldRow | None:
        return next((row for row in self._asking if row.input is widget), None)
