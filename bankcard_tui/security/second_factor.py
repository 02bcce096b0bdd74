"""The second factor: codes that an app computes from a shared secret and the time (RFC 6238: SHA-1, 6 digits, 30 s)."""

from __future__ import annotations

import hmac
from datetime import datetime

STEP_SECONDS = 30
DIGITS = 6
WINDOW = 1
"""How many steps a phone's clock may lie off, to either side."""

_LONGEST_URI = 106
"""What a QR code of version 5 holds at error level L (ISO/IEC 18004, byte mode); it fits an 80x24 terminal."""


def new_secret() -> str:
    """A new secret: 160 bits (RFC 4226, section 4) as 32 letters of base32."""
    import pyotp

    return pyotp.random_base32(32)


def step_at(moment: datetime) -> int:
    """The time step of ``moment``: whole 30 seconds since 1970."""
    return int(moment.timestamp()) // STEP_SECONDS


def code_at(secret: str, step: int) -> str:
    """The six digits of a time step."""
    import pyotp

    return pyotp.TOTP(secret, digits=DIGITS, interval=STEP_SECONDS).generate_otp(step)


def fitting_step(secret: str, code: str, now: int, last: int) -> int | None:
    """The step behind ``last`` whose code this is, among ``now`` and its neighbours; None for a code that fits none.

    Of two steps with the same code it is the later one, so that the same digits never count twice.
    """
    fitting = None
    for step in range(now - WINDOW, now + WINDOW + 1):
        if hmac.compare_digest(code_at(secret, max(step, 0)).encode(), code.encode()) and step > last:
            fitting = step
    return fitting


def enrolment_uri(secret: str, username: str, branch_code: str) -> str:
    """What the QR code says to an app. A long name is cut: it is only the label under which the app shows the code."""
    from urllib.parse import quote

    before, after = "otpauth://totp/", f"?secret={secret}&issuer=bankcard"
    branch = "@" + quote(branch_code, safe="")
    label = username[: _LONGEST_URI - len(before) - len(after) - len(branch)] + branch
    return f"{before}{label}{after}"
