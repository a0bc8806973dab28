"""Asks a language model, from the text alone, which way the best answer goes when a number rises."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, get_args

from nl2opt.chat.base import Message
from nl2opt.pipeline.completion import CompletionError, json_object
from nl2opt.pipeline.prompts import plain_prompt
from nl2opt.pipeline.verifying.data_blocks import data_block
from nl2opt.pipeline.verifying.subject import Means
from nl2opt.text.numbers import TextNumber, numbers_in
from nl2opt.verification.directions import Direction, Move, stated_directions
from nl2opt.verification.quotes import find_quote

ASKED_DIRECTIONS: Final = "asked_directions"
"""Name of the check that the optimum moves as a language model expects from the text alone."""
_MAX_TOKENS: Final = 800
_MOST: Final = 8
SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "directions": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "quote": {"type": "string"},
                    "number": {"type": "number"},
                    "if_it_rises": {"type": "string", "enum": list(get_args(Move))},
                },
                "required": ["quote", "number", "if_it_rises"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["directions"],
    "additionalProperties": False,
}


def asked_directions(problem: str, means: Means) -> list[Direction]:
    """Return the directions that a language model expects, from the text alone.

    What it quotes must stand in the text and hold the number; all else is dropped. Where the text itself states a
    direction plainly, that one counts.

    Raises:
        ChatError: it could not be asked.
        CompletionError: its answer cannot be read.
    """
    messages = [Message("system", plain_prompt("directions")), Message("user", data_block("problem", problem))]
    completion = means.ask(ASKED_DIRECTIONS, messages, json_schema=SCHEMA, max_tokens=_MAX_TOKENS)
    return list(read_directions(problem, completion.text))


def read_directions(problem: str, text: str) -> Iterator[Direction]:
    """Yield the directions of a completion that the text bears out.

    Raises:
        CompletionError: it holds no JSON object, or one without directions.
    """
    items = json_object(text).get("directions")
    if not isinstance(items, list):
        raise CompletionError("There are no directions in the answer.")
    numbers = numbers_in(problem)
    plain = {direction.number.start for direction in stated_directions(problem)}
    seen: set[int] = set()
    for item in items[:_MOST]:
        direction = _direction(problem, numbers, item)
        if direction is not None and direction.number.start not in plain | seen:
            seen.add(direction.number.start)
            yield direction


def _direction(problem: str, numbers: tuple[TextNumber, ...], item: object) -> Direction | None:
    if not isinstance(item, dict) or not isinstance(item.get("quote"), str):
        return None
    value, move = item.get("number"), item.get("if_it_rises")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    for known in get_args(Move):
        if move == known:
            break
    else:
        return None
    place = find_quote(problem, item["quote"])
    if place is None:
        return None
    meant = [
        number
        for number in numbers
        if place[0] <= number.start and number.end <= place[1] and number.values[0] > 0 and _reads(number, value)
    ]
    quote = " ".join(problem[place[0] : place[1]].split())
    return Direction(quote=quote, number=meant[0], if_it_rises=known) if len(meant) == 1 else None


def _reads(number: TextNumber, value: float) -> bool:
    return any(abs(reading - value) <= 1e-9 * max(1.0, abs(value)) for reading in number.values)
