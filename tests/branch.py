"""The people of a test branch and what they do, in the words of the bank."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from uuid import UUID

from bankcard_tui.config import Home
from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.registry import Secret
from bankcard_tui.rules.identity import make_id_number
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import (
    CardKind,
    DocumentKind,
    EmployerKind,
    Housing,
    IncomeSource,
    Occupation,
    Purpose,
    Role,
    Security,
)
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.activation import complete, show_half
from bankcard_tui.services.application_views import ApplicationRow
from bankcard_tui.services.applications import submit
from bankcard_tui.services.customers import change_circumstances, check_income, open_file
from bankcard_tui.services.identity import add_document, verify_document, verify_identity
from bankcard_tui.services.opening import first_admin
from bankcard_tui.services.profile import Circumstances, Contact, Identity
from bankcard_tui.services.registration import Registered, register, register_self
from bankcard_tui.services.sign_in import sign_in
from bankcard_tui.services.staff import add_staff, list_staff, open_staff, set_permissions

OPENING = datetime(2026, 3, 2, 0, 30, tzinfo=UTC)
PASSWORD = "violet harbour seven lanterns"
STAFF = {
    "admin2": Role.ADMIN,
    "teller": Role.TELLER,
    "teller2": Role.TELLER,
    "manager": Role.MANAGER,
    "manager2": Role.MANAGER,
    "director": Role.MANAGER,
}
SOLID = Circumstances(
    employer="Harbour Works",
    employer_kind=EmployerKind.STATE_OWNED,
    occupation=Occupation.PROFESSIONAL,
    years_employed=9,
    monthly_income=Money.yuan(18_000),
    income_source=IncomeSource.PAYROLL,
    deposits=Money.yuan(220_000),
    other_assets=Money.yuan(50_000),
    liabilities=Money.yuan(0),
    monthly_debt=Money.yuan(0),
    other_limits=Money.yuan(10_000),
    times_overdue=0,
    housing=Housing.OWNED,
    security=Security.NONE,
)


def id_number(serial: int, born: date = date(1988, 5, 17)) -> str:
    """A valid ID number, another one for each serial below 1000."""
    return make_id_number("310101", born, serial)


@dataclass
class Town:
    """A bank and desks of its people, signed in when first asked for."""

    bank: Bank
    _desks: dict[str, Desk] = field(default_factory=dict)
    _serial: int = 500

    @classmethod
    def found(cls, home: Home, clock: SimulatedClock) -> Town:
        """A new branch with all its staff activated."""
        bank = Bank.create(home, bank="Test Bank", branch="Harbour", code="T001", clock=clock, cost=4, durable=False)
        town = cls(bank)
        lobby = bank.lobby("counter")
        identity = Identity(name="Admin One", id_number=id_number(1))
        first_admin(lobby, "admin", identity, Secret(PASSWORD), Secret(PASSWORD))
        for serial, (username, role) in enumerate(STAFF.items(), start=2):
            identity = Identity(name=username.title(), id_number=id_number(serial))
            account = add_staff(town.desk("admin"), username, identity, role).view.id
            town.activate(account, username, ("admin", "admin" if serial == 2 else "admin2"))
        version = open_staff(town.desk("admin"), town.staff("director")).row.version
        set_permissions(
            town.desk("admin"), town.staff("director"), version, frozenset({Permission.SIGN_THIRD}), frozenset()
        )
        return town

    def desk(self, username: str) -> Desk:
        """The desk of somebody who is signed in at a terminal of their own."""
        if username not in self._desks:
            self._desks[username] = self.sign_in(username)
        return self._desks[username]

    def sign_in(self, username: str, terminal: str = "") -> Desk:
        return sign_in(self.bank.lobby(terminal or f"desk-{username}"), username, PASSWORD)

    def activate(
        self,
        account: UUID,
        username: str,
        colleagues: tuple[str, str] = ("teller", "teller2"),
        password: str = PASSWORD,
    ) -> None:
        """Two colleagues show their halves and the person chooses the password."""
        first, second = (show_half(self.desk(each), account).view.code for each in colleagues)
        lobby = self.bank.lobby("lobby")
        complete(lobby, username, Secret(first), Secret(second), Secret(password), Secret(password))

    def staff(self, username: str) -> UUID:
        """The account of a member of staff."""
        return next(row.id for row in list_staff(self.desk("admin")).items if row.username == username)

    def new_id_number(self) -> str:
        self._serial += 1
        return id_number(self._serial)

    def registers(self, username: str, name: str = "Zhang Wei", number: str = "") -> Registered:
        """A customer registers alone on the registration page."""
        identity = Identity(name=name, id_number=number or self.new_id_number())
        contact = Contact(phone="13800138000", email="zw@example.com")
        return register_self(
            self.bank.lobby("lobby"), username, Secret(PASSWORD), Secret(PASSWORD), identity, contact
        ).view

    def teller_registers(self, username: str, name: str = "Li Na", number: str = "") -> Registered:
        """A teller registers a customer at the counter, who then activates the account."""
        identity = Identity(name=name, id_number=number or self.new_id_number())
        customer = register(self.desk("teller"), username, identity, Contact(phone="13900139000")).view
        self.activate(customer.account_id, username)
        return customer

    def verified(self, customer: UUID, circumstances: Circumstances = SOLID) -> None:
        """The teller records circumstances, income check, documents seen and the three witnesses."""
        teller = self.desk("teller")
        version = open_file(teller, customer).version
        version = change_circumstances(teller, customer, version, circumstances).view
        if circumstances.monthly_income is not None:
            version = check_income(teller, customer, version).view
        for kind in (DocumentKind.ID_CARD, DocumentKind.INCOME_PROOF):
            verify_document(teller, add_document(teller, customer, kind, f"ref {kind}").view)
        verify_identity(teller, customer, version, True, True, True)

    def applies(self, username: str, customer: UUID, wish: int = 10_000) -> ApplicationRow:
        """The customer applies for a consumer card."""
        return submit(
            self.desk(username), customer, CardKind.CONSUMER, Purpose.EVERYDAY, Money.yuan(wish), "ZHANG WEI"
        ).view

    def applicant(self, username: str = "zhang", wish: int = 10_000) -> tuple[Registered, ApplicationRow]:
        """A customer with a solid profile whose application waits for review."""
        customer = self.registers(username)
        self.verified(customer.customer_id)
        return customer, self.applies(username, customer.customer_id, wish)
