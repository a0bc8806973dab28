"""A convex model as a conic program: rows `Ax + s = b` with each block of s in a cone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from solvers.backends.convexity import norm_rows
from solvers.backends.hessian import lower_triangle
from solvers.model import FloatArray, IntArray, Model, Sense

_REACH: Final = 1e6
_VANISHING: Final = 1e-7
_RELATIVE: Final = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ConicProgram:
    """Minimise `1/2 x'Px + q'x` over `Ax + s = b`, s in cones, with what leads back to the model.

    Attributes:
        p: upper triangle of P, scipy csc (n, n).
        q: float64 (n,).
        a: scipy csc (k, n).
        b: float64 (k,).
        n_equal, n_at_most: how many rows come first with s = 0, and next with s >= 0.
        cone_sizes: of the second-order cones that the other rows are for.
        dual_row, dual_place, dual_weight: the dual of row `dual_row` of the model is the sum of the multipliers at
            `dual_place`, each times its weight.
        cost_column, cost_place, cost_weight: the same for reduced costs.
    """

    p: Any
    q: FloatArray
    a: Any
    b: FloatArray
    n_equal: int
    n_at_most: int
    cone_sizes: tuple[int, ...]
    dual_row: IntArray
    dual_place: IntArray
    dual_weight: FloatArray
    cost_column: IntArray
    cost_place: IntArray
    cost_weight: FloatArray

    def scaled(self, size: float) -> ConicProgram:
        """Return the program in x / size and with the objective divided by `size`; multipliers stay as they are."""
        return replace(self, p=self.p * size, b=self.b / size)

    def proves_infeasible(self, z: FloatArray, lower: FloatArray, upper: FloatArray) -> bool:
        """Whether multipliers exclude every point within the bounds of the columns, residuals included.

        For a feasible x, z'Ax <= z'b (Boyd and Vandenberghe, Convex Optimization, section 5.8). Columns without a
        bound are thought to stay within a million times the largest side of a row.
        """
        others = np.ones(len(self.b), bool)
        others[self.cost_place] = False
        reach = _REACH * max(1.0, float(np.abs(self.b[others]).max(initial=0.0)))
        residual = self.a.T @ z
        least = np.where(residual > 0.0, residual * np.maximum(lower, -reach), residual * np.minimum(upper, reach))
        return bool(least.sum() > self.b @ z)

    def proves_unbounded(self, x: FloatArray) -> FloatArray | None:
        """Return a direction along which the objective improves and nothing is violated; `None` where x is none.

        Entries that may be zero are set to zero. What is then violated, relative to the largest term of each row, is
        not the rounding of an interior-point method but a limit far away.
        """
        largest = np.abs(x).max(initial=0.0)
        if not np.isfinite(largest) or largest == 0.0:
            return None
        direction = np.where(np.abs(x) > _VANISHING * largest, x / largest, 0.0)
        slack, size = _product(self.a, direction)
        slack = -slack
        first, second = self.n_equal, self.n_equal + self.n_at_most
        amount = np.concatenate((np.abs(slack[:first]), np.maximum(-slack[first:second], 0.0)))
        if np.any(amount > _RELATIVE * size[:second]):
            return None
        starts = np.cumsum([0, *self.cone_sizes])[:-1]
        if len(starts):
            squares = slack[second:] ** 2
            heads = slack[second:][starts]
            squares[starts] = 0.0
            norms = np.sqrt(np.add.reduceat(squares, starts))
            if np.any(norms - heads > _RELATIVE * norms):
                return None
        curved, size = _product(self.p + self.p.T, direction)
        gain, worth = -float(self.q @ direction), float(np.abs(self.q * direction).max())
        is_ray = gain > _RELATIVE * worth and not np.any(np.abs(curved) > _RELATIVE * size)
        return direction if is_ray else None


def _product(matrix: Any, x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return a matrix times x, and the size of the largest term of each row."""
    entries = matrix.tocoo()
    largest = np.zeros(matrix.shape[0])
    np.maximum.at(largest, entries.row, np.abs(entries.data * x[entries.col]))
    return np.asarray(matrix @ x, np.float64), largest


def conic(model: Model) -> ConicProgram:
    """Write a convex model with continuous columns as a conic program.

    Rows are divided by their largest coefficient. A convex quadratic row `|Fx|^2 <= t` with `t = side - a'x` is the
    cone `|(2 sqrt(w) Fx, t - w)| <= t + w` for any w > 0 (Lobo, Vandenberghe, Boyd and Lebret, Applications of
    second-order cone programming, section 2.3); w is the size of the side.

    Raises:
        NotConvexError: a quadratic row is not convex.
    """
    blocks = _Blocks(model)
    sign = 1.0 if model.sense is Sense.MINIMIZE else -1.0
    return blocks.program(sign)


class _Blocks:
    """The rows of a conic program, kind by kind."""

    def __init__(self, model: Model) -> None:
        from scipy import sparse

        self.sparse = sparse
        self.model = model
        self.rows = sparse.csr_matrix(
            (model.row_values, model.row_columns, model.row_starts), shape=(model.n_rows, model.n_columns)
        )
        self.eye = sparse.identity(model.n_columns, format="csr")
        self.norms = norm_rows(model)
        self.matrices: list[Any] = []
        self.sides: list[FloatArray] = []
        self.count = 0
        self.duals: list[tuple[IntArray, IntArray, FloatArray]] = []
        self.costs: list[tuple[IntArray, IntArray, FloatArray]] = []
        largest = abs(self.rows).max(axis=1).toarray().ravel() if self.rows.nnz else np.zeros(model.n_rows)
        self.scale = np.where(largest > 0.0, largest, 1.0)

    def program(self, sign: float) -> ConicProgram:
        model = self.model
        self.add_equalities()
        n_equal = self.count
        self.add_inequalities()
        heads_only = self.add_small_cones()
        n_at_most = self.count - n_equal
        sizes = [*self.add_cones(~heads_only), *self.add_norms()]
        dual_row, dual_place, dual_weight = _joined(self.duals)
        cost_column, cost_place, cost_weight = _joined(self.costs)
        return ConicProgram(
            p=self.hessian(sign), q=sign * model.objective,
            a=self.sparse.vstack(self.matrices, format="csc"), b=np.concatenate(self.sides),
            n_equal=n_equal, n_at_most=n_at_most, cone_sizes=tuple(sizes),
            dual_row=dual_row, dual_place=dual_place, dual_weight=sign * dual_weight,
            cost_column=cost_column, cost_place=cost_place, cost_weight=sign * cost_weight,
        )  # fmt: skip

    def hessian(self, sign: float) -> Any:
        """Return the upper triangle of P: the compressed columns of the lower one, read as rows."""
        n = self.model.n_columns
        if self.model.quadratic_objective is None:
            return self.sparse.csc_matrix((n, n))
        starts, rows, values = lower_triangle(self.model.quadratic_objective, n)
        starts = np.append(starts, len(rows))
        return self.sparse.csr_matrix((sign * values, rows, starts), shape=(n, n)).tocsc()

    def add(self, matrix: Any, side: FloatArray) -> IntArray:
        """Add rows, and return their places."""
        self.matrices.append(matrix)
        self.sides.append(side)
        places = np.arange(self.count, self.count + len(side))
        self.count += len(side)
        return places

    def add_equalities(self) -> None:
        model = self.model
        equal = np.flatnonzero(model.row_lower == model.row_upper)
        self.add_rows(equal, 1.0, model.row_upper[equal])
        fixed = np.flatnonzero(model.column_lower == model.column_upper)
        self.add_bounds(fixed, 1.0, model.column_upper[fixed])

    def add_inequalities(self) -> None:
        """Add each finite side of rows and columns as `<=`, a lower one with its sign turned."""
        model = self.model
        linear = np.ones(model.n_rows, bool)
        linear[self.norms.row] = False
        linear &= model.row_lower != model.row_upper
        free = model.column_lower != model.column_upper
        for sign, row_side, column_side in (
            (1.0, model.row_upper, model.column_upper),
            (-1.0, model.row_lower, model.column_lower),
        ):
            rows = np.flatnonzero(linear & np.isfinite(row_side))
            self.add_rows(rows, sign, row_side[rows])
            columns = np.flatnonzero(free & np.isfinite(column_side))
            self.add_bounds(columns, sign, column_side[columns])

    def add_rows(self, rows: IntArray, sign: float, side: FloatArray) -> None:
        scale = sign / self.scale[rows]
        places = self.add(self.sparse.diags(scale) @ self.rows[rows], scale * side)
        # A multiplier says by how much the minimum falls when b rises.
        self.duals.append((rows, places, -scale))

    def add_bounds(self, columns: IntArray, sign: float, side: FloatArray) -> None:
        places = self.add(sign * self.eye[columns], sign * side)
        self.costs.append((columns, places, np.full(len(columns), -sign)))

    def add_small_cones(self) -> Any:
        """Add cones of one column, which is at least 0, and return which cones those are."""
        cones = self.model.cones
        if cones is None:
            return np.empty(0, bool)
        alone = np.diff(cones.starts) == 1
        heads = cones.columns[cones.starts[:-1][alone]]
        self.add(-self.eye[heads], np.zeros(len(heads)))
        return alone

    def add_cones(self, chosen: Any) -> list[int]:
        cones = self.model.cones
        if cones is None:
            return []
        sizes = np.diff(cones.starts)
        columns = cones.columns[np.repeat(chosen, sizes)]
        self.add(-self.eye[columns], np.zeros(len(columns)))
        return [int(size) for size in sizes[chosen]]

    def add_norms(self) -> list[int]:
        """Add the quadratic rows, for each `t + w`, `t - w` and the factors."""
        norms, model = self.norms, self.model
        q, f = len(norms.row), len(norms.owner)
        factors = self.sparse.csr_matrix(
            (norms.entry_value, (norms.entry_factor, norms.entry_column)), shape=(f, model.n_columns)
        )
        scale = self.scale[norms.row]
        np.maximum.at(scale, norms.owner[norms.entry_factor], norms.entry_value**2)
        side = np.where(norms.sign > 0, model.row_upper[norms.row], model.row_lower[norms.row]) * norms.sign / scale
        linear = self.sparse.diags(norms.sign / scale) @ self.rows[norms.row]
        weight = np.where(side == 0.0, 1.0, np.abs(side))
        stretch = -2.0 * np.sqrt(weight / scale)[norms.owner]
        order = np.argsort(np.concatenate((np.arange(q), np.arange(q), norms.owner)), kind="stable")
        matrix = self.sparse.vstack((linear, linear, self.sparse.diags(stretch) @ factors), format="csr")
        sides = np.concatenate((side + weight, side - weight, np.zeros(f)))
        places = self.add(matrix[order], sides[order])
        place = np.empty(2 * q + f, np.int64)
        place[order] = places
        for begin in (0, q):
            self.duals.append((norms.row, place[begin : begin + q], -norms.sign / scale))
        return [int(size) for size in 2 + np.bincount(norms.owner, minlength=q)]


def _joined(parts: list[tuple[IntArray, IntArray, FloatArray]]) -> tuple[IntArray, IntArray, FloatArray]:
    first, second, third = zip(*parts, strict=True)
    return np.concatenate(first), np.concatenate(second), np.concatenate(third)
