"""The credit file on one page: where the credit of a customer stands, month by month, and everything that happened."""

from __future__ import annotations

from functools import partial
from typing import ClassVar, Final
from uuid import UUID

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll

from bankcard_tui.errors import BankError
from bankcard_tui.locale import mark, tr
from bankcard_tui.screens.common.base import DeskScreen
from bankcard_tui.screens.common.credit_file_story import TOPICS, story_lines, topics_in
from bankcard_tui.screens.common.credit_file_text import check_lines, glance_lines, header_lines, month_lines
from bankcard_tui.services.credit_file import credit_file
from bankcard_tui.services.credit_file_views import CreditFile
from bankcard_tui.widgets.dialogs import Choose, Option
from bankcard_tui.widgets.errands import SESSION_PROBLEMS, problem_text
from bankcard_tui.widgets.lined import Lined, Lines
from bankcard_tui.widgets.safe import Tone, heading, status, toned

WIDE: Final = 110
_EVERYTHING: Final = "all"


class CreditFileScreen(DeskScreen):
    """The credit file of ``customer``; ``own`` where the customer reads it."""

    HELP = mark(
        "The credit file: who checked what, how limit and balance went month by month, and everything that happened, "
        "the newest first.\n"
        "1, 2 and 3 jump to where the credit stands, to the months, and to what happened. t shows what happened about "
        "one topic alone. j and k scroll, Space and PgDn by pages."
    )
    DEFAULT_CSS = """
    CreditFileScreen .header { padding: 0 1; background: $surface; }
    CreditFileScreen #file { height: 1fr; }
    CreditFileScreen #file VerticalScroll { width: 1fr; height: 1fr; padding: 0 1; scrollbar-size-vertical: 1; }
    CreditFileScreen #right { display: none; border-left: solid $panel; }
    CreditFileScreen.wide #right { display: block; }
    CreditFileScreen.wide #left .story { display: none; }
    CreditFileScreen Lined { margin-bottom: 1; }
    CreditFileScreen .header { margin-bottom: 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("1", "jump('glance')", mark("Standing"), show=False),
        Binding("2", "jump('months')", mark("Month by month"), show=False),
        Binding("3", "jump('story')", mark("What happened")),
        Binding("t", "topic", mark("Topic")),
        Binding("u", "update", mark("Update")),
        Binding("j,down", "scroll_file(1)", mark("Scroll down"), show=False),
        Binding("k,up", "scroll_file(-1)", mark("Scroll up"), show=False),
        Binding("pagedown,space", "scroll_file(10)", show=False),
        Binding("pageup", "scroll_file(-10)", show=False),
        Binding("home", "jump('glance')", show=False),
    ]

    def __init__(self, customer: UUID, *, own: bool = False) -> None:
        super().__init__()
        self._customer = customer
        self._own = own
        self._file: CreditFile | None = None
        self._problem: BankError | None = None
        self._topic = ""

    def body(self) -> ComposeResult:
        yield Lined(self._header, id="header").add_class("header")
        with Horizontal(id="file"):
            with VerticalScroll(id="left", can_focus=False):
                yield Lined(self._glance, id="glance")
                yield Lined(self._months, id="months")
                yield Lined(self._checks, id="checks")
                yield Lined(self._story, id="story").add_class("story")
            with VerticalScroll(id="right", can_focus=False):
                yield Lined(self._story, id="story-right")

    def on_resize(self) -> None:
        self.set_class(self.size.width >= WIDE, "wide")

    def load(self) -> None:
        if self._file is None:
            self.action_update()

    def action_update(self) -> None:
        """Open the file again: the look is logged."""
        self.work(lambda: credit_file(self.desk, self._customer), self._show, on_problem=self._failed)

    def _show(self, file: CreditFile) -> None:
        self._file, self._problem = file, None
        self._renew()

    def _failed(self, error: BankError) -> None:
        if not isinstance(error, SESSION_PROBLEMS):
            self._problem = error
            self._renew()

    def _renew(self) -> None:
        for part in self.query(Lined):
            part.renew()
        self.refresh_bindings()

    # The parts

    def _header(self, width: int) -> Lines:
        if self._problem is not None:
            return status("!", problem_text(self._problem), Tone.BAD).wrap(width)
        if self._file is None:
            return [toned(tr("Loading ..."), Tone.MUTED)]
        return header_lines(self._file, width, own=self._own)

    def _glance(self, width: int) -> Lines:
        return glance_lines(self._file, width, self.zone, own=self._own) if self._file is not None else []

    def _months(self, width: int) -> Lines:
        return month_lines(self._file, width) if self._file is not None else []

    def _checks(self, width: int) -> Lines:
        return check_lines(self._file, width, self.zone) if self._file is not None else []

    def _story(self, width: int) -> Lines:
        if self._file is None:
            return []
        title = tr("What happened: {topic}", topic=tr(TOPICS[self._topic])) if self._topic else tr("What happened")
        return [heading(title), *story_lines(self._file, self._topic, width, self.zone)]

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("jump", "topic"):
            return self._file is not None
        return super().check_action(action, parameters)

    def action_jump(self, part: str) -> None:
        """1, 2, 3: to a part of the file; on a wide terminal what happened has a column of its own."""
        if part == "story" and self.has_class("wide"):
            self.query_one("#right").scroll_home(animate=False)
        else:
            here = self.query_one(f"#{part}")
            self.query_one("#left").scroll_to(y=here.virtual_region.y, animate=False)

    def action_scroll_file(self, lines: int) -> None:
        """Scroll; on a wide terminal both columns."""
        for column in self.query(VerticalScroll):
            column.scroll_relative(y=lines, animate=False)

    def action_topic(self) -> None:
        """Show what happened about one topic, or everything."""
        if self._file is None:
            return
        options = [
            Option(_EVERYTHING, lambda: tr("Everything"), "0"),
            *(Option(topic, partial(tr, TOPICS[topic])) for topic in topics_in(self._file)),
        ]
        self.app.push_screen(Choose(lambda: tr("What happened about what?"), options), self._chosen)

    def _chosen(self, topic: str | None) -> None:
        if topic is not None:
            self._topic = "" if topic == _EVERYTHING else topic
            self._renew()
            self.call_after_refresh(self.action_jump, "story")
