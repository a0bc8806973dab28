from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from nl2opt.formulation.schema import Formulation
from solvers import Operator, UnsupportedModelError
from tests.nl2opt.formulation.formulations import Content, compiled, only, with_rows

X: Content = {"name": "x", "domain": "continuous", "lower": 0.5, "upper": 4}
Y: Content = {**X, "name": "y"}
Z: Content = {**X, "name": "z"}
POINT = np.array([2.0, 1.5, 3.0])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("x * y * z", lambda x, y, z: x * y * z),
        ("x / y + x", lambda x, y, z: x / y + x),
        ("3 / (x + y)", lambda x, y, z: 3 / (x + y)),
        ("x ** 3 - 2 * y ** 2", lambda x, y, z: x**3 - 2 * y**2),
        ("(x + y) ** 0.5", lambda x, y, z: (x + y) ** 0.5),
        ("x ** y", lambda x, y, z: x**y),
        ("2 ** x * y", lambda x, y, z: 2**x * y),
        ("exp(x - y) + 4 * exp(z)", lambda x, y, z: math.exp(x - y) + 4 * math.exp(z)),
        ("log(x) * sqrt(y)", lambda x, y, z: math.log(x) * math.sqrt(y)),
        ("sin(x) + cos(2 * x) ** 2", lambda x, y, z: math.sin(x) + math.cos(2 * x) ** 2),
        ("(x * y + 1) * (z - 1) * x", lambda x, y, z: (x * y + 1) * (z - 1) * x),
        ("prod(x + k for k in [1, 2, 3])", lambda x, y, z: (x + 1) * (x + 2) * (x + 3)),
        ("prod(x + k for k in [1, 2])", lambda x, y, z: (x + 1) * (x + 2)),
        ("sum(exp(k * x) for k in [1, 2])", lambda x, y, z: math.exp(x) + math.exp(2 * x)),
        ("max(exp(x), y) + 0 * log(z)", lambda x, y, z: max(math.exp(x), y)),
        ("abs(x * y - z) * 2", lambda x, y, z: abs(x * y - z) * 2),
        ("exp(0) * x", lambda x, y, z: x),
    ],
)
def test_a_nonlinear_expression_has_the_value_of_its_algebra(
    text: str, value: Callable[[float, float, float], float]
) -> None:
    content = with_rows(f"{text} <= 1e6", objective=text, variables=[X, Y, Z])
    found = compiled(content)
    found.model.validate()
    expected = value(*POINT.tolist())
    # The defined columns of maxima stand behind the declared ones; they take their own value.
    extrema = np.full(found.model.n_columns - 3, 0.0)
    point = np.concatenate([POINT, extrema])
    for place, column in enumerate(found.defined_columns.tolist()):
        if column >= 3:
            point[column] = _defined_value(found, place)
    assert found.model.objective_value(point) == pytest.approx(expected)
    # Constants stand on the right of a row.
    left = found.model.activity(point)[0] - found.model.row_upper[0]
    assert left == pytest.approx(expected - 1e6, abs=1e-6)
    assert found.objective_values(point)["objective_1"] == pytest.approx(expected)


def _defined_value(found: object, place: int) -> float:
    from nl2opt.formulation.compilation.compiled import CompiledFormulation
    from nl2opt.formulation.evaluation.definitions import point_with_defined

    assert isinstance(found, CompiledFormulation)
    return float(point_with_defined(found.context.definitions, POINT)[3 + place])


def test_degree_two_stays_in_the_quadratic_part_and_constants_are_folded() -> None:
    product = "prod(x + k for k in [1, 2])"
    found = compiled(with_rows("log(3) * x * y <= sqrt(16) ** 2", objective=product, variables=[X, Y]))
    assert found.model.nonlinear is None
    assert found.model.quadratic_rows is not None
    assert found.model.quadratic_objective is not None


def test_rows_of_a_family_have_a_node_each() -> None:
    content = {
        "sets": [{"name": "I", "elements": ["a", "b"]}],
        "parameters": [{"name": "rate", "index": ["I"], "value": [1, 2]}],
        "variables": [{"name": "x", "index": ["I"], "domain": "continuous", "lower": 0, "upper": 2}],
        "objective": {"sense": "minimize", "expression": "sum(x[i] for i in I)"},
        "constraints": [{"name": "growth", "expression": "3 * exp(rate[i] * x[i]) + x[i] >= 4 for i in I"}],
    }
    found = compiled(content)
    terms = found.model.nonlinear
    assert terms is not None
    assert terms.row.tolist() == [0, 1]
    assert (terms.operator == Operator.EXP).sum() == 2
    assert found.model.activity(np.array([1.0, 0.5])) == pytest.approx([3 * math.e + 1, 3 * math.e + 0.5])
    with pytest.raises(UnsupportedModelError, match=r"highs does not take nonlinear functions \(exp in growth\['a'\]"):
        Formulation.from_dict(content).solve(solver="highs")


def test_what_is_asked_of_a_maximum_goes_through_functions_that_never_fall() -> None:
    pressed = compiled(with_rows("x + y >= 3", objective="exp(max(x, y))", variables=[X, Y]))
    assert not pressed.exact_columns.any()
    turned = compiled(with_rows("x + y >= 3", objective="1 / max(x, y)", variables=[X, Y]))
    assert turned.exact_columns.any()


def test_a_strict_comparison_of_a_function_is_read_as_an_assumption() -> None:
    whole = {"name": "n", "domain": "integer", "lower": 0, "upper": 9}
    found = compiled(with_rows("exp(n) < 5", objective="n", variables=[whole]))
    assert ["`<` in c1" in a.text for a in found.assumptions] == [True]
    assert compiled(with_rows("n * n * n < 9", objective="n", variables=[whole])).model.row_upper[0] == 8


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("log(-1) * x <= 1", "not_finite", "log(-1)"),
        ("sqrt(2 - 3) + x <= 1", "not_finite", "sqrt"),
        ("(1 - 2) ** x <= 1", "domain", "a base above 0"),
        ("x % 2 <= 1", "nonlinear", "`%`"),
        ("floor(x) <= 1", "nonlinear_function", "`floor`"),
        ("exp(x, y) <= 1", "arguments", "one argument"),
    ],
)
def test_what_is_not_defined_is_a_finding(text: str, code: str, says: str) -> None:
    assert says in str(only(with_rows(text, objective="x + y", variables=[X, Y]), code))
