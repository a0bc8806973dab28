"""Programs in the shapes in which language models write them."""

from __future__ import annotations

import pytest

from tests.solvers.sandbox.harvest.claims import confirmed
from tests.solvers.sandbox.harvest.conftest import Guest

TRANSPORT = '''
from pyomo.environ import *
import pandas as pd

def solve_transportation(supply, demand, costs):
    """Solve the transportation problem."""
    model = ConcreteModel("Transportation")
    model.plants = Set(initialize=list(supply))
    model.cities = Set(initialize=list(demand))
    model.cost = Param(model.plants, model.cities, initialize=costs)
    model.ship = Var(model.plants, model.cities, within=NonNegativeReals)

    def objective_rule(model):
        return sum(model.cost[p, c] * model.ship[p, c] for p in model.plants for c in model.cities)
    model.total_cost = Objective(rule=objective_rule, sense=minimize)

    def supply_rule(model, p):
        return sum(model.ship[p, c] for c in model.cities) <= supply[p]
    model.supply_limit = Constraint(model.plants, rule=supply_rule)

    model.demand_met = ConstraintList()
    for c in model.cities:
        model.demand_met.add(sum(model.ship[p, c] for p in model.plants) >= demand[c])

    solver = SolverFactory("glpk")
    results = solver.solve(model, tee=True)
    if results.solver.termination_condition == TerminationCondition.optimal:
        frame = pd.DataFrame([(p, c, model.ship[p, c]()) for p, c in model.ship], columns=["from", "to", "units"])
        print(frame.to_string())
        return {"total": model.total_cost(), "plan": {(p, c): value(model.ship[p, c]) for p, c in model.ship}}
    return None

if __name__ == "__main__":
    answer = solve_transportation(
        {"New York": 70, "Lyon": 50}, {"Rome": 40, "Oslo": 60},
        {("New York", "Rome"): 8, ("New York", "Oslo"): 6, ("Lyon", "Rome"): 3, ("Lyon", "Oslo"): 9},
    )
    print(f"Optimal Value: {answer['total']}")
'''
KNAPSACK = """
from ortools.linear_solver import pywraplp

def main():
    data = {"weights": [48, 30, 42, 36], "values": [10, 30, 25, 50], "capacity": 100}
    data["items"] = list(range(len(data["weights"])))
    solver = pywraplp.Solver.CreateSolver("CBC")
    if not solver:
        return
    x = {}
    for i in data["items"]:
        x[i] = solver.BoolVar("x_%i" % i)
    constraint = solver.Constraint(0, data["capacity"], "")
    for i in data["items"]:
        constraint.SetCoefficient(x[i], data["weights"][i])
    objective = solver.Objective()
    for i in data["items"]:
        objective.SetCoefficient(x[i], data["values"][i])
    objective.SetMaximization()
    solver.SetTimeLimit(10000)
    status = solver.Solve()
    if status == pywraplp.Solver.OPTIMAL:
        print("Total packed value:", objective.Value())
        print([i for i in data["items"] if x[i].solution_value() > 0.5])
    else:
        print("The problem does not have an optimal solution.")

main()
"""
JOB_SHOP = '''
import collections
from ortools.sat.python import cp_model

def main() -> None:
    """Minimal jobshop problem."""
    jobs_data = [[(0, 3), (1, 2), (2, 2)], [(0, 2), (2, 1), (1, 4)], [(1, 4), (2, 3)]]
    machines_count = 1 + max(task[0] for job in jobs_data for task in job)
    horizon = sum(task[1] for job in jobs_data for task in job)
    model = cp_model.CpModel()
    task_type = collections.namedtuple("task_type", "start end interval")
    all_tasks = {}
    machine_to_intervals = collections.defaultdict(list)
    for job_id, job in enumerate(jobs_data):
        for task_id, (machine, duration) in enumerate(job):
            suffix = f"_{job_id}_{task_id}"
            start = model.NewIntVar(0, horizon, "start" + suffix)
            end = model.NewIntVar(0, horizon, "end" + suffix)
            interval = model.NewIntervalVar(start, duration, end, "interval" + suffix)
            all_tasks[job_id, task_id] = task_type(start=start, end=end, interval=interval)
            machine_to_intervals[machine].append(interval)
    for machine in range(machines_count):
        model.AddNoOverlap(machine_to_intervals[machine])
    for job_id, job in enumerate(jobs_data):
        for task_id in range(len(job) - 1):
            model.Add(all_tasks[job_id, task_id + 1].start >= all_tasks[job_id, task_id].end)
    makespan = model.NewIntVar(0, horizon, "makespan")
    model.AddMaxEquality(makespan, [all_tasks[j, len(job) - 1].end for j, job in enumerate(jobs_data)])
    model.Minimize(makespan)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = 15
    status = solver.Solve(model)
    if status == cp_model.OPTIMAL or status == cp_model.FEASIBLE:
        print(f"Optimal Schedule Length: {solver.ObjectiveValue()}")

if __name__ == "__main__":
    main()
'''
SHIFTS = """
from ortools.sat.python import cp_model

num_nurses, num_shifts, num_days = 4, 3, 3
all_nurses, all_shifts, all_days = range(num_nurses), range(num_shifts), range(num_days)
requests = {(n, d): (n + d) % 3 for n in all_nurses for d in all_days}
model = cp_model.CpModel()
shifts = {(n, d, s): model.NewBoolVar("") for n in all_nurses for d in all_days for s in all_shifts}
for d in all_days:
    for s in all_shifts:
        model.AddExactlyOne(shifts[(n, d, s)] for n in all_nurses)
for n in all_nurses:
    for d in all_days:
        model.AddAtMostOne(shifts[(n, d, s)] for s in all_shifts)
    worked = sum(shifts[(n, d, s)] for d in all_days for s in all_shifts)
    model.Add(worked >= 2)
    model.Add(worked <= 3)
model.Maximize(sum(shifts[(n, d, requests[n, d])] for n in all_nurses for d in all_days))
solver = cp_model.CpSolver()
status = solver.Solve(model)
print("Requests met:", solver.ObjectiveValue(), "of", num_nurses * num_days)
"""
BLENDING = """
import highspy
import numpy as np

prices = np.array([0.8, 1.5, 2.2])
protein = np.array([0.09, 0.25, 0.44])
h = highspy.Highs()
h.setOptionValue("output_flag", False)
amounts = h.addVariables(3, lb=0, ub=60, obj=prices.tolist(), name_prefix="amount_")
h.addConstr(sum(amounts) == 100, name="total amount")
h.addConstr(sum(p * a for p, a in zip(protein, amounts)) >= 20, name="protein")
h.run()
solution = h.getSolution()
info = h.getInfo()
print("Objective:", round(info.objective_function_value, 2), np.round(solution.col_value, 3))
"""
LOCATIONS = """
from pyscipopt import Model, quicksum, multidict

def facility_location(opening, capacity, need, cost):
    model = Model("flp")
    x, y = {}, {}
    for j in opening:
        y[j] = model.addVar(vtype="B", name="y(%s)" % j)
        for i in need:
            x[i, j] = model.addVar(vtype="C", name="x(%s,%s)" % (i, j))
    for i in need:
        model.addCons(quicksum(x[i, j] for j in opening) == need[i], "Demand(%s)" % i)
    for j in opening:
        model.addCons(quicksum(x[i, j] for i in need) <= capacity[j] * y[j], "Capacity(%s)" % j)
    model.setObjective(
        quicksum(opening[j] * y[j] for j in opening) + quicksum(cost[i, j] * x[i, j] for i in need for j in opening),
        "minimize",
    )
    model.data = x, y
    return model

sites, opening, capacity = multidict({1: [100, 60], 2: [80, 40], 3: [90, 50]})
need = {"A": 30, "B": 25, "C": 20}
cost = {(i, j): abs(ord(i) - 64 - j) + 1 for i in need for j in sites}
model = facility_location(opening, capacity, need, cost)
model.hideOutput()
model.optimize()
print("Optimal value:", model.getObjVal())
"""


@pytest.mark.parametrize(
    ("program", "objective", "some"),
    [
        (TRANSPORT, 480.0, {"ship[New York,Oslo]": 60.0, "ship[Lyon,Rome]": 40.0}),
        (KNAPSACK, 80.0, {"x_1": 1.0, "x_3": 1.0}),
        (JOB_SHOP, 11.0, {"makespan": 11.0}),
        (SHIFTS, 8.0, {}),
        (BLENDING, None, {}),
        (LOCATIONS, None, {}),
    ],
    ids=["transport", "knapsack", "job shop", "shifts", "blending", "locations"],
)
def test_the_model_of_a_usual_program_is_read_and_confirmed(
    guest: Guest, program: str, objective: float | None, some: dict[str, float]
) -> None:
    claimed = guest.claim(program)
    assert claimed.status == "optimal"
    if objective is not None:
        assert claimed.objective == objective
    found = confirmed(claimed)
    assert set(found.values) == set(claimed.values)
    assert some.items() <= found.values.items()


def test_a_program_for_a_library_that_is_not_there_is_told_what_there_is(guest: Guest) -> None:
    run = guest.run("""
import gurobipy as gp
from gurobipy import GRB
model = gp.Model("plan")
x = model.addVar(vtype=GRB.INTEGER, name="x")
model.optimize()
if model.status == GRB.OPTIMAL:
    print(f"Just print the best solution: {model.objVal}")
""")
    assert run.claimed_exception is not None
    assert run.claimed_exception.frames[-1].line == 2
    assert "highspy" in run.claimed_exception.hints[0]
    assert run.claimed_solutions == ()
