"""A customer's file at the counter: who this is, what is missing, and every step that the counter can take."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import ClassVar, Final
from uuid import UUID

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from bankcard_tui.errors import BankError
from bankcard_tui.locale import mark, tr
from bankcard_tui.rules.terms import CardStatus
from bankcard_tui.screens.common.credit_file import CreditFileScreen
from bankcard_tui.screens.common.reset import ID_SEEN, ask_to_reset
from bankcard_tui.screens.teller import file_sections as sections
from bankcard_tui.screens.teller.application_file import ApplicationScreen
from bankcard_tui.screens.teller.application_form import ApplicationFormScreen
from bankcard_tui.screens.teller.card_steps import activate_card, hand_over_card
from bankcard_tui.screens.teller.documents import DocumentsScreen
from bankcard_tui.screens.teller.identity_steps import open_sign_in, record_witnesses, settle, show_code
from bankcard_tui.screens.teller.limit_form import propose_limit
from bankcard_tui.screens.teller.limit_step import ask_for_limit
from bankcard_tui.screens.teller.profile_steps import edit_circumstances, edit_contact, record_income_check
from bankcard_tui.screens.teller.working import TellerScreen, joined
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.application_views import ApplicationRow
from bankcard_tui.services.card_views import CardView
from bankcard_tui.services.customer_views import CustomerFile
from bankcard_tui.services.customers import open_file
from bankcard_tui.widgets.dialogs import Choose, Option, Words
from bankcard_tui.widgets.entries import OPTION_KEYS
from bankcard_tui.widgets.errands import SESSION_PROBLEMS, problem_text
from bankcard_tui.widgets.facts import Facts
from bankcard_tui.widgets.labels import label
from bankcard_tui.widgets.safe import Tone, heading, status, toned

SECTIONS: Final = (
    ("work", "applications", mark("Applications")),
    ("work", "cards", mark("Cards")),
    ("work", "documents", mark("Documents")),
    ("work", "checks", mark("Identity checks")),
    ("work", "account", mark("Account")),
    ("person", "circumstances", mark("Circumstances")),
    ("person", "contact", mark("Contact")),
)
"""Column on a wide terminal, id and heading of each part of the file: first what the counter works on."""


class CustomerFileScreen(TellerScreen):
    """Everything about one customer. What the person at the desk may not do is not offered."""

    HELP = mark(
        "The customer's file. Below the name stands what is still missing, with the key that does it.\n"
        "v records the three witnesses, d documents, a an application, h hands a card over, t activates it, "
        "o shows half of an activation code, r resets a forgotten password, i records the income check, "
        "e and c change circumstances and contact, "
        "p opens an application, s settles a claim, f opens the credit file, "
        "l asks for another limit or proposes it."
    )
    NEEDS: ClassVar = {
        "witness": (Permission.VERIFY_IDENTITY,),
        "settle": (Permission.VERIFY_IDENTITY,),
        "documents": (Permission.VERIFY_IDENTITY, Permission.ENTER_APPLICATIONS),
        "apply": (Permission.ENTER_APPLICATIONS,),
        "applications": (Permission.SEE_APPLICATIONS,),
        "circumstances": (Permission.EDIT_CUSTOMERS,),
        "contact": (Permission.EDIT_CUSTOMERS,),
        "check_income": (Permission.EDIT_CUSTOMERS, Permission.REVIEW_APPLICATIONS),
        "hand_over": (Permission.HAND_OVER_CARDS,),
        "activate": (Permission.HAND_OVER_CARDS,),
        "code": (Permission.SHOW_ACTIVATION_CODES,),
        "reset": (Permission.RESET_CUSTOMERS,),
        "limit": (Permission.DECIDE_LIMITS, Permission.ENTER_APPLICATIONS),
        "credit_file": (Permission.SEE_CUSTOMERS,),
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("v", "witness", mark("Verify")),
        Binding("d", "documents", mark("Documents")),
        Binding("a", "apply", mark("Apply")),
        Binding("h", "hand_over", mark("Hand over")),
        Binding("t", "activate", mark("acTivate")),
        Binding("p", "applications", mark("Open an application"), show=False),
        Binding("o", "code", mark("One half of an activation code"), show=False),
        Binding("r", "reset", mark("Reset the password"), show=False),
        Binding("e", "circumstances", mark("Edit the circumstances"), show=False),
        Binding("c", "contact", mark("Change the contact"), show=False),
        Binding("i", "check_income", mark("Record the income check"), show=False),
        Binding("s", "settle", mark("Settle a claim"), show=False),
        Binding("l", "limit", mark("Another limit"), show=False),
        Binding("f", "credit_file", mark("Credit file"), show=False),
        Binding("j", "scroll(1)", show=False),
        Binding("k", "scroll(-1)", show=False),
    ]
    DEFAULT_CSS = """
    CustomerFileScreen .header { height: auto; padding: 0 1; background: $surface; }
    CustomerFileScreen .missing { height: auto; padding: 0 1; margin-bottom: 1; background: $surface; }
    CustomerFileScreen #file { height: 1fr; padding: 0 1; scrollbar-size-vertical: 1; }
    CustomerFileScreen .column { height: auto; width: 1fr; }
    CustomerFileScreen .part { height: auto; margin-bottom: 1; }
    CustomerFileScreen.-wide #file { layout: horizontal; }
    CustomerFileScreen.-wide #work { margin-right: 3; width: 3fr; }
    CustomerFileScreen.-wide #person { width: 2fr; }
    CustomerFileScreen .nothing { height: auto; color: $text-muted; }
    """

    def __init__(self, customer: UUID) -> None:
        super().__init__()
        self._customer = customer
        self._file: CustomerFile | None = None

    def body(self) -> ComposeResult:
        yield Static(toned(tr("Loading ..."), Tone.MUTED), classes="header", markup=False)
        yield Static("", classes="missing", markup=False)
        with VerticalScroll(id="file"):
            for column in ("work", "person"):
                with Vertical(id=column, classes="column"):
                    for place, part, title in SECTIONS:
                        if place == column:
                            with Vertical(classes="part"):
                                yield Static(toned(heading(tr(title)), Tone.ACCENT), markup=False)
                                yield Facts(id=part, columns=2 if column == "person" else 1)
                                yield Static("", id=f"no-{part}", classes="nothing", markup=False)

    def load(self) -> None:
        if self._file is None:
            self.reload()
        else:
            self._show(self._file)

    def reload(self) -> None:
        """Open the file again: something in it has changed."""
        self.work(lambda: open_file(self.desk, self._customer), self._show, on_problem=self._problem, group="file")

    def _problem(self, error: BankError) -> None:
        if not isinstance(error, SESSION_PROBLEMS):
            self.query_one(".header", Static).update(status("!", problem_text(error), Tone.BAD))

    def _show(self, file: CustomerFile) -> None:
        self._file = file
        self.query_one(".header", Static).update(sections.header(self, file))
        self.query_one(".missing", Static).update(self._missing(file))
        for part, pairs in (
            ("circumstances", sections.circumstances(self, file)),
            ("contact", sections.contact(file)),
            ("applications", sections.applications(self, file.applications)),
            ("cards", sections.cards(file.cards)),
            ("documents", sections.documents(self, file)),
            ("checks", sections.checks(self, file)),
            ("account", sections.account(self, file)),
        ):
            facts, nothing = self.query_one(f"#{part}", Facts), self.query_one(f"#no-{part}", Static)
            facts.show(pairs)
            facts.display, nothing.display = bool(pairs), not pairs
            if not pairs:
                nothing.update(self._empty(part))
        self.refresh_bindings()

    def _empty(self, part: str) -> str:
        """Why a part of the file is empty, and which key fills it."""
        texts = {
            "circumstances": ("circumstances", tr("Nothing is known yet."), tr("e fills it in.")),
            "applications": ("apply", tr("No applications yet."), tr("a enters one.")),
            "cards": ("", tr("No cards yet. A card is issued when an application is approved."), ""),
            "documents": ("documents", tr("No documents yet."), tr("d adds one.")),
            "checks": ("witness", tr("The identity was never checked."), tr("v records the three witnesses.")),
        }
        action, why, how = texts[part]
        offered = how and self.check_action(action, ())
        return f"{why} {how}" if offered else why

    def _missing(self, file: CustomerFile) -> Content:
        steps = [
            Content.assemble((key, f"bold {Tone.ACCENT}"), " ", tr(words))
            for action, key, words in sections.to_do(file)
            if self.check_action(action, ())
        ]
        if not steps:
            return toned(tr("Nothing is missing."), Tone.MUTED)
        return Content.assemble(toned(tr("To do:"), Tone.ACCENT), "  ", Content("   ").join(steps))

    @property
    def file(self) -> CustomerFile:
        """The file as it was opened; no step is offered before it is there."""
        if self._file is None:
            raise LookupError("the file is not open yet")
        return self._file

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return (self._file is not None or action not in self.NEEDS) and super().check_action(action, parameters)

    # The steps, one key each

    def action_scroll(self, lines: int) -> None:
        self.query_one("#file").scroll_relative(y=lines, animate=False)

    def action_witness(self) -> None:
        """v: the three witnesses; where the ID number is known already, the claim comes first."""
        if self.file.claim_on_known:
            self.tell_all(
                lambda: tr("Settle the claim first"),
                lambda: joined(
                    (
                        tr("The bank knows the holder of this ID number already."),
                        tr("Press s to compare the person and settle the claim."),
                    )
                ),
            )
        else:
            record_witnesses(self, self.file, self.reload)

    def action_settle(self) -> None:
        """s: settle a claim on a known customer."""
        if self.file.claim_on_known:
            settle(self, self.file, self._moved_to, self.reload)
        elif self.file.claim:
            self.tell_all(
                lambda: tr("There is no claim to settle"),
                lambda: tr(
                    "Nobody else is known with this ID number. Verifying the identity with v settles the claim."
                ),
            )
        else:
            self.say(tr("There is no claim to settle."))

    def _moved_to(self, record: UUID) -> None:
        self._customer = record
        self.say(tr("The claim is settled."))
        self.reload()

    def action_documents(self) -> None:
        """d: add documents, record originals seen."""
        self.app.push_screen(DocumentsScreen(self.file, self._show))

    def action_apply(self) -> None:
        """a: enter an application for the customer."""
        self.app.push_screen(ApplicationFormScreen(self.file, self._applied))

    def _applied(self, row: ApplicationRow) -> None:
        self.say(tr("Application {number} was submitted.", number=row.number))
        self.reload()

    def action_applications(self) -> None:
        """p: open one of the applications."""
        rows = self.file.applications
        options = [Option(str(row.id), partial(_application_line, row)) for row in rows]
        self._choose(lambda: tr("Which application?"), options, tr("There is no application."), self._open_application)

    def _open_application(self, application: str) -> None:
        self.app.push_screen(ApplicationScreen(UUID(application), self.reload))

    def action_circumstances(self) -> None:
        """e: what the customer lives on, owns and owes."""
        edit_circumstances(self, self.file, self.reload)

    def action_contact(self) -> None:
        """c: how the customer can be reached."""
        edit_contact(self, self.file, self.reload)

    def action_credit_file(self) -> None:
        """f: the credit over time, and who checked what."""
        self.app.push_screen(CreditFileScreen(self._customer))

    def action_check_income(self) -> None:
        """i: the source of the income was checked."""
        record_income_check(self, self.file, self.reload)

    def action_hand_over(self) -> None:
        """h: hand a card to its holder."""
        self._with_card(CardStatus.ISSUED, tr("There is no card to hand over."), hand_over_card)

    def action_activate(self) -> None:
        """t: activate a card that its holder has in hand."""
        self._with_card(CardStatus.HANDED_OVER, tr("There is no card to activate."), activate_card)

    def action_code(self) -> None:
        """o: one half of an activation code; for a customer without a sign-in, the sign-in first."""
        if self.file.account_id is None and self.may(Permission.REGISTER_CUSTOMERS):
            open_sign_in(self, self.file, self.reload)
        elif self.file.account_id is None or not self.file.waits_for_activation:
            self.say(tr("This customer does not wait for an activation."))
        else:
            show_code(self, self.file, self.file.account_id, self.reload)

    def action_reset(self) -> None:
        """r: the customer has forgotten the password."""
        file = self.file
        if file.account_id is None:
            self.say(tr("This customer has no account to sign in yet: o opens one."))
        else:
            ask_to_reset(self, file.account_id, file.name, [ID_SEEN], self.reload, waits=file.waits_for_activation)

    def action_limit(self) -> None:
        """l: another limit for one of the cards: proposed by a manager, at the counter as the customer asks for it."""
        step = propose_limit if self.may(Permission.DECIDE_LIMITS) else ask_for_limit
        step(self, self._customer)

    # Choosing among several

    def _with_card(
        self, wanted: CardStatus, none: str, step: Callable[[TellerScreen, CardView, Callable[[], object]], None]
    ) -> None:
        found = {str(card.id): card for card in self.file.cards if card.status is wanted}
        options = [Option(key, partial(_card_line, card)) for key, card in found.items()]
        self._choose(lambda: tr("Which card?"), options, none, lambda key: step(self, found[key], self.reload))

    def _choose(self, title: Words, options: Sequence[Option], none: str, then: Callable[[str], object]) -> None:
        if not options:
            self.say(none)
        elif len(options) == 1:
            then(options[0].value)
        else:
            shown = options[: len(OPTION_KEYS)]

            def chosen(value: str | None) -> None:
                if value is not None:
                    then(value)

            self.app.push_screen(Choose(title, shown), chosen)


def _application_line(row: ApplicationRow) -> str:
    return f"{row.number}  {label(row.status)}  {label(row.kind)}"


def _card_line(card: CardView) -> str:
    return f"{card.number[-9:]}  {label(card.kind)}"
