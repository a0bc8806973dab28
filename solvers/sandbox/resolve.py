"""Solves the model that a program built once more, outside its reach, and compares what it claims."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from solvers.check import check_point
from solvers.errors import ExchangeError
from solvers.events import OnSolverEvent
from solvers.exchange import read_model
from solvers.model import FloatArray, Kind, Model, Sense
from solvers.options import DEFAULT_OPTIONS, SolveOptions
from solvers.sandbox.model_text import ADDED, MOST_TEXT
from solvers.sandbox.program_run import ClaimedSolution
from solvers.solution import Solution, Termination
from solvers.solve import solve

DEFAULT_SECONDS: Final = 60.0
"""For the second solve, where no time limit was given."""
_COMPLETION_SECONDS: Final = 5.0
_EQUAL: Final = 1e-6
_USUAL_GAP: Final = 1e-4
"""At which HiGHS and others stop by themselves where there are whole numbers, and call that optimal."""
_POINT_TOLERANCE: Final = 1e-5
"""Solvers use up their own tolerance of 1e-6, and round as they like."""
_STATUS: Final[Mapping[Termination, str]] = {
    Termination.OPTIMAL: "optimal",
    Termination.INFEASIBLE: "infeasible",
    Termination.UNBOUNDED: "unbounded",
}
_EITHER: Final = "infeasible_or_unbounded"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedPoint:
    """The point that a program claims, put into the model that it built.

    Attributes:
        is_feasible: whether it satisfies the model up to 1e-5; `None` where a value is missing.
        objective: of the point, by our own arithmetic; `None` where a value is missing.
        broken: the row, the variable, or the word `a construct` that it breaks most; empty where it breaks none.
        violation: how far, relative to the size of what is compared; 0 where it breaks nothing.
    """

    is_feasible: bool | None
    objective: float | None = None
    broken: str = ""
    violation: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Resolved:
    """What was found when the model of a program was solved again.

    Attributes:
        claimed: what the program says.
        model: that it built, its columns and rows under the names of the program.
        solution: of that model, found by our own solvers and re-checked.
        values: of `solution` by the names of the program's variables; empty without a point.
        agrees: whether the program claims the same end, and an optimum equal to 1e-6, relative, or with whole numbers
            one that is worse by 1e-4 at most, see `claimed_gap`; `None` where it claims no proven end, or where the
            second solve came to none.
        claimed_point: the point that it claims; `None` where it claims none.
    """

    claimed: ClaimedSolution
    model: Model
    solution: Solution
    values: Mapping[str, float]
    agrees: bool | None
    claimed_point: ClaimedPoint | None

    @property
    def claimed_gap(self) -> float:
        """By how much the claimed optimum is worse than the one found, as a share; 0 up to 1e-6, or if not known."""
        claimed, found = self.claimed.objective, self.solution.objective
        if claimed is None or found is None or _is_equal(claimed, found):
            return 0.0
        worse = found - claimed if self.model.sense is Sense.MAXIMIZE else claimed - found
        return worse / max(1.0, abs(found))

    @property
    def is_confirmed(self) -> bool:
        """Whether the end that the program claims is the right one, and the point that it claims is no lie."""
        point = self.claimed_point
        if not self.agrees or point is None or point.is_feasible is None:
            return bool(self.agrees)
        is_told = self.claimed.objective is not None
        return point.is_feasible and _is_equal(point.objective, (self.claimed if is_told else self.solution).objective)

    @property
    def has_objective(self) -> bool:
        """Whether anything is made large or small."""
        model = self.model
        return bool(model.objective.any()) or model.quadratic_objective is not None


def resolved(
    claimed: ClaimedSolution,
    *,
    solver: str = "auto",
    options: SolveOptions = DEFAULT_OPTIONS,
    on_event: OnSolverEvent | None = None,
    cancel: threading.Event | None = None,
) -> Resolved:
    """Solve the model of a program again, and compare.

    It is solved in this process, by the text of the model alone: whatever the program did to its solver, its numbers
    or its report has no part in it. That the model is the right one for a problem is not shown.

    Args:
        claimed: with a model, see `ClaimedSolution.model`.
        solver: name of a back end, or `auto`.
        options: of the solver; without a time limit it has 60 seconds.
        on_event: see `solvers.solve`.
        cancel: set it to stop.

    Raises:
        ExchangeError: there is no model, or its text is none; the message says why.
        UnsupportedModelError: no back end takes it.
    """
    model, added = _model_of(claimed)
    if options.time_limit_seconds is None:
        options = replace(options, time_limit_seconds=DEFAULT_SECONDS)
    solution = solve(model, solver=solver, options=options, on_event=on_event, cancel=cancel)
    values: dict[str, float] = {}
    if solution.values is not None:
        pairs = enumerate(solution.values.tolist())
        values = {model.name_of_column(column): value for column, value in pairs if column not in added}
    point = _claimed_point(claimed, model, added) if claimed.values else None
    found = Resolved(
        claimed=claimed, model=model, solution=solution, values=values, agrees=_agrees(claimed, solution),
        claimed_point=point,
    )  # fmt: skip
    return replace(found, agrees=True) if _stopped_early(found) else found


def _model_of(claimed: ClaimedSolution) -> tuple[Model, frozenset[int]]:
    """Return the model under the program's names, and the columns that stand for none of its variables."""
    file = claimed.model
    if file is None:
        raise ExchangeError(claimed.why_no_model or "The program left no model that can be read.")
    if len(file.text) > MOST_TEXT:
        raise ExchangeError(f"The text of the model has more than {MOST_TEXT // 1_000_000} MB.")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"model.{file.format}"
        path.write_text(file.text, encoding="utf-8", errors="replace")
        read = read_model(path)
    columns = [read.model.name_of_column(column) for column in range(read.model.n_columns)]
    rows = [read.model.name_of_row(row) for row in range(read.model.n_rows)]
    labels = [file.names.get(name, name) for name in columns]
    row_labels = [read.originals.get(name, name) for name in rows]
    lines = (line for line in file.text[: file.text.find("NAME")].split("\n") if line.startswith(ADDED))
    safe = {line.removeprefix(ADDED) for line in lines}
    added = frozenset(column for column, name in enumerate(columns) if name in safe)
    return replace(read.model, column_name=labels.__getitem__, row_name=row_labels.__getitem__), added


def _agrees(claimed: ClaimedSolution, solution: Solution) -> bool | None:
    found = _STATUS.get(solution.termination)
    if found is None or claimed.status not in (*_STATUS.values(), _EITHER):
        return None
    if claimed.status == _EITHER:
        return found != "optimal"
    if claimed.status != found:
        return False
    if claimed.objective is None:
        return None if found == "optimal" and claimed.sense else True
    return found != "optimal" or _is_equal(claimed.objective, solution.objective)


def _stopped_early(found: Resolved) -> bool:
    """Whether the program's solver stopped at its usual gap: nearly the optimum, at a point that is feasible."""
    point = found.claimed_point
    is_near = found.claimed.status == "optimal" and 0 < found.claimed_gap <= _USUAL_GAP
    has_whole = bool((found.model.column_kind != Kind.CONTINUOUS).any())
    is_honest = point is not None and bool(point.is_feasible) and _is_equal(point.objective, found.claimed.objective)
    return found.solution.termination is Termination.OPTIMAL and is_near and has_whole and is_honest


def _is_equal(one: float | None, other: float | None) -> bool:
    return one is not None and other is not None and abs(one - other) <= _EQUAL * max(1.0, abs(other))


# -- the point ------------------------------------------------------------------------------------------


def _claimed_point(claimed: ClaimedSolution, model: Model, added: frozenset[int]) -> ClaimedPoint:
    given = np.array(
        [claimed.values.get(model.name_of_column(column), np.nan) for column in range(model.n_columns)], np.float64
    )
    whole = model.column_kind != Kind.CONTINUOUS
    near = whole & (np.abs(given - np.round(given)) <= _POINT_TOLERANCE)
    given = np.where(near, np.round(given), given)
    missing = np.flatnonzero(np.isnan(given))
    if not set(missing.tolist()) <= added:
        return ClaimedPoint(is_feasible=None)
    if len(missing):
        return _completed(model, given)
    found = check_point(model, given, tolerance=_POINT_TOLERANCE)
    objective = model.objective_value(given)
    if found.accepted:
        return ClaimedPoint(is_feasible=True, objective=objective)
    return ClaimedPoint(
        is_feasible=False,
        objective=objective if np.isfinite(objective) else None,
        broken=_broken(model, found.row_violation, found.max_violation, found.worst_row, found.worst_column),
        violation=found.max_violation,
    )


def _broken(model: Model, of_row: float, largest: float, row: int | None, column: int | None) -> str:
    if row is not None and of_row >= largest:
        return model.name_of_row(row)
    return model.name_of_column(column) if column is not None else "a construct"


def _completed(model: Model, given: FloatArray) -> ClaimedPoint:
    """Ask whether columns that stand for none of the program's variables can be chosen so that a point is feasible."""
    is_known = ~np.isnan(given)
    known = np.where(is_known, given, 0.0)
    outside = is_known & (
        (known < model.column_lower - _POINT_TOLERANCE) | (known > model.column_upper + _POINT_TOLERANCE)
    )
    if outside.any():
        return ClaimedPoint(is_feasible=False, broken=model.name_of_column(int(np.argmax(outside))), violation=1.0)
    fixed = replace(
        model,
        column_kind=np.where(is_known, Kind.CONTINUOUS, model.column_kind).astype(np.uint8),
        column_lower=np.where(is_known, known, model.column_lower),
        column_upper=np.where(is_known, known, model.column_upper),
    )
    solution = solve(fixed, options=SolveOptions(time_limit_seconds=_COMPLETION_SECONDS))
    if solution.values is not None:
        return ClaimedPoint(is_feasible=True, objective=solution.objective)
    is_feasible = False if solution.termination is Termination.INFEASIBLE else None
    return ClaimedPoint(is_feasible=is_feasible, broken="the constraints together" if is_feasible is False else "")
