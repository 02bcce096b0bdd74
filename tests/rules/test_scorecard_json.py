"""Points cards as files: what the hash over them holds together, today and under a later version."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from bankcard_tui.errors import VerificationFailed
from bankcard_tui.rules.scorecard_json import card_from_json, card_to_json
from tests.hand_made_card import trained_like


def as_plain() -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(card_to_json(trained_like()))
    return plain


def test_a_card_made_before_its_form_grew_is_still_the_card_that_was_made() -> None:
    plain = as_plain()
    del plain["training"]["step_sd"]
    said = {name: value for name, value in plain.items() if name not in ("format", "hash")}
    plain["hash"] = hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
    assert card_from_json(json.dumps(plain)).name == "branch-1"


def test_nothing_is_added_to_a_card_that_was_made() -> None:
    plain = as_plain()
    assert card_from_json(json.dumps(plain)) == trained_like()
    plain["training"]["approved_by"] = "everybody"
    with pytest.raises(VerificationFailed, match="was changed"):
        card_from_json(json.dumps(plain))
