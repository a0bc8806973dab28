"""Hands models over to SCIP, and refuses those that it would misread."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from solvers.backends.scip_expressions import Part, Translator, scip, times, weighted_sum
from solvers.check import DEFAULT_TOLERANCE
from solvers.cones import Cones
from solvers.indicators import IndicatorRows
from solvers.model import FloatArray, IntArray, Kind, Model, Sense

_SMALLEST_COEFFICIENT: Final = 1e-9
"""SCIP drops the coefficients of rows up to this size."""
_INFINITY: Final = 1e20
"""SCIP reads numbers from this size on as infinite."""
_LETTERS: Final = {Kind.CONTINUOUS: "C", Kind.INTEGER: "I", Kind.BINARY: "B"}


def refusal_of(model: Model) -> str | None:
    """Return why SCIP would misread a model, beyond what features tell; `None` where it would not."""
    return _refused_coefficient(model) or _refused_side(model) or _refused_condition(model)


def _refused_coefficient(model: Model) -> str | None:
    sizes = np.abs(model.row_values)
    outside = np.flatnonzero((sizes > 0) & ((sizes <= _SMALLEST_COEFFICIENT) | (sizes >= _INFINITY)))
    if not len(outside):
        return None
    entry = int(outside[0])
    row = model.name_of_row(int(np.searchsorted(model.row_starts, entry, side="right")) - 1)
    column = model.name_of_column(int(model.row_columns[entry]))
    return (
        f"scip takes coefficients between {_SMALLEST_COEFFICIENT:g} and {_INFINITY:g}; {column} has "
        f"{model.row_values[entry]:g} in the row {row}. Choose other units."
    )


def _refused_side(model: Model) -> str | None:
    of_columns = [model.column_lower, model.column_upper, model.objective]
    for numbers in [*of_columns, model.row_lower, model.row_upper]:
        outside = np.flatnonzero(np.isfinite(numbers) & (np.abs(numbers) >= _INFINITY))
        if len(outside):
            place = int(outside[0])
            is_column = any(numbers is each for each in of_columns)
            where = f"column {model.name_of_column(place)}" if is_column else f"row {model.name_of_row(place)}"
            return (
                f"scip reads numbers from {_INFINITY:g} on as infinite; the {where} has {numbers[place]:g}. "
                "Choose other units."
            )
    return None


def _refused_condition(model: Model) -> str | None:
    if model.indicators is None:
        return None
    for terms in (model.quadratic_rows, model.nonlinear):
        if terms is None:
            continue
        curved = np.intersect1d(model.indicators.row, terms.row)
        if len(curved):
            return f"scip takes conditions on linear rows only, and {model.name_of_row(int(curved[0]))} is not linear."
    return None


@dataclass(slots=True)
class Loaded:
    """A model that SCIP holds.

    Attributes:
        scip: the SCIP object.
        columns: its variables, those of the model first.
        is_false: whether the model holds a row that no point satisfies, such as `0 >= 1`, which SCIP does not get.
    """

    scip: Any
    columns: list[Any] = field(default_factory=list)
    is_false: bool = False

    def values(self, solution: Any, n_columns: int) -> FloatArray:
        """Return the values of the model's columns (n,) in one of SCIP's solutions."""
        value = self.scip.getSolVal
        return np.array([value(solution, column) for column in self.columns[:n_columns]], np.float64)


def load(model: Model) -> Loaded:
    """Hand a model over to SCIP, and return the SCIP object that holds it.

    PySCIPOpt takes columns and rows one by one: 0.2 s for 10,000 rows with 100,000 entries.

    Raises:
        UnsupportedModelError: a base of 0 or less has a variable exponent.
    """
    return _Loader(model).load()


class _Loader:
    """Builds one SCIP object."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.scip = scip().Model()
        self.scip.hideOutput()
        self.loaded = Loaded(self.scip)
        self.terms: list[Any] = []

    def load(self) -> Loaded:
        model = self.model
        self.add_columns()
        self.terms = [scip().Term(column) for column in self.loaded.columns]
        parts: list[Part] = []
        if model.nonlinear is not None:
            parts = Translator(self.loaded.columns, self.add_equal).translate(model.nonlinear)
        self.add_rows(parts)
        if model.indicators is not None:
            self.add_conditions(model.indicators)
        if model.cones is not None:
            self.add_cones(model.cones)
        self.set_objective(parts)
        return self.loaded

    def add_columns(self) -> None:
        model = self.model
        lower = model.column_lower.copy()
        if model.cones is not None:
            heads = model.cones.columns[model.cones.starts[:-1]]
            lower[heads] = np.maximum(lower[heads], 0.0)
        letters = [_LETTERS[Kind(kind)] for kind in model.column_kind.tolist()]
        # What is not linear takes the linear terms along: alone, the square of a free column has no limit in SCIP.
        costs = np.zeros(model.n_columns) if _has_curved_objective(model) else model.objective
        numbers = zip(letters, lower.tolist(), model.column_upper.tolist(), costs.tolist(), strict=True)
        add = self.scip.addVar
        # Finite numbers stay below SCIP's infinity: see `refusal_of`.
        self.loaded.columns = [
            add("x", letter, max(low, -_INFINITY), min(up, _INFINITY), cost) for letter, low, up, cost in numbers
        ]

    def add_equal(self, expression: Any) -> Any:
        """Add a variable that equals an expression, and return it."""
        column = self.scip.addVar("z", "C", None, None)
        negative = times(-1.0, scip().VarExpr(column))
        self.add(weighted_sum(0.0, [1.0, 1.0], [Part(expression), Part(negative)]), 0.0, 0.0)
        return column

    def add_rows(self, parts: list[Part]) -> None:
        """Add the rows that always hold."""
        model = self.model
        rows = np.arange(model.n_rows)
        if model.indicators is not None:
            rows = np.setdiff1d(rows, model.indicators.row)
        rows = rows[np.isfinite(model.row_lower[rows]) | np.isfinite(model.row_upper[rows])]
        products = self.products_of_rows()
        roots: dict[int, list[Part]] = {}
        if model.nonlinear is not None:
            for row, root in zip(model.nonlinear.row.tolist(), model.nonlinear.root.tolist(), strict=True):
                roots.setdefault(row, []).append(parts[root])
        lower, upper = model.row_lower.tolist(), model.row_upper.tolist()
        for row in rows.tolist():
            terms = self.entries(row)
            for key, coefficient in products.get(row, ()):
                terms[key] = terms.get(key, 0.0) + coefficient
            self.add_row(terms, roots.get(row, []), lower[row], upper[row])

    def add_row(self, terms: dict[Any, float], roots: list[Part], lower: float, upper: float) -> None:
        """Add a row of linear and quadratic terms and nonlinear parts."""
        constant = sum(root.constant for root in roots if root.expression is None)
        roots = [root for root in roots if root.expression is not None]
        if not np.isfinite(constant):
            self.loaded.is_false = True
            return
        lower, upper = lower - constant, upper - constant
        if roots:
            self.add(self.joined(terms, roots), lower, upper)
        elif terms:
            self.add(scip().Expr(terms), lower, upper)
        elif not _holds_zero(lower, upper):
            self.loaded.is_false = True

    def joined(self, terms: dict[Any, float], roots: list[Part]) -> Any:
        """Return one expression of linear and quadratic terms and nonlinear parts."""
        polynomial = [scip().buildGenExprObj(scip().Expr({key: 1.0})) for key in terms]
        parts = [*(Part(each) for each in polynomial), *roots]
        return weighted_sum(0.0, [*terms.values(), *[1.0] * len(roots)], parts)

    def add(self, expression: Any, lower: float, upper: float) -> None:
        sides = (lower if lower > -_INFINITY else None, upper if upper < _INFINITY else None)
        if sides != (None, None):
            self.scip.addCons(scip().ExprCons(expression, *sides), "r")

    def entries(self, row: int) -> dict[Any, float]:
        """Return the linear terms of a row."""
        entries = slice(self.model.row_starts[row], self.model.row_starts[row + 1])
        columns, values = self.model.row_columns[entries].tolist(), self.model.row_values[entries].tolist()
        terms = self.terms
        return {terms[column]: value for column, value in zip(columns, values, strict=True) if value}

    def products_of_rows(self) -> dict[int, list[tuple[Any, float]]]:
        found: dict[int, list[tuple[Any, float]]] = {}
        terms = self.model.quadratic_rows
        if terms is not None:
            keys = self.products(terms.first, terms.second)
            for row, key, coefficient in zip(terms.row.tolist(), keys, terms.coefficient.tolist(), strict=True):
                found.setdefault(row, []).append((key, coefficient))
        return found

    def products(self, first: IntArray, second: IntArray) -> list[Any]:
        terms = self.terms
        return [terms[one] * terms[other] for one, other in zip(first.tolist(), second.tolist(), strict=True)]

    def add_conditions(self, indicators: IndicatorRows) -> None:
        """Add the rows that hold only where a binary column has a value; equalities and ranges as two."""
        model = self.model
        listed = zip(indicators.row.tolist(), indicators.column.tolist(), indicators.value.tolist(), strict=True)
        for row, column, value in listed:
            terms = self.entries(row)
            lower, upper = float(model.row_lower[row]), float(model.row_upper[row])
            asks_for_infinity = lower == np.inf or upper == -np.inf
            if asks_for_infinity or (not terms and not _holds_zero(lower, upper)):
                self.add(scip().Expr({self.terms[column]: 1.0}), 1.0 - value, 1.0 - value)
                continue
            for sides in ((None, upper), (lower, None)):
                if terms and np.isfinite([side for side in sides if side is not None]).all():
                    condition = scip().ExprCons(scip().Expr(dict(terms)), *sides)
                    self.scip.addConsIndicator(condition, self.loaded.columns[column], bool(value), "r")

    def add_cones(self, cones: Cones) -> None:
        """Add the cones as norms: squared on both sides they would be met inexactly near the tip."""
        for cone in range(cones.n_cones):
            head, *others = (self.loaded.columns[column] for column in cones.members(cone).tolist())
            if others:
                squares = [Part(scip().VarExpr(column) ** 2) for column in others]
                norm = weighted_sum(0.0, [1.0] * len(squares), squares).sqrt()
                parts = [Part(norm), Part(scip().VarExpr(head))]
                self.add(weighted_sum(0.0, [1.0, -1.0], parts), -np.inf, 0.0)

    def set_objective(self, parts: list[Part]) -> None:
        """Set the objective; what is not linear in it is held by one more variable, since SCIP's are linear."""
        model = self.model
        if model.sense is Sense.MAXIMIZE:
            self.scip.setMaximize()
        self.scip.addObjoffset(model.objective_constant)
        if not _has_curved_objective(model):
            return
        roots = []
        if model.nonlinear is not None and model.nonlinear.objective_root is not None:
            roots = [parts[model.nonlinear.objective_root]]
        terms = {self.terms[column]: float(model.objective[column]) for column in np.flatnonzero(model.objective)}
        if model.quadratic_objective is not None:
            quadratic = model.quadratic_objective
            keys = self.products(quadratic.first, quadratic.second)
            for key, coefficient in zip(keys, quadratic.coefficient.tolist(), strict=True):
                terms[key] = terms.get(key, 0.0) + coefficient
        terms[scip().Term(self.scip.addVar("z", "C", None, None, 1.0))] = -1.0
        sides = (-np.inf, 0.0) if model.sense is Sense.MINIMIZE else (0.0, np.inf)
        self.add_row(terms, roots, *sides)


def _has_curved_objective(model: Model) -> bool:
    has_root = model.nonlinear is not None and model.nonlinear.objective_root is not None
    return has_root or model.quadratic_objective is not None


def _holds_zero(lower: float, upper: float) -> bool:
    """Whether 0 lies between two sides, up to what the re-check accepts; not where a side is not a number."""
    below = lower <= DEFAULT_TOLERANCE * max(1.0, abs(lower)) if np.isfinite(lower) else lower == -np.inf
    above = upper >= -DEFAULT_TOLERANCE * max(1.0, abs(upper)) if np.isfinite(upper) else upper == np.inf
    return bool(below and above)
