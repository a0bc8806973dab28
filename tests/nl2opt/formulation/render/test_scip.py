"""PySCIPOpt programs: what the other libraries have no words for."""

from __future__ import annotations

import itertools

import pytest

from nl2opt import Formulation, FormulationError
from tests.nl2opt.formulation.constructs.test_constructs import JOBS, LOGICAL, with_demands
from tests.nl2opt.formulation.render.demands import CASES, FREE, WHOLE, formulation
from tests.nl2opt.formulation.render.running import outcome_of_solving, outcomes_of_programs

OBJECTIVE = {"sense": "maximize", "expression": "3 * x + 2 * y + 4 * b"}


def test_conditions_and_alternatives_reach_the_optimum_of_enumeration() -> None:
    cases = [Formulation.from_dict({**with_demands(text), "objective": OBJECTIVE}) for text in LOGICAL]
    outcomes = outcomes_of_programs(cases, "pyscipopt")
    for (text, allows), found in zip(LOGICAL.items(), outcomes, strict=True):
        points = [point for point in itertools.product((0, 1), range(7), range(7)) if allows(*point)]
        best = max(3 * x + 2 * y + 4 * b for b, x, y in points)
        assert found == ("optimal", pytest.approx(best, abs=1e-6)), text


def test_programs_reach_the_optimum_of_the_direct_way() -> None:
    outcomes = outcomes_of_programs(list(CASES.values()), "pyscipopt")
    for (name, case), found in zip(CASES.items(), outcomes, strict=True):
        status, optimum = outcome_of_solving(case)
        number = None if optimum is None else pytest.approx(optimum, rel=1e-5, abs=1e-5)
        assert found == (status, number), f"{name}\n{case.to_program('pyscipopt')}"


ARCS = {"name": "ARCS", "elements": [["p", "q"], ["q", "r"], ["r", "p"]]}


@pytest.mark.parametrize(
    "text", ["cumulative(((x, 2, 1) for j in J), 3)", "circuit((i, j, use[i, j]) for i, j in ARCS)"]
)
def test_what_scip_cannot_say_names_the_library_that_can(text: str) -> None:
    use = {"name": "use", "index": ["ARCS"], "domain": "binary"}
    with pytest.raises(FormulationError) as caught:
        formulation("x", text, sets=[JOBS, ARCS], variables=[*WHOLE, use]).to_program("pyscipopt")
    (finding,) = caught.value.findings
    assert (finding.code, finding.element) == ("not_in_pyscipopt", "constraints.row_0")
    assert finding.mend == "Render it to ortools."


def test_program_reads_like_one_that_a_person_writes() -> None:
    program = formulation("2 * x + 3 * y", "x + y <= 4", sense="maximize", variables=FREE).to_program("pyscipopt")
    assert 'x = model.addVar("x", lb=-4, ub=9)' in program
    assert "objective = 2 * x + 3 * y" in program
    assert "model.addCons(x + y <= 4)" in program
