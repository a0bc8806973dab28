from __future__ import annotations

import pytest

from solvers.sandbox import RunKind
from tests.solvers.sandbox.harvest.claims import confirmed
from tests.solvers.sandbox.harvest.conftest import Guest

PROGRAM = """
from pyomo.environ import *

model = ConcreteModel()
model.x = Var(within=NonNegativeIntegers)
model.y = Var(within=NonNegativeReals, bounds=(0, 4))
model.profit = Objective(expr={profit}, sense=maximize)
model.limit = Constraint(expr=2 * model.x + model.y <= 11)
{more}
solver = SolverFactory("{solver}"{options})
solver.options["tmlim"] = 20
solver.options["some unknown option"] = True
result = solver.solve(model, tee={tee})
if result.solver.status == SolverStatus.ok and result.solver.termination_condition == TerminationCondition.optimal:
    print("Optimal solution found:", round(value(model.profit), 4))
elif result.solver.termination_condition == TerminationCondition.infeasible:
    print("The model is infeasible.", model.x.value)
else:
    print("Status:", result.solver.status, result.solver.termination_condition)
"""


def program(solver: str, *, profit: str = "3 * model.x + model.y", **parts: str) -> str:
    return PROGRAM.format(solver=solver, profit=profit, **({"more": "", "tee": "False", "options": ""} | parts))


@pytest.mark.parametrize(
    "solver", ["glpk", "cbc", "gurobi", "gurobi_direct", "cplex", "cplex_direct", "mosek", "ipopt"]
)
def test_highs_is_called_for_linear_models(guest: Guest, solver: str) -> None:
    run = guest.finished(program(solver))
    assert run.output == "Optimal solution found: 16.0\n"
    assert run.notes == (f"The program asks for {solver}, which is not installed; HiGHS was called instead.",)
    confirmed(run.claimed_solutions[0])


@pytest.mark.parametrize("solver", ["ipopt", "scip", "baron"])
def test_scip_is_called_for_nonlinear_models(guest: Guest, solver: str) -> None:
    run = guest.finished(program(solver, profit="3 * model.x + sqrt(model.y)"))
    assert run.output == "Optimal solution found: 16.0\n"
    assert run.notes == (f"The program asks for {solver}, which is not installed; SCIP was called instead.",)


def test_a_model_without_a_solution_ends_as_it_does_with_the_solver_that_was_asked_for(guest: Guest) -> None:
    run = guest.finished(program("glpk", more="model.least = Constraint(expr=model.x >= 6)"))
    assert run.output == "The model is infeasible. None\n"
    assert run.claimed_solutions[0].status == "infeasible"


def test_the_log_of_the_solver_is_shown_where_it_is_asked_for(guest: Guest) -> None:
    assert "HiGHS" in guest.finished(program("cbc", tee="True")).output
    assert "HiGHS" not in guest.finished(program("cbc")).output


def test_the_solver_is_called_without_a_gap(guest: Guest) -> None:
    output = guest.finished(program("glpk", tee="True")).output
    assert "  Gap               0%\n" in output  # HiGHS names its tolerance where there is one


def test_a_gap_that_the_program_asks_for_is_kept(guest: Guest) -> None:
    wished = program("cbc", tee="True").replace('options["tmlim"] = 20', 'options["ratio"] = 0.05')
    assert "(tolerance: 5%)" in guest.finished(wished).output


def test_what_older_interfaces_offer_is_there(guest: Guest) -> None:
    run = guest.finished(
        program("glpk", options=', executable="/usr/bin/glpsol"', more="model.dual = Suffix(direction=Suffix.IMPORT)")
        + """
model.x.domain = NonNegativeReals
with SolverFactory("gurobi_persistent") as opt:
    opt.set_instance(model)
    model.limit.set_value(2 * model.x + model.y <= 13)
    opt.remove_constraint(model.limit)
    opt.add_constraint(model.limit)
    results = opt.solve(tee=False, warmstart=True)
assert_optimal_termination(results)
print(opt.available(), results.problem.upper_bound, model.dual[model.limit])
model.solutions.store_to(results)
"""
    )
    assert run.output.splitlines()[-1].startswith("True 19.5 1.5")


def test_solvers_that_are_there_are_left_alone(guest: Guest) -> None:
    run = guest.finished(program("appsi_highs"))
    assert (run.output, run.notes) == ("Optimal solution found: 16.0\n", ())


def test_nothing_is_replaced_where_that_is_not_wanted(guest: Guest) -> None:
    run = guest.run(program("glpk"), rename_solvers=False)
    assert (run.kind, run.notes) == (RunKind.EXCEPTION, ())
    assert run.claimed_exception is not None
    assert run.claimed_exception.kind == "ApplicationError"
    assert "appsi_highs" in run.claimed_exception.hints[0]


@pytest.mark.parametrize(
    ("make", "called"),
    [
        ('pywraplp.Solver.CreateSolver("GUROBI")', "SCIP"),
        ('pywraplp.Solver.CreateSolver("CPLEX")', "SCIP"),
        ('pywraplp.Solver("plan", pywraplp.Solver.GUROBI_MIXED_INTEGER_PROGRAMMING)', "SCIP"),
        ('pywraplp.Solver("plan", pywraplp.Solver.CPLEX_LINEAR_PROGRAMMING)', "GLOP"),
    ],
)
def test_solvers_of_pywraplp_are_replaced(guest: Guest, make: str, called: str) -> None:
    run = guest.finished(f"""
from ortools.linear_solver import pywraplp
solver = {make}
x = solver.NumVar(0, 4, "x")
solver.Maximize(x)
print(solver.Solve() == pywraplp.Solver.OPTIMAL, x.solution_value())
""")
    assert run.output == "True 4.0\n"
    asked = "GUROBI" if "GUROBI" in make else "CPLEX"
    assert run.notes == (f"The program asks for {asked}, which is not installed; {called} was called instead.",)


def test_solvers_of_mathopt_are_replaced(guest: Guest) -> None:
    run = guest.finished("""
from ortools.math_opt.python import mathopt
model = mathopt.Model()
x = model.add_variable(lb=0, ub=4, name="x")
model.maximize(x)
print(mathopt.solve(model, mathopt.SolverType.GUROBI).objective_value())
solver = mathopt.IncrementalSolver(model, mathopt.SolverType.GLPK)
print(solver.solve().objective_value())
""")
    assert run.output == "4.0\n4.0\n"
    assert [note.split(",")[0] for note in run.notes] == ["The program asks for GUROBI", "The program asks for GLPK"]
    confirmed(run.claimed_solutions[0])
