"""PySCIPOpt programs: what the other libraries have no words for."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from nl2opt import Formulation, FormulationError
from tests.nl2opt.formulation.constructs.test_constructs import JOBS, LOGICAL, with_demands
from tests.nl2opt.formulation.render.running import outcome_of_solving, outcomes_of_programs

OBJECTIVE = {"sense": "maximize", "expression": "3 * x + 2 * y + 4 * b"}


def test_conditions_and_alternatives_reach_the_optimum_of_enumeration() -> None:
    cases = [Formulation.from_dict({**with_demands(text), "objective": OBJECTIVE}) for text in LOGICAL]
    outcomes = outcomes_of_programs(cases, "pyscipopt")
    for (text, allows), found in zip(LOGICAL.items(), outcomes, strict=True):
        points = [point for point in itertools.product((0, 1), range(7), range(7)) if allows(*point)]
        best = max(3 * x + 2 * y + 4 * b for b, x, y in points)
        assert found == ("optimal", pytest.approx(best, abs=1e-6)), text


def formulation(expression: str, *rows: str, sense: str = "minimize", **declared: Any) -> Formulation:
    constraints = [{"name": f"row_{number}", "expression": row} for number, row in enumerate(rows)]
    objective = {"sense": sense, "expression": expression}
    return Formulation.from_dict({**declared, "objective": objective, "constraints": constraints})


FREE = [{"name": name, "domain": "continuous", "lower": -4, "upper": 9} for name in ("x", "y")]
WHOLE = [{"name": name, "domain": "integer", "lower": 0, "upper": 5} for name in ("x", "y", "z")]
STARTS = [
    {"name": "start", "index": ["J"], "domain": "integer", "lower": 0, "upper": 12},
    {"name": "end", "domain": "continuous", "lower": 0, "upper": 40},
]
SEMI = [
    {"name": "make", "index": ["J"], "domain": "semicontinuous", "lower": 3, "upper": 8},
    {"name": "buy", "domain": "continuous", "lower": 0, "upper": 20},
]
CASES = {
    "condition for each index": formulation(
        "sum(4 * open[j] + ship[j] for j in J)",
        "implies(open[j] == 0, ship[j] <= 0) for j in J",
        "sum(ship[j] for j in J) >= 12",
        sets=[JOBS],
        variables=[
            {"name": "open", "index": ["J"], "domain": "binary"},
            {"name": "ship", "index": ["J"], "domain": "continuous", "lower": 0, "upper": 10},
        ],
    ),
    "tasks": formulation(
        "end",
        "no_overlap((start[j], size[j]) for j in J)",
        "end >= start[j] + size[j] for j in J",
        sets=[JOBS],
        parameters=[{"name": "size", "index": ["J"], "value": [2, 3, 4]}],
        variables=STARTS,
    ),
    "different": formulation("x + y + z", "all_different(x, y, z)", "all_different([x + 1, y + 2])", variables=WHOLE),
    "cone": formulation(
        "x - 2 * y", "soc(r, x, y)", "r <= 3",
        variables=[*FREE, {"name": "r", "domain": "continuous", "lower": 0, "upper": 9}],
    ),
    "straight lines": formulation(
        "piecewise(x, [(-4, 0), (2, 5), (9, 7)]) - y", "y <= 2 * x", "x + y <= 7", variables=FREE
    ),
    "straight lines, the other way": formulation(
        "piecewise(x, [(-4, 3), (2, 0), (9, 7)]) + y", "y <= 4 - x", sense="maximize", variables=FREE
    ),
    "straight lines that end too low": formulation("x", "piecewise(x, [(-4, 0), (9, 5)]) >= 6", variables=FREE),
    "semicontinuous": formulation(
        "3 * sum(make[j] for j in J) + 5 * buy", "sum(make[j] for j in J) + buy >= 5", "buy >= 3",
        sets=[JOBS], variables=SEMI,
    ),
    "semicontinuous with gap": formulation(
        "sum(make[j] for j in J) + 10 * buy", "sum(make[j] for j in J) + buy >= 2", "buy <= 1",
        sets=[JOBS], variables=SEMI,
    ),
    "products": formulation("x * y - x", "x + y >= 3", "x**2 + y**2 <= 30", variables=FREE),
    "functions": formulation("exp(x) - log(y + 5) + sqrt(x + 5)", "x + y >= 2", variables=FREE),
    "quotient": formulation("(x + 9) / (y + 9)", "x + y >= 2", variables=FREE),
    "power of a variable": formulation("2**x + (y + 6)**x", "x + y >= 2", "x >= 0.5", variables=FREE),
    "largest of products": formulation("max(x * y, x - y, 1)", "x + y >= 4", variables=FREE),
    "smallest to be small": formulation("min(x, y, 3) + abs(x - y)", "x + y >= 4", variables=FREE),
    "cosine": formulation("cos(x) + y", "y >= sin(x)", variables=FREE),
}  # fmt: skip


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
