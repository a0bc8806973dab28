"""Which comparison of an expression rows come from."""

from __future__ import annotations

from dataclasses import dataclass

from nl2opt.formulation.language.syntax import Comparison


@dataclass(frozen=True, slots=True)
class Origin:
    """The comparison that rows come from.

    Attributes:
        comparison: a node of the constraint's expression.
        pair: the number of the operator that the rows say, from 0; `None` for both of `low <= e <= high`.
        is_opposite: whether the rows say the opposite, as for the condition of `implies`.
    """

    comparison: Comparison
    pair: int | None
    is_opposite: bool = False
