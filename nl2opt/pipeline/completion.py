"""Gets the JSON object out of what a language model wrote."""

from __future__ import annotations

import json
import re
from typing import Any, Final


class CompletionError(Exception):
    """A completion holds no JSON object that can be read; the text says why, for its author to mend."""


def json_object(text: str) -> dict[str, Any]:
    """Return the JSON object in a completion.

    Prose and code fences around it are passed over; trailing commas and comments are forgiven.

    Raises:
        CompletionError: there is no object, it is cut off, or it is not JSON.
    """
    start = text.find("{")
    if start < 0:
        raise CompletionError("There is no JSON object in the answer. Answer with one JSON object and nothing else.")
    last_fault = ""
    while start >= 0:
        end = _end_of_object(text, start)
        if end is None:
            break
        try:
            content = json.loads(_without_slips(text[start:end]))
        except (json.JSONDecodeError, RecursionError) as error:
            last_fault = last_fault or str(error)
        else:
            if isinstance(content, dict) and content:
                return content
        start = text.find("{", end)
    if last_fault:
        raise CompletionError(f"The answer is not JSON: {last_fault}. Answer with one JSON object and nothing else.")
    raise CompletionError("The JSON object is cut off before its end. Write it again, shorter.")


def _end_of_object(text: str, start: int) -> int | None:
    """Return the offset behind the brace that closes the object; `None` when none does."""
    depth = 0
    in_text = escaped = False
    for place in range(start, len(text)):
        character = text[place]
        if in_text:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == '"':
                in_text = False
        elif character == '"':
            in_text = True
        elif character == "{":
            depth += 1
        elif character == "}":
            depth -= 1
            if depth == 0:
                return place + 1
    return None


_TEXT_OR_SLIP: Final = re.compile(r'"(?:[^"\\]|\\.)*"|//[^\n]*|,(?=\s*[}\]])')


def _without_slips(text: str) -> str:
    """Remove trailing commas and line comments outside of texts."""
    return _TEXT_OR_SLIP.sub(lambda match: match.group() if match.group().startswith('"') else "", text)
