"""A linear model that stays loaded in HiGHS while its demands come and go: questions start where the last one ended."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Final

import numpy as np

from solvers.backends.highs_load import core, load, set_option
from solvers.backends.worker import run_interruptibly
from solvers.diagnosis.members import PARTS, BoolArray, Numbering, violations
from solvers.model import FloatArray, Kind, Model

_ACCEPTED: Final = 1e-6
_ZERO: Final = 1e-9


class WarmLinear:
    """Asks whether demands of a linear model can be met, its columns taken for continuous."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.numbering = Numbering.of(model)
        self.binary = model.column_kind == Kind.BINARY
        self.highs = load(
            replace(
                model,
                column_kind=np.zeros(model.n_columns, np.uint8),
                objective=np.zeros(model.n_columns),
                objective_constant=0.0,
                # Sides that cross or ask for infinity are not taken; all are set anew for each question.
                row_lower=np.full(model.n_rows, -np.inf),
                row_upper=np.full(model.n_rows, np.inf),
                column_lower=np.full(model.n_columns, -np.inf),
                column_upper=np.full(model.n_columns, np.inf),
            )
        )
        set_option(self.highs, "presolve", "off")

    def is_feasible(self, kept: BoolArray, seconds: float) -> tuple[bool | None, FloatArray | None]:
        """Return whether the demands (total,) can be met, and a re-checked point (n,) that does.

        The answer is `None` when it cannot be told in time, or when the point misses a demand by our own arithmetic.
        """
        return run_interruptibly(lambda: self._asked(kept, seconds), threading.Event())

    def certificate(self) -> BoolArray | None:
        """Return the demands (total,) in the proof that the last question has no answer; `None` without a proof.

        The proof is a combination of rows that contradicts the bounds (Farkas), as the dual simplex method leaves it;
        both sides of its rows and columns are among the demands.
        """
        found = run_interruptibly(self.highs.getDualRay, threading.Event())
        multipliers = np.array(found[-1], np.float64)
        if not found[1] or len(multipliers) != self.model.n_rows:
            return None
        model, size = self.model, float(np.abs(multipliers).max(initial=0.0))
        rows = np.abs(multipliers) > _ZERO * size
        weighted = model.row_values * multipliers[model.entry_rows()]
        columns = np.abs(np.bincount(model.row_columns, weights=weighted, minlength=model.n_columns)) > _ZERO * size
        rest = np.zeros(self.numbering.total - 2 * (model.n_rows + model.n_columns), bool)
        return np.concatenate([rows, rows, columns, columns, rest])

    def _asked(self, kept: BoolArray, seconds: float) -> tuple[bool | None, FloatArray | None]:
        model, highs = self.model, self.highs
        lower, upper, least, most = (kept[self.numbering.within(part)] for part in PARTS[:4])
        row_lower, row_upper = np.where(lower, model.row_lower, -np.inf), np.where(upper, model.row_upper, np.inf)
        column_lower = np.where(least, model.column_lower, np.where(self.binary, 0.0, -np.inf))
        column_upper = np.where(most, model.column_upper, np.where(self.binary, 1.0, np.inf))
        impossible = (row_lower > row_upper) | (row_lower == np.inf) | (row_upper == -np.inf)
        if impossible.any() or (column_lower > column_upper).any():
            return False, None
        rows, columns = np.arange(model.n_rows, dtype=np.int32), np.arange(model.n_columns, dtype=np.int32)
        highs.changeRowsBounds(model.n_rows, rows, row_lower, row_upper)
        highs.changeColsBounds(model.n_columns, columns, column_lower, column_upper)
        # The clock of HiGHS runs on from one run of a model to the next.
        set_option(highs, "time_limit", float(highs.getRunTime()) + seconds)
        highs.run()
        status, statuses = highs.getModelStatus(), core().HighsModelStatus
        if status == statuses.kInfeasible:
            return False, None
        if status != statuses.kOptimal:
            return None, None
        point = np.array(highs.getSolution().col_value, np.float64)
        met = np.where(kept, violations(model, point), 0.0).max(initial=0.0) <= _ACCEPTED
        return (True, point) if met else (None, None)
