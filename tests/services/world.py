"""A branch in the middle of its day: every kind of person signed in, and something for each operation to work on."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from bankcard_tui.backup.age import identity_from
from bankcard_tui.config import Delivery, Home
from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.registry import Secret
from bankcard_tui.models import METADATA
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import ChannelKind, DocumentKind, RefusalReason, Role, WarningKind
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services import (
    applications,
    cards,
    channels,
    customer_import,
    evaluations,
    identity,
    imports,
    recovery,
    resets,
    review,
)
from bankcard_tui.services.activation import show_half
from bankcard_tui.services.backup_recipients import add_recipient
from bankcard_tui.services.customers import change_circumstances, check_income, open_file, search
from bankcard_tui.services.outbox import MESSAGE
from bankcard_tui.services.outcomes import OUTCOME
from bankcard_tui.services.profile import Contact, Identity
from bankcard_tui.services.registration import register
from bankcard_tui.services.staff import add_staff, disable_staff, open_staff, set_permissions
from bankcard_tui.services.subjects import CARD_ACCOUNT
from bankcard_tui.services.warning_work import take_warning
from bankcard_tui.store.sealing import seal
from bankcard_tui.store.types import new_id
from tests.branch import OPENING, PASSWORD, SOLID, Town, id_number
from tests.services.limit_day import limits_of_the_day
from tests.services.points_cards import card_at_hand, outcome_of
from tests.services.post import code_sent_to
from tests.services.watching import gets_worse, is_watched, warning_of

Row = tuple[Any, ...]

DELIVERY = Delivery("file")
SERIALS = {"admin": 1, "admin2": 2, "teller": 3, "teller2": 4, "manager": 5, "manager2": 6, "director": 7}


@dataclass
class World:
    """A town, the records in it by name, and half-codes that were shown."""

    town: Town
    ids: dict[str, UUID] = field(default_factory=dict)
    codes: dict[str, Secret] = field(default_factory=dict)

    @property
    def bank(self) -> Bank:
        return self.town.bank

    def desk(self, kind: str) -> Desk:
        if kind == "nobody":
            return self.bank.lobby("lobby")
        if kind == "system":
            return self.bank.system_desk("night")
        return replace(self.town.desk(kind), bank=self.bank)

    def contents(self, *, without: Collection[str] = ()) -> dict[str, list[Row]]:
        """All rows of all tables by the tables' names, as the store holds them, in its order."""
        # Thousands of comparisons: the driver itself reads them in a third of the time.
        with self.bank.store.read() as connection:
            cursor = connection.connection.cursor()
            tables = [table.name for table in METADATA.sorted_tables if table.name not in without]
            return {name: cursor.execute(f"SELECT * FROM {name}").fetchall() for name in tables}

    def copied(self, folder: Path) -> World:
        """The same day in another store: sessions go on."""
        home = folder / "home"
        if home.exists():
            shutil.rmtree(home)
        shutil.copytree(self.bank.store.path.parent.parent, home)
        clock = SimulatedClock(self.bank.clock.now())
        bank = Bank.open(Home(home), clock=clock, cost=4, durable=False, delivery=DELIVERY)
        town = Town(bank, {name: replace(desk, bank=bank) for name, desk in self.town._desks.items()}, 900)
        return World(town, self.ids, self.codes)

    def again(self, day: World) -> None:
        """Put the store back as it was on ``day``, without opening the bank anew."""
        for world in (day, self):
            world.bank.store.close()
        mine = self.bank.store.path
        for name in ("-wal", "-shm"):
            mine.with_name(mine.name + name).unlink(missing_ok=True)
        shutil.copyfile(day.bank.store.path, mine)


def build(template: Path, folder: Path) -> World:
    """The day as it stands at half past eleven."""
    shutil.copytree(template, folder)
    clock = SimulatedClock(OPENING + timedelta(hours=3))
    bank = Bank.open(Home(folder), clock=clock, cost=4, durable=False, delivery=DELIVERY)
    town = Town(bank)
    world = World(town)
    ids, manager, teller = world.ids, town.desk("manager"), town.desk("teller")
    for username in SERIALS:
        ids[username] = town.desk(username).who.account_id or UUID(int=0)
    version = open_staff(town.desk("admin"), ids["teller"]).row.version
    set_permissions(town.desk("admin"), ids["teller"], version, frozenset({Permission.REVEAL_NUMBERS}), frozenset())
    for name in ("zhang", "claimed", "returned", "waiting", "issued", "handed"):
        customer, application = town.applicant(name, 20_000 if name == "waiting" else 10_000)
        ids[f"{name}.customer"], ids[f"{name}.application"] = customer.customer_id, application.id
    free = town.registers("free")
    town.verified(free.customer_id)
    ids["free.customer"] = free.customer_id
    town.registers("other", "Wang Fang")
    for username in ("other", "free"):
        town.desk(username)
    for name in ("issued", "handed", "returned", "claimed", "waiting"):
        review.claim(manager, ids[f"{name}.application"])
    for name in ("issued", "handed"):
        review.approve(manager, ids[f"{name}.application"], Money.yuan(10_000))
    for card in cards.to_hand_over(teller).items:
        ids["issued.card" if card.customer_id == ids["issued.customer"] else "handed.card"] = card.id
    cards.hand_over(teller, ids["handed.card"], True)
    review.send_back(manager, ids["returned.application"], "The income proof is missing.")
    pending = review.approve(manager, ids["waiting.application"], Money.yuan(20_000)).pending
    assert pending is not None
    ids["waiting.request"] = pending.id
    ids["zhang.document"] = identity.add_document(
        town.desk("zhang"), ids["zhang.customer"], DocumentKind.ADDRESS_PROOF, "letter 7"
    ).view
    known = register(teller, "known", Identity(name="Qian Wei", id_number=id_number(300)), Contact(phone="13900139000"))
    ids["known.account"], ids["known.customer"] = known.view.account_id, known.view.customer_id
    ids["claimant.customer"] = town.registers("claimant", "Qian Wei", id_number(300)).customer_id
    fresh = register(teller, "fresh", Identity(name="Sun Li", id_number=id_number(301)), Contact(phone="13900139001"))
    ids["fresh.account"] = fresh.view.account_id
    for place, colleague in enumerate(("teller", "teller2"), start=1):
        world.codes[f"fresh.{place}"] = Secret(show_half(town.desk(colleague), fresh.view.account_id).view.code)
    gone = add_staff(town.desk("admin"), "gone", Identity(name="He Xin", id_number=id_number(310)), Role.TELLER).view
    ids["gone"] = disable_staff(town.desk("admin"), gone.id, gone.version).view.id
    kit = str(identity_from(b"the kit in the safe of the bank.").to_public())
    ids["kit"] = add_recipient(town.desk("admin"), kit, "safe").view.id
    ids["job"] = imports.start_import(town.desk("admin"), "customers", "digest").view.id
    ids["history.job"] = imports.start_import(town.desk("admin"), "history", "digest").view.id
    row = {"external_id": "E1", "name": "Feng Yi", "id_number": id_number(302), "phone": "13900139003"}
    night = bank.system_desk("night")
    customer_import.import_customers(night, imports.start_import(night, "customers", "earlier").view.id, 0, (row,))
    ids["imported.customer"] = search(teller, id_number(302)).items[0].id
    for username in ("teller", "manager", "director", "admin"):
        _becomes_a_customer(world, username)
    card = next(each for each in cards.to_hand_over(teller).items if each.customer_id == ids["self.teller.customer"])
    ids["self.teller.card"] = card.id
    ids["evaluation"] = evaluations.start_evaluation(night).view.id
    _has_card_accounts(world)
    ids["points card"] = card_at_hand(manager).id or UUID(int=0)
    with bank.store.write() as connection:
        start = OPENING.date() - timedelta(days=500)
        connection.execute(insert(OUTCOME), outcome_of(bank, ids["free.customer"], {"age": 40}, False, start))
    _have_channels(world)
    _is_refused(world)
    limits_of_the_day(world)
    _are_watched(world)
    return world


def _has_card_accounts(world: World) -> None:
    """The accounts behind the cards of the day, by the name of the customer."""
    with world.bank.store.read() as connection:
        rows = connection.execute(select(CARD_ACCOUNT.c.customer_id, CARD_ACCOUNT.c.id))
        accounts = {row.customer_id: row.id for row in rows}
    for name in ("handed", "self.teller", "self.manager"):
        world.ids[f"{name}.card account"] = accounts[world.ids[f"{name}.customer"]]


def _have_channels(world: World) -> None:
    """Everybody has given an address that waits for its code; "lost" had confirmed one and forgotten the password."""
    town, codes = world.town, world.codes
    lost = town.registers("lost", "He Ping")
    channels.propose(town.desk("lost"), ChannelKind.EMAIL, "lost@example.com", Secret(PASSWORD))
    channels.confirm(town.desk("lost"), code_sent_to(world.bank, "lost@example.com"))
    resets.start_reset(town.desk("teller"), lost.account_id, id_seen=True)
    world.ids["lost.account"] = lost.account_id
    codes["lost.code"] = code_sent_to(world.bank, "lost@example.com")
    for username in ("teller", "manager", "manager2", "director", "admin", "zhang", "other"):
        world.ids[f"{username}.account"] = town.desk(username).who.account_id or UUID(int=0)
        address = f"{username}@example.com"
        channels.propose(town.desk(username), ChannelKind.EMAIL, address, Secret(PASSWORD))
        codes[f"{username}.channel"] = code_sent_to(world.bank, address)
    world.ids["message"] = _is_due_tomorrow(world)
    for name, customer in {"doubtful": "zhang", "self.manager.message": "self.manager"}.items():
        world.ids[name] = _is_in_doubt(world, world.ids[f"{customer}.customer"])
    codes["admin.recovery"] = Secret(recovery.renew(town.desk("admin"), Secret(PASSWORD)).view.codes[0])


def _becomes_a_customer(world: World, username: str) -> None:
    """Somebody who works here registers alone, is recognised at the counter and applies."""
    town, ids = world.town, world.ids
    own = f"self.{username}"
    customer = town.registers(f"c-{username}", username.title(), id_number(SERIALS[username]))
    ids[f"{own}.account"] = customer.account_id
    colleague = town.desk("teller2")
    version = open_file(colleague, customer.customer_id).version
    merged = identity.settle_claim(colleague, customer.customer_id, version, True, "Known to us.").view
    ids[f"{own}.customer"] = merged
    version = open_file(colleague, merged).version
    version = change_circumstances(colleague, merged, version, SOLID).view
    version = check_income(colleague, merged, version).view
    for kind in (DocumentKind.ID_CARD, DocumentKind.INCOME_PROOF):
        document = identity.add_document(colleague, merged, kind, f"ref {kind}").view
        identity.verify_document(colleague, document)
        ids[f"{own}.document"] = document
    identity.verify_identity(colleague, merged, version, True, True, True)
    if username == "manager":
        granted = town.applies("c-manager", merged).id
        review.claim(town.desk("director"), granted)
        review.approve(town.desk("director"), granted, Money.yuan(10_000))
    wish = 20_000 if username == "director" else 10_000
    application = town.applies(f"c-{username}", merged, wish).id
    ids[f"{own}.application"] = application
    if username in ("teller", "director"):
        review.claim(town.desk("manager"), application)
        pending = review.approve(town.desk("manager"), application, Money.yuan(wish)).pending
        if pending is not None:
            ids[f"{own}.request"] = pending.id
    else:
        assert applications.open_application(town.desk("teller2"), application).row.id == application


def _is_refused(world: World) -> None:
    """A customer whose application was refused a moment ago."""
    customer, application = world.town.applicant("refused")
    review.claim(world.town.desk("manager"), application.id)
    reasons, against = (RefusalReason.RISK,), "Known from elsewhere."
    review.refuse(world.town.desk("manager"), application.id, reasons, "Try later.", "Hidden.", against)
    world.ids["refused.customer"], world.ids["refused.application"] = customer.customer_id, application.id


def _are_watched(world: World) -> None:
    """A customer and a manager who is one too are on the watch list, and have been warned of; the customer's falling
    income is what the manager deals with.
    """
    town, ids = world.town, world.ids
    for name in ("handed", "self.manager"):
        customer = ids[f"{name}.customer"]
        gets_worse(town, customer, by="teller2")
        ids[f"{name}.watched"] = is_watched(town, customer)
        ids[f"{name}.warning"] = warning_of(world.bank, customer, WarningKind.OVERDUE_ELSEWHERE)
    ids["taken.warning"] = warning_of(world.bank, ids["handed.customer"], WarningKind.FALLING_INCOME)
    take_warning(town.desk("manager"), ids["taken.warning"])


def _is_due_tomorrow(world: World) -> UUID:
    """A message to zhang that could not be delivered so far."""
    tomorrow = world.bank.clock.now() + timedelta(days=1)
    return _has_message(world, account_id=world.ids["zhang.account"], next_try_at=tomorrow)


def _is_in_doubt(world: World, customer: UUID) -> UUID:
    """A notice of which nobody knows whether it arrived."""
    now = world.bank.clock.now()
    return _has_message(world, customer_id=customer, next_try_at=now, once=True, handed_over_at=now)


def _has_message(world: World, **more: object) -> UUID:
    now = world.bank.clock.now()
    id = new_id(now)
    parts = {"address": "zhang@example.com", "subject": "Notice", "body": "A card was issued."}
    sealed = {name: seal(world.bank.keys, f"message.{name}", id, text) for name, text in parts.items()}
    kind = {"branch_id": world.bank.branch.id, "kind": ChannelKind.EMAIL, "about": "channel.notice"}
    state = {"made_at": now, "expires_at": now + timedelta(days=2), "tries": 1, "problem": "smtp.450"}
    defaults = {"once": False, "policy_version": 1}
    with world.bank.store.write() as connection:
        connection.execute(insert(MESSAGE).values(id=id, **kind, **state, **sealed, **(defaults | more)))
    return id
