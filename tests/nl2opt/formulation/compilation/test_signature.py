from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nl2opt.formulation.compilation.signature import Signature, constraint_signatures, objective_signature
from tests.nl2opt.formulation.formulations import Content, compiled, with_rows

BOUNDED: Content = {"name": "z", "domain": "continuous", "lower": 0, "upper": 10}


def of_row(expression: str) -> Signature:
    return constraint_signatures(compiled(with_rows(expression)))["c1"]


def of_objective(expression: str, sense: str = "minimize") -> Signature:
    content = with_rows("x + n <= 5", objective=expression)
    return objective_signature(compiled({**content, "objective": {"sense": sense, "expression": expression}}))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("n <= 0.4 * (x + n)", "0.6 * n - 0.4 * x <= 0"),
        ("x + 2 * n <= 4", "-2 * x - 4 * n >= -8"),
        ("x + n == 3", "3 == n + x"),
        ("x + n - x * n <= 3", "2 * x * n - 2 * n >= 2 * x - 6"),
        ("x * n - n * x + x + n <= 3", "x + n <= 3"),
        ("1 <= x + n <= 3", "-3 <= -x - n <= -1"),
        ("0 * n + x <= 3", "x <= 3"),
        ("x / 3 + n <= 1", "x + 3 * n <= 3"),
    ],
)
def test_what_demands_the_same_has_one_signature(first: str, second: str) -> None:
    assert of_row(first) == of_row(second)
    assert of_row(first)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("x + n <= 4", "x + n >= 4"),
        ("x + n <= 4", "x + n == 4"),
        ("x + n <= 4", "x + n <= 4.001"),
        ("x + n <= 4", "x + 2 * n <= 4"),
        ("x + n <= 4", "x * n <= 4"),
        ("x * n <= 4", "x * x <= 4"),
        ("x * n <= 4", "-x * n <= 4"),
        ("x <= 4", "n <= 4"),
    ],
)
def test_what_demands_something_else_has_another(first: str, second: str) -> None:
    assert of_row(first) != of_row(second)


@pytest.mark.parametrize("expression", ["x >= 0", "x >= -3", "-x <= 0", "x - x <= 5", "0 <= 3"])
def test_what_the_bounds_demand_already_demands_nothing(expression: str) -> None:
    assert of_row(expression) == frozenset()


def test_a_bound_that_is_tighter_than_the_variable_has_is_a_demand() -> None:
    content = with_rows("z <= 10", "z <= 9", "z >= 0", variables=[BOUNDED])
    found = constraint_signatures(compiled(content))
    assert [bool(found[name]) for name in ("c1", "c2", "c3")] == [False, True, False]


def test_a_row_that_is_never_true_differs_from_one_that_always_is() -> None:
    assert of_row("3 <= 0") == of_row("5 <= 1") != of_row("0 <= 3")


def test_the_rows_of_a_family_are_one_signature() -> None:
    content = with_rows("t * x + n <= 2 * t for t in T", sets=[{"name": "T", "elements": [1, 2]}])
    assert len(constraint_signatures(compiled(content))["c1"]) == 2


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("2 * x + n", "n + x + x", True),
        ("(x + n) ** 2", "x * x + 2 * n * x + n * n", True),
        ("2 * x + n", "4 * x + 2 * n", False),
        ("x + n", "x + n + 1", False),
        ("x * n", "x + n", False),
    ],
)
def test_objectives_are_compared_with_their_scale(first: str, second: str, same: bool) -> None:
    assert (of_objective(first) == of_objective(second)) is same


def test_the_sense_of_the_objective_counts() -> None:
    assert of_objective("x + n", "minimize") != of_objective("x + n", "maximize")


@given(
    coefficients=st.lists(st.integers(-9, 9).filter(bool), min_size=3, max_size=3),
    side=st.integers(-50, 50),
    scale=st.integers(1, 1000),
    negative=st.booleans(),
)
@settings(max_examples=50, deadline=None)
def test_scaling_and_turning_a_row_changes_nothing(
    coefficients: list[int], side: int, scale: int, negative: bool
) -> None:
    factor = -scale / 7 if negative else scale / 7
    a, b, c = coefficients
    first = f"{a} * x + {b} * n + {c} * x * n <= {side}"
    second = f"{side * factor!r} {'<=' if negative else '>='} " + " + ".join(
        f"{value * factor!r} * {name}" for value, name in ((c, "n * x"), (a, "x"), (b, "n"))
    )
    assert of_row(first) == of_row(second)
