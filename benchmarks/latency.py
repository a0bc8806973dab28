"""How long nl2opt itself takes: a small problem from text to answer, the import, and the command line's help.

    python benchmarks/latency.py

What the clock covers:

* solve: `nl2opt.solve(problem, llm=...)` in this process, after one warm-up: settings, prompts, reading the
  completions, checking, compiling, solving with HiGHS, verifying, the answer. The language model is scripted, so
  that its own time is nil. The problem has ten variables and four rows; the completions of both writing styles
  are written below. The two styles take turns.
* with other readings, and with the quick ladder: the same call, which then solves what else the text may mean, and
  climbs the rungs that ask no language model and start no process.
* first solve: the same call, as the first one of a fresh process that has imported nl2opt and its scripted chat
  model, and nothing that these do not import.
* import: a fresh interpreter that runs `import nl2opt`, less one that runs nothing; the two take turns.
* help: `nl2opt --help`, from start to end of the process.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from machine import describe_machine

import nl2opt
from nl2opt.chat.scripted import Reply, ScriptedChatModel

RUNS, STARTS, FIRST_SOLVES = 60, 15, 9
clock: Callable[[], float] = time.perf_counter
PROBLEM = """\
A bakery plans its day. It bakes ten kinds of bread, in any amounts: rye, wheat, spelt, oat, corn, potato, onion,
walnut, olive and raisin bread. A kilogram of these earns $2.1, $1.8, $2.6, $2.2, $1.9, $1.7, $2.4, $3.9, $3.6 and
$3.1, in this order. A kilogram takes 0.62, 0.6, 0.64, 0.58, 0.55, 0.4, 0.57, 0.5, 0.52 and 0.54 kilograms of flour,
and 3.5, 3, 3.2, 3.1, 2.9, 3.8, 3.3, 4.1, 3.9 and 3.7 minutes of oven time. There are 450 kilograms of flour and 2,400
minutes of oven time. Customers have ordered at least 150 kilograms of rye and wheat bread together. Walnut, olive and
raisin bread together can be sold up to 200 kilograms, and each kind of bread up to 120 kilograms. How much of each
kind should be baked to earn the most?"""
KINDS = ("rye", "wheat", "spelt", "oat", "corn", "potato", "onion", "walnut", "olive", "raisin")
PROFIT = (2.1, 1.8, 2.6, 2.2, 1.9, 1.7, 2.4, 3.9, 3.6, 3.1)
FLOUR = (0.62, 0.6, 0.64, 0.58, 0.55, 0.4, 0.57, 0.5, 0.52, 0.54)
OVEN = (3.5, 3, 3.2, 3.1, 2.9, 3.8, 3.3, 4.1, 3.9, 3.7)


def indexed_replies() -> list[Reply]:
    """Return what a strong language model writes: sets and tables, in one reply."""
    formulation = {
        "title": "Bread for a day",
        "sets": [{"name": "KIND", "elements": list(KINDS), "description": "kinds of bread"}],
        "parameters": [
            _table("profit", PROFIT, "$/kg", "A kilogram of these earns $2.1, $1.8, ..."),
            _table("flour", FLOUR, "kg/kg", "A kilogram takes 0.62, 0.6, ... kilograms of flour"),
            _table("oven", OVEN, "min/kg", "3.5, 3, ... minutes of oven time"),
            {"name": "flour_available", "value": 450, "unit": "kg", "source": "There are 450 kilograms of flour"},
            {"name": "oven_available", "value": 2400, "unit": "min", "source": "2,400 minutes of oven time"},
            {"name": "ordered", "value": 150, "unit": "kg", "source": "at least 150 kilograms of rye and wheat"},
            {"name": "special_demand", "value": 200, "unit": "kg", "source": "up to 200 kilograms"},
            {"name": "demand", "value": 120, "unit": "kg", "source": "each kind of bread up to 120 kilograms"},
        ],
        "variables": [
            {"name": "bake", "index": ["KIND"], "domain": "continuous", "lower": 0, "upper": "demand", "unit": "kg"}
        ],
        "objective": {"sense": "maximize", "expression": "sum(profit[k] * bake[k] for k in KIND)"},
        "constraints": [
            {"name": "flour_limit", "expression": "sum(flour[k] * bake[k] for k in KIND) <= flour_available"},
            {"name": "oven_limit", "expression": "sum(oven[k] * bake[k] for k in KIND) <= oven_available"},
            {"name": "orders", "expression": "bake['rye'] + bake['wheat'] >= ordered"},
            {"name": "specials", "expression": "sum(bake[k] for k in ['walnut', 'olive', 'raisin']) <= special_demand"},
        ],
    }  # fmt: skip
    return [Reply(json.dumps(formulation), when=PROBLEM[:40])]


def _table(name: str, values: Sequence[float], unit: str, source: str) -> dict[str, Any]:
    table = dict(zip(KINDS, values, strict=True))
    return {"name": name, "index": ["KIND"], "value": table, "unit": unit, "source": source}


def scalar_replies() -> list[Reply]:
    """Return what a small language model writes, as often as it is asked: first the variables, then the rows."""
    variables = [{"name": kind, "description": f"kilograms of {kind} bread", "domain": "continuous"} for kind in KINDS]
    rows = {
        "objective": {"sense": "maximize", "expression": _sum(PROFIT)},
        "constraints": [
            {"name": "flour", "expression": f"{_sum(FLOUR)} <= 450"},
            {"name": "oven time", "expression": f"{_sum(OVEN)} <= 2400"},
            {"name": "orders", "expression": "rye + wheat >= 150"},
            {"name": "specials", "expression": "walnut + olive + raisin <= 200"},
            *({"name": f"demand of {kind}", "expression": f"{kind} <= 120"} for kind in KINDS),
        ],
    }
    return [Reply(json.dumps({"variables": variables}), when="Step 1"), Reply(json.dumps(rows), when="Step 2")]


def _sum(numbers: Sequence[float]) -> str:
    return " + ".join(f"{number} * {kind}" for number, kind in zip(numbers, KINDS, strict=True))


REPLIES = {"indexed": indexed_replies, "scalar": scalar_replies}
STYLES: tuple[Any, ...] = tuple(REPLIES)


BARE: Mapping[str, Any] = {"verify": nl2opt.VerifyOptions(rungs=()), "readings": 0}
FURTHER: dict[str, Mapping[str, Any]] = {
    "with other readings": {"verify": nl2opt.VerifyOptions(rungs=())},
    "with other readings and the quick ladder": {"verify": "quick"},
}


@dataclass(frozen=True)
class Solved:
    """One solve: its seconds, the objective that it found, and how many completions it asked for."""

    seconds: float
    objective: float
    completions: int


def solve_once(style: Any, how: Mapping[str, Any] | None = None) -> Solved:
    """Solve the problem; with neither other readings nor further checks where nothing else is said."""
    model = ScriptedChatModel(REPLIES[style](), style=style)
    started = clock()
    answer = nl2opt.solve(PROBLEM, llm=model, **(BARE if how is None else how))
    seconds = clock() - started
    if answer.objective is None:
        raise SystemExit(f"{style}: {answer.status}, {answer.message}")
    return Solved(seconds, answer.objective, len(model.requests))


def first_solve(style: str) -> float:
    """Return the seconds of the first solve of a fresh process, after its import of nl2opt."""
    command = [sys.executable, __file__, "--first-solve", style]
    if clock is time.process_time:
        command.append("--cpu-time")
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def duration(*command: str) -> float:
    """Return the seconds that a process takes from start to end."""
    started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    if clock is time.process_time:
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall


def measure() -> dict[str, tuple[list[float], float | None]]:
    """Return for each measurement its seconds, and the target."""
    warm_up = {style: solve_once(style) for style in STYLES}
    optima = {style: solved.objective for style, solved in warm_up.items()}
    if abs(optima["indexed"] - optima["scalar"]) > 1e-6 * abs(optima["indexed"]):
        raise SystemExit(f"the styles disagree: {optima}")
    completions = {style: solved.completions for style, solved in warm_up.items()}
    solves: dict[str, list[float]] = {style: [] for style in STYLES}
    for _ in range(RUNS):
        for style in STYLES:
            solves[style].append(solve_once(style).seconds)
    further: dict[str, list[float]] = {
        name: [solve_once("indexed", how).seconds for _ in range(RUNS // 3)] for name, how in FURTHER.items()
    }
    first: dict[str, list[float]] = {style: [] for style in STYLES}
    for _ in range(FIRST_SOLVES):
        for style in STYLES:
            first[style].append(first_solve(style))
    imports, helps = [], []
    program = str(Path(sys.executable).parent / "nl2opt")
    duration(sys.executable, "-c", "import nl2opt")  # the warm-up
    duration(program, "--help")
    for _ in range(STARTS):
        bare = duration(sys.executable, "-c", "pass")
        imports.append(duration(sys.executable, "-c", "import nl2opt") - bare)
        helps.append(duration(program, "--help"))
    return {
        **{
            f"`nl2opt.solve`, ten variables, {style} style, completions: {completions[style]}": (solves[style], 0.030)
            for style in STYLES
        },
        **{f"the same, indexed style, {name}": (seconds, 0.5) for name, seconds in further.items()},
        **{f"first `nl2opt.solve` of a process, {style} style": (first[style], None) for style in STYLES},
        "`import nl2opt`, less the bare interpreter": (imports, 0.3),
        "`nl2opt --help`, the whole process": (helps, 0.5),
    }


def main() -> None:
    global clock  # noqa: PLW0603 - one clock for the run
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--cpu-time", action="store_true", help="processor time instead of wall time: for busy machines"
    )
    parser.add_argument("--first-solve", choices=STYLES, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.cpu_time:
        clock = time.process_time
    if arguments.first_solve:
        print(solve_once(arguments.first_solve).seconds)
        return
    print(describe_machine(["nl2opt", "numpy", "highspy", "pydantic", "typer"]))
    if arguments.cpu_time:
        print("Times are processor time of the process, all threads together.")
    print()
    print("| what | runs | median | fastest | slowest | target |")
    print("|---|--:|--:|--:|--:|---|")
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"NL2OPT_CACHE_DIR": folder, "NL2OPT_RUNS_DIR": f"{folder}/runs"}
        for what, (seconds, target) in measure().items():
            median = statistics.median(seconds)
            verdict = "" if target is None else f"< {target * 1e3:.0f} ms: {'met' if median < target else 'MISSED'}"
            print(
                f"| {what} | {len(seconds)} | {median * 1e3:.1f} ms | {min(seconds) * 1e3:.1f} ms "
                f"| {max(seconds) * 1e3:.1f} ms | {verdict} |"
            )


if __name__ == "__main__":
    main()
