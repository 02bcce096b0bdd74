"""The bank: an opened store with its keys, its policy and its clock."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from threading import Lock
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, bindparam, insert, select

from bankcard_tui.config import Delivery, Home
from bankcard_tui.desk.access import ACCOUNT, POLICY, TOUCH_AFTER, policy_in_force, touch
from bankcard_tui.desk.clock import Clock, SystemClock
from bankcard_tui.desk.desk import Actor, Desk, Subject
from bankcard_tui.desk.log import start_log, write_entry
from bankcard_tui.desk.presence import Presence
from bankcard_tui.errors import BankError, InvalidInput, Unavailable, VerificationFailed
from bankcard_tui.models.base import table
from bankcard_tui.models.branch import Branch
from bankcard_tui.rules.policy import DEFAULT_POLICY, Policy, policy_from_plain, to_plain
from bankcard_tui.rules.terms import Outcome, Role
from bankcard_tui.security.keys import Keys, create_root_key, load_root_key
from bankcard_tui.security.passwords import DEFAULT_COST
from bankcard_tui.store.engine import Store, create_store, open_store
from bankcard_tui.store.schema import check_schema, create_schema
from bankcard_tui.store.types import new_id

NO_DELIVERY = Delivery()
BRANCH = table(Branch)
_IN_FORCE = select(policy_in_force(bindparam("branch", type_=POLICY.c.branch_id.type)))


@dataclass(frozen=True, slots=True)
class BranchInfo:
    """What every terminal shows of the branch."""

    id: UUID
    bank: str
    name: str
    code: str
    zone: str


@dataclass
class Bank:
    """An opened branch. ``cost`` is bcrypt's; it is low in tests only. ``delivery`` says how messages reach people."""

    store: Store
    keys: Keys
    branch: BranchInfo
    presence: Presence
    clock: Clock = field(default_factory=SystemClock)
    cost: int = DEFAULT_COST
    delivery: Delivery = NO_DELIVERY
    _policies: dict[int, Policy] = field(default_factory=dict)
    _seen: dict[UUID, datetime] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)
    _restored: int = 0
    restored_at: datetime | None = None
    """When it was seen that a backup had been put in the place of the store; sessions from before have ended."""

    @classmethod
    def open(
        cls,
        home: Home,
        *,
        key_file: Path | None = None,
        keys: Keys | None = None,
        clock: Clock | None = None,
        cost: int = DEFAULT_COST,
        durable: bool = True,
        delivery: Delivery = NO_DELIVERY,
    ) -> Bank:
        """Open the branch in ``home``. Raises Unavailable when store or key are missing, damaged or don't belong
        together, or the store was made by a newer program. With ``keys`` no key file is read.

        Without ``durable`` commits do not wait for the disk: only for building a branch that is thrown away on a crash.
        """
        store = open_store(home.store, home.queue, durable=durable)
        keys = keys or load_root_key(key_file or home.key)
        check_schema(store)
        with store.read() as connection:
            row = connection.execute(select(BRANCH)).one_or_none()
        if row is None:
            raise Unavailable(
                "The store at {path} was never finished.",
                hint="Move it away and run: bankcard init",
                code="store.unfinished",
                path=home.store,
            )
        if row.key_check != keys.check:
            raise Unavailable(
                "The key does not belong to this store.",
                hint="Put back the key file that was made with the store.",
                code="key.wrong",
            )
        branch = BranchInfo(row.id, row.bank, row.name, row.code, row.zone)
        return cls(store, keys, branch, Presence(home.terminals), clock or SystemClock(), cost, delivery)

    @classmethod
    def create(
        cls,
        home: Home,
        *,
        bank: str,
        branch: str,
        code: str,
        zone: str = "Asia/Shanghai",
        key_file: Path | None = None,
        clock: Clock | None = None,
        cost: int = DEFAULT_COST,
        durable: bool = True,
        policy: Policy = DEFAULT_POLICY,
    ) -> Bank:
        """Make the store of a new branch with its key, and open it. Raises Unavailable when there is one already."""
        clock = clock or SystemClock()
        now = clock.now()
        if home.store.exists():
            create_store(home.store, home.queue)  # says that there is one
        keys = create_root_key(key_file or home.key)
        store = create_store(home.store, home.queue, durable=durable)
        home.backups.mkdir(parents=True, exist_ok=True, mode=0o700)
        create_schema(store)
        info = BranchInfo(new_id(now), bank, branch, code, zone)
        system = Actor(new_id(now), None, None, "system", "System", Role.SYSTEM, frozenset())
        with store.write() as connection:
            connection.execute(
                insert(BRANCH).values(
                    id=info.id, bank=bank, name=branch, code=code, zone=zone, key_check=keys.check, opened_at=now
                )
            )
            connection.execute(
                insert(ACCOUNT).values(
                    id=system.account_id,
                    branch_id=info.id,
                    username=system.username,
                    display_name=system.name,
                    role=Role.SYSTEM,
                    created_at=now,
                    version=1,
                )
            )
            connection.execute(
                insert(POLICY).values(
                    branch_id=info.id,
                    version=1,
                    policy=json.dumps(to_plain(policy)),
                    in_force_from=now,
                    note="defaults",
                )
            )
            start_log(connection, info.id)
            subject = Subject("branch", info.id)
            detail: dict[str, object] = {"bank": bank, "branch": branch, "code": code}
            write_entry(
                connection, keys.chain, info.id, now, system, "init", "branch.open", Outcome.DONE, subject, detail
            )
        return cls(store, keys, info, Presence(home.terminals), clock, cost)

    @property
    def home(self) -> Home:
        """Where the store lies, and its archives and backups."""
        return Home(self.store.path.parent.parent)

    def lobby(self, terminal: str) -> Desk:
        """A desk of nobody, where people sign in, register and activate their account."""
        return Desk(self, checked_terminal(terminal))

    def system_desk(self, terminal: str) -> Desk:
        """The desk of scheduled jobs."""
        return Desk(self, checked_terminal(terminal), system=True)

    def day_of(self, moment: datetime) -> date:
        """The calendar day at the branch at ``moment``."""
        return moment.astimezone(ZoneInfo(self.branch.zone)).date()

    def policy_in_force(self, connection: Connection, now: datetime) -> Policy:
        """The policy in force at ``now``."""
        return self.policy(connection, self.version_in_force(connection, now))

    def version_in_force(self, connection: Connection, now: datetime) -> int:
        """The version of the policy in force at ``now``."""
        return int(connection.execute(_IN_FORCE, {"branch": self.branch.id, "now": now}).scalar_one())

    def policy(self, connection: Connection, version: int) -> Policy:
        """One version of the policy; a version never changes, so it is read once. Raises VerificationFailed for one
        that can't be read any more.
        """
        known = self._policies.get(version)
        if known is None:
            text = connection.execute(
                select(POLICY.c.policy).where(POLICY.c.branch_id == self.branch.id, POLICY.c.version == version)
            ).scalar_one()
            try:
                known = self._policies[version] = policy_from_plain(json.loads(text))
            except (ValueError, TypeError, LookupError, AttributeError, RecursionError, BankError):
                raise policy_altered(version) from None
        return known

    def notice_restore(self, now: datetime) -> None:
        """Forget what was known of a store in whose place a backup lies now."""
        with self._lock:
            if self._restored != self.store.restored:
                self._policies.clear()
                self._seen.clear()
                self.restored_at, self._restored = now, self.store.restored

    def was_restored_since(self, moment: datetime) -> bool:
        """Whether a backup was put in the place of the store since ``moment``; looks at its file alone. Raises Busy
        while one is being put there.
        """
        with self.store.inside():
            pass
        if self.store.restored:
            self.notice_restore(self.clock.now())
        return self.restored_at is not None and moment <= self.restored_at

    def keep_alive(self, desk: Desk, now: datetime) -> None:
        """Note after a reading that the session lives: reading is work too. Writes at most twice a minute."""
        if desk.session_id is None:
            return
        with self._lock:
            last = self._seen.get(desk.session_id)
            if last is not None and now - last < TOUCH_AFTER:
                return
            self._seen[desk.session_id] = now
        # What was read was read: a store that can't be written just now shows when something is to be done.
        with suppress(Unavailable), self.store.write() as connection:
            touch(connection, desk, now)

    def close(self) -> None:
        """Close the store."""
        self.store.close()


def policy_altered(version: int) -> VerificationFailed:
    """The error for a version of the policy that somebody has altered in the store."""
    return VerificationFailed(
        "Version {version} of the policy was altered in the store.",
        hint="Tell your administrator. A backup holds it as it was.",
        code="policy.altered",
        version=version,
    )


def checked_terminal(terminal: str) -> str:
    """The name of a terminal as it may stand in the log: printable ASCII, 60 characters at most."""
    name = "".join(character for character in terminal if character.isascii() and character.isprintable())[:60]
    if not name:
        raise InvalidInput("terminal", "A terminal needs a name.", hint="Use letters and digits.")
    return name
