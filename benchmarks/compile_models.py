"""The models whose compilation is measured: as a formulation, as hand-written arrays, and in Pyomo.

All ways of one model start from the same Python lists and dicts, as a JSON file would give them. The arrays are what
an expert writes with numpy: they use the structure of the model for all that it is worth, but nothing that is not in
the data.
"""

# ruff: noqa: D102 - the base class says what the methods of each model return

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

import numpy as np
import pyomo.environ as pyo

from nl2opt import Formulation

ROW_WISE, COLUMN_WISE = 2, 1
MINIMIZE, MAXIMIZE = 1, -1
BY_ROWS, BY_COLUMNS = "hand-written, by rows", "hand-written, by columns"

LOT_SIZING: Final[dict[str, str]] = {
    "opening": "stock[p, t] == make[p, t] - demand[p, t] for p in PRODUCT for t in PERIOD if t == first(PERIOD)",
    "balance": "stock[p, t] == stock[p, t-1] + make[p, t] - demand[p, t] "
    "for p in PRODUCT for t in PERIOD if t > first(PERIOD)",
    "setups": "make[p, t] <= most[p] * setup[p, t] for p in PRODUCT for t in PERIOD",
    "capacity": "sum(hours[p] * make[p, t] + setup_hours[p] * setup[p, t] for p in PRODUCT) <= available[t] "
    "for t in PERIOD",
}
"""The rows of the lot sizing model; in one place, so that another spelling of the previous period can be tried."""
FLOW_BALANCE: Final = (
    "sum(flow[i, j] for (i, j) in ARCS if i == k) - sum(flow[i, j] for (i, j) in ARCS if j == k) == supply[k] "
    "for k in NODE"
)


@dataclass(frozen=True, kw_only=True)
class Arrays:
    """What `passModel` takes, one entry for each of its arguments that differ between models."""

    orientation: int
    starts: Any
    index: Any
    values: Any
    cost: Any
    lower: Any
    upper: Any
    row_lower: Any
    row_upper: Any
    integrality: Any
    sense: int = MINIMIZE

    def hand_over(self, highs: Any) -> None:
        """Pass the arrays to HiGHS."""
        none = np.empty(0, np.int32)
        highs.passModel(
            len(self.cost), len(self.row_lower), len(self.values), 0, self.orientation, 1, self.sense, 0.0,
            self.cost, self.lower, self.upper, self.row_lower, self.row_upper, self.starts, self.index, self.values,
            none, none, np.empty(0), self.integrality,
        )  # fmt: skip


class Case(ABC):
    """One model with its data."""

    label: str

    @abstractmethod
    def formulation(self) -> Formulation:
        """Return the model as a formulation."""

    @abstractmethod
    def hand_written(self) -> dict[str, Callable[[], Arrays]]:
        """Return the ways by hand, the one to compare with first."""

    @abstractmethod
    def pyomo(self) -> pyo.ConcreteModel:
        """Return the model in Pyomo."""


def floats(array: Any) -> Any:
    """Return an array as the lists that a JSON file would give."""
    return array.astype(float).tolist()


# -- transport --------------------------------------------------------------------------------------------


class Transport(Case):
    """n sources and n sinks, a column for each pair, a row for each source and sink."""

    def __init__(self, n: int) -> None:
        rng = np.random.default_rng(n)
        self.label, self.n = f"transport {n} x {n}", n
        self.cost = floats(rng.integers(1, 100, (n, n)))
        self.supply, self.demand = rng.uniform(50, 100, n).tolist(), rng.uniform(10, 50, n).tolist()

    def formulation(self) -> Formulation:
        return Formulation.from_dict({
            "title": "Transport",
            "sets": [
                {"name": "SOURCE", "elements": [f"s{i}" for i in range(self.n)]},
                {"name": "SINK", "elements": [f"t{j}" for j in range(self.n)]},
            ],
            "parameters": [
                {"name": "cost", "index": ["SOURCE", "SINK"], "value": self.cost},
                {"name": "supply", "index": ["SOURCE"], "value": self.supply},
                {"name": "demand", "index": ["SINK"], "value": self.demand},
            ],
            "variables": [{"name": "ship", "index": ["SOURCE", "SINK"], "domain": "continuous", "lower": 0}],
            "objective": {
                "sense": "minimize",
                "expression": "sum(cost[i, j] * ship[i, j] for i in SOURCE for j in SINK)",
            },
            "constraints": [
                {"name": "supplied", "expression": "sum(ship[i, j] for j in SINK) <= supply[i] for i in SOURCE"},
                {"name": "demanded", "expression": "sum(ship[i, j] for i in SOURCE) >= demand[j] for j in SINK"},
            ],
        })  # fmt: skip

    def hand_written(self) -> dict[str, Callable[[], Arrays]]:
        return {BY_ROWS: self.by_rows, BY_COLUMNS: self.by_columns}

    def by_rows(self) -> Arrays:
        """CSR: the cells in order for the sources' rows, transposed for the sinks' rows."""
        n = self.n
        cells = np.arange(n * n, dtype=np.int32)
        columns = np.concatenate((cells, cells.reshape(n, n).T.ravel()))
        return self.arrays(ROW_WISE, np.arange(0, 2 * n * n + 1, n, dtype=np.int32), columns)

    def by_columns(self) -> Arrays:
        """CSC: two entries a column, which is how HiGHS stores a model."""
        n = self.n
        rows = np.empty((n, n, 2), np.int32)
        rows[:, :, 0] = np.arange(n)[:, None]
        rows[:, :, 1] = np.arange(n, 2 * n)
        return self.arrays(COLUMN_WISE, np.arange(0, 2 * n * n + 1, 2, dtype=np.int32), rows.ravel())

    def arrays(self, orientation: int, starts: Any, index: Any) -> Arrays:
        n, cells = self.n, self.n * self.n
        return Arrays(
            orientation=orientation,
            starts=starts,
            index=index,
            values=np.ones(2 * cells),
            cost=np.array(self.cost).ravel(),
            lower=np.zeros(cells),
            upper=np.full(cells, np.inf),
            row_lower=np.concatenate((np.full(n, -np.inf), self.demand)),
            row_upper=np.concatenate((self.supply, np.full(n, np.inf))),
            integrality=np.zeros(cells, np.int32),
        )

    def pyomo(self) -> pyo.ConcreteModel:
        model = pyo.ConcreteModel()
        sources, sinks = range(self.n), range(self.n)
        cost, supply, demand = self.cost, self.supply, self.demand
        model.ship = pyo.Var(sources, sinks, domain=pyo.NonNegativeReals)
        ship = model.ship
        model.total = pyo.Objective(expr=pyo.quicksum(cost[i][j] * ship[i, j] for i in sources for j in sinks))
        model.supplied = pyo.Constraint(sources, rule=lambda _, i: pyo.quicksum(ship[i, j] for j in sinks) <= supply[i])
        model.demanded = pyo.Constraint(sinks, rule=lambda _, j: pyo.quicksum(ship[i, j] for i in sources) >= demand[j])
        return model


# -- lot sizing -------------------------------------------------------------------------------------------


class LotSizing(Case):
    """Capacitated lot sizing: what to make in each period, with a setup for each period in which it is made."""

    def __init__(self, products: int, periods: int) -> None:
        rng = np.random.default_rng(products + periods)
        self.label = f"lot sizing, {products} products, {periods:,} periods"
        self.products, self.periods = products, periods
        self.demand = floats(rng.integers(0, 40, (products, periods)))
        self.make_cost = floats(rng.integers(1, 9, products))
        self.setup_cost = floats(rng.integers(50, 200, products))
        self.hold_cost = floats(rng.integers(1, 5, products))
        self.most = floats(rng.integers(100, 200, products))
        self.hours, self.setup_hours = floats(rng.integers(1, 4, products)), floats(rng.integers(2, 9, products))
        self.available = floats(np.full(periods, 100.0 * products))

    def formulation(self) -> Formulation:
        table = {
            "make_cost": self.make_cost, "setup_cost": self.setup_cost, "hold_cost": self.hold_cost,
            "most": self.most, "hours": self.hours, "setup_hours": self.setup_hours,
        }  # fmt: skip
        over = ["PRODUCT", "PERIOD"]
        cost = "make_cost[p] * make[p, t] + setup_cost[p] * setup[p, t] + hold_cost[p] * stock[p, t]"
        return Formulation.from_dict({
            "title": "Lot sizing",
            "sets": [
                {"name": "PRODUCT", "elements": [f"p{k}" for k in range(self.products)]},
                {"name": "PERIOD", "elements": list(range(1, self.periods + 1))},
            ],
            "parameters": [
                *({"name": name, "index": ["PRODUCT"], "value": value} for name, value in table.items()),
                {"name": "demand", "index": over, "value": self.demand},
                {"name": "available", "index": ["PERIOD"], "value": self.available},
            ],
            "variables": [
                {"name": "make", "index": over, "domain": "continuous", "lower": 0},
                {"name": "setup", "index": over, "domain": "binary"},
                {"name": "stock", "index": over, "domain": "continuous", "lower": 0},
            ],
            "objective": {"sense": "minimize", "expression": f"sum({cost} for p in PRODUCT for t in PERIOD)"},
            "constraints": [{"name": name, "expression": text} for name, text in LOT_SIZING.items()],
        })  # fmt: skip

    def hand_written(self) -> dict[str, Callable[[], Arrays]]:
        return {BY_ROWS: self.by_rows}

    def by_rows(self) -> Arrays:
        """CSR, one block for each kind of row."""
        p, t = self.products, self.periods
        n = p * t
        make = np.arange(n, dtype=np.int32).reshape(p, t)
        setup, stock = make + n, make + 2 * n
        demand = np.array(self.demand)
        opening = np.stack((make[:, 0], stock[:, 0]), axis=-1)
        balance = np.stack((make[:, 1:], stock[:, :-1], stock[:, 1:]), axis=-1)
        setups = np.stack((make, setup), axis=-1)
        capacity = np.concatenate((make.T, setup.T), axis=1)
        counts = np.repeat(np.array([2, 3, 2, 2 * p], np.int32), [p, n - p, n, t])
        sides = -demand[:, 0], -demand[:, 1:].ravel()
        infinite = np.full(n + t, np.inf)
        setup_values = np.ones((n, 2))
        setup_values[:, 1] = np.repeat(-np.array(self.most), t)
        return Arrays(
            orientation=ROW_WISE,
            starts=np.concatenate((np.zeros(1, np.int32), np.cumsum(counts, dtype=np.int32))),
            index=np.concatenate((opening.ravel(), balance.ravel(), setups.ravel(), capacity.ravel())),
            values=np.concatenate((
                np.tile([-1.0, 1.0], p),
                np.tile([-1.0, -1.0, 1.0], n - p),
                setup_values.ravel(),
                np.tile(np.concatenate((self.hours, self.setup_hours)), t),
            )),
            cost=np.concatenate([np.repeat(cost, t) for cost in (self.make_cost, self.setup_cost, self.hold_cost)]),
            lower=np.zeros(3 * n),
            upper=np.repeat([np.inf, 1.0, np.inf], n),
            row_lower=np.concatenate((*sides, -infinite)),
            row_upper=np.concatenate((*sides, np.zeros(n), self.available)),
            integrality=np.repeat(np.array([0, 1, 0], np.int32), n),
        )  # fmt: skip

    def pyomo(self) -> pyo.ConcreteModel:
        model = pyo.ConcreteModel()
        products, periods = range(self.products), range(self.periods)
        model.make = make = pyo.Var(products, periods, domain=pyo.NonNegativeReals)
        model.setup = setup = pyo.Var(products, periods, domain=pyo.Binary)
        model.stock = stock = pyo.Var(products, periods, domain=pyo.NonNegativeReals)
        model.total = pyo.Objective(
            expr=pyo.quicksum(
                self.make_cost[p] * make[p, t] + self.setup_cost[p] * setup[p, t] + self.hold_cost[p] * stock[p, t]
                for p in products
                for t in periods
            )
        )

        def balance(_: Any, p: int, t: int) -> Any:
            before = stock[p, t - 1] if t else 0.0
            return stock[p, t] == before + make[p, t] - self.demand[p][t]

        model.balance = pyo.Constraint(products, periods, rule=balance)
        model.setups = pyo.Constraint(products, periods, rule=lambda _, p, t: make[p, t] <= self.most[p] * setup[p, t])
        model.capacity = pyo.Constraint(
            periods,
            rule=lambda _, t: (
                pyo.quicksum(self.hours[p] * make[p, t] + self.setup_hours[p] * setup[p, t] for p in products)
                <= self.available[t]
            ),
        )
        return model


# -- knapsack ---------------------------------------------------------------------------------------------


class Knapsack(Case):
    """One row, and a binary column for each item."""

    def __init__(self, items: int) -> None:
        rng = np.random.default_rng(items)
        self.label, self.items = f"knapsack, {items:,} items", items
        self.worth, self.weight = floats(rng.integers(1, 1000, items)), floats(rng.integers(1, 1000, items))
        self.most = 100.0 * items

    def formulation(self) -> Formulation:
        return Formulation.from_dict({
            "title": "Knapsack",
            "sets": [{"name": "ITEM", "elements": [f"item {k}" for k in range(self.items)]}],
            "parameters": [
                {"name": "worth", "index": ["ITEM"], "value": self.worth},
                {"name": "weight", "index": ["ITEM"], "value": self.weight},
                {"name": "most", "value": self.most},
            ],
            "variables": [{"name": "take", "index": ["ITEM"], "domain": "binary"}],
            "objective": {"sense": "maximize", "expression": "sum(worth[i] * take[i] for i in ITEM)"},
            "constraints": [{"name": "weight_limit", "expression": "sum(weight[i] * take[i] for i in ITEM) <= most"}],
        })  # fmt: skip

    def hand_written(self) -> dict[str, Callable[[], Arrays]]:
        return {BY_ROWS: self.by_rows}

    def by_rows(self) -> Arrays:
        """One row with all columns."""
        n = self.items
        return Arrays(
            orientation=ROW_WISE,
            starts=np.array([0, n], np.int32),
            index=np.arange(n, dtype=np.int32),
            values=np.array(self.weight),
            cost=np.array(self.worth),
            lower=np.zeros(n),
            upper=np.ones(n),
            row_lower=np.array([-np.inf]),
            row_upper=np.array([self.most]),
            integrality=np.ones(n, np.int32),
            sense=MAXIMIZE,
        )

    def pyomo(self) -> pyo.ConcreteModel:
        model = pyo.ConcreteModel()
        items = range(self.items)
        model.take = take = pyo.Var(items, domain=pyo.Binary)
        model.total = pyo.Objective(expr=pyo.quicksum(self.worth[i] * take[i] for i in items), sense=pyo.maximize)
        model.limit = pyo.Constraint(expr=pyo.quicksum(self.weight[i] * take[i] for i in items) <= self.most)
        return model


# -- network flow -----------------------------------------------------------------------------------------


class NetworkFlow(Case):
    """The cheapest flow through a network, its arcs a set of pairs.

    Costs and capacities are objects with joined keys, `{"n1,n2": 7}`, or lists in the order of the arcs.
    """

    def __init__(self, nodes: int, arcs: int, *, joined_keys: bool) -> None:
        rng = np.random.default_rng(nodes)
        how = "joined keys" if joined_keys else "lists"
        self.label = f"network, {nodes:,} nodes, {arcs:,} arcs, {how}"
        self.joined_keys = joined_keys
        self.nodes = [f"n{k}" for k in range(nodes)]
        ring = [(k, (k + 1) % nodes) for k in range(nodes)]  # so that there is a feasible flow
        others = set(ring)
        while len(others) < arcs:
            tail, head = rng.integers(0, nodes, 2).tolist()
            if tail != head:
                others.add((tail, head))
        pairs = ring + sorted(others - set(ring))
        self.arcs = [[self.nodes[i], self.nodes[j]] for i, j in (pairs[k] for k in rng.permutation(arcs))]
        supply = rng.integers(-20, 21, nodes)
        supply[0] -= supply.sum()
        self.supply = floats(supply)
        most = float(20 * nodes)
        self.cost = self.by_arc(floats(rng.integers(1, 100, arcs)))
        self.capacity = self.by_arc(floats(rng.integers(int(most) // 2, int(most), arcs)))

    def by_arc(self, numbers: list[float]) -> Any:
        if not self.joined_keys:
            return numbers
        return {f"{i},{j}": number for (i, j), number in zip(self.arcs, numbers, strict=True)}

    def in_order(self, numbers: Any) -> Sequence[float]:
        """Return what belongs to each arc, in the order of the arcs."""
        return [numbers[f"{i},{j}"] for i, j in self.arcs] if self.joined_keys else numbers

    def formulation(self) -> Formulation:
        return Formulation.from_dict({
            "title": "Network flow",
            "sets": [{"name": "NODE", "elements": self.nodes}, {"name": "ARCS", "elements": self.arcs}],
            "parameters": [
                {"name": "supply", "index": ["NODE"], "value": self.supply},
                {"name": "cost", "index": ["ARCS"], "value": self.cost},
                {"name": "capacity", "index": ["ARCS"], "value": self.capacity},
            ],
            "variables": [{
                "name": "flow", "index": ["ARCS"], "domain": "continuous", "lower": 0,
                "upper": "capacity[i, j]", "as": ["i", "j"],
            }],
            "objective": {"sense": "minimize", "expression": "sum(cost[i, j] * flow[i, j] for (i, j) in ARCS)"},
            "constraints": [{"name": "balance", "expression": FLOW_BALANCE}],
        })  # fmt: skip

    def hand_written(self) -> dict[str, Callable[[], Arrays]]:
        return {BY_COLUMNS: self.by_columns, BY_ROWS: self.by_rows}

    def ends(self) -> Any:
        """Return the numbers of the two nodes of each arc (arcs, 2)."""
        number = {name: k for k, name in enumerate(self.nodes)}
        count = 2 * len(self.arcs)
        return np.fromiter(map(number.__getitem__, chain.from_iterable(self.arcs)), np.int32, count).reshape(-1, 2)

    def by_columns(self) -> Arrays:
        """CSC: an arc leaves its first node and enters its second."""
        n = len(self.arcs)
        starts = np.arange(0, 2 * n + 1, 2, dtype=np.int32)
        return self.arrays(COLUMN_WISE, starts, self.ends().ravel(), np.tile([1.0, -1.0], n))

    def by_rows(self) -> Arrays:
        """CSR: the entries of the columns, sorted by node."""
        nodes = self.ends().ravel()
        order = np.argsort(nodes, kind="stable")
        starts = np.zeros(len(self.nodes) + 1, np.int32)
        np.cumsum(np.bincount(nodes, minlength=len(self.nodes)), out=starts[1:])
        return self.arrays(ROW_WISE, starts, (order // 2).astype(np.int32), np.where(order % 2, -1.0, 1.0))

    def arrays(self, orientation: int, starts: Any, index: Any, values: Any) -> Arrays:
        supply = np.array(self.supply)
        return Arrays(
            orientation=orientation,
            starts=starts,
            index=index,
            values=values,
            cost=np.array(self.in_order(self.cost)),
            lower=np.zeros(len(self.arcs)),
            upper=np.array(self.in_order(self.capacity)),
            row_lower=supply,
            row_upper=supply,
            integrality=np.zeros(len(self.arcs), np.int32),
        )

    def pyomo(self) -> pyo.ConcreteModel:
        model = pyo.ConcreteModel()
        arcs = list(map(tuple, self.arcs))
        cost = dict(zip(arcs, self.in_order(self.cost), strict=True))
        capacity = dict(zip(arcs, self.in_order(self.capacity), strict=True))
        supply = dict(zip(self.nodes, self.supply, strict=True))
        leaving, entering = defaultdict(list), defaultdict(list)
        for arc in arcs:
            leaving[arc[0]].append(arc)
            entering[arc[1]].append(arc)
        model.flow = flow = pyo.Var(arcs, bounds=lambda _, i, j: (0.0, capacity[i, j]))
        model.total = pyo.Objective(expr=pyo.quicksum(cost[arc] * flow[arc] for arc in arcs))
        model.balance = pyo.Constraint(
            self.nodes,
            rule=lambda _, k: (
                pyo.quicksum(flow[arc] for arc in leaving[k]) - pyo.quicksum(flow[arc] for arc in entering[k])
                == supply[k]
            ),
        )
        return model
