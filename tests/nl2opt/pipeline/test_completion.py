from __future__ import annotations

import json
import time
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nl2opt.pipeline.completion import CompletionError, json_object

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(TEXTS, JSON, min_size=1, max_size=4)
PROSE = st.text(st.characters(exclude_characters="{"), max_size=30)


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1}',
        'Here it is:\n\n{"a": 1}\n\nI hope that this helps {you}.',
        '```json\n{"a": 1}\n```',
        '{"a": 1,}',
        '{"a": 1, // the number\n}',
        '{"a": 1 /* the number } of "things */}',
        '{"a": 1 # the "number\n}',
        'The set {x, y} is meant. {"a": 1}',
        '{} {"a": 1} {"b": 2}',
    ],
)
def test_the_object_is_found(text: str) -> None:
    assert json_object(text) == {"a": 1}


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ('{"a": "}{ \\" }", "b": [1, 2,]}', {"a": '}{ " }', "b": [1, 2]}),
        ('{"a": "http://x.org, ]", "b": ",}"}', {"a": "http://x.org, ]", "b": ",}"}),
        ('{"a": "two\nlines"}', {"a": "two\nlines"}),
        ('{"a": "x # y /* z */"}', {"a": "x # y /* z */"}),
        ('{"a": [1, 2, // last\n ], /* end */ }', {"a": [1, 2]}),
        ('{"a": "\\ud83d\\ude00"}', {"a": "😀"}),
    ],
)
def test_what_stands_in_texts_is_kept(text: str, content: dict[str, Any]) -> None:
    assert json_object(text) == content


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("I cannot do that.", "no JSON object"),
        ("", "no JSON object"),
        ("{}", "is empty"),
        ('{"variables": [{"name": "x"}, {"name": "y"', "cut off"),
        ('{"a": "never closed}', "cut off"),
        ('{"a": 1 /* never closed }', "cut off"),
        ("{a: 1}", "not JSON"),
        ('{"a": 1, "a": 2}', "`a` stands twice"),
        ('{"a": NaN}', "`NaN` is not a number"),
        ('{"a": ' + "9" * 5000 + "}", "not JSON"),
        ('{"a": ' + "[" * 100_000 + "]" * 100_000 + "}", "not JSON"),
    ],
)
def test_the_error_says_why_there_is_no_object(text: str, message: str) -> None:
    with pytest.raises(CompletionError, match=message):
        json_object(text)


@pytest.mark.parametrize("text", ['{"a": "\\ud800"}', '{"a": "\ud800"}'])
def test_half_a_surrogate_pair_does_not_get_in(text: str) -> None:
    assert json_object(text) == {"a": "?"}


@given(content=OBJECTS, before=PROSE, after=st.text(max_size=30), ascii_only=st.booleans())
@settings(max_examples=50, deadline=None)
def test_any_object_in_prose_is_found(content: dict[str, Any], before: str, after: str, ascii_only: bool) -> None:
    assert json_object(before + json.dumps(content, ensure_ascii=ascii_only) + after) == content


@given(content=OBJECTS, cut=st.floats(0, 1))
@settings(max_examples=50, deadline=None)
def test_no_part_of_an_object_that_is_cut_off_is_taken_for_it(content: dict[str, Any], cut: float) -> None:
    text = json.dumps({"outer": content})
    with pytest.raises(CompletionError):
        json_object(text[: int(cut * (len(text) - 1))])


@given(st.text('{}[]",:\\/*# \n1aé\ud800', max_size=40))
@settings(max_examples=100, deadline=None)
def test_nothing_but_a_completion_error_comes_out(text: str) -> None:
    with suppress(CompletionError):
        content = json_object(text)
        assert content
        json.dumps(content, ensure_ascii=False).encode()


@pytest.mark.parametrize("piece", ["{", "}", '{"', "{}", '\\"', "/*", "/", "{,", '{"a": "\\"', "{ #", ", "])
def test_long_nonsense_takes_linear_time(piece: str) -> None:
    started = time.process_time()
    with pytest.raises(CompletionError):
        json_object("{" + piece * 200_000)
    assert time.process_time() - started < 3
