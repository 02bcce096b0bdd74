"""The menu (Ctrl+P): everything that can be done here, found by typing a part of its name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from bankcard_tui.locale import mark, tr
from bankcard_tui.rules.text import fold_width
from bankcard_tui.screens.common.shell import FIRST_KEY
from bankcard_tui.widgets.dialogs import Dialog
from bankcard_tui.widgets.entries import Entry
from bankcard_tui.widgets.keybar import key_name
from bankcard_tui.widgets.safe import Tone, pad, toned, truncate

if TYPE_CHECKING:
    from bankcard_tui.app import BankApp

WORD_CELLS = 50
KEY_CELLS = 12


@dataclass(frozen=True)
class Command:
    """``words`` are English, marked, with {page} for the title of a page; ``action`` is run at ``node``."""

    words: str
    key: str
    action: str
    node: Any
    page: str = ""

    def spoken(self) -> str:
        """The words in the language in use."""
        return tr(self.words, page=tr(self.page)) if self.page else tr(self.words)


EVERYWHERE = (
    (mark("What waits for you"), "", "app.open('overview')"),
    (mark("Own account"), "", "app.open('own_account')"),
    (mark("Change password"), "", "app.open('password')"),
    (mark("Change the language: 中文/English"), "Ctrl+T", "app.language"),
    (mark("Dark or light colours"), "", "app.appearance"),
    (mark("Lock the terminal"), "Ctrl+L", "app.lock"),
    (mark("Sign out"), "Ctrl+Q", "app.leave"),
)


def commands(screen: Screen[Any], app: BankApp) -> Iterator[Command]:
    """What can be done on ``screen``, then every page, then what can be done everywhere."""
    seen: set[str] = set()
    own = {binding.action for binding in Binding.make_bindings(Screen.BINDINGS)}
    for active in screen.active_bindings.values():
        binding = active.binding
        # Of widgets only what their footer shows: how to move a cursor is nobody's errand.
        offered = binding.show or active.node is screen
        useful = binding.description and offered and active.enabled and active.node is not app
        if useful and binding.action not in {*own, *seen, "back"}:
            seen.add(binding.action)
            yield Command(binding.description, key_name(binding), binding.action, active.node)
    for place, page in enumerate(app.pages):
        yield Command(mark("Go to: {page}"), f"F{place + FIRST_KEY}", f"app.page({place})", app, page.title)
    for words, key, action in EVERYWHERE:
        if "overview" not in action or not app.who.second_factor_due:
            yield Command(words, key, action, app)


class Menu(Dialog[Command]):
    """A line to type into and what fits it; Enter does what is marked."""

    DEFAULT_CSS = """
    Menu Entry { margin-top: 1; width: 1fr; }
    Menu OptionList { max-height: 60vh; scrollbar-size-vertical: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", mark("Choose")),
        Binding("down", "move(1)", show=False),
        Binding("up", "move(-1)", show=False),
        Binding("pagedown", "move(8)", show=False),
        Binding("pageup", "move(-8)", show=False),
    ]

    def __init__(self, screen: Screen[Any]) -> None:
        super().__init__(lambda: tr("What do you want to do?"))
        self._commands = list(commands(screen, cast("BankApp", screen.app)))
        self._fitting = self._commands

    def question(self) -> ComposeResult:
        yield Entry("", id="wanted")
        options = OptionList(compact=True, id="fitting")
        options.can_focus = False
        yield options

    def on_mount(self) -> None:
        self.query_one(Entry).focus()
        self._offer()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._look()

    async def relabel(self) -> None:
        typed = self.query_one(Entry).value
        await super().relabel()
        self.query_one(Entry).value = typed
        self._look()

    def _look(self) -> None:
        """Offer what fits what was typed."""
        wanted = fold_width(self.query_one(Entry).value).casefold().split()
        self._fitting = [each for each in self._commands if all(part in each.spoken().casefold() for part in wanted)]
        self._offer()

    def _offer(self) -> None:
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options(_line(each) for each in self._fitting)
        if self._fitting:
            options.highlighted = 0
        else:
            options.add_option(Option(toned(tr("Nothing here has this name."), Tone.MUTED), disabled=True))

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_choose()

    def action_choose(self) -> None:
        """Enter: do what is marked."""
        place = self.query_one(OptionList).highlighted
        if place is not None and place < len(self._fitting):
            self.dismiss(self._fitting[place])

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._fitting[event.option_index])

    def action_move(self, step: int) -> None:
        """To another line."""
        options = self.query_one(OptionList)
        if self._fitting:
            options.highlighted = max(0, min(len(self._fitting) - 1, (options.highlighted or 0) + step))


def _line(command: Command) -> Option:
    words = pad(truncate(command.spoken(), WORD_CELLS), WORD_CELLS)
    return Option(Content.assemble(words, toned(pad(command.key, KEY_CELLS, "right"), Tone.MUTED)))
