"""Classic problems with known optima, through the language and the solver that `auto` chooses."""

import itertools
import math

import numpy as np
import pytest

from nl2opt.formulation.schema import Formulation
from solvers import Solution
from tests.nl2opt.formulation.classics.problems import (
    BEALE,
    FT06,
    SUDOKU,
    SUDOKU_SOLVED,
    UNITS,
    Content,
    chance_constraint,
    job_shop,
    klee_minty,
    portfolio,
    queens,
    sudoku,
    tour,
)


def solved(content: Content, solver: str = "auto") -> Solution:
    solution = Formulation.from_dict(content).solve(solver=solver)
    assert solution.is_optimal, solution.message
    return solution


@pytest.mark.parametrize(
    ("content", "optimum"), [(BEALE, -0.05), (klee_minty(5), 5**5), (klee_minty(9), 5**9), (job_shop(FT06), 55)]
)
def test_reaches_the_known_optimum(content: Content, optimum: float) -> None:
    assert solved(content).objective == pytest.approx(optimum, rel=1e-9)


def test_a_sudoku_has_its_one_solution() -> None:
    values = solved(sudoku(SUDOKU)).values
    assert values is not None
    digits = values.astype(int).reshape(9, 9)
    assert tuple("".join(map(str, row)) for row in digits) == SUDOKU_SOLVED


@pytest.mark.parametrize("solver", ["cp_sat", "highs"])
def test_eight_queens_stand_apart(solver: str) -> None:
    values = solved(queens(8), solver).values
    assert values is not None
    places = values[:8].astype(int)
    for sign in (-1, 0, 1):
        assert len({int(q) + sign * i for i, q in enumerate(places)}) == 8


def test_a_tour_of_seven_cities_is_the_best_of_all() -> None:
    far = np.random.default_rng(7).integers(10, 99, (7, 7))
    rows = [" ".join(str(far[i, j]) for j in range(i + 1, 7)) for i in range(6)]
    symmetric = np.triu(far, 1) + np.triu(far, 1).T
    best = min(
        sum(symmetric[a, b] for a, b in itertools.pairwise((0, *order, 0)))
        for order in itertools.permutations(range(1, 7))
    )
    assert solved(tour(rows)).objective == best


def test_unit_commitment_agrees_with_trying_all_plans() -> None:
    """Given which units run, the cheapest ones carry what their least outputs leave over."""
    least, most = (80, 30, 20), (200, 120, 60)
    fixed, cost, starting = (300, 150, 60), (10, 16, 25), (500, 120, 30)

    def period(on: tuple[int, ...], demand: float) -> float:
        rest = demand - sum(least[u] for u in range(3) if on[u])
        total = sum(fixed[u] + cost[u] * least[u] for u in range(3) if on[u])
        if rest < 0:
            return math.inf
        for u in range(3):  # in the order of their costs
            more = min(rest, most[u] - least[u]) if on[u] else 0
            rest, total = rest - more, total + cost[u] * more
        return total if rest < 1e-9 else math.inf

    states = list(itertools.product((0, 1), repeat=3))
    best = dict.fromkeys(states, math.inf) | {(0, 0, 0): 0.0}
    for demand in (120, 260, 310, 150):
        best = {
            now: period(now, demand)
            + min(best[before] + sum(starting[u] for u in range(3) if now[u] > before[u]) for before in states)
            for now in states
        }
    assert solved(UNITS).objective == pytest.approx(min(best.values()))


def test_a_chance_constraint_is_a_cone_with_a_known_optimum() -> None:
    """The optimum is the support function of an ellipse; checked against a fine grid of directions."""
    solution = solved(chance_constraint(1.645))
    angles = np.linspace(0, np.pi / 2, 200_001)
    x, y = np.cos(angles), np.sin(angles)
    reach = 50 / (x + y + 1.645 * np.hypot(0.6 * x, 0.8 * y))
    assert solution.objective == pytest.approx(float((reach * (3 * x + 2 * y)).max()), rel=1e-6)


@pytest.mark.parametrize("least_return", [0.03, 0.06, 0.09])
def test_the_frontier_of_a_portfolio_agrees_between_solvers(least_return: float) -> None:
    first, second = (solved(portfolio(least_return), solver).objective for solver in ("highs", "clarabel"))
    assert first == pytest.approx(second, rel=1e-5)


def test_a_portfolio_of_two_assets_has_a_closed_form() -> None:
    """Where the bond is out, the weights of fund and share follow from the return alone: 0.25 and 0.75 at 9 %."""
    assert solved(portfolio(0.09)).objective == pytest.approx(0.04 * 0.25**2 + 0.16 * 0.75**2, rel=1e-6)
