"""Hard classics through the language, memory until a large model is handed over, and how soon a solve stops.

    python benchmarks/solving.py [--threads 2] [--limit 120]

Prints tables as Markdown. "Our own memory" is what is allocated from a validated formulation until HiGHS is called, as
`tracemalloc` sees it, beside the bytes of the arrays of the flat model.
"""

from __future__ import annotations

import argparse
import sys
import threading
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from nl2opt.formulation.compilation.compiler import compile_formulation  # noqa: E402
from nl2opt.formulation.schema import Formulation  # noqa: E402
from solvers import Kind, Model, SolveOptions, solve  # noqa: E402
from tests.nl2opt.formulation.classics.problems import BAYG29, FT10, job_shop, tour  # noqa: E402
from tests.solvers.cases import market_split  # noqa: E402


def classics(options: SolveOptions) -> None:
    print("| problem | known | found | proven | seconds | solver |\n|---|--:|--:|---|--:|---|")
    for name, content, known in (("ft10", job_shop(FT10), 930), ("bayg29", tour(BAYG29), 1610)):
        found = Formulation.from_dict(content).solve(options=options)
        proven = "yes" if found.is_optimal else str(found.termination)
        print(
            f"| {name} | {known} | {found.objective:g} | {proven} | {found.seconds:.1f} | {found.solver} |", flush=True
        )


def memory(size: int = 707) -> None:
    """A transport problem of size x size: 2 * size**2 nonzeros."""
    generator = np.random.default_rng(1)
    content = {
        "sets": [{"name": name, "elements": f"range({size})"} for name in ("I", "J")],
        "parameters": [
            {"name": "cost", "index": ["I", "J"], "value": generator.integers(1, 99, (size, size)).tolist()},
            {"name": "supply", "index": ["I"], "value": [60] * size},
            {"name": "demand", "index": ["J"], "value": [50] * size},
        ],
        "variables": [{"name": "ship", "index": ["I", "J"], "domain": "continuous", "lower": 0}],
        "objective": {"sense": "minimize", "expression": "sum(cost[i, j] * ship[i, j] for i in I for j in J)"},
        "constraints": [
            {"name": "from_", "expression": "sum(ship[i, j] for j in J) <= supply[i] for i in I"},
            {"name": "to", "expression": "sum(ship[i, j] for i in I) >= demand[j] for j in J"},
        ],
    }
    formulation = Formulation.from_dict(content)
    tracemalloc.start()
    model = compile_formulation(formulation).require().model
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    values = [getattr(model, field.name) for field in fields(model)]
    arrays = sum(value.nbytes for value in values if isinstance(value, np.ndarray))
    print(
        f"\n{len(model.row_values):,} nonzeros: arrays of the model {arrays / 2**20:.1f} MiB, peak of compiling ",
        end="",
    )
    print(f"{peak / 2**20:.1f} MiB: {peak / arrays:.2f} times (target 1.5)", flush=True)


def whole(model: Model) -> Model:
    """Return a model with whole deviations, which all three solvers take."""
    kind = np.where(model.column_kind == Kind.CONTINUOUS, Kind.INTEGER, model.column_kind).astype(np.uint8)
    return replace(model, column_kind=kind, column_upper=np.minimum(model.column_upper, 5000.0))


def stopping() -> None:
    print("\n| solver | seconds from `cancel` on (median, most of 5) | incumbent | bound |\n|---|---|---|---|")
    for name in ("highs", "cp_sat", "scip"):
        taken = []
        for _ in range(5):
            cancel, model = threading.Event(), whole(market_split(exact=False))
            with ThreadPoolExecutor(1) as pool:
                running = pool.submit(solve, model, solver=name, cancel=cancel)
                time.sleep(1.5)
                begin = time.perf_counter()
                cancel.set()
                solution = running.result()
                taken.append(time.perf_counter() - begin)
        most, median = max(taken), sorted(taken)[2]
        print(f"| {name} | {median:.2f}, {most:.2f} | {solution.objective} | {solution.bound} |", flush=True)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--threads", type=int, default=2)
    arguments.add_argument("--limit", type=float, default=120.0)
    options = arguments.parse_args()
    classics(SolveOptions(threads=options.threads, time_limit_seconds=options.limit))
    memory()
    stopping()


if __name__ == "__main__":
    main()
