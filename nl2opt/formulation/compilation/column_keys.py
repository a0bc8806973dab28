"""Keys of columns and nonlinear terms that say what they stand for, whatever order they were met in."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from nl2opt.formulation.compilation.compiled import CompiledFormulation
from nl2opt.formulation.evaluation.definitions import Definition, Definitions
from solvers import NonlinearTerms, Operator

_DIGITS: Final = 9
"""Significant digits of numbers that count."""
_FIRST: Final = 1 << 40
"""Keys of what is not declared begin here, above every column."""
_UNORDERED: Final = frozenset({"max", "min", "product", Operator.SUM, Operator.PRODUCT})


@dataclass(frozen=True, slots=True)
class ColumnKeys:
    """Numbers that are equal for columns, and for nonlinear terms, that stand for the same.

    Attributes:
        auxiliary: the key of each column of the model that no variable declares; the number of any other column is
            its key.
        nodes: the key of each node of the nonlinear terms.
        nonlinear: these terms; `None` when there are none.
    """

    auxiliary: Mapping[int, int]
    nodes: Sequence[int]
    nonlinear: NonlinearTerms | None

    @classmethod
    def of(cls, compiled: CompiledFormulation) -> ColumnKeys:
        """Make the keys of a compiled formulation."""
        definitions, places = compiled.context.definitions, compiled.defined_columns
        if not definitions.entries:
            return cls({}, (), None)
        defined = _keys_of_definitions(definitions)
        auxiliary = {
            int(column): key for column, key in zip(places.tolist(), defined[definitions.first :], strict=True)
            if column >= 0
        }  # fmt: skip
        nonlinear = compiled.model.nonlinear
        nodes: list[int] = []
        if nonlinear is not None:
            nodes = nonlinear.translate(
                constant=lambda value: _key("number", _rounded(value)),
                column=lambda column: auxiliary.get(column, column),
                function=_key_of_node,
            )
        return cls(auxiliary, nodes, nonlinear)

    def of_column(self, column: int) -> int:
        """Return the key of a column of the model."""
        return self.auxiliary.get(column, column)

    def summands(self, root: int) -> dict[tuple[int, ...], float]:
        """Return the terms of a node that is added to a row, with their coefficients."""
        terms = self.nonlinear
        if terms is None or terms.operator[root] != Operator.SUM:
            return {(self.nodes[root],): 1.0}
        entries = slice(int(terms.starts[root]), int(terms.starts[root + 1]))
        found: dict[tuple[int, ...], float] = {}
        for node, weight in zip(terms.operands[entries].tolist(), terms.weights[entries].tolist(), strict=True):
            key = (self.nodes[node],)
            found[key] = found.get(key, 0.0) + weight
        return found


def _keys_of_definitions(definitions: Definitions) -> list[int]:
    """Return the key of every column, declared and defined."""
    keys = list(range(definitions.first))
    for definition in definitions.entries:
        keys += _keys_of(definition, keys)
    return keys


def _keys_of(definition: Definition, keys: Sequence[int]) -> list[int]:
    size, body = len(definition.owner), definition.arguments
    terms: list[dict[tuple[int, ...], float]] = [{} for _ in range(size)]
    for part in (*body.linear, *body.quadratic):
        coefficients = np.broadcast_to(part.coefficients, (part.count,)).tolist()
        columns = zip(*(column.tolist() for column in part.columns), strict=True)
        for row, named, coefficient in zip(part.explicit_rows().tolist(), columns, coefficients, strict=True):
            place = tuple(sorted(keys[column] for column in named))
            terms[row][place] = terms[row].get(place, 0.0) + coefficient
    constants = np.broadcast_to(body.constant, (size,)).tolist()
    arguments: list[list[str]] = [[] for _ in range(definition.size)]
    for owner, constant, own in zip(definition.owner.tolist(), constants, terms, strict=True):
        shown = sorted((place, _rounded(value)) for place, value in own.items() if value)
        arguments[owner].append(repr((_rounded(constant), shown)))
    return [
        _key(definition.function, *(sorted(each) if definition.function in _UNORDERED else each)) for each in arguments
    ]


def _key_of_node(operator: Operator, value: float, weights: Sequence[float], operands: Sequence[int]) -> int:
    parts = [repr((_rounded(weight), operand)) for weight, operand in zip(weights, operands, strict=True)]
    return _key(operator.name, _rounded(value), *(sorted(parts) if operator in _UNORDERED else parts))


def _key(*parts: object) -> int:
    digest = hashlib.blake2b(repr(parts).encode(), digest_size=7).digest()
    return _FIRST + int.from_bytes(digest, "big")


def _rounded(number: float) -> float:
    return float(f"{number:.{_DIGITS}g}") + 0.0
