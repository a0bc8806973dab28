"""What names mean while expressions are evaluated: sets, parameters and variables as tables."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from nl2opt.formulation.evaluation.constructs import Constructs
from nl2opt.formulation.evaluation.definitions import Definitions
from nl2opt.formulation.evaluation.elements import FloatArray, IntArray, SetTable, Universe
from nl2opt.formulation.evaluation.family import FamilyTable
from nl2opt.formulation.limits import DEFAULT_LIMITS, Limits


@dataclass(frozen=True, slots=True, eq=False)
class ParameterTable:
    """The numbers of a parameter, over the product of the sets `dimensions`.

    A dense table holds them all, a sparse one those that are stated; every other entry has the default.

    Attributes:
        dimensions: the sets it is indexed by.
        values: float64, in the order of the product of the sets; of a sparse table in the order of `keys`.
        keys: int64, ascending, the positions in the product that are stated; `None` for a dense table.
        default: the number of the positions that are not; 0 for a dense table.
    """

    dimensions: tuple[SetTable, ...]
    values: FloatArray
    keys: IntArray | None = None
    default: float = 0.0

    def at(self, positions: IntArray) -> FloatArray:
        """Return the numbers at positions in the product of the sets."""
        if self.keys is None:
            return np.asarray(self.values[positions])
        if not len(self.keys):
            return np.full(np.shape(positions), self.default)
        places = np.minimum(np.searchsorted(self.keys, positions), len(self.keys) - 1)
        return np.where(self.keys[places] == positions, self.values[places], self.default)


@dataclass(frozen=True, slots=True, eq=False)
class VariableTable:
    """The columns of a variable: `size` of them from `offset`, in the order of the product of the sets."""

    dimensions: tuple[SetTable, ...]
    offset: int
    size: int


@dataclass(frozen=True, slots=True)
class Context:
    """What names mean."""

    universe: Universe = field(default_factory=Universe)
    limits: Limits = DEFAULT_LIMITS
    sets: dict[str, SetTable] = field(default_factory=dict)
    families: dict[str, FamilyTable] = field(default_factory=dict)
    parameters: dict[str, ParameterTable] = field(default_factory=dict)
    variables: dict[str, VariableTable] = field(default_factory=dict)
    definitions: Definitions = field(default_factory=Definitions)
    constructs: Constructs = field(default_factory=Constructs)
