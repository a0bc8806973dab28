"""The least that has to give way so that an infeasible model has a solution."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from solvers.check import check_point
from solvers.diagnosis.capacities import capacities_as_rows
from solvers.diagnosis.elastic import elastic
from solvers.diagnosis.levers import Levers, moved, within
from solvers.diagnosis.probe import DEFAULT_SECONDS
from solvers.model import FloatArray, Model
from solvers.options import DEFAULT_OPTIONS, SolveOptions
from solvers.solve import solve

_NOTHING: Final = 1e-9
_LEAST_SECONDS: Final = 0.2
_FAR: Final = 4.0
"""How many times the largest number of a model levers go at first."""
_PLAIN_DIGITS: Final = 4
_CLOSE: Final = 1e-6
"""Up to which relative distance an amount stands for a number of few digits: solvers use up their tolerances."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SideRepair:
    """How far levers go so that a model has a solution.

    Attributes:
        amount: float64 (k,), by how much each lever goes up; below 0 where it goes down.
        cost: of all together.
        is_cheapest: whether it was proven that nothing costs less.
        values: float64 (n,), a point of the model with its sides moved, re-checked.
    """

    amount: FloatArray
    cost: float
    is_cheapest: bool
    values: FloatArray


def cheapest_repair(
    model: Model,
    levers: Levers | None = None,
    *,
    options: SolveOptions = DEFAULT_OPTIONS,
    cancel: threading.Event | None = None,
) -> SideRepair | None:
    """Return the cheapest way to move levers so that the model has a solution.

    Args:
        model: which has none.
        levers: what may move; `None` for every side of every row, outwards, at a cost of 1 for a unit.
        options: of the solver; without a time limit it may take 20 seconds.
        cancel: set it to stop.

    Returns:
        The repair; `None` when moving them does not help, or none was found in time.

    Raises:
        ModelError: the arrays do not make a model.
        UnsupportedModelError: no solver takes the elastic model.
    """
    model.validate()
    levers = Levers.of_sides(model) if levers is None else levers
    limit = DEFAULT_SECONDS if options.time_limit_seconds is None else options.time_limit_seconds
    started = time.perf_counter()
    found: SideRepair | None = None
    if model.indicators is not None or model.global_constraints:
        reach = _reach(model)
        share = replace(options, time_limit_seconds=limit / 2.0)
        found = _repair(model, within(levers, reach), share, cancel)
        # A lever that goes farther alone costs more than this.
        if found is not None and found.is_cheapest and found.cost <= reach * float(levers.cost.min(initial=np.inf)):
            return found
        if found is not None:
            found = replace(found, is_cheapest=False)
    left = max(_LEAST_SECONDS, limit - time.perf_counter() + started)
    last = _repair(model, levers, replace(options, time_limit_seconds=left), cancel)
    return found if last is None or (found is not None and found.cost < last.cost) else last


def _reach(model: Model) -> float:
    """Return how far levers go at first.

    With conditions and global constraints, solvers do better where all is bounded.
    """
    sides = [model.row_lower, model.row_upper, model.column_lower, model.column_upper]
    terms = [part.offset for constraint in model.global_constraints for part in constraint.terms()]
    numbers = np.abs(np.concatenate([*sides, *terms]))
    largest = float(numbers[np.isfinite(numbers)].max(initial=1.0))
    return _FAR * float(np.ceil(max(1.0, largest)))


def _repair(model: Model, levers: Levers, options: SolveOptions, cancel: threading.Event | None) -> SideRepair | None:
    """Return the cheapest way to move levers as far as they may go; `None` where none was found."""
    extended, extended_levers = capacities_as_rows(model, levers)
    stretched, first = elastic(extended, extended_levers)
    solution = solve(stretched, options=options, cancel=cancel)
    if solution.values is None:
        return None
    n, k = model.n_columns, levers.count
    exact = solution.values[first : first + k] - solution.values[first + k : first + 2 * k]
    values = solution.values[:n]
    for amount in (_tidy(exact), exact):
        if check_point(moved(model, levers, amount), values).accepted:
            cost = float(levers.cost @ np.abs(amount))
            return SideRepair(amount=amount, cost=cost, is_cheapest=solution.is_optimal, values=values)
    return None


def lone_repairs(
    model: Model,
    levers: Levers,
    which: Sequence[int],
    *,
    options: SolveOptions = DEFAULT_OPTIONS,
    cancel: threading.Event | None = None,
) -> Iterator[tuple[int, SideRepair | None]]:
    """Yield for each of some levers the least move of it alone that gives the model a solution.

    Args:
        model: which has none.
        levers: what may move.
        which: the levers that are tried, one after the other, until the time is over.
        options: of the solver; its time limit is that of all tries together, 20 seconds when it is `None`.
        cancel: set it to stop.

    Yields:
        The lever and its repair; `None` where moving it alone does not help, or that was not found out in time.
    """
    limit = DEFAULT_SECONDS if options.time_limit_seconds is None else options.time_limit_seconds
    end = time.perf_counter() + limit
    for place, lever in enumerate(which):
        left = end - time.perf_counter()
        if left <= 0 or (cancel is not None and cancel.is_set()):
            return
        share = replace(options, time_limit_seconds=max(_LEAST_SECONDS, 2.0 * left / (len(which) - place)))
        yield lever, cheapest_repair(model, levers.alone(lever), options=share, cancel=cancel)


def _tidy(amount: FloatArray) -> FloatArray:
    """Return amounts without the dust of floating-point arithmetic: plain numbers where they are close to these."""
    size = np.abs(amount)
    scale = 10.0 ** (_PLAIN_DIGITS - 1 - np.floor(np.log10(np.where(size > 0, size, 1.0))))
    plain = np.round(amount * scale) / scale
    is_close = np.abs(plain - amount) <= _CLOSE * size
    return np.where(size > _NOTHING, np.where(is_close, plain, amount), 0.0) + 0.0
