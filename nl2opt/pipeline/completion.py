"""Gets the JSON object out of what a language model wrote."""

from __future__ import annotations

import json
import re
from typing import Any, Final

_CLOSED_TEXT: Final = r'"(?:[^"\\]|\\.)*+"'
_REMARK: Final = r"//[^\n]*+|/\*(?:[^*]|\*(?!/))*+\*/|\#[^\n]*+"
_TOKEN: Final = re.compile(rf'(?P<brace>[{{}}])|{_CLOSED_TEXT}|(?P<open>")|{_REMARK}', re.DOTALL)
_TEXT_OR_SLIP: Final = re.compile(rf"(?P<text>{_CLOSED_TEXT})|{_REMARK}|(?P<comma>,)", re.DOTALL)
_LONE_SURROGATE: Final = re.compile(r"\\u[dD][89abAB]")
_AGAIN: Final = "Answer with one JSON object and nothing else."


class CompletionError(Exception):
    """A completion holds no JSON object that can be read; the text says why, for its author to mend."""


def json_object(text: str) -> dict[str, Any]:
    """Return the first JSON object in a completion that can be read and is not empty.

    Prose and code fences around it are passed over; trailing commas, remarks and line breaks inside of texts
    are forgiven. The texts in it can be written as UTF-8.

    Raises:
        CompletionError: there is no object, it is cut off, or it is not JSON.
    """
    start = text.find("{")
    if start < 0:
        raise CompletionError(f"There is no JSON object in the answer. {_AGAIN}")
    fault = ""
    while start >= 0:
        end = _end_of_object(text, start)
        if end is None:
            # Not from a later brace on: in an object that is cut off, that would find a part of it.
            fault = fault or "The JSON object is cut off before its end. Write it again, shorter."
            break
        try:
            content = json.loads(_without_slips(text[start:end]), strict=False)
        except (ValueError, RecursionError) as error:
            fault = fault or f"The answer is not JSON: {error}. {_AGAIN}"
        else:
            if content:
                return _as_unicode(content)
        start = text.find("{", end)
    raise CompletionError(fault or f"The JSON object is empty. {_AGAIN}")


def _end_of_object(text: str, start: int) -> int | None:
    """Return the offset behind the brace that closes the object; `None` when none does."""
    depth = 0
    for token in _TOKEN.finditer(text, start):
        if token["open"]:
            return None
        if token["brace"]:
            depth += 1 if token["brace"] == "{" else -1
            if depth == 0:
                return token.end()
    return None


def _without_slips(text: str) -> str:
    """Remove trailing commas and remarks outside of texts."""
    pieces: list[str] = []
    place = 0
    comma: int | None = None
    for token in _TEXT_OR_SLIP.finditer(text):
        between = text[place : token.start()]
        pieces.append(between)
        ...
    return "".join(pieces)
