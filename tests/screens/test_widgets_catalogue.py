"""Every sentence of the kit speaks Chinese."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from bankcard_tui import widgets
from bankcard_tui.locale import catalogue

FILES = sorted(Path(widgets.__path__[0]).glob("*.py"))


def sentences(path: Path) -> Iterator[str]:
    """The literals given to tr, mark and InvalidInput (template and hint)."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        spoken: list[ast.expr] = []
        if node.func.id in ("tr", "mark"):
            spoken = node.args[:1]
        elif node.func.id == "InvalidInput":
            spoken = [*node.args[1:2], *(word.value for word in node.keywords if word.arg == "hint")]
        for each in spoken:
            for part in ast.walk(each):
                if isinstance(part, ast.Constant) and isinstance(part.value, str) and part.value:
                    yield part.value


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_sentence_of_the_kit_has_its_translation(path: Path) -> None:
    assert [text for text in sentences(path) if text not in catalogue("zh_CN")] == []


def test_the_sentences_are_found() -> None:
    assert {"Optional.", "Send", "Loading ..."} <= {text for path in FILES for text in sentences(path)}
