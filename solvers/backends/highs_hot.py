"""A linear model that stays in HiGHS while its bounds, sides and coefficients change.

Each solve begins where the last one ended, which takes a few steps of the simplex method.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from solvers.backends.highs_load import core, load, set_option
from solvers.model import FloatArray, Model
from solvers.solution import Termination


@dataclass(frozen=True, slots=True, eq=False)
class Optimum:
    """What came of one solve.

    Attributes:
        termination: optimal, infeasible, unbounded, limit, interrupted or error.
        objective: 0 without an optimum.
        values: float64 (n,), the optimal point; empty without one.
    """

    termination: Termination
    objective: float
    values: FloatArray


class HotModel:
    """A linear model in HiGHS."""

    def __init__(
        self, model: Model, *, deadline: float = math.inf, is_cancelled: Callable[[], bool] = lambda: False
    ) -> None:
        """Hand the model over.

        Args:
            model: linear and continuous.
            deadline: on the clock of `time.perf_counter`, after which solves end with a limit.
            is_cancelled: asked while HiGHS runs; whether it shall stop.
        """
        self._highs = load(model)
        self._deadline, self._is_cancelled = deadline, is_cancelled
        # Without presolve the last basis is kept, and infeasible is told from unbounded.
        set_option(self._highs, "presolve", "off")
        set_option(self._highs, "solver", "simplex")
        self._highs.setCallback(self._called, None)
        self._highs.startCallback(core().cb.HighsCallbackType.kCallbackSimplexInterrupt)

    def bound_column(self, column: int, lower: float, upper: float) -> None:
        """Give a column other bounds."""
        self._highs.changeColBounds(column, lower, upper)

    def bound_row(self, row: int, lower: float, upper: float) -> None:
        """Give a row other sides."""
        self._highs.changeRowBounds(row, lower, upper)

    def set_coefficient(self, row: int, column: int, value: float) -> None:
        """Give a column another coefficient in a row."""
        self._highs.changeCoeff(row, column, value)

    def solve(self) -> Optimum:
        """Solve the model as it is now."""
        termination = self._run()
        if termination is Termination.ERROR:
            # A basis that is nearly singular after the changes; from scratch there is another.
            self._highs.clearSolver()
            termination = self._run()
        if termination is not Termination.OPTIMAL:
            return Optimum(termination, 0.0, np.empty(0))
        values = np.array(self._highs.getSolution().col_value, np.float64)
        return Optimum(termination, float(self._highs.getInfo().objective_function_value), values)

    def _run(self) -> Termination:
        left = self._deadline - time.perf_counter()
        if self._is_cancelled():
            return Termination.INTERRUPTED
        if left <= 0:
            return Termination.LIMIT
        if math.isfinite(left):
            # The clock of HiGHS runs on from one solve to the next.
            set_option(self._highs, "time_limit", float(self._highs.getRunTime()) + left)
        self._highs.run()
        return _terminations().get(self._highs.getModelStatus(), Termination.ERROR)

    def _called(self, kind: Any, message: str, out: Any, into: Any, user_data: Any) -> None:
        if into is not None and self._is_cancelled():
            into.user_interrupt = True


@cache
def _terminations() -> dict[Any, Termination]:
    status = core().HighsModelStatus
    return {
        status.kOptimal: Termination.OPTIMAL,
        status.kInfeasible: Termination.INFEASIBLE,
        status.kUnbounded: Termination.UNBOUNDED,
        status.kTimeLimit: Termination.LIMIT,
        status.kInterrupt: Termination.INTERRUPTED,
        status.kHighsInterrupt: Termination.INTERRUPTED,
    }
