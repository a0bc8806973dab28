"""Shadow prices against finite differences, however the row is written."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nl2opt import Formulation
from solvers import Method
from tests.nl2opt.formulation.formulations import Content

STEP = 1e-3
WRITTEN = {
    "<=": "{a}*x + {b}*y <= side", ">=": "{a}*x + {b}*y >= side", "==": "{a}*x + {b}*y == side",
    "constant left of <=": "side <= {a}*x + {b}*y", "constant left of >=": "side >= {a}*x + {b}*y",
    "decisions on both sides": "{a}*x <= side - {b}*y", "decisions on the right": "side <= y*{b} + {a}*x",
    "added on the left": "{a}*x + {b}*y - side <= 0",
}  # fmt: skip
"""Rows about `{a} x + {b} y`, whose right side is always that of the parameter."""


def content(sense: str, how: str, a: int, b: int, costs: tuple[int, int], side: float) -> Content:
    return {
        "parameters": [{"name": "side", "value": side}],
        "variables": [{"name": name, "domain": "continuous", "lower": 0, "upper": 10} for name in "xy"],
        "objective": {"sense": sense, "expression": f"{costs[0]}*x + {costs[1]}*y"},
        "constraints": [
            {"name": "row", "expression": WRITTEN[how].format(a=a, b=b)},
            {"name": "other", "expression": "x + 2*y <= 17"},
        ],
    }


def optimum(**model: Any) -> float | None:
    solution = Formulation.from_dict(content(**model)).solve()
    return solution.objective if solution.is_optimal else None


@given(
    sense=st.sampled_from(["minimize", "maximize"]), how=st.sampled_from(list(WRITTEN)), a=st.integers(1, 4),
    b=st.integers(1, 4), costs=st.tuples(st.integers(-5, 5), st.integers(-5, 5)), side=st.integers(1, 40),
)  # fmt: skip
@settings(max_examples=50, deadline=None)
def test_a_price_is_the_change_of_the_stated_objective_per_unit_of_the_side(
    sense: str, how: str, a: int, b: int, costs: tuple[int, int], side: int
) -> None:
    model = {"sense": sense, "how": how, "a": a, "b": b, "costs": costs}
    base = optimum(**model, side=side)
    assume(base is not None)
    found = Formulation.from_dict(content(**model, side=side)).sensitivity()
    assert found.found.method is Method.PRICES
    (row,) = found.constraint("row")
    assert row.right == side
    for sign, price in ((1, row.price_up), (-1, row.price_down)):
        moved = optimum(**model, side=side + sign * STEP)
        if not row.is_binding:
            assert moved == pytest.approx(base, abs=1e-7)
        elif price is None:
            assert moved is None
        else:
            assert moved is not None
            assert moved - base == pytest.approx(sign * STEP * price, abs=1e-7)
