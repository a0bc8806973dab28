"""PySCIPOpt programs: what the other libraries have no words for."""

from __future__ import annotations

import itertools

import pytest

from nl2opt import Formulation, FormulationError
from solvers.sandbox import run_program
from tests.nl2opt.formulation.constructs.test_constructs import JOBS, LOGICAL, B, X, Y, with_demands
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


Z = {"name": "z", "domain": "continuous", "lower": 0, "upper": 8}
N = {"name": "n", "value": 1.5}
SIZE = {"name": "size", "domain": "continuous", "lower": -5, "upper": 5}
LOAD = {"name": "load", "domain": "semicontinuous", "lower": 2.25, "upper": 3.75}
OPEN = {"name": "open", "index": ["J"], "domain": "binary"}
MIXED = [B, X, Y, Z]
EXACT = {
    "condition whose numbers are not whole": formulation(
        "x + 2 * b", "implies(n * b >= n, x <= 2)", sense="maximize", parameters=[N], variables=MIXED
    ),
    "condition turned round": formulation(
        "x - 9 * b", "implies(2.5 - 2.5 * b <= 0, x <= 2)", "b >= 1", sense="maximize", variables=MIXED
    ),
    "condition on a sum of one": formulation(
        "5 * sum(open[j] for j in J) + x", "implies(sum(open[k] for k in J if k == j) == 1, x <= 2) for j in J",
        sense="maximize", sets=[JOBS], variables=[X, OPEN],
    ),
    "condition among others whose numbers are not whole": formulation(
        "x + 9 * b", "implies(n * b >= n and y >= 2, x <= 2)", "y >= 2", sense="maximize", parameters=[N],
        variables=MIXED,
    ),
    "condition that is never met": formulation(
        "x + 9 * b", "implies(b == 1, n >= 5)", sense="maximize", parameters=[N], variables=MIXED
    ),
    "condition on a bounded binary": formulation(
        "x + b", "implies(b == 1, x <= 2)", sense="maximize", variables=[{**B, "lower": 1}, X]
    ),
    "cone of a known radius": formulation("x + z", "soc(5, (x, z))", sense="maximize", variables=MIXED),
    "cone whose tip is all there is": formulation("z + y", "soc(0 * z, x, z - 1)", sense="maximize", variables=MIXED),
    "tasks of unknown size": formulation(
        "size - x", "no_overlap((x, size), (y, 2))", "size + x <= 4", variables=[X, Y, SIZE]
    ),
    "different from known numbers": formulation(
        "x + y", "all_different([x, 6, y, 5])", sense="maximize", variables=MIXED
    ),
    "semicontinuous, fractional": formulation("z", "z <= load", sense="maximize", variables=[Z, LOAD]),
    "semicontinuous, without end": formulation(
        "load", "z >= 0.5", "load >= z", variables=[Z, {**LOAD, "upper": None}]
    ),
    "square that does not count": formulation("0 * x**2 + x", "x + y <= 4", sense="maximize", variables=MIXED),
    "products that cancel out": formulation("x * y - y * x + x", "x + y <= 4", sense="maximize", variables=MIXED),
    "piecewise of a known number": formulation("piecewise(n, [(0, 0), (4, 8)]) * x", sense="maximize", parameters=[N],
        variables=MIXED),
    "piecewise of a product": formulation(
        "piecewise(x * z, [(0, 0), (10, 5), (48, 40)]) - z", "x + z <= 9", sense="maximize", variables=MIXED
    ),
    "condition on what is curved": formulation(
        "x + z", "implies(b == 1, abs(x * z - y) <= 1)", "b >= 1", sense="maximize", variables=MIXED
    ),
    "curved without end": formulation(
        "(u - 3)**2 + v**2", "u + v == 1",
        variables=[{"name": name, "domain": "continuous", "lower": "-inf"} for name in "uv"],
    ),
    "curved and infeasible": formulation("x", "x * x <= -1", variables=MIXED),
    "product over a set": formulation(
        "prod(take[j] for j in J)", "sum(take[j] for j in J) == 9", sense="maximize", sets=[JOBS],
        variables=[{"name": "take", "index": ["J"], "domain": "continuous", "upper": 6}],
    ),
}  # fmt: skip


def test_programs_are_exact_where_numbers_make_it_hard() -> None:
    outcomes = outcomes_of_programs(list(EXACT.values()), "pyscipopt")
    for (name, case), found in zip(EXACT.items(), outcomes, strict=True):
        status, optimum = outcome_of_solving(case)
        number = None if optimum is None else pytest.approx(optimum, rel=1e-6, abs=1e-6)
        assert found == (status, number), f"{name}\n{case.to_program('pyscipopt')}"


def test_the_stages_of_a_list_may_be_constant_or_curved() -> None:
    texts = [("maximize", "5"), ("minimize", "(z - 3)**2"), ("maximize", "x * y")]
    stages = [{"sense": sense, "expression": text, "priority": -place} for place, (sense, text) in enumerate(texts)]
    content = {**with_demands("x + y + z <= 7", variables=MIXED), "objective": stages}
    case = Formulation.from_dict(content)
    printed = run_program(case.to_program("pyscipopt")).output
    found = [float(line.split(": ")[1]) for line in printed.splitlines() if line.startswith("objective")]
    assert found == pytest.approx(case.solve().stage_objectives, abs=1e-5)
    assert len(found) == 3


@pytest.mark.parametrize(("row", "number"), [("x <= 1e25", "1e+22"), ("1e-10 * x <= 1", "1e-10")])
def test_numbers_that_scip_would_misread_are_refused(row: str, number: str) -> None:
    huge = {"name": "x", "domain": "continuous", "upper": 1e22 if "25" in row else 5}
    with pytest.raises(FormulationError) as caught:
        formulation("x", row, sense="maximize", variables=[huge]).to_program("pyscipopt")
    (finding,) = caught.value.findings
    assert finding.code == "not_in_pyscipopt"
    assert number in finding.message
    assert finding.mend == "Choose other units. Or render it to pyomo."


def test_only_curved_programs_stop_at_a_gap() -> None:
    condition, flat = EXACT["condition whose numbers are not whole"], EXACT["semicontinuous, fractional"]
    assert "limits/gap" not in condition.to_program("pyscipopt")
    assert "limits/gap" not in flat.to_program("pyscipopt")
    assert "limits/gap" in EXACT["cone of a known radius"].to_program("pyscipopt")


def test_names_of_rows_are_those_of_the_formulation() -> None:
    case = formulation("sum(open[j] for j in J)", "open[j] <= 1 for j in J if j != 'q'", sets=[JOBS], variables=[OPEN])
    assert 'model.addCons(open_[j] <= 1, name=f"row_0[{j!r}]")' in case.to_program("pyscipopt")


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
    assert 'model.addCons(x + y <= 4, name="row_0")' in program
