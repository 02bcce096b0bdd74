"""How a password is kept and checked: as slowly for everybody."""

from __future__ import annotations

from contextlib import suppress

import bcrypt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankcard_tui.errors import InvalidInput
from bankcard_tui.security.keys import Keys
from bankcard_tui.security.passwords import check_new_password, cost_of, hash_password, is_reused, verify_password

KEYS = Keys(bytes(range(32)))
OTHER = Keys(bytes(32))
WORDS = "violet harbour seven lanterns"


@pytest.fixture
def rounds(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The rounds that bcrypt works, in order; the work itself is done."""
    done: list[int] = []
    check = bcrypt.checkpw

    def counted(password: bytes, kept: bytes) -> bool:
        done.append(2 ** int(kept.split(b"$")[2]))
        return check(password, kept)

    monkeypatch.setattr(bcrypt, "checkpw", counted)
    return done


@pytest.mark.parametrize("kept_at", [4, 5, 6, 7])
@pytest.mark.parametrize("password", [WORDS, "wrong"])
def test_a_password_kept_at_a_lower_cost_takes_as_much_work(rounds: list[int], kept_at: int, password: str) -> None:
    kept = hash_password(KEYS, WORDS, kept_at)
    assert verify_password(KEYS, password, kept, 7) is (password == WORDS)
    assert sum(rounds) == 2**7


def test_nobodys_password_takes_as_much_work_and_never_fits(rounds: list[int]) -> None:
    for password in (WORDS, "nobody", ""):
        assert not verify_password(KEYS, password, None, 6)
    assert rounds == [2**6] * 3


@pytest.mark.parametrize(
    "kept", ["", "plain", "$2b$", "$2b$04$short", "$2b$99$" + "a" * 53, "口令", "$2b$04$" + "\x00" * 53, "x" * 10_000]
)
def test_what_somebody_else_put_into_the_store_fits_nothing_and_takes_as_long(rounds: list[int], kept: str) -> None:
    for password in ("", kept, WORDS):
        assert not verify_password(KEYS, password, kept, 5)
    assert rounds == [2**5] * 3
    assert not is_reused(KEYS, WORDS, (kept,))


def test_without_the_pepper_the_same_password_does_not_fit() -> None:
    kept = hash_password(KEYS, WORDS, 4)
    assert verify_password(KEYS, WORDS, kept, 4)
    assert not verify_password(OTHER, WORDS, kept, 4)
    assert not bcrypt.checkpw(WORDS.encode(), kept.encode())
    assert cost_of(kept) == 4


def test_two_people_with_one_password_have_different_hashes() -> None:
    assert hash_password(KEYS, WORDS, 4) != hash_password(KEYS, WORDS, 4)


def test_passwords_that_differ_behind_the_seventy_second_byte_are_different() -> None:
    long = "长" * 60
    kept = hash_password(KEYS, long + "a", 4)
    assert verify_password(KEYS, long + "a", kept, 4)
    assert not verify_password(KEYS, long + "b", kept, 4)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_whatever_is_typed_either_may_be_chosen_or_is_refused_in_words(text: str) -> None:
    with suppress(InvalidInput):
        check_new_password("password", text, least=15)
        assert verify_password(KEYS, text, hash_password(KEYS, text, 4), 4)


ZHANG_WEI = (
    "zhang.wei",
    "Zhang Wei",
    "310101198805170011",
    "+8613800138000",
    "weizhang88@example.com",
    "Golden Dragon Noodle House",
    "Test Bank",
    "Harbour",
)


@pytest.mark.parametrize(
    "password",
    [
        "zhang wei zhang wei",
        "ZhangWeiZhangWei",
        "weizhangweizhang",
        "Zhang_Wei-Zhang_Wei!",
        "zhang wei 19880517",
        "ZhangWei1988ZhangWei",
        "138 0013 8000 Zhang",
        "zhang+8613800138000",
        "wei 880517 wei 880517",
        "310101198805170011",
        "test bank harbour",
        "Harbour Test Bank Zhang",
        "golden dragon zhang wei",
        "Golden.Dragon.Noodle.House",
        "weizhang88@example.com",
        "zhang wei aaa zhang wei",
        "ＺｈａｎｇＷｅｉ　ＺｈａｎｇＷｅｉ",
        "harbour harbour harbour 1",
    ],
)
def test_what_others_know_of_a_person_makes_no_password(password: str) -> None:
    with pytest.raises(InvalidInput, match="easy to guess"):
        check_new_password("password", password, least=15, about=ZHANG_WEI)


def test_a_name_in_characters_makes_no_password_however_it_is_repeated() -> None:
    about = ("张伟", "黄河物流有限公司", "临江支行")
    for password in (
        "张伟张伟张伟张伟张伟张伟张伟张伟",
        "伟张 张伟 伟张 张伟 伟张 张伟",
        "张伟在黄河物流有限公司临江支行 张伟",
    ):
        with pytest.raises(InvalidInput, match="easy to guess"):
            check_new_password("password", password, least=15, about=about)


@pytest.mark.parametrize(
    "password",
    [
        "violet harbour seven lanterns",
        "amber lantern over quiet canals",
        "zhang keeps nine copper kettles",
        "the bank opens at quarter past midnight",
        "Tr0ub4dour&3 gravel weigh",
        "q7$Lw!zP0@dR%2vX",
        "purple-otter-1988-sings",
    ],
)
def test_what_stands_beside_such_words_counts(password: str) -> None:
    check_new_password("password", password, least=15, about=ZHANG_WEI)
    check_new_password("password", password, least=15)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60), st.lists(st.text(max_size=30), max_size=4))
def test_knowing_more_of_a_person_never_makes_a_password_stronger(text: str, about: list[str]) -> None:
    try:
        check_new_password("password", text, least=1)
    except InvalidInput:
        with pytest.raises(InvalidInput):
            check_new_password("password", text, least=1, about=tuple(about))
