from __future__ import annotations

import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nl2opt.errors import FormulationError
from nl2opt.formulation.schema import Formulation
from nl2opt.verification.crosscheck import crosscheck_evidence
from nl2opt.verification.evidence import Outcome
from tests.nl2opt.formulation.compilation.test_reformulation import EXPRESSIONS, JOBS, NAMES, ROWS, A, B, Read, problem
from tests.nl2opt.formulation.formulations import Content, with_rows
from tests.nl2opt.formulation.render.running import outcome_of_solving, outcomes_of_programs
from tests.nl2opt.formulation.test_objectives import PROFIT, WASTE, goal, goals

CASES: list[Content] = [
    JOBS,
    problem("minimize", "abs(a - 3) + abs(b - 7)", "a + b == 12"),
    problem("maximize", "min(a, b) - max(0, a - 2)", "2 * a + b <= 9"),
    problem("minimize", "a + 2 * b", "max(a, b, 3) == 7"),
    problem("minimize", "abs(max(a, b) - 4) + a", "b >= 6"),
    problem("minimize", "sum(max(a - k, b, 0) for k in [1, 2])", "max(m * a for m in [1, 2]) >= 3 * k for k in [1, 2]"),
    problem("minimize", "max(2, 3) * a + abs(-4)", "a >= max(1, min(2, 5))"),
    goals(WASTE, PROFIT),
    goals(PROFIT, {**WASTE, "weight": 2}, goal("maximize", "min(a, b - 1)", weight=3)),
    goals({**PROFIT, "tolerance": 0.25}, WASTE, goal("minimize", "abs(a - b)", priority=-1)),
]


LIBRARY = pytest.mark.parametrize("library", ["pyomo", "highspy"])


@LIBRARY
def test_programs_reach_the_optimum_of_the_direct_way(library: str) -> None:
    formulations = [Formulation.from_dict(content) for content in CASES]
    found = outcomes_of_programs(formulations, library)
    for formulation, (status, objective) in zip(formulations, found, strict=True):
        expected_status, expected = outcome_of_solving(formulation)
        assert status == expected_status == "optimal"
        assert objective == pytest.approx(expected, abs=1e-6), formulation.to_program(library)


@LIBRARY
@settings(max_examples=2, deadline=None)
@given(st.lists(st.tuples(EXPRESSIONS, st.sampled_from(["minimize", "maximize"]), ROWS), min_size=20, max_size=20))
def test_random_programs_reach_the_optimum_of_the_direct_way(
    library: str, drawn: list[tuple[Read, str, tuple[Read, str, int]]]
) -> None:
    formulations = [
        Formulation.from_dict(
            {
                "variables": [{"name": n, "domain": "integer", "lower": -2, "upper": 2} for n in NAMES],
                "objective": {"sense": sense, "expression": objective[0]},
                "constraints": [{"name": "c", "expression": f"{row[0]} {operator} {side}"}],
            }
        )
        for objective, sense, (row, operator, side) in drawn
    ]
    for formulation, found in zip(formulations, outcomes_of_programs(formulations, library), strict=True):
        status, objective = outcome_of_solving(formulation)
        assert found == (status, pytest.approx(objective, abs=1e-6) if objective is not None else None), formulation


def test_the_program_calls_functions_with_speaking_names() -> None:
    program = Formulation.from_dict(JOBS).to_program()
    assert "largest((sum(hours[j] * model.on[j, m] for j in JOB) for m in M), exact=False)" in program
    assert "smallest" not in program
    exact = Formulation.from_dict(problem("minimize", "a", "max(a, b) >= 7", "min(a, b) <= 2")).to_program()
    assert "model.c1 = pyo.Constraint(expr=largest([model.a, model.b]) >= 7)" in exact
    assert "smallest([model.a, model.b]) <= 2" in exact


def test_programs_of_highspy_call_the_same_functions() -> None:
    program = Formulation.from_dict(JOBS).to_program("highspy")
    assert "largest((h.qsum(hours[j] * on[j, m] for j in JOB) for m in M), exact=False)" in program
    assert "smallest" not in program


def test_known_values_need_no_functions() -> None:
    program = Formulation.from_dict(problem("minimize", "max(2, 3) * a + abs(-4)", "a >= 1")).to_program()
    assert "largest" not in program
    assert "max(2, 3) * model.a + abs(-4)" in program


def test_names_of_the_program_are_free_for_the_formulation() -> None:
    content = problem("minimize", "largest + extrema", "max(largest, extrema) >= choices")
    content["variables"] = [{**A, "name": "largest"}, {**B, "name": "extrema"}]
    content["parameters"] = [{"name": "choices", "value": 4}]
    formulation = Formulation.from_dict(content)
    for library in ("pyomo", "highspy"):
        assert outcomes_of_programs([formulation], library) == [("optimal", pytest.approx(4))]


def test_nonlinear_functions_are_those_of_pyomo() -> None:
    text = "exp(x) + log(x) * sqrt(y) + sin(x) + cos(y) + x ** 3 + 2 ** x + x / y + log(2)"
    variables = [{"name": n, "domain": "continuous", "lower": 1, "upper": 2} for n in "xy"]
    program = Formulation.from_dict(with_rows("x * y * x >= 2", objective=text, variables=variables)).to_program()
    ast.parse(program)
    for part in ("pyo.exp(model.x)", "pyo.log(model.x) * pyo.sqrt(model.y)", "model.x ** 3", "2 ** model.x"):
        assert part in program
    assert "math.log(2)" in program
    assert 'pyo.SolverFactory("scip_direct")' in program


NONLINEAR = {
    "functions": ("exp(x) + log(x) * sqrt(y) + sin(x) + cos(y) + x ** 3 + 2 ** x + x / y", "x * y * x >= 2"),
    "rows": ("x + 2 * y", "exp(x) * y >= 6"),
    "quadratic_rows": ("x + y", "x * y >= 2"),
    "not_convex": ("x * y - x ** 2", "x + y >= 2.5"),
}


def test_programs_that_highs_cannot_solve_reach_the_optimum_with_scip() -> None:
    variables = [{"name": n, "domain": "continuous", "lower": 1, "upper": 2} for n in "xy"]
    drawn = [
        Formulation.from_dict(with_rows(row, objective=text, variables=variables)) for text, row in NONLINEAR.values()
    ]
    for found, formulation in zip(outcomes_of_programs(drawn), drawn, strict=True):
        solution = formulation.solve()
        assert solution.is_optimal, solution.message
        assert found == ("optimal", pytest.approx(solution.objective, rel=1e-6, abs=1e-6)), formulation.to_program()


def test_the_cross_check_compares_every_stage() -> None:
    formulation = Formulation.from_dict(goals(WASTE, PROFIT))
    solution = formulation.solve()
    assert solution.objective is not None
    first, later = solution.objective, solution.stage_objectives[1:]
    assert crosscheck_evidence(formulation, first, later).outcome is Outcome.PASSED
    assert crosscheck_evidence(formulation, first, (later[0] + 1,)).outcome is Outcome.FAILED


def test_what_only_pyomo_says_is_refused_for_highspy() -> None:
    with pytest.raises(FormulationError, match="linear expressions only"):
        Formulation.from_dict(problem("minimize", "exp(a) + b", "a + b >= 3")).to_program("highspy")
