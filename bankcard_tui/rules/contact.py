"""How a person is reached: mobile numbers and e-mail addresses."""

from __future__ import annotations

import re

from bankcard_tui.errors import InvalidInput
from bankcard_tui.rules.text import fold_width, without_blanks

_PHONE_SHAPE = re.compile(r"\+?[0-9]{5,20}")
_PHONE_SIGNS = str.maketrans("", "", "-().")

_LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)+(?=[a-z0-9-]*[a-z]){_LABEL}")


def check_phone(field: str, text: str) -> str:
    """The mobile number in ``text`` as E.164 (``+8613800138000``); a number without country code is a Chinese one.

    Raises InvalidInput on ``field`` for what is not a number in use and for landlines, which get no messages.
    """
    import phonenumbers  # slow to import, and needed only when a number is checked

    digits = without_blanks(text).translate(_PHONE_SIGNS)
    if not _PHONE_SHAPE.fullmatch(digits):
        raise _not_mobile(field)
    try:
        number = phonenumbers.parse(digits, "CN")
    except phonenumbers.NumberParseException:
        raise _not_mobile(field) from None
    kind = phonenumbers.number_type(number)
    if kind == phonenumbers.PhoneNumberType.FIXED_LINE:
        raise InvalidInput(
            field, "This is a landline number.", hint="Give a mobile number, which can receive text messages."
        )
    if kind not in (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE):
        raise _not_mobile(field)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def mask_phone(e164: str) -> str:
    """A phone number without its middle: ``+86 138****1234``; of other countries ``+121****4567``."""
    kept = max(2, len(e164) - 8)
    head, rest = e164[:kept], e164[kept:]
    if head.startswith("+86"):
        head = f"+86 {head[3:]}"
    return f"{head}{'*' * len(rest[:-4])}{rest[-4:]}"


def mask_email(address: str) -> str:
    """An e-mail address without its name but for the first letter: ``z***@example.com``."""
    local, at, domain = address.partition("@")
    return f"{local[:1]}***{at}{domain}" if address else ""


def mask_address(address: str) -> str:
    """An address without all but its first two letters: enough to tell two of them apart."""
    return f"{address[:2]}***" if address else ""


def check_email(field: str, text: str, *, required: bool = False) -> str:
    """The e-mail address in ``text``, its domain in small letters; empty text stays empty unless ``required``.

    Takes what mail providers hand out, not all of RFC 5321: one @, a dot in the domain, ASCII, at most 254 characters
    (64 before the @). Raises InvalidInput on ``field``.
    """
    address = fold_width(text).strip(" ")
    if not address and not required:
        return ""
    local, at, domain = address.partition("@")
    domain = domain.lower()
    fits = len(address) <= 254 and len(local) <= 64
    # Checked before the patterns, so that they never see text of any length.
    if not (at and fits and _LOCAL_PART.fullmatch(local) and _DOMAIN.fullmatch(domain)):
        raise InvalidInput(field, "This is not an e-mail address.", hint="Type it like name@example.com.")
    return f"{local}@{domain}"


def _not_mobile(field: str) -> InvalidInput:
    return InvalidInput(
        field,
        "This is not a mobile number.",
        hint="Type the 11 digits of a Chinese number, or + and the country code of another.",
    )
