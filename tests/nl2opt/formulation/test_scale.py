"""What compiling may cost: as much as it yields, never the product of the sets, and no loop of Python over rows."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from types import FrameType

import numpy as np
import pytest

from nl2opt.formulation.compilation.compiled import CompiledFormulation
from nl2opt.formulation.compilation.compiler import compile_formulation
from nl2opt.formulation.evaluation import frame
from nl2opt.formulation.schema import Formulation

NODES, ARCS = 2_000, 20_000
CAP = 100_000
"""Rows that a frame may have: several times the arcs, far fewer than nodes times arcs."""

Arc = tuple[str, str]


@pytest.fixture(scope="module")
def arcs() -> list[Arc]:
    draw = random.Random(7)
    found: dict[Arc, None] = {}
    while len(found) < ARCS:
        found[f"n{draw.randrange(NODES)}", f"n{draw.randrange(NODES)}"] = None
    return list(found)


def network(arcs: list[Arc], constraint: str) -> Formulation:
    return Formulation.from_dict({
        "sets": [
            {"name": "NODES", "elements": [f"n{i}" for i in range(NODES)]},
            {"name": "ARCS", "elements": [list(arc) for arc in arcs]},
        ],
        "parameters": [{"name": "cost", "index": ["ARCS"], "value": {",".join(arc): 1.5 for arc in arcs}}],
        "variables": [{"name": "flow", "index": ["ARCS"], "domain": "continuous", "lower": 0}],
        "objective": {"sense": "minimize", "expression": "sum(cost[i, j] * flow[i, j] for (i, j) in ARCS)"},
        "constraints": [{"name": "balance", "expression": constraint}],
    })  # fmt: skip


def compiled(formulation: Formulation) -> CompiledFormulation:
    return compile_formulation(formulation).require()


def entries(of: CompiledFormulation, row: int) -> dict[int, float]:
    start, end = of.model.row_starts[row], of.model.row_starts[row + 1]
    columns, values = of.model.row_columns[start:end], of.model.row_values[start:end]
    return dict(zip(columns.tolist(), values.tolist(), strict=True))


@pytest.mark.parametrize(
    ("total", "is_term"),
    [
        ("sum(flow[i, j] for (i, j) in ARCS if i == k)", lambda arc, node: arc[0] == node),
        ("sum(flow[i, j] for (i, j) in ARCS if k == j)", lambda arc, node: arc[1] == node),
        ("sum(flow[i, j] for (i, j) in ARCS if i == k and i != j)", lambda arc, node: arc[0] == node != arc[1]),
        ("sum(flow[k, j] for j in NODES if (k, j) in ARCS)", lambda arc, node: arc[0] == node),
        ("sum(flow[i, k] for i in NODES if (i, k) in ARCS)", lambda arc, node: arc[1] == node),
    ],
)
def test_a_filter_that_ties_indices_costs_no_product(
    monkeypatch: pytest.MonkeyPatch, arcs: list[Arc], total: str, is_term: Callable[[Arc, str], bool]
) -> None:
    monkeypatch.setattr(frame, "MAX_ROWS", CAP)
    made = compiled(network(arcs, f"{total} <= 9 for k in NODES"))
    assert made.model.n_rows == NODES
    for row in range(0, NODES, 97):
        wanted = {column: 1.0 for column, arc in enumerate(arcs) if is_term(arc, f"n{row}")}
        assert entries(made, row) == wanted


def test_the_balance_of_a_network_costs_twice_its_arcs(monkeypatch: pytest.MonkeyPatch, arcs: list[Arc]) -> None:
    monkeypatch.setattr(frame, "MAX_ROWS", CAP)
    out, into = "sum(flow[i, j] for (i, j) in ARCS if i == k)", "sum(flow[i, j] for (i, j) in ARCS if j == k)"
    made = compiled(network(arcs, f"{out} - {into} == 0 for k in NODES"))
    loops = sum(tail == head for tail, head in arcs)
    assert len(made.model.row_values) == 2 * (ARCS - loops)


def test_clauses_that_nothing_ties_are_refused_before_their_product_is_built(
    monkeypatch: pytest.MonkeyPatch, arcs: list[Arc]
) -> None:
    monkeypatch.setattr(frame, "MAX_ROWS", CAP)
    total = "sum(flow[i, j] for (i, j) in ARCS if i != k)"
    compilation = compile_formulation(network(arcs, f"{total} <= 9 for k in NODES"))
    assert [finding.code for finding in compilation.findings] == ["too_many_rows"]


def transport(n: int) -> Formulation:
    return Formulation.from_dict({
        "sets": [{"name": "I", "elements": f"range({n})"}, {"name": "J", "elements": f"range({n})"}],
        "parameters": [
            {"name": "cost", "index": ["I", "J"], "value": "{(i, j): 1 + (3 * i + 5 * j) % 7 for i in I for j in J}"},
            {"name": "demand", "index": ["J"], "value": "{j: 1 + j % 4 for j in J}"},
        ],
        "variables": [{"name": "ship", "index": ["I", "J"], "domain": "continuous", "lower": 0}],
        "objective": {"sense": "minimize", "expression": "sum(cost[i, j] * ship[i, j] for i in I for j in J)"},
        "constraints": [
            {"name": "supplied", "expression": "sum(ship[i, j] for j in J) <= 9 for i in I"},
            {"name": "demanded", "expression": "sum(ship[i, j] for i in I) >= demand[j] for j in J"},
        ],
    })  # fmt: skip


def test_a_dense_model_needs_no_frame_larger_than_its_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame, "MAX_ROWS", 60 * 60)
    made = compiled(transport(60))
    assert np.array_equal(np.diff(made.model.row_starts), np.full(120, 60))
    assert entries(made, 7) == {7 * 60 + j: 1.0 for j in range(60)}
    assert entries(made, 60 + 7) == {i * 60 + 7: 1.0 for i in range(60)}


def calls(action: Callable[[], object]) -> int:
    """Count the calls of the package's own Python functions; each step of a generator is one."""
    count = 0

    def called(at: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event == "call" and "nl2opt" in at.f_code.co_filename

    before = sys.getprofile()
    sys.setprofile(called)
    try:
        action()
    finally:
        sys.setprofile(before)
    return count


def test_compiling_runs_no_python_function_for_each_row_or_entry() -> None:
    small, large = transport(10), transport(90)
    for formulation in (small, large):
        compiled(formulation)  # expressions are parsed once
    assert calls(lambda: compiled(large)) == calls(lambda: compiled(small))
