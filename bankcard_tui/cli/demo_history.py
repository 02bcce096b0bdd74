"""Two years at the counter and at the review desk of the demo branch."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import partial
from itertools import count
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

from bankcard_tui.cli.demo_files import PAPERS, customer_row, take_over
from bankcard_tui.cli.demo_limits import Limits
from bankcard_tui.cli.demo_months import Month, months_of_use, risk_of, row_of, steady_months
from bankcard_tui.cli.demo_people import STEADY, DemoPerson, invent
from bankcard_tui.cli.demo_staff import DEMO_PASSWORD, STAFF, DemoDesks
from bankcard_tui.desk.clock import SystemClock
from bankcard_tui.desk.registry import Secret
from bankcard_tui.errors import InvalidInput, Refused
from bankcard_tui.locale import tr
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.months import month_after, month_of
from bankcard_tui.rules.terms import (
    CardKind,
    Channel,
    Decision,
    Language,
    Purpose,
    RefusalReason,
    RequestStatus,
)
from bankcard_tui.services import applications, cards, customers, identity, requests, review
from bankcard_tui.services.customer_import import CUSTOMERS, import_customers
from bankcard_tui.services.history_import import HISTORIES, import_history
from bankcard_tui.services.outcomes import record_all_due
from bankcard_tui.services.profile import Identity
from bankcard_tui.services.registration import register, register_self
from bankcard_tui.services.review import ReviewFile

WORKING_WEEKDAYS = (0, 3)
TAKEN_OVER_SHARE = 0.4
CARDS_SHARE = 0.6
"""Cards for each customer: 1,200 for 2,000."""
APPROVED_SHARE = 0.75
"""About how many applications lead to a card; it steers how many of the next customers apply."""
KNOWN_MONTHS = 24
KNOWN_SHARE = 0.85
"""Of those taken over most bring so many months of history from the old system."""
ANOTHER_CARD_SHARE = 0.05
AGAINST_SHARE = 0.05
CUSTOMER_SINCE_DAYS = 330  # long enough ago that the limit of the documented customer was evaluated again
WARNED_DAYS = 130
"""The last days in which the branch looks for early warnings."""
WORSE_SHARE = 0.1
"""Of those with a card so many lose a part of their income, and owe elsewhere."""
REASONS = {
    "income": RefusalReason.INCOME,
    "income_unchecked": RefusalReason.INCOME,
    "debt_service": RefusalReason.DEBT_SERVICE,
    "overdue_history": RefusalReason.OVERDUE_HISTORY,
    "total_limit": RefusalReason.TOTAL_LIMIT,
}


@dataclass(order=True)
class _Errand:
    """Something that somebody comes for, on a day or later."""

    due: date
    order: int
    run: Callable[[], None] = field(compare=False)


@dataclass
class _Case:
    """A customer on the way to a card; ``documented`` is the one who can sign in."""

    person: DemoPerson
    customer: UUID
    kind: CardKind = CardKind.CONSUMER
    application: UUID | None = None
    tries: int = 0
    documented: bool = False


class History:
    """One run of the simulation, from ``first`` to ``last``, with so many customers."""

    def __init__(self, desks: DemoDesks, random: Random, first: date, last: date, size: int) -> None:
        self.desks, self.random, self.first, self.last, self.size = desks, random, first, last, size
        self.zone = ZoneInfo(desks.bank.branch.zone)
        self.errands: list[_Errand] = []
        self.order = count()
        self.registered = self.on_the_way = self.granted = 0
        self.arrived: dict[UUID, UUID] = {}
        self.in_use: dict[UUID, tuple[date, Iterator[Month]]] = {}
        """Since when a customer has a card, and the months of its use."""
        self.limits = Limits(desks, random)
        self.limit_now: dict[UUID, int] = {}
        """The limit of each customer with a card, in yuan."""
        self.told = month_of(first)
        """The month up to which the months of use are in the books."""

    def run(self, report: Callable[[str, int, int], None]) -> None:
        """Let the time go by."""
        span = (self.last - self.first).days
        taken_over = int(self.size * TAKEN_OVER_SHARE)
        self._take_over(taken_over)
        for serial in range(taken_over, self.size):
            # More come towards the end: a branch grows.
            self._later(self.first + timedelta(days=int(span * self.random.random() ** 0.8)), self._register, serial)
        self._later(self.last - timedelta(days=CUSTOMER_SINCE_DAYS), self._register_customer)
        for passed in range(span + 1):
            day = self.first + timedelta(days=passed)
            if day.weekday() not in WORKING_WEEKDAYS and day != self.last:
                continue
            self._open_at(day)
            if self._book_months(day):
                warned = self.last - day < timedelta(days=WARNED_DAYS)
                self.limit_now |= self.limits.month(warn=warned)
            while self.errands and self.errands[0].due <= day:
                heapq.heappop(self.errands).run()
                self.desks.clock.advance(timedelta(seconds=self.random.randrange(10, 40)))
            report(tr("Two years at the branch"), passed, span)
        record_all_due(self.desks.bank.system_desk("day end"))

    def _later(self, day: date, run: Callable[..., None], *arguments: object) -> None:
        heapq.heappush(self.errands, _Errand(day, next(self.order), partial(run, *arguments)))

    def _in(self, low: int, high: int, run: Callable[..., None], *arguments: object) -> None:
        """Something that happens between ``low`` and ``high`` days from now."""
        self._later(self._today() + timedelta(days=self.random.randint(low, high)), run, *arguments)

    def _today(self) -> date:
        return self.desks.clock.now().astimezone(self.zone).date()

    def _open_at(self, day: date) -> None:
        morning = datetime.combine(day, time(9), self.zone)
        if day == self.last:  # the last day's work lies behind, whatever time it is now
            morning = min(morning, SystemClock().now().astimezone(self.zone) - timedelta(hours=5))
        if morning > self.desks.clock.now():
            self.desks.clock.move_to(morning)

    # At the counter

    def _register(self, serial: int) -> None:
        person = invent(self.random, serial, self.first)
        username = f"{person.embossed.replace(' ', '').lower()[:20]}{serial}"
        who = Identity(name=person.name, id_number=person.id_number)
        done = register(self.desks.of("teller"), username, who, person.contact).view
        self._comes_to_apply(person, done.customer_id)

    def _take_over(self, number: int) -> None:
        """The customers that the branch brought along in a spreadsheet; they come to apply over the two years."""
        desk = self.desks.bank.system_desk("take-over")
        people = [invent(self.random, serial, self.first) for serial in range(number)]
        take_over(desk, CUSTOMERS, "take-over", [customer_row(*each) for each in enumerate(people)], import_customers)
        months = [month_after(month_of(self.first), each - KNOWN_MONTHS) for each in range(KNOWN_MONTHS)]
        rows = [
            row_of(str(serial), month, use)
            for serial, person in enumerate(people)
            if self.random.random() < KNOWN_SHARE
            for month, use in zip(months, self._use(person, person.wish.fen // 100), strict=False)
        ]
        take_over(desk, HISTORIES, "take-over", rows, import_history)
        span = (self.last - self.first).days
        for person in people:
            self._later(self.first + timedelta(days=int(span * self.random.random())), self._comes_to_apply, person)

    def _use(self, person: DemoPerson, limit: int, case: _Case | None = None) -> Iterator[Month]:
        def limit_now() -> int:
            return limit if case is None else self.limit_now.get(case.customer, limit)

        if case is not None and case.documented:
            return steady_months(limit_now)
        return months_of_use(Random(self.random.random()), limit_now, risk_of(person))

    def _book_months(self, day: date) -> bool:
        """The months that are over come from the accounts, in one file each; whether there was one."""
        desk, before = self.desks.bank.system_desk("month end"), self.told
        while self.told < month_of(day):
            month, self.told = self.told, month_after(self.told, 1)
            rows = [
                row_of(str(customer), month, next(use))
                for customer, (since, use) in self.in_use.items()
                if since <= month
            ]
            take_over(desk, HISTORIES, f"{month:%Y-%m}", rows, import_history)
        return self.told != before

    def _comes_to_apply(self, person: DemoPerson, customer: UUID | None = None) -> None:
        """One of those who want a card, if the branch grants as many as it means to."""
        self.registered += 1
        expected = self.granted + self.on_the_way * APPROVED_SHARE
        if expected < CARDS_SHARE * self.registered:
            self.on_the_way += 1
            kind = self.random.choices(list(CardKind), weights=(84, 8, 8))[0]
            if customer is None:
                customer = customers.search(self.desks.of("teller"), person.id_number).items[0].id
            self._in(0, 12, self._apply, _Case(person, customer, kind))

    def _register_customer(self) -> None:
        """The customer who can sign in: refused at first, approved later."""
        person = invent(Random(7), 9_990, self.first)
        secret = Secret(DEMO_PASSWORD)
        who = Identity(name="王小明", id_number=person.id_number)
        reached = {"phone": "13800000001", "email": "customer@example.com", "channels": (Channel.SMS, Channel.EMAIL)}
        contact = person.contact.model_copy(update={**reached, "language": Language.CHINESE, "do_not_disturb": False})
        done = register_self(self.desks.bank.lobby("lobby"), "customer", secret, secret, who, contact).view
        self._in(1, 2, self._apply_twice, done.customer_id)

    def _apply_twice(self, customer: UUID) -> None:
        """First with an income that nobody has checked, which is refused; then with everything in order."""
        teller = self.desks.of("teller")
        person = invent(Random(7), 9_990, self.first)
        version = customers.open_file(teller, customer).version
        version = customers.change_circumstances(teller, customer, version, STEADY).view
        for paper in PAPERS[CardKind.CONSUMER]:
            identity.add_document(teller, customer, paper, f"{paper.value}-0001", seen=True)
        identity.verify_identity(teller, customer, version, True, True, True)
        wish, name = Money.yuan(20_000), "WANG XIAOMING"
        row = applications.submit(teller, customer, CardKind.CONSUMER, Purpose.TRAVEL, wish, name).view
        manager = self.desks.of("manager")
        review.claim(manager, row.id)
        review.refuse(manager, row.id, (RefusalReason.INCOME,), "收入来源尚未核实，核实后可再次申请。")
        case = _Case(replace(person, circumstances=STEADY, embossed=name, wish=wish), customer, documented=True)
        self._in(20, 40, self._apply_again, case)

    def _apply_again(self, case: _Case) -> None:
        teller = self.desks.of("teller")
        version = customers.open_file(teller, case.customer).version
        customers.check_income(teller, case.customer, version)
        case.tries = 1
        self._apply(case)

    def _apply(self, case: _Case) -> None:
        teller, customer = self.desks.of("teller"), case.customer
        thorough = case.tries > 0 or self.random.random() < 0.93
        if case.tries == 0:
            version = customers.change_circumstances(teller, customer, 1, case.person.circumstances).view
            for paper in PAPERS[case.kind][: None if thorough else 1]:
                identity.add_document(teller, customer, paper, f"{paper.value}-{customer.hex[-6:]}", seen=True)
            version = customers.check_income(teller, customer, version).view
            identity.verify_identity(teller, customer, version, True, True, True)
        name = case.person.embossed[:26]
        wish = case.person.wish if case.tries == 0 else case.person.wish.times(2, 3).rounded_down(Money.yuan(500))
        wish = max(wish, Money.yuan(1_000))
        row = applications.submit(teller, customer, case.kind, case.person.purpose, wish, name).view
        case.application = row.id
        case.tries += 1
        self._in(1, 9, self._review, case)

    def _gets_worse(self, customer: UUID) -> None:
        """The customer tells of less income, or is found to be overdue elsewhere."""
        teller = self.desks.of("teller")
        file = customers.open_file(teller, customer)
        life = file.circumstances
        worse: dict[str, object] = {"times_overdue": (life.times_overdue or 0) + 1}
        if life.monthly_income is not None and self.random.random() < 0.5:
            worse = {"monthly_income": life.monthly_income.times(3, 5)}
        customers.change_circumstances(teller, customer, file.version, life.model_copy(update=worse))

    def _complete(self, case: _Case) -> None:
        """The customer brings what was missing."""
        teller = self.desks.of("teller")
        assert case.application is not None
        for paper in PAPERS[case.kind][1:]:
            identity.add_document(teller, case.customer, paper, f"{paper.value}-{case.customer.hex[-6:]}", seen=True)
        applications.resubmit(teller, case.application, "补充材料已提交")
        self._in(1, 6, self._review, case)

    def _collect(self, case: _Case) -> None:
        """The customer comes for the card, the first time after it has arrived."""
        if case.customer not in self.arrived:
            waiting = cards.to_hand_over(self.desks.of("teller"))
            self.arrived |= {card.customer_id: card.id for card in waiting.items}
        teller, card = self.desks.of("teller"), self.arrived.pop(case.customer)
        cards.hand_over(teller, card, True)
        cards.activate(teller, card, True)

    # At the review desk

    def _review(self, case: _Case) -> None:
        manager = self.desks.of(self.random.choice(("manager", "manager2")))
        assert case.application is not None
        file = review.claim(manager, case.application).view
        opinion = file.advice.opinion
        against = self.random.random() < AGAINST_SHARE and not opinion.blocked and not case.documented
        if opinion.proposal is Decision.RETURN:
            review.send_back(manager, case.application, "请补充收入证明或相关材料。")
            if self.random.random() < 0.85:
                self._in(3, 12, self._complete, case)
            else:
                self.on_the_way -= 1
        elif (opinion.proposal is Decision.APPROVE) != against:
            self._approve(case, file, "客户在我行往来多年，情况可信。" if against else "")
        else:
            reasons = {REASONS.get(rule.rule, RefusalReason.RISK) for rule in opinion.broken} or {RefusalReason.RISK}
            why = "电话核实后存在疑点。" if against else ""
            review.refuse(manager, case.application, tuple(sorted(reasons)), against_reason=why)
            self.on_the_way -= 1
            if case.tries == 1 and self.random.random() < 0.25:
                self.on_the_way += 1
                self._in(60, 150, self._apply, case)

    def _approve(self, case: _Case, file: ReviewFile, why: str) -> None:
        manager = self.desks.of("manager" if file.application.row.reviewer == STAFF["manager"][0] else "manager2")
        assert case.application is not None
        limit = file.advice.opinion.limit or file.lowest_limit
        try:
            done = review.approve(manager, case.application, limit, against_reason=why)
        except (InvalidInput, Refused):
            # The lowest limit of the tier is more than this customer can carry.
            review.refuse(manager, case.application, (RefusalReason.DEBT_SERVICE,))
            self.on_the_way -= 1
            return
        if done.pending is not None:
            self._in(0, 1, self._sign, case, limit, done.pending.id, file.application.row.reviewer)
        else:
            self._granted(case, limit)

    def _sign(self, case: _Case, limit: Money, request: UUID, maker: str) -> None:
        second = "manager2" if maker == STAFF["manager"][0] else "manager"
        signed = requests.sign(self.desks.of(second), request).view
        if signed.status is RequestStatus.PENDING:
            signed = requests.sign(self.desks.of("director"), request).view
        self._granted(case, limit)

    def _granted(self, case: _Case, limit: Money) -> None:
        self.granted += 1
        self.on_the_way -= 1
        self._in(3, 14, self._collect, case)
        use = self._use(case.person, limit.fen // 100, case)
        self.in_use.setdefault(case.customer, (self._today(), use))
        if case.documented:
            return
        if self.random.random() < WORSE_SHARE:
            self._in(100, 600, self._gets_worse, case.customer)
        if self.random.random() < ANOTHER_CARD_SHARE:
            self._in(200, 500, self._apply_for_another, case)

    def _apply_for_another(self, case: _Case) -> None:
        self.on_the_way += 1
        self._apply(case)
