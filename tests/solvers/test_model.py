from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from solvers import Model, ModelError, QuadraticRows, QuadraticTerms
from tests.solvers.cases import BINARY, HOPELESS, INF, INTEGER, MAX, MIN, SOLVED, build_model

MODEL = build_model(
    MAX, [3, 2], [(-INF, [1, 1], 4), (0, [1, 3], 6)], upper=[1, INF], kinds=[BINARY, INTEGER], constant=7
)


@pytest.mark.parametrize(
    "model", [*(case.model for case in SOLVED.values()), *(model for _, model in HOPELESS.values())]
)
def test_the_standard_models_are_valid(model: Model) -> None:
    model.validate()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"column_lower": np.zeros((2, 1))}, r"column_lower has the shape \(2, 1\), not \(2,\)"),
        ({"column_upper": np.ones(3)}, r"column_upper has the shape \(3,\), not \(2,\)"),
        ({"column_kind": np.zeros(1, np.uint8)}, "column_kind has the shape"),
        ({"objective": np.ones(1)}, "objective has the shape"),
        ({"row_upper": np.ones(1)}, "row_upper has the shape"),
        ({"row_values": np.ones(3)}, "row_values has the shape"),
        ({"row_columns": np.zeros((4, 1), int)}, "row_columns has the shape"),
        ({"row_starts": np.array([0, 4])}, "row_starts has the shape"),
        ({"row_starts": np.array([0, 2, 3])}, "ascend from 0 to the number of entries, 4"),
        ({"row_starts": np.array([1, 2, 4])}, "ascend from 0"),
        ({"row_starts": np.array([0, 5, 4])}, "ascend from 0"),
        ({"row_columns": np.array([0, 1, 0, 2])}, "row_columns names a column outside 0 to 1"),
        ({"row_columns": np.array([0, 1, -1, 1])}, "row_columns names a column outside 0 to 1"),
        ({"row_columns": np.array([1, 1, 0, 1])}, "row_columns names a column twice in one row"),
        ({"column_lower": np.array([np.nan, 0])}, "column_lower holds a not-a-number"),
        ({"row_upper": np.array([np.nan, 0])}, "row_upper holds a not-a-number"),
        ({"objective": np.array([INF, 0])}, "objective holds a number that is not finite"),
        ({"row_values": np.array([1, 1, np.nan, 1])}, "row_values holds a number that is not finite"),
        ({"objective_constant": np.nan}, "objective_constant holds a number that is not finite"),
        ({"column_lower": np.array([0, INF])}, "the lower bound inf"),
        ({"column_upper": np.array([1, -INF])}, "the upper bound -inf"),
        ({"column_kind": np.array([0, 3])}, "not a Kind"),
        ({"column_kind": np.array([0, -1])}, "not a Kind"),
        ({"column_upper": np.array([2.0, INF])}, "a binary column has bounds outside 0 to 1"),
        ({"column_lower": np.array([-1.0, 0])}, "a binary column has bounds outside 0 to 1"),
    ],
)  # fmt: skip
def test_arrays_that_do_not_fit_are_named(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        replace(MODEL, **change).validate()


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        (([0], [2], [1.0]), "quadratic_objective.second names a column outside 0 to 1"),
        (([-1], [1], [1.0]), "quadratic_objective.first names a column outside 0 to 1"),
        (([0], [1, 1], [1.0, 1.0]), r"quadratic_objective.first has the shape \(1,\), not \(2,\)"),
        (([0], [1], [np.nan]), "quadratic_objective.coefficient holds a number that is not finite"),
    ],
)
def test_quadratic_terms_that_do_not_fit_are_named(
    terms: tuple[list[int], list[int], list[float]], message: str
) -> None:
    first, second, coefficient = (np.array(part) for part in terms)
    quadratic = QuadraticTerms(first=first, second=second, coefficient=coefficient)
    with pytest.raises(ModelError, match=message):
        replace(MODEL, quadratic_objective=quadratic).validate()


def test_a_quadratic_row_that_is_not_there_is_named() -> None:
    one = np.array([1])
    quadratic = QuadraticRows(row=np.array([2]), first=one, second=one, coefficient=np.array([1.0]))
    with pytest.raises(ModelError, match=r"quadratic_rows.row names a row outside 0 to 1"):
        replace(MODEL, quadratic_rows=quadratic).validate()


def test_entries_may_come_in_any_order_within_a_row() -> None:
    replace(MODEL, row_columns=np.array([1, 0, 1, 0])).validate()


def test_names_are_made_on_demand() -> None:
    assert MODEL.name_of_column(1) == "x1"
    assert MODEL.name_of_row(0) == "r0"
    named = replace(MODEL, column_name="make[{}]".format, row_name="labour[{}]".format)
    assert named.name_of_column(1) == "make[1]"
    assert named.name_of_row(0) == "labour[0]"


def test_activity_and_objective_are_those_of_the_algebra() -> None:
    one, two = np.array([1]), np.array([2.0])
    model = replace(
        MODEL,
        quadratic_objective=QuadraticTerms(first=np.array([0]), second=one, coefficient=two),
        quadratic_rows=QuadraticRows(row=one, first=one, second=one, coefficient=two),
    )
    point = np.array([1.0, 3.0])
    assert MODEL.objective_value(point) == 3 + 6 + 7
    assert model.objective_value(point) == 3 + 6 + 7 + 2 * 3
    assert MODEL.activity(point).tolist() == [4, 10]
    assert model.activity(point).tolist() == [4, 10 + 2 * 9]


def test_a_row_without_entries_has_the_activity_zero() -> None:
    assert build_model(MIN, [1, 1], [(0, [0, 0], 0), (0, [1, 0], 0)]).activity(np.ones(2)).tolist() == [0, 1]
