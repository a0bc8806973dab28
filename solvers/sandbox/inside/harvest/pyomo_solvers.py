"""Remembers how Pyomo's solvers end, and lets solvers that are here stand in for those that are not."""

from __future__ import annotations

import contextlib
from typing import Any, Final

from solvers.sandbox.inside.harvest.pyomo_models import STATUSES
from solvers.sandbox.inside.harvest.records import Records

_LINEAR: Final = (
    "glpk", "cbc", "gurobi", "gurobi_direct", "gurobi_persistent", "appsi_gurobi", "appsi_cbc", "cplex", "cplex_direct",
    "cplex_persistent", "appsi_cplex", "xpress", "xpress_direct", "mosek", "mosek_direct", "clp", "copt", "lpsolve",
)  # fmt: skip
_CURVED: Final = (
    "ipopt", "appsi_ipopt", "scip", "bonmin", "couenne", "baron", "knitro", "snopt", "minos", "conopt", "mindtpy",
    "gdpopt", "multistart", "cyipopt",
)  # fmt: skip
_HIGHS, _SCIP = "appsi_highs", "scip_direct"
_TITLES: Final = {_HIGHS: "HiGHS", _SCIP: "SCIP"}
_OPTIONS: Final = {
    "tmlim": "time_limit", "timelimit": "time_limit", "TimeLimit": "time_limit", "sec": "time_limit",
    "seconds": "time_limit", "mipgap": "mip_rel_gap", "MIPGap": "mip_rel_gap", "ratio": "mip_rel_gap",
    "threads": "threads", "Threads": "threads",
}  # fmt: skip
"""Options of other solvers, with their names in HiGHS."""
_FOUND: Final = ("optimal", "feasible", "limit")


def watch(records: Records, *, rename_solvers: bool) -> None:
    """Remember each solve of a solver that comes from Pyomo's factory."""
    import pyomo.environ as pyo

    factory = type(pyo.SolverFactory)
    plain = factory.__call__

    def watched(self: Any, _name: Any = None, **options: Any) -> Any:
        stand_in = _stand_in(plain, self, str(_name)) if rename_solvers else ""
        if not stand_in:
            solver = plain(self, _name, **options)
            _watch_solves(solver, records)
            return solver
        note = f"The program asks for {_name}, which is not installed; {_TITLES[stand_in]} was called instead."
        records.note(note)
        solver = plain(self, stand_in)
        _watch_solves(solver, records, factory=lambda name: plain(self, name), stands_in=stand_in)
        return solver

    factory.__call__ = watched


def _stand_in(plain: Any, factory: Any, name: str) -> str:
    """Return the solver that is called instead of one; empty where that one is here, or not known."""
    known = name.lower()
    if known not in (*_LINEAR, *_CURVED):
        return ""
    with contextlib.suppress(Exception):  # whatever is wrong with it, it is not here
        if plain(factory, name).available(exception_flag=False):
            return ""
    return _HIGHS if known in _LINEAR else _SCIP


def _watch_solves(solver: Any, records: Records, *, factory: Any = None, stands_in: str = "") -> None:
    solve = getattr(solver, "solve", None)
    if solve is None:
        return

    def remembered(model: Any = None, *arguments: Any, **options: Any) -> Any:
        wants_values = options.pop("load_solutions", True)
        if stands_in:
            options = {key: value for key, value in options.items() if key in ("tee", "timelimit", "options")}
            arguments = ()
        with records.paused():
            ended, used = _solved(solve, solver, model, arguments, options, factory, stands_in, records)
        condition = getattr(ended, "solver", ended).termination_condition
        status = STATUSES.get(str(getattr(condition, "value", condition)), "unknown")
        records.solved("pyomo", model, status, used)
        if not wants_values:
            return ended
        if status in _FOUND and _loaded(model, ended):
            return ended
        if stands_in:
            return ended  # the solvers that it stands for warn, and go on
        raise RuntimeError(
            "A feasible solution was not found, so no solution can be loaded. "
            f"The solver ended with: {condition}. Use load_solutions=False to look at the result."
        )

    solver.solve = remembered


def _solved(
    solve: Any, solver: Any, model: Any, arguments: Any, options: Any, factory: Any, stands_in: str, records: Records
) -> tuple[Any, Any]:
    """Solve; where HiGHS stands in for a solver and does not take the model, SCIP does."""
    if stands_in == _HIGHS:
        _translate_options(solver, options)
    elif stands_in:
        _drop_options(solver, options)
    try:
        return solve(model, *arguments, load_solutions=False, **options), solver
    except Exception:
        if stands_in != _HIGHS:
            raise
        other = factory(_SCIP)
        records.note("The model is not linear, so SCIP was called.")
        options.pop("options", None)
        return other.solve(model, load_solutions=False, **options), other


def _translate_options(solver: Any, options: dict[str, Any]) -> None:
    """Give options of other solvers their names in HiGHS, and drop those that it does not know."""
    given = {**dict(getattr(solver, "options", {}) or {}), **(options.pop("options", None) or {})}
    limit = options.pop("timelimit", None)
    if limit is not None:
        given["time_limit"] = limit
    kept = {_OPTIONS[key]: value for key, value in given.items() if key in _OPTIONS}
    kept |= {key: value for key, value in given.items() if key in _OPTIONS.values()}
    _drop_options(solver, options)
    for key, value in kept.items():
        solver.options[key] = int(value) if key == "threads" else float(value)


def _drop_options(solver: Any, options: dict[str, Any]) -> None:
    options.pop("options", None)
    options.pop("timelimit", None)
    held: Any = getattr(solver, "options", {})
    for key in list(held or {}):
        del held[key]


def _loaded(model: Any, ended: Any) -> bool:
    """Load the values of a result into a model; return whether there were any."""
    try:
        model.solutions.load_from(ended)
    except Exception:  # noqa: BLE001 - results of newer interfaces load themselves
        loader = getattr(ended, "solution_loader", None)
        if loader is None:
            return False
        try:
            loader.load_vars()
        except Exception:  # noqa: BLE001 - there is nothing to load
            return False
    return True
