"""Small formulations, and the findings about them, for the tests of this folder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nl2opt.errors import FormulationError
from nl2opt.formulation.compilation.compiled import CompiledFormulation
from nl2opt.formulation.compilation.compiler import compile_formulation
from nl2opt.formulation.findings import Finding
from nl2opt.formulation.schema import Formulation

Content = dict[str, Any]

ITEM: Content = {"name": "ITEM", "elements": ["chair", "table"]}
MAKE: Content = {"name": "make", "index": ["ITEM"], "domain": "integer", "lower": 0}
X: Content = {"name": "x", "domain": "continuous", "lower": 0}
N: Content = {"name": "n", "domain": "integer", "lower": 0}
WORKSHOP: Content = {
    "title": "Workshop",
    "sets": [{**ITEM, "description": "what is made"}],
    "parameters": [
        {"name": "profit", "index": ["ITEM"], "value": {"chair": 30, "table": 80}, "unit": "$/item"},
        {"name": "need", "index": ["ITEM"], "value": {"chair": 2, "table": 5}},
        {"name": "hours", "value": 400},
    ],
    "variables": [MAKE],
    "objective": {"sense": "maximize", "expression": "sum(profit[i] * make[i] for i in ITEM)"},
    "constraints": [{"name": "labour", "expression": "sum(need[i] * make[i] for i in ITEM) <= hours"}],
}


def with_rows(*expressions: str, objective: str | None = None, **parts: Any) -> Content:
    """Return a formulation with constraints named c1, c2, ...; variables x and n unless others are given."""
    return {
        "variables": [X, N],
        "objective": None if objective is None else {"sense": "minimize", "expression": objective},
        "constraints": [{"name": f"c{k}", "expression": text} for k, text in enumerate(expressions, start=1)],
        **parts,
    }


def changed(content: Mapping[str, Any], part: str, place: int, **fields: Any) -> Content:
    """Return a formulation with some fields of one element changed."""
    elements = list(content[part])
    elements[place] = {**elements[place], **fields}
    return {**content, part: elements}


def compiled(content: Content) -> CompiledFormulation:
    return compile_formulation(Formulation.from_dict(content)).require()


def findings(content: Content) -> tuple[Finding, ...]:
    """Return everything that reading and compiling say."""
    try:
        return compile_formulation(Formulation.from_dict(content)).findings
    except FormulationError as error:
        return error.findings


def only(content: Content, code: str) -> Finding:
    """Return the one finding of a code."""
    (found,) = [finding for finding in findings(content) if finding.code == code]
    return found


def rows(content: Content) -> dict[str, tuple[dict[str, float], float, float]]:
    """Return by row name the coefficients by column name, the lower and the upper side."""
    model = compiled(content).model
    found: dict[str, tuple[dict[str, float], float, float]] = {}
    for row in range(model.n_rows):
        entries = range(int(model.row_starts[row]), int(model.row_starts[row + 1]))
        coefficients = {model.name_of_column(int(model.row_columns[e])): float(model.row_values[e]) for e in entries}
        found[model.name_of_row(row)] = (coefficients, float(model.row_lower[row]), float(model.row_upper[row]))
    return found
