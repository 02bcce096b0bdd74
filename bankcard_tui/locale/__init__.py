"""Languages. English is the source: the English sentence is the key of every translation.

A catalogue is the union of the JSON objects in a folder of this package (``zh_CN/*.json``), English to translation.
``tr`` translates for the language of the running program; ``mark`` marks a sentence that is translated later.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from bankcard_tui.errors import BankError, Phrase, fill

LANGUAGES: Final = {"en": "English", "zh_CN": "中文"}
LIST: Final = {"en": ", ", "zh_CN": "、"}
"""What stands between the parts of a list in a sentence."""
BETWEEN_SENTENCES: Final = {"en": " ", "zh_CN": ""}

_language = "en"


def use(language: str) -> None:
    """Speak ``language`` from now on. Raises KeyError for one that is not in LANGUAGES."""
    global _language
    LANGUAGES[language]
    _language = language


def language() -> str:
    """The language in use: a key of LANGUAGES."""
    return _language


def mark(text: str) -> str:
    """Mark ``text`` for translation and return it unchanged."""
    return text


def tr(text: str, /, **values: object) -> str:
    """``text`` in the language in use, with ``values`` filled in (see :class:`Phrase`); English where no translation is
    known.
    """
    return _said(_language, text, values)


def say(phrase: Phrase, language: str = "") -> str:
    """A phrase in ``language``, a key of LANGUAGES; without one in the language in use."""
    return _said(language or _language, phrase.template, phrase.values)


def say_all(phrases: Iterable[Phrase], language: str = "") -> str:
    """Phrases as sentences one after the other; see :func:`say`."""
    return BETWEEN_SENTENCES[language or _language].join(say(each, language) for each in phrases)


def explain(error: BankError) -> str:
    """The sentence of an error, without its hint, in the language in use."""
    return tr(error.template, **error.values)


def advise(error: BankError) -> str:
    """The hint of an error in the language in use; empty where it has none."""
    return tr(error.hint, **error.values) if error.hint else ""


@cache
def catalogue(language: str) -> dict[str, str]:
    """Every translation of ``language``; empty for English."""
    if language == "en":
        return {}
    import json

    merged: dict[str, str] = {}
    for path in sorted(Path(__file__).with_name(language).glob("*.json")):
        merged.update(json.loads(path.read_text(encoding="utf-8")))
    return merged


def _said(language: str, text: str, values: Mapping[str, object]) -> str:
    spoken = {name: _spoken(language, value) for name, value in values.items()}
    return fill(catalogue(language).get(text, text), spoken)


def _spoken(language: str, value: object) -> object:
    """A value as it stands in a sentence. Text stays what somebody typed, even where it is a word of the catalogue."""
    if isinstance(value, Phrase):
        return say(value, language)
    return LIST[language].join(str(_spoken(language, each)) for each in value) if isinstance(value, tuple) else value
