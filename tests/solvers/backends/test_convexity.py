import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvers import Model, QuadraticRows
from solvers.backends.convexity import NotConvexError, norm_rows, why_not_convex
from tests.solvers.backends.test_clarabel import with_squares
from tests.solvers.cases import INF, MAX, MIN, build_model

PRODUCT = (0, 0, 1, 1.0)


def rows_of(forms: list[np.ndarray], signs: list[float], n: int) -> Model:
    """Build rows whose products are sign * |forms x|^2, below an upper side or above a lower one."""
    model = build_model(MIN, [0] * n, [(-INF, [0] * n, 1) if s > 0 else (1, [0] * n, INF) for s in signs])
    matrices = [sign * form.T @ form for sign, form in zip(signs, forms, strict=True)]
    terms = [(r, i, j, m[i, j]) for r, m in enumerate(matrices) for i in range(n) for j in range(n)]
    return with_squares(model, *terms)


@given(st.integers(0, 10**6))
@settings(max_examples=30, deadline=None)
def test_the_squares_of_the_factors_add_up_to_the_products(seed: int) -> None:
    random = np.random.default_rng(seed)
    n = 5
    forms = [random.integers(-2, 3, (random.integers(1, 4), n)).astype(float) for _ in range(4)]
    model = rows_of(forms, [1.0, -1.0, 1.0, 1.0], n)
    norms = norm_rows(model)
    x = random.normal(size=n)
    factors = np.bincount(
        norms.entry_factor, weights=norms.entry_value * x[norms.entry_column], minlength=len(norms.owner)
    )
    sums = np.bincount(norms.owner, weights=factors**2, minlength=len(norms.row))
    assert isinstance(model.quadratic_rows, QuadraticRows)
    assert norms.sign * sums == pytest.approx(model.activity(x)[norms.row], abs=1e-9)
    assert why_not_convex(model) is None


def test_a_row_that_bends_the_wrong_way_by_a_little_is_found() -> None:
    model = build_model(MIN, [0, 0], [(-INF, [0, 0], 1)])
    good = with_squares(model, (0, 0, 0, 1), (0, 0, 1, 2), (0, 1, 1, 1))
    assert len(norm_rows(good).owner) == 1
    bad = with_squares(model, (0, 0, 0, 1), (0, 0, 1, 2.001), (0, 1, 1, 1))
    with pytest.raises(NotConvexError, match="the row r0 has an upper side, but its products are not convex"):
        norm_rows(bad)


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (build_model(MAX, [0, 0], products=[(0, 1, 1)]), "can only maximize a quadratic objective that is concave"),
        (with_squares(build_model(MIN, [0, 0], [(1, [0, 0], 1)]), PRODUCT), "has a lower and an upper side"),
        (build_model(MIN, [0, 0], kinds=1, upper=3), "discrete choices"),
    ],
)
def test_what_keeps_a_model_from_being_convex_is_said(model: Model, reason: str) -> None:
    said = why_not_convex(model)
    assert said is not None
    assert reason in said
