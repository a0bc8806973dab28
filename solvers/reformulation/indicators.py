"""Conditional rows written with a big constant that is as small as the bounds allow."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from solvers.errors import UnsupportedModelError
from solvers.indicators import IndicatorRows
from solvers.model import FloatArray, IntArray, Model
from solvers.reformulation.bounds import Activity, activity, coefficients_at, tightened_bounds
from solvers.reformulation.extension import Entries, Extension, rows_emptied, spans

LARGEST_RATIO: Final = 1e6
"""How often the smallest coefficient of a row its big constant may hold. With 1e8 a solver that takes 1e-8 for 0 could
keep the row switched off while the column says that it is demanded."""


def without_indicators(model: Model) -> Model:
    """Return a model whose conditional rows are linear rows: `a x <= b` if y = 1 becomes `a x <= b + M (1 - y)`.

    M is how far the row can go beyond its side while it is not demanded, by the tightened bounds of its columns;
    each side of each row has its own. A row that is listed several times is written once for each column. The rows
    themselves keep their places and demand nothing.

    Williams, Model Building in Mathematical Programming, 5th edition, section 9.1.

    Raises:
        UnsupportedModelError: a column has no bound, or one so large that a solver's tolerance would let the row go.
    """
    listed = model.indicators
    if listed is None:
        return model
    lower, upper = tightened_bounds(model)
    fixed = (lower == upper)[listed.column]
    never = fixed & (lower[listed.column] != listed.value)
    listed = IndicatorRows(row=listed.row[~never], column=listed.column[~never], value=listed.value[~never])
    conditions = _Conditions(model, listed, fixed[~never], activity(model, lower, upper))
    freed = replace(rows_emptied(model, _of(model).row), indicators=None)
    extension = Extension(model=freed)
    conditions.forbid(extension)
    conditions.add_sides(extension, upwards=True)
    conditions.add_sides(extension, upwards=False)
    return extension.built()


def _of(model: Model) -> IndicatorRows:
    assert model.indicators is not None
    return model.indicators


@dataclass(frozen=True, slots=True, eq=False)
class _Conditions:
    """Conditional rows that may be demanded; `always` tells which surely are."""

    model: Model
    listed: IndicatorRows
    always: NDArray[np.bool_]
    reach: Activity

    def forbid(self, extension: Extension) -> None:
        """Forbid the condition of rows that ask for infinity."""
        model, listed = self.model, self.listed
        endless = (model.row_lower == np.inf) | (model.row_upper == -np.inf)
        chosen = np.flatnonzero(endless[listed.row])
        other = 1.0 - listed.value[chosen].astype(np.float64)
        entries = Entries.joined((np.arange(len(chosen)), listed.column[chosen], 1.0))
        extension.origin = lambda k: self.origin(int(chosen[k]))
        extension.add_rows(len(chosen), entries, other, other, lambda k: self.name(int(chosen[k]), "impossible"))

    def add_sides(self, extension: Extension, *, upwards: bool) -> None:
        """Add a row for each upper side, or each lower one, that is not satisfied anyway."""
        model, listed = self.model, self.listed
        side = (model.row_upper if upwards else model.row_lower)[listed.row]
        beyond = self.beyond(upwards=upwards)
        with np.errstate(invalid="ignore"):
            big = np.where(np.isfinite(side), np.maximum((beyond - side) * (1.0 if upwards else -1.0), 0.0), 0.0)
        needed = np.isfinite(side) & ((big > 0) | self.always)
        chosen = np.flatnonzero(needed)
        big = np.where(self.always, 0.0, big)[chosen]
        self.refuse_too_large(chosen, big, upwards=upwards)
        row, column, value = listed.row[chosen], listed.column[chosen], listed.value[chosen]
        places, owner = spans(model.row_starts[row], np.diff(model.row_starts)[row])
        # With the value v of the condition and a sign s, M (1 - y) for v = 1 and M y for v = 0 go to the left.
        signed = big if upwards else -big
        entries = Entries.joined(
            (owner, model.row_columns[places], model.row_values[places]),
            (np.arange(len(chosen)), column, np.where(value == 1, signed, -signed)),
        )
        limit = side[chosen] + np.where(value == 1, signed, 0.0)
        name = "at most" if upwards else "at least"
        extension.origin = lambda k: self.origin(int(chosen[k]))
        extension.add_rows(
            len(chosen), entries, -np.inf if upwards else limit, limit if upwards else np.inf,
            lambda k: self.name(int(chosen[k]), name),
        )  # fmt: skip

    def beyond(self, *, upwards: bool) -> FloatArray:
        """Return how far each row can go where its condition is not met."""
        reach, listed = self.reach, self.listed
        own = coefficients_at(self.model, listed.row, listed.column)
        # The column of the condition is binary: its part of the row is known there.
        usual = np.maximum(own, 0.0) if upwards else np.minimum(own, 0.0)
        beyond: FloatArray = (reach.most if upwards else reach.least)[listed.row] - usual + own * (1.0 - listed.value)
        return beyond

    def refuse_too_large(self, chosen: IntArray, big: FloatArray, *, upwards: bool) -> None:
        model = self.model
        if not len(chosen):
            return
        sizes = np.where(model.row_values == 0, np.inf, np.abs(model.row_values))
        smallest = np.full(model.n_rows, np.inf)
        np.minimum.at(smallest, self.reach.row, sizes)
        smallest = np.where(np.isfinite(smallest), smallest, 1.0)
        refused = np.flatnonzero(big > LARGEST_RATIO * smallest[self.listed.row[chosen]])
        if not len(refused):
            return
        row = int(self.listed.row[chosen[refused[0]]])
        entries = slice(model.row_starts[row], model.row_starts[row + 1])
        parts = self.reach.entry_most[entries] if upwards else self.reach.entry_least[entries]
        worst = int(np.abs(parts).argmax()) + int(model.row_starts[row])
        column = model.name_of_column(int(model.row_columns[worst]))
        side = "upper" if (model.row_values[worst] > 0) == upwards else "lower"
        trouble = f"{column} has no {side} bound. State one"
        if np.isfinite(self.reach.entry_most[worst] if upwards else self.reach.entry_least[worst]):
            trouble = f"the {side} bound of {column} is too far away. State a tighter one"
        raise UnsupportedModelError(
            f"The row {model.name_of_row(row)}, which holds only under a condition, cannot be written as linear rows: "
            f"{trouble}."
        )

    def origin(self, place: int) -> str:
        """Return the constraint that a row comes from: the row itself where it was stated."""
        row = int(self.listed.row[place])
        return self.model.origin_of_row(row) or self.model.name_of_row(row)

    def name(self, place: int, what: str) -> str:
        """Name a row for people, as in "cap, at most, if open = 1"; an added one has a name of its own."""
        model, listed = self.model, self.listed
        if model.origin_of_row(int(listed.row[place])):
            return model.name_of_row(int(listed.row[place]))
        condition = f"{model.name_of_column(int(listed.column[place]))} = {listed.value[place]}"
        return f"{model.name_of_row(int(listed.row[place]))}, {what}, if {condition}"
