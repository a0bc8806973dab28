"""Says in the program's own names why its model has no optimum, or not the one that it claims."""

from __future__ import annotations

from typing import Final

import numpy as np

from solvers.diagnosis import Member, Part, conflict_set
from solvers.errors import SolversError
from solvers.model import Model
from solvers.options import SolveOptions
from solvers.sandbox.resolve import Resolved
from solvers.solution import Solution, Termination

DEFAULT_SECONDS: Final = 2.0
_SHOWN: Final = 6
_TERMS: Final = 8
_NOTHING: Final = 1e-9
_EQUAL: Final = 1e-6


def explained(resolved: Resolved, *, seconds: float = DEFAULT_SECONDS) -> list[str]:
    """Return sentences that help to mend a model; none where there is nothing to say.

    An infeasible model: an irreducible set of constraints and bounds that exclude each other. An unbounded one: the
    variables that run away. A claim that is not true: what was claimed and what was found. A point that is not
    feasible: what it breaks.

    Args:
        resolved: a model that was solved again.
        seconds: that the search for the set may take.
    """
    model, solution = resolved.model, resolved.solution
    lines = []
    if solution.termination is Termination.INFEASIBLE:
        lines += conflicts(model, seconds=seconds) or ["No values satisfy all constraints at once."]
    elif solution.termination is Termination.UNBOUNDED:
        lines += ["The objective can improve without end.", *runaways(model, solution)]
    lines += _differences(resolved)
    return lines


def conflicts(model: Model, *, seconds: float = DEFAULT_SECONDS) -> list[str]:
    """Return the demands of an infeasible model that exclude each other, as one sentence; none where time ran out."""
    try:
        found = conflict_set(model, options=SolveOptions(time_limit_seconds=seconds))
    except SolversError:
        return []
    if found is None:
        return []
    demands = list(dict.fromkeys(_demand(model, member) for member in found.members))
    more = f"; and {len(demands) - _SHOWN} more" if len(demands) > _SHOWN else ""
    word = "These exclude each other" if found.is_irreducible else "Among these, some exclude each other"
    return [f"{word}: {'; '.join(demands[:_SHOWN])}{more}."]


def runaways(model: Model, solution: Solution) -> list[str]:
    """Return the variables of an unbounded model that run away, fastest first, as one sentence; none if not known."""
    if solution.ray is None:
        return []
    size = np.abs(solution.ray)
    order = [column for column in np.argsort(-size, kind="stable").tolist() if size[column] > _NOTHING]
    names = [f"{model.name_of_column(column)} ({'up' if solution.ray[column] > 0 else 'down'})" for column in order]
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return [f"These run away: {', '.join(names[:_SHOWN])}{more}."] if names else []


def row_text(model: Model, row: int) -> str:
    """Return a row as "`2*x + 5*y <= 400` (hours)", shortened when it is long."""
    begin, end = int(model.row_starts[row]), int(model.row_starts[row + 1])
    terms = [
        _term(float(value), model.name_of_column(int(column)))
        for column, value in zip(model.row_columns[begin:end], model.row_values[begin:end], strict=True)
    ]
    if model.quadratic_rows is not None:
        products = model.quadratic_rows
        for place in np.flatnonzero(products.row == row).tolist():
            first, second = (model.name_of_column(int(part[place])) for part in (products.first, products.second))
            terms.append(_term(float(products.coefficient[place]), f"{first}*{second}"))
    shown = _joined(terms[:_TERMS])
    if len(terms) > _TERMS:
        shown += f" + ... ({len(terms)} terms)"
    lower, upper = float(model.row_lower[row]), float(model.row_upper[row])
    if lower == upper:
        relation = f"{shown} == {lower:g}"
    elif np.isfinite(lower) and np.isfinite(upper):
        relation = f"{lower:g} <= {shown} <= {upper:g}"
    else:
        relation = f"{shown} >= {lower:g}" if np.isfinite(lower) else f"{shown} <= {upper:g}"
    return f"`{relation}` ({model.name_of_row(row)})"


def _joined(terms: list[str]) -> str:
    text = " ".join(terms).removeprefix("+ ") or "0"
    return f"-{text[2:]}" if text.startswith("- ") else text


def _term(value: float, name: str) -> str:
    sign = "-" if value < 0 else "+"
    return f"{sign} {name}" if abs(value) == 1.0 else f"{sign} {abs(value):g}*{name}"


def _demand(model: Model, member: Member) -> str:
    place = member.place
    if member.part in (Part.ROW_LOWER, Part.ROW_UPPER):
        return row_text(model, place)
    if member.part is Part.COLUMN_LOWER:
        return f"`{model.name_of_column(place)} >= {model.column_lower[place]:g}`"
    if member.part is Part.COLUMN_UPPER:
        return f"`{model.name_of_column(place)} <= {model.column_upper[place]:g}`"
    return "a constraint on many variables"


def _differences(resolved: Resolved) -> list[str]:
    claimed, solution = resolved.claimed, resolved.solution
    lines = []
    if resolved.agrees is False:
        found = solution.termination.value
        if claimed.status != found:
            lines.append(f"The program says that its model is {claimed.status.replace('_', ' ')}; it is {found}.")
        elif claimed.objective is not None and solution.objective is not None:
            lines.append(
                f"The program says {claimed.objective:.10g}; the optimum of its model is {solution.objective:.10g}."
            )
    point = resolved.claimed_point
    if point is not None and point.is_feasible is False:
        lines.append(f"The values that the program claims break its own model, {point.broken} most of all.")
    elif point is not None and point.objective is not None and _differ(claimed.objective, point.objective):
        lines.append(
            f"The values that the program claims have the objective {point.objective:.10g}, not "
            f"{claimed.objective:.10g}."
        )
    return lines


def _differ(claimed: float | None, found: float) -> bool:
    return claimed is not None and abs(found - claimed) > _EQUAL * max(1.0, abs(found))
