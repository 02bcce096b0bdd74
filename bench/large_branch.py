"""The review desk and every list with 1,000,000 customers and 100,000 applications in the store.

What is measured is what happens between a key and its answer, without painting: "refuse and show the next" is two
operations, each with its log entry and a commit that waits for the disk.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

from bankcard_tui.desk.desk import Desk
from bankcard_tui.errors import InvalidInput
from bankcard_tui.rules.identity import make_id_number
from bankcard_tui.rules.terms import ApplicationStatus, Outcome, RefusalReason
from bankcard_tui.services.applications import list_applications
from bankcard_tui.services.cards import to_hand_over
from bankcard_tui.services.customers import claims, open_file, search
from bankcard_tui.services.logs import list_log, my_log
from bankcard_tui.services.overview import overview
from bankcard_tui.services.review import ReviewFile, claim_next, queue, refuse
from bench.big_store import BIG, FOUNDED, SMALL, Size, store_of
from bench.measure import Figure, in_turn, percentile, timed
from tests.branch import Town

QUICK = Size(2_000, 400, 100)
SLOW = 0.05


def measure(quick: bool) -> list[Figure]:
    """The next application on the large store against a small one, then each list on the large store."""
    large, small = Town(store_of(QUICK if quick else BIG)), Town(store_of(SMALL))
    try:
        rounds = 15 if quick else 300
        measured, baseline = in_turn(rounds, _deciding(large.desk("manager")), _deciding(small.desk("manager")))
        size = QUICK if quick else BIG
        figures = [
            Figure(
                f"refuse, next application, {share:.0%} of keys, {size.customers:,} customers / {SMALL.customers:,}",
                percentile(measured, share),
                percentile(baseline, share),
                1.5,
            )
            for share in (0.5, 0.99)
        ]
        figures.append(Figure("refuse, next application, 99% of keys", percentile(measured, 0.99), None, 0.1, True))
        for name, ask in _lists(large).items():
            ask()
            taken = [timed(ask) for _ in range(5 if quick else 40)]
            figures.append(Figure(name, percentile(taken, 0.99), None, SLOW, True, half=percentile(taken, 0.5)))
        return figures
    finally:
        large.bank.close()
        small.bank.close()


def _deciding(desk: Desk) -> Callable[[], float]:
    """Refuse what is on the desk and open the next, again and again."""
    held = claim_next(desk).view

    def decide() -> None:
        nonlocal held
        if held is None:
            raise AssertionError("the queue ran out: build the store anew")
        _refuse(desk, held)
        held = claim_next(desk).view

    return lambda: timed(decide)


def _refuse(desk: Desk, file: ReviewFile) -> None:
    id = file.application.row.id
    try:
        refuse(desk, id, (RefusalReason.OTHER,), message="as a measurement")
    except InvalidInput:  # against the opinion: that asks for a reason
        refuse(desk, id, (RefusalReason.OTHER,), message="as a measurement", against_reason="as a measurement")


def _lists(town: Town) -> dict[str, Callable[[], object]]:
    """Every list and search by name."""
    teller, manager, admin = (town.desk(name) for name in ("teller", "manager", "admin"))
    phone, customer, username = _somebody(town)
    number = make_id_number("310104", date(1956, 1, 1) + timedelta(days=700), 0)
    day = FOUNDED + timedelta(days=365)
    return {
        "customers, newest first": lambda: search(teller),
        "customers by four digits": lambda: search(teller, number[-4:]),
        "customers by the start of a phone number": lambda: search(teller, phone[3:8]),
        "customers by a whole phone number": lambda: search(teller, phone[3:]),
        "customers by a whole ID number": lambda: search(teller, number),
        "customers by one letter": lambda: search(teller, "z"),
        "customers by one character": lambda: search(teller, "张"),
        "customers by three letters": lambda: search(teller, "zha"),
        "customers by a name that nobody has": lambda: search(teller, "qqq"),
        "a customer's file": lambda: open_file(teller, customer),
        "claims": lambda: claims(teller),
        "applications, newest first": lambda: list_applications(manager),
        "applications that were refused": lambda: list_applications(manager, ApplicationStatus.REFUSED),
        "applications by one letter": lambda: list_applications(manager, text="z"),
        "applications by a whole name": lambda: list_applications(manager, text="李伟"),
        "refused applications by a whole name": lambda: list_applications(
            manager, ApplicationStatus.REFUSED, text="李伟"
        ),
        "applications by a name that nobody has": lambda: list_applications(manager, text="qqq"),
        "returned applications by one letter": lambda: list_applications(manager, ApplicationStatus.RETURNED, "z"),
        "review queue": lambda: queue(manager),
        "cards to hand over": lambda: to_hand_over(teller),
        "overview of a teller": lambda: overview(teller),
        "overview of a manager": lambda: overview(manager),
        "overview of an admin": lambda: overview(admin),
        "own log": lambda: my_log(teller),
        "log": lambda: list_log(admin),
        "log of one person": lambda: list_log(admin, username="manager"),
        "log of one action": lambda: list_log(admin, action="customer.register"),
        "log of actions of one kind": lambda: list_log(admin, action="review."),
        "log of a rare kind": lambda: list_log(admin, action="staff."),
        "log of refusals": lambda: list_log(admin, outcome=Outcome.REFUSED),
        "log of one customer": lambda: list_log(admin, subject=customer),
        "log of one day": lambda: list_log(admin, since=day, until=day + timedelta(days=1)),
        "log up to one day": lambda: list_log(admin, until=day),
        "log of a rare kind up to one day": lambda: list_log(admin, action="staff.", until=day),
        "log of what a person never does": lambda: list_log(admin, username="teller", action="review.claim"),
        "log by a word that is there": lambda: list_log(admin, text=username),
        "log by a word that is not": lambda: list_log(admin, text="nowhere"),
    }


def _somebody(town: Town) -> tuple[str, UUID, str]:
    """Phone, id and user name of one customer."""
    with town.bank.store.read() as connection:
        phone, customer, username = connection.exec_driver_sql(
            "SELECT phone, customer.id, username FROM customer JOIN account USING (person_id) ORDER BY phone LIMIT 1"
        ).one()
    return phone, UUID(bytes=customer), username
