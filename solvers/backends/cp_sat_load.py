"""Hands whole models over to CP-SAT.

The fields of its message are filled straight, row by row: 0.04 s for 100,000 entries in 10,000 rows.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from solvers.backends.whole_constraints import WholeConstraint, WholeTerms
from solvers.backends.whole_model import WholeModel
from solvers.global_constraints import AllDifferent, Circuit, NoOverlap
from solvers.model import IntArray, Model

_NEVER: Final = (1, 1)
"""The domain of a row without terms that can never hold."""


def load(model: Model, whole: WholeModel) -> Any:
    """Return the `CpModel` of a model that was written in whole numbers.

    Args:
        model: what was stated; its indicator rows are read.
        whole: the same in whole numbers.
    """
    from ortools.sat.python import cp_model

    made = cp_model.CpModel()
    loader = _Loader(made.proto, whole)
    loader.add_columns()
    loader.add_rows(model)
    loader.add_products()
    for constraint in whole.constraints:
        loader.add_constraint(constraint)
    loader.add_objective(model.objective_constant)
    return made


class _Loader:
    """Fills the message of one model."""

    def __init__(self, proto: Any, whole: WholeModel) -> None:
        self.proto = proto
        self.whole = whole
        self.n_columns = 0
        self.n_constraints = 0

    def new_column(self, lower: int, upper: int) -> int:
        self.proto.variables.add().domain.extend((lower, upper))
        self.n_columns += 1
        return self.n_columns - 1

    def new_constraint(self) -> Any:
        self.n_constraints += 1
        return self.proto.constraints.add()

    def add_columns(self) -> None:
        for lower, upper in zip(self.whole.lower.tolist(), self.whole.upper.tolist(), strict=True):
            self.new_column(lower, upper)

    def add_rows(self, model: Model) -> None:
        """Add the rows; those under a condition once for each of their conditions."""
        listed = np.empty(0, np.int64) if model.indicators is None else model.indicators.row
        always = np.setdiff1d(np.arange(model.n_rows), listed)
        literals: list[int | None] = [None] * len(always)
        if model.indicators is not None:
            literals += _literals(model.indicators.column, model.indicators.value).tolist()
        whole = self.whole
        columns, values, starts = whole.row_columns.tolist(), whole.row_values.tolist(), whole.row_starts.tolist()
        lower, upper = whole.row_lower.tolist(), whole.row_upper.tolist()
        for row, literal in zip(np.append(always, listed).tolist(), literals, strict=True):
            entries = slice(starts[row], starts[row + 1])
            self.add_row(columns[entries], values[entries], lower[row], upper[row], literal)

    def add_row(
        self, columns: list[int], values: list[int], lower: int, upper: int, literal: int | None = None
    ) -> None:
        constraint = self.new_constraint()
        if literal is not None:
            constraint.enforcement_literal.append(literal)
        linear = constraint.linear
        if lower > upper:
            linear.domain.extend(_NEVER)
            return
        linear.vars.extend(columns)
        linear.coeffs.extend(values)
        linear.domain.extend((lower, upper))

    def add_products(self) -> None:
        n_stated = len(self.whole.lower) - len(self.whole.first)
        for place, factors in enumerate(zip(self.whole.first.tolist(), self.whole.second.tolist(), strict=True)):
            product = self.new_constraint().int_prod
            _fill(product.target, n_stated + place, 1, 0)
            for factor in factors:
                _fill(product.exprs.add(), factor, 1, 0)

    def add_constraint(self, constraint: WholeConstraint) -> None:
        stated, terms = constraint.stated, constraint.terms
        if not len(terms[0]):
            return
        if isinstance(stated, AllDifferent):
            _fill_all(self.new_constraint().all_diff.exprs, terms[0])
        elif isinstance(stated, Circuit):
            self.add_circuit(stated)
        else:
            intervals = self.add_intervals(terms[0], terms[1])
            if isinstance(stated, NoOverlap):
                self.new_constraint().no_overlap.intervals.extend(intervals)
                return
            cumulative = self.new_constraint().cumulative
            cumulative.intervals.extend(intervals)
            _fill_all(cumulative.demands, terms[2])
            _fill(cumulative.capacity, *_parts(terms[3])[0])

    def add_circuit(self, stated: Circuit) -> None:
        """Add a circuit; of several arcs of a node to itself, which CP-SAT does not take, one column says if any."""
        loops: dict[int, list[int]] = {}
        arcs = []
        for tail, head, column in zip(stated.tail.tolist(), stated.head.tolist(), stated.column.tolist(), strict=True):
            if tail == head:
                loops.setdefault(tail, []).append(column)
            else:
                arcs.append((tail, head, column))
        for node, columns in loops.items():
            literal = columns[0]
            if len(columns) > 1:
                literal = self.new_column(0, 1)
                self.add_row([*columns, literal], [1] * len(columns) + [-1], 0, 0)
            arcs.append((node, node, literal))
        circuit = self.new_constraint().circuit
        for field, places in zip(
            (circuit.tails, circuit.heads, circuit.literals), zip(*arcs, strict=True), strict=True
        ):
            field.extend(places)

    def add_intervals(self, start: WholeTerms, size: WholeTerms) -> list[int]:
        """Add one interval for each task, and return their places among the constraints.

        CP-SAT does not connect start, size and end by itself.
        """
        lower, upper = self.whole.lower, self.whole.upper
        least = np.add(start.bounds(lower, upper)[0], size.bounds(lower, upper)[0]).tolist()
        most = np.add(start.bounds(lower, upper)[1], size.bounds(lower, upper)[1]).tolist()
        intervals = []
        for task, (begin, length) in enumerate(zip(_parts(start), _parts(size), strict=True)):
            if begin[0] < 0 or length[0] < 0 or begin[0] == length[0]:
                end = max(begin[0], length[0]), begin[1] + length[1], begin[2] + length[2]
            else:
                end = self.new_column(least[task], most[task]), 1, 0
                offset = -begin[2] - length[2]
                self.add_row([begin[0], length[0], end[0]], [begin[1], length[1], -1], offset, offset)
            intervals.append(self.n_constraints)
            interval = self.new_constraint().interval
            for expression, term in ((interval.start, begin), (interval.size, length), (interval.end, end)):
                _fill(expression, *term)
        return intervals

    def add_objective(self, constant: float) -> None:
        """Add the objective, scaled so that CP-SAT counts gaps and bounds in the units of the stated one."""
        whole = self.whole
        if not len(whole.objective_columns):
            return
        objective = self.proto.objective
        objective.vars.extend(whole.objective_columns.tolist())
        objective.coeffs.extend(whole.objective_values.tolist())
        objective.scaling_factor = whole.unit
        objective.offset = constant / whole.unit


def _literals(column: IntArray, value: IntArray) -> IntArray:
    """Return columns that are 1, or negated (`-column - 1`) those that are 0."""
    column = column.astype(np.int64)
    return np.where(value == 1, column, -column - 1)


def _parts(terms: WholeTerms) -> list[tuple[int, int, int]]:
    """Return column, coefficient and offset of each term; -1 and 0 for constants."""
    column = np.where(terms.coefficient == 0, -1, terms.column)
    return list(zip(column.tolist(), terms.coefficient.tolist(), terms.offset.tolist(), strict=True))


def _fill(expression: Any, column: int, coefficient: int, offset: int) -> None:
    expression.offset = offset
    if column >= 0 and coefficient:
        expression.vars.append(column)
        expression.coeffs.append(coefficient)


def _fill_all(expressions: Any, terms: WholeTerms) -> None:
    for column, coefficient, offset in _parts(terms):
        _fill(expressions.add(), column, coefficient, offset)
