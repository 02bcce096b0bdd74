"""The root key, what derives from it, and sealed values."""

from __future__ import annotations

import os
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankcard_tui.errors import Unavailable, VerificationFailed
from bankcard_tui.security import chain
from bankcard_tui.security.keys import Keys, create_root_key, load_root_key
from bankcard_tui.store.sealing import seal, unseal

KEYS, OTHER = Keys(bytes(range(32))), Keys(bytes(32))
ROW, ELSE = UUID(int=1), UUID(int=2)


def code_of(path: Path) -> str:
    with pytest.raises(Unavailable) as error:
        load_root_key(path)
    assert error.value.hint
    return error.value.code


def test_a_new_key_is_readable_by_its_owner_alone_and_reads_back(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "root.key"
    made = create_root_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert load_root_key(path).check == made.check
    with pytest.raises(Unavailable) as error:
        create_root_key(path)
    assert error.value.code == "key.exists"


def test_a_key_that_is_missing_damaged_or_open_to_others_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "root.key"
    assert code_of(path) == "key.missing"
    create_root_key(path)
    for mode in (0o640, 0o604, 0o666):
        path.chmod(mode)
        assert code_of(path) == "key.open_to_others"
    path.chmod(0o600)
    for content in (b"", b"zz" * 32, b"\xff" * 64, b"00" * 31, b"00" * 33, b"00" * 4000):
        path.write_bytes(content)
        assert code_of(path) == "key.damaged"
    link = tmp_path / "link.key"
    os.symlink(path, link)
    assert code_of(link) == "key.unusable"
    assert code_of(tmp_path) == "key.unusable"


def test_keys_for_different_purposes_differ_and_tell_nothing_of_the_root() -> None:
    derived = [KEYS.sealing, KEYS.blind, KEYS.pepper, KEYS.chain, KEYS.names, KEYS.codes]
    assert len({*derived, bytes(range(32))}) == 7
    assert bytes(range(32)).hex() not in repr(KEYS)


@settings(max_examples=50)
@given(st.text(alphabet=st.characters(blacklist_categories=("Cs",)), max_size=200))
def test_what_is_sealed_opens_in_its_place_alone(value: str) -> None:
    sealed = seal(KEYS, "person.id_number", ROW, value)
    assert unseal(KEYS, "person.id_number", ROW, sealed) == value
    if len(value) > 4:
        assert value.encode() not in sealed
    for keys, label, row in (
        (OTHER, "person.id_number", ROW),
        (KEYS, "card.number", ROW),
        (KEYS, "person.id_number", ELSE),
    ):
        with pytest.raises(VerificationFailed):
            unseal(keys, label, row, sealed)


def test_a_sealed_value_with_any_byte_changed_or_missing_does_not_open() -> None:
    sealed = seal(KEYS, "card.number", ROW, "6235001234567890")
    for place in range(len(sealed)):
        spoilt = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        for broken in (spoilt, sealed[:place]):
            with pytest.raises(VerificationFailed):
                unseal(KEYS, "card.number", ROW, broken)


COLUMN = st.one_of(st.none(), st.integers(), st.text(max_size=20), st.binary(max_size=20))


@settings(max_examples=200)
@given(st.lists(COLUMN, max_size=5), st.lists(COLUMN, max_size=5))
def test_two_different_entries_never_have_the_same_mark(one: list[object], other: list[object]) -> None:
    same = [type(each) for each in one] == [type(each) for each in other] and one == other
    assert (chain.mark(KEYS.chain, chain.START, one) == chain.mark(KEYS.chain, chain.START, other)) is same


def test_the_mark_depends_on_the_key_and_on_the_entry_before() -> None:
    mark = chain.mark(KEYS.chain, chain.START, ["a", 1])
    assert mark != chain.mark(OTHER.chain, chain.START, ["a", 1])
    assert mark != chain.mark(KEYS.chain, mark, ["a", 1])
