"""Two classics of planning with known optima: Stigler's diet, and rolls of paper that are cut to order."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.nl2opt.formulation.classics.problems import Content

NUTRIENTS: Final = {
    "calories": (3.0, "1000 kcal"), "protein": (70.0, "g"), "calcium": (0.8, "g"), "iron": (12.0, "mg"),
    "vitamin_a": (5.0, "1000 IU"), "thiamine": (1.8, "mg"), "riboflavin": (2.7, "mg"), "niacin": (18.0, "mg"),
    "vitamin_c": (75.0, "mg"),
}  # fmt: skip
"""What a man of 154 pounds needs a day."""


def stigler_diet() -> Content:
    """The cheapest food for a day, at the prices of August 1939.

    Stigler, The cost of subsistence, Journal of Farm Economics 27 (1945): 77 foods, and the nutrients in each
    dollar's worth, as OR-Tools lists them (examples/python/stigler_diet.py, Apache License 2.0). Stigler came to
    $39.93 a year; the optimum is $39.66, found by Laderman in 1947 (Dantzig, Linear programming and extensions, 1963,
    chapter 27), of wheat flour, liver, cabbage, spinach and navy beans.
    """
    with Path(__file__).with_name("stigler_diet.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {
        "title": "Stigler's diet",
        "sets": [
            {"name": "FOOD", "elements": [row["food"] for row in rows]},
            {"name": "NUTRIENT", "elements": list(NUTRIENTS)},
        ],
        "parameters": [
            {
                "name": "per_dollar",
                "index": ["FOOD", "NUTRIENT"],
                "value": [[float(row[nutrient]) for nutrient in NUTRIENTS] for row in rows],
            },
            {"name": "need", "index": ["NUTRIENT"], "value": {name: least for name, (least, _) in NUTRIENTS.items()}},
        ],
        "variables": [{"name": "spend", "index": ["FOOD"], "domain": "continuous", "lower": 0, "unit": "$/day"}],
        "objective": {"sense": "minimize", "expression": "365 * sum(spend[f] for f in FOOD)", "unit": "$/year"},
        "constraints": [
            {
                "name": "enough",
                "expression": "sum(per_dollar[f, n] * spend[f] for f in FOOD) >= need[n] for n in NUTRIENT",
            }
        ],
    }


ROLL: Final = 5600
ORDERS: Final = {
    1380: 22, 1520: 25, 1560: 12, 1710: 14, 1820: 18, 1880: 18, 1930: 20, 2000: 10, 2050: 12, 2100: 14, 2140: 16,
    2150: 18, 2200: 20,
}  # fmt: skip
"""Widths in mm and how many rolls of each are ordered: the example of Wikipedia's "Cutting stock problem"."""


def patterns(widths: list[int], room: int) -> Iterator[tuple[int, ...]]:
    """Yield every way to cut widths out of a roll, nothing at all included."""
    if not widths:
        yield ()
        return
    first, *others = widths
    for count in range(room // first + 1):
        for rest in patterns(others, room - count * first):
            yield (count, *rest)


def cutting_stock() -> Content:
    """As few rolls as possible for all orders: Gilmore and Gomory, Operations Research 9 (1961)."""
    cuts = [pattern for pattern in patterns(list(ORDERS), ROLL) if any(pattern)]
    return {
        "title": "Cutting stock",
        "sets": [
            {"name": "WIDTH", "elements": list(ORDERS)},
            {"name": "PATTERN", "elements": f"range(1, {len(cuts) + 1})"},
        ],
        "parameters": [
            {"name": "pieces", "index": ["PATTERN", "WIDTH"], "value": [list(cut) for cut in cuts]},
            {"name": "orders", "index": ["WIDTH"], "value": list(ORDERS.values())},
        ],
        "variables": [{"name": "rolls", "index": ["PATTERN"], "domain": "integer", "lower": 0}],
        "objective": {"sense": "minimize", "expression": "sum(rolls[p] for p in PATTERN)"},
        "constraints": [
            {
                "name": "deliver",
                "expression": "sum(pieces[p, w] * rolls[p] for p in PATTERN) >= orders[w] for w in WIDTH",
            }
        ],
    }
