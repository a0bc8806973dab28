"""Rows that hold only where a binary column says so."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solvers.errors import ModelError


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class IndicatorRows:
    """Rows of a model that are demanded only at points where a binary column has a value.

    A row that is listed several times is demanded where any of its columns has its value. The rows are linear.

    Attributes:
        row: int (k,), rows of the model.
        column: int (k,), binary columns.
        value: uint8 (k,), 0 or 1.
    """

    row: NDArray[np.integer]
    column: NDArray[np.integer]
    value: NDArray[np.uint8]

    def demanded(self, x: NDArray[np.float64], n_rows: int) -> NDArray[np.bool_]:
        """Return which rows (m,) are demanded at a point (n,): those that are not listed always are."""
        demanded = np.ones(n_rows, bool)
        demanded[self.row] = False
        demanded[self.row[np.round(x[self.column]) == self.value]] = True
        return demanded

    def validate(self, n_rows: int, is_binary: NDArray[np.bool_]) -> None:
        """Check that the arrays fit together and to a model.

        Args:
            n_rows: number of rows of the model.
            is_binary: bool (n,), which columns are binary.

        Raises:
            ModelError: they do not; the text says which.
        """
        k = len(self.row)
        for name, array in (("row", self.row), ("column", self.column), ("value", self.value)):
            if array.shape != (k,):
                raise ModelError(f"indicators.{name} has the shape {array.shape}, not ({k},)")
        for name, places, count in (("row", self.row, n_rows), ("column", self.column, len(is_binary))):
            if k and (places.min() < 0 or places.max() >= count):
                raise ModelError(f"indicators.{name} names one outside 0 to {count - 1}")
        if not is_binary[self.column].all():
            raise ModelError("indicators.column names a column that is not binary")
        if not np.isin(self.value, (0, 1)).all():
            raise ModelError("indicators.value holds a number that is not 0 or 1")
