from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from nl2opt.verification.duality import dual_bound, duality_evidence
from nl2opt.verification.evidence import Outcome
from nl2opt.verification.second_solver import SolvedModel, second_solver_evidence
from solvers import Model, Solution, Termination, solve
from tests.nl2opt.pipeline.cases import INDEXED, compiled


def workshop(domain: str = "integer", **changes: Any) -> Model:
    content = copy.deepcopy({**INDEXED, **changes})
    content["variables"][0]["domain"] = domain
    return compiled(content).model


def evidence(model: Model, **changes: Any) -> Any:
    solution = solve(model)
    return second_solver_evidence(SolvedModel(model=model, solution=replace(solution, **changes)))


@pytest.mark.parametrize("domain", ["integer", "continuous"])
def test_another_solver_reaches_the_same_optimum(domain: str) -> None:
    found = evidence(workshop(domain))
    assert found.outcome is Outcome.PASSED
    assert "reaches the same optimum (6,200)" in found.text
    assert not found.text.startswith("HiGHS")


def test_an_optimum_that_the_second_solver_does_not_reach_fails() -> None:
    found = evidence(workshop(), objective=6201.0)
    assert found.outcome is Outcome.FAILED
    assert "HiGHS 1.13.1 says optimal, 6,201" in found.text
    assert "says optimal, 6,200." in found.text


def test_two_solvers_agree_that_nothing_is_feasible() -> None:
    rows = [*INDEXED["constraints"], {"name": "many", "expression": "make['table'] >= 41"}]
    assert "says so too: infeasible." in evidence(workshop(constraints=rows)).text


def test_a_wrong_no_fails() -> None:
    found = evidence(workshop(), termination=Termination.INFEASIBLE, objective=None, values=None)
    assert found.outcome is Outcome.FAILED


def test_a_point_without_proof_is_nothing_to_confirm() -> None:
    assert evidence(workshop(), termination=Termination.LIMIT).outcome is Outcome.DOES_NOT_APPLY


def test_a_model_that_is_rewritten_for_the_second_solver_is_the_same_model() -> None:
    content = {
        "variables": [{"name": "x", "index": ["I"], "domain": "integer", "lower": 1, "upper": 3}],
        "sets": [{"name": "I", "elements": [1, 2, 3]}],
        "objective": {"sense": "minimize", "expression": "x[1]"},
        "constraints": [{"name": "differ", "expression": "all_different(x[i] for i in I)"}],
    }
    assert "HiGHS 1.13.1 reaches the same optimum (1)." in evidence(compiled(content).model).text


def test_a_model_that_one_solver_alone_takes_is_said_to_be_so() -> None:
    content = {
        "variables": [{"name": "x", "domain": "integer", "lower": 1, "upper": 3}],
        "objective": {"sense": "minimize", "expression": "x**3 - exp(x)"},
        "constraints": [{"name": "r", "expression": "x >= 2"}],
    }
    found = evidence(compiled(content).model)
    assert found.outcome is Outcome.DOES_NOT_APPLY
    assert found.text.startswith("No second solver takes this model: only SCIP")


def test_a_local_solver_is_called_one() -> None:
    content = {
        "variables": [{"name": "x", "domain": "continuous", "lower": 0, "upper": 4}],
        "objective": {"sense": "minimize", "expression": "exp(x) - 3 * x"},
        "constraints": [{"name": "r", "expression": "x <= 3"}],
    }
    found = evidence(compiled(content).model)
    assert "looks for local optima only" in found.text


def test_the_prices_of_the_rows_prove_a_linear_optimum() -> None:
    model = workshop("continuous")
    found = duality_evidence(model, solve(model))
    assert found is not None
    assert found.outcome is Outcome.PASSED
    assert "nothing can be better than 6,200" in found.text


def test_wrong_prices_prove_nothing() -> None:
    model = workshop("continuous")
    solution = solve(model)
    assert solution.row_dual is not None
    wrong: Solution = replace(solution, row_dual=solution.row_dual * 0.5)
    assert duality_evidence(model, wrong) is None
    assert dual_bound(model, np.zeros(model.n_rows)) is None


def test_whole_numbers_have_no_prices() -> None:
    model = workshop()
    assert duality_evidence(model, solve(model)) is None
