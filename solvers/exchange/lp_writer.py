"""Writes a flat model as an LP file.

The format is that of CPLEX as all its readers understand it: a row with two sides becomes two rows, since HiGHS 1.13.1
reads no `1 <= x + y <= 5`; bounds are stated for every column that is not within 0 and infinity.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from solvers.exchange.flat import BoolArray, is_binary
from solvers.exchange.numerals import numeral, numerals, signed_numerals, wrapped
from solvers.model import FloatArray, IntArray, Kind, Model, Sense


def split_rows(model: Model) -> BoolArray:
    """Return which rows (m,) have two different sides, and need two rows in an LP file."""
    both = np.isfinite(model.row_lower) & np.isfinite(model.row_upper)
    return np.asarray(both & (model.row_lower != model.row_upper))


def lp_text(model: Model, columns: Sequence[str], rows: Sequence[str], objective: str) -> str:
    """Write a flat model whose rows have one side each, or one number for both.

    Args:
        model: with at least one column.
        columns: the safe name of each.
        rows: the safe name of each.
        objective: the safe name of the objective.
    """
    names = np.array(columns, object)
    lines = ["maximize" if model.sense is Sense.MAXIMIZE else "minimize"]
    lines += _objective_lines(model, names, objective)
    if model.n_rows:
        lines.append("subject to")
        lines += _row_lines(model, names, rows)
    bounds = list(_bound_lines(model, columns))
    if bounds:
        lines += ["bounds", *bounds]
    binary = is_binary(model)
    for title, which in (("general", (model.column_kind != Kind.CONTINUOUS) & ~binary), ("binary", binary)):
        if which.any():
            lines += [title, *(f" {line}" for line in wrapped(names[which].tolist()))]
    return "\n".join([*lines, "end", ""])


def _objective_lines(model: Model, names: np.ndarray, objective: str) -> Iterator[str]:
    """Write the objective, with every column in it where their order would be lost otherwise."""
    shown = np.flatnonzero(model.objective)
    products = model.quadratic_objective
    if not _is_natural_order(model, shown):
        shown = np.arange(model.n_columns)
    parts = [
        f"{value} {name}" for value, name in zip(signed_numerals(model.objective[shown]), names[shown], strict=True)
    ]
    if products is not None:
        parts += _bracket(products.first, products.second, 2.0 * products.coefficient, names, " / 2")
    if model.objective_constant:
        parts += signed_numerals(np.array([model.objective_constant]))
    yield f" {objective}:"
    yield from (f"  {line}" for line in wrapped(parts))


def _is_natural_order(model: Model, shown: IntArray) -> bool:
    """Whether the columns appear in their order when only these stand in the objective."""
    products = model.quadratic_objective
    first = [] if products is None else [np.stack([products.first, products.second], axis=1).ravel()]
    if model.quadratic_rows is not None:
        return bool(len(shown) == model.n_columns)
    seen = np.concatenate([shown, *first, model.row_columns])
    found, places = np.unique(seen, return_index=True)
    return len(found) == model.n_columns and bool(np.all(np.diff(places) > 0))


def _bracket(first: IntArray, second: IntArray, values: FloatArray, names: np.ndarray, end: str) -> list[str]:
    terms = [
        f"{value} {left}^2" if left == right else f"{value} {left} * {right}"
        for value, left, right in zip(signed_numerals(values), names[first], names[second], strict=True)
    ]
    return ["+ [", *terms, f"]{end}"]


def _row_lines(model: Model, names: np.ndarray, rows: Sequence[str]) -> Iterator[str]:
    entries = [
        f"{value} {name}"
        for value, name in zip(signed_numerals(model.row_values), names[model.row_columns], strict=True)
    ]
    is_equal = model.row_lower == model.row_upper
    sides = numerals(np.where(np.isfinite(model.row_lower), model.row_lower, model.row_upper))
    signs = np.where(is_equal, "=", np.where(np.isfinite(model.row_lower), ">=", "<=")).tolist()
    starts = model.row_starts.tolist()
    products = model.quadratic_rows
    product_starts = (
        [0] * (model.n_rows + 1)
        if products is None
        else np.searchsorted(products.row, np.arange(model.n_rows + 1)).tolist()
    )
    for row, name in enumerate(rows):
        terms = entries[starts[row] : starts[row + 1]]
        own = slice(product_starts[row], product_starts[row + 1])
        if products is not None and own.start < own.stop:
            terms += _bracket(products.first[own], products.second[own], products.coefficient[own], names, "")
        if not terms:
            terms = [f"0 {names[0]}"]
        *lines, last = wrapped(terms)
        for place, line in enumerate([*lines, f"{last} {signs[row]} {sides[row]}"]):
            yield f"  {line}" if place else f" {name}: {line}"


def _bound_lines(model: Model, columns: Sequence[str]) -> Iterator[str]:
    stated = ((model.column_lower != 0.0) | (model.column_upper != np.inf)) & ~is_binary(model)
    places = np.flatnonzero(stated)
    lower, upper = model.column_lower[places].tolist(), model.column_upper[places].tolist()
    for place, low, high in zip(places.tolist(), lower, upper, strict=True):
        name = columns[place]
        if low == high:
            yield f" {name} = {numeral(low)}"
        elif low == -np.inf and high == np.inf:
            yield f" {name} free"
        elif high == np.inf:
            yield f" {name} >= {numeral(low)}"
        elif low == -np.inf:
            yield f" -inf <= {name} <= {numeral(high)}"
        else:
            yield f" {numeral(low)} <= {name} <= {numeral(high)}"
