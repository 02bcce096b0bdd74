"""The sheet: one application with all that a decision rests on, side by side, and the proposal always in view."""

from __future__ import annotations

from functools import partial
from typing import ClassVar, Final
from uuid import UUID

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content

from bankcard_tui.locale import mark, tr
from bankcard_tui.screens.common.base import DeskScreen
from bankcard_tui.screens.common.credit_file import CreditFileScreen
from bankcard_tui.screens.common.shell import TopLine
from bankcard_tui.screens.manager.facts_text import applicant_lines, application_line, header, history_lines
from bankcard_tui.screens.manager.lined import Lined, Lines
from bankcard_tui.screens.manager.opinion_text import opinion_lines, proposal, terms_lines
from bankcard_tui.screens.manager.precedent_text import precedent_lines
from bankcard_tui.screens.manager.why import Decisions, Why
from bankcard_tui.services.application_views import ApplicationRow
from bankcard_tui.services.applications import open_application
from bankcard_tui.services.review import ReviewFile
from bankcard_tui.widgets.dialogs import Choose, Option
from bankcard_tui.widgets.safe import Tone, heading, toned, truncate

WIDE: Final = 110
"""From so many columns on, all three parts stand side by side."""

FRAME_ROWS: Final = 7
"""Rows around the parts: top line, subject, titles, proposal (two), what was said, keys."""


class Sheet(DeskScreen):
    """Shows a ReviewFile. Subclasses say what can be done with it.

    Three parts: the applicant, the opinion, and what happened before (precedents, earlier applications). From 110
    columns on they stand side by side; below, the opinion stays and Tab changes the part beside it.
    """

    DEFAULT_CSS = """
    Sheet .subject { height: 1; padding: 0 1; background: $surface; }
    Sheet .parts { height: 1fr; }
    Sheet .part { width: 1fr; padding: 0 1; }
    Sheet .part .title { height: 1; }
    Sheet .part VerticalScroll { height: 1fr; scrollbar-size-vertical: 1; }
    Sheet #opinion { width: 1.35fr; border-left: solid $panel; }
    Sheet #before { border-left: solid $panel; }
    Sheet.narrow #before { border-left: none; display: none; }
    Sheet.narrow #opinion { width: 1fr; }
    Sheet.narrow.turned #before { display: block; }
    Sheet.narrow.turned #applicant { display: none; }
    Sheet .strip { height: 2; background: $surface; }
    Sheet .strip #proposal { width: 30; height: 2; }
    Sheet .strip #terms { width: 1fr; height: 2; padding: 0 0 0 2; }
    Sheet .said { height: 1; padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "turn", mark("Applicant or history"), show=False),
        Binding("1", "turn('applicant')", mark("Applicant"), show=False),
        Binding("2", "turn('before')", mark("Similar customers and history"), show=False),
        Binding("j,down", "scroll_parts(1)", mark("Scroll down"), show=False),
        Binding("k,up", "scroll_parts(-1)", mark("Scroll up"), show=False),
        Binding("pagedown,space", "scroll_parts(10)", show=False),
        Binding("pageup", "scroll_parts(-10)", show=False),
        Binding("d", "decisions", mark("Decisions before"), show=False),
        Binding("f", "credit_file", mark("Credit file"), show=False),
    ]

    def __init__(self, file: ReviewFile | None = None) -> None:
        super().__init__()
        self.file = file
        self._said = Content()

    def top(self) -> ComposeResult:
        yield TopLine()

    def body(self) -> ComposeResult:
        yield Lined(self._header, id="subject").add_class("subject")
        with Horizontal(classes="parts"):
            with Vertical(id="applicant", classes="part"):
                yield Lined(lambda width: [self._left_title(0)]).add_class("title")
                with VerticalScroll(can_focus=False):
                    yield Lined(self._applicant)
            with Vertical(id="before", classes="part"):
                yield Lined(lambda width: [self._left_title(1)]).add_class("title")
                with VerticalScroll(can_focus=False):
                    yield Lined(self._before)
            with Vertical(id="opinion", classes="part"):
                yield Lined(lambda width: [heading(tr("Opinion"))]).add_class("title")
                with VerticalScroll(can_focus=False):
                    yield Lined(self._opinion)
        with Horizontal(classes="strip"):
            yield Lined(self._proposal, id="proposal")
            yield Lined(lambda width: self.terms(self.file) if self.file else [], id="terms")
        yield Lined(lambda width: [truncate(self._said, width)], id="said").add_class("said")

    def on_resize(self) -> None:
        self.set_class(self.size.width < WIDE, "narrow")
        self.renew()

    # What is shown

    def show(self, file: ReviewFile | None) -> None:
        """Show this file, from the top of each part."""
        self.file = file
        self.remove_class("turned")
        for part in self.query(VerticalScroll):
            part.scroll_home(animate=False)
        self.renew()
        self.refresh_bindings()

    def say(self, said: Content) -> None:
        """What came of the last step, in the line above the keys."""
        self._said = said
        for line in self.query("#said").results(Lined):
            line.renew()

    def renew(self) -> None:
        """Paint all parts anew."""
        for each in self.query(Lined):
            each.renew()

    def proposal(self, file: ReviewFile, width: int) -> Lines:
        """The two rows in the lower left corner: what it is about, large."""
        return proposal(file, width)

    def terms(self, file: ReviewFile) -> Lines:
        """The two rows beside them, quieter."""
        return terms_lines(file)

    def _proposal(self, width: int) -> Lines:
        return self.proposal(self.file, width) if self.file else []

    def _header(self, width: int) -> Lines:
        return [header(self.file, self.desk.bank.clock.now(), width)] if self.file else []

    def applicant_lines(self, file: ReviewFile, width: int) -> Lines:
        """The part about the applicant."""
        return applicant_lines(file, self.zone, width)

    def _applicant(self, width: int) -> Lines:
        return self.applicant_lines(self.file, width) if self.file else []

    def _opinion(self, width: int) -> Lines:
        return opinion_lines(self.file, width, self._rows) if self.file else []

    def _before(self, width: int) -> Lines:
        if self.file is None:
            return []
        return [
            *precedent_lines(self.file.advice, width),
            Content(),
            *history_lines(self.file, self.zone, width),
        ]

    @property
    def _rows(self) -> int:
        """The rows that a part has for its lines."""
        return self.size.height - FRAME_ROWS

    def _left_title(self, place: int) -> Content:
        """The two parts that share the left half, with their keys; alone on a wide terminal."""
        words = (tr("Applicant"), tr("Similar and earlier"))
        if self.size.width >= WIDE:
            return heading(words[place])
        return Content.assemble(
            *(
                Content.assemble((f"{number + 1} ", f"bold {Tone.ACCENT}"), self._tab(word, number == place), "   ")
                for number, word in enumerate(words)
            )
        )

    def _tab(self, word: str, here: bool) -> Content:
        return heading(word).stylize("underline") if here else toned(word, Tone.MUTED)

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("turn", "why", "decisions", "scroll_parts") and self.file is None:
            return False
        return super().check_action(action, parameters)

    def action_turn(self, part: str = "") -> None:
        """On a narrow terminal: the other part in the left half."""
        before = part == "before" if part else not self.has_class("turned")
        self.set_class(before, "turned")

    def action_scroll_parts(self, lines: int) -> None:
        """Scroll whatever does not fit."""
        for part in self.query(VerticalScroll):
            part.scroll_relative(y=lines, animate=False)

    def action_why(self) -> None:
        """All reasons."""
        if self.file is not None:
            self.app.push_screen(Why(self.file.advice))

    def action_credit_file(self) -> None:
        """The credit file of whoever applies."""
        if self.file is not None:
            self.app.push_screen(CreditFileScreen(self.file.customer.id))

    def action_decisions(self) -> None:
        """What was decided before on this customer, each with the opinion as it was."""
        if self.file is None:
            return
        at_hand = self.file.application
        # One that is looked at again has no day of decision any more, but the refusal that matters most.
        again = {at_hand.row.id} if at_hand.decisions else set()
        decided = [row for row in self.file.customer.applications if row.decided_at is not None or row.id in again]
        if len(decided) > 1:
            options = [Option(row.id.hex, partial(self._decided, row)) for row in decided]
            self.app.push_screen(Choose(lambda: tr("Which decision?"), options), self._open_decisions)
        elif decided:
            self._open_decisions(decided[0].id.hex)
        else:
            self.say(toned(tr("Nothing was decided here before."), Tone.MUTED))

    def _decided(self, row: ApplicationRow) -> Content:
        return application_line(row, self.zone)

    def _open_decisions(self, chosen: str | None) -> None:
        if chosen is not None:
            application = UUID(hex=chosen)
            self.work(
                lambda: open_application(self.desk, application),
                lambda file: self.app.push_screen(Decisions(file, self.zone)),
            )
