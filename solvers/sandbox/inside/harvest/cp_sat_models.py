"""Reads models of OR-Tools' CP-SAT."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from solvers.sandbox.inside.harvest.cp_sat_rows import flat_model
from solvers.sandbox.inside.harvest.found import Found, NoModelError, distinct
from solvers.sandbox.inside.harvest.labels import labels_of
from solvers.sandbox.inside.harvest.memory import Memory, remembers_makers, wrapped

LIBRARY: Final = "cp_sat"
TRIGGER: Final = "ortools.sat.python.cp_model"
_STATUS: Final = {"OPTIMAL": "optimal", "FEASIBLE": "feasible", "INFEASIBLE": "infeasible", "UNKNOWN": "limit"}


def watch(memory: Memory) -> None:
    """Let models and solvers of CP-SAT tell the memory."""
    from ortools.sat.python import cp_model

    remembers_makers(memory, LIBRARY, cp_model.CpModel)

    def solve(former: Callable[..., Any], self: Any, model: Any, *arguments: Any, **named: Any) -> Any:
        try:
            return former(self, model, *arguments, **named)
        finally:
            memory.solved(LIBRARY, model, self)

    wrapped(cp_model.CpSolver, "solve", solve)


def found(model: Any, solver: Any, namespace: Mapping[str, Any]) -> Found:
    """Read a model."""
    proto = model.proto
    labels = labels_of(namespace, _place)
    given = [str(one.name) for one in proto.variables]
    names = distinct([name or labels.get(place, "") for place, name in enumerate(given)], unnamed="x")
    read = Found(library=LIBRARY, status="not_solved", sense=_sense(proto), n_stated=len(names))
    if solver is not None:
        response = solver.response_proto
        read.status = _STATUS.get(response.status.name, "unknown")
        point = list(response.solution)
        if len(point) == len(names):
            read.values = dict(zip(names, point, strict=True))
            read.objective = response.objective_value if read.sense else None
    try:
        read.model = flat_model(proto, names)
    except NoModelError as error:
        read.why_no_model = str(error)
    return read


def _sense(proto: Any) -> str:
    if proto.has_floating_point_objective():
        return "maximize" if proto.floating_point_objective.maximize else "minimize"
    if proto.has_objective():
        return "maximize" if proto.objective.scaling_factor < 0 else "minimize"
    return ""


def _place(held: Any) -> int | None:
    if type(held).__name__ not in ("IntVar", "_NotBooleanVariable"):
        return None
    index = held.index
    return int(index) if isinstance(index, int) and index >= 0 else None
