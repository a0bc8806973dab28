"""What a chat model is told of a formulation and a wish; large tables are cut, texts stand in JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from nl2opt.formulation.schema import Formulation

_MOST_ENTRIES: Final = 60
_MOST_ELEMENTS: Final = 200
_MOST_CHARACTERS: Final = 20_000


def question(problem: str, formulation: Formulation, wish: str) -> str:
    """Return what the chat model reads: problem, formulation in words and as JSON, and the wish.

    Everything is one JSON object, so that no text can pass for another part.
    """
    content: dict[str, Any] = {}
    if problem:
        content["problem"] = problem[:_MOST_CHARACTERS]
    formulation = formulation.without_cells()
    words = formulation.describe()
    if len(words) <= _MOST_CHARACTERS:
        content["in words"] = words
    content["formulation"] = shortened(json.loads(formulation.to_json()))
    content["wish"] = wish
    return json.dumps(content, ensure_ascii=False, indent=1)


def has_tables(formulation: Formulation) -> bool:
    """Whether a set or parameter takes what it holds from an attached table."""
    named = [*(declared.table for declared in formulation.sets), *(p.table for p in formulation.parameters)]
    return any(table is not None for table in named)


def shortened(content: dict[str, Any]) -> dict[str, Any]:
    """Return a formulation as plain objects with large tables cut."""
    parameters = [
        {**item, "value": _cut(item["value"], _MOST_ENTRIES)} if "value" in item else item
        for item in content.get("parameters", [])
    ]
    sets = [
        {**item, "elements": _cut(item["elements"], _MOST_ELEMENTS)} if "elements" in item else item
        for item in content.get("sets", [])
    ]
    return {**content, "sets": sets, "parameters": parameters}


def _cut(value: Any, most: int) -> Any:
    """Return the first entries of a table; the last one says how many more there are."""
    if isinstance(value, list) and len(value) > most:
        return [*(_cut(item, most) for item in value[:most]), f"... and {len(value) - most:,} more"]
    if isinstance(value, Mapping) and len(value) > most:
        kept = {key: _cut(value[key], most) for key in list(value)[:most]}
        return {**kept, "...": f"and {len(value) - most:,} more"}
    if isinstance(value, Mapping):
        return {key: _cut(item, most) for key, item in value.items()}
    return [_cut(item, most) for item in value] if isinstance(value, list) else value
