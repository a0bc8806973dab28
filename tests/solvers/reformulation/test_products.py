from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvers import Model, QuadraticRows, UnsupportedModelError, choose, solve
from solvers.reformulation.products import without_products
from tests.solvers.cases import BINARY, CONTINUOUS, INF, INTEGER, MAX, MIN, build_model
from tests.solvers.reformulation.enumeration import assert_agrees

Term = tuple[int, int, int, float]


def with_row_terms(model: Model, terms: list[Term]) -> Model:
    if not terms:
        return model
    row, first, second, coefficient = zip(*terms, strict=True)
    arrays = {"row": np.array(row), "first": np.array(first), "second": np.array(second)}
    return replace(model, quadratic_rows=QuadraticRows(**arrays, coefficient=np.array(coefficient)))


@st.composite
def models_with_products(draw: st.DrawFn) -> Model:
    number, n = st.integers(-3, 3).map(float), 4
    column = st.integers(0, n - 1)
    rows = []
    for _ in range(2):
        side = draw(number)
        lower, upper = draw(st.sampled_from([(side, INF), (-INF, side), (side, side + 2)]))
        rows.append((lower, draw(st.lists(number, min_size=n, max_size=n)), upper))
    model = build_model(
        draw(st.sampled_from([MIN, MAX])), draw(st.lists(number, min_size=n, max_size=n)), rows,
        lower=[0, 0, draw(st.sampled_from([-2.0, 0.0, 1.0])), -1], upper=[1, 1, 3, 2],
        kinds=[BINARY, BINARY, INTEGER, INTEGER],
        products=draw(st.lists(st.tuples(column, column, number), min_size=1, max_size=4)),
    )  # fmt: skip
    return with_row_terms(model, draw(st.lists(st.tuples(st.integers(0, 1), column, column, number), max_size=4)))


@settings(max_examples=50, deadline=None)
@given(models_with_products())
def test_agrees_with_enumeration(model: Model) -> None:
    assert_agrees(model)


def test_a_pair_is_one_column_wherever_it_occurs() -> None:
    model = build_model(
        MAX, [0, 0], [(-INF, [0, 0], 6)], upper=[1, 10], kinds=[BINARY, CONTINUOUS], products=[(0, 1, 2), (1, 0, 1)]
    )
    rewritten = without_products(with_row_terms(model, [(0, 1, 0, 3.0)]))
    assert rewritten.n_columns == 3
    assert rewritten.name_of_column(2) == "x0 * x1"
    assert rewritten.objective.tolist() == [0, 0, 3]
    assert rewritten.name_of_row(1) == "x0 * x1, at most 0 if off"
    assert solve(with_row_terms(model, [(0, 1, 0, 3.0)]), solver="highs").objective == pytest.approx(6)


def test_a_binary_column_squared_is_itself() -> None:
    model = build_model(MIN, [-3, 1], kinds=BINARY, upper=1, products=[(0, 0, 1), (1, 1, -2)])
    rewritten = without_products(model)
    assert rewritten.n_columns == 2
    assert rewritten.objective.tolist() == [-2, -1]
    assert rewritten.quadratic_objective is None


def test_a_whole_column_of_few_values_is_written_in_bits() -> None:
    model = build_model(MIN, [-7.2], lower=-10, upper=20, kinds=INTEGER, products=[(0, 0, 1)])
    solution = solve(model, solver="highs")
    assert solution.values is not None
    assert solution.values.tolist() == [4]
    assert "products with whole columns were written as linear rows" in solution.reason


def test_products_without_a_whole_factor_of_few_values_stay() -> None:
    model = build_model(MIN, [0, 0], upper=[1000, 1], kinds=[INTEGER, BINARY], products=[(0, 0, 1), (0, 1, 1)])
    assert without_products(model) is model
    with pytest.raises(
        UnsupportedModelError,
        match=r"^highs does not take integer columns together with quadratic terms\. CP-SAT takes it\.$",
    ):
        choose(model, "highs")


@pytest.mark.parametrize(("upper", "trouble"), [(INF, "x1 has no upper bound"), (1e8, "the upper bound of x1 is too")])
def test_a_factor_without_a_bound_is_refused_by_name(upper: float, trouble: str) -> None:
    model = build_model(MAX, [0, -1], upper=[1, upper], kinds=[BINARY, CONTINUOUS], products=[(0, 1, 1)])
    with pytest.raises(
        UnsupportedModelError, match=f"The product x0 \\* x1 cannot be written as linear rows: {trouble}"
    ):
        choose(model, "highs")
