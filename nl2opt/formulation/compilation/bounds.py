"""Gives the columns of a variable their lower and upper bounds."""

from __future__ import annotations

from typing import Literal

import numpy as np

from nl2opt.formulation.checks.names import infinite_bound, own_indices
from nl2opt.formulation.evaluation.context import Context
from nl2opt.formulation.evaluation.elements import FloatArray, SetTable
from nl2opt.formulation.evaluation.evaluate import Evaluator
from nl2opt.formulation.evaluation.frame import Frame, product_rows, root_frame
from nl2opt.formulation.language.parser import ExpressionError, parse_expression
from nl2opt.formulation.schema import Bound, Formulation, Variable

_WRONG_SIDE = {"lower": np.inf, "upper": -np.inf}


def bounds_of(
    variable: Variable,
    side: Literal["lower", "upper"],
    formulation: Formulation,
    context: Context,
    dimensions: tuple[SetTable, ...],
    size: int,
) -> FloatArray:
    """Return a bound of each column of a variable, (size,) or () when all have the same; left out it is 0 or inf.

    Raises:
        ExpressionError: the bound has no value, is not a number, or is infinite on the wrong side.
    """
    bound: Bound | None = getattr(variable, side)
    if bound is None:
        return np.asarray(0.0 if side == "lower" else np.inf)
    number = infinite_bound(bound) if isinstance(bound, str) else float(bound)
    if number is not None:
        if np.isnan(number) or number == _WRONG_SIDE[side]:
            message = f"the {side} bound cannot be `{bound}`"
            raise ExpressionError("bound", message, text=str(bound), mend="Leave it out, or write a number.")
        return np.asarray(number)
    expression = parse_expression(str(bound))
    frame = own_frame(variable, own_indices(variable, formulation), dimensions)
    values = Evaluator(context, expression).number(expression.root, frame)
    return np.asarray(values, np.float64) if values.ndim == 0 else np.broadcast_to(values, (size,)).astype(np.float64)


def own_frame(variable: Variable, names: tuple[str, ...], dimensions: tuple[SetTable, ...]) -> Frame:
    """Return the frame of a variable's own indices, one row for each of its columns."""
    frame = root_frame()
    taken = 0
    for table in dimensions:
        count = table.arity if variable.as_ is not None else 1
        targets = names[taken : taken + count]
        taken += count
        rows, positions = product_rows(frame, table)
        frame = frame.bind(rows, targets, table, positions)
    return frame
