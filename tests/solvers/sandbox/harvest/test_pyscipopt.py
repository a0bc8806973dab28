from __future__ import annotations

import pytest

from solvers.sandbox import explained, resolved
from tests.solvers.sandbox.harvest.claims import confirmed, facts
from tests.solvers.sandbox.harvest.conftest import Guest

START = "from pyscipopt import Model, quicksum\nmodel = Model('plan')\nmodel.hideOutput()\n"


def test_a_model_made_in_a_function_is_read(guest: Guest) -> None:
    claimed = guest.claim("""
from pyscipopt import Model, quicksum
def solve(data):
    m = Model()
    m.hideOutput()
    x = {name: m.addVar(name=f"buy {name}", vtype="I", ub=9) for name in data}
    spare = m.addVar(lb=-5, ub=-1)
    m.addCons(quicksum(data[name] * x[name] for name in data) + spare <= 31, name="money spent")
    m.addCons((1 <= (x["tea"] - x["rye"])) <= 4)
    m.setObjective(quicksum(x.values()) + 7, "maximize")
    m.optimize()
    return m.getObjVal()
print(solve({"tea": 3, "rye": 4}))
""")
    assert facts(claimed) == ("pyscipopt", "optimal", "maximize", 17.0)
    found = confirmed(claimed)
    assert {"buy tea", "buy rye"} < set(found.values)
    assert found.model.name_of_row(0) == "money spent"


def test_quadratic_rows_are_read(guest: Guest) -> None:
    claimed = guest.claim(
        START
        + "x, y = model.addVar('x', lb=-4), model.addVar('y', ub=9)\n"
        + "model.addCons(x * x + 2 * y * y + x * y + x <= 30)\n"
        + "model.setObjective(x + 2 * y, 'maximize')\nmodel.optimize()"
    )
    assert resolved(claimed).solution.objective == pytest.approx(claimed.objective, abs=1e-4)
    assert resolved(claimed).model.quadratic_rows is not None


@pytest.mark.parametrize(
    ("least", "status", "told"),
    [
        ("model.addCons(x + y >= 14, name='least')", "infeasible",
         "These exclude each other: `x + y >= 14` (least); `x <= 4`; `y <= 9`."),
        ("z = model.addVar('z')\nmodel.setObjective(z, 'maximize')", "unbounded",
         "The objective can improve without end. These run away: z (up)."),
    ],
)  # fmt: skip
def test_models_without_an_optimum_are_explained(guest: Guest, least: str, status: str, told: str) -> None:
    claimed = guest.claim(
        START
        + f"x, y = model.addVar('x', ub=4), model.addVar('y', ub=9)\nmodel.setMaximize()\n{least}\nmodel.optimize()"
    )
    assert claimed.status == status
    assert " ".join(explained(confirmed(claimed))) == told


def test_a_limit_with_an_incumbent_claims_no_optimum(guest: Guest) -> None:
    claimed = guest.claim(
        START
        + """
import random
random.seed(5)
model.setPresolve(0)
model.setParam("limits/bestsol", 1)
x = [model.addVar(f"x{i}", vtype="B") for i in range(30)]
for _ in range(10):
    model.addCons(quicksum(random.randint(10, 99) * v for v in x) <= 500)
model.setObjective(quicksum(random.randint(10, 99) * v for v in x), "maximize")
model.optimize()
"""
    )
    assert (claimed.status, len(claimed.values)) == ("feasible", 30)
    found = resolved(claimed)
    assert found.agrees is None
    assert found.claimed_point is not None
    assert found.claimed_point.is_feasible


def test_a_model_that_is_not_solved_is_read(guest: Guest) -> None:
    claimed = guest.claim(START + "x = model.addVar('x', ub=4)\nmodel.setObjective(x, 'maximize')")
    assert (claimed.status, claimed.values) == ("not_solved", {})
    assert resolved(claimed).solution.objective == 4.0


@pytest.mark.parametrize(
    ("constraint", "why"),
    [
        ("model.addConsSOS1([x, y], name='pair')", "pair is a SOS1 constraint"),
        ("from pyscipopt import exp\nmodel.addCons(exp(x) + y <= 9, name='curve')", "curve is a nonlinear constraint"),
    ],
)
def test_what_stands_in_no_file_of_rows_is_named(guest: Guest, constraint: str, why: str) -> None:
    claimed = guest.claim(
        START
        + f"x, y = model.addVar('x', ub=4), model.addVar('y', ub=4)\n{constraint}\n"
        + "model.setObjective(x, 'maximize')\nmodel.optimize()"
    )
    assert (claimed.status, claimed.model) == ("optimal", None)
    assert claimed.why_no_model.startswith(why)
