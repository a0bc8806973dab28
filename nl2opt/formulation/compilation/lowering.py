"""Gives each defined column its place in the flat model: a maximum is a column, `exp(x)` a node of the nonlinear terms.

The columns of the model are the declared ones, then those of maxima and minima, then their binaries.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from nl2opt.formulation.compilation.assemble import Auxiliary, RowFamily
from nl2opt.formulation.compilation.reformulated import Reformulation
from nl2opt.formulation.evaluation import polynomial
from nl2opt.formulation.evaluation.definitions import Definition, Definitions
from nl2opt.formulation.evaluation.elements import FloatArray, IntArray
from nl2opt.formulation.evaluation.polynomial import ColumnArray, Polynomial, Terms
from solvers import Kind, NonlinearTerms, Operator

_OPERATORS: Final = {
    "product": Operator.PRODUCT, "quotient": Operator.QUOTIENT, "power": Operator.POWER, "exp": Operator.EXP,
    "log": Operator.LOG, "sqrt": Operator.SQRT, "sin": Operator.SIN, "cos": Operator.COS,
}  # fmt: skip
_UNKNOWN: Final = -1
Family = TypeVar("Family", bound=RowFamily)


@dataclass(frozen=True, slots=True, eq=False)
class Lowered:
    """Rows and objectives over the columns of the flat model.

    Attributes:
        families: the rows of the constraints, then those of maxima and minima.
        objectives: one row each.
        auxiliary: the columns behind the declared ones.
        nonlinear: the nonlinear terms of the rows; `None` when neither rows nor objectives have any.
        objective_roots: for each objective the node that is added to it; `None` where there is none.
        defined: for each defined column (counted from the first that is not declared) its column in the model;
            -1 where it has none.
    """

    families: tuple[RowFamily, ...]
    objectives: tuple[Polynomial, ...]
    auxiliary: Auxiliary
    nonlinear: NonlinearTerms | None
    objective_roots: tuple[int | None, ...]
    defined: IntArray


def lower(
    definitions: Definitions,
    reformulation: Reformulation,
    families: Sequence[RowFamily],
    objectives: Sequence[Polynomial],
) -> Lowered:
    """Place the defined columns, and rewrite everything that refers to them.

    Args:
        definitions: all of them.
        reformulation: of their maxima and minima.
        families: the rows of the constraints.
        objectives: one row each.
    """
    numbering = _Numbering.of(definitions, reformulation)
    graph = _Graph(numbering)
    for definition in definitions.entries:
        if definition.is_nonlinear:
            graph.add_definition(definition)
    rewritten: list[RowFamily] = []
    first_row = 0
    for family in (*families, *reformulation.families):
        body = graph.rewritten(family.body, first_row + np.arange(family.size))
        rewritten.append(replace(family, body=body))
        first_row += family.size
    bodies, roots = [], []
    for objective in objectives:
        body, root = graph.rewritten_objective(objective)
        bodies.append(body)
        roots.append(root)
    defined = numbering.column[definitions.first : definitions.n_columns]
    auxiliary = _auxiliary(definitions, reformulation, numbering)
    return Lowered(tuple(rewritten), tuple(bodies), auxiliary, graph.terms(roots), tuple(roots), defined)


@dataclass(frozen=True, slots=True, eq=False)
class _Numbering:
    """Where columns of the compilation are in the model.

    Attributes:
        column: for each column, declared, defined or binary, that of the model; 0 for those that no row needs.
        is_function: for each column whether it is a nonlinear function, and so a node.
        kept: the defined columns that are columns of the model, in order.
    """

    column: IntArray
    is_function: NDArray[np.bool_]
    kept: IntArray

    @classmethod
    def of(cls, definitions: Definitions, reformulation: Reformulation) -> _Numbering:
        size, first = definitions.n_columns, definitions.first
        is_function = np.zeros(size + reformulation.n_binaries, np.bool_)
        for definition in definitions.entries:
            is_function[definition.columns] = definition.is_nonlinear
        used = reformulation.used.copy()
        used[:first] = False
        kept = np.flatnonzero(used & ~is_function[:size])
        column = np.full(size + reformulation.n_binaries, _UNKNOWN, np.int64)
        column[:first] = np.arange(first)
        column[kept] = first + np.arange(len(kept))
        column[size:] = first + len(kept) + np.arange(reformulation.n_binaries)
        return cls(column, is_function, kept)

    def columns(self, columns: ColumnArray) -> IntArray:
        """Return the columns of the model; what no row needs stands with coefficients that add up to 0."""
        return np.maximum(self.column[columns], 0)


def _auxiliary(definitions: Definitions, reformulation: Reformulation, numbering: _Numbering) -> Auxiliary:
    kept, count = numbering.kept, reformulation.n_binaries
    ends = np.array([definition.columns.stop for definition in definitions.entries], np.int64)
    binary_ends = np.cumsum([len(group.owner) for group in reformulation.binaries], dtype=np.int64)

    def name(place: int) -> str:
        if place < len(kept):
            column = int(kept[place])
            definition = definitions.entries[int(np.searchsorted(ends, column, "right"))]
            return definition.label(column - definition.first)
        place -= len(kept)
        number = int(np.searchsorted(binary_ends, place, "right"))
        group = reformulation.binaries[number]
        return group.label(place - int(binary_ends[number]) + len(group.owner))

    is_choice = np.zeros(definitions.n_columns, np.bool_)
    for definition in definitions.entries:
        is_choice[definition.columns] = definition.function == "choice"
    kinds = np.where(is_choice[kept], Kind.BINARY, Kind.CONTINUOUS)
    return Auxiliary(
        lower=np.append(reformulation.box.lower[kept], np.zeros(count)),
        upper=np.append(reformulation.box.upper[kept], np.ones(count)),
        kind=np.append(kinds, np.full(count, Kind.BINARY)).astype(np.uint8),
        name=name,
    )


class _Graph:
    """Builds the nonlinear terms."""

    def __init__(self, numbering: _Numbering) -> None:
        self.numbering = numbering
        self.node_of = np.full(len(numbering.column), _UNKNOWN, np.int64)
        self.size = 0
        self.operators: list[IntArray] = []
        self.values: list[FloatArray] = []
        self.columns: list[IntArray] = []
        self.counts: list[IntArray] = []
        self.operands: list[IntArray] = []
        self.weights: list[FloatArray] = []
        self.rows: list[IntArray] = []
        self.roots: list[IntArray] = []

    def add(
        self,
        operator: Operator,
        count: int,
        *,
        values: FloatArray | None = None,
        columns: IntArray | None = None,
        counts: IntArray | None = None,
        operands: IntArray | None = None,
        weights: FloatArray | None = None,
    ) -> IntArray:
        """Append `count` nodes of one operator, and return their numbers."""
        nodes = np.arange(self.size, self.size + count)
        self.size += count
        self.operators.append(np.full(count, operator, np.int64))
        self.values.append(values if values is not None else np.zeros(count))
        self.columns.append(columns if columns is not None else np.full(count, _UNKNOWN, np.int64))
        self.counts.append(counts if counts is not None else np.zeros(count, np.int64))
        below = operands if operands is not None else np.empty(0, np.int64)
        self.operands.append(below)
        self.weights.append(weights if weights is not None else np.ones(len(below)))
        return nodes

    def leaves(self, columns: ColumnArray) -> IntArray:
        """Return the node of each column, made where there is none yet."""
        new = np.unique(columns[self.node_of[columns] == _UNKNOWN])
        if len(new):
            self.node_of[new] = self.add(Operator.COLUMN, len(new), columns=self.numbering.columns(new))
        return self.node_of[columns]

    def sums(self, body: Polynomial, size: int) -> IntArray:
        """Return a node for each of `size` polynomials: a leaf where that says all, else a sum."""
        constant = np.broadcast_to(body.constant, (size,)).astype(np.float64)
        rows, operands, weights = self.summands(body)
        order = np.argsort(rows, kind="stable")
        rows, operands, weights = rows[order], operands[order], weights[order]
        counts = np.bincount(rows, minlength=size)
        begins = np.cumsum(counts) - counts
        nodes = np.full(size, _UNKNOWN, np.int64)
        single = np.flatnonzero((counts == 1) & (constant == 0))
        plain = single[weights[begins[single]] == 1.0]
        nodes[plain] = operands[begins[plain]]
        empty = np.flatnonzero(counts == 0)
        nodes[empty] = self.add(Operator.CONSTANT, len(empty), values=constant[empty])
        rest = np.flatnonzero(nodes == _UNKNOWN)
        inside = np.isin(rows, rest)
        nodes[rest] = self.add(
            Operator.SUM, len(rest), values=constant[rest], counts=counts[rest], operands=operands[inside],
            weights=weights[inside],
        )  # fmt: skip
        return nodes

    def summands(self, body: Polynomial) -> tuple[IntArray, IntArray, FloatArray]:
        """Return the terms of polynomials as rows, nodes and weights; products of two are nodes of their own."""
        rows: list[IntArray] = [np.empty(0, np.int64)]
        operands: list[IntArray] = [np.empty(0, np.int64)]
        weights: list[FloatArray] = [np.empty(0)]
        for terms in (*body.linear, *body.quadratic):
            below = [self.leaves(columns) for columns in terms.columns]
            if len(below) == 2:
                pairs = np.stack(below, axis=1).ravel()
                counts = np.full(terms.count, 2, np.int64)
                below = [self.add(Operator.PRODUCT, terms.count, counts=counts, operands=pairs)]
            rows.append(terms.explicit_rows())
            operands.append(below[0])
            weights.append(np.broadcast_to(terms.coefficients, (terms.count,)))
        return np.concatenate(rows), np.concatenate(operands), np.concatenate(weights)

    def add_definition(self, definition: Definition) -> None:
        """Append the nodes of a nonlinear function."""
        arguments = self.sums(definition.arguments, len(definition.owner))
        counts = np.bincount(definition.owner, minlength=definition.size)
        operator = _OPERATORS[definition.function]
        self.node_of[definition.columns] = self.add(operator, definition.size, counts=counts, operands=arguments)

    def rewritten(self, body: Polynomial, rows: IntArray) -> Polynomial:
        """Return rows without their nonlinear terms, which are added to the rows of the model with these numbers."""
        kept, taken = self.split(body)
        if taken is not None:
            held = np.unique(np.concatenate([terms.explicit_rows() for terms in (*taken.linear, *taken.quadratic)]))
            roots = self.sums(taken, len(rows))
            self.rows.append(rows[held])
            self.roots.append(roots[held])
        return kept

    def rewritten_objective(self, body: Polynomial) -> tuple[Polynomial, int | None]:
        """Return an objective without its nonlinear terms, and the node that these are."""
        kept, taken = self.split(body)
        return kept, int(self.sums(taken, 1)[0]) if taken is not None else None

    def split(self, body: Polynomial) -> tuple[Polynomial, Polynomial | None]:
        """Return what is linear or quadratic in the columns of the model, and the rest; `None` where there is none."""
        function = self.numbering.is_function
        kept: list[Terms] = []
        taken: list[Terms] = []
        for terms in (*body.linear, *body.quadratic):
            nonlinear = np.logical_or.reduce([function[columns] for columns in terms.columns])
            if not nonlinear.any():
                kept.append(self.moved(terms))
                continue
            taken.append(_some(terms, nonlinear))
            if not nonlinear.all():
                kept.append(self.moved(_some(terms, ~nonlinear)))
        rest = polynomial.add([_polynomial(taken)]) if taken else None
        return replace(_polynomial(kept), constant=body.constant), rest

    def moved(self, terms: Terms) -> Terms:
        columns = tuple(map(self.numbering.columns, terms.columns))
        return Terms(terms.rows, columns, terms.coefficients, terms.width)

    def terms(self, objective_roots: Sequence[int | None]) -> NonlinearTerms | None:
        """Return the nonlinear terms; `None` when no row and no objective has any."""
        if not self.roots and not any(root is not None for root in objective_roots):
            return None
        nothing = np.empty(0, np.int64)
        return NonlinearTerms(
            operator=np.concatenate(self.operators).astype(np.uint8),
            value=np.concatenate(self.values),
            column=np.concatenate(self.columns),
            starts=np.concatenate([np.zeros(1, np.int64), *self.counts]).cumsum(),
            operands=np.concatenate(self.operands),
            weights=np.concatenate(self.weights),
            row=np.concatenate([nothing, *self.rows]),
            root=np.concatenate([nothing, *self.roots]),
            objective_root=objective_roots[0] if objective_roots else None,
        )


def _some(terms: Terms, keep: NDArray[np.bool_]) -> Terms:
    coefficients = np.broadcast_to(terms.coefficients, (terms.count,))[keep]
    return Terms(terms.explicit_rows()[keep], tuple(columns[keep] for columns in terms.columns), coefficients)


def _polynomial(terms: Sequence[Terms]) -> Polynomial:
    linear = tuple(part for part in terms if len(part.columns) == 1)
    return Polynomial(np.asarray(0.0), linear, tuple(part for part in terms if len(part.columns) == 2))
