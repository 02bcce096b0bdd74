"""A field on the screen: label, input, and one line for its hint or its problem."""

from __future__ import annotations

from typing import Final

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static, TextArea

from bankcard_tui.errors import BankError, InvalidInput
from bankcard_tui.locale import mark, tr
from bankcard_tui.rules.money import Money
from bankcard_tui.widgets.entries import Entry, Options
from bankcard_tui.widgets.errands import problem_text
from bankcard_tui.widgets.fields import SILENT, Field, Raw, empty, to_raw
from bankcard_tui.widgets.notes import Notes
from bankcard_tui.widgets.safe import Tone, heading, safe, safe_lines, status, toned

NOTHING: Final = mark("not stated")
"""The empty choice of an optional field."""

_WIDTHS: Final = {"amount": 20, "number": 14, "date": 14}


class FieldRow(Vertical):
    """A field on the screen. ``raw`` is what it holds; ``problem`` replaces the hint until the field changes."""

    DEFAULT_CSS = """
    FieldRow { height: auto; }
    FieldRow Horizontal { height: auto; }
    FieldRow .label { height: auto; text-align: right; padding-right: 2; }
    FieldRow.here .label { color: $accent; text-style: bold; }
    FieldRow .message { height: auto; min-height: 1; }
    FieldRow.silent { margin-bottom: 1; }
    """

    def __init__(self, field: Field, label_width: int) -> None:
        super().__init__(classes="silent" if field.kind in SILENT else "")
        self.field = field
        self._label_width = label_width
        self._problem: BankError | None = None
        self._input = _input_for(field, to_raw(field, field.value)) if field.kind not in SILENT else None

    def compose(self) -> ComposeResult:
        if self._input is None:
            words = safe_lines(tr(self.field.label))
            yield Static(heading(words) if self.field.kind == "heading" else toned(words, Tone.MUTED), markup=False)
            return
        with Horizontal():
            label = Static(safe("" if self.field.kind == "check" else tr(self.field.label)), classes="label")
            label.styles.width = self._label_width
            yield label
            yield self._input
        message = Static(self._message(), classes="message", markup=False)
        message.styles.margin = (0, 0, 0, self._label_width)
        yield message

    @property
    def input(self) -> Widget:
        """The input inside; only fields that have a value have one."""
        if self._input is None:
            raise LookupError(self.field.name)
        return self._input

    @property
    def raw(self) -> Raw:
        if isinstance(self._input, Options):
            chosen = self._input.chosen
            if self.field.kind == "check":
                return bool(chosen)
            return chosen if self.field.kind == "choices" else "".join(chosen)
        if isinstance(self._input, Notes):
            return self._input.text
        return self._input.value if isinstance(self._input, Entry) else empty(self.field)

    @raw.setter
    def raw(self, raw: Raw) -> None:
        """Set without counting as a change by the person."""
        with self.prevent(Input.Changed, TextArea.Changed):
            if isinstance(self._input, Options):
                self._input.chosen = _chosen(self.field, raw)
            elif isinstance(self._input, Notes):
                self._input.text = str(raw)
            elif isinstance(self._input, Entry):
                self._input.value = str(raw)
        self.problem = None

    @property
    def problem(self) -> BankError | None:
        return self._problem

    @problem.setter
    def problem(self, problem: BankError | None) -> None:
        if problem is not self._problem:
            self._problem = problem
            for message in self.query(".message").results(Static):
                message.update(self._message())

    def _message(self) -> Content:
        if self._problem is not None:
            return status("!", problem_text(self._problem), Tone.BAD)
        hint = tr(self.field.hint) if self.field.hint else ""
        if not self.field.required and self.field.kind != "check":
            hint = f"{tr('Optional.')} {hint}".rstrip()
        return toned(hint, Tone.MUTED)

    def tidy(self) -> None:
        """Write an amount with its separators once the person has left it."""
        if self.field.kind == "amount" and isinstance(self._input, Entry) and self._input.value.strip():
            try:
                money = Money.parse(self._input.value, self.field.name)
            except InvalidInput as problem:
                self.problem = problem
            else:
                with self.prevent(Input.Changed):
                    self._input.value = str(money)


def _chosen(field: Field, raw: Raw) -> tuple[str, ...]:
    if isinstance(raw, bool):
        return (field.name,) if raw else ()
    if isinstance(raw, str):
        # No choice is a choice of its own where the field can be left empty.
        return (raw,) if raw or not field.required else ()
    return raw


def _input_for(field: Field, raw: Raw) -> Widget:
    if field.kind in ("choice", "choices"):
        several = field.kind == "choices"
        nothing = "" if several or field.required else tr(NOTHING)
        return Options(field.words(), _chosen(field, raw), id=field.name, several=several, nothing=nothing)
    if field.kind == "check":
        return Options([(field.name, tr(field.label))], _chosen(field, raw), id=field.name, several=True)
    if field.kind == "text":
        return Notes(str(raw), id=field.name)
    entry = Entry(str(raw), id=field.name, secret=field.kind == "secret", right=field.kind in ("amount", "number"))
    if field.kind in _WIDTHS:
        entry.styles.width = _WIDTHS[field.kind]
    return entry
