"""Reads models and solutions from the objects that a program leaves behind.

Models are often made in functions and gone when the program ends, so that the classes that make and solve them are
watched, before the program runs, in those libraries that the worker has imported.
"""

from __future__ import annotations

import contextlib
import sys
from typing import Any

from solvers.sandbox.inside.harvest import (
    cp_sat_models,
    highs_models,
    linear_solver_models,
    mathopt_models,
    pyomo_models,
    pyomo_solvers,
    scip_models,
)
from solvers.sandbox.inside.harvest.records import Record, Records


def install(notes: list[str], *, rename_solvers: bool) -> Records:
    """Watch the libraries that are there.

    Args:
        notes: take in what is done to let the program run.
        rename_solvers: whether solvers that are not there are replaced by some that are.
    """
    records = Records(notes)
    if "pyomo.environ" in sys.modules:
        pyomo_models.watch(records)
        pyomo_solvers.watch(records, rename_solvers=rename_solvers)
    if "highspy" in sys.modules:
        highs_models.watch(records)
    if "ortools.sat.python.cp_model" in sys.modules:
        cp_sat_models.watch(records)
    if "ortools.math_opt.python.mathopt" in sys.modules:
        mathopt_models.watch(records)
    if "ortools.linear_solver.pywraplp" in sys.modules:
        linear_solver_models.watch(records, rename_solvers=rename_solvers)
    if "pyscipopt" in sys.modules:
        scip_models.watch(records)
    return records


def collected(records: Records, namespace: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what the models of a program say, the one that was solved last first.

    Args:
        records: of the run.
        namespace: the program's names.
    """
    if "pyomo.environ" in sys.modules:
        with contextlib.suppress(Exception):
            pyomo_models.found(namespace, records)
    for record in records.kept:
        with contextlib.suppress(Exception):
            if record.library == "highspy":
                highs_models.settle(record)
            elif record.library == "pyscipopt":
                scip_models.settle(record)
    found = []
    for record in records.last_first():
        with contextlib.suppress(Exception):
            found.append(_told(record, namespace))
    return found


def _told(record: Record, namespace: dict[str, Any]) -> dict[str, Any]:
    match record.library:
        case "pyomo":
            return pyomo_models.told(record)
        case "highspy":
            return highs_models.told(record, namespace)
        case "cp_sat":
            return cp_sat_models.told(record, namespace)
        case "mathopt":
            return mathopt_models.told(record, namespace)
        case "pywraplp":
            return linear_solver_models.told(record)
    return scip_models.told(record)
