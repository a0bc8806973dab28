import numpy as np
import pytest

from solvers import QuadraticTerms, Sense, SolversError, UnsupportedModelError, solve
from solvers.backends.hessian import MAX_DENSE_COLUMNS
from solvers.backends.highs_load import load, set_option
from tests.solvers.cases import INF, MAX, MIN, SOLVED, build_model


@pytest.mark.parametrize(
    ("sense", "coefficient", "shape"), [(MIN, -1.0, "minimize .* convex"), (MAX, 1.0, "maximize .* concave")]
)
def test_a_quadratic_objective_of_the_wrong_shape_is_refused(sense: Sense, coefficient: float, shape: str) -> None:
    model = build_model(sense, [0, 0], upper=1, products=[(0, 0, coefficient)])
    with pytest.raises(UnsupportedModelError, match=f"highs can only {shape}, and this one is not"):
        solve(model, solver="highs")


def test_a_quadratic_objective_that_cannot_be_judged_is_refused() -> None:
    columns = np.arange(MAX_DENSE_COLUMNS)
    model = build_model(MIN, [0] * (MAX_DENSE_COLUMNS + 1), products=[(i, i + 1, 1.0) for i in columns])
    with pytest.raises(UnsupportedModelError, match="too many products to tell"):
        solve(model, solver="highs")


@pytest.mark.parametrize("coefficient", [1e-12, -1e-13, 1e15, -1e20])
def test_a_coefficient_that_highs_would_drop_or_refuse_is_named(coefficient: float) -> None:
    model = build_model(MIN, [1, 1], [(0, [1, 1], 1), (0, [0, coefficient], INF)])
    with pytest.raises(UnsupportedModelError, match=rf"x1 has {coefficient:g} in the row r1".replace("+", r"\+")):
        solve(model, solver="highs")


def test_an_entry_of_zero_is_taken() -> None:
    model = SOLVED["lp_max"].model
    zeroed = build_model(MAX, [3, 2], [(-INF, [1, 1], 5), (-INF, [1, 3], 6)], upper=[3, INF])
    zeroed.row_values[0] = 0.0
    assert solve(zeroed).objective == solve(model).objective


def test_a_loaded_model_is_the_model() -> None:
    model = build_model(
        MAX, [1, 2], [(1, [3, 4], 5)], lower=[-INF, 0], upper=[INF, 6], constant=7, products=[(0, 0, -1)]
    )
    held = load(model).getModel()
    assert held.lp_.offset_ == 7
    assert list(held.lp_.col_cost_) == [1, 2]
    assert list(held.lp_.col_lower_) == [-INF, 0]
    assert list(held.lp_.col_upper_) == [INF, 6]
    assert (list(held.lp_.row_lower_), list(held.lp_.row_upper_)) == ([1], [5])
    assert list(held.lp_.a_matrix_.value_) == [3, 4]
    assert held.hessian_.value_[0] == -2


@pytest.mark.parametrize(("name", "value"), [("mip_rel_gap", -1.0), ("no_such_option", 1.0), ("presolve", "perhaps")])
def test_an_option_that_highs_does_not_take_is_an_error(name: str, value: float | str) -> None:
    highs = load(SOLVED["lp_max"].model)
    with pytest.raises(SolversError, match=f"for its option {name}"):
        set_option(highs, name, value)


def test_small_terms_of_a_quadratic_objective_are_kept() -> None:
    scale = 1e-11
    terms = [(0, 0, scale), (0, 0, 0.0)]
    model = build_model(MIN, [-2 * scale], upper=1e6, products=terms)
    assert isinstance(model.quadratic_objective, QuadraticTerms)
    assert list(load(model).getModel().hessian_.value_) == [2 * scale]
