"""A points card is trained on the branch's own customers, and kept only as the job made it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from sqlalchemy import delete, select, update

from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.log import ENTRY
from bankcard_tui.errors import BankError, Conflict, Refused, VerificationFailed
from bankcard_tui.rules.scorecard import Scorecard
from bankcard_tui.rules.scorecard_json import card_to_json, digest_of
from bankcard_tui.rules.terms import CardState
from bankcard_tui.services.card_training import begin_training, keep_card, proof_of, train_card
from bankcard_tui.services.logs import list_log
from bankcard_tui.services.outcomes import OUTCOME
from bankcard_tui.services.scorecards import SCORECARD, list_cards, show_card_version
from tests.branch import Town
from tests.services.points_cards import (
    CARD,
    alter,
    card_at_hand,
    change_policy,
    decided,
    kept,
    put_in_force,
    stored_card,
    turned_out,
)


def trained(town: Town, username: str = "manager") -> Scorecard:
    row = train_card(town.desk(username))
    return show_card_version(town.desk(username), row.id).card


def entries(bank: Bank, action: str) -> list[dict[str, object]]:
    with bank.store.read() as connection:
        found = connection.execute(select(ENTRY.c.detail).where(ENTRY.c.action == action).order_by(ENTRY.c.seq))
        return [json.loads(detail) for detail in found.scalars()]


def test_a_card_learns_from_the_customers_and_says_how_it_was_made(town: Town) -> None:
    turned_out(town.bank, 400)
    card = trained(town)
    assert card.training is not None
    assert (card.name, card.base.cases) == ("branch-1", 400)
    assert (card.training.bad_days, card.training.months) == (60, 12)
    assert card.training.first_day == "2023-01-01"
    assert card.training.expert == CARD.name
    overdue = next(each for each in card.characteristics if each.code == "times_overdue")
    assert overdue.place(0) != overdue.place(3)
    assert overdue.all[overdue.place(0)].points > overdue.all[overdue.place(3)].points
    assert card.training.held_out is not None
    assert card.training.held_out.champion == CARD.name
    assert card.training.later is not None
    row = list_cards(town.desk("manager"))[0]
    assert (row.state, row.customers, row.trained_by) == (CardState.TRAINED, 400, "Manager")
    assert row.held_out == card.training.held_out


def test_the_log_tells_the_start_and_the_end_with_counts_and_digest(town: Town) -> None:
    turned_out(town.bank, 30)
    card = trained(town)
    assert entries(town.bank, "scorecard.train") == [{"card": "branch-1", "champion": CARD.name, "customers": 30}]
    customers, bad = card.outcomes
    expected = {"card": "branch-1", "digest": digest_of(card), "customers": customers, "bad": bad}
    assert entries(town.bank, "scorecard.keep") == [expected]


def test_with_nobody_to_learn_from_it_is_refused_in_words(town: Town) -> None:
    with pytest.raises(Conflict, match="no customer's outcome is known yet"):
        train_card(town.desk("manager"))
    assert [row.version for row in list_cards(town.desk("manager"))] == [0]


def test_one_customer_is_enough_and_leaves_the_experts_word(town: Town) -> None:
    turned_out(town.bank, 1)
    card = trained(town)
    assert card.outcomes[0] == 1
    assert abs(card.score({"times_overdue": 0}).points - CARD.score({"times_overdue": 0}).points) < 20


def test_customers_of_whom_nothing_was_known_teach_nothing(town: Town) -> None:
    turned_out(town.bank, 3)
    with town.bank.store.write() as connection:
        one = connection.execute(select(OUTCOME.c.id).limit(1)).scalar_one()
        connection.execute(update(OUTCOME).where(OUTCOME.c.id == one).values(facts=""))
    assert trained(town).outcomes[0] == 2


def test_facts_that_are_no_facts_are_not_known(town: Town) -> None:
    turned_out(town.bank, 5)
    odd = ('"a word"', "[[[", '{"age": "old", "monthly_income": true, "assets": 1e400, "housing": 7}', "null", "{}")
    with town.bank.store.write() as connection:
        for id, text in zip(connection.execute(select(OUTCOME.c.id)).scalars().all(), odd, strict=True):
            connection.execute(update(OUTCOME).where(OUTCOME.c.id == id).values(facts=text))
    card = trained(town)
    assert card.outcomes[0] == 5
    assert all(each.lowest is None for each in card.characteristics)


def test_who_turned_bad_is_decided_by_the_policy_in_force(town: Town) -> None:
    turned_out(town.bank, 40)
    change_policy(town.bank, bad_days_past_due=120)
    assert trained(town).outcomes == (40, 0)


def test_age_stays_out_where_the_bank_wants_it_and_is_audited(town: Town) -> None:
    turned_out(town.bank, 200)
    change_policy(town.bank, age_in_card=False)
    card = trained(town)
    assert card.training is not None
    assert "age" not in {each.code for each in card.characteristics}
    assert set(card.training.excluded) == {"age", "sex"}
    assert {each.column for each in card.training.fairness} == {"age", "sex"}


def test_sex_is_audited_in_groups_and_stands_nowhere_else(town: Town) -> None:
    turned_out(town.bank, 100)
    card = trained(town)
    assert card.training is not None
    groups = {each.value: each.quality.cases for each in card.training.fairness if each.column == "sex"}
    assert groups == {"female": 50, "male": 50}
    assert "sex" not in {each.code for each in card.characteristics}
    assert "sex" not in card.training.population
    with town.bank.store.read() as connection:
        facts = connection.execute(select(OUTCOME.c.facts)).scalars().all()
        details = connection.execute(select(ENTRY.c.detail)).scalars().all()
    assert not any("male" in text or '"sex"' in text for text in (*facts, *details))


def test_a_group_of_few_people_is_not_told(town: Town) -> None:
    turned_out(town.bank, 50)
    card = trained(town)
    assert card.training is not None
    assert card.training.fairness == ()


def test_the_same_customers_of_the_other_sex_give_the_same_points(town: Town) -> None:
    turned_out(town.bank, 60)
    one = trained(town)
    with town.bank.store.write() as connection:
        connection.execute(delete(OUTCOME))
    turned_out(town.bank, 61, first=10_001)
    with town.bank.store.write() as connection:
        last = connection.execute(select(OUTCOME.c.id).order_by(OUTCOME.c.id.desc()).limit(1)).scalar_one()
        connection.execute(delete(OUTCOME).where(OUTCOME.c.id == last))
    other = trained(town)
    assert (one.base, one.characteristics, one.covariance) == (other.base, other.characteristics, other.covariance)


def test_stopped_it_leaves_no_card(town: Town) -> None:
    turned_out(town.bank, 60)

    class Stopped(BankError):
        pass

    seen: list[str] = []

    def stop(label: str, done: int, total: int) -> None:
        assert 0 <= done <= total
        seen.append(label)
        if label == "Checking the card on customers it has not seen":
            raise Stopped("Stopped.")

    with pytest.raises(Stopped):
        train_card(town.desk("manager"), stop)
    assert "Learning the points" in seen
    assert [row.version for row in list_cards(town.desk("manager"))] == [0]
    assert trained(town).name == "branch-1"


def test_other_terminals_work_while_it_learns(town: Town) -> None:
    turned_out(town.bank, 40)
    worked: list[str] = []

    def work(label: str, done: int, total: int) -> None:
        if label not in worked:
            worked.append(label)
            town.registers(f"guest{len(worked)}")

    train_card(town.desk("manager"), work)
    assert len(worked) >= 4


@pytest.mark.parametrize("username", ["teller", "admin"])
def test_only_who_may_trains(town: Town, username: str) -> None:
    turned_out(town.bank, 5)
    with pytest.raises(Refused):
        train_card(town.desk(username))


def test_a_card_made_by_hand_is_not_kept(town: Town) -> None:
    turned_out(town.bank, 30)
    card = trained(town)
    better = replace(card, name="branch-2", base=replace(card.base, points=card.base.points + 100))
    account = town.desk("manager2").who.account_id
    assert account is not None
    proof = proof_of(town.bank.keys, account, digest_of(better))
    for said in ("", "é", proof):
        with pytest.raises(Refused, match="by hand"):
            keep_card(town.desk("manager"), card_to_json(better), said)
    with pytest.raises(VerificationFailed):
        keep_card(town.desk("manager"), card_to_json(better).replace(digest_of(better), "0" * 64), proof)
    assert len(list_cards(town.desk("manager"))) == 2


def test_of_two_trainings_at_once_the_later_one_is_told(town: Town) -> None:
    begun = kept(town.desk("manager"), 1)
    with pytest.raises(Conflict, match="trained meanwhile"):
        kept(town.desk("manager"), 1)
    assert [row.id for row in list_cards(town.desk("manager"))] == [begun.id, None]


def test_it_is_compared_with_the_card_in_force(town: Town) -> None:
    turned_out(town.bank, 80)
    put_in_force(town.desk("manager"), town.desk("manager2"), card_at_hand(town.desk("manager")))
    card = trained(town)
    assert card.training is not None
    assert card.training.held_out is not None
    assert (card.training.held_out.champion, card.training.expert) == ("branch-1", CARD.name)


def test_no_card_is_trained_beside_an_altered_one(town: Town) -> None:
    turned_out(town.bank, 30)
    first = card_at_hand(town.desk("manager"))
    put_in_force(town.desk("manager"), town.desk("manager2"), first)
    alter(town.bank, first.id, digest="0" * 64)
    with pytest.raises(VerificationFailed, match="points card 1 was altered"):
        begin_training(town.desk("manager"))


def test_the_applicants_of_the_time_are_kept_for_the_drift(town: Town) -> None:
    turned_out(town.bank, 50)
    _, application = town.applicant()
    account = town.desk("manager2").who.account_id
    assert account is not None
    few = trained(town)
    decided(town.bank, application.id, account, 320)
    decided(town.bank, application.id, account, 10, days_ago=400, seed=5)
    many = trained(town)
    assert few.training is not None
    assert many.training is not None
    assert sum(few.training.population["housing"]) == sum(few.training.population["points"]) == 50
    assert sum(many.training.population["housing"]) == sum(many.training.population["points"]) == 320


def test_what_lies_in_the_store_is_a_card_that_people_can_read(town: Town) -> None:
    turned_out(town.bank, 30)
    card = trained(town)
    text = stored_card(town.bank, 1)
    assert json.loads(text)["hash"] == digest_of(card)
    with town.bank.store.read() as connection:
        assert connection.execute(select(SCORECARD.c.digest)).scalar_one() == digest_of(card)


def test_an_admin_reads_in_the_log_who_trained_which_card(town: Town) -> None:
    turned_out(town.bank, 30)
    trained(town)
    found = [each for each in list_log(town.desk("admin")).items if each.action == "scorecard.keep"]
    assert [(each.username, each.subject_kind) for each in found] == [("manager", "scorecard")]
