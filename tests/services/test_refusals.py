"""What is refused although the person may do such things: the words say why, and the store stays as it was."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.errors import BankError, Conflict, InvalidInput, Refused
from bankcard_tui.rules.terms import ApplicationStatus, DocumentKind, RefusalReason, Role
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services import applications, cards, identity, review, staff
from bankcard_tui.services.customers import open_file
from bankcard_tui.services.profile import Identity
from tests.branch import id_number
from tests.services.world import World

UNWATCHED = ("log_entry", "log_head", "session")


def staff_version(world: World, username: str) -> int:
    return staff.open_staff(world.desk("admin"), world.ids[username]).row.version


def set_permissions(world: World, username: str, added: set[Permission], removed: set[Permission]) -> object:
    account, version = world.ids[username], staff_version(world, username)
    return staff.set_permissions(world.desk("admin"), account, version, frozenset(added), frozenset(removed))


def added_on(world: World, day: date) -> object:
    teller, customer = world.desk("teller"), world.ids["zhang.customer"]
    return identity.add_document(teller, customer, DocumentKind.INCOME_PROOF, "slip 3", issued_on=day)


def refused(world: World, reasons: tuple[RefusalReason, ...], note: str = "") -> object:
    return review.refuse(world.desk("manager"), world.ids["claimed.application"], reasons, note)


CASES: dict[str, tuple[Callable[[World], object], type[BankError], str]] = {
    "a card is handed over unseen": (
        lambda world: cards.hand_over(world.desk("teller"), world.ids["issued.card"], False),
        InvalidInput,
        "See the holder's ID first",
    ),
    "a card is handed over twice": (
        lambda world: cards.hand_over(world.desk("teller"), world.ids["handed.card"], True),
        Conflict,
        "handed over already",
    ),
    "a card is activated before its holder has it": (
        lambda world: cards.activate(world.desk("teller"), world.ids["issued.card"], True),
        Conflict,
        "Only a card that was handed over",
    ),
    "a card is activated unseen": (
        lambda world: cards.activate(world.desk("teller"), world.ids["handed.card"], False),
        InvalidInput,
        "See the holder's ID first",
    ),
    "a customer as a member of staff": (
        lambda world: staff.add_staff(
            world.desk("admin"), "newcomer", Identity(name="Wu Bo", id_number=id_number(400)), Role.CUSTOMER
        ),
        InvalidInput,
        "Staff are tellers, managers or admins",
    ),
    "a customer's file among the staff": (
        lambda world: staff.open_staff(world.desk("admin"), world.ids["known.account"]),
        Refused,
        "not a staff account",
    ),
    "a customer's account disabled as staff": (
        lambda world: staff.disable_staff(world.desk("admin"), world.ids["known.account"], 1),
        Refused,
        "not a staff account",
    ),
    "review for a teller": (
        lambda world: set_permissions(world, "teller2", {Permission.REVIEW_APPLICATIONS}, set()),
        InvalidInput,
        "can't be added",
    ),
    "a right removed that is not of the role": (
        lambda world: set_permissions(world, "teller2", set(), {Permission.REVIEW_APPLICATIONS}),
        InvalidInput,
        "does not have this anyway",
    ),
    "a document of tomorrow": (lambda world: added_on(world, date(2030, 1, 1)), InvalidInput, "lies in the future"),
    "a customer confirms the own original": (
        lambda world: identity.add_document(
            world.town.desk("zhang"), world.ids["zhang.customer"], DocumentKind.INCOME_PROOF, "slip 4", seen=True
        ),
        Refused,
        "Only staff at the counter",
    ),
    "a claim where there is none": (
        lambda world: identity.settle_claim(
            world.desk("teller"),
            world.ids["zhang.customer"],
            open_file(world.desk("teller"), world.ids["zhang.customer"]).version,
            True,
            "Seen.",
        ),
        Conflict,
        "no claim to settle",
    ),
    "a refusal without a reason": (lambda world: refused(world, ()), InvalidInput, "at least one reason"),
    "another reason without words": (
        lambda world: refused(world, (RefusalReason.OTHER,), "  "),
        InvalidInput,
        "Say what the other reason is",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_it_is_refused_in_words_and_nothing_changes(again: World, case: str) -> None:
    attempt, kind, words = CASES[case]
    before = again.contents(without=UNWATCHED)
    with pytest.raises(kind, match=words):
        attempt(again)
    assert again.contents(without=UNWATCHED) == before


def test_everybody_keeps_the_own_account(again: World) -> None:
    with pytest.raises(InvalidInput, match="keeps the own account and the own log"):
        set_permissions(again, "teller2", set(), {Permission.OWN_LOG})


def test_an_account_is_disabled_once(again: World) -> None:
    admin, account = again.desk("admin"), again.ids["teller2"]
    staff.disable_staff(admin, account, staff_version(again, "teller2"))
    with pytest.raises(Conflict, match="disabled already"):
        staff.disable_staff(admin, account, staff_version(again, "teller2"))


def test_an_original_is_seen_once(again: World) -> None:
    identity.verify_document(again.desk("teller"), again.ids["zhang.document"])
    with pytest.raises(Conflict, match="seen already"):
        identity.verify_document(again.desk("teller2"), again.ids["zhang.document"])


def test_an_expired_card_is_not_activated(world: World) -> None:
    clock = world.bank.clock
    assert isinstance(clock, SimulatedClock)
    clock.advance(timedelta(days=365 * 20))
    teller = world.town.sign_in("teller", "years later")
    with pytest.raises(Refused, match="This card has expired"):
        cards.activate(teller, world.ids["handed.card"], True)


def test_the_queue_goes_on_behind_the_application_it_stands_on_and_ends(world: World) -> None:
    """Nothing is met twice on the way, and what a colleague holds is left out."""
    manager = world.desk("manager2")
    met = []
    file = review.claim_next(manager).view
    while file is not None:
        met.append(file.application.row.id)
        file = review.claim_next(manager, after=met[-1]).view
    assert len(met) == len(set(met)) > 0
    assert world.ids["claimed.application"] not in met
    rows = [applications.open_application(manager, each).row for each in met]
    assert {row.status for row in rows} == {ApplicationStatus.IN_REVIEW}
    assert [row.submitted_at for row in rows] == sorted(row.submitted_at for row in rows)
