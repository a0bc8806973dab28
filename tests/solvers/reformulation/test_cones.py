from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvers import Cones, Feature, Model, QuadraticRows, UnsupportedModelError, check_point, choose, features_of
from solvers.adaptation import adapted
from solvers.reformulation.cones import without_cones
from tests.solvers.cases import CONTINUOUS, MIN, build_model


def in_cones(model: Model, *cones: list[int]) -> Model:
    starts = np.cumsum([0, *(len(cone) for cone in cones)])
    return replace(model, cones=Cones(starts=starts, columns=np.concatenate(cones)))


def disc() -> Model:
    """Return three columns within a cone, with a quadratic row beside it, and one that is at least 0."""
    model = build_model(MIN, [1, 0, 0, 1], [(-1, [0, 1, 1, 0], 1)], lower=-4, upper=4)
    one = np.array([0])
    terms = QuadraticRows(row=one, first=one + 3, second=one + 3, coefficient=np.array([1.0]))
    return in_cones(replace(model, quadratic_rows=terms), [0, 1, 2], [3], [0, 3])


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(-4, 4).map(float), min_size=4, max_size=4))
def test_the_same_points_are_feasible(point: list[float]) -> None:
    values = np.array(point)
    assert check_point(without_cones(disc()), values).accepted == check_point(disc(), values).accepted


def test_a_cone_becomes_a_quadratic_row_with_a_name() -> None:
    rewritten = adapted(disc(), frozenset({Feature.CONTINUOUS, Feature.QUADRATIC_ROWS}))
    assert features_of(rewritten) == {Feature.CONTINUOUS, Feature.QUADRATIC_ROWS}
    assert [rewritten.name_of_row(row) for row in range(rewritten.n_rows)] == ["r0", "cone of x0", "cone of x0"]
    assert rewritten.column_lower.tolist() == [0, -4, -4, 0]
    assert rewritten.column_kind.tolist() == [CONTINUOUS] * 4


def test_a_solver_without_quadratic_rows_is_said_not_to_take_cones() -> None:
    model = in_cones(build_model(MIN, [1, 0], lower=-1), [0, 1])
    with pytest.raises(UnsupportedModelError, match=r"^highs does not take second-order cones\. Clarabel takes it\.$"):
        choose(model, "highs")
