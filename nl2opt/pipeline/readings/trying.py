"""Solves other readings of a formulation: each is applied, compiled, solved, re-checked and compared."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from nl2opt.errors import FormulationError
from nl2opt.formulation.compilation.compiled import CompiledFormulation
from nl2opt.formulation.compilation.compiler import compile_formulation
from nl2opt.formulation.schema import Formulation
from nl2opt.formulation.solve import solve_compiled
from nl2opt.pipeline.readings.limits import DEFAULT_READINGS
from nl2opt.pipeline.readings.reading import End, Reading
from solvers import Solution, SolveOptions, SolversError, Termination, check_point

_SECONDS: Final = 5.0
"""For all of them together."""
_TIMES: Final = 4.0
"""How many times as long as the first solve one of them may take."""
_LEAST_SECONDS: Final = 0.5
"""What each may take in any case: first solves of some milliseconds say nothing."""
_TOLERANCE: Final = 1e-6
_NO_PRICE: Final = 1e-9
_MOST_ENTRIES: Final = 500_000
"""Columns and rows of a model: compiling a larger one takes longer than other readings may."""
_ENDS: Final = {
    Termination.OPTIMAL: End.OPTIMAL,
    Termination.INFEASIBLE: End.INFEASIBLE,
    Termination.UNBOUNDED: End.UNBOUNDED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """The answer that readings are compared with.

    Attributes:
        compiled: what was solved.
        solution: what came of it.
        solver: name of the back end, or `auto`.
        options: of the solver.
    """

    compiled: CompiledFormulation
    solution: Solution
    solver: str = "auto"
    options: SolveOptions

    @property
    def formulation(self) -> Formulation:
        """The formulation that was solved."""
        return self.compiled.formulation

    @property
    def end(self) -> End:
        """How the solve ended."""
        return _end(self.solution, self.options)


@dataclass(frozen=True, slots=True)
class Tried:
    """Readings with their outcomes, and those that are none.

    Attributes:
        readings: in the order in which they were given.
        dropped: those that cannot be applied or compiled, and why.
    """

    readings: tuple[Reading, ...]
    dropped: tuple[tuple[Reading, str], ...]


def try_readings(
    readings: Sequence[Reading],
    base: Base,
    *,
    most: int = DEFAULT_READINGS,
    seconds: float = _SECONDS,
    cancel: threading.Event | None = None,
) -> Tried:
    """Solve readings, the cheapest first, until as many as are allowed were tried or the time is up.

    Args:
        readings: without outcomes.
        base: what they are readings of.
        most: how many are solved.
        seconds: for all of them together; one takes at most a few times as long as the first solve.
        cancel: set it to stop.
    """
    end_of_time = time.monotonic() + seconds
    found: dict[int, Reading] = {}
    dropped: dict[int, str] = {}
    done = 0
    for place in sorted(range(len(readings)), key=lambda place: _cost(readings[place])):
        reading = readings[place]
        if _is_of_no_effect(reading, base):
            objective = base.solution.objective
            found[place] = replace(
                reading, end=End.OPTIMAL, objective=objective, difference=0.0, moves=False, changes_values=False
            )
            continue
        left = end_of_time - time.monotonic()
        reason = _reason_to_stop(done, most, left, base, cancel)
        if reason:
            found[place] = replace(reading, note=reason)
            continue
        try:
            compiled = compile_formulation(base.formulation.apply(reading.changes)).require()
        except FormulationError as error:
            dropped[place] = " ".join(str(finding) for finding in error.findings if finding.is_error)
            continue
        done += 1
        found[place] = _solved(reading, compiled, base, min(left, _longest(base)), cancel)
    order = sorted(found)
    return Tried(
        tuple(found[place] for place in order),
        tuple((readings[place], dropped[place]) for place in sorted(dropped)),
    )


def by_weight(readings: Sequence[Reading]) -> tuple[Reading, ...]:
    """Return readings numbered from 1: first those that end otherwise, then by how far they move the objective."""
    ordered = sorted(readings, key=_weight)
    return tuple(replace(reading, number=number) for number, reading in enumerate(ordered, start=1))


def _weight(reading: Reading) -> tuple[int, float]:
    if reading.moves:
        return (0, 0.0) if reading.difference is None else (1, -abs(reading.difference))
    return (3, 0.0) if reading.moves is False else (2, 0.0)


def _is_of_no_effect(reading: Reading, base: Base) -> bool:
    """Whether a reading only takes away lower bounds without a price, so that the optimum of a linear model stays it.

    With a reduced cost of 0 the duals prove the optimum without the bound, too.
    """
    prices, values = base.solution.reduced_cost, base.solution.values
    if prices is None or values is None or base.end is not End.OPTIMAL:
        return False
    # Away from its lower bound, the price of a column is that of the upper one.
    is_held = (abs(prices) > _NO_PRICE) & (values <= base.compiled.model.column_lower + _NO_PRICE)
    for change in reading.changes:
        _, _, rest = change.path.partition("variables.")
        table = base.compiled.variables.get(rest.removesuffix(".lower"))
        if table is None or not rest.endswith(".lower") or change.value != "-inf":
            return False
        if is_held[table.offset : table.offset + table.size].any():
            return False
    return True


def _entries(base: Base) -> int:
    model = base.compiled.model
    return int(model.n_columns + len(model.row_lower))


def _cost(reading: Reading) -> int:
    """Order readings by what they may take: those without whole numbers first, those with new ones last."""
    domains = {change.value for change in reading.changes if change.path.endswith(".domain")}
    return 0 if "continuous" in domains else 2 if domains else 1


def _end(solution: Solution, options: SolveOptions) -> End:
    """Return how a solve ended; a point within the gap that was asked for counts as an optimum."""
    gap = solution.gap
    if solution.termination is Termination.LIMIT and gap is not None and gap <= options.relative_gap:
        return End.OPTIMAL
    return _ENDS.get(solution.termination, End.NOT_SOLVED)


def _longest(base: Base) -> float:
    return max(_LEAST_SECONDS, _TIMES * base.solution.seconds)


def _reason_to_stop(done: int, most: int, left: float, base: Base, cancel: threading.Event | None) -> str:
    """Say why nothing more is tried; empty where there is no reason."""
    if base.end is End.NOT_SOLVED:
        return "there is no proven answer to compare it with"
    if _entries(base) > _MOST_ENTRIES:
        return "the model is too large to be solved again"
    if done >= most:
        return f"{most} other reading{'s were' if most != 1 else ' was'} tried before it, as many as are asked for"
    if left <= 0 or (cancel is not None and cancel.is_set()):
        return "the time for other readings was up"
    return ""


def _solved(
    reading: Reading, compiled: CompiledFormulation, base: Base, seconds: float, cancel: threading.Event | None
) -> Reading:
    """Solve a reading, and compare it with the answer."""
    limit = base.options.time_limit_seconds
    options = replace(base.options, time_limit_seconds=seconds if limit is None else min(seconds, limit))
    try:
        solution = solve_compiled(compiled, solver=base.solver, options=options, cancel=cancel)
    except SolversError as error:
        return replace(reading, end=End.NOT_SOLVED, note=f"the solver does not take it: {error}")
    end = _end(solution, base.options)
    if end is End.NOT_SOLVED:
        return replace(reading, end=end, note=f"it was not solved in {seconds:.2g} s")
    if end is End.OPTIMAL and not _is_sound(compiled, solution):
        return replace(reading, end=End.NOT_SOLVED, note="its values do not satisfy all constraints")
    first, second = base.solution.objective, solution.objective
    if end is not base.end or end is not End.OPTIMAL:
        return replace(reading, end=end, objective=second, moves=end is not base.end)
    difference = second - first if first is not None and second is not None else None
    return replace(
        reading,
        end=end,
        objective=second,
        difference=difference,
        moves=_moves(base.solution, solution),
        changes_values=_changes_values(base, compiled, solution),
    )


def _is_sound(compiled: CompiledFormulation, solution: Solution) -> bool:
    return solution.values is not None and check_point(compiled.model, solution.values).accepted


def _moves(first: Solution, second: Solution) -> bool:
    """Whether one of the objectives is another, beyond rounding and the gaps to which the two were solved."""
    ours = first.stage_objectives or (() if first.objective is None else (first.objective,))
    theirs = second.stage_objectives or (() if second.objective is None else (second.objective,))
    if len(ours) != len(theirs):
        return True
    tolerance = _TOLERANCE + sum(gap for gap in (first.gap, second.gap) if gap is not None)
    pairs = zip(ours, theirs, strict=True)
    return any(abs(one - other) > tolerance * max(1.0, abs(one)) for one, other in pairs)


def _changes_values(base: Base, compiled: CompiledFormulation, solution: Solution) -> bool:
    """Whether the values of the variables are others."""
    assert base.solution.values is not None
    assert solution.values is not None
    for name, table in base.compiled.variables.items():
        other = compiled.variables.get(name)
        if other is None or other.size != table.size:
            return True
        ours = base.solution.values[table.offset : table.offset + table.size]
        theirs = solution.values[other.offset : other.offset + other.size]
        if not np.allclose(ours, theirs, rtol=_TOLERANCE, atol=_TOLERANCE):
            return True
    return False
