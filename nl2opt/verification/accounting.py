"""Number accounting: is every number of the problem used, and does every number of the formulation come from it?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final

import numpy as np

from nl2opt.formulation.checks.names import expression_fields
from nl2opt.formulation.language.parser import ExpressionError, parse_expression
from nl2opt.formulation.language.syntax import (
    Aggregate,
    Call,
    Comprehension,
    Index,
    Name,
    Node,
    Number,
    children,
    walk,
)
from nl2opt.formulation.objectives import objective_elements
from nl2opt.formulation.schema import Formulation, Parameter
from nl2opt.text.numbers import TextNumber, numbers_in, sentence_around

_PLAIN: Final = (0.0, 1.0, -1.0, 2.0)
"""Numbers that a formulation may hold without having them from the text: signs, shares of a whole, squares."""
_TOLERANCE: Final = 1e-9
_SHARED_WORDS: Final = re.compile(r"\b(?:each|every|both|either|all|respectively|same|equal(?:ly)?)\b", re.IGNORECASE)
"""Words that give one number to several things."""
_QUESTION: Final = re.compile(r"\bhow (?:many|much)\b.*", re.IGNORECASE | re.DOTALL)
"""What is asked for: its "each" gives no number to anything."""
_ENDS: Final = 2
"""More elements than this that count through are one range with two ends."""
_MANY: Final = 300
"""Above this many numbers in the text no sums and products of two are tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormulationNumber:
    """A number of a formulation, and where it stands (`parameters.hours`)."""

    value: float
    element: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberAccount:
    """Which numbers of the text were used, and which of the formulation were invented.

    Attributes:
        used: numbers of the text that the formulation holds.
        unused: numbers of the text that it does not hold.
        unused_weak: the same, for numbers that may well be no data.
        invented: numbers of the formulation that the text does not give, directly or as a complement,
            sum, difference, product or quotient of two of its numbers.
        overused: numbers of the formulation that stand there more often than in the text, unless the text
            says that a number is shared ("each of them at least 10").
    """

    used: tuple[TextNumber, ...]
    unused: tuple[TextNumber, ...]
    unused_weak: tuple[TextNumber, ...]
    invented: tuple[FormulationNumber, ...]
    overused: tuple[FormulationNumber, ...] = ()


def account_numbers(problem: str, formulation: Formulation) -> NumberAccount:
    """Compare the numbers of a problem with those of its formulation.

    A formulation uses a number of the text when it holds one of its readings, its complement (40 % for
    "60% are not"), or its negative; or when a set has as many elements, or that element ("12 months"). Of a set that
    counts through (days 1 to 31) only the ends do, and the elements that an expression names; numbers in the cells of
    attached tables do not, since a large table holds every small number; nor do those of constraints that are switched
    off.

    Args:
        problem: the text.
        formulation: its expressions may be faulty; those that cannot be read hold no numbers.
    """
    elements = frozenset(_numeric_elements(formulation))
    held = list(_numbers_of(formulation, elements))
    named = elements.intersection(_named_in_expressions(formulation))
    beside = (value for p in formulation.parameters if _is_given_by_name(p) for value in _leaves(p.value))
    counted = [*_told_elements(formulation), *named, *_set_sizes(formulation), *beside, *(n.value for n in held)]
    return account_values(problem, held, counted)


def account_values(problem: str, held: list[FormulationNumber], counted: Sequence[float]) -> NumberAccount:
    """Compare the numbers of a problem with numbers that were read from what models it.

    Args:
        problem: the text.
        held: what must come from the text.
        counted: what uses a number of the text: all of `held`, and what only stands for one, such as sizes.
    """
    stated = numbers_in(problem)
    values = np.unique(np.abs(np.array(counted, np.float64)))
    used: list[TextNumber] = []
    unused: list[TextNumber] = []
    weak: list[TextNumber] = []
    for number in stated:
        if any(_contains(values, abs(reading)) for reading in _readings(number)):
            used.append(number)
        else:
            (weak if number.weak or number.values[0] in (0.0, 1.0) else unused).append(number)
    return NumberAccount(
        used=tuple(used),
        unused=tuple(unused),
        unused_weak=tuple(weak),
        invented=_invented(stated, held),
        overused=_overused(problem, stated, held),
    )


def _overused(
    problem: str, stated: tuple[TextNumber, ...], held: list[FormulationNumber]
) -> tuple[FormulationNumber, ...]:
    """Give each number held a number of the text that reads so, and return those that go away empty-handed.

    Likelier readings are served first: where "30%" has been used as 0.3, it is not there for a 30 as well. A table may
    hold a number for several of its elements that the text gives once: "10,000 units per month from January to April".
    """
    waiting = _each_once([n for n in held if round(abs(n.value), 9) not in _PLAIN])
    served: set[int] = set()
    shared = _shared_readings(problem)
    known = {round(abs(reading), 9) for number in stated for reading in number.values}
    for place in range(max((len(number.values) for number in stated), default=0)):
        available: dict[float, list[int]] = {}
        for giver, number in enumerate(stated):
            if giver not in served and place < len(number.values):
                available.setdefault(round(abs(number.values[place]), 9), []).append(giver)
        unserved = []
        for wanted in waiting:
            offers = available.get(round(abs(wanted.value), 9))
            if offers:
                served.add(offers.pop())
            else:
                unserved.append(wanted)
        waiting = unserved
    values = [round(abs(number.value), 9) for number in waiting]
    return tuple(n for n, value in zip(waiting, values, strict=True) if value in known and value not in shared)


def _each_once(held: list[FormulationNumber]) -> list[FormulationNumber]:
    """Return numbers with those of one parameter that repeat left out."""
    seen: set[tuple[str, float]] = set()
    found = []
    for number in held:
        key = number.element, round(abs(number.value), 9)
        if not number.element.startswith("parameters.") or key not in seen:
            found.append(number)
        seen.add(key)
    return found


@lru_cache(maxsize=4)
def _shared_readings(problem: str) -> frozenset[float]:
    """Return the readings of the numbers that a text gives to several things."""
    return frozenset(
        round(abs(reading), 9)
        for number in numbers_in(problem)
        if _SHARED_WORDS.search(_QUESTION.sub("", sentence_around(problem, number.start, number.end)))
        for reading in number.values
    )


def _readings(number: TextNumber) -> Iterator[float]:
    """Yield the readings of a number of the text, with complements and inverses."""
    is_percentage = "%" in number.text or re.search(r"per\s?cent|pct", number.text, re.IGNORECASE) is not None
    yield from number.values
    for value in map(abs, number.values):
        if 0 < value < 1:
            yield 1 - value
            yield 1 / value
        elif is_percentage and value > 1:
            yield 100 - value
            yield 1 + value / 100
        elif 1 < value <= 10:
            yield 1 / value


def _contains(ordered: Any, value: float) -> bool:
    place = int(np.searchsorted(ordered, value * (1 - _TOLERANCE) - 1e-12))
    return place < len(ordered) and abs(ordered[place] - value) <= _TOLERANCE * max(1.0, abs(value))


def _invented(stated: tuple[TextNumber, ...], held: list[FormulationNumber]) -> tuple[FormulationNumber, ...]:
    plain = np.array(sorted({abs(r) for number in stated for r in _readings(number)} | set(map(abs, _PLAIN))))
    strangers = [number for number in held if not _contains(plain, abs(number.value))]
    if not strangers or len(stated) > _MANY:
        return tuple(strangers)
    base = np.array([reading for number in stated for reading in number.values])
    with np.errstate(divide="ignore", invalid="ignore"):
        pairs = [np.add.outer(base, base), np.subtract.outer(base, base), np.multiply.outer(base, base)]
        pairs.append(np.divide.outer(base, base))
    derived = np.abs(np.concatenate([pair.ravel() for pair in pairs]))
    derived = np.unique(derived[np.isfinite(derived)])
    return tuple(number for number in strangers if not _contains(derived, abs(number.value)))


def _numbers_of(formulation: Formulation, elements: frozenset[float]) -> Iterator[FormulationNumber]:
    """Yield the numbers of parameter values, bounds, weights and expressions but for those that name elements."""
    # What a person gave beside the text, by a table or by name, need not stand in it.
    idle = _only_switched_off(formulation)
    for parameter in (p for p in formulation.parameters if p.origin == "stated" and p.name not in idle):
        for value in _leaves(parameter.value):
            yield FormulationNumber(value=value, element=f"parameters.{parameter.name}")
        if parameter.default is not None:
            yield FormulationNumber(value=float(parameter.default), element=f"parameters.{parameter.name}")
    for variable in formulation.variables:
        for bound in (variable.lower, variable.upper):
            if isinstance(bound, int | float):
                yield FormulationNumber(value=float(bound), element=f"variables.{variable.name}")
    for element, objective in objective_elements(formulation):
        if objective.weight != 1:
            yield FormulationNumber(value=float(objective.weight), element=element)
    for field in expression_fields(formulation):
        for value in (value for root in _parsed([field.text]) for value in _literals(root, elements)):
            yield FormulationNumber(value=value, element=field.element)


def _literals(root: Node, elements: frozenset[float]) -> Iterator[float]:
    """Yield the numbers of an expression; of a `range` the last one that it runs to.

    Those that name an element are left out: numbers as indices, and elements in the conditions of clauses.
    """
    stack = [root]
    while stack:
        node = stack.pop()
        match node:
            case Number():
                yield node.value
            case Index():
                stack += [index for index in reversed(node.indices) if not isinstance(index, Number)]
            case Call(function="range", arguments=(stop,) | (_, stop, *_)) if isinstance(stop, Number):
                stack += [Number(stop.value - 1) if part is stop else part for part in reversed(node.arguments)]
            case Aggregate() | Comprehension():
                conditions = [condition for clause in node.clauses for condition in clause.conditions]
                for condition in conditions:
                    yield from (value for value in _literals(condition, elements) if value not in elements)
                stack += [child for child in reversed(list(children(node))) if child not in conditions]
            case _:
                stack += reversed(list(children(node)))


def _numeric_elements(formulation: Formulation) -> Iterator[float]:
    """Yield the elements of stated sets that are whole numbers: days, years."""
    stack: list[Any] = [declared.elements for declared in formulation.sets]
    while stack:
        part = stack.pop()
        if isinstance(part, list | tuple):
            stack += reversed(part)
        elif isinstance(part, dict):
            stack += part.values()
        elif isinstance(part, int) and not isinstance(part, bool):
            yield float(part)


def _told_elements(formulation: Formulation) -> Iterator[float]:
    """Yield the elements of the formulation's own sets that may stand for numbers of the text."""
    for declared in formulation.sets:
        if declared.table is not None or isinstance(declared.elements, str):
            continue
        own = formulation.model_copy(update={"sets": [declared]})
        elements = list(_numeric_elements(own))
        counts_through = len(elements) > _ENDS and all(b - a == 1 for a, b in pairwise(elements))
        yield from (elements[0], elements[-1]) if counts_through else elements


def _named_in_expressions(formulation: Formulation) -> Iterator[float]:
    """Yield the numbers that stand as indices, or in the conditions of clauses."""
    for root in _roots(formulation):
        for node in walk(root):
            if isinstance(node, Index):
                yield from (index.value for index in node.indices if isinstance(index, Number))
            elif isinstance(node, Aggregate | Comprehension):
                for clause in node.clauses:
                    for condition in clause.conditions:
                        yield from (part.value for part in walk(condition) if isinstance(part, Number))


def _is_given_by_name(parameter: Parameter) -> bool:
    """Whether a person gave the value beside the text, or a table gave one single number."""
    return parameter.origin == "given" or (parameter.origin == "table" and not parameter.index)


def _only_switched_off(formulation: Formulation) -> frozenset[str]:
    """Return the names that stand in constraints that are switched off, and in no other expression."""
    off = [constraint.expression for constraint in formulation.constraints if not constraint.enabled]
    if not off:
        return frozenset()
    names = [
        {node.name for root in roots for node in walk(root) if isinstance(node, Name | Index)}
        for roots in (_parsed(off), _roots(formulation))
    ]
    return frozenset(names[0] - names[1])


def _roots(formulation: Formulation) -> Iterator[Node]:
    return _parsed(field.text for field in expression_fields(formulation))


def _parsed(texts: Iterable[str]) -> Iterator[Node]:
    """Yield the expressions that can be read."""
    for text in texts:
        try:
            yield parse_expression(text).root
        except ExpressionError:
            continue


def _set_sizes(formulation: Formulation) -> Iterator[float]:
    yield from (float(len(d.elements)) for d in formulation.sets if isinstance(d.elements, list) and not d.index)


def _leaves(value: Any) -> Iterator[float]:
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return
    if isinstance(value, int | float):
        yield float(value)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _leaves(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _leaves(item)
    elif isinstance(value, np.ndarray):
        yield from np.unique(value).tolist()
