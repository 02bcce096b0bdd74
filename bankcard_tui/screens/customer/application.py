"""One of the customer's own applications: how it stands, what it needs, its history, and what can be done."""

from __future__ import annotations

import uuid
from typing import ClassVar
from uuid import UUID

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content

from bankcard_tui.locale import mark, tr
from bankcard_tui.rules.applications import MOVES, OPEN
from bankcard_tui.rules.terms import ApplicationStatus, DocumentKind
from bankcard_tui.screens.common.explanation import another_look, explanation_dialog
from bankcard_tui.screens.common.questions import document_fields, enter_document
from bankcard_tui.screens.customer.apply import ApplyScreen
from bankcard_tui.screens.customer.parts import ReadingScreen, Section, local_day, yuan
from bankcard_tui.screens.customer.progress import Progress
from bankcard_tui.screens.customer.story import asked_for, history, papers, refused_because
from bankcard_tui.services.applications import (
    ApplicationFile,
    Requirements,
    open_application,
    requirements,
    resubmit,
    withdraw,
)
from bankcard_tui.services.customer_views import CustomerFile
from bankcard_tui.services.customers import my_file
from bankcard_tui.services.explanations import explain_application
from bankcard_tui.widgets.dialogs import Ask, Confirm
from bankcard_tui.widgets.facts import Facts
from bankcard_tui.widgets.fields import Field
from bankcard_tui.widgets.labels import day, label
from bankcard_tui.widgets.safe import safe_lines

Shown = tuple[ApplicationFile, CustomerFile, tuple[Requirements, ...]]


class ApplicationScreen(ReadingScreen):
    """One application; each of its keys is there only while it can be used."""

    PAGE = "apply"
    HELP = mark(
        "One of your applications: how far it is, what it still needs, and everything that happened to it.\n"
        "While it is not decided you can withdraw it. When it was returned to you, add or bring what is missing and"
        " send it again. After a refusal you can have it explained, ask once that somebody else looks at it again, or"
        " apply again."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "resubmit", mark("Send again")),
        Binding("d", "document", mark("Add a document")),
        Binding("w", "withdraw", mark("Withdraw")),
        Binding("e", "explain", mark("Explain")),
        Binding("h", "ask_again", mark("Have it looked at again")),
        Binding("a", "again", mark("Apply again")),
    ]

    def __init__(self, application: UUID) -> None:
        super().__init__()
        self._application = application
        self._shown: Shown | None = None

    def sections(self) -> ComposeResult:
        yield Section(mark("Your application"), Progress(), id="stand")
        yield Section(mark("What is asked of you"), id="todo")
        yield Section(mark("Documents"), Facts(id="papers"), id="documents")
        yield Section(mark("Details"), Facts(columns=2, id="facts"), id="details")
        yield Section(mark("History"), Facts(id="moves"), id="history")

    def load(self) -> None:
        self.work(self._fetch, self._show, on_problem=self.show_problem)

    def on_screen_resume(self) -> None:
        """Each look at an application is logged, so that only what changes it fetches it again."""

    def _fetch(self) -> Shown:
        return open_application(self.desk, self._application), my_file(self.desk), requirements(self.desk)

    def _show(self, shown: Shown) -> None:
        self._shown = shown
        self.show_page()
        self.refresh_bindings()
        application, file, _ = shown
        row = application.row
        self.query_one(Progress).tell(row, self.zone)
        self.query_one("#stand", Section).tell(
            [], tr("Your application {number}: {kind}", number=row.number, kind=label(row.kind))
        )
        self._tell_todo(application)
        self.query_one("#papers", Facts).show(papers(self._needed, file.documents, self.zone))
        self.query_one("#moves", Facts).show(history(application.moves, self.zone))
        self.query_one("#facts", Facts).show(
            [
                (mark("Wished limit"), yuan(row.wished_limit)),
                (mark("Granted limit"), yuan(row.approved_limit)),
                (mark("Purpose"), label(row.purpose)),
                (mark("Name on the card"), application.embossed_name),
                (mark("Sent on"), local_day(row.submitted_at, self.zone)),
                (mark("Decided on"), local_day(row.decided_at, self.zone)),
                (mark("Your manager"), row.reviewer),
                (mark("Your note"), application.note),
            ]
        )
        for name in ("#documents", "#details", "#history"):
            self.query_one(name, Section).tell([])
        if row.status not in OPEN:
            self.query_one("#documents", Section).hide()

    def _tell_todo(self, application: ApplicationFile) -> None:
        todo = self.query_one("#todo", Section)
        if application.row.status is ApplicationStatus.RETURNED:
            how = tr("Add it with d or bring it to the counter, then send the application again with r.")
            todo.tell([safe_lines(asked_for(application)), Content(how)], tr("We need something more from you"))
        elif application.row.status is ApplicationStatus.REFUSED:
            lines = [*refused_because(application), Content(tr("To have it explained, press e."))]
            if application.ask_again_until is not None:
                last = day(application.ask_again_until)
                lines.append(Content(tr("Until {day} somebody else can look at it again: press h.", day=last)))
            if self._can_again:
                lines.append(Content(tr("You can apply again: press a.")))
            todo.tell(lines, tr("Why it was refused"))
        elif application.row.asked_again:
            who = tr("A manager who did not refuse it looks at it again and decides. There is nothing to do for you.")
            todo.tell([Content(who)], tr("You asked for another look"))
        else:
            todo.hide()

    # What can be done

    @property
    def _status(self) -> ApplicationStatus | None:
        return self._shown[0].row.status if self._shown is not None else None

    @property
    def _needed(self) -> tuple[DocumentKind, ...]:
        """The documents that this kind of card requires."""
        if self._shown is None:
            return ()
        application, _, required = self._shown
        return next((each.documents for each in required if each.kind is application.row.kind), ())

    @property
    def _held(self) -> set[DocumentKind]:
        """The kinds of which something is on file."""
        return {each.kind for each in self._shown[1].documents} if self._shown is not None else set()

    @property
    def _can_again(self) -> bool:
        return self._shown is not None and all(row.status not in OPEN for row in self._shown[1].applications)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "resubmit":
            return self._status is ApplicationStatus.RETURNED
        if action == "withdraw":
            return self._status is not None and ApplicationStatus.WITHDRAWN in MOVES[self._status]
        if action == "document":
            return self._status in OPEN
        if action == "explain":
            return self._shown is not None
        if action == "ask_again":
            return self._shown is not None and self._shown[0].ask_again_until is not None
        if action == "again":
            return self._can_again
        return super().check_action(action, parameters)

    def action_withdraw(self) -> None:
        """Withdraw the application, after a question."""
        desk = self.desk.once(uuid.uuid4().hex)

        def answered(yes: bool | None) -> None:
            if yes:
                self.work(
                    lambda: withdraw(desk, self._application),
                    lambda _: self._done(tr("It is withdrawn.")),
                    group="withdraw",
                )

        self.app.push_screen(
            Confirm(
                lambda: tr("Withdraw this application?"),
                lambda: tr("It will not be reviewed any further. You can apply again whenever you like."),
                lambda: tr("Withdraw"),
            ),
            answered,
        )

    def action_resubmit(self) -> None:
        """Send a returned application again, with a word on what is new."""

        def send(values: dict[str, object], key: str) -> object:
            return resubmit(self.desk.once(key), self._application, str(values["note"]))

        fields = [Field("note", mark("Note"), "text", mark("What is new? Tab goes on to the button."), required=False)]
        self.app.push_screen(
            Ask(lambda: tr("Send the application again"), fields, send, submit=mark("Send again")),
            lambda done: self._done(tr("It is on its way to review again.")) if done else None,
        )

    def action_document(self) -> None:
        """Name a document for the bank's file."""
        if self._shown is None:
            return
        customer = self._shown[1].id
        missing = next((kind for kind in self._needed if kind not in self._held), None)

        def send(values: dict[str, object], key: str) -> object:
            return enter_document(self.desk.once(key), customer, values)

        self.app.push_screen(
            Ask(lambda: tr("Add a document"), document_fields(missing), send, submit=mark("Add")),
            lambda done: self._done(tr("It is on file. Bring the original to the counter.")) if done else None,
        )

    def action_explain(self) -> None:
        """Who decided and why, in plain words."""
        self.work(
            lambda: explain_application(self.desk, self._application),
            lambda explanation: self.app.push_screen(explanation_dialog(explanation, self.zone)),
            group="explain",
        )

    def action_ask_again(self) -> None:
        """Ask that somebody else looks at a refusal again."""
        self.app.push_screen(
            another_look(self.desk, self._application),
            lambda done: self._done(tr("Somebody else looks at it again.")) if done else None,
        )

    def action_again(self) -> None:
        """Apply anew."""
        self.app.switch_screen(ApplyScreen())

    def _done(self, sentence: str) -> None:
        self.notify(sentence, markup=False)
        self.load()
