"""Passwords: what may be one, how it is kept, how it is checked.

Kept as bcrypt over base64(HMAC-SHA-384(pepper, NFKC(password))): the HMAC makes every password 48 bytes, since bcrypt
takes at most 72, and without the pepper a stolen store can't be tried against lists.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import unicodedata
from collections.abc import Sequence
from itertools import permutations

import bcrypt

from bankcard_tui.errors import InvalidInput
from bankcard_tui.security.keys import Keys

DEFAULT_COST = 12
MOST = 128
LEAST_STRENGTH = 3
"""zxcvbn's scale runs from 0 to 4; 3 means more than 10^8 guesses."""


_PARTS = re.compile(r"[^\W_]+")

_KEPT = re.compile(r"\$2[aby]\$(0[4-9]|[12][0-9]|3[01])\$[./A-Za-z0-9]{53}")
"""What a kept password looks like; anything else was put into the store by somebody else, and fits nothing."""


def check_new_password(
    field: str, password: str, *, least: int, about: tuple[str, ...] = (), again: str | None = None
) -> None:
    """Raise InvalidInput unless ``password`` may be chosen.

    ``about`` holds what others know of the person: names, user name, phone, e-mail, dates, employer, bank. However
    often and in whatever order that stands in a password, it adds nothing to its strength.
    """
    text = unicodedata.normalize("NFKC", password)
    if len(text) < least:
        raise InvalidInput(
            field,
            "A password has at least {least:character|characters}; this one has {length}.",
            hint="Several words that only you would put together are easy to keep and hard to guess.",
            least=least,
            length=len(text),
        )
    if len(text) > MOST:
        raise InvalidInput(field, "A password has at most {most:character|characters}.", hint="Shorten it.", most=MOST)
    if any(unicodedata.category(character)[0] == "C" for character in text):
        raise InvalidInput(
            field, "A password can't hold control or invisible characters.", hint="Type it rather than paste it."
        )
    close = words_in(about)
    if not (_is_strong(text, close) and _is_strong(_without(close, text), close)):
        raise InvalidInput(
            field,
            "This password is easy to guess.",
            hint="Avoid names, dates, repeats and well-known phrases; add an unusual word.",
        )
    if again is not None and unicodedata.normalize("NFKC", again) != text:
        raise InvalidInput("again", "The two passwords differ.", hint="Type the same password twice.")


def words_in(about: Sequence[str]) -> tuple[str, ...]:
    """The words of ``about``, longest first: in small letters, whole and in parts, joined and apart.

    Numbers are taken apart as people write them: a mobile number 3-4-4, an ID number 6-8-4 with the year of birth.
    Parts of fewer than three letters or digits stand in too many words to count.
    """
    words: set[str] = set()
    for value in about:
        parts = _PARTS.findall(unicodedata.normalize("NFKC", value).casefold())
        words |= {*parts, *("".join(pair) for pair in permutations(parts[:4], 2)), "".join(parts)}
        for part in parts:
            if len(part) >= 11 and part[:-1].isdecimal():
                head = len(part) - 8 if len(part) < 18 else 6
                words |= {
                    part[:head][-3:],
                    part[:head],
                    part[head:-4],
                    part[-4:],
                    part[head : head + 4],
                    part[head + 2 : -4],
                    part[-8:],
                    part[-11:],
                }
            elif len(part) <= 4 and not part.isascii():
                words |= set(part)  # a name in characters: each of them
    return tuple(sorted((word for word in words if len(word) > 2 or not word.isascii()), key=_longest))


def _longest(word: str) -> tuple[int, str]:
    return -len(word), word


def _is_strong(text: str, close: tuple[str, ...]) -> bool:
    from zxcvbn import zxcvbn

    # zxcvbn is quadratic in the length; the first 72 characters decide.
    return bool(text) and zxcvbn(text[:72], user_inputs=list(close))["score"] >= LEAST_STRENGTH


def _without(close: tuple[str, ...], text: str) -> str:
    """What is left of ``text`` without the words close to the person and the signs around them."""
    if not close:
        return text
    sign = r"[\W_]*"
    some = f"{sign}(?:{'|'.join(map(re.escape, close))}){sign}"
    return re.sub(some, " ", text.casefold()).strip() if re.search(some, text.casefold()) else text


def hash_password(keys: Keys, password: str, cost: int) -> str:
    """The text under which a password is kept. Slow on purpose: never inside a transaction."""
    return bcrypt.hashpw(_peppered(keys, password), bcrypt.gensalt(cost)).decode("ascii")


def verify_password(keys: Keys, password: str, kept: str | None, cost: int) -> bool:
    """Whether ``password`` is the one kept. As slow for nobody's password and for one kept at a lower cost."""
    peppered = _peppered(keys, password)
    if kept is None or not _KEPT.fullmatch(kept):
        bcrypt.checkpw(peppered, _nobodys(cost))
        return False
    right = bcrypt.checkpw(peppered, kept.encode("ascii"))
    for missing in range(cost_of(kept), cost):
        bcrypt.checkpw(peppered, _nobodys(missing))
    return right


def cost_of(kept: str) -> int:
    """The bcrypt cost under which a password is kept."""
    return int(kept.split("$")[2])


def is_reused(keys: Keys, password: str, earlier: tuple[str, ...]) -> bool:
    """Whether ``password`` is one of the ``earlier`` ones. Slow on purpose."""
    peppered = _peppered(keys, password)
    return any(bcrypt.checkpw(peppered, kept.encode("ascii")) for kept in earlier if _KEPT.fullmatch(kept))


def _peppered(keys: Keys, password: str) -> bytes:
    text = unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
    return base64.b64encode(hmac.digest(keys.pepper, text, hashlib.sha384))


def _nobodys(cost: int) -> bytes:
    """A hash that no known password matches, to be as slow for a name that nobody has; not made by hashing, which would
    take its time at the first such name.
    """
    return b"$2b$%02d$%s" % (cost, b"." * 53)
