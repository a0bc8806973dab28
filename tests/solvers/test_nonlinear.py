from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from solvers import (
    Kind,
    Model,
    ModelError,
    NonlinearTerms,
    Operator,
    Sense,
    UnsupportedModelError,
    check_point,
    features_of,
    solve,
)

# Nodes: x0, x1, 3, exp(x0), x0 * x1 * exp(x0), x1 / x0, x0 ** 3, 1 + 2 * node 4 - node 5, log(x1)
OPERATORS = [
    Operator.COLUMN, Operator.COLUMN, Operator.CONSTANT, Operator.EXP, Operator.PRODUCT, Operator.QUOTIENT,
    Operator.POWER, Operator.SUM, Operator.LOG,
]  # fmt: skip
TERMS = NonlinearTerms(
    operator=np.array(OPERATORS, np.uint8),
    value=np.array([0, 0, 3.0, 0, 0, 0, 0, 1.0, 0]),
    column=np.array([0, 1, -1, -1, -1, -1, -1, -1, -1]),
    starts=np.array([0, 0, 0, 0, 1, 4, 6, 8, 10, 11]),
    operands=np.array([0, 0, 1, 3, 1, 0, 0, 2, 4, 5, 1]),
    weights=np.array([1, 1, 1, 1, 1, 1, 1, 1, 2.0, -1.0, 1]),
    row=np.array([0, 1]),
    root=np.array([7, 6]),
    objective_root=8,
)
MODEL = Model(
    sense=Sense.MINIMIZE,
    column_lower=np.array([0.5, 0.5]),
    column_upper=np.array([4.0, 4.0]),
    column_kind=np.array([Kind.CONTINUOUS, Kind.CONTINUOUS], np.uint8),
    objective=np.array([1.0, 0.0]),
    row_starts=np.array([0, 1, 1]),
    row_columns=np.array([1]),
    row_values=np.array([10.0]),
    row_lower=np.array([-np.inf, 1.0]),
    row_upper=np.array([60.0, 64.0]),
    nonlinear=TERMS,
    row_name=lambda row: f"row {row}",
)
POINT = np.array([2.0, 1.5])


def test_rows_and_objective_are_those_of_the_algebra() -> None:
    MODEL.validate()
    x, y = POINT
    assert MODEL.activity(POINT) == pytest.approx([10 * y + 1 + 2 * x * y * math.exp(x) - y / x, x**3])
    assert MODEL.objective_value(POINT) == pytest.approx(x + math.log(y))


def test_the_re_check_covers_nonlinear_rows() -> None:
    assert check_point(MODEL, POINT).accepted
    refused = check_point(MODEL, np.array([2.0, 2.0]))
    assert not refused.accepted
    assert refused.worst_row == 0


def test_a_point_where_a_function_is_not_defined_is_refused() -> None:
    wide = replace(MODEL, column_lower=np.array([-4.0, -4.0]))
    assert not check_point(wide, np.array([2.0, -1.0])).accepted
    root_only = replace(wide, nonlinear=replace(TERMS, objective_root=None, root=np.array([8, 6])))
    assert not check_point(root_only, np.array([2.0, -1.0])).accepted


def test_large_terms_that_cancel_are_not_held_against_a_point() -> None:
    x, y = 20.0, 20.0
    # exp(x0) - exp(x1) is 0 up to the rounding of numbers of the size of 5e8.
    terms = NonlinearTerms(
        operator=np.array([1, 1, 6, 6, 2], np.uint8),
        value=np.zeros(5),
        column=np.array([0, 1, -1, -1, -1]),
        starts=np.array([0, 0, 0, 1, 2, 4]),
        operands=np.array([0, 1, 2, 3]),
        weights=np.array([1, 1, 1, -1.0]),
        row=np.array([0]),
        root=np.array([4]),
    )
    model = replace(
        MODEL, nonlinear=terms, column_upper=np.full(2, 30.0), row_values=np.zeros(1), row_lower=np.array([0.0, -1]),
        row_upper=np.array([0.0, 1]),
    )  # fmt: skip
    model.validate()
    assert check_point(model, np.array([x, y + 1e-14])).accepted
    assert not check_point(model, np.array([x, y + 1e-4])).accepted


def test_the_accessor_translates_each_node_once() -> None:
    def function(operator: Operator, added: float, weights: Any, operands: Any) -> str:
        if operator is Operator.SUM:
            return " + ".join([f"{added:g}", *(f"{w:g}*{o}" for w, o in zip(weights, operands, strict=True))])
        return f"{operator.name.lower()}({', '.join(operands)})"

    made = TERMS.translate(constant=lambda value: f"{value:g}", column=lambda column: f"x{column}", function=function)
    assert made[TERMS.root[0]] == "1 + 2*product(x0, x1, exp(x0)) + -1*quotient(x1, x0)"
    assert made[TERMS.root[1]] == "power(x0, 3)"
    assert TERMS.objective_root is not None
    assert made[TERMS.objective_root] == "log(x1)"


def test_a_refusal_says_what_stands_where() -> None:
    assert "nonlinear functions" in features_of(MODEL)
    with pytest.raises(UnsupportedModelError) as refusal:
        solve(MODEL, solver="highs")
    said = str(refusal.value)
    assert said.startswith("highs does not take nonlinear functions (")
    assert "exp in row 0" in said
    assert "a power in row 1" in said
    assert "log in the objective" in said
    assert "multiply the comparison out" in said
    assert solve(MODEL).is_optimal


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"operator": np.array([99, *OPERATORS[1:]], np.uint8)}, "not an Operator"),
        ({"value": np.zeros(3)}, r"nonlinear.value has the shape \(3,\)"),
        ({"operands": np.array([0, 0, 1, 3, 1, 0, 0, 2, 4, 7, 1])}, "does not stand before"),
        ({"column": np.array([0, 5, -1, -1, -1, -1, -1, -1, -1])}, "nonlinear.column names one outside 0 to 1"),
        ({"root": np.array([7, 9])}, "nonlinear.root names one outside 0 to 8"),
        ({"row": np.array([0, 2])}, "nonlinear.row names one outside 0 to 1"),
        ({"objective_root": -1}, "nonlinear.root names one outside"),
        ({"weights": np.array([1, 1, 1, 1, 1, 1, 1, 1, np.nan, -1.0, 1])}, "not finite"),
        ({"starts": np.array([0, 0, 0, 0, 2, 4, 6, 8, 10, 11])}, "does not take"),
        ({"starts": np.array([0, 0, 0, 0, 1, 4, 6, 8, 11, 10])}, "must ascend"),
    ],
)
def test_arrays_that_do_not_make_a_graph_are_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        replace(MODEL, nonlinear=replace(TERMS, **change)).validate()
