"""Semicontinuous variables: 0, or between their bounds.

A binary column says whether the variable is used; where it is not, the variable is 0, and where it is, the lower bound
is demanded (Williams, Model Building in Mathematical Programming, 5th ed. 2013, section 9.1).
"""

from __future__ import annotations

import numpy as np

from nl2opt.formulation.compilation.assemble import RowFamily
from nl2opt.formulation.evaluation.constructs import Condition
from nl2opt.formulation.evaluation.context import VariableTable
from nl2opt.formulation.evaluation.definitions import Definitions, column_polynomial
from nl2opt.formulation.evaluation.elements import FloatArray
from nl2opt.formulation.evaluation.frame import Frame
from nl2opt.formulation.language.syntax import NOWHERE


def semicontinuous_rows(
    name: str, table: VariableTable, lower: FloatArray, frame: Frame, definitions: Definitions
) -> list[RowFamily]:
    """Return the rows that make a variable semicontinuous; its columns lie between 0 and the upper bound.

    Args:
        name: of the variable.
        table: its columns.
        lower: of each column, or of all alike: the least value but 0.
        frame: its own indices, one row for each column.
        definitions: take in the binary columns.
    """
    element = definitions.element = f"variables.{name}"
    used = definitions.add_choice(frame, "used", NOWHERE)
    body = column_polynomial(np.arange(table.offset, table.offset + table.size))
    infinite, zeros = np.full(table.size, np.inf), np.zeros(table.size)
    least = np.broadcast_to(lower, (table.size,)).astype(np.float64)
    return [
        RowFamily(name, frame, body, -infinite, zeros, condition=Condition(used, 0), part="unused", element=element),
        RowFamily(name, frame, body, least, infinite, condition=Condition(used, 1), part="used", element=element),
    ]
