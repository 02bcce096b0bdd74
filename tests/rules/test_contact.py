from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankcard_tui.errors import InvalidInput
from bankcard_tui.rules.contact import check_email, check_phone, mask_address, mask_email, mask_phone

modest = settings(max_examples=100, deadline=None)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("13800138000", "+8613800138000"),
        (" 138 0013 8000 ", "+8613800138000"),
        ("138-0013-8000", "+8613800138000"),
        ("+86 138 0013 8000", "+8613800138000"),
        ("008613800138000", "+8613800138000"),
        ("＋８６１３８００１３８０００", "+8613800138000"),
        ("19912345678", "+8619912345678"),
        ("+1 (212) 555-0123", "+12125550123"),
        ("+44 7911 123456", "+447911123456"),
        ("+852 5123 4567", "+85251234567"),
    ],
)
def test_a_mobile_number_is_read_however_it_is_typed(typed: str, kept: str) -> None:
    assert check_phone("phone", typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "110",
        "1380013800",
        "138001380000",
        "23800138000",
        "13800138000 ext. 5",
        "1-800-FLOWERS",
        "tel:+8613800138000",
        "+999 13800138000",
        "++8613800138000",
        "13800138000\u202c",
        "১৩৮০০১৩৮০০০",
        "1" * 10_000,
    ],
)
def test_what_is_not_a_mobile_number_is_refused(typed: str) -> None:
    with pytest.raises(InvalidInput, match="not a mobile number") as caught:
        check_phone("phone", typed)
    assert caught.value.field == "phone"
    assert caught.value.hint


@pytest.mark.parametrize("typed", ["010-62345678", "021 6234 5678", "+86 10 62345678"])
def test_a_landline_is_refused_with_the_reason(typed: str) -> None:
    with pytest.raises(InvalidInput, match="landline"):
        check_phone("phone", typed)


@modest
@given(st.integers(0, 10**8 - 1))
def test_a_kept_number_is_kept_again(rest: int) -> None:
    kept = check_phone("phone", f"138{rest:08d}")
    assert check_phone("phone", kept) == kept


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("+8613800131234", "+86 138****1234"),
        ("+12125554567", "+121****4567"),
        ("+85251234567", "+852****4567"),
        ("+2471234", "+2**1234"),
        ("+1234", "+1234"),  # shorter than any real number
        ("", ""),
    ],
)
def test_a_masked_number_hides_its_middle(number: str, masked: str) -> None:
    assert mask_phone(number) == masked


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("li.wei@example.com", "li.wei@example.com"),
        (" Li.Wei@Example.COM ", "Li.Wei@example.com"),
        ("li＠example.com", "li@example.com"),
        ("10086@qq.com", "10086@qq.com"),
        ("a+b_c-d@mail.example.com.cn", "a+b_c-d@mail.example.com.cn"),
        ("a@163.com", "a@163.com"),
        ("a@xn--fiq228c.xn--fiqs8s", "a@xn--fiq228c.xn--fiqs8s"),
        ("a" * 64 + "@example.com", "a" * 64 + "@example.com"),
    ],
)
def test_an_address_is_kept_with_its_domain_in_small_letters(typed: str, kept: str) -> None:
    assert check_email("email", typed) == kept
    assert check_email("email", kept) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "li",
        "@example.com",
        "li@",
        "li@example",
        "li@@example.com",
        "li@wei@example.com",
        "li wei@example.com",
        "li@exam ple.com",
        "li@.com",
        "li@example..com",
        "li@example.com.",
        "li@-example.com",
        "li@127.0.0.1",
        ".li@example.com",
        "li..wei@example.com",
        "李@example.com",
        "li@例子.com",
        "li\x1b@example.com",
        "li@example.com\n",
        "li@example.com\u200b",
        "<li@example.com>",
        "a" * 65 + "@example.com",
        "a@" + "b" * 60 + ("." + "c" * 60) * 4 + ".com",
        "a@" + "b" * 64 + ".com",
        "a" * 10_000,
        "a@" + "a-" * 5_000,
    ],
)
def test_what_is_not_an_address_is_refused(typed: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_email("email", typed)
    assert caught.value.field == "email"
    assert caught.value.hint


@pytest.mark.parametrize("nothing", ["", "  ", "\u3000"])
def test_an_empty_address_is_refused_only_where_it_is_needed(nothing: str) -> None:
    assert check_email("email", nothing) == ""
    with pytest.raises(InvalidInput):
        check_email("email", nothing, required=True)


@pytest.mark.parametrize(
    ("mask", "whole", "masked"),
    [
        (mask_email, "zhang.wei@example.com", "z***@example.com"),
        (mask_email, "", ""),
        (mask_address, "7 Quay Street", "7 ***"),
        (mask_address, "", ""),
    ],
)
def test_what_would_find_a_person_is_masked(mask: Callable[[str], str], whole: str, masked: str) -> None:
    assert mask(whole) == masked
