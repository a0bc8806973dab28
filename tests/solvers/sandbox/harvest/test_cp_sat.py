from __future__ import annotations

import pytest

from solvers.sandbox import explained, resolved
from tests.solvers.sandbox.harvest.claims import confirmed, facts
from tests.solvers.sandbox.harvest.conftest import Guest

START = "from ortools.sat.python import cp_model\nmodel = cp_model.CpModel()\n"
SOLVE = (
    "\nsolver = cp_model.CpSolver()\nsolver.parameters.num_workers = 1\n"
    "print(solver.status_name(solver.solve(model)))\n"
)


def test_a_model_made_in_a_function_with_the_older_names_is_read(guest: Guest) -> None:
    claimed = guest.claim("""
from ortools.sat.python import cp_model

def main():
    model = cp_model.CpModel()
    weights, gains = [12, 7, 9], [24, 13, 17]
    take = [model.NewBoolVar(f"take[{i}]") for i in range(3)]
    model.Add(sum(w * t for w, t in zip(weights, take)) <= 20)
    model.Maximize(sum(g * t for g, t in zip(gains, take)) + 4)
    solver = cp_model.CpSolver()
    if solver.Solve(model) == cp_model.OPTIMAL:
        print("value", solver.ObjectiveValue())

main()
""")
    assert facts(claimed) == ("cp_sat", "optimal", "maximize", 41.0)
    assert confirmed(claimed).values == {"take[0]": 1.0, "take[1]": 1.0, "take[2]": 0.0}


LOGIC = {
    "a row under two conditions": (
        "model.add(2 * x + 3 * y <= 5).only_enforce_if(b, ~c)\nmodel.add(b + (1 - c) >= 2)", 0),
    "a row under the same value of one literal": ("model.add(x <= 2).only_enforce_if(~b)\nmodel.add(b == 0)", 0),
    "an inequation": ("model.add(x != 9)\nmodel.add(x != y)", 1),
    "a choice of literals": ("model.add_bool_or(b, ~c)\nmodel.add_at_most_one(b, c)\nmodel.add(x <= 4 * b + 2)", 0),
    "implications": (
        "model.add_implication(b, c)\nmodel.add_bool_and(b).only_enforce_if(~c)\nmodel.add(x <= 7 - 5 * c)", 0),
    "exactly one": ("model.add_exactly_one(b, c)\nmodel.add(x <= 3 + 2 * b)", 0),
    "a maximum": ("model.add_max_equality(y, [x, 3])\nmodel.add(y <= 6)", 0),
    "a minimum": ("model.add_min_equality(x, [y, 5])\nmodel.add(y <= 8)", 0),
    "an absolute value": ("model.add_abs_equality(y, x - 4)\nmodel.add(y <= 3)", 0),
    "a product with a literal": (
        "model.add_multiplication_equality(y, [x, b])\nmodel.add(y <= 4)\nmodel.add(b == 1)", 0),
    "a product of numbers": ("model.add_multiplication_equality(y, [x, x])", 0),
    "all different": ("model.add_all_different([x, y + 1, 9])", 1),
    "no overlap": ("i = model.new_interval_var(x, 3, x + 3, 'i')\nj = model.new_interval_var(y, 4, y + 4, 'j')\n"
                   "model.add_no_overlap([i, j])\nmodel.add(x <= 5)", 1),
    "optional tasks": ("i = model.new_interval_var(x, 3, x + 3, 'i')\n"
                       "j = model.new_optional_interval_var(y, 4, y + 4, b, 'j')\nmodel.add_no_overlap([i, j])\n"
                       "model.add(x <= 5)\nmodel.add(b == 1)", 1),
    "a capacity": ("i = model.new_interval_var(x, 3, x + 3, 'i')\n"
                   "j = model.new_optional_interval_var(y, 4, y + 4, b, 'j')\n"
                   "model.add_cumulative([i, j], [2, 2], 3)\nmodel.add(x <= 5)\nmodel.add(b == 1)", 1),
    "a domain with holes": ("z = model.new_int_var_from_domain(cp_model.Domain.from_values([1, 3, 8]), 'z')\n"
                            "model.add(x + z == 9)", 0),
}  # fmt: skip


@pytest.mark.parametrize("kind", LOGIC)
def test_logic_becomes_rows_with_the_same_optimum(guest: Guest, kind: str) -> None:
    constraints, weight = LOGIC[kind]
    claimed = guest.claim(
        START
        + "x, y = model.new_int_var(0, 9, 'x'), model.new_int_var(0, 12, 'y')\n"
        + "b, c = model.new_bool_var('b'), model.new_bool_var('c')\n"
        + constraints
        + f"\nmodel.maximize(5 * x - {weight} * y - c)"
        + SOLVE
    )
    assert claimed.why_no_model == ""
    found = confirmed(claimed)
    assert set(found.values) == set(claimed.values)


def test_a_circuit_is_read(guest: Guest) -> None:
    claimed = guest.claim(
        START
        + """
far = {(0, 1): 4, (1, 2): 5, (2, 0): 6, (1, 0): 9, (2, 1): 9, (0, 2): 9}
arc = {pair: model.new_bool_var(f"arc{pair}") for pair in far}
model.add_circuit([(i, j, literal) for (i, j), literal in arc.items()])
model.minimize(sum(far[pair] * literal for pair, literal in arc.items()))
"""
        + SOLVE
    )
    assert claimed.objective == 15.0
    confirmed(claimed)


def test_a_model_without_a_solution_is_explained(guest: Guest) -> None:
    claimed = guest.claim(
        START + "x = model.new_int_var(0, 4, '')\nmodel.add(2 * x >= 9).with_name('enough')\nmodel.maximize(x)" + SOLVE
    )
    assert facts(claimed) == ("cp_sat", "infeasible", "maximize", None)
    assert explained(confirmed(claimed)) == ["These exclude each other: `2*x >= 9` (enough); `x <= 4`."]


def test_a_model_without_an_objective_is_read(guest: Guest) -> None:
    claimed = guest.claim(START + "x = model.new_int_var(0, 4, 'x')\nmodel.add(x >= 4)" + SOLVE)
    assert (facts(claimed), claimed.values) == (("cp_sat", "optimal", "", None), {"x": 4.0})
    assert confirmed(claimed).values == {"x": 4.0}


def test_a_stop_before_the_end_claims_no_optimum(guest: Guest) -> None:
    claimed = guest.claim(
        START
        + "x = [model.new_int_var(0, 9, 'x') for _ in range(3)]\nmodel.add(sum(x) <= 20)\nmodel.maximize(sum(x))\n"
        + "class Stop(cp_model.CpSolverSolutionCallback):\n    def on_solution_callback(self): self.stop_search()\n"
        + "solver = cp_model.CpSolver()\nsolver.parameters.num_workers = 1\n"
        + "solver.parameters.cp_model_presolve = False\n"
        + "solver.solve(model, Stop())\n"
    )
    assert claimed.status in ("feasible", "optimal")
    assert list(claimed.values) == ["x", "x (2)", "x (3)"]
    assert resolved(claimed).solution.objective == 20.0


@pytest.mark.parametrize(
    ("constraint", "why"),
    [
        ("model.add_division_equality(x, y, 2)", "constraint0 is a constraint of the kind `int_div`"),
        ("model.add_allowed_assignments([x, y], [(1, 2)])", "constraint0 is a constraint of the kind `table`"),
        ("model.add_multiplication_equality(y, [x, x, x])", "a product of 3 factors"),
    ],
)
def test_what_stands_in_no_file_of_rows_is_named(guest: Guest, constraint: str, why: str) -> None:
    claimed = guest.claim(
        START + f"x, y = model.new_int_var(1, 9, 'x'), model.new_int_var(1, 9, 'y')\n{constraint}" + SOLVE
    )
    assert (claimed.status, claimed.model) == ("optimal", None)
    assert why in claimed.why_no_model
