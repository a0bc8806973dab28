"""Changes formulations and expressions at random in ways that keep most of their structure.

Bytes changed at random are hardly ever JSON, let alone an expression that names something. So a formulation is
changed as a tree (a field left out, doubled, moved, replaced), and an expression as a list of tokens.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

TOKENS: Final = (
    "sum(", "prod(", "min(", "max(", "abs(", "exp(", "log(", "sqrt(", "sin(", "cos(", "ceil(", "floor(", "round(",
    "len(", "range(", "first(", "last(", "prev(", "next(", "ord(", "cyclic=True", "if", "else", "for", "for all", "∀",
    "in", "not in", "not", "and", "or", "(", ")", "[", "]", "{", "}", ",", ":", "+", "-", "*", "/", "//", "%", "**",
    "|", "&", "^", "~", "@", "<=", ">=", "==", "!=", "<", ">", "=", ":=", "≤", "≥", "≠", "∈", "0", "1", "2", "-1",
    "0.5", "1e308", "1e-320", "9007199254740993", "1e400", "0x1f", "1_000", "1j", "True", "None", "'a'", "'1'", "''",
    "'é,\\u2028'", '"', "'", "#", "\\", "\n", "\t", "...", ".", ";", "lambda", "await", "yield", "f'{x}'", "b'a'", "*",
    "i", "j", "t", "x", "(i, j)", "for i in I", "for (i, j) in ARCS", "if i != j", "ﬁ", "x²", "ﬀ", "\u00a0", "\x00",
)  # fmt: skip
"""What expressions are made of, and what people and language models take for it."""
VALUES: Final[tuple[Any, ...]] = (
    None, True, False, 0, 1, -1, 2**53 + 1, 10**400, 0.5, -0.0, 1e308, 5e-324, "", "0", "1", "inf", "-inf", "nan",
    "a,b", "[1, 2]", "range(3)", "[]", "{}", [], {}, [[]], [None], [1, "1"], [["a", "b"], ["a"]], {"": 0}, {"a": {}},
    "integer", "Binary", "maximize", "I", "x", "é", "\u2028", "x" * 101, ["I"], ["I", "I"],
)  # fmt: skip
"""What a field may hold, right and wrong."""
KEYS: Final = (
    "title", "sets", "parameters", "variables", "objective", "constraints", "assumptions", "version", "name", "index",
    "elements", "value", "default", "domain", "lower", "upper", "as", "sense", "expression", "description", "unit",
    "source", "table", "column", "priority", "weight", "enabled", "for_all",
)  # fmt: skip
_TOKEN: Final = re.compile(r"\s+|\w+|'[^']*'|\"[^\"]*\"|<=|>=|==|!=|\*\*|//|.", re.DOTALL)
Place = tuple[Any, Any]
"""A container and the key or position of one of its entries."""


def mutated(data: bytes, seed: int, others: list[str]) -> bytes:
    """Return changed input: a formulation when it is JSON, else an expression.

    Args:
        data: UTF-8 text.
        seed: of the random choices.
        others: expressions to take pieces from.
    """
    chance = random.Random(seed)
    text = data.decode("utf-8", "replace")
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        return changed_expression(text, chance, others).encode("utf-8", "replace")
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        _change_tree(content, chance, others)
    return json.dumps(content, ensure_ascii=chance.random() < 0.2).encode("utf-8", "replace")


def changed_expression(text: str, chance: random.Random, others: list[str]) -> str:
    """Return an expression with a few of its tokens removed, doubled, swapped, replaced or grafted."""
    tokens = _TOKEN.findall(text)
    for _ in range(chance.choice((1, 1, 2, 3, 6))):
        place = chance.randrange(len(tokens) + 1)
        end = min(len(tokens), place + chance.choice((1, 1, 2, 5, 12)))
        donor = _TOKEN.findall(chance.choice(others)) if others else []
        begin = chance.randrange(len(donor) + 1)
        tokens[place : chance.choice((place, end))] = chance.choice(
            (
                [],
                [chance.choice(TOKENS)],
                [" ", chance.choice(TOKENS), " "],
                tokens[place:end] * 2,
                donor[begin : begin + chance.choice((1, 3, 9, 30))],
                ["(", *tokens[place:end], ")"],
                tokens[place:end][::-1],
            )
        )
    return "".join(tokens)[:4000]


def expressions(content: object) -> Iterator[str]:
    """Yield the texts of a formulation that hold expressions."""
    for container, key in _places(content):
        if key in ("expression", "elements", "value", "lower", "upper") and isinstance(container[key], str):
            yield container[key]


def _places(content: object) -> Iterator[Place]:
    stack = [content]
    while stack:
        container = stack.pop()
        entries = container.items() if isinstance(container, dict) else ()
        entries = enumerate(container) if isinstance(container, list) else entries
        for key, entry in entries:
            yield container, key
            if isinstance(entry, dict | list):
                stack.append(entry)


def _change_tree(content: dict[str, Any], chance: random.Random, others: list[str]) -> None:
    places = list(_places(content))
    texts = [(c, k) for c, k in places if isinstance(c[k], str)]
    spoken = [(c, k) for c, k in texts if k in ("expression", "elements", "value", "lower", "upper")]
    if spoken and chance.random() < 0.55:
        container, key = chance.choice(spoken)
        container[key] = changed_expression(container[key], chance, others)
    elif places:
        container, key = chance.choice(places)
        other, other_key = chance.choice(places)
        chance.choice(_EDITS)(chance, container, key, _copy(other[other_key]))


def _copy(content: Any) -> Any:
    return json.loads(json.dumps(content))


def _remove(_: random.Random, container: Any, key: Any, __: Any) -> None:
    del container[key]


def _replace(chance: random.Random, container: Any, key: Any, _: Any) -> None:
    container[key] = _copy(chance.choice(VALUES))


def _graft(_: random.Random, container: Any, key: Any, other: Any) -> None:
    container[key] = other


def _insert(chance: random.Random, container: Any, key: Any, other: Any) -> None:
    entry = chance.choice((other, _copy(chance.choice(VALUES))))
    if isinstance(container, list):
        container.insert(key, entry)
    else:
        container[chance.choice(KEYS)] = entry


def _double(_: random.Random, container: Any, key: Any, __: Any) -> None:
    if isinstance(container, list):
        container.insert(key, _copy(container[key]))
    else:
        container[f"{key} "] = _copy(container[key])


def _rename(chance: random.Random, container: Any, key: Any, _: Any) -> None:
    if isinstance(container, dict):
        container[chance.choice(KEYS)] = container.pop(key)


def _wrap(chance: random.Random, container: Any, key: Any, _: Any) -> None:
    container[key] = chance.choice(([container[key]], {"a": container[key]}, str(container[key])))


_EDITS: Final[tuple[Callable[[random.Random, Any, Any, Any], None], ...]] = (
    _remove, _replace, _graft, _insert, _double, _rename, _wrap,
)  # fmt: skip
