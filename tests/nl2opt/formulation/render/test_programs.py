"""What holds for the programs of every modelling library."""

from __future__ import annotations

import ast
import tokenize
from io import BytesIO

import pytest

from nl2opt import Formulation, FormulationError
from nl2opt.formulation.render import LIBRARIES, render_program
from tests.nl2opt.formulation.random_formulations import Shape, formulations, sample
from tests.nl2opt.formulation.render.demanding import demanding_formulations
from tests.nl2opt.formulation.render.formulations import FORMULATIONS, built
from tests.nl2opt.formulation.render.running import Outcome, outcome_of_solving, outcomes_of, outcomes_of_programs
from tests.nl2opt.formulation.render.strategies import scalar_formulations

LIBRARY = pytest.mark.parametrize("library", LIBRARIES)
LINEAR = {name: formulation for name, formulation in FORMULATIONS.items() if name != "quadratic"}
UNDECIDED = {"infeasibleOrUnbounded", "primal infeasible or unbounded", "infeasible or unbounded"}


def assert_agree(found: Outcome, expected: Outcome, program: str) -> None:
    """Compare what a program printed with the direct way; HiGHS may leave open why there is no optimum."""
    (status, objective), (termination, optimum) = found, expected
    if status in UNDECIDED and termination in ("infeasible", "unbounded"):
        status = termination
    number = pytest.approx(optimum, rel=1e-6, abs=1e-6) if optimum is not None else None
    assert (status, objective) == (termination, number), program


@pytest.fixture(scope="module", params=LIBRARIES)
def outcomes(request: pytest.FixtureRequest) -> dict[str, Outcome]:
    found = outcomes_of_programs(list(LINEAR.values()), request.param)
    return dict(zip(LINEAR, found, strict=True))


@pytest.mark.parametrize("name", LINEAR)
def test_program_reaches_the_same_optimum(name: str, outcomes: dict[str, Outcome]) -> None:
    assert_agree(outcomes[name], outcome_of_solving(LINEAR[name]), name)


@pytest.fixture(scope="module")
def drawn() -> list[tuple[Formulation, Outcome]]:
    cases = [
        *sample(scalar_formulations(), 15),
        *sample(formulations(), 35),
        *sample(formulations(Shape(bounded=False)), 10),
    ]
    return [(formulation, outcome_of_solving(formulation)) for formulation in cases]


@LIBRARY
def test_programs_of_random_formulations_reach_the_same_optimum(
    library: str, drawn: list[tuple[Formulation, Outcome]]
) -> None:
    programs = [formulation.to_program(library) for formulation, _ in drawn]
    for program, found, (_, expected) in zip(programs, outcomes_of(programs), drawn, strict=True):
        assert_agree(found, expected, program)


@LIBRARY
def test_programs_of_random_quadratic_objectives_come_to_an_end_at_the_optimum(library: str) -> None:
    cases = [case for case in sample(formulations(Shape(quadratic=True)), 40) if "**" in case.to_json()]
    assert len(cases) > 5
    for case, found in zip(cases, outcomes_of_programs(cases, library), strict=True):
        assert_agree(found, outcome_of_solving(case), case.to_program(library))


@pytest.fixture(scope="module")
def demanding() -> list[tuple[Formulation, Outcome]]:
    return [(case, outcome_of_solving(case)) for case in sample(demanding_formulations(), 40)]


@pytest.mark.parametrize("library", ["ortools", "pyscipopt"])
def test_programs_of_random_demands_reach_the_same_optimum(
    library: str, demanding: list[tuple[Formulation, Outcome]]
) -> None:
    programs = [formulation.to_program(library) for formulation, _ in demanding]
    assert {status for _, (status, _) in demanding} >= {"optimal", "infeasible"}
    for program, found, (_, expected) in zip(programs, outcomes_of(programs), demanding, strict=True):
        assert_agree(found, expected, program)


def test_programs_of_random_curved_demands_reach_the_same_optimum() -> None:
    cases = sample(demanding_formulations(curved=True), 40)
    expected = [outcome_of_solving(case) for case in cases]
    assert {status for status, _ in expected} >= {"optimal", "infeasible"}
    programs = [case.to_program("pyscipopt") for case in cases]
    for program, found, outcome in zip(programs, outcomes_of(programs), expected, strict=True):
        assert_agree(found, outcome, program)


@pytest.mark.parametrize("title", ["coding: utf-7", "-*- coding: latin-1 -*-", "vim: set fileencoding=utf-16 :"])
@LIBRARY
def test_no_text_names_the_encoding_of_the_program(title: str, library: str) -> None:
    variable = {"name": "q", "domain": "binary", "description": "+AAo-raise SystemExit+ACM-"}
    program = built("q", variables=[variable]).model_copy(update={"title": title}).to_program(library).encode()
    assert tokenize.detect_encoding(BytesIO(program).readline)[0] == "utf-8"
    assert not any(isinstance(node, ast.Raise) for node in ast.walk(ast.parse(program)))


@LIBRARY
def test_formulation_without_single_meaning_has_no_program(library: str) -> None:
    with pytest.raises(FormulationError, match="there is no `why`"):
        built("why").to_program(library)


@LIBRARY
def test_names_that_are_none_are_refused(library: str) -> None:
    formulation = built("x", "x <= 3")
    constraint = formulation.constraints[0].model_copy(update={"name": "x = 1; import os"})
    with pytest.raises(ValueError, match="is not a name"):
        formulation.model_copy(update={"constraints": [constraint]}).to_program(library)


def test_what_highspy_cannot_say_is_found_everywhere() -> None:
    formulation = built("(x - 3)**2 + k", "x * k <= 4", "x + k <= 9", "k**2 + x >= 1", sense="minimize")
    with pytest.raises(FormulationError) as caught:
        formulation.to_program("highspy")
    assert [(f.code, f.element, f.text) for f in caught.value.findings] == [
        ("not_in_highspy", "objective", "(x - 3) ** 2"),
        ("not_in_highspy", "constraints.row_0", "x * k"),
        ("not_in_highspy", "constraints.row_2", "k ** 2"),
    ]
    assert all(finding.mend == "Render it to pyomo." for finding in caught.value.findings)


def test_quadratic_objective_is_one_for_pyomo() -> None:
    ((status, objective),) = outcomes_of_programs([FORMULATIONS["quadratic"]], "pyomo")
    assert (status, objective) == ("optimal", pytest.approx(outcome_of_solving(FORMULATIONS["quadratic"])[1], abs=1e-6))


def test_unknown_library_is_named_with_the_nearest() -> None:
    with pytest.raises(ValueError, match=r"no rendering for `pyomoo`.*Did you mean `pyomo`"):
        render_program(built("x"), "pyomoo")
