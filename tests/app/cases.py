"""Problems, formulations and scripts of a chat model that the tests of the command line share."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

WORKSHOP = Path(__file__).parent.parent.parent / "examples" / "workshop.json"
"""Maximum 6250 at 75 chairs and 50 tables."""

PROBLEM = (
    "A farm grows wheat and maize on 10 hectares. A hectare of wheat earns $300 and a hectare of maize $400. "
    "A hectare of maize takes 2 days of work, and 12 days are available. How should the land be used to earn most?"
)
"""Maximum 3600: 4 hectares of wheat, 6 of maize."""

VARIABLES: dict[str, Any] = {
    "variables": [
        {"name": "wheat", "description": "hectares of wheat", "domain": "continuous"},
        {"name": "maize", "description": "hectares of maize", "domain": "continuous"},
    ]
}
ROWS: dict[str, Any] = {
    "objective": {"sense": "maximize", "expression": "300 * wheat + 400 * maize"},
    "constraints": [
        {"name": "land", "expression": "wheat + maize <= 10"},
        {"name": "work", "expression": "2 * maize <= 12"},
    ],
}
INDEXED: dict[str, Any] = {
    "sets": [{"name": "CROP", "elements": ["wheat", "maize"]}],
    "parameters": [
        {"name": "gain", "index": ["CROP"], "value": {"wheat": 300, "maize": 400}, "unit": "$/ha"},
        {"name": "days", "index": ["CROP"], "value": {"wheat": 0, "maize": 2}},
        {"name": "land", "value": 10},
        {"name": "work", "value": 12},
    ],
    "variables": [{"name": "area", "index": ["CROP"], "domain": "continuous", "lower": 0}],
    "objective": {"sense": "maximize", "expression": "sum(gain[c] * area[c] for c in CROP)", "unit": "$"},
    "constraints": [
        {"name": "land_limit", "expression": "sum(area[c] for c in CROP) <= land"},
        {"name": "work_limit", "expression": "sum(days[c] * area[c] for c in CROP) <= work"},
    ],
}
FAULTY: dict[str, Any] = {
    "parameters": [{"name": "limit", "value": 4}],
    "variables": [{"name": "x", "domain": "continuous", "lower": 0}],
    "objective": {"sense": "maximize", "expression": "x + y"},
    "constraints": [
        {"name": "one", "expression": "x <= limti"},
        {"name": "two", "expression": "x = 3"},
    ],
}
"""Three names or signs that mean nothing, and a parameter that is not used."""


def one_variable(*rows: str, sense: str = "maximize") -> dict[str, Any]:
    """Return a formulation that makes `x >= 0` large or small under some rows."""
    return {
        "variables": [{"name": "x", "domain": "continuous", "lower": 0}],
        "objective": {"sense": sense, "expression": "x"},
        "constraints": [{"name": f"row_{n}", "expression": row} for n, row in enumerate(rows)],
    }


def market_split() -> dict[str, Any]:
    """Return a problem of 40 binary variables that no solver finishes within minutes (Cornuejols, Dawande 1998)."""
    draw = random.Random(7)
    markets, goods = range(1, 6), range(1, 41)
    share = [[draw.randrange(100) for _ in goods] for _ in markets]
    return {
        "sets": [{"name": "M", "elements": list(markets)}, {"name": "G", "elements": list(goods)}],
        "parameters": [
            {"name": "share", "index": ["M", "G"], "value": share},
            {"name": "half", "index": ["M"], "value": [sum(row) // 2 for row in share]},
        ],
        "variables": [
            {"name": "take", "index": ["G"], "domain": "binary"},
            {"name": "over", "index": ["M"], "domain": "continuous", "lower": 0},
            {"name": "under", "index": ["M"], "domain": "continuous", "lower": 0},
        ],
        "objective": {"sense": "minimize", "expression": "sum(over[m] + under[m] for m in M)"},
        "constraints": [
            {
                "name": "split",
                "expression": "sum(share[m, g] * take[g] for g in G) + under[m] - over[m] == half[m] for m in M",
            }
        ],
    }


def written(path: Path, content: Any) -> Path:
    """Write JSON to a file and return its path."""
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def script(folder: Path, *replies: Any, style: str = "indexed") -> str:
    """Write a script of replies and return how the command line calls it."""
    return f"scripted:{written(folder / 'script.json', {'style': style, 'replies': list(replies)})}"
