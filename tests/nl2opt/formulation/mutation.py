"""Changes formulations and expressions at random in ways that keep most of their structure.

Bytes changed at random are hardly ever JSON, let alone an expression that names something. So a formulation is
changed as a tree (a field left out, doubled, moved, replaced), and an expression as a list of tokens.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator, Sequence
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
_WORDS: Final = ("in", "if", "for", "and", "or", "not", "else")
_OPERATORS: Final = ("+", "-", "*", "/", "//", "%", "**", "|", "&")
_COMPARISONS: Final = ("<=", ">=", "==", "!=", "<", ">")
_FUNCTIONS: Final = (
    "sum", "prod", "min", "max", "len", "abs", "exp", "log", "sqrt", "ceil", "floor", "round", "range", "first", "last",
    "prev", "next", "ord", "either", "implies", "all_different", "soc", "piecewise", "circuit", "no_overlap",
    "cumulative",
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


def changed_expression(text: str, chance: random.Random, others: list[str], names: Sequence[str] = ("i", "x")) -> str:
    """Return a changed expression: mostly one that still reads, now and then one that does not.

    Args:
        text: the expression.
        chance: makes the choices.
        others: expressions to take pieces from.
        names: that mean something where it stands.
    """
    tokens = _TOKEN.findall(text)
    if tokens and chance.random() < 0.75:
        for _ in range(chance.choice((1, 1, 2, 3))):
            tokens = chance.choice((_alike, _alike, _regrouped))(tokens, chance, others, names)
    else:
        tokens = _torn(tokens, chance, others)
    return "".join(tokens)[:4000]


def _alike(tokens: list[str], chance: random.Random, _: list[str], names: Sequence[str]) -> list[str]:
    """Replace a token by one of its kind: a name by a name, an operator by an operator."""
    tokens = list(tokens)
    if not tokens:
        return [chance.choice(names)]
    place = chance.choice([k for k, token in enumerate(tokens) if not token.isspace()] or [0])
    for kind in (_WORDS, _OPERATORS, _COMPARISONS, _FUNCTIONS):
        if tokens[place] in kind:
            tokens[place] = chance.choice(kind)
            return tokens
    if tokens[place].isdigit():
        tokens[place] = chance.choice(("0", "1", "2", "3", "-1", "0.5", "7", "1e9", "(-2)", "(1 / 3)", *names))
    elif tokens[place].isidentifier():
        tokens[place] = chance.choice((*names, *(token for token in tokens if token.isidentifier())))
    elif tokens[place][0] in "'\"":
        tokens[place] = chance.choice(("'a'", "'b'", "'1'", "1", *names))
    return tokens


def _regrouped(tokens: list[str], chance: random.Random, others: list[str], names: Sequence[str]) -> list[str]:
    """Replace what stands in brackets by what stands in other brackets, or wrap it, or wrap the whole."""
    whole = (0, len(tokens))
    begin, end = chance.choice((whole, *_groups(tokens)))
    donor = _TOKEN.findall(chance.choice(others)) if others and chance.random() < 0.5 else tokens
    first, last = chance.choice(((0, len(donor)), *_groups(donor)))
    function, operator, name = chance.choice(_FUNCTIONS), chance.choice(_OPERATORS), chance.choice(names)
    inside, other = "".join(tokens[begin:end]), "".join(donor[first:last])
    changed = chance.choice(
        (
            other,
            f"({inside}) {operator} ({other})",
            f"{function}({inside})",
            f"{function}({inside}, {other})",
            f"({inside} if {name} in {name} else {other})",
            f"{inside} if {other}",
            f"{inside} for q in {other}",
            f"{inside}, {other}",
        )
    )
    return [*tokens[:begin], *_TOKEN.findall(changed), *tokens[end:]]


def _groups(tokens: list[str]) -> Iterator[tuple[int, int]]:
    """Yield where what stands in brackets begins and ends, for each pair of them."""
    opened = []
    for place, token in enumerate(tokens):
        if token in ("(", "[", "{"):
            opened.append(place + 1)
        elif token in (")", "]", "}") and opened:
            yield opened.pop(), place


def _torn(tokens: list[str], chance: random.Random, others: list[str]) -> list[str]:
    """Remove, double, swap, insert or graft tokens without regard to what they mean."""
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
    return tokens


def expressions(content: object) -> Iterator[str]:
    """Yield the texts of a formulation that hold expressions."""
    for container, key in _places(content):
        if key in ("expression", "elements", "value", "lower", "upper") and isinstance(container[key], str):
            yield container[key]


def _places(content: object) -> Iterator[Place]:
    stack: list[Any] = [content]
    while stack:
        container = stack.pop()
        entries = container if isinstance(container, dict) else dict(enumerate(container))
        for key, entry in entries.items():
            yield container, key
            if isinstance(entry, dict | list):
                stack.append(entry)


def _change_tree(content: dict[str, Any], chance: random.Random, others: list[str]) -> None:
    places = list(_places(content))
    texts = [(c, k) for c, k in places if isinstance(c[k], str)]
    spoken = [(c, k) for c, k in texts if k in ("expression", "elements", "value", "lower", "upper")]
    if spoken and chance.random() < 0.7:
        container, key = chance.choice(spoken)
        names = [c[k] for c, k in texts if k == "name"] or ["x"]
        container[key] = changed_expression(container[key], chance, others, names)
    elif chance.random() < 0.5:
        _change_number(content, chance)
    elif places:
        container, key = chance.choice(places)
        other, other_key = chance.choice(places)
        chance.choice(_EDITS)(chance, container, key, _copy(other[other_key]))


def _change_number(content: dict[str, Any], chance: random.Random) -> None:
    """Change a number or an element of the data."""
    data = [(c, k) for c, k in _places(content) if not isinstance(c[k], str | dict | list) or isinstance(c, list)]
    if data:
        container, key = chance.choice(data)
        container[key] = chance.choice(
            (0, 1, 2, -3, 0.5, 1e9, 1e-9, "a", "b", "1", _copy(container[key]), _copy(VALUES))
        )


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
