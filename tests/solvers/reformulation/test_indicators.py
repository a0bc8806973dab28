from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvers import Feature, IndicatorRows, Model, UnsupportedModelError, choose, features_of, solve
from solvers.reformulation.indicators import without_indicators
from tests.solvers.cases import BINARY, CONTINUOUS, INF, INTEGER, MAX, MIN, build_model
from tests.solvers.reformulation.enumeration import assert_agrees


def conditional(model: Model, *listed: tuple[int, int, int]) -> Model:
    row, column, value = (np.array(side) for side in zip(*listed, strict=True))
    return replace(model, indicators=IndicatorRows(row=row, column=column, value=value.astype(np.uint8)))


@st.composite
def conditional_models(draw: st.DrawFn) -> Model:
    number, n, m = st.integers(-3, 3).map(float), draw(st.integers(1, 3)), draw(st.integers(1, 3))
    rows = []
    for _ in range(m):
        lower, width = draw(number), draw(st.sampled_from([0.0, 2.0, INF]))
        side = draw(st.sampled_from([(lower, lower + width), (-INF, lower), (lower, lower - 1), (INF, INF)]))
        rows.append((side[0], draw(st.lists(number, min_size=n + 2, max_size=n + 2)), side[1]))
    low = draw(st.lists(st.sampled_from([-2.0, 0.0]), min_size=n, max_size=n))
    model = build_model(
        draw(st.sampled_from([MIN, MAX])), draw(st.lists(number, min_size=n + 2, max_size=n + 2)), rows,
        lower=[*low, 0, 0], upper=[*(end + 3 for end in low), 1, 1], kinds=[*[INTEGER] * n, BINARY, BINARY],
    )  # fmt: skip
    place = st.tuples(st.integers(0, m - 1), st.integers(n, n + 1), st.integers(0, 1))
    return conditional(model, *draw(st.lists(place, min_size=1, max_size=4)))


@settings(max_examples=50, deadline=None)
@given(conditional_models())
def test_agrees_with_enumeration(model: Model) -> None:
    assert_agrees(model)


def test_the_constant_is_as_small_as_the_bounds_allow_and_each_side_has_its_own() -> None:
    model = build_model(
        MAX, [1, 1, 0], [(2, [1, 1, 0], 5), (-INF, [1, 0, 0], 6)], upper=[10, 4, 1], kinds=[0, 0, BINARY]
    )
    rewritten = without_indicators(conditional(model, (0, 2, 1)))
    assert [rewritten.name_of_row(row) for row in range(2, 4)] == ["r0, at most, if x2 = 1", "r0, at least, if x2 = 1"]
    # x0 is at most 6 by the other row, so the row goes up to 10, 5 beyond its side.
    assert rewritten.row_values[-6:].tolist() == pytest.approx([1, 1, 5, 1, 1, -2])
    assert rewritten.row_upper[2] == pytest.approx(10)
    assert rewritten.row_lower[3] == pytest.approx(0)
    assert rewritten.row_lower[0] == -INF
    assert features_of(rewritten) == {Feature.CONTINUOUS, Feature.INTEGER}


def test_the_reason_says_what_was_rewritten() -> None:
    model = build_model(MAX, [1, -1], [(-INF, [1, 0], 3)], upper=[10, 1], kinds=[CONTINUOUS, BINARY])
    solution = solve(conditional(model, (0, 1, 0)))
    assert solution.objective == pytest.approx(9)
    assert solution.reason == (
        "HiGHS takes linear, mixed-integer linear and convex quadratic models, after conditional rows were written as "
        "linear rows."
    )
    asked = solve(conditional(model, (0, 1, 0)), solver="highs")
    assert asked.reason == "HiGHS was asked for, after conditional rows were written as linear rows."


@pytest.mark.parametrize(
    ("upper", "trouble"),
    [
        (INF, "x0 has no upper bound. State one"),
        (1e7, "the upper bound of x0 is too far away. State a tighter one"),
    ],
)
def test_a_row_that_goes_too_far_is_refused_with_its_column(upper: float, trouble: str) -> None:
    model = build_model(MAX, [1, -1], [(-INF, [1, 0], 3)], upper=[upper, 1], kinds=[CONTINUOUS, BINARY])
    why = f"The row r0, which holds only under a condition, cannot be written as linear rows: {trouble}."
    with pytest.raises(UnsupportedModelError) as caught:
        choose(conditional(model, (0, 1, 1)), "highs")
    assert str(caught.value) == f"highs does not take rows that hold only under a condition. {why} SCIP takes it."


def test_a_condition_that_is_decided_needs_no_bounds() -> None:
    model = build_model(MAX, [1, 0, 0], [(-INF, [1, 0, 0], 3), (-INF, [1, 0, 0], 2)], kinds=[0, BINARY, BINARY],
                        lower=[0, 1, 1], upper=[INF, 1, 1])  # fmt: skip
    assert solve(conditional(model, (0, 1, 1), (1, 2, 0)), solver="highs").objective == pytest.approx(3)
