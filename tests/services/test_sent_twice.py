"""What is sent twice is done once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func, select

from bankcard_tui.desk.log import ENTRY
from bankcard_tui.desk.operation import run
from bankcard_tui.desk.registry import REGISTRY, Mode, Secret
from bankcard_tui.desk.sent import SENT
from bankcard_tui.errors import BankError, Conflict, InvalidInput, NotSignedIn
from bankcard_tui.models import METADATA
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import DocumentKind
from bankcard_tui.services import applications, identity, review, sign_in
from bankcard_tui.services.everything import operations
from tests.services.permitted import CASES
from tests.services.world import World

REPEATED = [spec.name for spec in operations() if spec.idempotent and CASES[spec.name].allowed]


def counts(world: World) -> dict[str, int]:
    with world.bank.store.read() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in METADATA.sorted_tables
        }


@pytest.mark.parametrize("name", REPEATED)
def test_the_same_key_gives_the_first_result_and_one_effect(again: World, name: str) -> None:
    """A session that has ended answers nothing more, whatever was sent."""
    world, spec, case = again, REGISTRY[name], CASES[name]
    kind = sorted(case.allowed)[0]
    desk = world.desk(case.owner if kind == "owner" else kind).once("form-1")
    arguments = case.arguments(world, kind)
    first = run(spec, desk, arguments)
    after = counts(world)
    if name == "session.end":
        with pytest.raises(NotSignedIn):
            run(spec, desk, arguments)
        return
    second = run(spec, desk, arguments)
    assert second == first
    assert counts(world) == after


def test_the_same_key_with_other_contents_is_an_error_and_does_nothing(world: World) -> None:
    customer = world.ids["zhang.customer"]
    desk = world.desk("teller").once("form-1")
    identity.add_document(desk, customer, DocumentKind.TAX_RETURN, "tax 2025")
    before = counts(world)
    with pytest.raises(Conflict, match="sent before with other contents"):
        identity.add_document(desk, customer, DocumentKind.TAX_RETURN, "tax 2024")
    with pytest.raises(Conflict, match="sent before with other contents"):
        applications.withdraw(desk, world.ids["zhang.application"])
    after = counts(world)
    assert after == before | {name: before[name] + 2 for name in ("log_entry",)}


def test_the_same_key_of_another_person_is_another_key(world: World) -> None:
    customer = world.ids["zhang.customer"]
    first = identity.add_document(world.desk("teller").once("k"), customer, DocumentKind.TAX_RETURN, "tax").view
    second = identity.add_document(world.desk("teller2").once("k"), customer, DocumentKind.TAX_RETURN, "tax").view
    assert first != second


def test_what_failed_may_be_sent_again_under_its_key(world: World) -> None:
    desk = world.desk("teller").once("k")
    with pytest.raises(InvalidInput):
        identity.add_document(desk, world.ids["zhang.customer"], DocumentKind.TAX_RETURN, "")
    assert identity.add_document(desk, world.ids["zhang.customer"], DocumentKind.TAX_RETURN, "tax").view


def test_a_request_for_signatures_is_made_once(world: World) -> None:
    application = world.ids["zhang.application"]
    desk = world.desk("manager2").once("k")
    review.claim(desk.once("c"), application)
    first = review.approve(desk, application, Money.yuan(45_000))
    assert first.pending is not None
    assert review.approve(desk, application, Money.yuan(45_000)) == first
    with pytest.raises(Conflict):
        review.approve(desk, application, Money.yuan(44_000))


def test_a_key_is_asked_only_after_the_right_to_act(world: World) -> None:
    """A key of somebody whose session has ended opens nothing."""
    desk = world.desk("teller").once("k")
    identity.add_document(desk, world.ids["zhang.customer"], DocumentKind.TAX_RETURN, "tax")
    sign_in.sign_out(world.desk("teller"))
    with pytest.raises(NotSignedIn):
        identity.add_document(desk, world.ids["zhang.customer"], DocumentKind.TAX_RETURN, "tax")


def test_ten_at_once_under_one_key_have_one_effect(world: World) -> None:
    desk = world.desk("teller").once("k")

    def send(_: int) -> Any:
        return identity.add_document(desk, world.ids["zhang.customer"], DocumentKind.TAX_RETURN, "tax").view

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(send, range(10)))) == 1


def test_secrets_count_for_the_digest_and_stand_nowhere(world: World) -> None:
    spec, key = REGISTRY["password.change"], world.bank.keys.codes
    one = {"current": Secret("a"), "password": Secret("b"), "again": Secret("c")}
    other = one | {"again": Secret("d")}
    swapped = {"current": Secret("b"), "password": Secret("a"), "again": Secret("c")}
    digests = {spec.digest(key, each) for each in (one, other, swapped)}
    assert len(digests) == 3
    assert spec.payload(one) == spec.payload(other)
    assert not {"a", "b", "c"} & set(spec.payload(one).replace("again", "").split('"'))


def test_what_takes_or_shows_a_secret_is_never_kept_for_repeating() -> None:
    for spec in operations():
        takes = any(hint is Secret for hint in spec.hints.values())
        shows = spec.name == "activation.show_half"
        if takes or shows or spec.mode is not Mode.WRITE:
            assert not spec.idempotent, spec.name


def test_kept_results_hold_no_secret(world: World) -> None:
    for name in REPEATED:
        case = CASES[name]
        kind = sorted(case.allowed)[-1]
        desk = world.desk(case.owner if kind == "owner" else kind).once(f"k-{name}")
        try:
            run(REGISTRY[name], desk, case.arguments(world, kind))
        except BankError:
            continue  # an earlier one has changed the state of things
    with world.bank.store.read() as connection:
        kept = connection.execute(select(SENT.c.result)).scalars().all()
        entries = connection.execute(select(ENTRY.c.detail)).scalars().all()
    assert kept
    for text in (*kept, *entries):
        assert "violet harbour" not in text
        assert "$2b$" not in text
