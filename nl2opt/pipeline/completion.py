"""Gets the JSON object out of what a language model wrote."""

from __future__ import annotations

import json
import re
from typing import Any, Final

_TEXT: Final = r'"(?:[^"\\]|\\.)*+"'
_REMARK: Final = r"//[^\n]*+|\#[^\n]*+|/\*(?:[^*]|\*(?!/))*+(?:\*/|\Z)"
_BRACE: Final = re.compile(rf'{_TEXT}|(?P<unclosed>")|{_REMARK}|(?P<brace>[{{}}])', re.DOTALL)
_REMARKS: Final = re.compile(rf"({_TEXT})|{_REMARK}", re.DOTALL)
_TRAILING_COMMAS: Final = re.compile(rf"({_TEXT})|,(?=\s*+[}}\]])", re.DOTALL)
_SURROGATE: Final = re.compile(r"[\ud800-\udfff]|\\u[dD][89a-fA-F]")
_AGAIN: Final = "Answer with one JSON object and nothing else."


class CompletionError(Exception):
    """A completion holds no JSON object that can be read; the text says why, for its author to mend."""


def json_object(text: str) -> dict[str, Any]:
    """Return the first JSON object in a completion that can be read and is not empty.

    Prose and code fences around it are passed over; trailing commas, remarks and line breaks inside of texts
    are forgiven. Half a surrogate pair in a text, which no file can hold, becomes `?`.

    Raises:
        CompletionError: there is no object, it is cut off, it is not JSON, or it gives a key twice.
    """
    start = text.find("{")
    if start < 0:
        raise CompletionError(f"There is no JSON object in the answer. {_AGAIN}")
    fault = ""
    while start >= 0:
        end = _end_of_object(text, start)
        if end is None:
            # Looking on from the next brace would take a part of an object that is cut off for the whole.
            fault = fault or "The JSON object is cut off before its end. Write it again, shorter."
            break
        try:
            content = _read(text[start:end])
        except (ValueError, RecursionError) as error:
            fault = fault or f"The answer is not JSON: {error}. {_AGAIN}"
        else:
            if content:
                return content
        start = text.find("{", end)
    raise CompletionError(fault or f"The JSON object is empty. {_AGAIN}")


def _end_of_object(text: str, start: int) -> int | None:
    """Return the offset behind the brace that closes the object; `None` when none does."""
    depth = 0
    for token in _BRACE.finditer(text, start):
        if token["unclosed"]:
            return None
        if token["brace"]:
            depth += 1 if token["brace"] == "{" else -1
            if not depth:
                return token.end()
    return None


def _read(text: str) -> dict[str, Any]:
    """Read an object, without its slips.

    Raises:
        ValueError: it is not JSON, gives a key twice, or holds `NaN`, infinity or far too many digits.
        RecursionError: it nests too deep.
    """
    for slips in (_REMARKS, _TRAILING_COMMAS):
        text = slips.sub(lambda found: found[1] or "", text)
    content = json.loads(text, strict=False, object_pairs_hook=_unique_keys, parse_constant=_no_constant)
    if _SURROGATE.search(text):
        content = json.loads(json.dumps(content, ensure_ascii=False).encode("utf-8", "replace"))
    assert isinstance(content, dict)
    return content


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content: dict[str, Any] = {}
    for key, value in pairs:
        if key in content:
            raise ValueError(f"the key `{key[:60]}` stands twice in one object")
        content[key] = value
    return content


def _no_constant(word: str) -> float:
    raise ValueError(f"`{word}` is not a number")
