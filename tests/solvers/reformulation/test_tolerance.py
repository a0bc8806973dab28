"""Big constants, and solvers that take a number near 0 for 0."""

from dataclasses import replace

import numpy as np
import pytest

from solvers import IndicatorRows, Model, check_point, choose, solve
from solvers.options import SolveOptions
from tests.solvers.cases import BINARY, CONTINUOUS, INF, MAX, build_model

TEMPTING = (3, 4, 9)
"""Draws in which HiGHS, with its usual tolerance, leaves the binary columns by a hair to keep rows switched off."""


def tempting_model(seed: int) -> Model:
    """Return a model that gains by conditions whose rows it can hardly satisfy, with constants near 1e6."""
    generator, n, k = np.random.default_rng(seed), 4, 4
    value = generator.integers(0, 2, k)
    rows = []
    for _ in range(k):
        coefficients = generator.uniform(0.5, 2, n) * (generator.random(n) < 0.6)
        rows.append((-INF, [*coefficients, *np.zeros(k)], float(generator.choice([0, 0.01]))))
    for _ in range(2):
        coefficients = generator.uniform(0, 1, n)
        rows.append((0.02 * generator.random(), [*coefficients, *np.zeros(k)], INF))
    gains = np.where(value == 1, 1, -1)
    objective = [*(-0.01 * generator.random(n)), *(gains * generator.uniform(1, 3, k))]
    model = build_model(MAX, objective, rows, upper=[2e5] * n + [1] * k, kinds=[CONTINUOUS] * n + [BINARY] * k)
    listed = IndicatorRows(row=np.arange(k), column=np.arange(n, n + k), value=value.astype(np.uint8))
    return replace(model, indicators=listed)


@pytest.mark.parametrize("seed", TEMPTING)
def test_a_row_that_slipped_through_is_held_by_a_second_solve(seed: int) -> None:
    model = tempting_model(seed)
    choice = choose(model, "highs")
    loose = choice.back_end.solve(choice.model, options=SolveOptions(), on_event=None, cancel=None)
    assert loose.values is None or not check_point(model, loose.values[: model.n_columns]).accepted
    solution = solve(model, solver="highs")
    assert solution.is_optimal
    assert solution.values is not None
    assert check_point(model, solution.values).accepted
    assert solution.bound == pytest.approx(solution.objective)
    assert solution.objective == pytest.approx(best_of_all_choices(model), abs=1e-6)


def best_of_all_choices(model: Model) -> float:
    """Return the optimum by solving a linear model for each choice of the binary columns."""
    listed, best = model.indicators, -INF
    assert listed is not None
    for choice in np.ndindex(*[2] * len(listed.row)):
        fixed = np.array([0.0, 0.0, 0.0, 0.0, *choice])
        demanded = listed.demanded(fixed, model.n_rows)
        at = np.where(np.arange(8) < 4, 0.0, fixed)
        linear = replace(
            model,
            indicators=None,
            column_kind=np.zeros(8, np.uint8),
            column_lower=np.where(np.arange(8) < 4, model.column_lower, at),
            column_upper=np.where(np.arange(8) < 4, model.column_upper, at),
            row_upper=np.where(demanded, model.row_upper, INF),
        )
        found = solve(linear)
        best = max(best, -INF if found.objective is None else found.objective)
    return best
