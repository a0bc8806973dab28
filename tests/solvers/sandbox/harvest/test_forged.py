"""A program shares its process with the solver and the report: whatever it claims, the second solve says what is so."""

from __future__ import annotations

import pytest

from solvers import SolveOptions
from solvers.errors import ExchangeError
from solvers.sandbox import ClaimedSolution, ModelFile, explained, resolved
from tests.solvers.sandbox.harvest.conftest import Guest

PROGRAM = """
import pyomo.environ as pyo
model = pyo.ConcreteModel()
model.x = pyo.Var(bounds=(0, 4))
model.y = pyo.Var(bounds=(0, 4))
model.gain = pyo.Objective(expr=3 * model.x + 2 * model.y, sense=pyo.maximize)
model.work = pyo.Constraint(expr=model.x + model.y <= 5)
{before}
pyo.SolverFactory("appsi_highs").solve(model)
{after}
"""
PATCHED_SOLVER = """
from pyomo.contrib.appsi.solvers.highs import Highs
real = Highs.solve
def solve(self, model, *rest, **named):
    results = real(self, model, *rest, **named)
    model.x.value, model.y.value = 40, 400
    return results
Highs.solve = solve
"""
PATCHED_HIGHSPY = """
import highspy
highspy.Highs.getSolution = lambda self: type("Forged", (), {"col_value": [4.0, 400.0], "value_valid": True,
                                                             "row_value": [5.0], "row_dual": [0.0],
                                                             "col_dual": [0.0] * 2})
"""
FORGED_NUMBER = """
import solvers.sandbox.inside.harvest.found as found
told = found.Found.told
found.Found.told = lambda self, room: told(self, room) | {"objective": 1000.0}
"""
FORGED_STATUS = FORGED_NUMBER.replace('"objective": 1000.0', '"status": "infeasible", "objective": None, "values": {}')
TEXT = """NAME
OBJSENSE
 MAX
ROWS
 N obj
 L work
COLUMNS
 x obj 3
 x work 1
 y obj 2
 y work 1
RHS
 RHS work 5
BOUNDS
 UP B x 4
 UP B y 4
ENDATA
"""
FORGED_REPORT = f"""
import json, os
os.pwrite(3, json.dumps({{"solutions": [{{"library": "pyomo", "status": "optimal", "sense": "maximize",
    "objective": 1000.0, "values": {{"x": 4.0, "y": 494.0}},
    "model": {{"format": "mps", "text": {TEXT!r}}}}}]}}).encode(), 0)
os._exit(0)
"""


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (PATCHED_SOLVER, "", "The program says 920; the optimum of its model is 14."),
        (PATCHED_HIGHSPY, "", "The program says 812; the optimum of its model is 14."),
        ("", FORGED_NUMBER, "The program says 1000; the optimum of its model is 14."),
        ("", FORGED_STATUS, "The program says that its model is infeasible; it is optimal."),
        ("", FORGED_REPORT, "The program says 1000; the optimum of its model is 14."),
    ],
    ids=["solver", "highspy", "number", "status", "report"],
)  # fmt: skip
def test_a_forged_claim_does_not_agree(guest: Guest, before: str, after: str, told: str) -> None:
    claimed = guest.claim(PROGRAM.format(before=before, after=after))
    found = resolved(claimed)
    assert found.solution.objective == 14.0
    assert found.values == {"x": 4.0, "y": 1.0}
    assert (found.agrees, found.is_confirmed) == (False, False)
    assert told in explained(found)


def test_an_honest_claim_agrees(guest: Guest) -> None:
    found = resolved(guest.claim(PROGRAM.format(before="", after="")))
    assert (found.agrees, found.is_confirmed, explained(found)) == (True, True, [])


def test_forged_values_beside_the_right_number_are_not_confirmed(guest: Guest) -> None:
    after = """
import solvers.sandbox.inside.harvest.found as found
told = found.Found.told
found.Found.told = lambda self, room: told(self, room) | {"values": {"x": 4.0, "y": 3.0}}
"""
    found = resolved(guest.claim(PROGRAM.format(before="", after=after)))
    assert (found.agrees, found.is_confirmed) == (True, False)
    assert found.claimed_point is not None
    assert (found.claimed_point.is_feasible, found.claimed_point.broken) == (False, "work")
    assert explained(found) == ["The values that the program claims break its own model, work most of all."]


def test_what_a_program_prints_changes_nothing_where_it_left_a_model(guest: Guest) -> None:
    claimed = guest.claim(PROGRAM.format(before="", after="print('Optimal value: 1000')"))
    assert (claimed.library, claimed.objective) == ("pyomo", 14.0)


def test_a_model_that_was_changed_after_the_solve_does_not_agree(guest: Guest) -> None:
    found = resolved(guest.claim(PROGRAM.format(before="", after="model.more = pyo.Constraint(expr=model.x <= 2)")))
    assert (found.agrees, found.solution.objective) == (False, 12.0)
    assert found.claimed_point is not None
    assert found.claimed_point.broken == "more"


LP = "maximize\n obj: 3 x + 2 y\nsubject to\n work: x + y <= 5\nbounds\n x <= 4\n y <= 4\nend\n"


def claim(text: str = LP, **parts: object) -> ClaimedSolution:
    facts: dict[str, object] = {"library": "pyomo", "status": "optimal", "sense": "maximize", "objective": 14.0}
    return ClaimedSolution(model=ModelFile(format="lp", text=text), **(facts | parts))  # type: ignore[arg-type]


def test_a_point_with_missing_values_is_not_judged() -> None:
    found = resolved(claim(values={"x": 4.0}))
    assert found.claimed_point is not None
    assert (found.claimed_point.is_feasible, found.is_confirmed) == (None, True)


def test_values_off_by_the_tolerance_of_solvers_are_accepted() -> None:
    assert resolved(claim(objective=14.00001, values={"x": 4.000001, "y": 1.000001})).is_confirmed


def test_values_without_the_objective_that_is_claimed_are_not_confirmed() -> None:
    found = resolved(claim(values={"x": 1.0, "y": 1.0}))
    assert (found.agrees, found.is_confirmed) == (True, False)
    assert explained(found) == ["The values that the program claims have the objective 5, not 14."]


def test_a_limit_of_the_second_solve_decides_nothing() -> None:
    assert resolved(claim(), options=SolveOptions(time_limit_seconds=0.0)).agrees is None


@pytest.mark.parametrize("text", ["", "no model", "x" * 16_000_001, "\0", "\ud800", LP.replace("<= 5", "<= 1e999 x")])
def test_texts_that_are_no_models_are_refused(text: str) -> None:
    with pytest.raises(ExchangeError):
        resolved(claim(text))
