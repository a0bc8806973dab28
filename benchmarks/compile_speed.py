"""Time and memory from a formulation to the arrays that HiGHS takes, beside hand-written arrays and Pyomo.

    python benchmarks/compile_speed.py                       # quick: Pyomo up to 100,000 columns
    python benchmarks/compile_speed.py --pyomo-above         # for reports
    python benchmarks/compile_speed.py --cases network       # those whose names contain one of the words

The models stand in `compile_models.py`; all ways of one start from the same Python lists. What the clock covers:

* hand-written: from the lists to the numpy arrays ("built"), and `passModel` ("in HiGHS").
* nl2opt: from a validated `Formulation` with the lists inside: checking, compiling to `solvers.Model` and the
  conversions of the HiGHS back end, up to its call of `passModel` ("built"), and that call ("in HiGHS"). Reading
  JSON is not covered. The texts of expressions are parsed once in a process; "nl2opt, first time" forgets them
  before each repetition.
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
from compile_models import Arrays, Case, Knapsack, LotSizing, NetworkFlow, Transport
from highspy import _core as core
from machine import describe_machine
from pyomo.contrib.solver.solvers.highs import Highs as PyomoHighs

from nl2opt import Formulation
from nl2opt.formulation.compilation.compiler import compile_formulation
from nl2opt.formulation.language.parser import parse_expression
from solvers.backends.highs_load import load

NL2OPT, FIRST_TIME, PYOMO = "nl2opt", "nl2opt, first time", "Pyomo"
AT_MOST_TIMES_ARRAYS, AT_LEAST_TIMES_PYOMO, AT_MOST_TIMES_MEMORY = 2.0, 15.0, 2.0
clock: Callable[[], float] = time.perf_counter


@dataclass(frozen=True)
class Measured:
    """One model: how it is made, a small one of its kind to compare the ways with, and how often it is built."""

    make: Callable[[], Case]
    small: Callable[[], Case]
    repetitions: int
    pyomo_repetitions: int
    large: bool = False


CASES = {
    "transport-100": Measured(lambda: Transport(100), lambda: Transport(40), 101, 7),
    "transport-300": Measured(lambda: Transport(300), lambda: Transport(40), 31, 3),
    "transport-1000": Measured(lambda: Transport(1000), lambda: Transport(40), 11, 1, large=True),
    "lot-sizing": Measured(lambda: LotSizing(50, 1000), lambda: LotSizing(3, 12), 31, 1, large=True),
    "knapsack": Measured(lambda: Knapsack(100_000), lambda: Knapsack(100), 31, 3),
    "network-keys": Measured(
        lambda: NetworkFlow(10_000, 100_000, joined_keys=True),
        lambda: NetworkFlow(30, 200, joined_keys=True), 31, 1,
    ),
    "network-lists": Measured(
        lambda: NetworkFlow(10_000, 100_000, joined_keys=False),
        lambda: NetworkFlow(30, 200, joined_keys=False), 31, 1,
    ),
}  # fmt: skip


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


def by_hand(arrays: Callable[[], Arrays]) -> Timing:
    started = clock()
    highs = ClockedHighs()
    highs.setOptionValue("output_flag", False)
    arrays().hand_over(highs)
    return Timing(highs.handed_over - started, clock() - started, highs)


def by_nl2opt(formulation: Formulation, *, first_time: bool = False) -> Timing:
    if first_time:
        parse_expression.cache_clear()
    started = clock()
    highs = load(compile_formulation(formulation).require().model)
    return Timing(highs.handed_over - started, clock() - started, highs)


def by_pyomo(case: Case) -> Timing:
    started = clock()
    model = case.pyomo()
    built = clock() - started
    interface = PyomoHighs()
    interface.set_instance(model)
    return Timing(built, clock() - started, interface._solver_model)


def methods(case: Case) -> dict[str, Callable[[], Timing]]:
    """Return the ways to build a model; the first is the one to compare with."""
    formulation = case.formulation()
    by_hands = {name: (lambda build=build: by_hand(build)) for name, build in case.hand_written().items()}
    return {
        **by_hands,
        NL2OPT: lambda: by_nl2opt(formulation),
        FIRST_TIME: lambda: by_nl2opt(formulation, first_time=True),
        PYOMO: lambda: by_pyomo(case),
    }


# -- are they the same model? -----------------------------------------------------------------------------


def verify(case: Case) -> str:
    """Check that all ways build one model and that it has one optimum; say so in a sentence.

    The arrays are compared entry by entry. Pyomo orders rows and columns as it likes, so of its model the numbers
    of rows, columns and entries are compared, and the optimum.
    """
    held = {name: method().highs for name, method in methods(case).items()}
    first = next(iter(held))
    optima = {name: _optimum(highs) for name, highs in held.items()}
    wanted = optima[first]
    for name, highs in held.items():
        same = _shape(highs) == _shape(held[first]) if name == PYOMO else _content(highs) == _content(held[first])
        if not same:
            raise SystemExit(f"{case.label}: {name} is another model")
        if abs(optima[name] - wanted) > 1e-6 * abs(wanted):
            raise SystemExit(f"{case.label}: {name} has the optimum {optima[name]}, not {wanted}")
    rows, columns, entries = _shape(held[first])
    return f"{case.label}: {rows:,} rows, {columns:,} columns, {entries:,} entries, optimum {wanted:.6f}"


def _shape(highs: Any) -> tuple[int, int, int]:
    model = highs.getLp()
    return model.num_row_, model.num_col_, len(model.a_matrix_.value_)


def _content(highs: Any) -> tuple[Any, ...]:
    """Return all that HiGHS holds: the entries by row and column, the costs, bounds, sides and kinds."""
    model = highs.getLp()
    matrix = model.a_matrix_
    starts, index, values = np.array(matrix.start_), np.array(matrix.index_), np.array(matrix.value_)
    outer = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    row_wise = matrix.format_ == highspy.MatrixFormat.kRowwise
    rows, columns = (outer, index) if row_wise else (index, outer)
    entries = dict(zip(zip(rows.tolist(), columns.tolist(), strict=True), values.tolist(), strict=True))
    kinds = [int(kind) for kind in model.integrality_] or [0] * model.num_col_
    vectors = (model.col_cost_, model.col_lower_, model.col_upper_, model.row_lower_, model.row_upper_)
    return (entries, kinds, model.sense_, *(np.array(vector).tolist() for vector in vectors))


def _optimum(highs: Any) -> float:
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("mip_rel_gap", 0.0)
    highs.run()
    return float(highs.getObjectiveValue())


# -- measuring --------------------------------------------------------------------------------------------


def measure(case: Case, repetitions: int, pyomo_repetitions: int) -> dict[str, list[Timing]]:
    """Take the time of each method several times, in turn."""
    ways = methods(case)
    if not pyomo_repetitions:
        del ways[PYOMO]
    timings: dict[str, list[Timing]] = {name: [] for name in ways}
    gc.collect()
    gc.freeze()  # else each collection looks at every object of every library, and empties the processor's caches
    for repetition in range(repetitions):
        for name, way in ways.items():
            if name == PYOMO and repetition >= pyomo_repetitions:
                continue
            gc.collect()
            timing = way()
            timings[name].append(Timing(timing.built, timing.total, None))
            del timing
    gc.unfreeze()
    return timings


def peak_memory(name: str, case: str) -> float:
    """Return by how many MiB a fresh process grows while a method builds the model."""
    command = [sys.executable, __file__, "--memory-of", name, "--cases", case]
    return float(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def own_peak_memory(name: str, case: str) -> float:
    way = methods(CASES[case].make())[name]
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak so far
    before = _peak()
    way()
    return (_peak() - before) / 1024


def _peak() -> int:
    """Return the peak resident size of this process in KiB; `ru_maxrss` would be inherited from the parent."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0])


def rows_of(label: str, timings: dict[str, list[Timing]], memory: dict[str, float]) -> list[str]:
    """Return the lines of the table."""
    lines = []
    first = next(iter(timings))
    for name, series in timings.items():
        built, total = (statistics.median(seconds) for seconds in zip(*(t.seconds for t in series), strict=True))
        figures = (
            f"{built * 1e3:.1f} ms", f"{total * 1e3:.1f} ms",
            *(f"{ratio:.2f}" for ratio in ratios(series, timings[first])),
            *(f"{ratio:.2f}" for ratio in ratios(series, timings[NL2OPT])),
            f"{memory[name]:.1f} MiB",
        )  # fmt: skip
        lines.append(f"| {label} | {name} | {len(series)} | {' | '.join(figures)} |")
    return lines


def ratios(series: list[Timing], to: list[Timing]) -> list[float]:
    """Return the medians of the ratios of neighbouring repetitions: until built, and until in HiGHS."""
    pairs = list(zip(series, to, strict=False))
    return [statistics.median(a.seconds[k] / b.seconds[k] for a, b in pairs) for k in (0, 1)]


def judge(label: str, timings: dict[str, list[Timing]], memory: dict[str, float]) -> str:
    """Compare with the targets."""
    first = next(iter(timings))
    slower = ratios(timings[NL2OPT], timings[first])
    faster = ratios(timings[PYOMO], timings[NL2OPT]) if PYOMO in timings else None
    more = memory[NL2OPT] / max(memory[first], 1e-9)
    words = []
    for k, what in enumerate(("built", "in HiGHS")):
        words.append(f"{what}: {slower[k]:.2f} times the arrays ({_met(slower[k] <= AT_MOST_TIMES_ARRAYS)})")
        if faster is not None:
            words.append(f"{faster[k]:.1f} times faster than Pyomo ({_met(faster[k] >= AT_LEAST_TIMES_PYOMO)})")
    words.append(f"memory: {more:.2f} times the arrays ({_met(more <= AT_MOST_TIMES_MEMORY)})")
    return f"* {label}: {'; '.join(words)}."


def _met(target: bool) -> str:
    return "target met" if target else "target MISSED"


def main() -> None:
    global clock  # noqa: PLW0603 - one clock for the run
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", nargs="+", default=[""], help="words; cases whose names contain one are measured")
    parser.add_argument("--pyomo-above", action="store_true", help="build the large models in Pyomo, too")
    parser.add_argument("--without-pyomo", action="store_true", help="leave Pyomo out")
    parser.add_argument("--repetitions", type=int, help="instead of the number that stands in the script")
    parser.add_argument(
        "--cpu-time", action="store_true", help="processor time instead of wall time: for busy machines"
    )
    parser.add_argument("--memory-of", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    core._Highs = ClockedHighs  # what the back end of nl2opt makes, too
    if arguments.memory_of:
        print(json.dumps(own_peak_memory(arguments.memory_of, arguments.cases[0])))
        return
    print(describe_machine(["nl2opt", "numpy", "highspy", "pyomo"]))
    if arguments.cpu_time:
        clock = time.process_time
        print("Times are processor time of the process; all that is timed runs in one thread.")
    chosen = {name: case for name, case in CASES.items() if any(word in name for word in arguments.cases)}
    print("All ways build the same model, and HiGHS finds the same optimum, for these small ones:")
    print("\n".join(dict.fromkeys(f"* {verify(case.small())}." for case in chosen.values())))
    print()
    print("| model | way | runs | built | in HiGHS | built / arrays | in HiGHS / arrays "
          "| built / nl2opt | in HiGHS / nl2opt | peak memory |")  # fmt: skip
    print("|---|---|--:|--:|--:|--:|--:|--:|--:|--:|")
    verdicts = []
    for name, measured in chosen.items():
        case = measured.make()
        with_pyomo = not arguments.without_pyomo and (arguments.pyomo_above or not measured.large)
        timings = measure(case, arguments.repetitions or measured.repetitions, measured.pyomo_repetitions * with_pyomo)
        memory = {way: peak_memory(way, name) for way in timings}
        print("\n".join(rows_of(case.label, timings, memory)), flush=True)
        verdicts.append(judge(case.label, timings, memory))
    print("\n" + "\n".join(verdicts))


if __name__ == "__main__":
    main()
