"""Models with global constraints and conditional rows whose optima are known, for every back end that takes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations

import numpy as np

from solvers import AffineColumns, AllDifferent, Circuit, Cumulative, GlobalConstraint, IndicatorRows, Model, NoOverlap
from tests.solvers.cases import BINARY, INF, INTEGER, MAX, MIN, Case, Row, build_model


def columns(*column: int, offset: float | Sequence[float] = 0.0) -> AffineColumns:
    return AffineColumns(
        column=np.array(column, np.int64),
        coefficient=np.ones(len(column)),
        offset=np.full(len(column), offset, np.float64),
    )


def constants(*number: float) -> AffineColumns:
    nothing = np.zeros(len(number))
    return AffineColumns(column=np.full(len(number), -1), coefficient=nothing, offset=np.array(number, np.float64))


def with_constraints(model: Model, *constraints: GlobalConstraint) -> Model:
    return replace(model, global_constraints=constraints)


def queens(n: int) -> Model:
    """Place n queens so that no two share a row or a diagonal; there is no objective."""
    queen = range(n)
    return with_constraints(
        build_model(MIN, [0.0] * n, kinds=INTEGER, upper=n - 1),
        AllDifferent(members=columns(*queen), name="rows"),
        AllDifferent(members=columns(*queen, offset=list(queen)), name="rising"),
        AllDifferent(members=columns(*queen, offset=[-i for i in queen]), name="falling"),
    )


def job_shop(jobs: Sequence[Sequence[tuple[int, int]]]) -> Model:
    """Run each job's tasks (machine, duration) in order, each machine one task at a time; minimise the makespan."""
    tasks = [(j, k) for j, job in enumerate(jobs) for k in range(len(job))]
    place = {task: i for i, task in enumerate(tasks)}
    horizon = sum(duration for job in jobs for _, duration in job)
    makespan, rows = len(tasks), list[Row]()
    for (j, k), i in place.items():
        entries = np.zeros(len(tasks) + 1)
        entries[place.get((j, k + 1), makespan)], entries[i] = 1, -1
        rows.append((jobs[j][k][1], list(entries), INF))
    machines = []
    for machine in sorted({m for job in jobs for m, _ in job}):
        held = [(i, jobs[j][k][1]) for (j, k), i in place.items() if jobs[j][k][0] == machine]
        start, size = columns(*(i for i, _ in held)), constants(*(duration for _, duration in held))
        machines.append(NoOverlap(start=start, size=size, name=f"machine {machine}"))
    objective = [0.0] * len(tasks) + [1.0]
    return with_constraints(build_model(MIN, objective, rows, upper=horizon, kinds=INTEGER), *machines)


FT06 = [
    [(2, 1), (0, 3), (1, 6), (3, 7), (5, 3), (4, 6)],
    [(1, 8), (2, 5), (4, 10), (5, 10), (0, 10), (3, 4)],
    [(2, 5), (3, 4), (5, 8), (0, 9), (1, 1), (4, 7)],
    [(1, 5), (0, 5), (2, 5), (3, 3), (4, 8), (5, 9)],
    [(2, 9), (1, 3), (4, 5), (5, 4), (0, 3), (3, 1)],
    [(1, 3), (3, 3), (5, 9), (0, 10), (4, 4), (2, 1)],
]
"""Fisher and Thompson's 6 x 6 instance (1963), whose shortest makespan is 55."""

PUZZLE = """
    53..7....
    6..195...
    .98....6.
    8...6...3
    4..8.3..1
    7...2...6
    .6....28.
    ...419..5
    ....8..79
"""
PUZZLE_SOLVED = "534678912672195348198342567859761423426853791713924856961537284287419635345286179"


def sudoku(text: str) -> Model:
    """Fill in a sudoku, given line by line with dots for what is missing; there is no objective."""
    given = [0 if sign == "." else int(sign) for sign in "".join(text.split())]
    cells = np.arange(81).reshape(9, 9)
    blocks = cells.reshape(3, 3, 3, 3).swapaxes(1, 2).reshape(9, 9)
    groups = [group.tolist() for group in (*cells, *cells.T, *blocks)]
    lower, upper = [n or 1 for n in given], [n or 9 for n in given]
    model = build_model(MIN, [0.0] * 81, lower=lower, upper=upper, kinds=INTEGER)
    return with_constraints(model, *(AllDifferent(members=columns(*group)) for group in groups))


DISTANCES = [[0, 3, 4, 2, 7], [3, 0, 4, 6, 3], [4, 4, 0, 5, 8], [2, 6, 5, 0, 6], [7, 3, 8, 6, 0]]


def shortest_tour(distances: Sequence[Sequence[int]]) -> int:
    """Return the length of the shortest tour, by trying all."""
    tours = [(0, *tour) for tour in permutations(range(1, len(distances)))]
    return min(sum(distances[i][j] for i, j in zip(tour, (*tour[1:], 0), strict=True)) for tour in tours)


def tour(distances: Sequence[Sequence[int]]) -> Model:
    """Visit every city once and return."""
    arcs = [(i, j) for i in range(len(distances)) for j in range(len(distances)) if i != j]
    tail, head = np.array(arcs).T
    model = build_model(MIN, [distances[i][j] for i, j in arcs], kinds=BINARY, upper=1)
    return with_constraints(model, Circuit(tail=tail, head=head, column=np.arange(len(arcs)), name="tour"))


def three_jobs() -> Model:
    """Three jobs of 3, 2 and 4 on one machine, the last not before 1: the makespan is 9."""
    rows: list[Row] = [(3, [-1, 0, 0, 1], INF), (2, [0, -1, 0, 1], INF), (4, [0, 0, -1, 1], INF)]
    model = build_model(MIN, [0, 0, 0, 1], rows, lower=[0, 0, 1, 0], upper=20, kinds=INTEGER)
    return with_constraints(model, NoOverlap(start=columns(0, 1, 2), size=constants(3, 2, 4), name="machine"))


def tasks_of_open_length() -> Model:
    """A task from 0 on and one from 5 on that ends by 8; they are to be long and not to overlap: 5 and 3."""
    rows: list[Row] = [(-INF, [0, 1, 1], 8)]
    model = build_model(MAX, [1, 1, 0], rows, lower=[0, 0, 5], upper=[9, 9, 5], kinds=INTEGER)
    start = AffineColumns(column=np.array([-1, 2]), coefficient=np.array([0.0, 1.0]), offset=np.zeros(2))
    return with_constraints(model, NoOverlap(start=start, size=columns(0, 1)))


def crew() -> Model:
    """Four tasks of 3, 2, 2, 1 hours need 2, 1, 2, 2 of a crew of 3.

    Those that need 2 cannot run together, which takes 3 + 2 + 1 = 6 hours; the other one runs beside them.
    """
    rows: list[Row] = [(d, [-(i == k) for i in range(4)] + [1], INF) for k, d in enumerate((3, 2, 2, 1))]
    model = build_model(MIN, [0, 0, 0, 0, 1], rows, upper=20, kinds=INTEGER)
    tasks = Cumulative(
        start=columns(0, 1, 2, 3), size=constants(3, 2, 2, 1), demand=constants(2, 1, 2, 2), capacity=constants(3)
    )
    return with_constraints(model, tasks)


def conditional() -> Model:
    """Make at least 4 where the machine runs, nothing where it does not; a run costs 3, a piece earns 1, up to 10.

    With the limit of 6 pieces in a run the best is 6 - 3 = 3.
    """
    rows: list[Row] = [(4, [1, 0], 6), (-INF, [1, 0], 0)]
    model = build_model(MAX, [1, -3], rows, upper=[10, 1], kinds=[INTEGER, BINARY])
    indicators = IndicatorRows(row=np.array([0, 1]), column=np.array([1, 1]), value=np.array([1, 0], np.uint8))
    return replace(model, indicators=indicators)


CONSTRUCTS = {
    "eight_queens": Case(model=queens(8), objective=0),
    "sudoku": Case(model=sudoku(PUZZLE), objective=0, values=[int(sign) for sign in PUZZLE_SOLVED]),
    "three_jobs_on_one_machine": Case(model=three_jobs(), objective=9),
    "tasks_of_open_length": Case(model=tasks_of_open_length(), objective=8, values=[5, 3, 5]),
    "crew": Case(model=crew(), objective=6),
    "tour_of_five_cities": Case(model=tour(DISTANCES), objective=shortest_tour(DISTANCES)),
    "conditional_rows": Case(model=conditional(), objective=3, values=[6, 1]),
}
"""Models with one optimal value each; values where the point is unique."""
