"""Standard models whose answers are known, for every back end that takes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from solvers import Kind, Model, QuadraticTerms, Sense, Termination

INF = np.inf
MIN, MAX = Sense.MINIMIZE, Sense.MAXIMIZE
CONTINUOUS, INTEGER, BINARY = Kind.CONTINUOUS, Kind.INTEGER, Kind.BINARY

Row = tuple[float, Sequence[float], float]
"""Lower side, one coefficient for each column, upper side."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """A model with its answer; `None` where there is none, or it is not unique."""

    model: Model
    termination: Termination = Termination.OPTIMAL
    objective: float | None = None
    values: Sequence[float] | None = None
    row_dual: Sequence[float] | None = None
    reduced_cost: Sequence[float] | None = None


def build_model(
    sense: Sense,
    objective: Sequence[float],
    rows: Sequence[Row] = (),
    *,
    lower: float | Sequence[float] = 0.0,
    upper: float | Sequence[float] = INF,
    kinds: int | Sequence[int] = CONTINUOUS,
    constant: float = 0.0,
    products: Sequence[tuple[int, int, float]] = (),
) -> Model:
    """Build a model from dense rows; zeros are left out, bounds and kinds may hold for all columns."""
    n = len(objective)
    dense = np.array([coefficients for _, coefficients, _ in rows], np.float64).reshape(len(rows), n)
    row, column = np.nonzero(dense)
    first, second, coefficient = zip(*products, strict=True) if products else ((), (), ())
    return Model(
        sense=sense,
        column_lower=np.full(n, lower, np.float64),
        column_upper=np.full(n, upper, np.float64),
        column_kind=np.full(n, kinds, np.uint8),
        objective=np.array(objective, np.float64),
        objective_constant=constant,
        row_starts=np.searchsorted(row, np.arange(len(rows) + 1)),
        row_columns=column,
        row_values=dense[row, column],
        row_lower=np.array([lower for lower, _, _ in rows], np.float64),
        row_upper=np.array([upper for _, _, upper in rows], np.float64),
        quadratic_objective=QuadraticTerms(
            first=np.array(first, np.int64), second=np.array(second, np.int64), coefficient=np.array(coefficient)
        )
        if products
        else None,
    )


def market_split(*, exact: bool) -> Model:
    """Halve the demand of five products among forty customers: hours of work for any branch and bound.

    Cornuejols and Dawande, A class of hard small 0-1 programs, IPCO 1998. Exactly, it is not known whether a point
    exists; otherwise any choice is a point, whose deviations are to be small.
    """
    products, customers = 5, 40
    demand = np.random.default_rng(1).integers(0, 100, (products, customers)).astype(float)
    half = demand.sum(axis=1) // 2
    if exact:
        rows = [(h, d, h) for h, d in zip(half, demand, strict=True)]
        return build_model(MIN, [0.0] * customers, rows, kinds=BINARY, upper=1.0)
    deviation = np.eye(products)
    blocks = np.hstack([demand, deviation, -deviation])
    return build_model(
        MIN,
        [0.0] * customers + [1.0] * 2 * products,
        [(h, block, h) for h, block in zip(half, blocks, strict=True)],
        upper=[1.0] * customers + [INF] * 2 * products,
        kinds=[BINARY] * customers + [CONTINUOUS] * 2 * products,
    )


def fixed_charge(big: float) -> Model:
    """Ship 30 units by one of two ways, each with a price for its use: 5 + 0.1 a unit, or 7; the first is dearer.

    `amount <= big * used` with a large constant lets a solver use a millionth of a way.
    """
    return build_model(
        MIN,
        [0.1, 0.0, 5.0, 7.0],
        [(30, [1, 1, 0, 0], 30), (-INF, [1, 0, -big, 0], 0), (-INF, [0, 1, 0, -big], 0)],
        upper=[INF, INF, 1, 1],
        kinds=[CONTINUOUS, CONTINUOUS, BINARY, BINARY],
    )


def side_by_side(left: Model, right: Model) -> Model:
    """Put two linear models next to each other: their columns, rows and objectives add up."""
    joined = {
        name: np.concatenate([getattr(left, name), getattr(right, name)])
        for name in ("column_lower", "column_upper", "column_kind", "objective", "row_values", "row_lower", "row_upper")
    }
    return Model(
        sense=left.sense,
        row_starts=np.concatenate([left.row_starts, left.row_starts[-1] + right.row_starts[1:]]),
        row_columns=np.concatenate([left.row_columns, left.n_columns + right.row_columns]),
        **joined,
    )


WORKSHOP_ROWS: list[Row] = [(-INF, [1, 1], 5), (-INF, [1, 3], 6)]
DIVERGING_ROWS: list[Row] = [(-INF, [1, -1], 1)]
CONFLICTING_ROWS: list[Row] = [(3, [1, 0], INF), (-INF, [1, 0], 2)]

SOLVED = {
    "lp_max": Case(
        model=build_model(MAX, [3, 2], WORKSHOP_ROWS, upper=[3, INF]),
        objective=11, values=[3, 1], row_dual=[0, 2 / 3], reduced_cost=[7 / 3, 0],
    ),
    "lp_min": Case(
        model=build_model(MIN, [2, 3], [(4, [1, 1], INF), (6, [1, 3], INF)]),
        objective=9, values=[3, 1], row_dual=[1.5, 0.5], reduced_cost=[0, 0],
    ),
    "lp_min_at_upper_side": Case(
        model=build_model(MIN, [-3, -2], WORKSHOP_ROWS, upper=[3, INF]),
        objective=-11, values=[3, 1], row_dual=[0, -2 / 3], reduced_cost=[-7 / 3, 0],
    ),
    "equality": Case(
        model=build_model(MAX, [1, 1], [(4, [1, 2], 4)], lower=[-INF, 1]),
        objective=3, values=[2, 1], row_dual=[1], reduced_cost=[0, -1],
    ),
    "free_column": Case(
        model=build_model(MIN, [1, 2], [(-3, [1, 1], INF)], lower=[-INF, 0]),
        objective=-3, values=[-3, 0], row_dual=[1], reduced_cost=[0, 1],
    ),
    "ranged_rows_at_upper_side": Case(
        model=build_model(MAX, [1, 1], [(1, [1, 2], 4), (-1, [1, -1], 1)]),
        objective=3, values=[2, 1], row_dual=[2 / 3, 1 / 3], reduced_cost=[0, 0],
    ),
    "ranged_rows_at_lower_side": Case(
        model=build_model(MIN, [1, 1], [(1, [1, 2], 4), (-1, [1, -1], 1)]),
        objective=0.5, values=[0, 0.5], row_dual=[0.5, 0], reduced_cost=[0.5, 0],
    ),
    "objective_of_zero": Case(
        model=build_model(MIN, [0, 0], [(2, [1, 1], 2), (0, [1, -1], 0)]),
        objective=0, values=[1, 1], row_dual=[0, 0], reduced_cost=[0, 0],
    ),
    "objective_constant": Case(
        model=build_model(MAX, [-1], lower=2, constant=10), objective=8, values=[2], row_dual=[], reduced_cost=[-1]
    ),
    "no_rows": Case(
        model=build_model(MIN, [1, -2], lower=[-1, 0], upper=[INF, 4]),
        objective=-9, values=[-1, 4], row_dual=[], reduced_cost=[1, -2],
    ),
    "no_columns": Case(model=build_model(MIN, [], [(-1, [], 1)], constant=7), objective=7, values=[]),
    "nothing_at_all": Case(model=build_model(MAX, []), objective=0, values=[]),
    "integer": Case(
        model=build_model(MAX, [5, 4], [(-INF, [6, 4], 24), (-INF, [1, 2], 6)], kinds=INTEGER),
        objective=20, values=[4, 0],
    ),
    "integer_with_fractional_bounds": Case(
        model=build_model(
            MAX, [-4, -4], [(-12, [0, -4], 8)], lower=[0, 1.5], upper=[2, 10.5], kinds=[0, 1], constant=4
        ),
        objective=-4, values=[0, 2],
    ),
    "mixed_integer_with_constant": Case(
        model=build_model(MIN, [1, 1], [(2.5, [1, 1], INF)], upper=[INF, 0.25], kinds=[1, 0], constant=1),
        objective=4, values=[3, 0],
    ),
    "binary": Case(
        model=build_model(MAX, [6, 10, 12], [(-INF, [1, 2, 3], 5)], kinds=BINARY, upper=1),
        objective=22, values=[0, 1, 1],
    ),
    "integer_objective_of_zero": Case(
        model=build_model(MAX, [0, 0], [(7, [2, 3], 7), (1, [1, -1], INF)], kinds=INTEGER), objective=0, values=[2, 1]
    ),
    "large_constant_1e4": Case(model=fixed_charge(1e4), objective=7, values=[0, 30, 0, 1]),
    "large_constant_1e8": Case(model=fixed_charge(1e8), objective=7, values=[0, 30, 0, 1]),
    "large_constant_1e9": Case(model=fixed_charge(1e9), objective=7, values=[0, 30, 0, 1]),
    "small_coefficients": Case(
        model=build_model(MIN, [1], [(1, [1e-10], INF)], upper=1e12),
        objective=1e10, values=[1e10], row_dual=[1e10], reduced_cost=[0],
    ),
    "large_bound": Case(
        model=build_model(MAX, [1], upper=1e21), objective=1e21, values=[1e21], row_dual=[], reduced_cost=[1]
    ),
    "quadratic_min": Case(
        model=build_model(MIN, [0, 0], [(2, [1, 1], INF)], products=[(0, 0, 1), (1, 1, 1)]),
        objective=2, values=[1, 1], row_dual=[2], reduced_cost=[0, 0],
    ),
    "quadratic_min_with_product": Case(
        model=build_model(MIN, [0, -3], lower=-INF, products=[(0, 0, 1), (1, 0, 1), (1, 1, 1)], constant=1),
        objective=-2, values=[-1, 2], row_dual=[], reduced_cost=[0, 0],
    ),
    "quadratic_max": Case(
        model=build_model(MAX, [4, 4], [(-INF, [1, 1], 2)], products=[(0, 0, -1), (1, 1, -1)]),
        objective=6, values=[1, 1], row_dual=[2], reduced_cost=[0, 0],
    ),
    "quadratic_max_at_bound": Case(
        model=build_model(MAX, [4], upper=1, products=[(0, 0, -1)]),
        objective=3, values=[1], row_dual=[], reduced_cost=[2],
    ),
    "quadratic_within_a_box": Case(
        model=build_model(
            MIN, [-1, 3, -2, 0], lower=[1, -3, 0, -4], upper=[5, 1, 2, -2],
            products=[
                (0, 0, 1), (0, 1, 4), (0, 2, 4), (0, 3, 2), (1, 1, 16), (1, 2, 28), (2, 2, 13), (2, 3, -2), (3, 3, 6)
            ],
        ),
        objective=683 / 48, values=[43 / 12, -13 / 24, 0, -2], row_dual=[], reduced_cost=[0, 0, 7 / 6, -101 / 6],
    ),
    "quadratic_terms_that_repeat": Case(
        model=build_model(MIN, [-4], products=[(0, 0, 0.5), (0, 0, 0.5)]),
        objective=-4, values=[2], row_dual=[], reduced_cost=[0],
    ),
}  # fmt: skip
"""Models with one optimum; duals and reduced costs where they are unique."""

HOPELESS = {
    "infeasible": (Termination.INFEASIBLE, build_model(MIN, [1, 1], CONFLICTING_ROWS)),
    "infeasible_without_columns": (Termination.INFEASIBLE, build_model(MIN, [], [(1, [], 2)])),
    "infeasible_integer": (Termination.INFEASIBLE, build_model(MIN, [1], [(1, [2], 1)], upper=5, kinds=INTEGER)),
    "infeasible_quadratic": (
        Termination.INFEASIBLE,
        build_model(MIN, [1, 1], CONFLICTING_ROWS, products=[(1, 1, 1)]),
    ),
    "infeasible_and_relaxation_unbounded": (
        Termination.INFEASIBLE,
        build_model(MAX, [1, 1], [(1, [2, -2], 1)], lower=-INF, kinds=INTEGER),
    ),
    "infeasible_and_objective_unbounded": (Termination.INFEASIBLE, build_model(MAX, [1, 1], CONFLICTING_ROWS)),
    "crossing_column_bounds": (Termination.INFEASIBLE, build_model(MIN, [1], lower=2, upper=1)),
    "crossing_row_sides": (Termination.INFEASIBLE, build_model(MIN, [1], [(2, [1], 1)])),
    "row_that_asks_for_infinity": (Termination.INFEASIBLE, build_model(MIN, [1], [(INF, [1], INF)])),
    "unbounded_max": (Termination.UNBOUNDED, build_model(MAX, [1, 1], DIVERGING_ROWS)),
    "unbounded_min": (Termination.UNBOUNDED, build_model(MIN, [-1, 0], DIVERGING_ROWS)),
    "unbounded_without_rows": (Termination.UNBOUNDED, build_model(MAX, [0, 1])),
    "unbounded_integer": (Termination.UNBOUNDED, build_model(MAX, [1, 1], DIVERGING_ROWS, kinds=INTEGER)),
    "unbounded_quadratic": (Termination.UNBOUNDED, build_model(MIN, [-1, 0], products=[(1, 1, 1)])),
}
"""Models without an optimum, each with the reason."""
