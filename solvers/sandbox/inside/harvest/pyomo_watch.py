"""Lets Pyomo's models and solvers tell what a program does with them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any, Final

from solvers.sandbox.inside.harvest.memory import Memory, remembers_makers, wrapped

LIBRARY: Final = "pyomo"
TRIGGER: Final = "pyomo.environ"
_STATUS: Final = {
    "optimal": "optimal",
    "globallyOptimal": "optimal",
    "convergenceCriteriaSatisfied": "optimal",
    "locallyOptimal": "feasible",
    "feasible": "feasible",
    "infeasible": "infeasible",
    "provenInfeasible": "infeasible",
    "unbounded": "unbounded",
    "infeasibleOrUnbounded": "infeasible_or_unbounded",
    "maxTimeLimit": "limit",
    "maxIterations": "limit",
    "maxEvaluations": "limit",
    "iterationLimit": "limit",
    "objectiveLimit": "limit",
    "minFunctionValue": "limit",
    "userInterrupt": "limit",
    "interrupted": "limit",
}
_OF_HIGHS: Final = {
    "kOptimal": "optimal",
    "kInfeasible": "infeasible",
    "kUnbounded": "unbounded",
    "kUnboundedOrInfeasible": "infeasible_or_unbounded",
    "kTimeLimit": "limit",
}
_OF_SCIP: Final = {
    "optimal": "optimal",
    "infeasible": "infeasible",
    "unbounded": "unbounded",
    "inforunbd": "infeasible_or_unbounded",
    "timelimit": "limit",
}
_SOLVERS: Final = (
    ("pyomo.contrib.appsi.solvers.highs", "Highs"),
    ("pyomo.contrib.solver.solvers.highs", "Highs"),
    ("pyomo.contrib.solver.solvers.scip.scip_direct", "ScipDirect"),
)
"""Solvers that programs make without the factory."""
StandInFor = Callable[[str, Callable[[str], Any], Mapping[str, Any]], Any]
"""Returns a solver in place of one that is asked for by name; `None` where that is there. Gets a maker of solvers, and
the options."""


def watch(memory: Memory, stand_in: StandInFor | None = None) -> None:
    """Let models and solvers of Pyomo tell the memory.

    Args:
        memory: of the program.
        stand_in: replaces solvers that are not there; `None` to leave them.
    """
    from pyomo.core.base.PyomoModel import ConcreteModel, Model
    from pyomo.opt.base.solvers import LegacySolverFactory

    watching = _Watch(memory, stand_in)
    remembers_makers(memory, LIBRARY, ConcreteModel)
    wrapped(Model, "create_instance", watching.instance)
    wrapped(type(LegacySolverFactory), "__call__", watching.factory)
    for module, name in _SOLVERS:
        if module in sys.modules:
            watching.watch_solver(getattr(sys.modules[module], name))


def made_otherwise(namespace: Mapping[str, Any], memory: Memory) -> None:
    """Remember the models that a program holds and that no constructor made, such as clones."""
    from pyomo.core.base.PyomoModel import Model

    for held in list(namespace.values()):
        if isinstance(held, Model) and held.is_constructed():
            memory.made(LIBRARY, held)


class _Watch:
    def __init__(self, memory: Memory, stand_in: StandInFor | None) -> None:
        self._memory = memory
        self._stand_in = stand_in
        self._watched: set[type] = set()

    def watch_solver(self, of: type) -> None:
        """Put `solve` around that of a class of solvers, once."""
        if of not in self._watched:
            self._watched.add(of)
            wrapped(of, "solve", self.solve)

    def instance(self, former: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """Make an instance of an abstract model, and remember it."""
        with self._memory.inside():
            made = former(*arguments, **named)
        self._memory.made(LIBRARY, made)
        return made

    def factory(self, former: Callable[..., Any], of: Any, name: Any = None, *arguments: Any, **named: Any) -> Any:
        """Make a solver, or one that stands in for it."""
        solver = None
        if self._stand_in is not None and isinstance(name, str):
            solver = self._stand_in(name, lambda other: former(of, other), named.get("options") or {})
        if solver is None:
            solver = former(of, name, *arguments, **named)
        self.watch_solver(type(solver))
        return solver

    def solve(self, former: Callable[..., Any], solver: Any, *arguments: Any, **named: Any) -> Any:
        """Solve, and remember what the solver said."""
        model = arguments[0] if arguments else named.get("model", getattr(solver, "__dict__", {}).get("_model"))
        is_model = hasattr(type(model), "component_data_objects")
        with self._memory.inside() as is_outermost:
            try:
                results = former(solver, *arguments, **named)
            except BaseException:
                if is_outermost and is_model:
                    self._memory.solved(LIBRARY, model, _status_of_solver(solver))
                raise
            if is_outermost and is_model:
                self._memory.solved(LIBRARY, model, status_of(results))
            return results


def status_of(results: Any) -> str:
    """Return the status of results of whichever of Pyomo's interfaces."""
    condition = getattr(results, "termination_condition", None)
    if condition is None:
        condition = getattr(getattr(results, "solver", None), "termination_condition", "")
    name = getattr(condition, "name", None) or str(condition)
    return _STATUS.get(name, "unknown")


def _status_of_solver(solver: Any) -> str:
    """Return what the solver itself says, where the interface raised an error."""
    inner = getattr(solver, "__dict__", {}).get("_solver_model")
    for ask, words in (("getModelStatus", _OF_HIGHS), ("getStatus", _OF_SCIP)):
        if hasattr(inner, ask):
            said = getattr(inner, ask)()
            return words.get(getattr(said, "name", None) or str(said), "unknown")
    return "unknown"
