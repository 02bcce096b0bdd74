"""Names of user accounts."""

from __future__ import annotations

import re
import unicodedata

from bankcard_tui.errors import InvalidInput

_SHAPE = re.compile(r"[a-z0-9][a-z0-9._-]{2,31}")


def check_username(field: str, text: str) -> str:
    """The user name in ``text`` as the store keeps and compares it: NFKC, small letters, without blanks around it.

    Raises InvalidInput on ``field`` for anything else than 3 to 32 of a-z 0-9 . _ - with a letter or digit first.
    """
    # Compatibility forms can grow eighteenfold: what is far too long is not worth folding.
    name = unicodedata.normalize("NFKC", text[:100]).casefold().strip(" ")
    if len(text) > 100 or not _SHAPE.fullmatch(name):
        raise InvalidInput(
            field,
            "This can't be a user name.",
            hint="Use 3 to 32 letters a-z, digits, dots, hyphens or underscores, and begin with a letter or digit.",
        )
    return name
