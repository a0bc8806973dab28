"""Moves numbers of the text, solves again, and looks whether the best answer goes the way that the text expects."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from nl2opt.formulation.compilation.compiler import compile_formulation
from nl2opt.formulation.schema import Formulation
from nl2opt.formulation.solve import solve_compiled
from nl2opt.formulation.words.quantities import number
from nl2opt.text.numbers import TextNumber
from nl2opt.verification.data_points import MovableFormulation, moved_number
from nl2opt.verification.directions import Direction
from nl2opt.verification.evidence import Evidence, EvidenceKind, Outcome
from solvers import Solution, SolveOptions, SolversError, Termination

DIRECTIONS: Final = "directions"
"""Name of the check that the optimum moves as the text says."""
DEFAULT_SECONDS: Final = 2.0
_SMALL: Final = 1.1
_LARGE: Final = 3.0
"""A rise that is large enough to reach rows that are not binding; it comes first, since it shows more."""
_TOLERANCE: Final = 1e-6
_SHOWN: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What came of solving a moved formulation, so that better and worse can be told.

    Attributes:
        termination: why the solver stopped.
        objective: of the optimum; `None` without one.
    """

    termination: Termination
    objective: float | None

    @property
    def is_known(self) -> bool:
        """Whether it says anything."""
        return self.objective is not None or self.termination in (Termination.INFEASIBLE, Termination.UNBOUNDED)

    @property
    def words(self) -> str:
        """The objective, or why there is none."""
        return number(self.objective) if self.objective is not None else self.termination.value.replace("_", " ")

    def gain(self, before: float, maximizes: bool) -> float:
        """Return by how much it is better than an optimum; infinite where it is unbounded or infeasible."""
        if self.objective is None:
            return float("inf") if self.termination is Termination.UNBOUNDED else float("-inf")
        return (self.objective - before) if maximizes else (before - self.objective)


class Mover:
    """Solves a formulation with one number of its text moved, within a time.

    Attributes:
        movable: the formulation.
        solves: how often it was solved.
    """

    def __init__(
        self,
        movable: MovableFormulation,
        *,
        solver: str = "auto",
        seconds: float = DEFAULT_SECONDS,
        cancel: threading.Event | None = None,
    ) -> None:
        """Prepare; `seconds` are those of all solves together."""
        self.movable = movable
        self.solves = 0
        self._solver = solver
        self._end = time.perf_counter() + seconds
        self._cancel = cancel

    @property
    def is_over(self) -> bool:
        """Whether the time is used up, or it was stopped."""
        return time.perf_counter() >= self._end or (self._cancel is not None and self._cancel.is_set())

    def moved(self, datum: TextNumber, factor: float) -> Outlook | None:
        """Return what comes of it when a number is multiplied; `None` where it cannot be moved or solved."""
        formulation = self.movable.moved(datum, factor)
        return None if formulation is None or self.is_over else self._outlook(formulation)

    def _outlook(self, formulation: Formulation) -> Outlook | None:
        compiled = compile_formulation(formulation).compiled
        if compiled is None:
            return None
        options = SolveOptions(time_limit_seconds=max(0.01, self._end - time.perf_counter()))
        self.solves += 1
        try:
            found: Solution = solve_compiled(compiled, solver=self._solver, options=options, cancel=self._cancel)
        except SolversError:
            return None
        outlook = Outlook(termination=found.termination, objective=found.objective if found.is_optimal else None)
        return outlook if outlook.is_known else None


def direction_evidence(
    directions: Sequence[Direction], mover: Mover, before: float, maximizes: bool, *, name: str = DIRECTIONS
) -> Evidence:
    """Move the number of each direction up, solve again, and compare.

    Args:
        directions: what the text expects.
        mover: solves the moved formulations.
        before: the optimum.
        maximizes: whether more is better.
        name: of the check.
    """
    doubts: dict[Direction, str] = {}
    tested: set[Direction] = set()
    for factor in (_LARGE, _SMALL):
        for direction in directions:
            if direction in doubts:
                continue
            outlook = mover.moved(direction.number, factor)
            if outlook is None:
                continue
            tested.add(direction)
            doubt = _doubt(direction, factor, outlook, before, maximizes)
            if doubt and factor == _LARGE and (near := mover.moved(direction.number, _SMALL)) is not None:
                # A small rise that shows it is easier to follow.
                doubt = _doubt(direction, _SMALL, near, before, maximizes) or doubt
            if doubt:
                doubts[direction] = doubt
    left = " The time did not suffice for all." if mover.is_over and len(tested) < len(directions) else ""
    if doubts:
        more = f" {len(doubts) - _SHOWN} more go the wrong way." if len(doubts) > _SHOWN else ""
        return _evidence(name, Outcome.DOUBTFUL, " ".join(list(doubts.values())[:_SHOWN]) + more)
    if not tested:
        why = "no number whose direction is known could be moved" if directions else "the text states no direction"
        return _evidence(name, Outcome.NOT_RUN, f"Nothing to test: {why}.{left}")
    numbers = "One number of the text was" if len(tested) == 1 else f"{len(tested)} numbers of the text were"
    text = f"{numbers} raised: the best answer goes the way that the text expects ({mover.solves} more solves).{left}"
    return _evidence(name, Outcome.PASSED, text)


def _doubt(direction: Direction, factor: float, outlook: Outlook, before: float, maximizes: bool) -> str:
    """Say that the best answer went the wrong way; empty where it did not."""
    slack = _TOLERANCE * max(1.0, abs(before))
    gain = outlook.gain(before, maximizes)
    expected, fails = {
        "better": ("not get worse", gain < -slack),
        "worse": ("not get better", gain > slack),
        "same": ("stay the same", abs(gain) > slack),
    }[direction.if_it_rises]
    if not fails:
        return ""
    risen = number(moved_number(direction.number.values[0], factor))
    return (
        f'"{direction.quote}": when {direction.number.text} rises to {risen}, the best answer should {expected}, but '
        f"it goes from {number(before)} to {outlook.words}."
    )


def _evidence(name: str, outcome: Outcome, text: str) -> Evidence:
    return Evidence(name=name, kind=EvidenceKind.MODELLING, outcome=outcome, text=text)
