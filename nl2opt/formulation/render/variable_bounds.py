"""Writes the bounds of a variable and the indices that they speak of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from nl2opt.formulation.checks.names import infinite_bound, own_indices
from nl2opt.formulation.evaluation.elements import FloatArray, SetTable
from nl2opt.formulation.language.parser import parse_expression
from nl2opt.formulation.render.literals import number_literal
from nl2opt.formulation.render.loops import Loop
from nl2opt.formulation.render.names import ProgramNames
from nl2opt.formulation.render.python_text import PythonText
from nl2opt.formulation.schema import Bound, Formulation, Variable

Side = Literal["lower", "upper"]
_NEARLY: Final = 1e-9
FRACTIONAL: Final = ("continuous", "semicontinuous")
"""Domains whose values need not be whole."""


@dataclass(frozen=True, slots=True)
class OwnIndex:
    """How the bounds of a variable call the elements of one of its sets.

    Attributes:
        set_name: the set, by its name in the formulation.
        arity: how many components its elements have.
        names: one name for each component, or one for the whole element.
    """

    set_name: str
    arity: int
    names: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Whether one name stands for several components."""
        return len(self.names) < self.arity


def own_index(variable: Variable, formulation: Formulation, sets: Mapping[str, SetTable]) -> list[OwnIndex]:
    """Return a variable's own indices, one entry for each of its sets."""
    own = list(own_indices(variable, formulation))
    entries = []
    for set_name in variable.index:
        arity = sets[set_name].arity
        count = arity if variable.as_ is not None else 1
        entries.append(OwnIndex(set_name, arity, tuple(own[:count])))
        del own[:count]
    return entries


def whole_loops(entries: list[OwnIndex], names: ProgramNames) -> dict[str, Loop]:
    """Return own indices as loop variables, those for whole elements included."""
    return {
        name: Loop(text=names.loop(name), arity=entry.arity if entry.is_whole else 1)
        for entry in entries
        for name in entry.names
    }


def key_text(entries: list[OwnIndex], names: ProgramNames) -> str:
    """Return the key of one variable of a family, in terms of its own indices; pairs among others are unpacked."""
    if len(entries) == 1 and len(entries[0].names) == 1:
        return names.loop(entries[0].names[0])
    parts = [f"{'*' if entry.is_whole else ''}{names.loop(name)}" for entry in entries for name in entry.names]
    return f"({', '.join(parts)})"


def key_loops(entries: list[OwnIndex], names: ProgramNames) -> list[str]:
    """Return the clauses that run over all keys of a family."""
    return [f"for {', '.join(map(names.loop, entry.names))} in {names.element(entry.set_name)}" for entry in entries]


def varies(variable: Variable) -> bool:
    """Whether a bound is an expression, so that it may differ from index to index."""
    return any(is_expression(bound) for bound in (variable.lower, variable.upper))


def is_expression(bound: Bound | None) -> bool:
    """Whether a bound is an expression and no number."""
    return isinstance(bound, str) and infinite_bound(bound) is None


def bound_text(
    variable: Variable, side: Side, values: FloatArray, python: PythonText, scope: Mapping[str, Loop]
) -> str | None:
    """Return one bound as code, `None` where there is none.

    A binary variable's stays within 0 and 1. A bound of whole numbers that is not whole is rounded inwards: HiGHS
    may call a worse point optimal when it has to do that itself.

    Args:
        variable: whose bound it is.
        side: which bound.
        values: the bound of each of the variable's columns (n,).
        python: the writer of the program.
        scope: the variable's own indices as loop variables.
    """
    bound: Bound | None = getattr(variable, side)
    if isinstance(bound, str) and is_expression(bound):
        text = python.write(parse_expression(bound).root, scope=scope)
        if variable.domain == "binary":
            text = f"max(0, {text})" if side == "lower" else f"min(1, {text})"
        return text if variable.domain in FRACTIONAL else _whole(text, side, values, python)
    if not values.size:
        return "0" if side == "lower" else None
    number = values[0] if variable.domain in FRACTIONAL else whole_bound(values, side)[0]
    return None if np.isinf(number) else number_literal(float(number))


def stated_lower(variable: Variable, python: PythonText, scope: Mapping[str, Loop]) -> str:
    """Return the lower bound of a semicontinuous variable, which it keeps only where it is not 0.

    Args:
        variable: whose bound it is.
        python: the writer of the program.
        scope: the variable's own indices as loop variables.
    """
    bound = variable.lower
    if isinstance(bound, str) and is_expression(bound):
        return python.write(parse_expression(bound).root, scope=scope)
    return number_literal(float(bound or 0))


def whole_bound(values: FloatArray, side: Side) -> FloatArray:
    """Round bounds of whole numbers inwards; one that misses a whole number by 1e-9 or less means that number."""
    return np.ceil(values - _NEARLY) if side == "lower" else np.floor(values + _NEARLY)


def _whole(text: str, side: Side, values: FloatArray, python: PythonText) -> str:
    if np.array_equal(values, np.round(values)):
        return text
    python.uses_math = True
    function, sign = ("ceil", "-") if side == "lower" else ("floor", "+")
    plain = np.ceil(values) if side == "lower" else np.floor(values)
    nearly = "" if np.array_equal(plain, whole_bound(values, side)) else f" {sign} {_NEARLY:g}"
    return f"math.{function}({text}{nearly})"
