"""Writes the comparisons of constraints as relations of Python, each read as the compiler reads it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from nl2opt.formulation.compilation.compiled import CompiledFormulation
from nl2opt.formulation.compilation.rows import rows_of
from nl2opt.formulation.evaluation.context import Context
from nl2opt.formulation.evaluation.definitions import Definitions
from nl2opt.formulation.evaluation.polynomial import ColumnArray
from nl2opt.formulation.language.parser import Expression, parse_expression
from nl2opt.formulation.language.precedence import ADDITION, PRODUCT
from nl2opt.formulation.language.syntax import Call, Clause, Comparison, Comprehension, Node
from nl2opt.formulation.render.folding import Pieces
from nl2opt.formulation.render.python_text import PythonText
from nl2opt.formulation.schema import Constraint
from solvers import Kind, Model


@dataclass(frozen=True, slots=True)
class Demand:
    """What a constraint says: a comparison, for each combination of indices that its clauses yield."""

    body: Comparison
    clauses: tuple[Clause, ...]

    @property
    def parts(self) -> list[Comparison]:
        """The single comparisons of a chain."""
        body = self.body
        triples = zip(body.operands, body.operators, body.operands[1:], strict=False)
        return [Comparison((left, right), (operator,)) for left, operator, right in triples]


@dataclass(frozen=True, slots=True)
class Predicate:
    """What a constraint says that is no comparison, for each combination of indices that its clauses yield."""

    body: Call
    clauses: tuple[Clause, ...]


def demand_of(constraint: Constraint) -> Demand | Predicate:
    """Read the expression of a constraint of a checked formulation."""
    root = parse_expression(constraint.expression).root
    body, clauses = (root.body, root.clauses) if isinstance(root, Comprehension) else (root, ())
    if isinstance(body, Call):
        return Predicate(body, clauses)
    assert isinstance(body, Comparison)
    return Demand(body, clauses)


class Relations:
    """Writes single comparisons.

    Attributes:
        constant: names of the constraints with a row in which no variable counts: Python makes such a row a truth
            value, which no modelling library takes as it is.
    """

    def __init__(self, compiled: CompiledFormulation, python: PythonText) -> None:
        self._compiled = compiled
        self._python = python
        self.constant = _constraints_with_constant_rows(compiled)

    def write(self, part: Comparison, clauses: Sequence[Clause]) -> tuple[Pieces, str, Pieces]:
        """Return the left side, the operator and the right side of a comparison; strict ones are `<=` or `>=`."""
        left, right = part.operands
        operator = part.operators[0]
        before, after = (self._python.pieces(side, clauses, ADDITION) for side in (left, right))
        if operator in ("<", ">"):
            step = self._step(part, clauses)
            after = [*after[:-1], f"{after[-1]}{step}"]
            operator = "<=" if operator == "<" else ">="
        return before, operator, after

    def _step(self, part: Comparison, clauses: Sequence[Clause]) -> str:
        """Return what is added to the right side of a strict comparison, so that `<=` or `>=` says the same.

        Between whole numbers `a < b` is `a <= b - 1`. Where the constant part of some rows is not whole, each
        row's is rounded towards what is allowed.
        """
        root: Node = Comprehension(part, tuple(clauses)) if clauses else part
        scope = Reading.of(self._compiled)
        readings = {family.strict for family in rows_of("", Expression("", root), scope)}
        if "mixed" in readings:
            left, right = (
                self._python.write(side, clauses, PRODUCT, variables_are_zero=True) for side in part.operands
            )
            rest = f"({right} - {left})"
            whole = f"math.ceil{rest} - 1" if part.operators[0] == "<" else f"math.floor{rest} + 1"
            self._python.uses_math = True
            return f" + {whole} - {rest}"
        if "tightened" in readings:
            return " - 1" if part.operators[0] == "<" else " + 1"
        return ""


@dataclass(slots=True)
class Reading:
    """A `RowScope` that reads the rows of a compiled formulation once more, and remarks nothing."""

    context: Context
    model: Model

    def warn(self, code: str, element: str, message: str, *, text: str = "", where: str = "", mend: str = "") -> None:
        """Leave the warning to the compiler."""

    def assume(self, text: str, element: str) -> None:
        """Leave the assumption to the compiler."""

    @classmethod
    def of(cls, compiled: CompiledFormulation) -> Reading:
        """Read without adding to what the compiler defined."""
        definitions = Definitions(first=compiled.n_declared)
        return cls(replace(compiled.context, definitions=definitions), compiled.model)

    def is_whole(self, columns: ColumnArray) -> bool:
        """Whether columns take whole numbers only."""
        return self.context.definitions.is_whole(columns, self.is_declared_whole)

    def is_binary(self, columns: ColumnArray) -> bool:
        """Whether columns are declared as binary."""
        return bool(np.all(self.model.column_kind[columns] == Kind.BINARY))

    def is_declared_whole(self, columns: ColumnArray) -> bool:
        """Whether declared columns take whole numbers only."""
        return bool(np.all(self.model.column_kind[columns] != Kind.CONTINUOUS))


def _constraints_with_constant_rows(compiled: CompiledFormulation) -> frozenset[str]:
    model = compiled.model
    constant = np.diff(model.row_starts) == 0
    if model.quadratic_rows is not None:
        constant[model.quadratic_rows.row] = False
    if model.nonlinear is not None:
        constant[model.nonlinear.row] = False
    if model.indicators is not None:
        constant[model.indicators.row] = False
    ends = np.cumsum([family.size for family in compiled.families], dtype=np.int64)
    places = np.unique(np.searchsorted(ends, np.flatnonzero(constant), "right"))
    return frozenset(compiled.families[place].name for place in places.tolist())
