"""Who may do what: for each operation valid arguments, and the kinds of people who are allowed.

Written down by hand, not derived from the program: this table is what the bank wants.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import select

from bankcard_tui.backup.age import identity_from
from bankcard_tui.backup.create import create_backup, name_of
from bankcard_tui.backup.files import workshop
from bankcard_tui.backup.manifest import Origin
from bankcard_tui.desk.registry import Secret
from bankcard_tui.rules.expert import expert_card
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.policy import DEFAULT_POLICY
from bankcard_tui.rules.scorecard_json import card_to_json, digest_of
from bankcard_tui.rules.terms import (
    CardKind,
    CardState,
    Channel,
    ChannelKind,
    DocumentKind,
    LimitChangeKind,
    Purpose,
    RefusalReason,
    Role,
    WarningMeasure,
)
from bankcard_tui.security.second_factor import code_at, step_at
from bankcard_tui.services import card_training, drills, second_factor
from bankcard_tui.services.backup_records import home_of, proof_of
from bankcard_tui.services.card_approval import approve_card
from bankcard_tui.services.customers import open_file
from bankcard_tui.services.limit_views import Seen
from bankcard_tui.services.profile import Contact, Identity
from bankcard_tui.services.requests import sign
from bankcard_tui.services.scorecards import SCORECARD, card_name
from bankcard_tui.services.staff import open_staff
from tests.branch import PASSWORD, SOLID, id_number
from tests.services.old_log import archive_file, cleared, clearing, old_archive, pruned_by_two
from tests.services.phone import enrol
from tests.services.world import World

KINDS = ("nobody", "owner", "other", "teller", "manager", "manager2", "director", "admin", "system")
CUSTOMERS = frozenset({"owner", "other"})
MANAGERS = frozenset({"manager", "manager2", "director"})
STAFF = MANAGERS | {"teller", "admin"}
SIGNED_IN = STAFF | CUSTOMERS
COUNTER = frozenset({"teller"})
COUNTER_OR_OWNER = frozenset({"teller", "owner"})
ADMIN = frozenset({"admin"})
SAFE = frozenset({"admin", "system"})
NEW = "amber lantern over quiet canals"
SECRET = Secret(PASSWORD)
KIT = str(identity_from(b"another kit that nobody has yet.").to_public())


@dataclass(frozen=True)
class Case:
    """``arguments`` are made for the kind that tries; ``state`` are those whom only the state of things stops."""

    allowed: frozenset[str]
    arguments: Callable[[World, str], dict[str, Any]] = lambda world, kind: {}
    owner: str = "zhang"
    state: frozenset[str] = frozenset()
    own: Callable[[World, str], dict[str, Any]] | None = None
    """The same about the very person who tries (a member of staff who is a customer too)."""


def the(**names: str) -> Callable[[World, str], dict[str, Any]]:
    """Arguments that are records of the day."""
    return lambda world, kind: {argument: world.ids[name] for argument, name in names.items()}


def own(argument: str, what: str) -> Callable[[World, str], dict[str, Any]]:
    """The record of the person who tries."""
    return lambda world, kind: {argument: world.ids[f"self.{kind}.{what}"]}


def doubtful_own(world: World, kind: str) -> dict[str, Any]:
    """A message in doubt to the person who tries."""
    return {"message": world.ids[f"self.{kind}.message"], "reason": "I heard nothing."}


def both(first: Callable[[World, str], dict[str, Any]], **more: Any) -> Callable[[World, str], dict[str, Any]]:
    return lambda world, kind: first(world, kind) | more


def file_version(customer: str, **more: Any) -> Callable[[World, str], dict[str, Any]]:
    """A customer of the day with the version of the file."""

    def arguments(world: World, kind: str) -> dict[str, Any]:
        id = world.ids[customer.format(kind=kind)]
        colleague = world.desk("teller2")
        return {"customer": id, "version": open_file(colleague, id).version, **more}

    return arguments


def staff_version(account: str, **more: Any) -> Callable[[World, str], dict[str, Any]]:
    def arguments(world: World, kind: str) -> dict[str, Any]:
        id = world.ids[account]
        asking = "admin2" if account == "admin" else "admin"
        return {"account": id, "version": open_staff(world.desk(asking), id).row.version, **more}

    return arguments


def codes_of(world: World, kind: str) -> dict[str, Any]:
    """Password and second factor of a member of staff, who puts one in force for it; of anybody else, what fits
    nothing.
    """
    code = Secret("123456")
    if kind in STAFF:
        desk = world.desk(kind)
        if second_factor.mine(desk).since is None:
            world.codes[f"{kind}.secret"] = enrol(desk).secret
        code = Secret(code_at(world.codes[f"{kind}.secret"].get_secret_value(), step_at(world.bank.clock.now())))
    return {"password": SECRET, "code": code}


def first_code(world: World, kind: str) -> dict[str, Any]:
    """The first code of a second factor that was begun."""
    if kind not in STAFF:
        return {"code": Secret("123456")}
    secret = second_factor.begin(world.desk(kind), SECRET).view.secret.replace(" ", "")
    return {"code": Secret(code_at(secret, step_at(world.bank.clock.now())))}


WITNESSED = {"saw_person": True, "saw_documents": True, "saw_signature": True}
ASKED = {
    "kind": CardKind.CONSUMER,
    "purpose": Purpose.EVERYDAY,
    "wished_limit": Money.yuan(5_000),
    "embossed_name": "A B",
}
SOMEBODY = Identity(name="Zhou Min", id_number=id_number(400))
REACHED = Contact(phone="13700137000")
CHANGED = Contact(phone="13700137001", address="7 Quay Street")
CLAIMED, HELD = "claimed.application", MANAGERS - {"manager"}


def made_backup(world: World, kind: str) -> dict[str, Any]:
    """A backup whose file lies in the folder and is not in the list yet."""
    home = home_of(world.bank)
    branch = world.bank.branch
    origin = Origin(branch.bank, branch.name, branch.code, str(branch.id))
    target = home.backups / name_of(origin, 1, world.bank.clock.now())
    with workshop(home.making) as folder:
        create_backup(
            world.bank.store,
            world.bank.keys,
            origin,
            folder,
            target,
            sequence=1,
            made_at=world.bank.clock.now(),
            recipients=(),
            passphrase=None,
            report=lambda label, done, total: None,
        )
    return {"file": target.name}


def reported_check(world: World, kind: str) -> dict[str, Any]:
    proof = proof_of(world.bank.keys, "x.backup", "00", 5, "")
    return {"file": "x.backup", "digest": "00", "level": 5, "problem": "", "proof": proof}


def run_through(world: World, kind: str) -> dict[str, Any]:
    proof = drills.proof_of(world.bank.keys, "x.backup", "00", 7, "")
    return {"file": "x.backup", "digest": "00", "milliseconds": 7, "problem": "", "proof": proof}


def in_force(world: World, kind: str) -> dict[str, Any]:
    """A trained points card gives opinions."""
    with world.bank.store.read() as connection:
        card = connection.execute(select(SCORECARD.c.id, SCORECARD.c.state)).one()
    if card.state is not CardState.IN_FORCE:
        pending = approve_card(world.desk("director"), card.id).pending
        assert pending is not None
        sign(world.desk("manager2"), pending.id)
    return {}


def another_figure(world: World, kind: str) -> dict[str, Any]:
    """A change of the policy: a rule of limits, and for admins one of the other figures."""
    changes = {"idle_minutes": "5"} if kind == "admin" else {"tiers.good.highest": "25000"}
    return {"changes": changes, "note": "Decided by the committee."}


def made_card(world: World, kind: str) -> dict[str, Any]:
    """A points card as the training of whoever tries would hand it over."""
    card = replace(expert_card(DEFAULT_POLICY), name=card_name(2))
    account = world.ids.get("zhang.account" if kind == "owner" else f"{kind}.account", UUID(int=0))
    return {"made": card_to_json(card), "proof": card_training.proof_of(world.bank.keys, account, digest_of(card))}


def batch(whose: str) -> Callable[[World, str], dict[str, Any]]:
    """A batch of one raise, from the 10,000 yuan that everybody has."""

    def arguments(world: World, kind: str) -> dict[str, Any]:
        amount = Money.yuan(12_000)
        seen = Seen(proposal=world.ids[f"{whose.format(kind=kind)}.proposal"], version=2, amount=amount)
        return {"seen": (seen,), "raised": amount - Money.yuan(10_000), "reduced": Money(0), "note": "Seen."}

    return arguments


CASES: dict[str, Case] = {
    "activation.attempt": Case(frozenset(KINDS), lambda world, kind: {"username": "fresh", "halves": True}),
    "activation.complete": Case(
        frozenset(KINDS),
        lambda world, kind: {
            "username": "fresh",
            "first_half": world.codes["fresh.1"],
            "second_half": world.codes["fresh.2"],
            "password": SECRET,
            "again": SECRET,
        },
    ),
    "activation.complete_with_code": Case(
        frozenset(KINDS),
        lambda world, kind: {
            "username": "lost",
            "code": world.codes["lost.code"],
            "password": Secret(NEW),
            "again": Secret(NEW),
        },
    ),
    "activation.recover": Case(
        frozenset(KINDS),
        lambda world, kind: {
            "username": "admin",
            "code": world.codes["admin.recovery"],
            "password": Secret(NEW),
            "again": Secret(NEW),
        },
    ),
    "activation.send_code": Case(STAFF, the(account="lost.account"), own=own("account", "account")),
    "activation.show_half": Case(STAFF, the(account="known.account"), own=own("account", "account")),
    "application.approve": Case(
        frozenset({"manager"}),
        both(the(application=CLAIMED), limit=Money.yuan(10_000), note="solid"),
        state=HELD,
        own=both(own("application", "application"), limit=Money.yuan(10_000)),
    ),
    "application.ask_again": Case(
        COUNTER_OR_OWNER,
        both(the(application="refused.application"), words="My income has been proven since."),
        owner="refused",
        own=both(own("application", "application"), words="x"),
    ),
    "application.explain": Case(
        MANAGERS | COUNTER_OR_OWNER,
        the(application="refused.application"),
        owner="refused",
        own=own("application", "application"),
    ),
    "application.list": Case(MANAGERS | COUNTER),
    "application.mine": Case(CUSTOMERS),
    "application.open": Case(
        MANAGERS | COUNTER_OR_OWNER, the(application="zhang.application"), own=own("application", "application")
    ),
    "application.refuse": Case(
        frozenset({"manager"}),
        both(the(application=CLAIMED), reasons=(RefusalReason.RISK,), against_reason="Known from elsewhere."),
        state=HELD,
        own=both(own("application", "application"), reasons=(RefusalReason.RISK,)),
    ),
    "application.requirements": Case(CUSTOMERS | COUNTER),
    "application.resubmit": Case(COUNTER_OR_OWNER, the(application="returned.application"), owner="returned"),
    "application.return": Case(
        frozenset({"manager"}),
        both(the(application=CLAIMED), message="A proof of address is missing."),
        state=HELD,
        own=both(own("application", "application"), message="x"),
    ),
    "application.submit": Case(
        COUNTER_OR_OWNER,
        both(the(customer="free.customer"), **ASKED),
        "free",
        own=both(own("customer", "customer"), **ASKED),
    ),
    "application.withdraw": Case(
        COUNTER_OR_OWNER, the(application="zhang.application"), own=own("application", "application")
    ),
    "backup.abandon": Case(SAFE, lambda world, kind: {"sequence": 1, "problem": "store.disk_full"}),
    "backup.add_recipient": Case(SAFE, lambda world, kind: {"recipient": KIT, "label": "safe"}),
    "backup.begin": Case(SAFE, lambda world, kind: {"under_passphrase": True}),
    "backup.begin_check": Case(SAFE, lambda world, kind: {"file": "x.backup", "level": 5}),
    "backup.clear": Case(SAFE),
    "backup.drill": Case(SAFE, run_through),
    "backup.list": Case(SAFE),
    "backup.recipients": Case(SAFE),
    "backup.record": Case(SAFE, made_backup),
    "backup.record_check": Case(SAFE, reported_check),
    "backup.remove_recipient": Case(SAFE, the(recipient_id="kit")),
    "backup.state": Case(SAFE),
    "branch.first_admin": Case(
        frozenset(),
        lambda world, kind: {"username": "boss", "identity": SOMEBODY, "password": SECRET, "again": SECRET},
    ),
    "card.activate": Case(
        COUNTER, both(the(card="handed.card"), saw_id=True), own=both(own("card", "card"), saw_id=True)
    ),
    "scorecard.approve": Case(MANAGERS, the(scorecard="points card")),
    "scorecard.compare": Case(MANAGERS, the(challenger="points card")),
    "card.hand_over": Case(
        COUNTER, both(the(card="issued.card"), saw_id=True), own=both(own("card", "card"), saw_id=True)
    ),
    "scorecard.keep": Case(MANAGERS, made_card),
    "scorecard.list": Case(MANAGERS),
    "card.mine": Case(CUSTOMERS, owner="issued"),
    "scorecard.monitor": Case(MANAGERS),
    "card.reveal": Case(COUNTER, the(card="issued.card"), owner="issued", own=own("card", "card")),
    "scorecard.retire": Case(MANAGERS, in_force),
    "scorecard.show": Case(MANAGERS, the(scorecard="points card")),
    "card.to_hand_over": Case(COUNTER),
    "scorecard.train": Case(MANAGERS),
    "channel.attempt": Case(frozenset(KINDS)),
    "channel.confirm": Case(
        SIGNED_IN,
        lambda world, kind: {
            "code": world.codes.get(f"{'zhang' if kind == 'owner' else kind}.channel", Secret("2222-2222"))
        },
    ),
    "channel.mine": Case(SIGNED_IN),
    "channel.propose": Case(
        SIGNED_IN,
        lambda world, kind: {"kind": ChannelKind.EMAIL, "address": "me@example.com", "password": SECRET},
    ),
    "channel.remove": Case(SIGNED_IN, lambda world, kind: {"password": SECRET}),
    "claim.list": Case(COUNTER),
    "claim.settle": Case(COUNTER, file_version("claimant.customer", genuine=False, note="Another face.")),
    "customer.change_circumstances": Case(
        COUNTER_OR_OWNER,
        file_version("zhang.customer", circumstances=SOLID.model_copy(update={"years_employed": 11})),
        own=file_version("self.{kind}.customer", circumstances=SOLID),
    ),
    "customer.change_contact": Case(
        COUNTER_OR_OWNER,
        file_version("zhang.customer", contact=CHANGED),
        own=file_version("self.{kind}.customer", contact=CHANGED),
    ),
    "customer.check_income": Case(
        MANAGERS | COUNTER, file_version("zhang.customer"), own=file_version("self.{kind}.customer")
    ),
    "customer.credit_file": Case(
        MANAGERS | COUNTER_OR_OWNER, the(customer="zhang.customer"), own=own("customer", "customer")
    ),
    "customer.mine": Case(CUSTOMERS),
    "customer.open": Case(MANAGERS | COUNTER, the(customer="zhang.customer"), own=own("customer", "customer")),
    "customer.open_account": Case(
        COUNTER,
        both(the(customer="imported.customer"), username="fengyi"),
        own=both(own("customer", "customer"), username="fengyi"),
    ),
    "customer.register": Case(
        COUNTER, lambda world, kind: {"username": "zhou", "identity": SOMEBODY, "contact": REACHED}
    ),
    "customer.register_self": Case(
        frozenset(KINDS),
        lambda world, kind: {
            "username": "zhou",
            "password": SECRET,
            "again": SECRET,
            "identity": SOMEBODY,
            "contact": REACHED,
        },
    ),
    "customer.search": Case(MANAGERS | COUNTER),
    "customer.sign_ins": Case(ADMIN),
    "customer.verify_identity": Case(
        COUNTER,
        file_version("zhang.customer", **WITNESSED),
        own=file_version("self.{kind}.customer", **WITNESSED),
    ),
    "document.add": Case(
        COUNTER_OR_OWNER,
        both(the(customer="zhang.customer"), kind=DocumentKind.TAX_RETURN, reference="tax 2025"),
        own=both(own("customer", "customer"), kind=DocumentKind.TAX_RETURN, reference="tax 2025"),
    ),
    "document.verify": Case(COUNTER, the(document="zhang.document"), own=own("document", "document")),
    "draft.discard": Case(SIGNED_IN, lambda world, kind: {"form": "apply"}),
    "draft.list": Case(SIGNED_IN),
    "draft.load": Case(SIGNED_IN, lambda world, kind: {"form": "apply"}),
    "draft.save": Case(SIGNED_IN, lambda world, kind: {"form": "apply", "values": {"kind": "consumer"}}),
    "import.customers": Case(ADMIN | {"system"}, both(the(job="job"), first_line=0, rows=())),
    "import.finish": Case(ADMIN | {"system"}, the(job="job")),
    "import.history": Case(ADMIN | {"system"}, both(the(job="history.job"), first_line=0, rows=())),
    "import.start": Case(ADMIN | {"system"}, lambda world, kind: {"name": "customers", "source": "other"}),
    "limit.ask": Case(
        COUNTER_OR_OWNER,
        both(the(account="handed.limit"), kind=LimitChangeKind.RAISE, amount=Money.yuan(12_000), said="A journey."),
        owner="handed",
        own=both(own("account", "limit"), kind=LimitChangeKind.RAISE, amount=Money.yuan(12_000)),
    ),
    "limit.bounds": Case(
        MANAGERS | COUNTER_OR_OWNER, the(account="issued.limit"), owner="issued", own=own("account", "limit")
    ),
    "limit.end_due": Case(MANAGERS | {"system"}),
    "limit.mine": Case(CUSTOMERS, owner="issued"),
    "limit.my_asks": Case(CUSTOMERS, owner="issued"),
    "limit.of_account": Case(MANAGERS | COUNTER, the(account="issued.limit"), own=own("account", "limit")),
    "limit.of_customer": Case(MANAGERS | COUNTER, the(customer="issued.customer"), own=own("customer", "customer")),
    "limit.open": Case(MANAGERS, the(proposal="issued.proposal"), own=own("proposal", "proposal")),
    "limit.open_batch": Case(MANAGERS, the(request="limit.request")),
    "limit.proposal_totals": Case(MANAGERS),
    "limit.proposals": Case(MANAGERS),
    "limit.propose": Case(
        MANAGERS,
        both(the(account="issued.limit"), kind=LimitChangeKind.REDUCTION, amount=Money.yuan(8_000), note="Asked."),
        own=both(own("account", "limit"), kind=LimitChangeKind.REDUCTION, amount=Money.yuan(8_000)),
    ),
    "limit.refuse": Case(
        MANAGERS,
        both(the(proposal="issued.proposal"), version=2, answer="Not before summer.", note="Called."),
        own=both(own("proposal", "proposal"), version=2),
    ),
    "limit.sign": Case(
        MANAGERS,
        both(the(proposal="issued.proposal"), version=2, amount=Money.yuan(12_000), note="Solid."),
        own=both(own("proposal", "proposal"), version=2, amount=Money.yuan(13_000)),
    ),
    "limit.sign_batch": Case(MANAGERS, batch("issued"), own=batch("self.{kind}")),
    "limit.take_back": Case(
        COUNTER_OR_OWNER, the(proposal="issued.proposal"), owner="issued", own=own("proposal", "proposal")
    ),
    "limit.waiting": Case(MANAGERS),
    "log.archive": Case(ADMIN | {"system"}),
    "log.archive_done": Case(ADMIN | {"system"}, archive_file),
    "log.archives": Case(ADMIN | {"system"}),
    "log.clear": Case(ADMIN | {"system"}, pruned_by_two),
    "log.clear_done": Case(ADMIN | {"system"}, cleared),
    "log.clear_step": Case(ADMIN | {"system"}, clearing),
    "log.export": Case(ADMIN, lambda world, kind: {"form": "csv"}),
    "log.export_mine": Case(SIGNED_IN, lambda world, kind: {"form": "json"}),
    "log.list": Case(ADMIN),
    "log.mine": Case(SIGNED_IN),
    "log.prune": Case(ADMIN, old_archive),
    "limit.evaluate_due": Case(MANAGERS | {"system"}, the(job="evaluation")),
    "limit.evaluations": Case(
        MANAGERS | COUNTER, the(account="handed.card account"), own=own("account", "card account")
    ),
    "limit.finish_evaluation": Case(MANAGERS | {"system"}, the(job="evaluation")),
    "limit.start_evaluation": Case(MANAGERS | {"system"}),
    "log.verify": Case(ADMIN | {"system"}),
    "message.claim": Case(frozenset({"system"}), lambda world, kind: {"kinds": tuple(Channel), "first": True}),
    "message.list": Case(MANAGERS | COUNTER, the(customer="zhang.customer"), own=own("customer", "customer")),
    "message.mine": Case(CUSTOMERS),
    "message.outbox": Case(MANAGERS | SAFE),
    "message.send_again": Case(MANAGERS, both(the(message="doubtful"), reason="She heard nothing."), own=doubtful_own),
    "message.settle": Case(
        frozenset({"system"}), both(the(message="message"), tries=1, problem="", final=False, in_doubt=False)
    ),
    "outcome.record_due": Case(MANAGERS | {"system"}),
    "overview.show": Case(SIGNED_IN),
    "password.change": Case(
        SIGNED_IN, lambda world, kind: {"current": SECRET, "password": Secret(NEW), "again": Secret(NEW)}
    ),
    "policy.at": Case(STAFF | {"system"}, lambda world, kind: {"version": 1}),
    "policy.change": Case(MANAGERS | ADMIN, another_figure),
    "policy.demand_second_factor": Case(ADMIN, lambda world, kind: {"roles": frozenset({Role.TELLER})}),
    "policy.show": Case(STAFF | {"system"}),
    "policy.try_out": Case(MANAGERS | SAFE, lambda world, kind: {"changes": {"tiers.good.highest": "25000"}}),
    "policy.values": Case(STAFF | {"system"}),
    "policy.versions": Case(STAFF | {"system"}),
    "policy.waiting": Case(MANAGERS | ADMIN),
    "request.for_admins": Case(ADMIN),
    "recovery.renew": Case(ADMIN, lambda world, kind: {"password": SECRET}),
    "request.list": Case(MANAGERS),
    "request.refuse": Case(
        frozenset({"manager2", "director"}),
        both(the(request="waiting.request"), note="Too high."),
        own=both(own("request", "request"), note="x"),
    ),
    "request.sign": Case(
        frozenset({"manager2", "director"}), the(request="waiting.request"), own=own("request", "request")
    ),
    "request.withdraw": Case(frozenset({"manager"}), the(request="waiting.request")),
    "reset.start": Case(
        ADMIN | COUNTER,
        lambda world, kind: {"account": world.ids["teller2" if kind == "admin" else "zhang.account"], "id_seen": True},
        own=lambda world, kind: {"account": world.ids[f"self.{kind}.account"], "id_seen": True},
    ),
    "review.claim": Case(MANAGERS, the(application="zhang.application"), own=own("application", "application")),
    "review.look": Case(MANAGERS, the(application="zhang.application"), own=own("application", "application")),
    "review.next": Case(MANAGERS),
    "review.queue": Case(MANAGERS),
    "review.release": Case(
        frozenset({"manager"}), the(application=CLAIMED), state=HELD, own=own("application", "application")
    ),
    "second_factor.begin": Case(STAFF, lambda world, kind: {"password": SECRET}),
    "second_factor.confirm": Case(STAFF, first_code),
    "second_factor.drop": Case(STAFF, codes_of),
    "second_factor.mine": Case(SIGNED_IN),
    "second_factor.new_codes": Case(STAFF, codes_of),
    "session.account": Case(SIGNED_IN),
    "session.attempt": Case(frozenset(KINDS), lambda world, kind: {"username": "zhang"}),
    "session.forgive": Case(frozenset(KINDS), lambda world, kind: {"username": "zhang"}),
    "session.end": Case(SIGNED_IN),
    "session.lock": Case(SIGNED_IN),
    "session.me": Case(SIGNED_IN),
    "session.sign_in": Case(frozenset(KINDS), lambda world, kind: {"username": "zhang", "password": SECRET}),
    "session.unlock": Case(SIGNED_IN, lambda world, kind: {"password": SECRET}),
    "staff.add": Case(ADMIN, lambda world, kind: {"username": "zhou", "identity": SOMEBODY, "role": Role.TELLER}),
    "staff.disable": Case(ADMIN, staff_version("teller2"), own=staff_version("admin")),
    "staff.enable": Case(ADMIN, staff_version("gone"), own=staff_version("admin")),
    "staff.list": Case(ADMIN),
    "staff.open": Case(ADMIN, the(account="teller2"), own=the(account="admin")),
    "staff.set_permissions": Case(
        ADMIN,
        staff_version("teller2", added=frozenset(), removed=frozenset()),
        own=staff_version("admin", added=frozenset(), removed=frozenset()),
    ),
    "warning.check_due": Case(MANAGERS | {"system"}),
    "warning.done": Case(
        frozenset({"manager"}),
        both(the(warning="taken.warning"), measure=WarningMeasure.CALLED, note="Pays on Friday."),
        state=HELD,
        own=both(own("warning", "warning"), measure=WarningMeasure.CALLED, note="x"),
    ),
    "warning.give_back": Case(MANAGERS, the(warning="taken.warning"), own=own("warning", "warning")),
    "warning.list": Case(MANAGERS),
    "warning.take": Case(MANAGERS, the(warning="handed.warning"), own=own("warning", "warning")),
    "warning.totals": Case(MANAGERS),
    "watch.add": Case(
        MANAGERS,
        both(the(account="handed.card account"), months=3, note="A new employer."),
        own=both(own("account", "card account"), months=3, note="A new employer."),
    ),
    "watch.end": Case(
        MANAGERS,
        both(the(watched="handed.watched"), note="All is well."),
        own=both(own("watched", "watched"), note="x"),
    ),
    "watch.list": Case(MANAGERS),
}
