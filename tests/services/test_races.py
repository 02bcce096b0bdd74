"""What changes while something else is under way."""

from __future__ import annotations

import pytest

from bankcard_tui.desk.registry import Secret
from bankcard_tui.errors import Refused
from bankcard_tui.rules.money import ZERO, Money
from bankcard_tui.rules.terms import RequestStatus
from bankcard_tui.services import requests, review, sign_in
from bankcard_tui.services.customers import change_circumstances, open_file
from bankcard_tui.services.passwords import change_password
from tests.branch import PASSWORD, SOLID, Town

OTHER = Secret("copper meadow under nine clouds")


def test_a_sign_in_with_a_password_that_is_changed_meanwhile_fails(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    at_work = town.desk("manager")
    verify = sign_in.verify_password

    def slowly(*given: object) -> bool:
        monkeypatch.setattr(sign_in, "verify_password", verify)
        right = verify(*given)  # type: ignore[arg-type]
        change_password(at_work, Secret(PASSWORD), OTHER, OTHER)
        return right

    monkeypatch.setattr(sign_in, "verify_password", slowly)
    with pytest.raises(Refused, match="do not fit together"):
        town.sign_in("manager", "another terminal")
    entered = sign_in.sign_in(town.bank.lobby("third"), "manager", OTHER.get_secret_value())
    assert entered.who.username == "manager"


def test_a_request_ends_when_the_customers_facts_change_before_the_last_signature(town: Town) -> None:
    customer, application = town.applicant(wish=20_000)
    review.claim(town.desk("manager"), application.id)
    pending = review.approve(town.desk("manager"), application.id, Money.yuan(20_000)).pending
    assert pending is not None
    version = open_file(town.desk("teller"), customer.customer_id).version
    poorer = SOLID.model_copy(update={"deposits": ZERO, "monthly_debt": Money.yuan(2_000)})
    change_circumstances(town.desk("zhang"), customer.customer_id, version, poorer)
    signed = requests.sign(town.desk("manager2"), pending.id).view
    assert signed.status is RequestStatus.FAILED
    assert "was changed since" in str(signed.problem[0])
