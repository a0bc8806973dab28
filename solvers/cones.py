"""Second-order cones: columns whose first is at least the Euclidean norm of the others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solvers.errors import ModelError


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cones:
    """Blocks of columns with `x[first] >= sqrt(sum of squares of the others)`.

    Lobo, Vandenberghe, Boyd and Lebret, Applications of second-order cone programming, Linear Algebra and its
    Applications 284 (1998).

    Attributes:
        starts: int (k + 1,), where each cone's columns begin; the first column of each is its head.
        columns: int (e,), columns of the model.
    """

    starts: NDArray[np.integer]
    columns: NDArray[np.integer]

    @property
    def n_cones(self) -> int:
        """Number of cones."""
        return len(self.starts) - 1

    def members(self, cone: int) -> NDArray[np.integer]:
        """Return the columns of one cone, its head first."""
        return self.columns[self.starts[cone] : self.starts[cone + 1]]

    def violations(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return for each cone (k,) by how much its norm exceeds its head, relative to max(1, norm)."""
        heads = self.starts[:-1]
        if not len(heads):
            return np.empty(0)
        squares = x[self.columns] ** 2
        squares[heads] = 0.0
        norms = np.sqrt(np.add.reduceat(squares, heads))
        violations: NDArray[np.float64] = np.maximum(norms - x[self.columns[heads]], 0.0) / np.maximum(norms, 1.0)
        return violations

    def validate(self, n_columns: int) -> None:
        """Check that the arrays fit together and to a model.

        Raises:
            ModelError: they do not; the text says which.
        """
        if self.starts[0] != 0 or self.starts[-1] != len(self.columns) or np.any(np.diff(self.starts) < 1):
            raise ModelError(f"cones.starts must ascend from 0 to the number of columns, {len(self.columns)}")
        if len(self.columns) and (self.columns.min() < 0 or self.columns.max() >= n_columns):
            raise ModelError(f"cones.columns names one outside 0 to {n_columns - 1}")
