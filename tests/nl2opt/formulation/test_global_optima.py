"""Formulations that need global optimisation, with optima from the literature or by hand."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import app
from nl2opt import Formulation
from tests.nl2opt.formulation.formulations import Content

HAVERLY: Content = {
    "title": "Haverly's pooling problem",
    "sets": [
        {"name": "CRUDE", "elements": ["a", "b"]},
        {"name": "PRODUCT", "elements": ["x", "y"]},
    ],
    "parameters": [
        {"name": "cost", "index": ["CRUDE"], "value": [6, 16]},
        {"name": "sulphur", "index": ["CRUDE"], "value": [3, 1]},
        {"name": "price", "index": ["PRODUCT"], "value": [9, 15]},
        {"name": "allowed", "index": ["PRODUCT"], "value": [2.5, 1.5]},
        {"name": "demand", "index": ["PRODUCT"], "value": [100, 200]},
    ],
    "variables": [
        {"name": "buy", "index": ["CRUDE"], "domain": "continuous", "lower": 0, "upper": 300},
        {"name": "pooled", "index": ["PRODUCT"], "domain": "continuous", "lower": 0, "upper": "demand[p]", "as": ["p"]},
        {"name": "direct", "index": ["PRODUCT"], "domain": "continuous", "lower": 0, "upper": "demand[p]", "as": ["p"]},
        {"name": "quality", "domain": "continuous", "lower": 1, "upper": 3},
    ],
    "objective": {
        "sense": "maximize",
        "expression": "sum(price[p] * (pooled[p] + direct[p]) - 10 * direct[p] for p in PRODUCT)"
        " - sum(cost[c] * buy[c] for c in CRUDE)",
    },
    "constraints": [
        {"name": "pool", "expression": "sum(buy[c] for c in CRUDE) == sum(pooled[p] for p in PRODUCT)"},
        {
            "name": "mixed",
            "expression": "sum(sulphur[c] * buy[c] for c in CRUDE) == quality * sum(pooled[p] for p in PRODUCT)",
        },
        {
            "name": "clean",
            "expression": "quality * pooled[p] + 2 * direct[p] <= allowed[p] * (pooled[p] + direct[p])"
            " for p in PRODUCT",
        },
        {"name": "sold", "expression": "pooled[p] + direct[p] <= demand[p] for p in PRODUCT"},
    ],
}


def scalar(objective: str, *rows: str, sense: str = "minimize", lower: float = -2, whole: str = "") -> Content:
    names = ("x", "y")
    return {
        "variables": [
            {"name": n, "domain": "integer" if n == whole else "continuous", "lower": lower, "upper": 5} for n in names
        ],
        "objective": {"sense": sense, "expression": objective},
        "constraints": [{"name": f"row_{number}", "expression": row} for number, row in enumerate(rows)],
    }


OPTIMA = {
    "haverly": (HAVERLY, 400.0),
    "rosenbrock": (scalar("(1 - x)**2 + 100 * (y - x**2)**2"), 0.0),
    "circle": (scalar("x * y", "x**2 + y**2 <= 2", sense="maximize"), 1.0),
    "not_convex": (scalar("x**2 - y**2", "x + y <= 6"), -25.0),
    "whole_and_curved": (
        scalar("5 * y + exp(-x)", "x <= y**2", lower=0, whole="y"),
        min(5 * n + math.exp(-min(5, n * n)) for n in range(6)),
    ),
    "quotient": (scalar("x / (1 + y) + y", lower=0, sense="maximize"), 5 + 5 / 6),
}


@pytest.mark.parametrize("name", OPTIMA)
def test_the_global_optimum_is_found(name: str) -> None:
    content, optimum = OPTIMA[name]
    solution = Formulation.from_dict(content).solve()
    assert solution.is_optimal, solution.message
    assert solution.objective == pytest.approx(optimum, rel=1e-6, abs=1e-6)
    assert solution.solver.startswith("SCIP")


def test_a_curved_formulation_runs_from_the_command_line(tmp_path: Path) -> None:
    file = tmp_path / "pooling.json"
    file.write_text(json.dumps(HAVERLY), encoding="utf-8")
    result = CliRunner().invoke(app, ["run", str(file), "--json"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["objective"] == pytest.approx(400, rel=1e-6)
