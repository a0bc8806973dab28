"""Reads models of OR-Tools' pywraplp."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from solvers.model import Model
from solvers.sandbox.inside.harvest.entries import Entries
from solvers.sandbox.inside.harvest.found import Found, NoModelError, distinct
from solvers.sandbox.inside.harvest.labels import labels_of
from solvers.sandbox.inside.harvest.memory import Memory, wrapped
from solvers.sandbox.inside.harvest.renaming import Renaming

LIBRARY: Final = "pywraplp"
TRIGGER: Final = "ortools.linear_solver.pywraplp"
_STATUS: Final = ("optimal", "feasible", "infeasible", "unbounded", "unknown", "unknown", "limit")
_NAMED_ITSELF: Final = "auto_"
_BUNDLED: Final = "SCIP"


def watch(memory: Memory, renaming: Renaming) -> None:
    """Let solvers of pywraplp tell the memory.

    Args:
        memory: of the program.
        renaming: whether solvers that are not there are replaced.
    """
    from ortools.linear_solver import pywraplp

    of = pywraplp.Solver
    kinds = {getattr(of, name): name for name in dir(of) if name.endswith("_PROGRAMMING")}

    def make(former: Callable[..., Any], self: Any, name: str, problem_type: Any) -> None:
        asked = kinds.get(problem_type, "")
        if renaming.is_on and asked and not of.SupportsProblemType(problem_type):
            is_linear = asked.endswith("LINEAR_PROGRAMMING")
            renaming.told(asked.split("_")[0], "GLOP" if is_linear else _BUNDLED)
            problem_type = of.GLOP_LINEAR_PROGRAMMING if is_linear else of.SCIP_MIXED_INTEGER_PROGRAMMING
        former(self, name, problem_type)
        memory.made(LIBRARY, self)

    def create(former: Callable[..., Any], solver_id: str) -> Any:
        solver = former(solver_id)
        if solver is None and renaming.is_on and isinstance(solver_id, str):
            solver = former(_BUNDLED)
            renaming.told(solver_id, _BUNDLED)
        if solver is not None:
            memory.made(LIBRARY, solver)
        return solver

    def solve(former: Callable[..., Any], self: Any, *arguments: Any) -> Any:
        status = former(self, *arguments)
        memory.solved(LIBRARY, self, status)
        return status

    former = of.CreateSolver
    wrapped(of, "__init__", make)
    of.CreateSolver = staticmethod(lambda solver_id: create(former, solver_id))
    wrapped(of, "Solve", solve)


def found(solver: Any, status: Any, namespace: Mapping[str, Any]) -> Found:
    """Read a model."""
    from ortools.linear_solver import linear_solver_pb2

    proto = linear_solver_pb2.MPModelProto()
    solver.ExportModelToProto(proto)
    variables = solver.variables()
    labels = labels_of(namespace, lambda held: held.index() if type(held).__name__ == "Variable" else None)
    given = ["" if one.name.startswith(_NAMED_ITSELF) else one.name for one in proto.variable]
    names = distinct([name or labels.get(place, "") for place, name in enumerate(given)], unnamed="x")
    read = Found(
        library=LIBRARY,
        status=_STATUS[status] if type(status) is int and 0 <= status < len(_STATUS) else "not_solved",
        sense="maximize" if proto.maximize else "minimize",
    )
    if read.status in ("optimal", "feasible"):
        read.values = {name: one.solution_value() for name, one in zip(names, variables, strict=True)}
        read.objective = solver.Objective().Value()
    try:
        read.model = _flat_model(proto, names)
    except NoModelError as error:
        read.why_no_model = str(error)
    return read


def _flat_model(proto: Any, names: list[str]) -> Model:
    if proto.general_constraint:
        raise NoModelError("It holds constraints that stand in no file of rows.")
    entries = Entries(names, maximize=proto.maximize, constant=proto.objective_offset)
    entries.bounds((one.lower_bound for one in proto.variable), (one.upper_bound for one in proto.variable))
    entries.whole(place for place, one in enumerate(proto.variable) if one.is_integer)
    entries.costs(range(len(names)), (one.objective_coefficient for one in proto.variable))
    for one in proto.constraint:
        name = "" if one.name.startswith(_NAMED_ITSELF) else one.name
        entries.row(list(one.var_index), list(one.coefficient), one.lower_bound, one.upper_bound, name)
    return entries.model()
