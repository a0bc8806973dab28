"""A pure integer model in whole numbers of 64 bits, as CP-SAT takes it, or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from solvers.backends.whole_bounds import with_whole_bounds
from solvers.backends.whole_constraints import WholeConstraint, column_limits, require_small, whole_constraint
from solvers.backends.whole_rows import whole_rows, whole_sides
from solvers.decimals import LARGEST, decimals_of
from solvers.errors import UnsupportedModelError
from solvers.global_constraints import Circuit
from solvers.implied_bounds import implied_bounds
from solvers.model import FloatArray, IntArray, Model, Sense

Int64Array = NDArray[np.int64]
_SHOWN: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WholeModel:
    """A model of integer columns with whole coefficients; the products of two columns are columns behind the model's.

    Attributes:
        lower, upper: int64 (n + q,), bounds of the columns.
        first, second: int64 (q,), the factors of each product.
        row_starts, row_columns, row_values: int64, the rows; a column may occur twice in one.
        row_lower, row_upper: int64 (m,); a lower side above its upper one can never be met.
        objective_columns, objective_values: int64, the objective, to be minimised.
        unit: how much of the stated objective is one of the whole one, below 0 when it is maximised.
        constraints: the global constraints.
        is_contradictory: whether bounds or constraints contradict each other, so that no point exists.
    """

    lower: Int64Array
    upper: Int64Array
    first: Int64Array
    second: Int64Array
    row_starts: Int64Array
    row_columns: IntArray
    row_values: Int64Array
    row_lower: Int64Array
    row_upper: Int64Array
    objective_columns: Int64Array
    objective_values: Int64Array
    unit: float
    constraints: tuple[WholeConstraint, ...]
    is_contradictory: bool

    def least_objective(self) -> int:
        """Return what the whole objective cannot fall below, by the bounds of the columns alone."""
        values, columns = self.objective_values, self.objective_columns
        return int(np.minimum(values * self.lower[columns], values * self.upper[columns]).sum())


def whole_model(model: Model) -> WholeModel:
    """Write a pure integer model in whole numbers, exactly.

    Raises:
        UnsupportedModelError: a column has no bound and none follows from the rows, or numbers get too large; the
            text says where and what to do.
    """
    constraints = tuple(whole_constraint(constraint) for constraint in model.global_constraints)
    lower, upper, crosses = _bounds(model, constraints)
    for constraint in constraints:
        require_small(constraint, lower, upper)
        _require_binary(model, constraint, lower, upper)
    pairs, objective_product, row_product = _products(model)
    least, most = _product_bounds(model, pairs, lower, upper)
    n_columns = model.n_columns
    sizes = np.maximum(*np.abs([np.append(lower, least), np.append(upper, most)]).astype(np.float64))
    names = _Names(model, pairs)
    rows = _rows(model, row_product + n_columns, sizes, names)
    sign = 1 if model.sense is Sense.MINIMIZE else -1
    objective = _objective(model, objective_product + n_columns, sizes, names)
    return WholeModel(
        lower=np.append(lower, least), upper=np.append(upper, most), first=pairs[0], second=pairs[1],
        row_starts=rows.starts, row_columns=rows.columns, row_values=rows.values,
        row_lower=rows.lower, row_upper=rows.upper,
        objective_columns=objective.columns, objective_values=sign * objective.values,
        unit=sign * objective.unit, constraints=constraints,
        is_contradictory=crosses or any(constraint.is_contradictory for constraint in constraints),
    )  # fmt: skip


# -- columns --------------------------------------------------------------------------------------------------


def _bounds(model: Model, constraints: tuple[WholeConstraint, ...]) -> tuple[Int64Array, Int64Array, bool]:
    """Return the bounds of the columns, and whether some cross."""
    lower, upper = implied_bounds(with_whole_bounds(model))
    limits = [column_limits(constraint, model.n_columns) for constraint in constraints]
    for least, most in limits:
        lower, upper = np.maximum(lower, least), np.minimum(upper, most)
    _require_bounds(model, lower, "lower")
    _require_bounds(model, upper, "upper")
    model = with_whole_bounds(replace(model, column_lower=lower, column_upper=upper))
    least_whole, most_whole = model.column_lower.astype(np.int64), model.column_upper.astype(np.int64)
    return least_whole, np.maximum(least_whole, most_whole), bool(np.any(most_whole < least_whole))


def _require_bounds(model: Model, bounds: FloatArray, side: str) -> None:
    missing = np.flatnonzero(np.isinf(bounds)).tolist()
    if missing:
        article = "an upper" if side == "upper" else "a lower"
        names = _listed([f"`{model.name_of_column(column)}`" for column in missing])
        raise UnsupportedModelError(f"CP-SAT needs {article} bound for {names}. State `{side}`.")
    beyond = np.flatnonzero(np.abs(bounds) >= LARGEST).tolist()
    if beyond:
        name, bound = model.name_of_column(beyond[0]), bounds[beyond[0]]
        raise UnsupportedModelError(
            f"CP-SAT counts up to {LARGEST:.1e}, and `{name}` has the {side} bound {bound:g}. State a tighter `{side}`."
        )


def _require_binary(model: Model, constraint: WholeConstraint, lower: Int64Array, upper: Int64Array) -> None:
    if isinstance(constraint.stated, Circuit):
        column = constraint.stated.column
        outside = column[(lower[column] < 0) | (upper[column] > 1)].tolist()
        if outside:
            name = model.name_of_column(outside[0])
            raise UnsupportedModelError(
                f"CP-SAT needs binary columns for the arcs of a circuit, and `{name}` of `{constraint.name}` is not."
            )


def _products(model: Model) -> tuple[Int64Array, Int64Array, Int64Array]:
    """Return the different products (2, q), and which of them each term of the objective and of the rows is."""
    terms = [terms for terms in (model.quadratic_objective, model.quadratic_rows) if terms is not None]
    if not terms:
        return np.empty((2, 0), np.int64), np.empty(0, np.int64), np.empty(0, np.int64)
    first = np.concatenate([np.minimum(held.first, held.second) for held in terms]).astype(np.int64)
    second = np.concatenate([np.maximum(held.first, held.second) for held in terms]).astype(np.int64)
    keys, inverse = np.unique(first * model.n_columns + second, return_inverse=True)
    n_objective = 0 if model.quadratic_objective is None else len(model.quadratic_objective.first)
    return np.array(np.divmod(keys, max(model.n_columns, 1))), inverse[:n_objective], inverse[n_objective:]


def _product_bounds(
    model: Model, pairs: Int64Array, lower: Int64Array, upper: Int64Array
) -> tuple[Int64Array, Int64Array]:
    first, second = pairs
    sizes = np.maximum(np.abs(lower), np.abs(upper)).astype(np.float64)
    beyond = np.flatnonzero(sizes[first] * sizes[second] >= LARGEST)
    if len(beyond):
        place = int(beyond[0])
        name = _Names(model, pairs).of_column(model.n_columns + place)
        size = sizes[first[place]] * sizes[second[place]]
        raise UnsupportedModelError(
            f"CP-SAT counts up to {LARGEST:.1e}, and {name} may reach {size:.1e}. State tighter bounds."
        )
    ends = np.array([a[first] * b[second] for a in (lower, upper) for b in (lower, upper)])
    least, most = ends.min(axis=0), ends.max(axis=0)
    return np.where(first == second, np.maximum(least, 0), least), most


@dataclass(frozen=True, slots=True)
class _Names:
    """The names of columns and products, for people."""

    model: Model
    pairs: Int64Array

    def of_column(self, column: int) -> str:
        product = column - self.model.n_columns
        if product < 0:
            return f"`{self.model.name_of_column(column)}`"
        first, second = (self.model.name_of_column(factor) for factor in self.pairs[:, product].tolist())
        return f"`{first} * {second}`"


def _listed(names: list[str]) -> str:
    shown = names[:_SHOWN]
    if len(names) > _SHOWN:
        return f"{', '.join(shown)} and {len(names) - _SHOWN} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


# -- rows and objective -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Rows:
    starts: Int64Array
    columns: IntArray
    values: Int64Array
    lower: Int64Array
    upper: Int64Array


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Objective:
    columns: Int64Array
    values: Int64Array
    unit: float


def _rows(model: Model, products: Int64Array, sizes: FloatArray, names: _Names) -> _Rows:
    row, column, value = model.entry_rows(), model.row_columns, model.row_values
    if model.quadratic_rows is not None:
        row = np.append(row, model.quadratic_rows.row)
        column = np.append(column, products)
        value = np.append(value, model.quadratic_rows.coefficient)
        order = np.argsort(row, kind="stable")
        row, column, value = row[order], column[order], value[order]
    kept = value != 0
    row, column, value = row[kept], column[kept], value[kept]
    rows = whole_rows(value, row, model.n_rows)
    terms = np.abs(rows.values) * sizes[column]
    sums = np.bincount(row, weights=terms, minlength=model.n_rows)
    beyond = (sums >= LARGEST)[row] | rows.too_large
    if beyond.any():
        worst = int(row[beyond.argmax()])
        entries = np.flatnonzero(row == worst)
        where = f"the row `{model.name_of_row(worst)}`"
        raise UnsupportedModelError(_too_large(where, value[entries], column[entries], sizes, names))
    lower, upper = whole_sides(model.row_lower, model.row_upper, rows)
    starts = np.searchsorted(row, np.arange(model.n_rows + 1))
    return _Rows(starts=starts, columns=column, values=rows.values, lower=lower, upper=upper)


def _objective(model: Model, products: Int64Array, sizes: FloatArray, names: _Names) -> _Objective:
    column, value = np.arange(model.n_columns), model.objective
    if model.quadratic_objective is not None:
        column = np.append(column, products)
        value = np.append(value, model.quadratic_objective.coefficient)
    column, value = column[value != 0], value[value != 0]
    rows = whole_rows(value, np.zeros(len(value), np.int64), 1)
    if rows.too_large.any() or np.abs(rows.values) @ sizes[column] >= LARGEST:
        raise UnsupportedModelError(_too_large("the objective", value, column, sizes, names))
    unit = float(rows.divisor[0]) / float(10 ** int(rows.power[0]))
    return _Objective(columns=column, values=rows.values, unit=unit)


def _too_large(where: str, value: FloatArray, column: IntArray, sizes: FloatArray, names: _Names) -> str:
    """Say which coefficient makes a sum too large: that with the most decimals, else that of the largest term."""
    decimals = decimals_of(value)
    most = int(decimals.places.max())
    entry = int(decimals.places.argmax()) if most else int((np.abs(value) * sizes[column]).argmax())
    of_what = f"its coefficient {value[entry].item()!r} of {names.of_column(int(column[entry]))}"
    reason = f"has {most} decimals" if most else f"meets values up to {sizes[column[entry]]:g}"
    mend = "Round it to fewer decimals" if most else "State tighter bounds"
    return (
        f"CP-SAT counts in whole numbers of 64 bits, and {where} gets too large: {of_what} {reason}. {mend}, or choose "
        "other units."
    )
