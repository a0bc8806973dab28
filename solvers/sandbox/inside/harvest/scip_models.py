"""Reads models of PySCIPOpt."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from solvers.model import Model
from solvers.sandbox.inside.harvest.entries import Entries, infinite
from solvers.sandbox.inside.harvest.found import Found, NoModelError, distinct
from solvers.sandbox.inside.harvest.memory import Memory, wrapped

LIBRARY: Final = "pyscipopt"
TRIGGER: Final = "pyscipopt"
_STATUS: Final = {
    "optimal": "optimal",
    "infeasible": "infeasible",
    "unbounded": "unbounded",
    "inforunbd": "infeasible_or_unbounded",
    "timelimit": "limit",
    "nodelimit": "limit",
    "totalnodelimit": "limit",
    "stallnodelimit": "limit",
    "gaplimit": "limit",
    "memlimit": "limit",
    "sollimit": "limit",
    "bestsollimit": "limit",
    "restartlimit": "limit",
    "primallimit": "limit",
    "duallimit": "limit",
    "userinterrupt": "limit",
    "unknown": "not_solved",
}
_SOLVES: Final = ("optimize", "optimizeNogil", "solveConcurrent")
_INFINITY: Final = 1e20


def watch(memory: Memory) -> None:
    """Let models of PySCIPOpt tell the memory."""
    import pyscipopt

    former: Any = pyscipopt.Model

    class Watched(former):  # type: ignore[misc]  # the class itself cannot be changed
        __doc__ = former.__doc__

        def __init__(self, *arguments: Any, **named: Any) -> None:
            super().__init__(*arguments, **named)
            memory.made(LIBRARY, self)

    def solve(former: Callable[..., Any], self: Any, *arguments: Any, **named: Any) -> Any:
        with memory.inside() as is_outermost:
            try:
                return former(self, *arguments, **named)
            finally:
                if is_outermost:
                    memory.solved(LIBRARY, self)

    for name in _SOLVES:
        wrapped(Watched, name, solve)
    Watched.__module__, Watched.__name__, Watched.__qualname__ = former.__module__, "Model", "Model"
    pyscipopt.Model = Watched  # type: ignore[misc]


def found(model: Any, detail: Any, namespace: Mapping[str, Any]) -> Found:
    """Read a model."""
    del detail, namespace  # every variable has a name of its own
    variables = sorted((one for one in model.getVars(False)), key=lambda one: one.getIndex())
    names = distinct([str(one.name) for one in variables], unnamed="x")
    status = _STATUS.get(model.getStatus(), "unknown")
    read = Found(library=LIBRARY, status=status, sense=str(model.getObjectiveSense()))
    if status not in ("infeasible", "unbounded", "infeasible_or_unbounded", "not_solved") and model.getNSols():
        best = model.getBestSol()
        read.values = {name: model.getSolVal(best, one) for name, one in zip(names, variables, strict=True)}
        read.objective = model.getSolObjVal(best)
        if status == "limit":
            read.status = "feasible"
    try:
        read.model = _flat_model(model, variables, names)
    except NoModelError as error:
        read.why_no_model = str(error)
    return read


def _flat_model(model: Any, variables: list[Any], names: list[str]) -> Model:
    places = {one.getIndex(): place for place, one in enumerate(variables)}
    entries = Entries(names, maximize=model.getObjectiveSense() == "maximize", constant=model.getObjoffset())
    entries.bounds(
        infinite([one.getLbOriginal() for one in variables], _INFINITY),
        infinite([one.getUbOriginal() for one in variables], _INFINITY),
    )
    entries.whole(place for place, one in enumerate(variables) if one.vtype() != "CONTINUOUS")
    entries.costs(range(len(names)), (one.getObj() for one in variables))
    for constraint in model.getConss(False):
        kind = constraint.getConshdlrName()
        if kind == "linear":
            columns = [places[one.getIndex()] for one in model.getConsVars(constraint)]
            row = entries.row(columns, model.getConsVals(constraint), *_sides(model, constraint), constraint.name)
        elif kind == "nonlinear" and model.checkQuadraticNonlinear(constraint):
            products, squares, linear = model.getTermsQuadratic(constraint)
            plain = [(one, value) for one, _, value in squares] + list(linear)
            row = entries.row(
                [places[one.getIndex()] for one, _ in plain], [value for _, value in plain],
                *_sides(model, constraint), constraint.name,
            )  # fmt: skip
            for first, second, value in products:
                entries.product(row, places[first.getIndex()], places[second.getIndex()], value)
            for one, value, _ in squares:
                entries.product(row, places[one.getIndex()], places[one.getIndex()], value)
        else:
            raise NoModelError(f"{constraint.name} is a {kind} constraint, which stands in no file of rows.")
    return entries.model()


def _sides(model: Any, constraint: Any) -> tuple[float, float]:
    lower, upper = infinite([model.getLhs(constraint), model.getRhs(constraint)], _INFINITY)
    return lower, upper
