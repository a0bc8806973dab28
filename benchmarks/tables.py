"""How long it takes from a file of a million cells to the arrays of a solver, and how much memory.

    python benchmarks/tables.py            # each case in a process of its own

Cases: a long table (250,000 rows, four columns) and a wide one (1,000 rows, 1,000 columns), as CSV, as Parquet and as
an Excel workbook.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from machine import describe_machine

LONG, WIDE = 500, 1000


def frames() -> dict[str, pd.DataFrame]:
    random = np.random.default_rng(1)
    origin = np.repeat([f"P{i:04}" for i in range(LONG)], LONG)
    target = np.tile([f"C{j:04}" for j in range(LONG)], LONG)
    cost, hours = random.uniform(1, 99, LONG * LONG).round(3), random.integers(1, 9, LONG * LONG)
    long = pd.DataFrame({"plant": origin, "city": target, "cost [$/t]": cost, "hours": hours})
    wide = pd.DataFrame(random.uniform(1, 99, (WIDE, WIDE)).round(3), columns=[f"C{j:04}" for j in range(WIDE)])
    wide.insert(0, "plant", [f"P{i:04}" for i in range(WIDE)])
    return {"long": long, "wide": wide}


def write_workbook(frame: pd.DataFrame, file: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("costs")
    sheet.append(list(frame.columns))
    for row in frame.itertuples(index=False):
        sheet.append(list(row))
    book.save(file)


WRITERS: Final[dict[str, Callable[[pd.DataFrame, Path], object]]] = {
    "csv": lambda frame, file: frame.to_csv(file, index=False),
    "parquet": lambda frame, file: frame.to_parquet(file),
    "xlsx": write_workbook,
}


def plan(shape: str) -> dict[str, Any]:
    city: dict[str, Any] = {"name": "CITY", "table": "costs", "column": "city" if shape == "long" else "*"}
    cost: dict[str, Any] = {"name": "cost", "index": ["PLANT", "CITY"], "table": "costs"}
    if shape == "long":
        cost |= {"column": "cost", "keys": ["plant", "city"]}
    else:
        cost |= {"keys": ["plant"]}
    return {
        "sets": [{"name": "PLANT", "table": "costs", "column": "plant"}, city],
        "parameters": [cost],
        "variables": [{"name": "ship", "index": ["PLANT", "CITY"], "domain": "continuous", "lower": 0}],
        "objective": {"sense": "minimize", "expression": "sum(cost[p, c] * ship[p, c] for p in PLANT for c in CITY)"},
        "constraints": [{"name": "gets", "expression": "sum(ship[p, c] for p in PLANT) >= 1 for c in CITY"}],
    }


def measure(file: Path, shape: str) -> dict[str, Any]:
    """Return seconds and memory of one case; run in a process of its own."""
    from nl2opt.formulation.compilation.compiler import compile_formulation
    from nl2opt.formulation.schema import Formulation
    from nl2opt.tables.attached import read_tables
    from nl2opt.tables.binding import bind

    formulation = Formulation.from_dict(plan(shape))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    tables = read_tables({"costs": file})
    read = time.perf_counter()
    filled = bind(formulation, tables).require()
    joined = time.perf_counter()
    compiled = compile_formulation(filled).require()
    end = time.perf_counter()
    table = tables["costs"]
    return {
        "cells": table.n_rows * len(table.columns), "columns": compiled.model.n_columns,
        "read": read - start, "bind": joined - read, "compile": end - joined, "total": end - start,
        "memory_mb": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024,
    }  # fmt: skip


def main() -> None:
    if len(sys.argv) == 3:
        print(json.dumps(measure(Path(sys.argv[1]), sys.argv[2])))
        return
    print(describe_machine(["nl2opt", "pandas", "pyarrow", "python-calamine"]), end="\n\n")
    print(
        "| file | size | cells | read | bind | compile | file to arrays | memory |\n|---|---|---|---|---|---|---|---|"
    )
    with tempfile.TemporaryDirectory() as folder:
        for shape, frame in frames().items():
            for ending, write in WRITERS.items():
                file = Path(folder) / f"{shape}.{ending}"
                write(frame, file)
                command = [sys.executable, __file__, str(file), shape]
                found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
                times = " | ".join(f"{found[part]:.2f} s" for part in ("read", "bind", "compile", "total"))
                size = f"{file.stat().st_size / 1e6:.1f} MB"
                print(f"| {file.name} | {size} | {found['cells']:,} | {times} | {found['memory_mb']:,.0f} MB |")


if __name__ == "__main__":
    main()
