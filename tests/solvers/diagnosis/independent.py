"""Random small models, and what SciPy says of them: whether demands can be met, and the least violation."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, eye_array, hstack

from solvers import Kind, Model
from solvers.diagnosis.members import Member, Part
from tests.solvers.cases import INF, MIN, Row, build_model

_WIDE = 10_000.0


def matrix(model: Model) -> csr_array:
    return csr_array((model.row_values, model.row_columns, model.row_starts), shape=(model.n_rows, model.n_columns))


def _side(array: NDArray[np.float64], part: Part, members: Collection[Member], absent: float) -> NDArray[np.float64]:
    return np.array([x if Member(part, place) in members else absent for place, x in enumerate(array)])


def can_be_met(model: Model, members: Collection[Member], *, fractional: bool = False) -> bool:
    """Whether demands can be met together, binary columns being between 0 and 1 in any case."""
    # Wide enough for small whole numbers; SciPy's solver fails on some models without bounds.
    lower = _side(model.column_lower, Part.COLUMN_LOWER, members, -_WIDE)
    upper = _side(model.column_upper, Part.COLUMN_UPPER, members, _WIDE)
    binary = model.column_kind == Kind.BINARY
    rows = LinearConstraint(
        matrix(model),
        _side(model.row_lower, Part.ROW_LOWER, members, -INF),
        _side(model.row_upper, Part.ROW_UPPER, members, INF),
    )
    result = milp(
        np.zeros(model.n_columns),
        constraints=rows if model.n_rows else (),
        bounds=Bounds(np.where(binary, np.maximum(lower, 0), lower), np.where(binary, np.minimum(upper, 1), upper)),
        integrality=np.zeros(model.n_columns) if fractional else model.column_kind > 0,
    )
    assert result.status in (0, 2), result.message
    return bool(result.status == 0)


def least_violation(model: Model) -> float | None:
    """Return the least total by which rows have to give way; `None` where that does not help."""
    m, n = model.n_rows, model.n_columns
    stretched = hstack([matrix(model), eye_array(m), -eye_array(m)])
    result = milp(
        np.concatenate([np.zeros(n), np.ones(2 * m)]),
        constraints=LinearConstraint(stretched, model.row_lower, model.row_upper),
        bounds=Bounds(
            np.append(model.column_lower, np.zeros(2 * m)), np.append(model.column_upper, np.full(2 * m, INF))
        ),
        integrality=np.append(model.column_kind > 0, np.zeros(2 * m)),
    )
    return float(result.fun) if result.status == 0 else None


_NUMBER = st.integers(-6, 6)
_KINDS = st.sampled_from([Kind.CONTINUOUS, Kind.INTEGER, Kind.BINARY])


@st.composite
def small_models(draw: st.DrawFn, *, integer: bool) -> Model:
    """Draw a model of up to 4 bounded columns and 6 rows, often infeasible."""
    n = draw(st.integers(1, 4))
    rows: list[Row] = []
    for _ in range(draw(st.integers(1, 6))):
        coefficients = draw(st.lists(st.integers(-3, 3), min_size=n, max_size=n))
        side = draw(_NUMBER)
        lower, upper = draw(st.sampled_from([(side, INF), (-INF, side), (side, side), (side, side + 1)]))
        rows.append((lower, coefficients, upper))
    kinds = draw(st.lists(_KINDS, min_size=n, max_size=n)) if integer else [Kind.CONTINUOUS] * n
    lower = [0 if kind is Kind.BINARY else draw(st.integers(-3, 1)) for kind in kinds]
    upper = [1 if kind is Kind.BINARY else draw(st.integers(1, 5)) for kind in kinds]
    return build_model(MIN, [0.0] * n, rows, lower=lower, upper=upper, kinds=kinds)
