"""The rows and bounds of a compiled formulation in its own names, with all their numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from nl2opt.formulation.compilation.assemble import RowFamily
from nl2opt.formulation.compilation.compiled import CompiledFormulation
from nl2opt.formulation.compilation.logic import CHOICE
from nl2opt.formulation.evaluation.evaluate import Evaluator
from nl2opt.formulation.language.parser import parse_expression
from nl2opt.formulation.language.writer import number_text
from solvers import Model

_SHOWN: Final = 6
_DIGITS: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class RowPlace:
    """Where a row of a model comes from.

    Attributes:
        element: `constraints.demand`; of rows that tie helper columns, the element that they belong to.
        name: `demand['berlin']`.
        index: the values of its loop variables, by their names; empty for one without, and for helper rows.
        is_helper: whether it ties the column of a function, and was not written by anybody.
        is_choice: whether it says that one of several alternatives holds.
    """

    element: str
    name: str
    index: dict[str, Any] = field(default_factory=dict)
    is_helper: bool = False
    is_choice: bool = False


def place_of_row(compiled: CompiledFormulation, row: int) -> RowPlace:
    """Return where a row of the model comes from."""
    element = compiled.element_of_row(row)
    family, place = family_of_row(compiled, row)
    if family is None:
        return RowPlace(element=element, name=compiled.model.name_of_row(row), is_helper=True)
    index = {name: elements.label(place) for name, elements in family.frame.variables.items()}
    name, is_choice = family.label(place), family.part == CHOICE
    return RowPlace(element=element, name=name, index=index, is_choice=is_choice)


def family_of_row(compiled: CompiledFormulation, row: int) -> tuple[RowFamily | None, int]:
    """Return the family that a row belongs to, and its place there; `None` for a row that nobody wrote."""
    for family in compiled.families:
        if row < family.size:
            return family, row
        row -= family.size
    return None, row


def row_text(model: Model, row: int) -> str:
    """Return a row with its numbers: `2*make['chair'] + 5*make['table'] <= 400`."""
    return _relation(model, row) + _condition(model, row, model.n_columns)


def declared_text(compiled: CompiledFormulation, row: int) -> str:
    """Return a row with its numbers in terms of declared variables: the choice among alternatives is left out."""
    if place_of_row(compiled, row).is_choice:
        return "one of its alternatives holds"
    return _relation(compiled.model, row) + _condition(compiled.model, row, compiled.n_declared)


def known_text(compiled: CompiledFormulation, row: int) -> str:
    """Return a row without decisions with the values of its sides, as in `3 <= 2`; empty for other rows."""
    model = compiled.model
    family, place = family_of_row(compiled, row)
    if family is None or family.origin is None or body_text(model, row) != "0":
        return ""
    texts = {c.name: c.expression for c in compiled.formulation.enabled_constraints}
    evaluator = Evaluator(compiled.context, parse_expression(texts[family.name]))
    comparison = family.origin.comparison
    words = []
    for operand, operator in zip(comparison.operands, (*comparison.operators, ""), strict=True):
        constant = evaluator.polynomial(operand, family.frame).constant
        words += [shown(float(np.broadcast_to(constant, (family.size,))[place])), operator]
    return " ".join(words[:-1])


def _condition(model: Model, row: int, n_columns: int) -> str:
    """Say by the first columns when a row is demanded: ` where use == 1`; empty where they do not say so."""
    found = model.indicators
    if found is None:
        return ""
    places = np.flatnonzero((found.row == row) & (found.column < n_columns)).tolist()
    whens = [f"{model.name_of_column(int(found.column[p]))} == {int(found.value[p])}" for p in places]
    return f" where {' or '.join(whens)}" if whens else ""


def _relation(model: Model, row: int) -> str:
    body = body_text(model, row)
    lower, upper = float(model.row_lower[row]), float(model.row_upper[row])
    if lower == upper:
        return f"{body} == {shown(lower)}"
    before = f"{shown(lower)} <= " if lower > -math.inf and upper < math.inf else ""
    if before or upper < math.inf:
        return f"{before}{body} <= {shown(upper)}"
    return f"{body} >= {shown(lower)}"


def body_text(model: Model, row: int) -> str:
    """Return what a row limits: `2*make['chair'] + 5*make['table']`; `0` for a row without columns."""
    entries = slice(int(model.row_starts[row]), int(model.row_starts[row + 1]))
    terms = [
        (float(value), model.name_of_column(int(column)))
        for column, value in zip(model.row_columns[entries][:_SHOWN], model.row_values[entries][:_SHOWN], strict=True)
        if value
    ]
    more = max(0, entries.stop - entries.start - _SHOWN)
    quadratic = model.quadratic_rows
    if quadratic is not None:
        places = np.flatnonzero(quadratic.row == row)
        more += max(0, len(places) - _SHOWN)
        for place in places[:_SHOWN].tolist():
            first, second = (model.name_of_column(int(part[place])) for part in (quadratic.first, quadratic.second))
            terms.append(
                (float(quadratic.coefficient[place]), f"{first}**2" if first == second else f"{first}*{second}")
            )
    text = linear_text(terms)
    if more:
        text += f" + ... ({more:,} more)"
    if holds_functions(model, row):
        text = f"{text} + its functions" if terms else "its functions"
    return text


def holds_functions(model: Model, row: int) -> bool:
    """Return whether a row has terms that are neither linear nor quadratic."""
    return model.nonlinear is not None and bool(np.any(model.nonlinear.row == row))


def linear_text(terms: list[tuple[float, str]]) -> str:
    """Return terms with their signs: `2*x - y`; `0` for none."""
    return "".join(_signed(terms)) or "0"


def _signed(terms: list[tuple[float, str]]) -> Iterator[str]:
    for place, (value, name) in enumerate(terms):
        sign = ("-" if value < 0 else "") if not place else (" - " if value < 0 else " + ")
        yield f"{sign}{name}" if abs(value) == 1 else f"{sign}{shown(abs(value))}*{name}"


def shown(value: float) -> str:
    """Return a number for people, as expressions write it, with up to ten digits."""
    if not math.isfinite(value):
        return "inf" if value > 0 else "-inf"
    return number_text(float(f"{value:.{_DIGITS}g}") + 0.0)
