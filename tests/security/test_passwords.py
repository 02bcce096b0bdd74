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
