"""Formulations that nothing satisfies."""

from __future__ import annotations

from tests.nl2opt.formulation.formulations import Content, with_rows

TRANSPORT: Content = {
    "sets": [{"name": "PLANT", "elements": ["a", "b"]}, {"name": "CITY", "elements": ["berlin", "paris"]}],
    "parameters": [
        {"name": "supply", "index": ["PLANT"], "value": [100, 80], "unit": "t"},
        {"name": "demand", "index": ["CITY"], "value": {"berlin": 120, "paris": 90}, "unit": "t"},
        {"name": "cost", "index": ["PLANT", "CITY"], "value": [[1, 2], [3, 1]]},
    ],
    "variables": [{"name": "ship", "index": ["PLANT", "CITY"], "domain": "continuous", "lower": 0}],
    "objective": {
        "sense": "minimize", "expression": "sum(cost[p, c] * ship[p, c] for p in PLANT for c in CITY)",
        "description": "cost", "unit": "$",
    },
    "constraints": [
        {"name": "send", "expression": "sum(ship[p, c] for c in CITY) <= supply[p] for p in PLANT"},
        {
            "name": "meet", "expression": "sum(ship[p, c] for p in PLANT) >= demand[c] for c in CITY",
            "description": "every city gets what it needs",
        },
    ],
}  # fmt: skip
"""Demand of 210 against a supply of 180; the cheapest way to send 180 costs $190 when Berlin goes without."""

HOURS: Content = with_rows(
    "2*x + n <= hours", "x >= 10", "n >= least",
    objective="x",
    parameters=[{"name": "hours", "value": 24, "unit": "h"}, {"name": "least", "value": 8}],
)  # fmt: skip
"""28 hours are needed."""

ODD: Content = with_rows("2*n == 1")
