"""One application with its history; one that was returned is submitted again from here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import ClassVar, cast
from uuid import UUID

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from bankcard_tui.errors import BankError
from bankcard_tui.locale import mark, tr
from bankcard_tui.rules.terms import ApplicationStatus
from bankcard_tui.screens.common.explanation import another_look, explanation_dialog, step_badge
from bankcard_tui.screens.teller.working import TellerScreen, short
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.application_views import MoveView
from bankcard_tui.services.applications import ApplicationFile, open_application, resubmit, withdraw
from bankcard_tui.services.explanations import explain_application
from bankcard_tui.widgets.dialogs import Ask
from bankcard_tui.widgets.errands import SESSION_PROBLEMS, problem_text
from bankcard_tui.widgets.facts import Facts, Pair
from bankcard_tui.widgets.fields import Field
from bankcard_tui.widgets.labels import amount, badge, label
from bankcard_tui.widgets.safe import Tone, heading, safe, safe_lines, status, toned


class ApplicationScreen(TellerScreen):
    """An application, its dates and every step that it took. ``changed`` runs after a step taken here."""

    HELP = mark(
        "The application with its history. r submits one again that was returned for documents, w withdraws one "
        "that is not decided, o opens the customer's file. e explains a decision to the customer, h asks for the "
        "customer that somebody else looks at a refusal again."
    )
    NEEDS: ClassVar = {
        "resubmit": (Permission.ENTER_APPLICATIONS,),
        "withdraw": (Permission.ENTER_APPLICATIONS,),
        "customer": (Permission.SEE_CUSTOMERS,),
        "explain": (Permission.SEE_APPLICATIONS,),
        "ask_again": (Permission.ENTER_APPLICATIONS,),
    }
    OFFERED: ClassVar = {
        "resubmit": (ApplicationStatus.RETURNED,),
        "withdraw": (ApplicationStatus.SUBMITTED, ApplicationStatus.IN_REVIEW, ApplicationStatus.RETURNED),
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "resubmit", mark("Resubmit")),
        Binding("w", "withdraw", mark("Withdraw")),
        Binding("o", "customer", mark("Open the customer")),
        Binding("e", "explain", mark("Explain")),
        Binding("h", "ask_again", mark("Have it looked at again")),
        Binding("j", "scroll(1)", show=False),
        Binding("k", "scroll(-1)", show=False),
    ]
    DEFAULT_CSS = """
    ApplicationScreen .header { height: auto; padding: 0 1; margin-bottom: 1; background: $surface; }
    ApplicationScreen #application { height: 1fr; padding: 0 1; scrollbar-size-vertical: 1; }
    ApplicationScreen .part { height: auto; margin-top: 1; }
    """

    def __init__(self, application: UUID, changed: Callable[[], object] = lambda: None) -> None:
        super().__init__()
        self._application = application
        self._changed = changed
        self._file: ApplicationFile | None = None

    def body(self) -> ComposeResult:
        yield Static(toned(tr("Loading ..."), Tone.MUTED), classes="header", markup=False)
        with VerticalScroll(id="application"):
            yield Facts(id="facts", columns=2)
            yield Static(toned(heading(tr("History")), Tone.ACCENT), classes="part", markup=False)
            yield Facts(id="history")

    def load(self) -> None:
        if self._file is None:
            self._open()
        else:
            self._show(self._file)

    def _open(self) -> None:
        self.work(lambda: open_application(self.desk, self._application), self._show, on_problem=self._problem)

    def _problem(self, error: BankError) -> None:
        if not isinstance(error, SESSION_PROBLEMS):
            self.query_one(".header", Static).update(status("!", problem_text(error), Tone.BAD))

    def _show(self, file: ApplicationFile) -> None:
        self._file = file
        row = file.row
        first = Content.assemble(heading(row.number), "   ", heading(short(row.customer)), "   ", badge(row.status))
        if row.needed:
            waits = tr("{signed} of {needed:signature|signatures}", signed=row.signed, needed=row.needed)
            first = Content.assemble(first, "   ", toned(waits, Tone.MUTED))
        self.query_one(".header", Static).update(first)
        self.query_one("#facts", Facts).show(self._facts(file))
        self.query_one("#history", Facts).show([self._step(file.moves, place) for place in range(len(file.moves))])
        self.refresh_bindings()

    def _facts(self, file: ApplicationFile) -> list[Pair]:
        row = file.row
        granted = amount(row.approved_limit) if row.approved_limit is not None else ""
        return [
            (mark("Kind of card"), label(row.kind)),
            (mark("Purpose"), label(row.purpose)),
            (mark("Wished limit"), amount(row.wished_limit)),
            (mark("Approved limit"), granted),
            (mark("Name on the card"), file.embossed_name),
            (mark("Submitted on"), self.at(row.submitted_at)),
            (mark("Decided"), self.at(row.decided_at) if row.decided_at else ""),
            (mark("Reviewer"), row.reviewer),
            (mark("Entered by"), file.entered_by),
            (mark("Note"), file.note),
        ]

    def _step(self, moves: Sequence[MoveView], place: int) -> Pair:
        move = moves[place]
        line = Content.assemble(step_badge(moves, place), "   ", toned(move.by, Tone.MUTED))
        for said in (
            ", ".join(label(reason) for reason in move.reasons),
            safe_lines(move.note),
            safe_lines(move.internal),
        ):
            if said:
                line = Content.assemble(line, "\n", safe(said))
        return (self.at(move.at), line)

    # The steps, one key each

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in self.NEEDS and self._file is None:
            return False
        if action == "ask_again" and self._file is not None and self._file.ask_again_until is None:
            return False
        statuses = self.OFFERED.get(action)
        if statuses is not None and self._file is not None and self._file.row.status not in statuses:
            return False
        return super().check_action(action, parameters)

    def action_scroll(self, lines: int) -> None:
        self.query_one("#application").scroll_relative(y=lines, animate=False)

    def action_resubmit(self) -> None:
        """r: back to review, with what is new."""

        def send(values: dict[str, object], key: str) -> object:
            return resubmit(self.desk.once(key), self._application, cast(str, values["note"])).view

        note = Field("note", mark("Note"), "text", hint=mark("What is new. Tab goes on."), required=False)
        body = partial(tr, mark("The application goes back to review. See first that the missing documents are there."))
        asked = Ask(lambda: tr("Submit the application again?"), [note], send, body=body, submit=mark("Resubmit"))
        self.app.push_screen(asked, lambda answer: self._stepped(answer, tr("The application is submitted again.")))

    def action_withdraw(self) -> None:
        """w: the customer does not want it any more."""
        self.confirmed(
            lambda: tr("Withdraw the application?"),
            lambda: tr("This can't be taken back. The customer can apply again."),
            lambda: tr("Withdraw"),
            lambda desk: withdraw(desk, self._application).view,
            lambda answer: self._stepped(answer, tr("The application is withdrawn.")),
            on_conflict=self._open,
            destructive=True,
        )

    def action_explain(self) -> None:
        """e: who decided and why, to be read to the customer."""
        self.work(
            lambda: explain_application(self.desk, self._application),
            lambda explanation: self.app.push_screen(explanation_dialog(explanation, self.zone)),
            group="explain",
        )

    def action_ask_again(self) -> None:
        """h: the customer asks that somebody else looks at a refusal again."""
        asked = another_look(self.desk, self._application)
        self.app.push_screen(asked, lambda answer: self._stepped(answer, tr("Somebody else looks at it again.")))

    def _stepped(self, answer: object, said: str) -> None:
        if answer is not None:
            self.say(said)
            self._open()
            self._changed()

    def action_customer(self) -> None:
        """o: the file of whoever applies."""
        if self._file is not None:
            self.open_customer(self._file.row.customer_id)
