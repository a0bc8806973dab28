from __future__ import annotations

import pytest

from solvers.sandbox import explained, resolved
from tests.solvers.sandbox.harvest.claims import confirmed, facts
from tests.solvers.sandbox.harvest.conftest import Guest

LINEAR = """
from ortools.linear_solver import pywraplp

def main():
    solver = pywraplp.Solver.CreateSolver("{solver}")
    infinity = solver.infinity()
    x = solver.{kind}(0.0, infinity, "x")
    y = solver.{kind}(0.0, infinity, "")
    solver.Add(x + 7 * y <= 17.5, "total weight")
    row = solver.RowConstraint(-infinity, {most}, "")
    row.SetCoefficient(x, 1 / 3)
    solver.{sense}(x + 10 * y + 0.25)
    status = solver.Solve()
    if status == pywraplp.Solver.OPTIMAL:
        print("Objective value =", solver.Objective().Value())

main()
"""
MATHOPT = """
from ortools.math_opt.python import mathopt
model = mathopt.Model(name="plan")
x = model.add_variable(lb=0, ub=4, is_integer=True, name="x")
free = [model.add_variable(lb=-5) for _ in range(2)]
model.add_linear_constraint(x + 2 * free[0] - free[1] <= {most}, name="budget")
{more}
model.{sense}(x + free[0] + 3)
result = mathopt.solve(model, mathopt.SolverType.{solver})
print(result.termination.reason)
"""


@pytest.mark.parametrize(("solver", "kind", "best"), [("GLOP", "NumVar", 25.25), ("SCIP", "IntVar", 23.25)])
def test_models_of_pywraplp_are_read_exactly(guest: Guest, solver: str, kind: str, best: float) -> None:
    claimed = guest.claim(LINEAR.format(solver=solver, kind=kind, most=1, sense="Maximize"))
    assert facts(claimed) == ("pywraplp", "optimal", "maximize", best)
    found = confirmed(claimed)
    assert list(found.values) == ["x", "x1"]
    assert found.model.name_of_row(0) == "total weight"
    assert 1 / 3 in found.model.row_values


def test_an_infeasible_model_of_pywraplp_is_explained(guest: Guest) -> None:
    claimed = guest.claim(LINEAR.format(solver="GLOP", kind="NumVar", most=-1, sense="Minimize"))
    assert claimed.status == "infeasible"
    assert explained(confirmed(claimed)) == ["These exclude each other: `0.333333*x <= -1` (row1); `x >= 0`."]


def test_a_model_of_pywraplp_that_is_not_solved_is_read(guest: Guest) -> None:
    program = LINEAR.format(solver="SCIP", kind="IntVar", most=2, sense="Maximize").split("    status")[0] + "main()\n"
    claimed = guest.claim(program)
    assert (claimed.status, claimed.values) == ("not_solved", {})
    assert resolved(claimed).solution.is_optimal


def test_two_variables_of_one_name_are_told_apart(guest: Guest) -> None:
    claimed = guest.claim("""
from ortools.linear_solver import pywraplp
solver = pywraplp.Solver.CreateSolver("SAT")
x, y, z = (solver.IntVar(0, 5 + i, "y") for i in range(3))
solver.Maximize(x + y + z)
solver.Solve()
""")
    assert claimed.values == {"y": 5.0, "y (2)": 6.0, "y (3)": 7.0}
    confirmed(claimed)


@pytest.mark.parametrize("solver", ["HIGHS", "GSCIP"])
def test_models_of_mathopt_are_read(guest: Guest, solver: str) -> None:
    program = MATHOPT.format(most=7, more="model.add_linear_constraint(free[1] <= 1)", sense="maximize", solver=solver)
    claimed = guest.claim(program)
    assert facts(claimed) == ("mathopt", "optimal", "maximize", 9.0)
    assert set(confirmed(claimed).values) == {"x", "free[0]", "free[1]"}


def test_conditions_and_products_of_mathopt_are_read(guest: Guest) -> None:
    more = """
on = model.add_binary_variable(name="on")
model.add_indicator_constraint(indicator=on, implied_constraint=free[0] <= 1)
model.add_linear_constraint(on >= 1)
model.add_linear_constraint(free[0] <= 9)
model.add_linear_constraint(free[1] <= 8)
"""
    claimed = guest.claim(MATHOPT.format(most=9, more=more, sense="maximize", solver="GSCIP"))
    assert claimed.objective == 8.0
    confirmed(claimed)
    squared = MATHOPT.format(most=9, more="", sense="minimize", solver="GSCIP")
    squared = squared.replace("minimize(x + free[0] + 3)", "minimize(x * x - 3 * x + free[0] * free[0] + free[0])")
    claimed = guest.claim(squared)
    assert resolved(claimed).solution.objective == pytest.approx(claimed.objective, abs=1e-5)


def test_an_unbounded_model_of_mathopt_is_explained(guest: Guest) -> None:
    claimed = guest.claim(MATHOPT.format(most=7, more="", sense="maximize", solver="HIGHS"))
    assert claimed.status in ("unbounded", "infeasible_or_unbounded")
    assert explained(confirmed(claimed))[1] == "These run away: free[1] (up), free[0] (up)."


def test_an_infeasible_model_of_mathopt_is_explained(guest: Guest) -> None:
    more = "model.add_linear_constraint(free[1] <= 1)"
    claimed = guest.claim(MATHOPT.format(most=-70, more=more, sense="maximize", solver="HIGHS"))
    assert claimed.status in ("infeasible", "infeasible_or_unbounded")
    [told] = explained(confirmed(claimed))
    assert "`x + 2*free[0] - free[1] <= -70` (budget)" in told
