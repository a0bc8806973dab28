from __future__ import annotations

from nl2opt.formulation.compilation.compiler import compile_formulation
from nl2opt.formulation.schema import Formulation
from nl2opt.pipeline.feedback import finding_points, number_points, solution_points
from solvers import solve
from tests.nl2opt.pipeline.cases import INDEXED, PROBLEM, compiled


def test_errors_are_told_and_warnings_are_not() -> None:
    unused = [*INDEXED["parameters"], {"name": "spare", "value": 3}]
    constraints = [{"name": "c", "expression": "make[i] <= nothing for i in ITEM"}]
    wrong = Formulation.from_dict({**INDEXED, "parameters": unused, "constraints": constraints})
    findings = compile_formulation(wrong).findings
    assert len(findings) > 1
    (point,) = finding_points(findings)
    assert "nothing" in point


def test_an_optimum_raises_no_doubt() -> None:
    found = compiled(INDEXED)
    assert solution_points(found, solve(found.model)) == []
    assert number_points(PROBLEM, found.formulation) == []


def test_an_unbounded_model_names_the_variables_that_run_away() -> None:
    found = compiled({**INDEXED, "constraints": [{"name": "market", "expression": "make['table'] <= sold"}]})
    (point,) = solution_points(found, solve(found.model))
    assert "make['chair'] can grow without end: no constraint limits it from above" in point


def test_an_infeasible_model_asks_for_the_senses() -> None:
    found = compiled({**INDEXED, "constraints": [{"name": "c", "expression": "make['table'] <= -1"}]})
    (point,) = solution_points(found, solve(found.model))
    assert point == (
        "No values satisfy all constraints at once. These 2 cannot all hold; without any one of them the others can: "
        "- c (make['table'] <= -1): at most -1; - make['table'] >= 0, the lower bound of make['table']. "
        "Is a sense (<=, >=) the wrong way round, or a constraint not in the problem?"
    )


def test_numbers_that_are_missing_or_invented_are_told_with_their_words() -> None:
    parameters = [*INDEXED["parameters"][:2], {"name": "hours", "value": 411}, INDEXED["parameters"][3]]
    points = number_points(PROBLEM, Formulation.from_dict({**INDEXED, "parameters": parameters}))
    assert any(point.startswith('The number 400 is not used: "') and "400 hours" in point for point in points)
    assert any("The number 411 in parameters.hours is not in the problem." in point for point in points)
