"""One problem with tables, and what a chat model may write about it."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd

PROBLEM = (
    "Our plants supply our cities. No plant may send more than it has, every city gets what it needs, and shipping has "
    "a price per tonne; all of that stands in the tables. Ship as cheaply as possible."
)
PLANTS = ("Lyon", "Metz", "Nancy", "Quimper")
CITIES = ("Paris", "Lille", "Brest", "Tours", "Zuydcoote")
"""The first three are shown to a language model, the others are not."""
SUPPLY = (300, 120, 450, 213)
NEED = (60, 70, 50, 43, 77)
OPTIMUM = 60 * 5 + 70 * 6 + 50 * 7 + 43 * 8 + 77 * 9.0


def tables() -> dict[str, Any]:
    """Return the tables: each city has one cheap plant."""
    prices = [
        (p, c, 5 + j if (i + j) % 4 == 0 else 30 + i + j) for i, p in enumerate(PLANTS) for j, c in enumerate(CITIES)
    ]
    return {
        "plants": pd.DataFrame({"plant": PLANTS, "supply [t]": SUPPLY}),
        "cities": {"city": list(CITIES), "need [t]": list(NEED)},
        "prices": [{"from": p, "to": c, "price [$/t]": price} for p, c, price in prices],
    }


def plan(**changes: Any) -> dict[str, Any]:
    """Return the formulation that names the tables, some parts changed."""
    content: dict[str, Any] = {
        "title": "Shipping",
        "sets": [
            {"name": "PLANT", "table": "plants", "column": "plant"},
            {"name": "CITY", "table": "cities", "column": "city"},
        ],
        "parameters": [
            {"name": "supply", "index": ["PLANT"], "table": "plants", "column": "supply", "keys": ["plant"]},
            {"name": "need", "index": ["CITY"], "table": "cities", "column": "need", "keys": ["city"]},
            {"name": "price", "index": ["PLANT", "CITY"], "table": "prices", "column": "price", "keys": ["from", "to"]},
        ],
        "variables": [
            {"name": "ship", "index": ["PLANT", "CITY"], "domain": "continuous", "lower": 0, "unit": "t"}
        ],
        "objective": {
            "sense": "minimize", "expression": "sum(price[p, c] * ship[p, c] for p in PLANT for c in CITY)", "unit": "$"
        },
        "constraints": [
            {"name": "has", "expression": "sum(ship[p, c] for c in CITY) <= supply[p] for p in PLANT"},
            {"name": "gets", "expression": "sum(ship[p, c] for p in PLANT) >= need[c] for c in CITY"},
        ],
    }  # fmt: skip
    return {**content, **changes}


def written(**changes: Any) -> str:
    """Return what a chat model writes."""
    return json.dumps(plan(**changes))
