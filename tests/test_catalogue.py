"""Every sentence that a person can see has its translation, and every translation is used."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bankcard_tui import locale
from bankcard_tui.errors import InvalidForm, InvalidInput, fill

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "bankcard_tui"
CATALOGUES = sorted((PACKAGE / "locale").glob("*/*.json"))
ERRORS = {
    "BankError",
    "Refused",
    "NotSignedIn",
    "SessionLocked",
    "SecondFactorNeeded",
    "NotFound",
    "Conflict",
    "VerificationFailed",
    "Unavailable",
    "Busy",
}
WITH_FIELD = {"InvalidInput"}
# What may follow a name, a path or a number in the middle of a sentence, and is no noun that is counted.
VERBS = {
    "is",
    "was",
    "has",
    "does",
    "belongs",
    "lacks",
    "signs",
    "registers",
    "requires",
    "activates",
    "waits",
    "knows",
}
# Widgets that translate what they are given, by the position and the names of the texts.
WIDGETS: dict[str, tuple[tuple[int, ...], tuple[str, ...]]] = {
    "tr": ((0,), ()),
    "mark": ((0,), ()),
    "Phrase": ((0,), ()),
    "Field": ((1,), ("label", "hint")),
    "Column": ((0,), ("label",)),
    "Form": ((), ("submit",)),
}


def texts_of(call: ast.Call) -> Iterator[ast.expr]:
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    named = {keyword.arg: keyword.value for keyword in call.keywords}
    if name in ERRORS or name in WITH_FIELD:
        position = 1 if name in WITH_FIELD else 0
        yield from call.args[position : position + 1]
        yield from (named[each] for each in ("hint",) if each in named)
    elif name in WIDGETS:
        positions, names = WIDGETS[name]
        yield from (call.args[each] for each in positions if each < len(call.args))
        yield from (named[each] for each in names if each in named)


def literals(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from literals(node.body)
        yield from literals(node.orelse)


def spoken() -> dict[str, str]:
    """Every sentence in the source, with one place where it stands."""
    found: dict[str, str] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                for text in texts_of(node):
                    for literal in literals(text):
                        if re.search(r"[A-Za-z]{2}", re.sub(r"\{\w+\}", "", literal)):
                            found.setdefault(literal, f"{path.relative_to(ROOT)}:{node.lineno}")
    return found


def translations(language: str) -> dict[str, str]:
    merged: dict[str, str] = {}
    for path in CATALOGUES:
        if path.parent.name == language:
            merged |= json.loads(path.read_text(encoding="utf-8"))
    return merged


def test_every_sentence_is_translated_into_chinese() -> None:
    known = translations("zh_CN")
    missing = {text: place for text, place in spoken().items() if text not in known}
    assert not missing, "\n".join(
        f"{place}: {text}" for text, place in sorted(missing.items(), key=lambda each: each[1])
    )


def test_one_sentence_has_one_translation() -> None:
    seen: dict[str, tuple[str, str]] = {}
    for path in CATALOGUES:
        # As pairs: of two translations in one file an object would show the last alone.
        for text, translation in json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=list):
            earlier = seen.setdefault(text, (translation, path.name))
            assert earlier[0] == translation, f"{text!r}: {earlier} and {(translation, path.name)}"


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.name)
def test_a_translation_fills_in_the_same_values(path: Path) -> None:
    def holes(text: str) -> set[str]:
        return set(re.findall(r"\{(\w+)[^}]*\}", text))

    for text, translation in json.loads(path.read_text(encoding="utf-8")).items():
        assert translation.strip(), text
        assert holes(text) == holes(translation), text


def test_no_translation_is_left_over() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    constants = {
        node.value
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    unused = [text for text in translations("zh_CN") if text not in constants and text not in source]
    assert not unused, unused


def test_a_noun_that_is_counted_has_its_two_forms() -> None:
    plural = re.compile(r"\{\w+\} ([a-z]+s)\b")
    alone = {place: text for text, place in spoken().items() if any(word not in VERBS for word in plural.findall(text))}
    assert not alone, "write {count:row|rows}: " + "\n".join(f"{place}: {text}" for place, text in alone.items())


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (1, "1 row is in"),
        ("1", "1 row is in"),
        (0, "0 rows are in"),
        (11, "11 rows are in"),
        ("1,001", "1,001 rows are in"),
    ],
)
def test_a_noun_goes_with_its_number(count: object, said: str) -> None:
    assert fill("{count:row is|rows are} in {file}", {"count": count, "file": "x|y"}) == f"{said} x|y"


@pytest.mark.parametrize(("language", "said"), [("en", "1 field needs attention."), ("zh_CN", "有 1 项需要修改。")])
def test_a_single_one_is_told_in_both_languages(language: str, said: str) -> None:
    locale.use(language)
    assert locale.explain(InvalidForm([InvalidInput("name", "This is needed.")])) == said
