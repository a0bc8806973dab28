"""Small Pyomo programs as people and language models write them: five kinds of problem, random data."""

from __future__ import annotations

import random
from typing import Final

_HEAD: Final = "import pyomo.environ as pyo\n\n"
_TAIL: Final = """
solver = pyo.SolverFactory("appsi_highs")
results = solver.solve(model)
print("status:", results.solver.termination_condition)
print("objective:", round(pyo.value(model.objective), 6))
for variable in model.component_data_objects(pyo.Var):
    print(variable.name, variable.value)
"""
_PRODUCTION: Final = """
products = {profit}
hours = {hours}
model = pyo.ConcreteModel()
model.make = pyo.Var(products, domain=pyo.NonNegativeReals, bounds=(0, 40))
model.objective = pyo.Objective(expr=sum(products[p] * model.make[p] for p in products), sense=pyo.maximize)
model.time = pyo.Constraint(expr=sum(hours[p] * model.make[p] for p in products) <= 120)
model.least = pyo.Constraint(expr=sum(model.make[p] for p in products) >= 5)
"""
_KNAPSACK: Final = """
value = {profit}
weight = {hours}
model = pyo.ConcreteModel()
model.take = pyo.Var(value, domain=pyo.Binary)
model.objective = pyo.Objective(expr=sum(value[i] * model.take[i] for i in value), sense=pyo.maximize)
model.room = pyo.Constraint(expr=sum(weight[i] * model.take[i] for i in weight) <= 15)
"""
_TRANSPORT: Final = """
cost = {costs}
plants, towns = range(3), range(4)
model = pyo.ConcreteModel()
model.ship = pyo.Var(plants, towns, domain=pyo.NonNegativeReals)
model.objective = pyo.Objective(expr=sum(cost[i][j] * model.ship[i, j] for i in plants for j in towns))
model.supply = pyo.Constraint(plants, rule=lambda m, i: sum(m.ship[i, j] for j in towns) <= 60)
model.demand = pyo.Constraint(towns, rule=lambda m, j: sum(m.ship[i, j] for i in plants) >= 30 + j)
"""
_ASSIGNMENT: Final = """
cost = {costs}
people, jobs = range(3), range(3)
model = pyo.ConcreteModel()
model.give = pyo.Var(people, jobs, domain=pyo.Binary)
model.objective = pyo.Objective(expr=sum(cost[i][j] * model.give[i, j] for i in people for j in jobs))
model.person = pyo.Constraint(people, rule=lambda m, i: sum(m.give[i, j] for j in jobs) == 1)
model.job = pyo.Constraint(jobs, rule=lambda m, j: sum(m.give[i, j] for i in people) == 1)
"""
_DIET: Final = """
price = {profit}
iron = {hours}
model = pyo.ConcreteModel()
model.eat = pyo.Var(price, domain=pyo.NonNegativeIntegers, bounds=(0, 9))
model.objective = pyo.Objective(expr=sum(price[f] * model.eat[f] for f in price), sense=pyo.minimize)
model.need = pyo.Constraint(expr=sum(iron[f] * model.eat[f] for f in iron) >= 33)
"""


def pyomo_programs(count: int, seed: int = 0) -> list[str]:
    """Return programs, the five kinds in turn."""
    chance = random.Random(seed)
    kinds = (_PRODUCTION, _KNAPSACK, _TRANSPORT, _ASSIGNMENT, _DIET)
    return [_HEAD + _filled(kinds[number % len(kinds)], chance) + _TAIL for number in range(count)]


def _filled(kind: str, chance: random.Random) -> str:
    names = ["apple", "bread", "corn", "dates", "eggs"]
    return kind.format(
        profit={name: chance.randint(3, 30) for name in names},
        hours={name: chance.randint(1, 9) for name in names},
        costs=[[chance.randint(2, 20) for _ in range(4)] for _ in range(3)],
    )
