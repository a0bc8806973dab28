"""What inputs larger than those of the fuzzer cost: each in a process of its own with a limit of memory.

    python benchmarks/fuzz/large_inputs.py

Prints a table as Markdown: for each input the seconds of processor time until the findings are there, and the peak
memory.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

MEMORY_BYTES = 4 << 30
Content = dict[str, Any]
BINARY = {"domain": "binary"}


def misspelt_names(count: int) -> Content:
    """As many misspelt names as known ones."""
    variables = [{"name": f"quantity_{number:05}", **BINARY} for number in range(count)]
    rows = [{"name": f"c{number}", "expression": f"quantty_{number:05} <= 1"} for number in range(count)]
    return {"variables": variables, "objective": None, "constraints": rows}


def unknown_names(count: int) -> Content:
    """Names that are like none that is known."""
    rows = [{"name": f"c{number}", "expression": f"zz{number}qq <= 1"} for number in range(count)]
    return {"variables": [{"name": "x", **BINARY}], "objective": None, "constraints": rows}


def long_sum(count: int) -> Content:
    """One expression with many clauses in a row."""
    text = " + ".join(f"sum(x for i{number} in I)" for number in range(count))
    sets = [{"name": "I", "elements": [1, 2]}]
    row = {"name": "c", "expression": f"{text} <= 1"}
    return {"sets": sets, "variables": [{"name": "x", **BINARY}], "objective": None, "constraints": [row]}


def nested_clauses(count: int) -> Content:
    """Clauses of two elements each, all combinations."""
    clauses = " ".join(f"for i{number} in I" for number in range(count))
    sets = [{"name": "I", "elements": [1, 2]}]
    row = {"name": "c", "expression": f"sum(x {clauses}) <= 1"}
    return {"sets": sets, "variables": [{"name": "x", **BINARY}], "objective": None, "constraints": [row]}


def large_range(count: int) -> Content:
    """A set by `range`, within the package's limit of elements."""
    sets = [{"name": "I", "elements": f"range({count})"}]
    return {"sets": sets, "variables": [{"name": "x", **BINARY}], "objective": None, "constraints": []}


INPUTS: list[tuple[str, Callable[[int], Content], int]] = [
    ("misspelt names among as many known ones", misspelt_names, 2_000),
    ("unknown names", unknown_names, 3_000),
    ("sums in one expression", long_sum, 1_000),
    ("clauses of two elements in one sum", nested_clauses, 20),
    ("clauses of two elements in one sum", nested_clauses, 26),
    ("elements of a set by `range`", large_range, 4_000_000),
    ("elements of a set by `range`, above the limit", large_range, 20_000_000),
]


def measured(content: Content) -> dict[str, Any]:
    """Check a formulation in a child process; return what it took and the first finding."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
        from nl2opt.formulation.schema import Formulation

        begin = time.process_time()
        findings = Formulation.from_dict(content).check()
        taken = time.process_time() - begin
        first = next((finding.code for finding in findings if finding.is_error), "none")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        os.write(writing, json.dumps({"seconds": taken, "peak": peak, "first": first}).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    return json.loads(text) if text else {"seconds": float("nan"), "peak": float("nan"), "first": "the process ended"}


def main() -> None:
    print("| input | how many | seconds of processor | peak memory | first error |")
    print("|---|--:|--:|--:|---|")
    for name, make, count in INPUTS:
        found = measured(make(count))
        print(
            f"| {name} | {count:,} | {found['seconds']:.2f} | {found['peak']:.0f} MiB | {found['first']} |", flush=True
        )


if __name__ == "__main__":
    main()
