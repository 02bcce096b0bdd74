"""Text that people type, and text that is shown to people.

What is typed is data: characters that steer a terminal, change the order of reading or can't be seen are refused at
input (``clean_line``, ``clean_text``) and made visible at output (``visible``, ``visible_block``).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from bankcard_tui.errors import InvalidInput

_BLANKS = " \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_BLANK_RUN = re.compile(f"[{_BLANKS}]+")

# These count as letters, marks or symbols in Unicode but leave nothing to see: joiner, Hangul fillers, Khmer inherent
# vowels, Mongolian and other variation selectors, the empty Braille cell, the Khitan filler, the null note head.
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U00016fe4\U0001d159\U000e0100-\U000e01ef]"
)

_WIDE_TO_ASCII = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}

_PLAIN_NUMBER = re.compile(r"[+-]?[0-9][0-9,]*(?:\.[0-9]+)?")

_FORMULA_STARTS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")

_LAST_CHARACTER = "\U0010ffff"

_SPELT = re.compile("⟨U\\+([0-9A-F]{4,6})⟩")


def clean_line(field: str, value: str, *, most: int = 100, required: bool = True) -> str:
    """One line of text as the store keeps it: NFC, stripped, each inner run of blanks one space.

    ``most`` counts characters. Raises InvalidInput on ``field`` for control characters (line breaks and tabs too),
    bidirectional marks, zero-width and other invisible characters, unassigned, surrogate and private-use code points,
    for text that is too long, and for empty text where it is ``required``.
    """
    if "\n" in value or "\r" in value:
        raise InvalidInput(field, "This takes a single line.", hint="Remove the line break.")
    return _checked(field, _one_space(value), most, required)


def clean_text(field: str, value: str, *, most: int = 2000, required: bool = False) -> str:
    """Text of several lines, each as ``clean_line`` makes it, joined by ``\\n`` without empty lines around them.

    Raises InvalidInput as ``clean_line`` does, save that line feeds (and CR LF, which becomes one) are welcome.
    """
    lines = value.replace("\r\n", "\n").split("\n")
    return _checked(field, "\n".join(_one_space(line) for line in lines).strip("\n"), most, required)


def visible(value: str) -> str:
    """``value`` for one line on a screen, on paper or in a file: hidden characters are spelt, such as ``⟨U+202E⟩``."""
    if value.isascii() and value.isprintable():
        return value
    return "".join(_spelt(character) if _is_hidden(character) else character for character in value)


def visible_block(value: str) -> str:
    """``visible`` for text of several lines: line feeds stay."""
    return "\n".join(visible(line) for line in value.split("\n"))


def unspelt(value: str) -> str:
    """``value`` with the hidden characters that ``visible`` spelt: what it would not have spelt stays as it is."""
    return _SPELT.sub(lambda found: _meant(found[0], int(found[1], 16)), value) if "\u27e8" in value else value


def search_key(name: str) -> str:
    """The form of a name that searches compare: compatibility caseless (Unicode D146), NFKC, blanks as in clean_line.

    Full-width and half-width, capital and small letters are the same; the result keeps its own search key.
    """
    folded = unicodedata.normalize("NFD", name).casefold()
    folded = unicodedata.normalize("NFKD", folded).casefold()
    return _one_space(unicodedata.normalize("NFKC", folded))


def prefix_end(key: str) -> str:
    """The smallest string above every string that starts with ``key``, compared by code point, as UTF-8 bytes are.

    ``key <= name < prefix_end(key)`` is the search for a prefix. Of an empty key it is U+10FFFF, which is above
    all text that clean_line lets in.
    """
    stem = key.rstrip(_LAST_CHARACTER)
    if not stem:
        return _LAST_CHARACTER
    following = ord(stem[-1]) + 1
    # Surrogates have no UTF-8 form, so that U+E000 follows U+D7FF.
    return stem[:-1] + chr(0xE000 if 0xD800 <= following <= 0xDFFF else following)


def spreadsheet_safe(value: str) -> str:
    """``value`` for a CSV cell: an apostrophe goes before what a spreadsheet would run as a formula.

    Formulas begin with = + - @ (full-width ones too, which East Asian editions accept), a tab or a line break, also
    after blanks. Plain numbers such as -12.50 or +8613800138000 stay as they are. Source: OWASP, CSV Injection.
    """
    if _PLAIN_NUMBER.fullmatch(value):
        return value
    risky = value.startswith(("\t", "\r", "\n")) or value.lstrip().startswith(_FORMULA_STARTS)
    return f"'{value}" if risky else value


def fold_width(value: str) -> str:
    """Full-width letters, digits and signs, as Chinese input methods write them, as their ASCII counterparts."""
    return value.translate(_WIDE_TO_ASCII)


def without_blanks(value: str) -> str:
    """``fold_width`` of ``value`` without any blanks: for numbers that people write in groups."""
    return _BLANK_RUN.sub("", fold_width(value))


def _one_space(value: str) -> str:
    return _BLANK_RUN.sub(" ", value).strip(" ")


def _checked(field: str, value: str, most: int, required: bool) -> str:
    # Composing makes text up to four times shorter and takes long for endless runs of accents: too long is too long
    # before that.
    text = value if len(value) > 4 * most else unicodedata.normalize("NFC", value)
    if len(text) > most:
        raise InvalidInput(
            field,
            "This is too long: {length:character|characters}, at most {most}.",
            hint="Shorten it.",
            length=len(text),
            most=most,
        )
    for character in text:
        if character != "\n" and _is_hidden(character):
            raise InvalidInput(
                field,
                "This contains the hidden character {character}.",
                hint="Delete the text and type it again instead of pasting it.",
                character=f"U+{ord(character):04X}",
            )
    if required and not text:
        raise InvalidInput(field, "This is needed.", hint="Fill it in.")
    return text


@lru_cache(maxsize=8192)
def _is_hidden(character: str) -> bool:
    """Whether a person would not see ``character``, or not see what it does."""
    if character.isprintable() or character in _BLANKS:
        return _UNSEEN.match(character) is not None
    code = ord(character)
    # Planes 2 and 3 hold ideographs only. Characters added for rare names in newer versions of Unicode than Python
    # knows are unassigned to it, yet stand on identity cards. The last two code points of each plane are not
    # characters.
    return not (0x20000 <= code <= 0x3FFFF and code & 0xFFFE != 0xFFFE)


def _spelt(character: str) -> str:
    return f"⟨U+{ord(character):04X}⟩"


def _meant(spelt: str, code: int) -> str:
    # Half of a surrogate pair has no UTF-8 form: no file has ever held one.
    possible = code <= ord(_LAST_CHARACTER) and not 0xD800 <= code <= 0xDFFF
    return chr(code) if possible and visible(chr(code)) == spelt else spelt
