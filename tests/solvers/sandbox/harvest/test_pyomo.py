from __future__ import annotations

import pytest

from solvers.sandbox import explained, resolved
from tests.solvers.sandbox.harvest.claims import confirmed, facts
from tests.solvers.sandbox.harvest.conftest import Guest

BAKERY = """
import pyomo.environ as pyo

def build(most):
    model = pyo.ConcreteModel(name="bakery")
    model.PRODUCTS = pyo.Set(initialize=["rye bread", "roll"])
    model.make = pyo.Var(model.PRODUCTS, domain=pyo.{domain})
    model.gain = pyo.Objective(expr=30 * model.make["rye bread"] + 80 * model.make["roll"] + 5, sense=pyo.maximize)
    model.hours = pyo.Constraint(expr=2 * model.make["rye bread"] + 5 * model.make["roll"] <= most)
    model.sold = pyo.Constraint(model.PRODUCTS, rule=lambda m, p: pyo.inequality(0, m.make[p], 40))
    return model

def solve(most):
    model = build(most)
    results = pyo.SolverFactory("{solver}").solve(model)
    print(results.solver.status, results.solver.termination_condition, pyo.value(model.gain))

solve(83)
"""


def test_a_linear_model_made_in_a_function_is_read(guest: Guest) -> None:
    claimed = guest.claim(BAKERY.format(domain="NonNegativeReals", solver="appsi_highs"))
    assert facts(claimed) == ("pyomo", "optimal", "maximize", 1333.0)
    assert confirmed(claimed).values == {"make[rye bread]": 0.0, "make[roll]": pytest.approx(16.6)}


@pytest.mark.parametrize("solver", ["appsi_highs", "highs", "scip_direct"])
def test_an_integer_model_is_read_whoever_solves_it(guest: Guest, solver: str) -> None:
    run = guest.finished(BAKERY.format(domain="NonNegativeIntegers", solver=solver))
    assert facts(run.claimed_solutions[0]) == ("pyomo", "optimal", "maximize", 1325.0)
    assert len(run.claimed_solutions) == 1  # and not the model that Pyomo gave to the solver
    found = confirmed(run.claimed_solutions[0])
    assert found.values == {"make[rye bread]": 4.0, "make[roll]": 15.0}
    assert {found.model.name_of_row(row) for row in range(found.model.n_rows)} >= {"hours", "sold[roll]"}


SMALL = """
import pyomo.environ as pyo
model = pyo.ConcreteModel()
model.x = pyo.Var(bounds={bounds})
model.y = pyo.Var(bounds=(0, 4))
model.cost = pyo.Objective(expr={cost})
model.least = pyo.Constraint(expr=model.x + model.y >= {least})
"""
SOLVE = """
results = pyo.SolverFactory("appsi_highs").solve(model, load_solutions=False)
print(results.solver.termination_condition)
"""


def test_the_conflict_of_an_infeasible_model_is_told_in_its_names(guest: Guest) -> None:
    claimed = guest.claim(SMALL.format(bounds="(0, 3)", cost="model.x", least=8) + SOLVE)
    assert facts(claimed) == ("pyomo", "infeasible", "minimize", None)
    assert claimed.values == {}
    assert explained(confirmed(claimed)) == ["These exclude each other: `x + y >= 8` (least); `x <= 3`; `y <= 4`."]


def test_the_runaway_of_an_unbounded_model_is_told_in_its_names(guest: Guest) -> None:
    claimed = guest.claim(SMALL.format(bounds="(0, None)", cost="-model.x", least=1) + SOLVE)
    assert claimed.status in ("unbounded", "infeasible_or_unbounded")
    assert explained(confirmed(claimed)) == ["The objective can improve without end.", "These run away: x (up)."]


def test_an_error_for_want_of_a_point_leaves_the_status(guest: Guest) -> None:
    program = SMALL.format(bounds="(0, 3)", cost="model.x", least=8) + 'pyo.SolverFactory("appsi_highs").solve(model)\n'
    run = guest.run(program)
    assert run.claimed_exception is not None
    assert facts(run.claimed_solutions[0]) == ("pyomo", "infeasible", "minimize", None)


def test_the_model_that_was_solved_last_comes_first(guest: Guest) -> None:
    again = BAKERY.format(domain="NonNegativeReals", solver="appsi_highs")
    run = guest.finished(again + "spare = build(7)\nsolve(50)\n")
    assert [(one.status, one.objective) for one in run.claimed_solutions] == [
        ("optimal", 805.0), ("optimal", 1333.0), ("not_solved", None),
    ]  # fmt: skip


def test_a_model_that_was_not_solved_is_read_without_a_point(guest: Guest) -> None:
    claimed = guest.claim(SMALL.format(bounds="(0, 3)", cost="model.x", least=5))
    assert (facts(claimed), claimed.values) == (("pyomo", "not_solved", "minimize", None), {})
    found = resolved(claimed)
    assert (found.agrees, found.solution.objective, found.claimed_point) == (None, 1.0, None)


def test_a_clone_is_read(guest: Guest) -> None:
    program = SMALL.format(bounds="(0, 3)", cost="model.x", least=5)
    run = guest.finished(program + "other = model.clone()\nother.x.setub(1)\n")
    assert [resolved(one).solution.termination.value for one in run.claimed_solutions] == ["optimal", "optimal"]


def test_a_quadratic_model_is_read(guest: Guest) -> None:
    program = SMALL.format(bounds="(0, 3)", cost="(model.x - 2) ** 2 + model.x * model.y + 1", least=2)
    claimed = guest.claim(program + 'pyo.SolverFactory("scip_direct").solve(model)\n')
    assert claimed.objective == pytest.approx(1.0, abs=1e-5)
    assert resolved(claimed).solution.objective == pytest.approx(1.0, abs=1e-6)


def test_a_nonlinear_model_says_what_is_nonlinear(guest: Guest) -> None:
    program = SMALL.format(bounds="(0.1, 3)", cost="model.x", least=5)
    program += "model.curve = pyo.Constraint(expr=pyo.log(model.x) + model.y <= 9)\n"
    claimed = guest.claim(program + 'pyo.SolverFactory("scip_direct").solve(model)\n')
    assert (claimed.status, claimed.model) == ("optimal", None)
    assert claimed.why_no_model == "curve is neither linear nor quadratic."


def test_fixed_variables_inactive_parts_and_parameters_count_as_pyomo_counts_them(guest: Guest) -> None:
    program = SMALL.format(bounds="(0, 9)", cost="model.x + model.price * model.y", least=6)
    program = program.replace("model.y = ", "model.price = pyo.Param(initialize=3, mutable=True)\nmodel.y = ")
    program += "model.y.fix(2)\nmodel.never = pyo.Constraint(expr=model.x >= 8)\nmodel.never.deactivate()\n" + SOLVE
    program = program.replace(", load_solutions=False", "")
    claimed = guest.claim(program)
    assert (claimed.objective, claimed.values) == (10.0, {"x": 4.0, "y": 2.0})
    confirmed(claimed)


def test_an_abstract_model_is_read_by_its_instance(guest: Guest) -> None:
    claimed = guest.claim("""
from pyomo.environ import *
def main():
    model = AbstractModel()
    model.I = Set()
    model.cost = Param(model.I)
    model.x = Var(model.I, domain=NonNegativeReals)
    model.total = Objective(rule=lambda m: sum(m.cost[i] * m.x[i] for i in m.I))
    model.need = Constraint(rule=lambda m: sum(m.x[i] for i in m.I) >= 3)
    instance = model.create_instance({None: {"I": {None: ["a", "b"]}, "cost": {"a": 2, "b": 5}}})
    SolverFactory("appsi_highs").solve(instance)
main()
""")
    assert (claimed.objective, confirmed(claimed).values) == (6.0, {"x[a]": 3.0, "x[b]": 0.0})


@pytest.mark.parametrize(
    ("extra", "why"),
    [
        ("model.v = pyo.Var([1, 2])\nmodel.s = pyo.SOSConstraint(var=model.v, sos=1)",
         "It holds a special ordered set"),
        ("model.second = pyo.Objective(expr=model.y)", "It has 2 active objectives: cost, second."),
        ("model.z = pyo.Var(within=pyo.Set(initialize=[1, 3, 4.5]))\nmodel.d = pyo.Constraint(expr=model.z >= 2)",
         "The domain of z"),
    ],
)  # fmt: skip
def test_what_stands_in_no_file_of_rows_is_named(guest: Guest, extra: str, why: str) -> None:
    claimed = guest.claim(SMALL.format(bounds="(0, 3)", cost="model.x", least=5) + extra)
    assert claimed.model is None
    assert claimed.why_no_model.startswith(why)


def test_reading_prints_nothing_and_half_built_objects_do_not_hurt(guest: Guest) -> None:
    run = guest.finished(
        SMALL.format(bounds="(0, 3)", cost="model.x", least=5)
        + """
class Loud:
    def __getattr__(self, name):
        print("asked for", name)
        raise SystemExit(3)
loud = [Loud(), {"x": Loud()}]
other = pyo.ConcreteModel()
other.c = pyo.Constraint(pyo.Any)
print("end")
"""
    )
    assert run.output == "end\n"
    assert {one.status for one in run.claimed_solutions} == {"not_solved"}


def test_a_model_that_cannot_be_read_costs_the_others_nothing(guest: Guest) -> None:
    run = guest.finished(
        SMALL.format(bounds="(0, 3)", cost="model.x", least=5)
        + "broken = pyo.ConcreteModel()\nbroken.is_constructed = lambda: 1 / 0\n"
    )
    broken, whole = run.claimed_solutions
    assert (broken.status, broken.why_no_model) == ("unknown", "It could not be read: ZeroDivisionError.")
    assert whole.model is not None
