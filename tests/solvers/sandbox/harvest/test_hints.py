from __future__ import annotations

import pytest

from tests.solvers.sandbox.harvest.conftest import Guest

HIGHS = "import highspy\nh = highspy.Highs()\n"
CP_SAT = "from ortools.sat.python import cp_model\nm = cp_model.CpModel()\nx = m.new_int_var(0, 5, 'x')\n"
PYOMO = "import pyomo.environ as pyo\nmodel = pyo.ConcreteModel()\nmodel.x = pyo.Var(['rye', 'bread'])\n"
SCIP = "from pyscipopt import Model\nm = Model()\n"
CALLS = [
    (HIGHS + "h.addVariable(lower=0)", "The call is `h.addVariable(lb=0, ub=inf, obj=0.0, type="),
    (HIGHS + "h.changeColCost(1)", "The call is `h.changeColCost(arg0: SupportsInt, arg1: SupportsFloat)`."),
    (SCIP + "m.addVar('x', low=0)", "The call is `m.addVar(name='', vtype='C', lb=0.0, ub=None, obj=0.0, "),
    (CP_SAT + "m.NewIntVar(0, 5)", "The call is `m.NewIntVar(lb, ub, name)`."),
    (
        "from ortools.math_opt.python import mathopt\nm = mathopt.Model()\nm.add_variable(0, 1)",
        "The call is `m.add_variable(*, lb=-inf, ub=inf, is_integer=False, name='')`.",
    ),
    (
        "from ortools.linear_solver import pywraplp\ns = pywraplp.Solver.CreateSolver('GLOP')\ns.NumVar(0, 'x')",
        "The call is `s.NumVar(lb, ub, name)`.",
    ),
    ("def cost(a, *, rate=2):\n    return a\ncost(1, ratio=3)", "The call is `cost(a, *, rate=2)`."),
]
NAMES = [
    (HIGHS + "h.add_variable(0, 1)", "`Highs` has no `add_variable`; did you mean `addVariable` or `addVariables`?"),
    (SCIP + "m.add_var('x')", "`Model` has no `add_var`; did you mean `addVar`"),
    ("import numpy as np\nnp.zero(3)", "`numpy` has no `zero`; did you mean `zeros`"),
    (PYOMO + "print(modle.x)", "There is no `modle`; did you mean `model`?"),
    ("x = np.array([1])", "`import numpy as np` is missing."),
    (
        "from pyomo.environ import ConcreteModle",
        "`pyomo.environ` has no `ConcreteModle`; did you mean `ConcreteModel`?",
    ),
    ("import gurobipy as gp", "`gurobipy` is not installed. There are pyomo, ortools (cp_model, mathopt, pywraplp)"),
    ("import docplex.mp", "`docplex` is not installed. There are pyomo"),
    (
        PYOMO + "model.c = pyo.Constraint(expr=model.x['bred'] >= 1)",
        "`model.x` has no key 'bred'; did you mean 'bread'?",
    ),
    ("cost = {'flour': 1}\ndef of(k):\n    return cost[k]\nof('sugar')", "The keys of `cost` are 'flour'."),
    ("xs = [1, 2, 3]\nfor i in range(4):\n    xs[i]", "`xs` has 3 elements; the last has the index 2."),
]
SAID = [
    (CP_SAT + "if x > 3: pass", "A condition on variables cannot be used with `if`"),
    (PYOMO + "if model.x['rye'] >= 1: pass", "A condition on variables cannot be used with `if`"),
    (PYOMO + "print(pyo.value(model.x['rye']))", "The variable has no value"),
    (PYOMO + "model.c = pyo.Constraint(expr=sum([]) >= 0)", "The constraint holds no variable"),
    (
        PYOMO + "model.c = pyo.Constraint([1], rule=lambda m: m.x[1] >= 0)",
        "The rule of a constraint with indices takes",
    ),
    (PYOMO + "pyo.SolverFactory('nosuch').solve(model)", "Of Pyomo's solvers there are `appsi_highs`"),
    (
        PYOMO + "model.o = pyo.Objective(expr=model.x['rye'] ** 3)\npyo.SolverFactory('appsi_highs').solve(model)",
        "HiGHS takes linear constraints; for others call `pyo.SolverFactory('scip_direct')`.",
    ),
    (
        PYOMO + "model.o = pyo.Objective(expr=model.x['rye'])\nmodel.c = pyo.Constraint(expr=0 * model.x['rye'] >= 1)\n"
        "pyo.SolverFactory('appsi_highs').solve(model)",
        "The solver found no point: the model is infeasible or unbounded",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("program", "hint"), CALLS + NAMES + SAID, ids=lambda text: text.splitlines()[-1][:40])
def test_an_exception_comes_with_what_would_mend_it(guest: Guest, program: str, hint: str) -> None:
    error = guest.run(program).claimed_exception
    assert error is not None
    assert error.hints, (error.kind, error.message)
    assert error.hints[0].startswith(hint), error.hints
    assert len(error.hints) <= 3
    assert all(len(one) <= 300 for one in error.hints)


def test_objects_that_do_harm_when_looked_at_cost_only_the_hint(guest: Guest) -> None:
    run = guest.run("""
class Hostile:
    def __getattr__(self, name):
        raise SystemExit("no")
    def __dir__(self):
        raise KeyboardInterrupt
hostile = Hostile()
def call(first, second):
    raise TypeError("mine")
call(hostile.x if False else 1, 2)
""")
    assert run.claimed_exception is not None
    assert (run.claimed_exception.kind, run.claimed_exception.message) == ("TypeError", "mine")
    run = guest.run("class D(dict):\n    def keys(self): raise SystemExit\nD()['x']")
    assert run.claimed_exception is not None
    assert (run.claimed_exception.kind, run.claimed_exception.hints) == ("KeyError", ())
