"""The codes of RFC 6238, when they fit, and what the QR code says."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
import segno

from bankcard_tui.security.second_factor import code_at, enrolment_uri, fitting_step, new_secret, step_at

RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()
VECTORS = [
    (59, "94287082"),
    (1_111_111_109, "07081804"),
    (1_111_111_111, "14050471"),
    (1_234_567_890, "89005924"),
    (2_000_000_000, "69279037"),
    (20_000_000_000, "65353130"),
]
"""RFC 6238, appendix B, SHA-1: eight digits, of which six are the last six."""


@pytest.mark.parametrize(("seconds", "eight"), VECTORS)
def test_codes_are_those_of_the_rfc(seconds: int, eight: str) -> None:
    step = step_at(datetime.fromtimestamp(seconds, UTC))
    assert step == seconds // 30
    assert code_at(RFC_SECRET, step) == eight[2:]


@pytest.mark.parametrize(("off", "fits"), [(-3, False), (-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_fits_one_step_to_either_side(off: int, fits: bool) -> None:
    now = 41_152_263
    found = fitting_step(RFC_SECRET, code_at(RFC_SECRET, now + off), now, 0)
    assert found == (now + off if fits else None)


def test_a_step_that_was_taken_or_lies_before_it_fits_no_more() -> None:
    now = 41_152_263
    for taken, off, fits in [
        (now, 0, False),
        (now, -1, False),
        (now, 1, True),
        (now - 1, 0, True),
        (now + 1, 1, False),
    ]:
        assert (fitting_step(RFC_SECRET, code_at(RFC_SECRET, now + off), now, taken) is not None) is fits, (taken, off)


def test_of_two_steps_with_the_same_digits_the_later_is_taken() -> None:
    """Else the same digits would count twice, half a minute apart."""
    twin = 59_061_240
    code = code_at(RFC_SECRET, twin)
    assert code == code_at(RFC_SECRET, twin + 1)
    taken = fitting_step(RFC_SECRET, code, twin, 0)
    assert taken == twin + 1
    assert fitting_step(RFC_SECRET, code, twin + 1, taken) is None


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６", "-12345"])
def test_what_is_no_code_fits_nothing(code: str) -> None:
    assert fitting_step(RFC_SECRET, code, 41_152_263, 0) is None


def test_at_the_beginning_of_time_nothing_breaks() -> None:
    assert fitting_step(RFC_SECRET, code_at(RFC_SECRET, 1), 0, 0) == 1


def test_a_secret_has_160_bits_and_never_comes_twice() -> None:
    secrets = {new_secret() for _ in range(50)}
    assert len(secrets) == 50
    assert all(len(base64.b32decode(each)) == 20 for each in secrets)


@pytest.mark.parametrize("username", ["abc", "wang.xiao-ming_0042", "a" * 32])
@pytest.mark.parametrize("branch", ["T001", "310-0042", "B" * 20])
def test_the_qr_code_fits_a_terminal_and_says_all(username: str, branch: str) -> None:
    secret = new_secret()
    uri = enrolment_uri(secret, username, branch)
    code = segno.make(uri, error="l", boost_error=False)
    assert isinstance(code.version, int)
    assert code.version <= 5
    parts = urlsplit(uri)
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    name, _, at = parts.path.removeprefix("/").partition("@")
    assert username.startswith(name)
    assert len(name) >= min(len(username), 14)
    assert at == branch
    assert parse_qs(parts.query) == {"secret": [secret], "issuer": ["bankcard"]}
