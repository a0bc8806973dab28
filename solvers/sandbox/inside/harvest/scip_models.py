"""Reads models of PySCIPOpt."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from solvers.sandbox.inside.harvest.flat import MOST_CHARACTERS, NoFileError
from solvers.sandbox.inside.harvest.records import Record, Records

_STATUSES: Final = {
    "optimal": "optimal", "infeasible": "infeasible", "unbounded": "unbounded", "inforunbd": "infeasible_or_unbounded",
    "unknown": "not_solved", "timelimit": "limit", "nodelimit": "limit", "gaplimit": "limit", "sollimit": "limit",
    "userinterrupt": "limit", "memlimit": "limit", "totalnodelimit": "limit", "bestsollimit": "limit",
}  # fmt: skip
_LINEAR: Final = ("linear", "varbound", "setppc", "knapsack", "logicor")
_FILE: Final = Path("nl2opt-model.mps")


def watch(records: Records) -> None:
    """Remember each model that is made: the class is replaced, since one of Cython takes no new methods."""
    import pyscipopt as library

    pyscipopt: Any = library
    plain = pyscipopt.Model

    class Model(plain):  # type: ignore[misc, valid-type]
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            records.made("pyscipopt", self)

    Model.__doc__, Model.__module__ = plain.__doc__, plain.__module__
    pyscipopt.Model = pyscipopt.scip.Model = Model


def settle(record: Record) -> None:
    """Note how the last solve of a model ended, which the model knows itself."""
    record.status = _STATUSES.get(str(record.model.getStatus()), "unknown")


def told(record: Record) -> dict[str, Any]:
    """Return what a model says."""
    model = record.model
    variables = model.getVars()
    names = [variable.name for variable in variables]
    content: dict[str, Any] = {
        "library": "pyscipopt", "status": record.status, "sense": str(model.getObjectiveSense()),
    }  # fmt: skip
    if record.status in ("optimal", "limit") and model.getNSols():
        content["values"] = {name: model.getVal(variable) for name, variable in zip(names, variables, strict=True)}
        content["objective"] = model.getObjVal()
    try:
        content["model"] = {"format": "mps", "text": _text(model), "names": _map(names)}
    except NoFileError as error:
        content["why_no_model"] = str(error)
    return content


def _map(names: list[str]) -> dict[str, str]:
    return {f"x{place}": name for place, name in enumerate(names)}


def _text(model: Any) -> str:
    """Return the model as SCIP writes it, with names of its own."""
    for constraint in model.getConss(transformed=False):
        kind = constraint.getConshdlrName()
        if kind == "nonlinear" and not model.checkQuadraticNonlinear(constraint):
            raise NoFileError(f"The model is nonlinear in {constraint.name}, which no exchange file holds.")
        if kind not in (*_LINEAR, "nonlinear"):
            raise NoFileError(f"The model holds {constraint.name}, of the kind {kind}, which is no plain row.")
    model.writeProblem(str(_FILE), trans=False, genericnames=True, verbose=False)
    try:
        if _FILE.stat().st_size > MOST_CHARACTERS:
            raise NoFileError(f"The model is larger than {MOST_CHARACTERS // 1_000_000} MB as a file.")
        return _FILE.read_text(encoding="utf-8")
    finally:
        _FILE.unlink()
