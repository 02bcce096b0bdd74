"""One-time codes that people read off a screen, a message or paper and type."""

from __future__ import annotations

import secrets
import unicodedata

from bankcard_tui.desk.registry import Secret

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Of 32 letters each is five bits. Letters that are mistaken for digits are left out."""
LONGEST = 100


def new_code(letters: int) -> str:
    """A random code of so many letters, without its hyphens."""
    return "".join(secrets.choice(ALPHABET) for _ in range(letters))


def grouped(code: str) -> str:
    """A code in groups of four, as people read it."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def typed(code: Secret) -> str:
    """What was typed, as the code was made: in capitals, without hyphens and blanks; empty for blanks."""
    text = unicodedata.normalize("NFKC", code.get_secret_value()[:LONGEST]).upper()
    return "".join(letter for letter in text if not letter.isspace() and letter != "-")
