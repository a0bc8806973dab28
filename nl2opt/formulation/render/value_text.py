"""Writes sets, values of parameters and bounds for people to read, long ones cut."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any, Final

import numpy as np

from nl2opt.formulation.checks.names import infinite_bound
from nl2opt.formulation.language.writer import number_text
from nl2opt.formulation.schema import Parameter, Set, Variable

_SHOWN: Final = 20


class ValueText:
    """Writes what is in a formulation as text of some markup."""

    def __init__(
        self,
        escape: Callable[[str], str],
        code: Callable[[str], str],
        number: Callable[[str], str],
        braces: tuple[str, str] = ("{", "}"),
        expression: Callable[[str], str] | None = None,
    ) -> None:
        """Prepare.

        Args:
            escape: makes text of people harmless.
            code: shows a name.
            number: shows the text of a finite number.
            braces: stand around a set.
            expression: shows an expression; `None` to show it as a name is shown.
        """
        self._escape = escape
        self._code = code
        self._expression = expression or code
        self._number = number
        self._opening, self._closing = braces

    def elements(self, declared: Set) -> str:
        """Return the first elements of a set, the first sets of a family, or the expression that gives them."""
        if declared.table is not None and not declared.elements and declared.origin != "table":
            names = declared.column if isinstance(declared.column, list) else [declared.column or declared.name]
            columns = ", ".join(map(self._code, names))
            return f"from the table {self._code(declared.table)}, column {columns} (not attached)"
        if isinstance(declared.elements, str):
            return self._expression(declared.elements)
        if isinstance(declared.elements, Mapping):
            return self._family(declared.elements)
        show = self._members if declared.index else self._element
        shown = [show(element) for element in declared.elements[:_SHOWN]]
        return ", ".join(shown) + _more(len(declared.elements))

    def _family(self, elements: Mapping[Any, Any]) -> str:
        """Return the sets of a family, each behind its key."""
        parts = []
        for key, members in islice(elements.items(), _SHOWN):
            inside = f"({self._family(members)})" if isinstance(members, Mapping) else self._members(members)
            parts.append(f"{self._escape(str(key))}: {inside}")
        return "; ".join(parts) + _more(len(elements)).replace(",", ";", 1)

    def _members(self, members: Any) -> str:
        """Return the elements of one set of a family."""
        if not isinstance(members, list | tuple):
            return self._escape(str(members))
        shown = ", ".join(map(self._element, members[:_SHOWN]))
        return f"{self._opening}{shown}{', …' if len(members) > _SHOWN else ''}{self._closing}"

    def _element(self, element: Any) -> str:
        return self._escape(_element(element))

    def parameter(self, parameter: Parameter) -> str:
        """Return the value of a parameter, the table that it comes from, and its default."""
        parts = [self.value(parameter.value)]
        if parameter.table is not None and (parameter.value is None or parameter.origin == "table"):
            column = f", column {self._code(parameter.column)}" if parameter.column else ""
            state = " (not attached)" if parameter.value is None else ""
            parts.append(f"from the table {self._code(parameter.table)}{column}{state}")
        if parameter.is_missing:
            parts.append("missing: the problem does not give it")
        if parameter.default is not None:
            parts.append(f"{self.value(parameter.default)} where none is given")
        return "; ".join(part for part in parts if part)

    def value(self, value: Any) -> str:
        """Return a value of any kind that a formulation may hold; empty for none."""
        if isinstance(value, bool) or value is None:
            return ""
        if isinstance(value, int | float):
            return self._number(number_text(float(value))) if math.isfinite(value) else str(value)
        if isinstance(value, str):
            return self._expression(value)
        if isinstance(value, Mapping):
            parts = [f"{self._escape(str(key))}: {self.value(item)}" for key, item in islice(value.items(), _SHOWN)]
        elif isinstance(value, list | tuple | np.ndarray):
            parts = [self.value(item) for item in value[:_SHOWN]]
        else:
            return self._escape(str(value))
        return f"({', '.join(parts)}{_more(len(value))})"

    def bounds(self, variable: Variable) -> str:
        """Return what a variable's bounds allow, in words."""
        if variable.domain == "binary" and variable.lower is None and variable.upper is None:
            return "0 or 1"
        lower = "0" if variable.lower is None else "" if _is_infinite(variable.lower) else self.value(variable.lower)
        upper = "" if variable.upper is None or _is_infinite(variable.upper) else self.value(variable.upper)
        if not lower and not upper:
            return "any"
        if not upper:
            return f"{lower} or more"
        return f"{lower} to {upper}" if lower else f"{upper} or less"


def _element(element: Any) -> str:
    return f"({', '.join(map(str, element))})" if isinstance(element, list | tuple) else str(element)


def _more(count: int) -> str:
    return f", … ({count})" if count > _SHOWN else ""


def _is_infinite(bound: float | str) -> bool:
    return infinite_bound(bound) is not None if isinstance(bound, str) else math.isinf(bound)
