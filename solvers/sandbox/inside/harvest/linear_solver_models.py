"""Reads models of pywraplp, and lets solvers that are here stand in for those that are not."""

from __future__ import annotations

from typing import Any, Final

from solvers.sandbox.inside.harvest.flat import FlatModel, FlatRow, NoFileError, bound
from solvers.sandbox.inside.harvest.records import Record, Records

_STATUSES: Final = {
    0: "optimal", 1: "limit", 2: "infeasible", 3: "unbounded", 4: "unknown", 5: "unknown", 6: "not_solved",
}  # fmt: skip
_MOST_ENTRIES: Final = 2_000_000
_STAND_IN: Final = "SCIP"


def watch(records: Records, *, rename_solvers: bool) -> None:
    """Remember each model that is made, and each solve."""
    from ortools.linear_solver import pywraplp

    kind = pywraplp.Solver
    make, solve, create = kind.__init__, kind.Solve, kind.CreateSolver

    def made(self: Any, *arguments: Any, **options: Any) -> None:
        make(self, *arguments, **options)
        records.made("pywraplp", self)

    def solved(self: Any, *arguments: Any, **options: Any) -> Any:
        status = solve(self, *arguments, **options)
        records.solved("pywraplp", self, _STATUSES.get(int(status), "unknown"))
        return status

    def created(name: str) -> Any:
        solver = create(name)
        if solver is None and rename_solvers:
            solver = create(_STAND_IN)
            records.note(f"The program asks for {name}, which is not installed; {_STAND_IN} was called instead.")
        if solver is not None:
            records.made("pywraplp", solver)
        return solver

    kind.__init__, kind.Solve, kind.CreateSolver = made, solved, staticmethod(created)


def told(record: Record) -> dict[str, Any]:
    """Return what a model says."""
    model = record.model
    variables = model.variables()
    content: dict[str, Any] = {
        "library": "pywraplp",
        "status": record.status,
        "sense": "maximize" if model.Objective().maximization() else "minimize",
    }
    if record.status in ("optimal", "limit"):
        content["values"] = {variable.name(): variable.solution_value() for variable in variables}
        content["objective"] = model.Objective().Value()
    try:
        content["model"] = _flat(model, variables).report()
    except NoFileError as error:
        content["why_no_model"] = str(error)
    return content


def _flat(model: Any, variables: Any) -> FlatModel:
    constraints, objective = model.constraints(), model.Objective()
    if len(constraints) * len(variables) > _MOST_ENTRIES:
        raise NoFileError("The model is too large to be read entry by entry.")
    return FlatModel(
        maximize=bool(objective.maximization()),
        names=[variable.name() for variable in variables],
        lower=[bound(variable.lb(), -1) for variable in variables],
        upper=[bound(variable.ub(), 1) for variable in variables],
        whole=[bool(variable.integer()) for variable in variables],
        objective=_row(objective, variables),
        constant=float(objective.offset()),
        rows=[FlatRow(_row(row, variables), bound(row.lb(), -1), bound(row.ub(), 1)) for row in constraints],
    )


def _row(row: Any, variables: Any) -> dict[int, float]:
    found = ((place, row.GetCoefficient(variable)) for place, variable in enumerate(variables))
    return {place: float(value) for place, value in found if value}
