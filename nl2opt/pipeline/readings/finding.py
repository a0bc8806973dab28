"""What an answer takes for granted, what came of the other readings, and how many of them stay open."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from nl2opt.formulation.compilation.compiled import CompiledFormulation
from nl2opt.formulation.schema import Assumption
from nl2opt.pipeline.readings.reading import End, Reading
from nl2opt.pipeline.readings.slack import slack_rows
from nl2opt.pipeline.readings.spotted import Spotted, is_settled
from nl2opt.pipeline.readings.spotting import spotted_in
from nl2opt.pipeline.readings.trying import Base, by_weight, try_readings
from nl2opt.pipeline.readings.words import NATURAL
from solvers import Solution, SolveOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """What is taken for granted, and the other readings.

    Attributes:
        assumptions: stated, implied and found, each once.
        alternatives: the other readings with their outcomes, numbered; the one that moves the answer most comes first.
        notes: what a person should know of readings that came to nothing.
    """

    assumptions: tuple[Assumption, ...]
    alternatives: tuple[Reading, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def open_count(self) -> int:
        """How many assumptions stay open, see `open_assumptions`."""
        return len(open_assumptions(self.assumptions, self.alternatives))

    def is_natural(self, variable: str) -> bool:
        """Whether a lower bound of 0 that nobody stated is that of things which cannot be negative."""
        return any(reading.note == NATURAL and reading.element == variable for reading in self.alternatives)


def open_assumptions(assumptions: Sequence[Assumption], alternatives: Sequence[Reading]) -> tuple[str, ...]:
    """Return the texts of the assumptions that may decide the answer, each once.

    Those are the ones with a reading that moves the answer or of which nobody knows whether it does, and those
    without any reading; not those that a person has settled.
    """
    effects: dict[str, list[bool | None]] = {}
    for reading in alternatives:
        effects.setdefault(reading.assumption, []).append(reading.moves)
    return tuple(
        dict.fromkeys(
            assumption.text
            for assumption in assumptions
            if not is_settled(assumption) and any(moves is not False for moves in effects.get(assumption.text, [None]))
        )
    )


def find_readings(
    problem: str,
    compiled: CompiledFormulation,
    solution: Solution | None,
    *,
    most: int,
    solver: str,
    options: SolveOptions,
    cancel: threading.Event | None = None,
) -> Readings:
    """Find what a formulation takes for granted, and solve the other readings.

    Args:
        problem: the text; empty where a formulation was given.
        compiled: the formulation.
        solution: what came of it; `None` where no solver takes it.
        most: how many readings are solved; with 0 nothing is looked for beyond what the formulation states.
        solver: name of the back end, or `auto`.
        options: of the solver.
        cancel: set it to stop.
    """
    stated = (*compiled.formulation.assumptions, *compiled.assumptions)
    if most == 0 or solution is None:
        return Readings(assumptions=stated)
    base = Base(compiled=compiled, solution=solution, solver=solver, options=options)
    try:
        return _found(problem, base, most=most, cancel=cancel)
    except Exception as error:  # noqa: BLE001 - an answer that is there must not be lost for what else may be meant
        note = f"Other readings of the problem could not be looked for ({type(error).__name__}: {error})."
        return Readings(assumptions=stated, notes=(note,))


def _found(problem: str, base: Base, *, most: int, cancel: threading.Event | None) -> Readings:
    compiled, solution = base.compiled, base.solution
    stated = (*compiled.formulation.assumptions, *compiled.assumptions)
    spotted = spotted_in(problem, compiled, solution)
    tried = try_readings(list(_readings(spotted)), base, most=most, cancel=cancel)
    dropped = {(reading.assumption, reading.text) for reading, _ in tried.dropped}
    kept = [_without(assumption, dropped) for assumption in (item.assumption for item in spotted)]
    told = {assumption.text for assumption in stated}
    notes = [
        f"Another reading was left out, since it cannot be made: {reading.text} ({reason})"
        for reading, reason in tried.dropped
        if reading.assumption in told
    ]
    return Readings(
        # What was found without anybody stating it is told with a reading only.
        assumptions=tuple(
            new
            for item, new in zip(spotted, kept, strict=True)
            if item.assumption.text in told or new.alternatives or not item.assumption.alternatives
        ),
        alternatives=by_weight([*tried.readings, *_not_reached(spotted, base), *_not_meant(spotted)]),
        notes=tuple(notes),
    )


def _readings(spotted: Sequence[Spotted]) -> Iterator[Reading]:
    for item in spotted:
        if item.speaks and not is_settled(item.assumption):
            yield from _of(item)


def _not_meant(spotted: Sequence[Spotted]) -> Iterator[Reading]:
    """Yield the readings that nobody means."""
    for item in spotted:
        if not item.speaks and not is_settled(item.assumption):
            yield from (replace(reading, moves=False, note=NATURAL) for reading in _of(item))


def _not_reached(spotted: Sequence[Spotted], base: Base) -> Iterator[Reading]:
    """Yield the strict readings of limits that the point does not reach: it is the best one under them, too."""
    for assumption in (item.assumption for item in spotted):
        if assumption not in base.compiled.assumptions or assumption.alternatives:
            continue
        slack = slack_rows(assumption.element, base.compiled, base.solution)
        if base.end is End.OPTIMAL and slack is not None and slack.all():
            yield Reading(
                assumption=assumption.text,
                text=f"the limit of {assumption.element} itself is not allowed",
                element=assumption.element,
                changes=(),
                end=End.OPTIMAL,
                objective=base.solution.objective,
                difference=0.0,
                moves=False,
                changes_values=False,
            )


def _of(item: Spotted) -> Iterator[Reading]:
    for other in item.assumption.alternatives:
        yield Reading(
            assumption=item.assumption.text,
            text=other.text,
            quote=item.quote,
            element=item.assumption.element,
            changes=other.edits,
        )


def _without(assumption: Assumption, dropped: set[tuple[str, str]]) -> Assumption:
    kept = [other for other in assumption.alternatives if (assumption.text, other.text) not in dropped]
    if len(kept) == len(assumption.alternatives):
        return assumption
    return assumption.model_copy(update={"alternatives": kept})
