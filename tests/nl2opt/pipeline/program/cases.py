"""Programs that chat models may write for the workshop of `tests.nl2opt.pipeline.cases`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nl2opt.chat.base import WritingStyle
from nl2opt.chat.scripted import Reply
from nl2opt.pipeline.answer import Answer
from nl2opt.pipeline.options import FormulateOptions
from nl2opt.pipeline.program.answering import answer_by_program, answer_of_program
from tests.nl2opt.pipeline.cases import PROBLEM, scripted

GAIN = '30 * model.make["chairs"] + 80 * model.make["tables"]'
HOURS = 'model.hours = pyo.Constraint(expr=2 * model.make["chairs"] + 5 * model.make["tables"] <= 400)'
SOLD = 'model.sold = pyo.Constraint(expr=model.make["tables"] <= 40)'
SOLVE = 'pyo.SolverFactory("appsi_highs").solve(model)'
PRINT = 'print("objective:", pyo.value(model.objective))'

CP_SAT = """
from ortools.sat.python import cp_model

model = cp_model.CpModel()
chairs = model.new_int_var(0, 200, "chairs")
tables = model.new_int_var(0, 40, "tables")
model.add(2 * chairs + 5 * tables <= 400)
model.maximize(30 * chairs + 80 * tables)
solver = cp_model.CpSolver()
status = solver.solve(model)
print("objective:", solver.objective_value)
"""
PYSCIPOPT = """
from pyscipopt import Model

model = Model()
chairs = model.addVar("chairs", vtype="I")
tables = model.addVar("tables", vtype="I", ub=40)
model.addCons(2 * chairs + 5 * tables <= 400)
model.setObjective(30 * chairs + 80 * tables, "maximize")
model.hideOutput()
model.optimize()
print("objective:", model.getObjVal())
"""
HIGHSPY = """
import highspy

model = highspy.Highs()
model.silent()
chairs = model.addIntegral(lb=0, name="chairs")
tables = model.addIntegral(lb=0, ub=40, name="tables")
model.addConstr(2 * chairs + 5 * tables <= 400)
model.maximize(30 * chairs + 80 * tables)
print("objective:", model.getObjectiveValue())
"""
PYWRAPLP = """
from ortools.linear_solver import pywraplp

solver = pywraplp.Solver.CreateSolver("SCIP")
chairs = solver.IntVar(0, solver.infinity(), "chairs")
tables = solver.IntVar(0, 40, "tables")
solver.Add(2 * chairs + 5 * tables <= 400)
solver.Maximize(30 * chairs + 80 * tables)
status = solver.Solve()
print("objective:", solver.Objective().Value())
"""
MATHOPT = """
from ortools.math_opt.python import mathopt

model = mathopt.Model(name="workshop")
chairs = model.add_integer_variable(lb=0, name="chairs")
tables = model.add_integer_variable(lb=0, ub=40, name="tables")
model.add_linear_constraint(2 * chairs + 5 * tables <= 400)
model.maximize(30 * chairs + 80 * tables)
result = mathopt.solve(model, mathopt.SolverType.HIGHS)
print("objective:", result.objective_value())
"""
IN_A_FUNCTION = """
import pyomo.environ as pyo


def main():
    model = pyo.ConcreteModel()
    model.chairs = pyo.Var(domain=pyo.NonNegativeIntegers)
    model.tables = pyo.Var(domain=pyo.NonNegativeIntegers, bounds=(0, 40))
    model.hours = pyo.Constraint(expr=2 * model.chairs + 5 * model.tables <= 400)
    model.gain = pyo.Objective(expr=30 * model.chairs + 80 * model.tables, sense=pyo.maximize)
    pyo.SolverFactory("glpk").solve(model)
    print(model.gain())


if __name__ == "__main__":
    main()
"""
"""As language models like to write: a model that is gone at the end, and a solver that is not there."""


def pyomo(*rows: str, gain: str = GAIN, domain: str = "NonNegativeIntegers", end: str = PRINT) -> str:
    """Return a Pyomo program with some rows."""
    return "\n".join([
        "import pyomo.environ as pyo",
        "model = pyo.ConcreteModel()",
        f'model.make = pyo.Var(["chairs", "tables"], domain=pyo.{domain})',
        f"model.objective = pyo.Objective(expr={gain}, sense=pyo.maximize)",
        *rows,
        SOLVE,
        end,
        "",
    ])  # fmt: skip


RIGHT = pyomo(HOURS, SOLD)
MISSPELT = RIGHT.replace("pyo.Var(", "pyo.Varr(")
WITHOUT_SOLD = pyomo(HOURS)
"""Maximum 6400; the number 40 is not used."""
UNBOUNDED = pyomo(SOLD)
INFEASIBLE = pyomo(HOURS, SOLD, 'model.many = pyo.Constraint(expr=model.make["chairs"] >= 300)')


def said(program: str) -> str:
    """Return a program as a chat model writes it."""
    return f"Here it is:\n\n```python\n{program}```\n"


def programmed(
    replies: Sequence[str | Reply], *, problem: str = PROBLEM, style: WritingStyle = "indexed", **options: Any
) -> Answer:
    """Answer the problem on the program route; replies are whole completions."""
    return answer_by_program(problem, scripted(*replies), FormulateOptions(style=style, **options))


def ran(program: str, **options: Any) -> Answer:
    """Run a program that is there."""
    return answer_of_program(program, FormulateOptions(**options))
