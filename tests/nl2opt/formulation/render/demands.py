"""Formulations with what only some libraries have words for."""

from __future__ import annotations

from typing import Any

from nl2opt import Formulation
from tests.nl2opt.formulation.constructs.test_constructs import JOBS


def formulation(expression: str, *rows: str, sense: str = "minimize", **declared: Any) -> Formulation:
    constraints = [{"name": f"row_{number}", "expression": row} for number, row in enumerate(rows)]
    objective = {"sense": sense, "expression": expression}
    return Formulation.from_dict({**declared, "objective": objective, "constraints": constraints})


FREE = [{"name": name, "domain": "continuous", "lower": -4, "upper": 9} for name in ("x", "y")]
WHOLE = [{"name": name, "domain": "integer", "lower": 0, "upper": 5} for name in ("x", "y", "z")]
STARTS = [
    {"name": "start", "index": ["J"], "domain": "integer", "lower": 0, "upper": 12},
    {"name": "end", "domain": "continuous", "lower": 0, "upper": 40},
]
SEMI = [
    {"name": "make", "index": ["J"], "domain": "semicontinuous", "lower": 3, "upper": 8},
    {"name": "buy", "domain": "continuous", "lower": 0, "upper": 20},
]
CASES = {
    "condition for each index": formulation(
        "sum(4 * open[j] + ship[j] for j in J)",
        "implies(open[j] == 0, ship[j] <= 0) for j in J",
        "sum(ship[j] for j in J) >= 12",
        sets=[JOBS],
        variables=[
            {"name": "open", "index": ["J"], "domain": "binary"},
            {"name": "ship", "index": ["J"], "domain": "continuous", "lower": 0, "upper": 10},
        ],
    ),
    "tasks": formulation(
        "end",
        "no_overlap((start[j], size[j]) for j in J)",
        "end >= start[j] + size[j] for j in J",
        sets=[JOBS],
        parameters=[{"name": "size", "index": ["J"], "value": [2, 3, 4]}],
        variables=STARTS,
    ),
    "different": formulation("x + y + z", "all_different(x, y, z)", "all_different([x + 1, y + 2])", variables=WHOLE),
    "cone": formulation(
        "x - 2 * y", "soc(r, x, y)", "r <= 3",
        variables=[*FREE, {"name": "r", "domain": "continuous", "lower": 0, "upper": 9}],
    ),
    "straight lines": formulation(
        "piecewise(x, [(-4, 0), (2, 5), (9, 7)]) - y", "y <= 2 * x", "x + y <= 7", variables=FREE
    ),
    "straight lines, the other way": formulation(
        "piecewise(x, [(-4, 3), (2, 0), (9, 7)]) + y", "y <= 4 - x", sense="maximize", variables=FREE
    ),
    "straight lines that end too low": formulation("x", "piecewise(x, [(-4, 0), (9, 5)]) >= 6", variables=FREE),
    "semicontinuous": formulation(
        "3 * sum(make[j] for j in J) + 5 * buy", "sum(make[j] for j in J) + buy >= 5", "buy >= 3",
        sets=[JOBS], variables=SEMI,
    ),
    "semicontinuous with gap": formulation(
        "sum(make[j] for j in J) + 10 * buy", "sum(make[j] for j in J) + buy >= 2", "buy <= 1",
        sets=[JOBS], variables=SEMI,
    ),
    "products": formulation("x * y - x", "x + y >= 3", "x**2 + y**2 <= 30", variables=FREE),
    "functions": formulation("exp(x) - log(y + 5) + sqrt(x + 5)", "x + y >= 2", variables=FREE),
    "quotient": formulation("(x + 9) / (y + 9)", "x + y >= 2", variables=FREE),
    "power of a variable": formulation("2**x + (y + 6)**x", "x + y >= 2", "x >= 0.5", variables=FREE),
    "largest of products": formulation("max(x * y, x - y, 1)", "x + y >= 4", variables=FREE),
    "smallest to be small": formulation("min(x, y, 3) + abs(x - y)", "x + y >= 4", variables=FREE),
    "cosine": formulation("cos(x) + y", "y >= sin(x)", variables=FREE),
}  # fmt: skip
