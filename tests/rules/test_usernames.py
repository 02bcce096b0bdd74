from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankcard_tui.errors import InvalidInput
from bankcard_tui.rules.usernames import check_username


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("teller", "teller"),
        (" Manager2 ", "manager2"),
        ("ｔｅｌｌｅｒ", "teller"),
        ("li.wei_01-x", "li.wei_01-x"),
        ("138", "138"),
        ("a" * 32, "a" * 32),
        ("\u212aelly", "kelly"),  # the Kelvin sign is the same letter to everybody who reads it
    ],
)
def test_a_user_name_is_kept_in_small_letters(typed: str, kept: str) -> None:
    assert check_username("username", typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "ab",
        "a" * 33,
        "a" * 10_000,
        ".teller",
        "_teller",
        "-teller",
        "张三丰",
        "li wei",
        "li@wei",
        "teller\n",
        "teller\u200b",
        "t\u0435ller",  # Cyrillic e
        "ﷺ" * 200,
    ],
)
def test_what_can_not_be_a_user_name_is_refused(typed: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_username("username", typed)
    assert caught.value.field == "username"
    assert caught.value.hint


@settings(max_examples=100, deadline=None)
@given(st.text(st.sampled_from("aZ09._-\uff21 \u00e9"), max_size=12))
def test_a_kept_user_name_is_kept_again_and_has_the_promised_form(typed: str) -> None:
    try:
        kept = check_username("username", typed)
    except InvalidInput:
        return
    assert re.fullmatch(r"[a-z0-9][a-z0-9._-]{2,31}", kept)
    assert check_username("username", kept) == kept
