"""The staff of the demo branch and their desks."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.registry import Secret
from bankcard_tui.desk.stand_in import stand_in
from bankcard_tui.rules.identity import make_id_number
from bankcard_tui.rules.terms import Role
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.activation import complete, show_half
from bankcard_tui.services.opening import first_admin
from bankcard_tui.services.profile import Identity
from bankcard_tui.services.staff import add_staff, set_permissions

DEMO_PASSWORD = "amber lantern over quiet harbour"
"""The password of every demo account that can sign in; documented, and as good as any that the policy takes."""

STAFF = {
    "admin2": ("孙国栋", Role.ADMIN),
    "teller": ("周小梅", Role.TELLER),
    "manager": ("陈立", Role.MANAGER),
    "manager2": ("刘思雨", Role.MANAGER),
    "director": ("赵明远", Role.MANAGER),
}
REGION = "310109"
SITS_FOR = timedelta(minutes=9)
"""Less than the time after which an idle session locks."""


class DemoDesks:
    """Desks of the staff; somebody whose session would have locked sits down anew."""

    def __init__(self, bank: Bank, clock: SimulatedClock) -> None:
        self.bank = bank
        self.clock = clock
        self._desks: dict[str, tuple[Desk, datetime]] = {}

    def of(self, username: str) -> Desk:
        """The desk of ``username``."""
        now = self.clock.now()
        desk, used = self._desks.get(username, (None, now))
        if desk is None or now - used > SITS_FOR:
            desk = stand_in(self.bank, username, f"desk-{username}")
        self._desks[username] = (desk, now)
        return desk


def hire(desks: DemoDesks) -> None:
    """Make the staff, each of whom chooses the demo password."""
    secret = Secret(DEMO_PASSWORD)
    lobby = desks.bank.lobby("lobby")
    identity = Identity(name="李静", id_number=_number(1))
    first_admin(lobby, "admin", identity, secret, secret)
    for serial, (username, (name, role)) in enumerate(STAFF.items(), start=2):
        desks.clock.advance(timedelta(minutes=3))
        row = add_staff(desks.of("admin"), username, Identity(name=name, id_number=_number(serial)), role).view
        colleague = "admin" if username == "admin2" else "admin2"
        halves = [Secret(show_half(desks.of(each), row.id).view.code) for each in ("admin", colleague)]
        complete(lobby, username, halves[0], halves[1], secret, secret)
        if username == "director":
            further = frozenset({Permission.SIGN_THIRD, Permission.REVEAL_NUMBERS})
            set_permissions(desks.of("admin"), row.id, row.version, further, frozenset())


def _number(serial: int) -> str:
    return make_id_number(REGION, date(1979 + serial, 4, 11), serial)
