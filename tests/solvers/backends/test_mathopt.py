import threading
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version

import numpy as np
import pytest

from solvers import Model, SolveOptions, SolversError, Termination, check_point, solve
from solvers.backends.mathopt import message_of
from tests.solvers.cases import HOPELESS, INF, MAX, MIN, SOLVED, build_model

BOTH = pytest.mark.parametrize("solver", ["glop", "pdlp"])
UNBOUNDED = [n for n, (why, m) in HOPELESS.items() if why == "unbounded" and m.is_linear and not m.is_integer]


def transport(n: int) -> Model:
    """Ship from n places to n others at random costs; supply exceeds demand."""
    rng = np.random.default_rng(0)
    arcs = np.arange(n * n).reshape(n, n)
    demand = rng.integers(5, 20, n).astype(float)
    return Model(
        sense=MIN, column_lower=np.zeros(n * n), column_upper=np.full(n * n, INF),
        column_kind=np.zeros(n * n, np.uint8), objective=rng.integers(1, 100, n * n).astype(float),
        row_starts=np.arange(2 * n + 1) * n, row_columns=np.concatenate([arcs.ravel(), arcs.T.ravel()]),
        row_values=np.ones(2 * n * n), row_lower=np.concatenate([np.full(n, -INF), demand]),
        row_upper=np.concatenate([np.full(n, 20.0), np.full(n, INF)]),
    )  # fmt: skip


@BOTH
def test_finds_what_highs_finds(solver: str) -> None:
    model = transport(20)
    solution, expected = solve(model, solver=solver), solve(model, solver="highs")
    assert solution.termination is Termination.OPTIMAL, solution.message
    assert solution.objective == pytest.approx(expected.objective, rel=1e-6)
    assert solution.row_dual is not None
    assert solution.row_dual @ np.where(np.isfinite(model.row_lower), model.row_lower, model.row_upper) == (
        pytest.approx(expected.objective, rel=1e-5)
    )


@BOTH
@pytest.mark.parametrize("name", UNBOUNDED)
def test_the_ray_of_an_unbounded_model_improves_for_ever(solver: str, name: str) -> None:
    _, model = HOPELESS[name]
    ray = solve(model, solver=solver).ray
    assert ray is not None
    for length in (1.0, 1e3, 1e6):
        assert check_point(model, np.zeros(model.n_columns) + length * ray).accepted
    assert model.objective_value(ray) * (1 if model.sense is MAX else -1) > 0.5


@BOTH
def test_stops_within_half_a_second_when_cancelled(solver: str) -> None:
    model, cancel = transport(400), threading.Event()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(solve, model, solver=solver, cancel=cancel)
        time.sleep(1.0)
        cancelled = time.perf_counter()
        cancel.set()
        solution = running.result(timeout=20)
    assert time.perf_counter() - cancelled < 0.5
    assert solution.termination is Termination.INTERRUPTED


@BOTH
def test_a_limit_is_a_limit(solver: str) -> None:
    solution = solve(transport(200), solver=solver, options=SolveOptions(time_limit_seconds=0.1))
    assert solution.termination is Termination.LIMIT
    assert solution.seconds < 3
    assert solution.row_dual is None


@BOTH
def test_takes_threads_seeds_and_tolerances_in_silence(solver: str, capfd: pytest.CaptureFixture[str]) -> None:
    options = SolveOptions(threads=8, seed=7, feasibility_tolerance=1e-9, time_limit_seconds=1e12)
    solution = solve(SOLVED["lp_max"].model, solver=solver, options=options)
    assert solution.objective == pytest.approx(11, rel=1e-6)
    assert capfd.readouterr() == ("", "")


@BOTH
def test_names_itself_with_its_version(solver: str) -> None:
    title = {"glop": "Glop", "pdlp": "PDLP"}[solver]
    assert solve(SOLVED["lp_max"].model, solver=solver).solver == f"{title} {version('ortools')}"


def test_rows_of_very_different_sizes_are_each_satisfied_by_pdlp() -> None:
    model = build_model(MIN, [1, 1, 0], [(1e7, [1, 0, 1], INF), (1, [0, 1, 1e-6], INF)], upper=[INF, INF, 1e6])
    solution, expected = solve(model, solver="pdlp"), solve(model, solver="highs")
    assert solution.termination is Termination.OPTIMAL, solution.message
    assert solution.objective == pytest.approx(expected.objective, rel=1e-6)


def test_what_the_solver_refuses_is_an_error_with_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(model: Model) -> object:
        message = message_of(model)
        message.variables.lower_bounds[0] = np.nan
        return message

    monkeypatch.setattr("solvers.backends.mathopt.message_of", broken)
    with pytest.raises(SolversError, match=r"^Glop does not accept the model: .*lower_bounds"):
        solve(SOLVED["lp_max"].model, solver="glop")


def test_entries_in_any_order_are_handed_over() -> None:
    model = build_model(MAX, [3, 2], [(-INF, [1, 1], 5), (-INF, [1, 3], 6)], upper=[3, INF])
    swapped = Model(
        sense=MAX, column_lower=model.column_lower, column_upper=model.column_upper, column_kind=model.column_kind,
        objective=model.objective, row_starts=model.row_starts, row_columns=np.array([1, 0, 1, 0]),
        row_values=np.array([1.0, 1, 3, 1]), row_lower=model.row_lower, row_upper=model.row_upper,
    )  # fmt: skip
    assert solve(swapped, solver="glop").objective == pytest.approx(11)
