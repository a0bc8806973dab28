"""Moves a number of the text in what models it: in the parameters of a formulation, in the literals of a program."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from nl2opt.errors import FormulationError
from nl2opt.formulation.language.parser import ExpressionError
from nl2opt.formulation.lift import lift
from nl2opt.formulation.schema import Change, Formulation
from nl2opt.text.numbers import TextNumber, clause_around, numbers_in
from nl2opt.verification.program_numbers import numbers_of_program

_TOLERANCE: Final = 1e-9
_LARGEST_TABLE: Final = 2000
"""Numbers of one parameter; in larger ones no number of a text is looked for."""
_PLACES: Final = 12
"""Whole numbers up to here are places and lengths in programs more often than data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Holder:
    """A field of a formulation that holds numbers.

    Attributes:
        path: of the field, for a `Change`.
        value: a number, or nested lists and objects of numbers.
        source: the words of the text that it was taken from; empty where it does not say.
    """

    path: str
    value: Any
    source: str


@dataclass(frozen=True, slots=True, eq=False)
class MovableFormulation:
    """A formulation whose numbers can be moved by the numbers of its text.

    Attributes:
        formulation: with the plain numbers of its expressions as parameters.
        problem: the text.
        numbers: of the text.
        holders: the fields that hold numbers.
    """

    formulation: Formulation
    problem: str
    numbers: tuple[TextNumber, ...]
    holders: tuple[_Holder, ...]

    @classmethod
    def of(cls, formulation: Formulation, problem: str) -> MovableFormulation:
        """Prepare a formulation."""
        try:
            lifted = lift(formulation, problem)
        except ExpressionError:
            lifted = formulation
        return cls(lifted, problem, numbers_in(problem), tuple(_holders(lifted)))

    def changes(self, number: TextNumber, factor: float) -> list[Change]:
        """Return the edits that multiply a number of the text wherever it stands; empty where that is not clear.

        It is not clear where the number stands nowhere as it is, where the text has it twice and no source tells the
        two apart, and where the formulation also holds its complement (0.7 beside 0.3), which would have to follow.

        Args:
            number: of the text.
            factor: what it is multiplied by; a whole number stays whole.
        """
        found: list[Change] = []
        for reading in number.values:
            found = list(self._changes(number, reading, factor))
            if found:
                return [] if self._has_complement(reading) else found
        return found

    def _changes(self, number: TextNumber, reading: float, factor: float) -> Iterator[Change]:
        if reading == 0:
            return
        twins = [n for n in self.numbers if any(_equal(abs(v), abs(reading)) for v in n.values)]
        ratio = moved_number(reading, factor) / reading
        for holder in self.holders:
            if not any(_equal(abs(leaf), abs(reading)) for leaf in _leaves(holder.value)):
                continue
            if len(twins) > 1 and not self._comes_from(holder, number, twins):
                continue
            yield Change(kind="set", path=holder.path, value=_scaled(holder.value, abs(reading), ratio))

    def _comes_from(self, holder: _Holder, number: TextNumber, twins: Sequence[TextNumber]) -> bool:
        """Whether the source of a field names this number and none of the others with its value."""
        clauses = [_plain(clause_around(self.problem, twin.start, twin.end)) for twin in twins]
        source = _plain(holder.source)
        named = [
            twin
            for twin, clause in zip(twins, clauses, strict=True)
            if source and (source in clause or clause in source)
        ]
        return named == [number]

    def _has_complement(self, reading: float) -> bool:
        if not 0 < reading < 1 or any(_equal(v, 1 - reading) for n in self.numbers for v in n.values):
            return False
        return any(_equal(leaf, 1 - reading) for holder in self.holders for leaf in _leaves(holder.value))

    def moved(self, number: TextNumber, factor: float) -> Formulation | None:
        """Return the formulation with a number of the text multiplied; `None` where that is not clear."""
        changes = self.changes(number, factor)
        if not changes:
            return None
        try:
            return self.formulation.apply(changes)
        except FormulationError:
            return None


def moved_number(value: float, factor: float) -> float:
    """Return a number multiplied; a whole number stays whole, and moves by 1 at least."""
    value = float(value)
    if not value.is_integer():
        return value * factor
    step = round(value * (factor - 1))
    return value + (step if step else (1 if factor > 1 else -1))


def moved_program(program: str, problem: str, number: TextNumber, factor: float) -> str | None:
    """Return a program with a number of the text multiplied where it is a literal; `None` where that is not clear.

    Nothing but literals is changed. It is not clear where the text has the number twice, and where it is so small that
    it may be a place in a list, unless it stands in the program once.
    """
    numbers = numbers_in(problem)
    held = [abs(item.value) for item in numbers_of_program(program)]
    for reading in number.values:
        count = sum(_equal(value, abs(reading)) for value in held)
        if not count or reading == 0:
            continue
        twins = sum(any(_equal(abs(v), abs(reading)) for v in other.values) for other in numbers)
        is_place = reading.is_integer() and abs(reading) <= _PLACES
        if twins > 1 or (is_place and count > 1):
            return None
        return _with_literal(program, abs(reading), moved_number(abs(reading), factor))
    return None


def _with_literal(program: str, old: float, new: float) -> str:
    """Return a program with each literal of a value replaced, all else as it is."""
    lines = program.splitlines(keepends=True)
    tokens = [t for t in tokenize.generate_tokens(io.StringIO(program).readline) if t.type == tokenize.NUMBER]
    text = str(int(new)) if new.is_integer() else repr(new)
    for token in reversed(tokens):
        if _is_literal(token.string, old):
            row, start, end = token.start[0] - 1, token.start[1], token.end[1]
            lines[row] = lines[row][:start] + text + lines[row][end:]
    return "".join(lines)


def _is_literal(text: str, value: float) -> bool:
    try:
        return _equal(float(text.replace("_", "")), value)
    except ValueError:
        return False


def _holders(formulation: Formulation) -> Iterator[_Holder]:
    for parameter in formulation.parameters:
        if isinstance(parameter.value, int | float | list | dict) and not isinstance(parameter.value, bool):
            source = f"{parameter.source}"
            yield _Holder(path=f"parameters.{parameter.name}.value", value=parameter.value, source=source)
    for variable in formulation.variables:
        for side in ("lower", "upper"):
            bound = getattr(variable, side)
            if isinstance(bound, int | float) and bound != 0:
                yield _Holder(path=f"variables.{variable.name}.{side}", value=bound, source="")


def _leaves(value: Any) -> list[float]:
    """Return the numbers of a field; none where these are very many."""
    found: list[float] = []
    stack = [value]
    while stack and len(found) <= _LARGEST_TABLE:
        part = stack.pop()
        if isinstance(part, dict):
            stack += part.values()
        elif isinstance(part, list | tuple):
            stack += part
        elif isinstance(part, np.ndarray):
            return []
        elif isinstance(part, int | float) and not isinstance(part, bool):
            found.append(float(part))
    return found if len(found) <= _LARGEST_TABLE else []


def _scaled(value: Any, size: float, ratio: float) -> Any:
    """Return a field with each number of a size multiplied."""
    if isinstance(value, dict):
        return {key: _scaled(part, size, ratio) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_scaled(part, size, ratio) for part in value]
    if isinstance(value, bool) or not isinstance(value, int | float) or not _equal(abs(value), size):
        return value
    moved = value * ratio
    nearest = round(moved)
    return nearest if abs(moved - nearest) <= _TOLERANCE * max(1.0, abs(moved)) else moved


def _plain(text: str) -> str:
    return " ".join(text.lower().split()).strip(" .,;:")


def _equal(one: float, other: float) -> bool:
    return abs(one - other) <= _TOLERANCE * max(1.0, abs(other))
