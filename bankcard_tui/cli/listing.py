"""The list of all operations, as it stands in ``operations.json``: reading it imports no operation.

The file is generated from the registry by ``make listing``; a test compares the two.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

LISTING = Path(__file__).with_name("operations.json")


def listed() -> list[dict[str, Any]]:
    """Every operation that can be called from outside, by name, each as ``describe.described`` tells it."""
    operations: list[dict[str, Any]] = json.loads(LISTING.read_text(encoding="utf-8"))
    return operations


def in_short(parameter: Mapping[str, Any]) -> str:
    """A parameter in a line for people."""
    kind = str(parameter["type"])
    if "choices" in parameter:
        kind = "|".join(parameter["choices"])
    elif "items" in parameter:
        inner = parameter["items"]
        kind = f"list of {'|'.join(inner['choices']) if 'choices' in inner else inner['type']}"
    notes = [kind, *(word for word in ("secret",) if parameter["secret"])]
    if not parameter["required"]:
        notes.append("optional")
    return f"{parameter['name']} ({', '.join(notes)})"
