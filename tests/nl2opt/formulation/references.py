"""Optima of formulations of the gallery, found in ways that have nothing to do with the language.

Each function takes the numbers from the file (plain JSON, no part of the package) and tries everything, runs a
recursion or writes the linear program out for scipy.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import combinations, pairwise, permutations, product
from pathlib import Path
from typing import Any, Final

import numpy as np
from scipy.optimize import linprog

Numbers = dict[str, Any]
FOLDER: Final = Path(__file__).parent


def numbers_of(name: str) -> Numbers:
    """Return the values of the parameters and the elements of the sets by name, as they stand in the file."""
    (path,) = FOLDER.glob(f"gallery*/{name}.json")
    content = json.loads(path.read_text(encoding="utf-8"))
    sets = {entry["name"]: entry["elements"] for entry in content.get("sets", [])}
    return sets | {entry["name"]: entry.get("value") for entry in content.get("parameters", [])}


def dot(left: Any, right: Any) -> float:
    return float(sum(a * b for a, b in zip(left, right, strict=True)))


def choices(count: int) -> Iterator[tuple[int, ...]]:
    return product((0, 1), repeat=count)


def gasoline_blending(n: Numbers) -> float:
    # x[crude, gas] as nine columns, row by row, then the three adverts
    cost = [n["cost"][c] + n["refining"] - n["sale"][g] for c in range(3) for g in range(3)] + [1, 1, 1]
    sold = [[float(k % 3 == g) for k in range(9)] + [-10.0 * (h == g) for h in range(3)] for g in range(3)]
    rows = [[float(k // 3 == c) for k in range(9)] + [0] * 3 for c in range(3)] + [[1] * 9 + [0] * 3]
    sides = [5000, 5000, 5000, 14000] + [0] * 6
    rows += [
        [(n["octane_least"][g] - n["octane"][k // 3]) * (k % 3 == g) for k in range(9)] + [0] * 3 for g in range(3)
    ]
    rows += [
        [(n["sulphur"][k // 3] - n["sulphur_most"][g]) * (k % 3 == g) for k in range(9)] + [0] * 3 for g in range(3)
    ]
    return -float(linprog(cost, rows, sides, sold, n["demand"]).fun)


def generalised_assignment(n: Numbers) -> float:
    best = 0.0
    for agents in product((None, 0, 1), repeat=4):
        loads = [sum(n["load"][a][t] for t in range(4) if agents[t] == a) for a in (0, 1)]
        if loads[0] <= 12 and loads[1] <= 13:
            best = max(best, sum(n["profit"][a][t] for t, a in enumerate(agents) if a is not None))
    return best


def shortest_path(n: Numbers) -> float:
    return _distances([(*arc, length) for arc, length in zip(n["ARC"], n["length"], strict=True)], 1)[6]


def park_path(n: Numbers) -> float:
    roads = [(*key.split(","), miles) for key, miles in n["miles"].items()]
    return _distances(roads + [(b, a, miles) for a, b, miles in roads], "O")["T"]


def _distances(arcs: list[Any], start: Any) -> dict[Any, float]:
    """Bellman and Ford's algorithm."""
    distance = {start: 0.0}
    for _ in arcs:
        for i, j, length in arcs:
            if i in distance:
                distance[j] = min(distance.get(j, np.inf), distance[i] + length)
    return distance


def park_tree(n: Numbers) -> float:
    """Kruskal's algorithm."""
    part = {spot: spot for spot in n["SPOT"]}
    total = 0.0
    for key, miles in sorted(n["miles"].items(), key=lambda item: float(item[1])):
        a, b = (part[end] for end in key.split(","))
        if a != b:
            total += miles
            part = {spot: b if owner == a else owner for spot, owner in part.items()}
    return total


def unbounded_knapsack(n: Numbers) -> float:
    best = [0.0] * 11
    for room in range(1, 11):
        best[room] = max(
            [best[room - 1], *(v + best[room - w] for v, w in zip(n["value"], n["weight"], strict=True) if w <= room)]
        )
    return best[10]


def bounded_knapsack(n: Numbers) -> float:
    counts = product(*(range(most + 1) for most in n["copies"].values()))
    return max(dot(n["value"], c) for c in counts if dot(n["weight"], c) <= 23)


def two_knapsack_limits(n: Numbers) -> float:
    fits = (
        x for x in choices(6) if all(dot(row, x) <= limit for row, limit in zip(n["need"], n["limit"], strict=True))
    )
    return max(dot(n["worth"], x) for x in fits)


def knapsacks_in_two_bags(n: Numbers) -> float:
    best = 0.0
    for bags in product((None, 0, 1), repeat=6):
        if all(
            sum(w for w, bag in zip(n["w"], bags, strict=True) if bag == b) <= room
            for b, room in enumerate(n["room"].values())
        ):
            best = max(best, sum(v for v, bag in zip(n["v"], bags, strict=True) if bag is not None))
    return best


def crew_scheduling(n: Numbers) -> float:
    covers = [{flight for sequence, flight in n["COVERS"] if sequence == s} for s in range(1, 13)]
    crews = (c for c in combinations(range(12), 3) if len(set.union(*(covers[s] for s in c))) == 11)
    return float(min(sum(n["cost"][s] for s in c) for c in crews))


def teams_partition(n: Numbers) -> float:
    teams = [[person for team, person in n["IN"] if team == t] for t in range(1, 9)]
    splits = (
        x for x in choices(8) if sorted(p for t, used in zip(teams, x, strict=True) if used for p in t) == n["PERSON"]
    )
    return min(dot(n["cost"], x) for x in splits)


def lot_sizing(n: Numbers) -> float:
    """Wagner and Whitin's recursion (Management Science 5, 1958)."""
    demand = n["demand"]
    best = [0.0]
    for end in range(1, 7):
        best.append(min(best[b] + 100 + sum((t - b) * demand[t] for t in range(b, end)) for b in range(end)))
    return best[6]


def smoothing(n: Numbers) -> float:
    rows, sides = [], []
    for t in range(4):  # columns: make, stock, up, down, four of each
        row, change = np.zeros(16), np.zeros(16)
        row[t], row[4 + t] = 1, -1
        change[t], change[8 + t], change[12 + t] = 1, -1, 1
        if t:
            row[4 + t - 1], change[t - 1] = 1, -1
        rows += [row, change]
        sides += [n["demand"][t], 0 if t else n["base"]]
    return float(linprog([0] * 4 + [1] * 4 + [3] * 4 + [2] * 4, A_eq=rows, b_eq=sides).fun)


def warehouses(n: Numbers) -> float:
    sites = n["SITE"]
    opened = (o for k in (1, 2, 3) for o in combinations(sites, k))
    return float(
        min(sum(n["rent"][s] for s in o) + sum(min(n["cost"][s][j] for s in o) for j in range(5)) for o in opened)
    )


def capacitated_plants(n: Numbers) -> float:
    best = np.inf
    rooms = list(n["room"].values())
    arrive = [[float(k % 4 == t) for k in range(12)] for t in range(4)]
    leave = [[float(k // 4 == p) for k in range(12)] for p in range(3)]
    for opened in choices(3):
        solved = linprog(
            np.ravel(n["unit"]), leave, [r * o for r, o in zip(rooms, opened, strict=True)], arrive, n["demand"]
        )
        if solved.status == 0:
            best = min(best, dot(n["fixed"], opened) + float(solved.fun))
    return best


def _nearest(n: Numbers) -> Iterator[list[float]]:
    """Yield for each pair of depots how far each town is from the nearer one."""
    places = [np.array([place["x"], place["y"]], float) for place in n["at"].values()]
    for depots in combinations(places, 2):
        yield [min(float(np.linalg.norm(town - depot)) for depot in depots) for town in places]


def two_medians(n: Numbers) -> float:
    return min(sum(ways) for ways in _nearest(n))


def two_centres(n: Numbers) -> float:
    return min(max(ways) for ways in _nearest(n))


def round_trip(n: Numbers) -> float:
    tours = ((0, *rest, 0) for rest in permutations(range(1, 5)))
    return float(min(sum(n["miles"][i][j] for i, j in pairwise(tour)) for tour in tours))


def petersen_colours(n: Numbers) -> float:
    for colours in range(1, 5):
        if any(all(c[i] != c[j] for i, j in n["E"]) for c in product(range(colours), repeat=10)):
            return colours
    raise AssertionError


def petersen_cover(n: Numbers) -> float:
    edges = (
        [(i, (i + 1) % 5) for i in range(5)]
        + [(i, i + 5) for i in range(5)]
        + [(5 + i, 5 + (i + 2) % 5) for i in range(5)]
    )
    return min(sum(guards) for guards in choices(10) if all(guards[i] or guards[j] for i, j in edges))


def queens(n: Numbers) -> float:
    boards = permutations(range(6))
    assert any(len({i + c for i, c in enumerate(b)}) == len({i - c for i, c in enumerate(b)}) == 6 for b in boards)
    return 6


def sudoku(n: Numbers) -> dict[str, float]:
    bands = [
        (upper, lower)
        for upper, lower in permutations(permutations(range(1, 5)), 2)
        if len({*upper[:2], *lower[:2]}) == len({*upper[2:], *lower[2:]}) == 4
    ]
    squares = (above + below for above, below in product(bands, repeat=2))
    columns_differ = (s for s in squares if all(len(set(column)) == 4 for column in zip(*s, strict=True)))
    (square,) = (s for s in columns_differ if all(s[r - 1][c - 1] == v for r, c, v in n["GIVEN"]))
    return {f"cell[{r}, {c}, {square[r - 1][c - 1]}]": 1.0 for r in range(1, 5) for c in range(1, 5)}


def projects(n: Numbers) -> float:
    allowed = (
        (a, b, c, d, e, f)
        for a, b, c, d, e, f in choices(6)
        if b <= e and a + d <= 1 and c + f >= 1 and c == e and f <= a + d
    )
    return max(dot(n["gain"].values(), x) for x in allowed if dot(n["cost"].values(), x) <= 24)


def l1_regression(n: Numbers) -> float:
    points = list(zip(n["x"], n["y"], strict=True))
    lines = [((d - b) / (c - a), b - a * (d - b) / (c - a)) for (a, b), (c, d) in combinations(points, 2)]
    return min(sum(abs(y - m * x - k) for x, y in points) for m, k in lines)


def hospital_efficiency(n: Numbers) -> float:
    rows = [[*done, *(-u for u in used)] for done, used in zip(n["done"], n["used"], strict=True)]
    scaled = [[0, 0, 0, *n["used"][1]]]
    return -float(linprog([*(-d for d in n["done"][1]), 0, 0], rows, [0, 0, 0], scaled, [1]).fun)


def nurses(n: Numbers) -> float:
    dislike = [[list(day.values()) for day in days.values()] for days in n["dislike"].values()]
    best = np.inf
    pairs = list(permutations(range(3), 2))  # who is early, who is late
    for plan in product(pairs, repeat=3):
        rested = all(plan[d][1] != plan[d + 1][0] for d in (0, 1))
        counts = [sum(nurse in pair for pair in plan) for nurse in range(3)]
        if rested and all(1 <= count <= 2 for count in counts):
            best = min(best, sum(dislike[plan[d][s]][d][s] for d in range(3) for s in (0, 1)))
    return best


def job_sequence(n: Numbers) -> float:
    def cost(order: tuple[int, ...]) -> float:
        ends = np.cumsum([n["takes"][j] for j in order])
        return dot((n["weight"][j] for j in order), ends)

    return min(map(cost, permutations(range(4))))


def pension_fund(n: Numbers) -> float:
    # columns: short, long, start, carry of the four years
    rows = [
        [0.05, 0.07, 1, -1, 0, 0, 0],
        [1.05, 0.07, 0, 1.02, -1, 0, 0],
        [0, 0.07, 0, 0, 1.02, -1, 0],
        [0, 1.07, 0, 0, 0, 1.02, -1],
    ]
    return float(linprog([1, 1, 1, 0, 0, 0, 0], A_eq=rows, b_eq=n["due"]).fun)


def max_cut(n: Numbers) -> float:
    edges = [(0, k) for k in range(1, 6)] + [(k, k + 1) for k in range(1, 5)] + [(1, 5)]
    return max(sum(side[i] != side[j] for i, j in edges) for side in choices(6))


def monthly_stock(n: Numbers) -> float:
    """Every unit is made in some month and kept until it is wanted: a transport problem."""
    pairs = [(made, due) for made in range(4) for due in range(made, 4)]
    cost = [n["cost"][made] + due - made for made, due in pairs]
    room = [[float(made == m) for made, _ in pairs] for m in range(4)]
    wanted = [[float(due == m) for _, due in pairs] for m in range(4)]
    return float(linprog(cost, room, [45] * 4, wanted, n["demand"]).fun)


def mills_and_kilns(n: Numbers) -> float:
    best = np.inf
    for m1, m3, k1, k2, k3 in product(range(7), repeat=5):
        totals = (m1 + k1, k2, m3 + k3)
        if all(total >= need for total, need in zip(totals, n["need"], strict=True)):
            best = min(best, max(totals) + m1 + m3 + abs(k2 - k1) + abs(k3 - k2))
    return best


REFERENCES: Final[dict[str, Callable[[Numbers], float | dict[str, float]]]] = {
    function.__name__: function
    for function in (
        gasoline_blending, generalised_assignment, shortest_path, park_path, park_tree, unbounded_knapsack,
        bounded_knapsack, two_knapsack_limits, knapsacks_in_two_bags, crew_scheduling, teams_partition, lot_sizing,
        smoothing, warehouses, capacitated_plants, two_medians, two_centres, round_trip, petersen_colours,
        petersen_cover, queens, sudoku, projects, l1_regression, hospital_efficiency, nurses, job_sequence,
        pension_fund, max_cut, monthly_stock, mills_and_kilns,
    )
}  # fmt: skip
