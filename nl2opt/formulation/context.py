"""What names mean while expressions are evaluated: sets, parameters and variables as tables."""

from __future__ import annotations

from dataclasses import dataclass, field

from nl2opt.formulation.elements import FloatArray, SetTable, Universe


@dataclass(frozen=True, slots=True, eq=False)
class ParameterTable:
    """The numbers of a parameter: `values` is flat, in the order of the product of the sets `dimensions`."""

    dimensions: tuple[SetTable, ...]
    values: FloatArray


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
    sets: dict[str, SetTable] = field(default_factory=dict)
    parameters: dict[str, ParameterTable] = field(default_factory=dict)
    variables: dict[str, VariableTable] = field(default_factory=dict)
