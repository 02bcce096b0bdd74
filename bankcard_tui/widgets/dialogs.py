"""Questions in the middle of the screen: confirm, ask, choose, tell. All by keys, all left by Esc."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final, TypeVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.signal import Signal
from textual.widgets import Button, Input, OptionList, Static
from textual.widgets.option_list import Option as ListOption

from bankcard_tui.errors import BankError, InvalidForm, InvalidInput
from bankcard_tui.locale import mark, tr
from bankcard_tui.widgets.entries import OPTION_KEYS
from bankcard_tui.widgets.errands import SESSION_PROBLEMS, Errands, problem_text
from bankcard_tui.widgets.fields import Field
from bankcard_tui.widgets.form import Form
from bankcard_tui.widgets.keybar import KeyBar
from bankcard_tui.widgets.safe import Tone, heading, safe, safe_lines, truncate
from bankcard_tui.widgets.working import RELABEL_AGAIN_SECONDS, remade

TITLE_CELLS: Final = 66
LABEL_CELLS: Final = 34

Answer = TypeVar("Answer")
Text = str | Content
Words = Text | Callable[[], Text]
"""What a dialog says: str is shown as it is (nothing in it is markup), or Content; a function gives it in the language
in use, whenever that changes. Only what is the same in every language is no function."""


def spoken(words: Words) -> Text:
    """The words in the language in use."""
    return words() if callable(words) else words


class Dialog(ModalScreen[Answer]):
    """A box with a title of one line and a text, scrolled by PgUp and PgDn; what a subclass asks stands below.

    With another language it is composed again: what was typed, the cursor and what is marked stay.
    """

    DEFAULT_CSS = """
    Dialog { align: center middle; background: $background 60%; }
    Dialog .box {
        width: 72; max-width: 96%; height: auto; max-height: 94%; padding: 1 2;
        background: $surface; border: round $accent;
    }
    Dialog.destructive .box { border: round $error; }
    Dialog .text { height: auto; max-height: 12; margin-top: 1; }
    Dialog .text Static { height: auto; }
    Dialog .buttons { height: 1; margin-top: 1; align-horizontal: right; }
    Dialog Button {
        height: 1; min-width: 10; padding: 0 2; margin-left: 2;
        background: $panel; color: $foreground; text-style: none;
    }
    Dialog Button:focus { background: $primary; color: $block-cursor-foreground; text-style: bold underline; }
    Dialog Entry, Dialog Notes { background: $background; }
    Dialog Form { height: auto; max-height: 50vh; margin-top: 1; padding: 0; }
    Dialog OptionList { height: auto; max-height: 45vh; margin-top: 1; background: $surface; }
    Dialog OptionList > .option-list--option { padding: 0; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", mark("Cancel")),
        Binding("pagedown", "scroll_text(5)", show=False),
        Binding("pageup", "scroll_text(-5)", show=False),
    ]

    def __init__(self, title: Words, body: Words = "") -> None:
        super().__init__()
        self._title = title
        self._text = body
        self._errands = Errands(self)

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield Static(truncate(heading(spoken(self._title)), TITLE_CELLS), markup=False)
            if text := spoken(self._text):
                with VerticalScroll(classes="text", can_focus=False):
                    yield Static(safe_lines(text) if isinstance(text, str) else text, markup=False)
            yield from self.question()
        yield KeyBar()

    def question(self) -> ComposeResult:
        """What stands below the text."""
        yield from ()

    def on_mount(self) -> None:
        changed = getattr(self.app, "language_changed", None)
        if isinstance(changed, Signal):
            changed.subscribe(self, lambda _language: self.relabel())

    async def recompose(self) -> None:
        with self._errands.held_back():
            await super().recompose()

    async def relabel(self) -> None:
        """Compose again in the language in use; what a form has sent is answered first."""
        if any(form.busy for form in self.query(Form)):
            self.set_timer(RELABEL_AGAIN_SECONDS, self.relabel)
            return
        here = self.focused.id if self.focused is not None else None
        marked = [options.highlighted for options in self.query(OptionList)]
        with self._errands.held_back():
            await remade(self)
        for options, place in zip(self.query(OptionList), marked, strict=False):
            options.highlighted = place
        for field in self.query(f"#{here}") if here else ():
            self.set_focus(field)
        if isinstance(self.focused, Input):
            self.call_after_refresh(self.focused.action_end)

    def action_back(self) -> None:
        """Esc: leave without an answer."""
        self.dismiss(None)

    def action_scroll_text(self, lines: int) -> None:
        for text in self.query(".text"):
            text.scroll_relative(y=lines, animate=False)


class Message(Dialog[None]):
    """Says something and waits for Enter or Esc."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", mark("Close"), show=False),
        Binding("enter", "back", mark("Close")),
    ]


class LongMessage(Message):
    """One that takes most of the screen; PgDn and PgUp scroll what does not fit."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("pagedown", "scroll_text(5)", mark("Further"))]
    DEFAULT_CSS = "LongMessage .text { max-height: 66vh; }"


class Confirm(Dialog[bool]):
    """Yes or no, with the cursor on Cancel. ``confirm_label`` says what will be done.

    y and n answer at once; Esc is no. ``destructive`` marks a step that can't be taken back.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,n", "back", mark("Cancel")),
        Binding("y", "yes", mark("Confirm")),
        Binding("left,up", "app.focus_previous", show=False),
        Binding("right,down", "app.focus_next", show=False),
    ]

    def __init__(self, title: Words, body: Words, confirm_label: Words, *, destructive: bool = True) -> None:
        super().__init__(title, body)
        self._confirm_label = confirm_label
        self.set_class(destructive, "destructive")

    def question(self) -> ComposeResult:
        with Horizontal(classes="buttons"):
            yield Button(Content.assemble(("n ", "bold"), tr("Cancel")), id="cancel", compact=True)
            yield Button(
                Content.assemble(("y ", "bold"), truncate(spoken(self._confirm_label), LABEL_CELLS)),
                id="confirm",
                compact=True,
            )

    def on_mount(self) -> None:
        self.query_one("#cancel").focus()

    def action_back(self) -> None:
        self.dismiss(False)

    def action_yes(self) -> None:
        self.dismiss(True)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "confirm")


class Ask(Dialog[Any]):
    """A small form. Dismisses with what ``send(values, key)`` returns, or with the values where there is no ``send``;
    with None on Esc.

    ``send`` runs in a thread; its problems show up at the fields, and the dialog stays. ``key`` is the idempotency key
    of this filling in. ``body`` shows three lines; more belongs into a field of kind note. ``destructive`` marks a step
    that can't be taken back: the cursor is on Cancel, from where Tab goes to the fields and Up to what sends them.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("up", "app.focus_previous", show=False)]

    DEFAULT_CSS = "Ask .text { max-height: 3; }"

    def __init__(
        self,
        title: Words,
        fields: Sequence[Field],
        send: Callable[[dict[str, object], str], object] | None = None,
        *,
        body: Words = "",
        submit: str = mark("Send"),
        destructive: bool = False,
    ) -> None:
        super().__init__(title, body)
        self._fields = fields
        self._send = send
        self._submit = submit
        self.set_class(destructive, "destructive")

    def question(self) -> ComposeResult:
        yield Form(self._fields, submit=self._submit, id="ask")
        if self.has_class("destructive"):
            with Horizontal(classes="buttons"):
                yield Button(tr("Cancel"), id="cancel", compact=True)

    def on_mount(self) -> None:
        if self.has_class("destructive"):
            self.query_one("#cancel").focus()
        else:
            self.query_one(Form).focus()

    @on(Button.Pressed, "#cancel")
    def _cancelled(self) -> None:
        self.dismiss(None)

    @on(Form.Submitted)
    def _submitted(self, event: Form.Submitted) -> None:
        event.stop()
        send, key = self._send, event.form.key
        if send is None:
            self.dismiss(event.values)
            return
        self._errands.start(lambda: send(event.values, key), self.dismiss, on_problem=self._show_problem)

    def _show_problem(self, error: BankError) -> None:
        form = self.query_one(Form)
        form.busy = False
        if isinstance(error, InvalidInput | InvalidForm):
            form.show_problems(error)
        elif not isinstance(error, SESSION_PROBLEMS):
            form.say(problem_text(error), Tone.BAD)


@dataclass(frozen=True)
class Option:
    """``value`` is what the dialog answers; ``key`` a letter, else its number."""

    value: str
    label: Words
    key: str = ""


class Choose(Dialog[str | None]):
    """One of a few options: its key chooses it at once, j k and arrows move, Enter chooses."""

    DEFAULT_CSS = "Choose .text { max-height: 3; }"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor('down')", show=False),
        Binding("k", "cursor('up')", show=False),
    ]

    def __init__(self, title: Words, options: Sequence[Option], body: Words = "") -> None:
        super().__init__(title, body)
        spare = iter(OPTION_KEYS)
        self._options = {option.key or next(spare): option for option in options}

    def question(self) -> ComposeResult:
        yield OptionList(
            *(
                ListOption(Content.assemble((f" {key} ", "bold"), " ", safe(spoken(option.label))))
                for key, option in self._options.items()
            ),
            compact=True,
            id="options",
        )

    def on_mount(self) -> None:
        self.query_one(OptionList).focus()

    def on_key(self, event: events.Key) -> None:
        option = self._options.get(event.character or "")
        if option is not None:
            event.stop()
            event.prevent_default()
            self.dismiss(option.value)

    def action_cursor(self, step: str) -> None:
        options = self.query_one(OptionList)
        if step == "down":
            options.action_cursor_down()
        else:
            options.action_cursor_up()

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(list(self._options.values())[event.option_index].value)
