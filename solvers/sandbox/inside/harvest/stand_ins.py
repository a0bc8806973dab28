"""Solvers of Pyomo that are called where a program asks for one that is not there."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

_BY_PYTHON: Final = {"gurobi": "gurobipy", "cplex": "cplex", "xpress": "xpress", "mosek": "mosek", "copt": "coptpy"}
"""Solvers that may be there as a package."""
_OTHERS: Final = frozenset(
    {
        "glpk", "cbc", "ipopt", "scip", "baron", "bonmin", "couenne", "knitro", "knitroampl", "conopt", "minos",
        "snopt", "lpsolve", "lp_solve", "clp", "highs_cmd", "symphony", "gams", "asl", "sas", "copt", "cyipopt",
        "ipopt_v2", "appsi_cbc", "appsi_ipopt", "appsi_maingo",
    }
)  # fmt: skip
_TIME_OPTIONS: Final = frozenset(
    {"tmlim", "timelimit", "time_limit", "seconds", "sec", "maxtime", "max_cpu_time", "max_wall_time", "reslim",
     "limits/time", "mip_limits_time"}
)  # fmt: skip
_GAP_OPTIONS: Final = frozenset({"mipgap", "mip_gap", "ratio", "ratiogap", "mip_tolerances_mipgap", "mip_rel_gap"})
_NOTHING_TO_DO: Final = frozenset(
    {
        "set_objective", "add_constraint", "remove_constraint", "add_var", "remove_var", "update_var", "add_block",
        "remove_block", "load_vars", "reset", "close", "update", "set_gurobi_param", "set_callback", "load_duals",
    }
)  # fmt: skip
_DUALS: Final = {"dual": "get_duals", "slack": "get_slacks", "rc": "get_reduced_costs"}
_LINEAR: Final = ("appsi_highs", "HiGHS")
_NONLINEAR: Final = ("scip_direct", "SCIP")


def is_missing(name: str) -> bool:
    """Whether a program cannot call a solver of Pyomo here."""
    from importlib.util import find_spec

    name = name.lower().split(":")[0]
    base = name.removeprefix("appsi_").split("_")[0]
    if base in _BY_PYTHON:
        return find_spec(_BY_PYTHON[base]) is None
    return name in _OTHERS


class StandIn:
    """A solver that looks like the one that was asked for, as far as programs look."""

    def __init__(
        self, asked: str, make: Callable[[str], Any], told: Callable[[str, str], None], options: Mapping[str, Any]
    ) -> None:
        """Prepare.

        Args:
            asked: name of the solver.
            make: makes a solver of Pyomo by its name.
            told: is told the name that was asked for, and the solver that is called.
            options: that were given with the name.
        """
        from pyomo.common.collections import Bunch

        self.name = self.type = asked
        self.options = Bunch(**dict(options))
        self._make, self._told = make, told
        self._model: Any = None

    def solve(self, model: Any = None, *arguments: Any, **named: Any) -> Any:
        """Solve a model, and return results as those of any of Pyomo's older solvers.

        Where there is no point, none is loaded, and the results say why; nothing is raised.
        """
        model = self._model if model is None else model
        name, words = _LINEAR if _is_linear(model) else _NONLINEAR
        solver = self._make(name)
        self._told(self.name, words)
        asked = {**dict(self.options), **dict(named.get("options") or {})}
        limit = named.get("timelimit") or _number_of(asked, _TIME_OPTIONS)
        kept: dict[str, Any] = {"tee": bool(named.get("tee", False)), "load_solutions": False}
        if limit is not None:
            kept["timelimit"] = limit
        if name == _LINEAR[0]:
            gap = _number_of(asked, _GAP_OPTIONS)
            kept["options"] = {"mip_rel_gap": 0.0 if gap is None else gap}  # the others stop only at the optimum
        with _not_imported(model) as wanted:
            results = solver.solve(model, **kept)
            if named.get("load_solutions", True) and len(results.solution):
                model.solutions.load_from(results)
                for suffix, getter in wanted:
                    with contextlib.suppress(RuntimeError, AttributeError):  # integer models have none
                        suffix.update(getattr(solver, getter)())
        return results

    def available(self, exception_flag: bool = True) -> bool:
        """Return that there is such a solver."""
        del exception_flag
        return True

    def license_is_valid(self) -> bool:
        """Return that it may be used."""
        return True

    def set_options(self, text: str = "") -> None:
        """Do nothing: options of one solver mean nothing to another."""

    def set_instance(self, model: Any, **named: Any) -> None:
        """Take the model that is solved when `solve` names none."""
        del named
        self._model = model

    def __getattr__(self, name: str) -> Any:
        """Return what does nothing, for methods that tell a solver what has changed in the model."""
        if name in _NOTHING_TO_DO:
            return lambda *arguments, **named: None
        raise AttributeError(f"The solver {self.name!r} has no attribute {name!r}.")

    def __enter__(self) -> StandIn:
        return self

    def __exit__(self, *problem: object) -> None:
        return None


@contextlib.contextmanager
def _not_imported(model: Any) -> Iterator[list[tuple[Any, str]]]:
    """Ask for no duals meanwhile: the newer interfaces raise errors where there are none; yields who wants which."""
    import pyomo.environ as pyo

    wanted = []
    for name, getter in _DUALS.items():
        suffix = model.component(name)
        if suffix is not None and suffix.ctype is pyo.Suffix and suffix.import_enabled():
            wanted.append((suffix, getter, suffix.direction))
    for suffix, _, _ in wanted:
        suffix.direction = pyo.Suffix.LOCAL
    try:
        yield [(suffix, getter) for suffix, getter, _ in wanted]
    finally:
        for suffix, _, direction in wanted:
            suffix.direction = direction


def _is_linear(model: Any) -> bool:
    import pyomo.environ as pyo

    parts = (
        part.body if part.ctype is pyo.Constraint else part.expr
        for part in model.component_data_objects((pyo.Constraint, pyo.Objective), active=True, descend_into=True)
    )
    degrees = (part.polynomial_degree() if hasattr(part, "polynomial_degree") else 0 for part in parts)
    return all(degree is not None and degree <= 1 for degree in degrees)


def _number_of(options: Mapping[str, Any], names: frozenset[str]) -> float | None:
    """Return the number of the first option that has one of several names; `None` where none has."""
    for name, value in options.items():
        if str(name).lower() in names:
            try:
                return float(value)
            except (TypeError, ValueError):
                continue
    return None
