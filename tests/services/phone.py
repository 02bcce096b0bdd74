"""The phone of somebody with a second factor: it shows codes, and its clock may be wrong."""

from __future__ import annotations

from dataclasses import dataclass

from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.registry import Secret
from bankcard_tui.security.second_factor import code_at, step_at
from bankcard_tui.services import second_factor
from tests.branch import PASSWORD


@dataclass(frozen=True)
class Phone:
    """An app with a secret, and the paper with the recovery codes."""

    bank: Bank
    secret: Secret
    paper: tuple[str, ...] = ()

    def shows(self, steps_off: int = 0) -> str:
        """The code of this moment, or of so many steps of 30 seconds later."""
        return code_at(self.secret.get_secret_value(), step_at(self.bank.clock.now()) + steps_off)


def begun(desk: Desk, password: str = PASSWORD, code: str = "") -> Phone:
    """A phone that has taken over a new secret, which is not in force yet."""
    offered = second_factor.begin(desk, Secret(password), Secret(code)).view
    return Phone(desk.bank, Secret(offered.secret.replace(" ", "")))


def enrol(desk: Desk, password: str = PASSWORD, code: str = "") -> Phone:
    """A phone whose secret is in force; the code of this moment is still to be used."""
    phone = begun(desk, password, code)
    paper = second_factor.confirm(desk, Secret(phone.shows(-1))).view.codes
    return Phone(phone.bank, phone.secret, paper)
