"""Asks a solver whether parts of a model can be satisfied together, within a time."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from solvers.backends.highs_load import refusal_of
from solvers.diagnosis.members import BoolArray, restricted, violations
from solvers.diagnosis.warm import WarmLinear
from solvers.errors import UnsupportedModelError
from solvers.model import FloatArray, Model
from solvers.options import SolveOptions
from solvers.solution import Solution, Termination
from solvers.solve import solve

DEFAULT_SECONDS: Final = 20.0
"""How long a diagnosis may take where no time limit was given."""
_SHARE: Final = 0.25
"""The part of the time left that one question may take."""
_LEAST_SECONDS: Final = 0.2
_FAR: Final = 1e6
"""How far, at least, bounds are moved away for solvers that cannot do without them."""


@dataclass(slots=True)
class Prober:
    """Answers questions about one model, each within its share of the time that is left.

    Attributes:
        model: with all its demands.
        options: of the solver; its time limit is that of all questions together.
        cancel: set it to stop; every answer is then that it is not known.
        point: of the last question that was answered by yes.
    """

    model: Model
    options: SolveOptions
    cancel: threading.Event | None = None
    point: FloatArray | None = None
    started: float = field(default_factory=time.perf_counter)
    warm: WarmLinear | None = None

    @property
    def seconds(self) -> float:
        """Wall clock since the beginning."""
        return time.perf_counter() - self.started

    @property
    def seconds_left(self) -> float:
        """How long questions may still be asked, at least 0."""
        limit = self.options.time_limit_seconds
        return max(0.0, (DEFAULT_SECONDS if limit is None else limit) - self.seconds)

    @property
    def is_over(self) -> bool:
        """Whether there is no time left."""
        return self.seconds_left <= 0 or (self.cancel is not None and self.cancel.is_set())

    def is_feasible(self, kept: BoolArray, *, relaxed: bool = False, share: float = _SHARE) -> bool | None:
        """Return whether the demands (total,) can be met together; `None` when it cannot be told in time.

        A yes stands for a point that was re-checked.

        Args:
            kept: which demands.
            relaxed: whether integer columns may be fractional.
            share: of the time that is left.
        """
        if self.is_over:
            return None
        if relaxed or not self.model.is_integer:
            answer = self._asked_warm(kept, share)
            if answer is not None:
                return answer
        try:
            solution = self._solved(restricted(self.model, kept), relaxed, share)
        except UnsupportedModelError:
            # No solver takes it without all bounds: a point within wide ones will do, that there is none will not.
            return True if self._is_feasible_widened(kept, relaxed, share) else None
        return self._told(solution)

    def violated(self) -> FloatArray:
        """Return by how much the last point misses each demand (total,)."""
        assert self.point is not None
        return violations(self.model, self.point)

    def is_confirmed_infeasible(self, kept: BoolArray) -> bool:
        """Whether a solver that starts afresh finds no point either; its silence does not speak against it."""
        if self.is_over or (self.warm is None):
            return True
        return self._told(self._solved(restricted(self.model, kept), False, _SHARE)) is not True

    def _asked_warm(self, kept: BoolArray, share: float) -> bool | None:
        if self.warm is None:
            if not self.model.is_linear or refusal_of(self.model) is not None or not self.model.n_columns:
                return None
            self.warm = WarmLinear(self.model)
        answer, point = self.warm.is_feasible(kept, max(_LEAST_SECONDS, share * self.seconds_left))
        if point is not None:
            self.point = point
        return answer

    def _is_feasible_widened(self, kept: BoolArray, relaxed: bool, share: float) -> bool:
        sides = np.concatenate([self.model.column_lower, self.model.column_upper])
        far = _FAR + 10.0 * float(np.abs(sides[np.isfinite(sides)]).max(initial=0.0))
        try:
            solution = self._solved(restricted(self.model, kept, widened=far), relaxed, share)
        except UnsupportedModelError:
            return False
        return self._told(solution) is True

    def _solved(self, part: Model, relaxed: bool, share: float) -> Solution | None:
        if self.is_over:
            return None
        if relaxed:
            part = replace(part, column_kind=np.zeros(part.n_columns, np.uint8))
        seconds = max(_LEAST_SECONDS, share * self.seconds_left)
        return solve(part, options=replace(self.options, time_limit_seconds=seconds), cancel=self.cancel)

    def _told(self, solution: Solution | None) -> bool | None:
        if solution is None:
            return None
        if solution.values is not None:
            self.point = solution.values
            return True
        return False if solution.termination is Termination.INFEASIBLE else None
