"""Sentences that are kept to be said later come back as they were; what was altered is left out and breaks nothing."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankcard_tui import locale
from bankcard_tui.errors import Phrase
from bankcard_tui.rules.phrases import phrases_from_json, phrases_to_json

INSIDE = Phrase("card {last4}", {"last4": "0042"})
KEPT = (
    Phrase("Paid on time."),
    Phrase("{count:month|months} of {total}", {"count": 3, "total": "12,000.00"}),
    Phrase("{which} and {others}", {"which": INSIDE, "others": (INSIDE, Phrase("nothing"))}),
)


def test_sentences_come_back_as_they_were_kept() -> None:
    assert phrases_from_json(phrases_to_json(KEPT)) == KEPT


ALTERED = {
    "no JSON": "[{",
    "no list": '{"say": "x", "with": {}}',
    "a missing value": '[{"say": "{x}", "with": {}}]',
    "an attribute": '[{"say": "{x.__class__}", "with": {"x": 1}}]',
    "a place": '[{"say": "{0}", "with": {"x": 1}}]',
    "a form": '[{"say": "{x!r:>9999999999}", "with": {"x": 1}}]',
    "half a brace": '[{"say": "a{", "with": {}}]',
    "a fraction": '[{"say": "{x}", "with": {"x": 0.5}}]',
    "truth": '[{"say": "{x}", "with": {"x": true}}]',
    "something more": '[{"say": "x", "with": {}, "and": 1}]',
    "a number": "7",
    "depth": "[" * 100_000,
    "a phrase in a phrase in a phrase": '[{"say":"{x}","with":{"x":' * 60 + "1" + "}}]" * 60,
}


@pytest.mark.parametrize("text", ALTERED.values(), ids=ALTERED.keys())
def test_what_was_altered_in_the_store_is_left_out(text: str) -> None:
    assert phrases_from_json(text) == ()


def test_what_is_sound_beside_it_is_still_said() -> None:
    text = json.dumps([{"say": "{x}", "with": {}}, json.loads(phrases_to_json(KEPT))[1]])
    assert phrases_from_json(text) == KEPT[1:2]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["{x}", "{", "{x:a|b}", "{0}"]),
    lambda each: (
        st.lists(each, max_size=3)
        | st.fixed_dictionaries({"say": each, "with": st.dictionaries(st.sampled_from("xy0"), each, max_size=2)})
    ),
    max_leaves=12,
)


@given(st.lists(_JSON, max_size=3))
def test_whatever_stands_there_can_be_said_in_both_languages(plain: list[object]) -> None:
    for phrase in phrases_from_json(json.dumps(plain)):
        for language in locale.LANGUAGES:
            locale.use(language)
            assert isinstance(locale.say(phrase), str)
