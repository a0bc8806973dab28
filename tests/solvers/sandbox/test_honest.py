# ruff: noqa: E501 - each program stands on one line
"""Programs that mean well, and run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from solvers.sandbox import Limits, Pool, RunKind
from solvers.sandbox.inside.layers import NAMESPACES

_MATHOPT = (
    "from ortools.math_opt.python import mathopt as m\n"
    "model = m.Model()\nx = model.add_variable(ub=4, is_integer={whole})\nmodel.maximize(x)\n"
    "print(round(m.solve(model, m.SolverType.{solver}).objective_value()))"
)
_PYOMO = (
    "import pyomo.environ as p\nm = p.ConcreteModel()\nm.x = p.Var(bounds=(0, {most}))\nm.c = p.Constraint(expr=m.x >= {least})\n"
    "m.o = p.Objective(expr=m.x, sense=p.maximize)\n"
    "r = p.SolverFactory('appsi_highs').solve(m, load_solutions=False)\nprint(r.solver.termination_condition)"
)
PROGRAMS = {
    "pyomo": (_PYOMO.format(most=4, least=0), "optimal"),
    "infeasible": (_PYOMO.format(most=4, least=5), "infeasible"),
    "unbounded": (_PYOMO.format(most="None", least=0), "unbounded"),
    "highspy": (
        "import highspy\nh = highspy.Highs()\nh.silent()\nx = h.addVariable(ub=4)\nh.maximize(x)\nprint(round(h.val(x)))",
        "4",
    ),
    "cp-sat": (
        "from ortools.sat.python import cp_model as c\nm = c.CpModel()\nx = m.new_int_var(0, 4, 'x')\nm.maximize(x)\n"
        "s = c.CpSolver()\ns.parameters.num_workers = 8\ns.solve(m)\nprint(s.value(x))",
        "4",
    ),
    "mathopt highs": (_MATHOPT.format(whole=False, solver="HIGHS"), "4"),
    "mathopt glop": (_MATHOPT.format(whole=False, solver="GLOP"), "4"),
    "mathopt scip": (_MATHOPT.format(whole=True, solver="GSCIP"), "4"),
    "pywraplp": (
        "from ortools.linear_solver import pywraplp\ns = pywraplp.Solver.CreateSolver('GLOP')\nx = s.NumVar(0, 4, 'x')\n"
        "s.Maximize(x)\ns.Solve()\nprint(round(x.solution_value()))",
        "4",
    ),
    "pyscipopt": (
        "from pyscipopt import Model\nm = Model()\nm.hideOutput()\nx = m.addVar(ub=4)\nm.setObjective(x, 'maximize')\n"
        "m.optimize()\nprint(round(m.getObjVal()))",
        "4",
    ),
    "scipy": ("from scipy.optimize import linprog\nprint(round(linprog([-1], bounds=[(0, 4)]).fun))", "-4"),
    "pandas": ("import pandas as p\nprint(p.read_csv('größe.csv').a.sum())", "4"),
    "threads": (
        "from concurrent.futures import ThreadPoolExecutor as T\nwith T(8) as t: print(sum(t.map(int, '13')))",
        "4",
    ),
    "asyncio": ("import asyncio\nasync def f():\n await asyncio.sleep(0)\n return 4\nprint(asyncio.run(f()))", "4"),
    "files": (
        "import shutil, tempfile\nwith tempfile.NamedTemporaryFile('w', suffix='.lp') as f:\n f.write('4')\n f.flush()\n"
        " shutil.copy(f.name, 'copy')\n shutil.copy2('copy', 'other')\nprint(open('other').read())",
        "4",
    ),
    "unicode": ("größe = '4 €'\nprint(größe)", "4 €"),
    "logging": (
        "import logging, sys\nlogging.basicConfig(stream=sys.stdout, format='%(message)s')\nlogging.error('4')",
        "4",
    ),
    "no programs": ("import subprocess\ntry: subprocess.run(['ls'])\nexcept OSError: print('4')", "4"),
    "real time": ("import time\nt = time.time()\nwhile time.time() < t + 5: time.sleep(0.1)\nprint(4)", "4"),
}


@pytest.fixture(scope="module", params=["full", "reduced"])
def pool(request: pytest.FixtureRequest) -> Iterator[Pool]:
    """Workers of each mode."""
    with Pool(without=frozenset({NAMESPACES} if request.param == "reduced" else ()), at_once=4) as pool:
        yield pool


def test_honest_programs_run(pool: Pool) -> None:
    texts = [text for text, _ in PROGRAMS.values()]
    runs = list(pool.map(texts, data={"größe.csv": b"a\n1\n3\n"}, limits=Limits(seconds=20)))
    told = {name: (run.kind, run.output.strip(), run.message) for name, run in zip(PROGRAMS, runs, strict=True)}
    wrong = {name: one for name, one in told.items() if (one[0], one[1]) != (RunKind.FINISHED, PROGRAMS[name][1])}
    assert wrong == {}
