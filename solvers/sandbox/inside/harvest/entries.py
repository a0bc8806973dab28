"""Makes the flat model from the lists that a library's objects are read into."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from solvers.exchange.collected import Collected
from solvers.model import Model, Sense
from solvers.sandbox.inside.harvest.found import MOST_COLUMNS, NoModelError, distinct


class Entries:
    """Columns first, then rows; names of columns are made distinct before, those of rows at the end."""

    def __init__(self, names: Sequence[str], *, maximize: bool, constant: float = 0.0) -> None:
        """Begin with columns that are continuous and free.

        Args:
            names: of the columns, no two the same.
            maximize: whether the objective is made large.
            constant: of the objective.

        Raises:
            NoModelError: there are too many.
        """
        if len(names) > MOST_COLUMNS:
            raise NoModelError(f"It is too large to be read: {len(names):,} variables.")
        self.into = Collected("the model", sense=Sense.MAXIMIZE if maximize else Sense.MINIMIZE, constant=constant)
        for name in names:
            self.into.column(name)
        self._row_names: list[str] = []

    def bounds(self, lower: Iterable[float], upper: Iterable[float]) -> None:
        """State the bounds of all columns."""
        self.into.lower[:] = [float(value) for value in lower]
        self.into.upper[:] = [float(value) for value in upper]

    def whole(self, columns: Iterable[int]) -> None:
        """Say which columns must be whole."""
        self.into.whole.update(columns)

    def costs(self, columns: Iterable[int], values: Iterable[float]) -> None:
        """Add linear terms to the objective."""
        costs = self.into.costs
        for column, value in zip(columns, values, strict=True):
            costs[column] = costs.get(column, 0.0) + float(value)

    def row(self, columns: Sequence[int], values: Sequence[float], lower: float, upper: float, name: str = "") -> int:
        """Add a row and return its place; the same column may come several times."""
        into = self.into
        place = len(self._row_names)
        self._row_names.append(name)
        into.row_lower.append(float(lower))
        into.row_upper.append(float(upper))
        into.entry_row.extend([place] * len(columns))
        into.entry_column.extend(columns)
        into.entry_value.extend(map(float, values))
        return place

    def product(self, row: int, first: int, second: int, value: float) -> None:
        """Add a quadratic term to a row; row -1 is the objective."""
        self.into.products.append((row, first, second, float(value)))

    def model(self, title: str = "") -> Model:
        """Return the flat model."""
        names = distinct(self._row_names, unnamed="row")
        self.into.rows = {name: place for place, name in enumerate(names)}
        found = self.into.model()
        return replace(found, title=title)


def infinite(values: Sequence[float], infinity: float) -> list[float]:
    """Return numbers, infinite where the library takes them for that."""
    array = np.asarray(values, np.float64)
    return np.where(np.abs(array) >= infinity, np.copysign(np.inf, array), array).tolist()  # type: ignore[no-any-return]
