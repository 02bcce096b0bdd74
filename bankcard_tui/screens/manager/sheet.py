"""The sheet: one application with all that a decision rests on, side by side, and the proposal always in view."""

from __future__ import annotations

from functools import partial
from typing import ClassVar
from uuid import UUID

from textual.binding import Binding, BindingType
from textual.content import Content

from bankcard_tui.locale import mark, tr
from bankcard_tui.screens.common.credit_file import CreditFileScreen
from bankcard_tui.screens.manager.facts_text import applicant_lines, application_line, header, history_lines
from bankcard_tui.screens.manager.opinion_text import opinion_lines, proposal, terms_lines
from bankcard_tui.screens.manager.parted import Parted
from bankcard_tui.screens.manager.precedent_text import precedent_lines
from bankcard_tui.screens.manager.why import Decisions, Why
from bankcard_tui.services.application_views import ApplicationRow
from bankcard_tui.services.applications import open_application
from bankcard_tui.services.review import ReviewFile
from bankcard_tui.widgets.dialogs import Choose, Option
from bankcard_tui.widgets.lined import Lines
from bankcard_tui.widgets.safe import Tone, toned


class Sheet(Parted):
    """Shows a ReviewFile. Subclasses say what can be done with it.

    Three parts: the applicant, the opinion, and what happened before (precedents, earlier applications).
    """

    TITLES = (mark("Applicant"), mark("Similar and earlier"))
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "turn", mark("Applicant or history"), show=False),
        Binding("1", "turn('applicant')", mark("Applicant"), show=False),
        Binding("2", "turn('before')", mark("Similar customers and history"), show=False),
        Binding("d", "decisions", mark("Decisions before"), show=False),
        Binding("f", "credit_file", mark("Credit file"), show=False),
    ]

    def __init__(self, file: ReviewFile | None = None) -> None:
        super().__init__()
        self.file = file

    # What is shown

    def show(self, file: ReviewFile | None) -> None:
        """Show this file, from the top of each part."""
        self.file = file
        self.from_the_top()

    def proposal(self, file: ReviewFile, width: int) -> Lines:
        """The two rows in the lower left corner: what it is about, large."""
        return proposal(file, width)

    def terms(self, file: ReviewFile) -> Lines:
        """The two rows beside them, quieter."""
        return terms_lines(file)

    def applicant_lines(self, file: ReviewFile, width: int) -> Lines:
        """The part about the applicant."""
        return applicant_lines(file, self.zone, width)

    def subject(self, width: int) -> Lines:
        return [header(self.file, self.desk.bank.clock.now(), width)] if self.file else []

    def first(self, width: int) -> Lines:
        return self.applicant_lines(self.file, width) if self.file else []

    def second(self, width: int) -> Lines:
        if self.file is None:
            return []
        return [
            *precedent_lines(self.file.advice, width),
            Content(),
            *history_lines(self.file, self.zone, width),
        ]

    def opinion(self, width: int) -> Lines:
        return opinion_lines(self.file, width, self.part_rows) if self.file else []

    def large(self, width: int) -> Lines:
        return self.proposal(self.file, width) if self.file else []

    def beside(self, width: int) -> Lines:
        return self.terms(self.file) if self.file else []

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("turn", "why", "decisions", "scroll_parts") and self.file is None:
            return False
        return super().check_action(action, parameters)

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
