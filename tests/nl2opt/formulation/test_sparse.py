"""Sparse tables: a default and few stated entries take the room of the entries, not of the product of the sets."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest

from nl2opt.formulation.limits import Limits
from nl2opt.formulation.schema import Formulation
from nl2opt.formulation.values import tables
from tests.nl2opt.formulation.formulations import Content, compiled, only
from tests.nl2opt.formulation.render.running import outcome_of_solving, outcomes_of_programs

SITES, STATED = 10_000, 50_000


def sites(value: Any, **fields: Any) -> Content:
    """Return a formulation over pairs of 10,000 sites, few of which have a cost."""
    parameter = {"name": "cost", "index": ["SITE", "SITE"], "value": value, "default": 0, **fields}
    pairs = "[(i, j) for i in SITE for k in range(1, 6) for j in [(i + 37 * k) % 10000]]"
    return {
        "sets": [{"name": "SITE", "elements": f"range({SITES})"}, {"name": "NEAR", "elements": pairs}],
        "parameters": [parameter],
        "variables": [{"name": "ship", "index": ["NEAR"], "domain": "continuous", "lower": 0, "upper": 1}],
        "objective": {"sense": "maximize", "expression": "sum(cost[i, j] * ship[i, j] for (i, j) in NEAR)"},
        "constraints": [
            {"name": "out", "expression": "sum(ship[i, j] for (i, j) in NEAR if i == k) <= 2 for k in SITE"}
        ],
    }


def keyed() -> dict[str, int]:
    """Return the cost of five neighbours of each site."""
    return {f"{i},{(i + 37 * k) % SITES}": k for i in range(SITES) for k in range(1, 6)}


def nested() -> dict[str, dict[str, int]]:
    return {str(i): {str((i + 37 * k) % SITES): k for k in range(1, 6)} for i in range(SITES)}


@pytest.mark.parametrize(
    "value",
    [keyed(), nested(), "{(i, j): k for i in SITE for k in range(1, 6) for j in [(i + 37 * k) % 10000]}"],
    ids=["keyed", "nested", "mapping"],
)
def test_a_sparse_table_holds_what_is_stated(value: Any) -> None:
    made = compiled(sites(value))
    table = made.context.parameters["cost"]
    assert table.keys is not None
    assert len(table.values) == len(table.keys) == STATED
    assert made.model.objective.reshape(SITES, 5).tolist() == [[1.0, 2.0, 3.0, 4.0, 5.0]] * SITES


def test_no_array_is_as_large_as_the_product_of_the_sets() -> None:
    tracemalloc.start()
    compiled(sites({"3,7": 1}))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100e6  # 10^8 numbers are 800 MB


def test_what_is_not_stated_has_the_default() -> None:
    table = compiled(sites({"3,7": 2.5, "3,6": 1.5}, default=9)).context.parameters["cost"]
    flat = np.array([3 * SITES + 7, 3 * SITES + 6, 3 * SITES + 5, 0, SITES * SITES - 1])
    assert table.at(flat).tolist() == [2.5, 1.5, 9.0, 9.0, 9.0]
    assert compiled(sites({}, default=4)).context.parameters["cost"].at(flat).tolist() == [4.0] * 5


def test_a_small_table_and_one_that_is_stated_in_full_are_dense(monkeypatch: pytest.MonkeyPatch) -> None:
    content: Content = {
        "sets": [{"name": "T", "elements": "range(4)"}],
        "parameters": [
            {"name": "few", "index": ["T"], "value": {"1": 5}, "default": 0},
            {"name": "most", "index": ["T"], "value": "{t: t for t in T if t > 0}", "default": 7},
        ],
        "variables": [{"name": "x", "domain": "binary"}],
        "objective": {"sense": "maximize", "expression": "x + sum(few[t] + most[t] for t in T)"},
    }
    assert all(table.keys is None for table in compiled(content).context.parameters.values())
    monkeypatch.setattr(tables, "DENSE_ENTRIES", 2)
    parameters = compiled(content).context.parameters
    assert [table.keys is None for table in parameters.values()] == [True, True]
    monkeypatch.setattr(tables, "SPARSE_SHARE", 2)
    parameters = compiled(content).context.parameters
    assert [table.keys is None for table in parameters.values()] == [False, True]
    assert Formulation.from_dict(content).solve().objective == 19.0


def test_the_faults_of_a_sparse_table_are_those_of_a_dense_one() -> None:
    assert only(sites({"3,7": 1, "3, 7": 2}), "repeated_key").where == 'key "3, 7"'
    assert only(sites({"3,10000": 1}), "unknown_key").text == "3,10000"
    assert "null is not a number" in only(sites({"3,7": None}), "not_a_number").message


def test_a_table_without_default_that_is_too_large_says_the_limit_and_the_mend() -> None:
    content = sites({"3,7": 1})
    del content["parameters"][0]["default"]
    limits = Limits(table_entries=1_000_000)
    (found,) = [f for f in Formulation.from_dict(content).check(limits=limits) if f.is_error]
    assert str(found) == (
        "parameters.cost.value: the parameter would have 100,000,000 entries, more than 1,000,000. "
        "State the entries that differ from one number, and that number as `default`."
    )


def test_a_program_states_what_is_stated_and_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "DENSE_ENTRIES", 3)
    content: Content = {
        "sets": [{"name": "T", "elements": "range(20)"}, {"name": "A", "elements": [["a", 1], ["b", 2]]}],
        "parameters": [
            {"name": "p", "index": ["T", "A"], "value": {"3,a,1": 1.5, "19,b,2": 2}, "default": 0.25},
            {"name": "q", "index": ["T"], "value": {"4": 4}, "default": 1},
        ],
        "variables": [{"name": "x", "index": ["T"], "domain": "continuous", "lower": 0, "upper": "q[t]", "as": ["t"]}],
        "objective": {"sense": "maximize", "expression": "sum(p[t, a] * x[t] for t in T for a in A)"},
        "constraints": [{"name": "c", "expression": "sum(x[t] for t in range(q[4] + q[5])) <= 3"}],
    }
    formulation = Formulation.from_dict(content)
    program = formulation.to_program()
    assert 'p = defaultdict(lambda: 0.25, {(3, "a", 1): 1.5, (19, "b", 2): 2})' in program
    status, objective = outcome_of_solving(formulation)
    assert outcomes_of_programs([formulation]) == [(status, pytest.approx(objective))]
