"""What is read from the objects that programs leave behind."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from solvers import Solution, solve
from solvers.exchange import read_model
from solvers.sandbox import ClaimedSolution, Pool, RunKind


class Case(NamedTuple):
    """A program, and what its model says."""

    library: str
    status: str
    objective: float | None
    values: dict[str, float]
    source: str
    note: str = ""


PYOMO_IN_A_FUNCTION = """
import pyomo.environ as pyo
def main():
    m = pyo.ConcreteModel()
    m.I = pyo.Set(initialize=["a b", "c"])
    m.x = pyo.Var(m.I, domain=pyo.NonNegativeReals)
    m.n = pyo.Var(domain=pyo.Integers, bounds=(0, 9))
    m.profit = pyo.Objective(expr=2 * m.x["a b"] + m.x["c"] + 3 * m.n + 1, sense=pyo.maximize)
    m.both = pyo.Constraint(expr=pyo.inequality(1, m.x["a b"] + m.n, 5.5))
    m.one = pyo.Constraint(expr=m.x["c"] <= 2)
    results = pyo.SolverFactory("glpk").solve(m)
    print(results.solver.termination_condition, pyo.value(m.profit))
main()
"""
PYOMO_INFEASIBLE = """
from pyomo.environ import *
m = ConcreteModel()
m.x = Var(domain=NonNegativeReals)
m.cost = Objective(expr=m.x)
m.row = Constraint(expr=m.x <= -1)
SolverFactory("cbc", executable="/usr/bin/cbc").solve(m, options={"seconds": 5}, tee=True)
"""
PYOMO_CURVED = """
from pyomo.environ import *
m = ConcreteModel()
m.x = Var(domain=Integers, bounds=(0, 4))
m.y = Var(bounds=(0, 3))
m.cost = Objective(expr=(m.x - 1.4)**2 + m.x * m.y - m.y)
m.row = Constraint(expr=m.x**2 + m.y**2 <= 9)
solver = SolverFactory("gurobi")
solver.options["TimeLimit"] = 10
solver.solve(m)
"""
HIGHSPY = """
import highspy
def made():
    h = highspy.Highs()
    h.silent()
    x = h.addVariables(["p", "q"], lb=0)
    h.addConstr(x["p"] + 2 * x["q"] <= 7)
    h.addConstr(x["p"] <= 3)
    h.maximize(x["p"] + x["q"])
    return x
x = made()
"""
CP_SAT = """
from ortools.sat.python import cp_model
m = cp_model.CpModel()
x = {i: m.NewIntVar(0, 10, f"x_{i}") for i in range(2)}
b = m.NewBoolVar("b")
m.Add(x[0] + x[1] <= 15)
m.Add(x[0] >= 2 * b)
m.AddBoolOr([b, b.Not()])
m.AddAtMostOne([b.Not()])
m.Maximize(3 * x[0] + x[1] - b)
print(cp_model.CpSolver().Solve(m))
"""
MATHOPT = """
from ortools.math_opt.python import mathopt
m = mathopt.Model()
x, y = m.add_variable(lb=0, ub=4, name="x"), m.add_integer_variable(lb=0, ub=3)
m.add_linear_constraint(x + y <= 5.5)
m.maximize(x + 2 * y + 1)
mathopt.solve(m, mathopt.SolverType.HIGHS)
"""
PYWRAPLP = """
from ortools.linear_solver import pywraplp
s = pywraplp.Solver.CreateSolver("GUROBI")
x, y = s.IntVar(0, 9, "x"), s.NumVar(0, s.infinity(), "y")
s.Add(x + 2 * y <= 7.5)
s.Maximize(2 * x + 3 * y)
s.Solve()
"""
SCIP = """
from pyscipopt import Model
def go():
    m = Model("plan")
    x, y = m.addVar("x a", vtype="I", ub=5), m.addVar("y", ub=9)
    m.addCons(x + y <= 7.5)
    m.addCons(x * x + y <= 20)
    m.setObjective(2 * x + y + 1, "maximize")
    m.hideOutput()
    m.optimize()
go()
"""
UNBOUNDED = """
from pyscipopt import Model
m = Model()
x = m.addVar("x")
m.setObjective(x, "maximize")
m.hideOutput()
m.optimize()
"""
UNSOLVED = """
from pyomo.environ import *
m = ConcreteModel()
m.x = Var(bounds=(0, 3))
m.cost = Objective(expr=-2 * m.x)
"""
CASES = {
    "pyomo in a function": Case(
        "pyomo", "optimal", 19, {"x[a b]": 0.5, "x[c]": 2, "n": 5}, PYOMO_IN_A_FUNCTION, "asks for glpk"
    ),
    "pyomo infeasible": Case("pyomo", "infeasible", None, {}, PYOMO_INFEASIBLE, "asks for cbc"),
    "pyomo curved": Case("pyomo", "optimal", -1.04, {"x": 0, "y": 3}, PYOMO_CURVED, "SCIP was called"),
    "highspy": Case("highspy", "optimal", 5, {"x[p]": 3, "x[q]": 2}, HIGHSPY),
    "cp_sat": Case("cp_sat", "optimal", 35, {"x_0": 10, "x_1": 5, "b": 0}, CP_SAT),
    "mathopt": Case("mathopt", "optimal", 9.5, {"x": 2.5, "y": 3}, MATHOPT),
    "pywraplp": Case("pywraplp", "optimal", 14.75, {"x": 7, "y": 0.25}, PYWRAPLP, "asks for GUROBI"),
    "scip": Case("pyscipopt", "optimal", 12.5, {"x a": 4, "y": 3.5}, SCIP),
    "unbounded": Case("pyscipopt", "unbounded", None, {}, UNBOUNDED),
    "unsolved": Case("pyomo", "not_solved", None, {}, UNSOLVED),
}


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with Pool() as pool:
        yield pool


def solved_again(claimed: ClaimedSolution) -> Solution:
    assert claimed.model is not None, claimed.why_no_model
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"model.{claimed.model.format}"
        path.write_text(claimed.model.text, encoding="utf-8")
        return solve(read_model(path).model)


@pytest.mark.parametrize("name", CASES)
def test_the_last_model_is_read_with_its_solution(pool: Pool, name: str) -> None:
    case = CASES[name]
    run = pool.run(case.source)
    assert run.kind is RunKind.FINISHED, run.message
    claimed = run.claimed_solutions[0]
    assert (claimed.library, claimed.status) == (case.library, case.status)
    assert claimed.values == pytest.approx(case.values, abs=1e-6)
    assert case.note in " ".join(run.notes)
    again = solved_again(claimed)
    if case.objective is not None:
        assert claimed.objective == pytest.approx(case.objective)
        assert again.objective == pytest.approx(case.objective, rel=1e-5)
    elif case.status != "not_solved":
        assert again.termination == case.status


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (
            "m.x = Var(bounds=(1, 4)); m.o = Objective(expr=log(m.x)); SolverFactory('ipopt').solve(m)",
            "nonlinear in the",
        ),
        ("m.x = Var(); m.o = Objective(expr=m.x); m.p = Objective(expr=-m.x)", "2 active objectives"),
    ],
)
def test_a_model_that_no_file_holds_is_left_out_with_the_reason(pool: Pool, source: str, why: str) -> None:
    run = pool.run(f"from pyomo.environ import *\nm = ConcreteModel()\n{source}")
    claimed = run.claimed_solutions[0]
    assert claimed.model is None
    assert why in claimed.why_no_model


@pytest.mark.parametrize(
    ("printed", "status", "objective"),
    [
        ("Optimal value: 12.5", "optimal", 12.5),
        ("Just print the best solution: 1,250", "unknown", 1250.0),
        ("Maximum profit = $ -3e2\\nx: 4", "unknown", -300.0),
        ("The problem is infeasible.", "infeasible", None),
    ],
)
def test_a_print_out_is_the_last_resort(pool: Pool, printed: str, status: str, objective: float | None) -> None:
    (claimed,) = pool.run(f"print('{printed}')").claimed_solutions
    assert (claimed.library, claimed.status, claimed.objective, claimed.model) == ("print", status, objective, None)


def test_a_forged_optimum_does_not_come_with_a_forged_model(pool: Pool) -> None:
    forged = HIGHSPY + "highspy.Highs.getInfo = lambda self: type('I', (), {'objective_function_value': 99.0})\n"
    claimed = pool.run(forged).claimed_solutions[0]
    assert claimed.objective == 99
    assert solved_again(claimed).objective == pytest.approx(5)


def test_reading_a_model_takes_little(pool: Pool) -> None:
    empty = min(pool.run("import pyomo.environ").cpu_seconds for _ in range(5))
    unsolved = min(pool.run(UNSOLVED).cpu_seconds for _ in range(5))
    assert unsolved - empty < 0.05
