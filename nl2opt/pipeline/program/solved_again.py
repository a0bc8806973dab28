"""Solves the model that a program built once more, outside the program's reach."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from solvers import Model, OnSolverEvent, Solution, SolveOptions, Termination, solve
from solvers.exchange import read_model
from solvers.sandbox import ClaimedSolution

_TOLERANCE: Final = 1e-6
_STATUS: Final[Mapping[Termination, str]] = {
    Termination.OPTIMAL: "optimal",
    Termination.INFEASIBLE: "infeasible",
    Termination.UNBOUNDED: "unbounded",
}
_EITHER: Final = "infeasible_or_unbounded"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SolvedAgain:
    """What was found outside the sandbox.

    Attributes:
        model: that the program built, with the program's names.
        solution: of it.
        values: of the best point by the program's names; empty without a point.
        agrees: whether the program claims the same end and optimum; `None` where it claims neither.
    """

    model: Model
    solution: Solution
    values: Mapping[str, float]
    agrees: bool | None

    @property
    def has_objective(self) -> bool:
        """Whether anything is made large or small."""
        model = self.model
        return bool(model.objective.any()) or model.quadratic_objective is not None or model.nonlinear is not None


def solved_again(
    claimed: ClaimedSolution,
    *,
    solver: str = "auto",
    options: SolveOptions,
    on_event: OnSolverEvent | None = None,
    cancel: threading.Event | None = None,
) -> SolvedAgain | None:
    """Solve a program's model again; `None` where the program left none that can be written to a file.

    Raises:
        solvers.SolversError: its file cannot be read, or no back end takes the model.
    """
    if claimed.model is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"model.{claimed.model.format}"
        path.write_text(claimed.model.text, encoding="utf-8")
        model = read_model(path).model
    names = claimed.model.names
    labels = [names.get(model.name_of_column(c), model.name_of_column(c)) for c in range(model.n_columns)]
    model = replace(model, column_name=labels.__getitem__)
    solution = solve(model, solver=solver, options=options, on_event=on_event, cancel=cancel)
    values = dict(zip(labels, solution.values.tolist(), strict=True)) if solution.values is not None else {}
    return SolvedAgain(model=model, solution=solution, values=values, agrees=_agrees(claimed, solution))


def _agrees(claimed: ClaimedSolution, solution: Solution) -> bool | None:
    """Whether a program claims the end and the optimum that were found; `None` where either is not known."""
    found = _STATUS.get(solution.termination)
    if found is None or claimed.status not in (*_STATUS.values(), _EITHER):
        return None
    if claimed.status == _EITHER and found != "optimal":
        return True
    if claimed.status != found:
        return False
    if claimed.objective is None or solution.objective is None:
        return None if found == "optimal" and claimed.sense else True
    return abs(claimed.objective - solution.objective) <= _TOLERANCE * max(1.0, abs(solution.objective))
