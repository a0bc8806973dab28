"""Time and memory from a formulation to the arrays that HiGHS takes, beside hand-written arrays and Pyomo.

    python benchmarks/compile_speed.py                            # quick: Pyomo up to 300 x 300
    python benchmarks/compile_speed.py --skip-pyomo-above 1000    # for reports

The model is the transport problem: n sources, n sinks, a column for each pair, a row for each source and sink.
All start from the same Python lists of costs, supplies and demands. What the clock covers:

* hand-written: from the lists to numpy arrays, row-wise (CSR) or column-wise (CSC), with the structure of the
  transport problem used for all that it is worth ("built"), and `passModel` ("in HiGHS").
* nl2opt: from a validated `Formulation` with the lists inside: checking, compiling to `solvers.Model` and the
  conversions of the HiGHS back end, up to its call of `passModel` ("built"), and that call ("in HiGHS"). Reading
  JSON is not covered.
* Pyomo: building the `ConcreteModel` ("built"), which is not yet anything that HiGHS takes, and `set_instance`
  of Pyomo's own HiGHS interface ("in HiGHS").

The repetitions are interleaved, so that a busy machine hurts all alike; times are medians, ratios are medians of
the ratios of neighbouring repetitions. Memory is the growth of the process's peak resident size over its size
with the libraries and the data loaded, until the model is in HiGHS, each in a fresh process.
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import highspy
import numpy as np
import pyomo.environ as pyo
from highspy import _core as core
from machine import describe_machine
from pyomo.contrib.solver.solvers.highs import Highs as PyomoHighs

from nl2opt import Formulation
from nl2opt.formulation.compiler import compile_formulation
from solvers.backends.highs_load import load

SIZES = (100, 300, 1000)
REPETITIONS = {100: 41, 300: 15, 1000: 9}
PYOMO_REPETITIONS = {100: 7, 300: 3, 1000: 1}
BY_ROWS, BY_COLUMNS = "hand-written, by rows", "hand-written, by columns"
ROW_WISE, COLUMN_WISE = 2, 1
clock: Callable[[], float] = time.perf_counter
AT_MOST_TIMES_ARRAYS, AT_LEAST_TIMES_PYOMO = 3.0, 10.0


@dataclass(frozen=True)
class Data:
    """The numbers of a transport problem, as a JSON file would give them."""

    n: int
    cost: list[list[float]]
    supply: list[float]
    demand: list[float]

    @classmethod
    def draw(cls, n: int) -> Data:
        """Draw a feasible problem of n sources and n sinks."""
        rng = np.random.default_rng(n)
        cost = rng.integers(1, 100, (n, n)).astype(float)
        return cls(n, cost.tolist(), rng.uniform(50, 100, n).tolist(), rng.uniform(10, 50, n).tolist())

    def formulation(self) -> Formulation:
        """Return the problem as a formulation."""
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


@dataclass(frozen=True)
class Timing:
    """Seconds until the model is built, seconds until HiGHS holds it, and the HiGHS object."""

    built: float
    total: float
    highs: Any

    @property
    def seconds(self) -> tuple[float, float]:
        """Until the model is built, and until HiGHS holds it."""
        return self.built, self.total


class ClockedHighs(core._Highs):  # type: ignore[misc]
    """HiGHS that notes when it is handed a model."""

    handed_over = 0.0

    def passModel(self, *arguments: Any) -> Any:  # noqa: N802, D102 - the name is HiGHS's
        self.handed_over = clock()
        return super().passModel(*arguments)


def by_rows(data: Data) -> Timing:
    """CSR: the cells in order for the sources' rows, transposed for the sinks' rows."""
    started = clock()
    n = data.n
    highs = _quiet_highs()
    cells = np.arange(n * n, dtype=np.int32)
    columns = np.concatenate((cells, cells.reshape(n, n).T.ravel()))
    starts = np.arange(0, 2 * n * n + 1, n, dtype=np.int32)
    _hand_over(highs, data, ROW_WISE, starts, columns)
    return Timing(highs.handed_over - started, clock() - started, highs)


def by_columns(data: Data) -> Timing:
    """CSC: two entries a column, which is how HiGHS stores a model."""
    started = clock()
    n = data.n
    highs = _quiet_highs()
    rows = np.empty((n, n, 2), np.int32)
    rows[:, :, 0] = np.arange(n)[:, None]
    rows[:, :, 1] = np.arange(n, 2 * n)
    starts = np.arange(0, 2 * n * n + 1, 2, dtype=np.int32)
    _hand_over(highs, data, COLUMN_WISE, starts, rows.ravel())
    return Timing(highs.handed_over - started, clock() - started, highs)


def _quiet_highs() -> ClockedHighs:
    highs = ClockedHighs()
    highs.setOptionValue("output_flag", False)
    return highs


def _hand_over(highs: ClockedHighs, data: Data, orientation: int, starts: Any, index: Any) -> None:
    n, cells = data.n, data.n * data.n
    cost = np.array(data.cost).ravel()
    lower, upper = np.zeros(cells), np.full(cells, np.inf)
    row_lower = np.concatenate((np.full(n, -np.inf), data.demand))
    row_upper = np.concatenate((data.supply, np.full(n, np.inf)))
    values, whole, none = np.ones(2 * cells), np.zeros(cells, np.int32), np.empty(0, np.int32)
    highs.passModel(
        cells, 2 * n, 2 * cells, 0, orientation, 1, 1, 0.0, cost, lower, upper, row_lower, row_upper,
        starts, index, values, none, none, np.empty(0), whole,
    )  # fmt: skip


def by_nl2opt(formulation: Formulation) -> Timing:
    started = clock()
    highs = load(compile_formulation(formulation).require().model)
    return Timing(highs.handed_over - started, clock() - started, highs)


def by_pyomo(data: Data) -> Timing:
    started = clock()
    model = pyo.ConcreteModel()
    sources, sinks = range(data.n), range(data.n)
    cost, supply, demand = data.cost, data.supply, data.demand
    model.ship = pyo.Var(sources, sinks, domain=pyo.NonNegativeReals)
    ship = model.ship
    model.total = pyo.Objective(expr=pyo.quicksum(cost[i][j] * ship[i, j] for i in sources for j in sinks))
    model.supplied = pyo.Constraint(sources, rule=lambda _, i: pyo.quicksum(ship[i, j] for j in sinks) <= supply[i])
    model.demanded = pyo.Constraint(sinks, rule=lambda _, j: pyo.quicksum(ship[i, j] for i in sources) >= demand[j])
    built = clock() - started
    interface = PyomoHighs()
    interface.set_instance(model)
    return Timing(built, clock() - started, interface._solver_model)


def methods(data: Data) -> dict[str, Callable[[], Timing]]:
    formulation = data.formulation()
    return {
        BY_ROWS: lambda: by_rows(data),
        BY_COLUMNS: lambda: by_columns(data),
        "nl2opt": lambda: by_nl2opt(formulation),
        "Pyomo": lambda: by_pyomo(data),
    }


# -- are they the same model? -----------------------------------------------------------------------------


def verify() -> str:
    """Check that all four build one model, entry by entry, and that it has one optimum; say so in a sentence."""
    data = Data.draw(100)
    held = {name: method().highs for name, method in methods(data).items()}
    matrices = {name: _matrix(highs) for name, highs in held.items()}
    optima = {name: _optimum(highs) for name, highs in held.items()}
    wanted = optima[BY_ROWS]
    for name in held:
        if matrices[name] != matrices[BY_ROWS]:
            raise SystemExit(f"{name} is another model")
        if abs(optima[name] - wanted) > 1e-6 * abs(wanted):
            raise SystemExit(f"{name} has the optimum {optima[name]}, not {wanted}")
    return (
        f"Checked at n = 100: HiGHS holds the same {2 * data.n} rows and {len(matrices[BY_ROWS]):,} entries "
        f"from each of the four, and finds the same optimum, {wanted:.6f}."
    )


def _matrix(highs: Any) -> dict[tuple[int, int], float]:
    """Return the entries that HiGHS holds, by row and column."""
    matrix = highs.getLp().a_matrix_
    starts, index, values = np.array(matrix.start_), np.array(matrix.index_), np.array(matrix.value_)
    outer = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    row_wise = matrix.format_ == highspy.MatrixFormat.kRowwise
    rows, columns = (outer, index) if row_wise else (index, outer)
    return dict(zip(zip(rows.tolist(), columns.tolist(), strict=True), values.tolist(), strict=True))


def _optimum(highs: Any) -> float:
    highs.setOptionValue("output_flag", False)
    highs.run()
    return float(highs.getObjectiveValue())


# -- measuring --------------------------------------------------------------------------------------------


def measure(n: int, with_pyomo: bool) -> dict[str, list[Timing]]:
    """Take the time of each method several times, in turn."""
    ways = methods(Data.draw(n))
    if not with_pyomo:
        del ways["Pyomo"]
    timings: dict[str, list[Timing]] = {name: [] for name in ways}
    for repetition in range(REPETITIONS[n]):
        for name, way in ways.items():
            if name == "Pyomo" and repetition >= PYOMO_REPETITIONS[n]:
                continue
            gc.collect()
            timing = way()
            timings[name].append(Timing(timing.built, timing.total, None))
            del timing
    return timings


def peak_memory(name: str, n: int) -> float:
    """Return by how many MiB a fresh process grows while a method builds the model."""
    command = [sys.executable, __file__, "--memory-of", name, "--size", str(n)]
    return float(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def own_peak_memory(name: str, n: int) -> float:
    way = methods(Data.draw(n))[name]
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak so far
    before = _peak()
    way()
    return (_peak() - before) / 1024


def _peak() -> int:
    """Return the peak resident size of this process in KiB; `ru_maxrss` would be inherited from the parent."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0])


def rows_of(n: int, timings: dict[str, list[Timing]]) -> list[str]:
    """Return the lines of the table."""
    lines = []
    for name, series in timings.items():
        built, total = (statistics.median(seconds) for seconds in zip(*(t.seconds for t in series), strict=True))
        figures = (
            f"{built * 1e3:.1f} ms", f"{total * 1e3:.1f} ms",
            *(f"{ratio:.2f}" for ratio in ratios(series, timings[BY_ROWS])),
            *(f"{ratio:.2f}" for ratio in ratios(series, timings["nl2opt"])),
            f"{peak_memory(name, n):.0f} MiB",
        )  # fmt: skip
        lines.append(f"| {n} x {n} | {name} | {len(series)} | {' | '.join(figures)} |")
    return lines


def ratios(series: list[Timing], to: list[Timing]) -> list[float]:
    """Return the medians of the ratios of neighbouring repetitions: until built, and until in HiGHS."""
    pairs = list(zip(series, to, strict=False))
    return [statistics.median(a.seconds[k] / b.seconds[k] for a, b in pairs) for k in (0, 1)]


def judge(n: int, timings: dict[str, list[Timing]]) -> str:
    """Compare with the targets."""
    slower = ratios(timings["nl2opt"], timings[BY_ROWS])
    faster = ratios(timings["Pyomo"], timings["nl2opt"]) if "Pyomo" in timings else None
    words = []
    for k, what in enumerate(("built", "in HiGHS")):
        words.append(f"{what}: {slower[k]:.2f} times the arrays by rows ({_met(slower[k] <= AT_MOST_TIMES_ARRAYS)})")
        if faster is not None:
            words.append(f"{faster[k]:.1f} times faster than Pyomo ({_met(faster[k] >= AT_LEAST_TIMES_PYOMO)})")
    return f"* {n} x {n}: {'; '.join(words)}."


def _met(target: bool) -> str:
    return "target met" if target else "target MISSED"


def main() -> None:
    global clock  # noqa: PLW0603 - one clock for the run
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES), choices=SIZES)
    parser.add_argument("--skip-pyomo-above", type=int, default=300, help="largest n that Pyomo builds")
    parser.add_argument(
        "--cpu-time", action="store_true", help="processor time instead of wall time: for busy machines"
    )
    parser.add_argument("--memory-of", help=argparse.SUPPRESS)
    parser.add_argument("--size", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    core._Highs = ClockedHighs  # what the back end of nl2opt makes, too
    if arguments.memory_of:
        print(json.dumps(own_peak_memory(arguments.memory_of, arguments.size)))
        return
    print(describe_machine(["nl2opt", "numpy", "highspy", "pyomo"]))
    if arguments.cpu_time:
        clock = time.process_time
        print("Times are processor time of the process; all that is timed runs in one thread.")
    print(verify())
    print()
    print("| size | way | runs | built | in HiGHS | built / by rows | in HiGHS / by rows "
          "| built / nl2opt | in HiGHS / nl2opt | peak memory |")  # fmt: skip
    print("|---|---|--:|--:|--:|--:|--:|--:|--:|--:|")
    verdicts = []
    for n in arguments.sizes:
        timings = measure(n, with_pyomo=n <= arguments.skip_pyomo_above)
        print("\n".join(rows_of(n, timings)), flush=True)
        verdicts.append(judge(n, timings))
    print("\n" + "\n".join(verdicts))


if __name__ == "__main__":
    main()
