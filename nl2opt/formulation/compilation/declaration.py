"""Gives the variables of a formulation their columns, and the columns their bounds."""

from __future__ import annotations

from functools import partial
from typing import Literal

import numpy as np

from nl2opt.formulation.compilation.bounds import bounds_of
from nl2opt.formulation.compilation.remarks import Remarks
from nl2opt.formulation.evaluation.context import Context, VariableTable
from nl2opt.formulation.evaluation.elements import FloatArray, SetTable
from nl2opt.formulation.schema import Alternative, Assumption, Change, Formulation, Variable
from nl2opt.formulation.values.keyed import entry_text


class Declaration:
    """Declares variables, one after the other.

    Attributes:
        n_columns: of the variables that were declared.
        least: for each semicontinuous variable the least value of its columns but 0.
    """

    def __init__(self, formulation: Formulation, context: Context, remarks: Remarks) -> None:
        """Prepare; the context holds the sets and parameters already."""
        self.formulation = formulation
        self.context = context
        self.remarks = remarks
        self.n_columns = 0
        self.least: dict[str, FloatArray] = {}

    def declare(self, variable: Variable) -> tuple[FloatArray, FloatArray]:
        """Give a variable its columns, and return their bounds."""
        nothing = (np.asarray(0.0), np.asarray(0.0))
        if any(name not in self.context.sets for name in variable.index):
            self.remarks.failed_names.add(variable.name)
            return nothing
        dimensions = tuple(self.context.sets[name] for name in variable.index)
        size = 1
        for table in dimensions:
            size *= table.size
        most = self.context.limits.table_entries
        if size > most:
            message = f"the variable would have {size:,} columns, more than {most:,}"
            self.remarks.fail("too_large", f"variables.{variable.name}", message)
            self.remarks.failed_names.add(variable.name)
            return nothing
        expected = sum(table.arity for table in dimensions)
        if variable.as_ is not None and len(variable.as_) != expected:
            message = f"`as` names {len(variable.as_)} indices ({', '.join(variable.as_)}), the variable has {expected}"
            element = f"variables.{variable.name}"
            self.remarks.fail("arity", element, message, field="as")
            self.remarks.failed_names.add(variable.name)
            return nothing
        self.context.variables[variable.name] = VariableTable(dimensions, self.n_columns, size)
        self.n_columns += size
        if size == 0:
            self.remarks.warn(
                "empty", f"variables.{variable.name}", "its index set is empty, so there is nothing to decide"
            )
        if not variable.states_lower:
            self.remarks.assumptions.append(_nonnegative(variable))
        lower, upper = (
            self._bound(variable, "lower", dimensions, size),
            self._bound(variable, "upper", dimensions, size),
        )
        self._judge_bounds(variable, lower, upper, dimensions)
        if variable.domain == "binary":
            return np.maximum(lower, 0.0), np.minimum(upper, 1.0)
        if variable.domain == "semicontinuous":
            return self._semicontinuous(variable, lower), upper
        return lower, upper

    def _semicontinuous(self, variable: Variable, lower: FloatArray) -> FloatArray:
        """Note the least value of a semicontinuous variable but 0, and return the lower bound of its columns, 0."""
        element, mend = f"variables.{variable.name}", "State the least value that it has where it is not 0."
        if (lower < 0).any():
            message = "a semicontinuous variable is 0 or at least its lower bound, which must not be below 0"
            self.remarks.fail("bound", element, message, field="lower", mend=mend)
        elif not lower.any():
            message = "a semicontinuous variable without a lower bound above 0 is just a continuous one"
            self.remarks.warn("semicontinuous", element, message, mend=mend)
        self.least[variable.name] = lower
        return np.asarray(0.0)

    def _bound(
        self, variable: Variable, side: Literal["lower", "upper"], dimensions: tuple[SetTable, ...], size: int
    ) -> FloatArray:
        """Return the bound of each column of a variable, or of all alike; without a value it becomes 0 or inf."""
        element, nothing = f"variables.{variable.name}", np.asarray(0.0 if side == "lower" else np.inf)
        bound = getattr(variable, side)
        if isinstance(bound, str) and not self.remarks.usable(element, side, bound):
            return nothing
        evaluate = partial(bounds_of, variable, side, self.formulation, self.context, dimensions, size)
        values = self.remarks.attempt(element, side, evaluate)
        return values if values is not None else nothing

    def _judge_bounds(
        self, variable: Variable, lower: FloatArray, upper: FloatArray, dimensions: tuple[SetTable, ...]
    ) -> None:
        """Warn of bounds that leave nothing, and of bounds of a binary variable that do not count."""
        element = f"variables.{variable.name}"
        crossed = np.asarray(lower > upper)
        if crossed.any() and all(table.size for table in dimensions):
            column = int(np.argmax(crossed))
            where = entry_text(dimensions, column)
            low, high = (float(bound[column] if bound.ndim else bound) for bound in (lower, upper))
            message = f"the lower bound {low:g} exceeds the upper bound {high:g}"
            self.remarks.warn("crossed_bounds", element, f"{message}, so nothing is feasible", where=where)
        if variable.domain == "binary" and (np.any(lower < 0) or np.any(upper[np.isfinite(upper)] > 1)):
            message = "a binary variable is 0 or 1, so a bound outside does not count"
            self.remarks.warn("binary_bound", element, message, mend="Leave it out, or make the domain integer.")


def _nonnegative(variable: Variable) -> Assumption:
    change = Change(kind="set", path=f"variables.{variable.name}.lower", value="-inf")
    free = Alternative(text=f"{variable.name} may be negative", change=change)
    return Assumption(text=f"{variable.name} is not negative", element=variable.name, alternatives=[free])
