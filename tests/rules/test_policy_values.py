"""Every figure of the policy has a name, a unit, bounds and a sentence, and is read back as it was written."""

from __future__ import annotations

import ast
from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bankcard_tui
from bankcard_tui.errors import InvalidForm
from bankcard_tui.locale import catalogue, fill, say, use
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.policy import DEFAULT_POLICY, Policy, policy_from_plain, to_plain
from bankcard_tui.rules.policy_figures import Kind
from bankcard_tui.rules.policy_values import (
    ALL_RULES,
    Difference,
    Value,
    changed,
    described,
    differences,
    of_limits,
    values_of,
)
from bankcard_tui.rules.terms import CardKind, DocumentKind, Grade, PlanPurpose, ReductionTarget, Role

VALUES = {value.name: value for value in described(DEFAULT_POLICY)}
PACKAGE = Path(bankcard_tui.__path__[0])


def problems(changes: dict[str, str], policy: Policy = DEFAULT_POLICY) -> list[tuple[str, str]]:
    with pytest.raises(InvalidForm) as found:
        changed(policy, changes)
    assert all(problem.hint for problem in found.value.problems)
    return [(problem.field, problem.message) for problem in found.value.problems]


def leaves(plain: object) -> int:
    """How many single figures stand in JSON-ready data; a list of words is one figure."""
    if isinstance(plain, dict):
        return sum(map(leaves, plain.values()))
    if isinstance(plain, list) and not all(isinstance(each, str) for each in plain):
        return sum(map(leaves, plain))
    return 1


def test_every_figure_of_the_policy_has_one_name() -> None:
    plain = to_plain(DEFAULT_POLICY)
    amounts = leaves(plain["segment_bounds"])
    assert amounts == 1  # amounts are text in JSON: four that would count as a list of words
    names_of_rows = len(plain["tiers"]) + len(plain["plans"])
    unbounded = sum(
        band["below"] is None for part in plain["points_card"].values() if isinstance(part, list) for band in part
    )
    assert len(VALUES) == len(values_of(DEFAULT_POLICY)) == leaves(plain) - names_of_rows - unbounded + 4 - amounts
    assert {name.split(".")[0] for name in VALUES} == {each.name for each in fields(Policy)}


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_every_figure_is_said_in_words_that_no_other_has(language: str) -> None:
    use(language)
    said = [(value.group, say(value.words)) for value in VALUES.values()]
    assert len(set(said)) == len(said)
    for value in VALUES.values():
        for text in (value.group, value.figure.description):
            assert text in catalogue("zh_CN")
        assert value.figure.description.endswith(".")
        assert "{" not in fill(say(value.words), {})


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_every_figure_has_bounds_and_lies_within_them(value: Value) -> None:
    figure, text = value.figure, values_of(DEFAULT_POLICY)[value.name]
    assert changed(DEFAULT_POLICY, {value.name: text}) == DEFAULT_POLICY
    kind = figure.typed_as
    if kind in (Kind.CHOICE, Kind.LIST):
        assert figure.choices
    elif kind is not Kind.YES_NO:
        assert figure.lowest < figure.highest
    if kind in (Kind.NUMBER, Kind.AMOUNT):
        below, above = str(figure.lowest - 1), str(figure.highest + 1)
        for beyond in (below, above):
            found = problems({value.name: beyond})
            assert found[0][0] == value.name
            assert "between" in found[0][1]


def read_in_the_program() -> set[str]:
    """Names of attributes that are read anywhere but where the policy itself is described."""
    return {
        node.attr
        for path in PACKAGE.rglob("*.py")
        if not (path.parent.name == "rules" and path.name.startswith("policy"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
    }


def asked_of_the_policy() -> set[str]:
    """Fields that the policy's own methods read for others."""
    tree = ast.parse((PACKAGE / "rules" / "policy.py").read_text(encoding="utf-8"))
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self"
    }


def test_a_figure_that_nothing_rests_on_says_so_and_no_other() -> None:
    read = read_in_the_program() | asked_of_the_policy()
    unused = {value.name for value in VALUES.values() if not value.figure.used}
    assert unused & read == set()
    assert {name for name in VALUES if name.split(".")[0] not in read} == unused


def test_figures_of_the_branch_are_the_admins_and_rules_of_limits_the_managers() -> None:
    limits = {name for name in VALUES if VALUES[name].of_limits}
    assert {"tiers.good.highest", "limit_step", "second_signature_up_to", "watch_months", "plans.car.highest"} <= limits
    assert limits.isdisjoint({"idle_minutes", "lowest_age", "points_card.unknown", "quiet_from_hour", "card_bin"})
    assert all(of_limits(name) == VALUES[name].of_limits for name in VALUES)
    assert not of_limits("nothing.like.it")


def test_each_kind_of_figure_is_read_as_people_type_it() -> None:
    policy = changed(
        DEFAULT_POLICY,
        {
            "tiers.good.highest": " 25,000 ",
            "tiers.good.reduced_after_months_overdue": "３",
            "grade_bounds_percent.medium": "35",
            "plans.car.longest_months": "48",
            "segment_bounds.private": "10,000,000.00",
            "points_card.age.2.points": "-7",
            "points_card.age.2.below": "25",
            "points_card.housing.rented": "-6",
            "required_documents.consumer": "income_proof、id_card, id_card",
            "second_factor_roles": "",
            "age_in_card": "No",
            "reduction_to": "own_tier_lowest",
            "card_bin": "62350012",
            "points_card.name": "expert-3",
        },
    )
    assert policy.tier(Grade.GOOD).highest == Money.yuan(25_000)
    assert policy.tier(Grade.GOOD).reduced_after_months_overdue == 3
    assert policy.grade_bounds_percent == (10, 20, 35)
    assert policy.plan(PlanPurpose.CAR).longest_months == 48
    assert policy.segment_bounds[3] == Money.yuan(10_000_000)
    assert (policy.points_card.age[1].below, policy.points_card.age[1].points) == (25, -7)
    assert policy.points_card.housing["rented"] == -6
    assert policy.required_documents[CardKind.CONSUMER] == (DocumentKind.ID_CARD, DocumentKind.INCOME_PROOF)
    assert (policy.second_factor_roles, policy.age_in_card, policy.card_bin) == ((), False, "62350012")
    assert policy.reduction_to is ReductionTarget.OWN_TIER_LOWEST
    assert policy.points_card.name == "expert-3"


def test_a_second_factor_can_be_demanded_of_staff_alone() -> None:
    assert changed(DEFAULT_POLICY, {"second_factor_roles": "admin, teller"}).second_factor_roles == (
        Role.TELLER,
        Role.ADMIN,
    )
    ((name, _),) = problems({"second_factor_roles": "customer"})
    assert name == "second_factor_roles"


def test_everything_wrong_is_said_at_once_each_at_its_figure() -> None:
    found = problems(
        {
            "idle_minutes": "soon",
            "tiers.gold.lowest": "1",
            "limit_step": "0",
            "age_in_card": "perhaps",
            "card_bin": "62A",
            "required_documents.consumer": "passport",
            "required_documents.business": "",
            "quiet_from_hour": "24",
            "first_signature_up_to": "1e4",
        }
    )
    assert [name for name, _ in found] == [
        "idle_minutes",
        "tiers.gold.lowest",
        "limit_step",
        "age_in_card",
        "card_bin",
        "required_documents.consumer",
        "required_documents.business",
        "quiet_from_hour",
        "first_signature_up_to",
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"tiers.good.lowest": "20000"},
        {"tiers.good.highest": "5000"},
        {"tiers.good.lowest": "10500"},
        {"tiers.medium.highest": "20500"},
        {"tiers.excellent.highest": "19500"},
        {"tiers.good.raise_low_percent": "31"},
        {"tiers.good.raise_high_percent": "19"},
        {"grade_bounds_percent.excellent": "20"},
        {"grade_bounds_percent.medium": "20"},
        {"segment_bounds.gold": "500000"},
        {"first_signature_up_to": "30000.01"},
        {"second_signature_up_to": "9999.99"},
        {"lowest_age": "71"},
        {"warning_use_percent_watched": "91"},
        {"warning_cash_percent": "14"},
        {"watch_check_days": "31"},
        {"password_least": "8", "password_least_with_second_factor": "9"},
        {"overdue_m1_days": "60"},
        {"loss_after_days": "270"},
        {"abc_a_percent": "95"},
        {"points_card.age.1.below": "26"},
        {"points_card.age.2.below": "22"},
        {"limit_step": "300"},
        {"tiers.poor.lowest": "600"},
    ],
    ids=str,
)
def test_figures_that_do_not_go_together_are_refused_at_one_of_them(changes: dict[str, str]) -> None:
    found = problems(changes)
    assert {name for name, _ in found} <= set(changes)


def test_two_bounds_move_together() -> None:
    moved = changed(DEFAULT_POLICY, {"tiers.good.lowest": "10000", "tiers.excellent.lowest": "20000"})
    assert moved.tier(Grade.GOOD).lowest == Money.yuan(10_000)
    assert changed(DEFAULT_POLICY, {"first_signature_up_to": "30000"}).first_signature_up_to == Money.yuan(30_000)


def test_what_was_at_odds_before_does_not_stand_in_the_way_of_another_figure() -> None:
    odd = replace(DEFAULT_POLICY, lowest_age=90)
    assert changed(odd, {"idle_minutes": "5"}).idle_minutes == 5


def test_the_differences_of_two_policies_are_named() -> None:
    other = changed(DEFAULT_POLICY, {"idle_minutes": "5", "tiers.good.highest": "25000"})
    assert differences(DEFAULT_POLICY, DEFAULT_POLICY) == ()
    assert set(differences(DEFAULT_POLICY, other)) == {
        Difference("idle_minutes", "10", "5"),
        Difference("tiers.good.highest", "20000.00", "25000.00"),
    }


def typed(value: Value) -> st.SearchStrategy[str]:
    figure = value.figure
    kind = figure.typed_as
    if kind is Kind.AMOUNT:
        return st.integers(figure.lowest * 100, figure.highest * 100).map(lambda fen: Money(fen).plain)
    if kind is Kind.NUMBER:
        return st.integers(figure.lowest, figure.highest).map(str)
    if kind is Kind.YES_NO:
        return st.sampled_from(["yes", "no"])
    if kind is Kind.CHOICE:
        return st.sampled_from(figure.choices)
    if kind is Kind.LIST:
        words = st.lists(st.sampled_from(figure.choices), min_size=figure.lowest, unique=True)
        return words.map(", ".join)
    if kind is Kind.DIGITS:
        return st.text("0123456789", min_size=figure.lowest, max_size=figure.highest)
    return st.text("abcdef-123", min_size=figure.lowest, max_size=figure.highest)


@st.composite
def a_change(draw: st.DrawFn) -> dict[str, str]:
    names = draw(st.lists(st.sampled_from(sorted(VALUES)), min_size=1, max_size=5, unique=True))
    return {name: draw(typed(VALUES[name])) for name in names}


@given(change=a_change())
@settings(max_examples=200, deadline=None)
def test_a_change_that_is_taken_reads_back_and_touches_nothing_else(change: dict[str, str]) -> None:
    try:
        policy = changed(DEFAULT_POLICY, change)
    except InvalidForm:
        assert {name for name, _ in problems(change)} <= set(change)
        return
    now = values_of(policy)
    assert changed(DEFAULT_POLICY, {name: now[name] for name in change}) == policy
    assert {each.name for each in differences(DEFAULT_POLICY, policy)} <= set(change)
    assert policy_from_plain(to_plain(policy)) == policy
    assert changed(policy, values_of(DEFAULT_POLICY)) == DEFAULT_POLICY


def test_every_section_of_figures_has_figures() -> None:
    assert all(section.figures for section in ALL_RULES)
