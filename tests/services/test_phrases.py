"""Sentences that are kept to be said later come back as they were; what was altered breaks nothing."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankcard_tui import locale
from bankcard_tui.errors import Phrase
from bankcard_tui.services.phrases import ALTERED, from_json, to_json

INSIDE = Phrase("card {last4}", {"last4": "0042"})
KEPT = (
    Phrase("Paid on time."),
    Phrase("{count:month|months} of {total}", {"count": 3, "total": "12,000.00"}),
    Phrase("{which} and {others}", {"which": INSIDE, "others": (INSIDE, Phrase("nothing"))}),
)


def test_sentences_come_back_as_they_were_kept() -> None:
    assert from_json(to_json(KEPT)) == KEPT


ALTERED_TEXTS = {
    "no JSON": "[{",
    "no list": '{"template": "x", "values": {}}',
    "a missing value": '[{"template": "{x}", "values": {}}]',
    "an attribute": '[{"template": "{x.__class__}", "values": {"x": 1}}]',
    "a place": '[{"template": "{0}", "values": {"x": 1}}]',
    "a form": '[{"template": "{x!r:>9999999999}", "values": {"x": 1}}]',
    "half a brace": '[{"template": "a{", "values": {}}]',
    "a fraction": '[{"template": "{x}", "values": {"x": 0.5}}]',
    "truth": '[{"template": "{x}", "values": {"x": true}}]',
    "something more": '[{"template": "x", "values": {}, "and": 1}]',
    "a number": "7",
    "depth": "[" * 100_000,
    "a phrase in a phrase in a phrase": '[{"template":"{x}","values":{"x":' * 60 + "1" + "}}]" * 60,
}


@pytest.mark.parametrize("text", ALTERED_TEXTS.values(), ids=ALTERED_TEXTS.keys())
def test_what_was_altered_in_the_store_is_said_to_be(text: str) -> None:
    assert from_json(text) == (ALTERED,)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["{x}", "{", "{x:a|b}", "{0}"]),
    lambda each: (
        st.lists(each, max_size=3)
        | st.fixed_dictionaries({"template": each, "values": st.dictionaries(st.sampled_from("xy0"), each, max_size=2)})
    ),
    max_leaves=12,
)


@given(st.lists(_JSON, max_size=3))
def test_whatever_stands_there_can_be_said_in_both_languages(plain: list[object]) -> None:
    for phrase in from_json(json.dumps(plain)):
        for language in locale.LANGUAGES:
            locale.use(language)
            assert isinstance(locale.say(phrase), str)
