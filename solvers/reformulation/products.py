"""Products with a binary column written as linear rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from solvers.errors import UnsupportedModelError
from solvers.model import FloatArray, IntArray, Kind, Model
from solvers.reformulation.bounds import tightened_bounds
from solvers.reformulation.extension import Entries, Extension, spans

MOST_VALUES: Final = 64
"""Up to so many values an integer column is written in binary columns."""
LARGEST_BOUND: Final = 1e6
"""A factor that can be larger would let a solver keep a product although its binary column is a hair above 0."""

Part = tuple[IntArray, IntArray, FloatArray]

_OBJECTIVE: Final = -1
"""Stands for a row where terms of the objective and of rows are together."""


def without_products(model: Model, *, of_rows: bool = True, of_objective: bool = True) -> Model:
    """Return a model whose quadratic terms are new columns, if each has a binary factor; else the model itself.

    The product w of a binary column b and a column y between l and u is held by `l b <= w <= u b` and
    `y - u (1 - b) <= w <= y - l (1 - b)`, which is exact; the same pair has one column wherever it occurs, and b * b
    is b. An integer column of a few values counts as binary ones: x = l + z0 + 2 z1 + 4 z2 ...

    McCormick, Computability of global solutions to factorable nonconvex programs: part I, Mathematical Programming
    10 (1976); Glover, Improved linear integer programming formulations of nonlinear integer problems, Management
    Science 22 (1975).

    Args:
        model: what is to be rewritten.
        of_rows: whether terms of rows are to go.
        of_objective: whether those of the objective are.

    Raises:
        UnsupportedModelError: the other factor of a binary column has no bound, or too large a one.
    """
    terms = _terms(model, of_rows=of_rows, of_objective=of_objective)
    lower, upper = tightened_bounds(model)
    whole = model.column_kind != Kind.CONTINUOUS
    binary = model.column_kind == Kind.BINARY
    n_values = np.where(whole, np.maximum(upper - lower + 1.0, 0.0), np.inf)
    # What a product is switched by: a binary column first, then the column with the fewest values.
    rank = np.where(binary, 0.0, n_values)
    swap = rank[terms.second] < rank[terms.first]
    terms = replace(
        terms,
        first=np.where(swap, terms.second, terms.first),
        second=np.where(swap, terms.first, terms.second),
    )
    if not len(terms.row) or np.any(n_values[terms.first] > MOST_VALUES):
        return model
    square = (terms.first == terms.second) & binary[terms.first]
    _refuse_unbounded(model, terms, lower, upper, ~square)
    extension = Extension(model=_without_terms(model, of_rows=of_rows, of_objective=of_objective))
    linear: list[Part] = [(terms.row[square], terms.first[square], terms.coefficient[square])]
    switched, parts = _in_binaries(extension, terms.chosen(~square), binary, lower, upper)
    linear += parts
    linear.append(_products(extension, switched, lower, upper, whole))
    return _with_linear(extension, Entries.joined(*linear))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Terms:
    """Quadratic terms of the objective and of rows; `first` is the factor that a product is switched by."""

    row: IntArray
    first: IntArray
    second: IntArray
    coefficient: FloatArray

    def chosen(self, mask: NDArray[np.bool_]) -> _Terms:
        return _Terms(
            row=self.row[mask], first=self.first[mask], second=self.second[mask], coefficient=self.coefficient[mask]
        )


def _terms(model: Model, *, of_rows: bool, of_objective: bool) -> _Terms:
    empty = np.empty(0, np.int64)
    parts: list[tuple[IntArray, IntArray, IntArray, FloatArray]] = [(empty, empty, empty, np.empty(0))]
    if of_rows and model.quadratic_rows is not None:
        rows = model.quadratic_rows
        parts.append((rows.row, rows.first, rows.second, rows.coefficient))
    if of_objective and model.quadratic_objective is not None:
        terms = model.quadratic_objective
        parts.append((np.full(len(terms.first), _OBJECTIVE), terms.first, terms.second, terms.coefficient))
    row, first, second, coefficient = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    # Of two binary columns, the first in the model is the one that switches: a pair has one product in any order.
    return _Terms(row=row, first=np.minimum(first, second), second=np.maximum(first, second), coefficient=coefficient)


def _without_terms(model: Model, *, of_rows: bool, of_objective: bool) -> Model:
    return replace(
        model,
        quadratic_rows=None if of_rows else model.quadratic_rows,
        quadratic_objective=None if of_objective else model.quadratic_objective,
    )


def _refuse_unbounded(
    model: Model, terms: _Terms, lower: FloatArray, upper: FloatArray, chosen: NDArray[np.bool_]
) -> None:
    for side, bound in (("lower", lower), ("upper", upper)):
        refused = np.flatnonzero(chosen & (np.abs(bound[terms.second]) > LARGEST_BOUND))
        if len(refused):
            place = int(refused[0])
            first, second = (model.name_of_column(int(ends[place])) for ends in (terms.first, terms.second))
            endless = np.isinf(bound[terms.second[place]])
            trouble = f"{second} has no {side} bound" if endless else f"the {side} bound of {second} is too far away"
            raise UnsupportedModelError(f"The product {first} * {second} cannot be written as linear rows: {trouble}.")


def _in_binaries(
    extension: Extension, terms: _Terms, binary: NDArray[np.bool_], lower: FloatArray, upper: FloatArray
) -> tuple[_Terms, list[Part]]:
    """Write integer columns that switch products in binary ones; return the terms, and linear ones beside them."""
    model = extension.model
    expanded = ~binary[terms.first]
    columns = np.unique(terms.first[expanded])
    if not len(columns):
        return terms, []
    least, width = lower[columns], np.maximum(upper - lower, 0.0)[columns].astype(np.int64)
    n_bits = np.ceil(np.log2(width + 1.0)).astype(np.int64)
    power, owner = spans(np.zeros(len(columns), np.int64), n_bits)
    bits = extension.add_columns(
        len(power), 0.0, 1.0, Kind.BINARY,
        lambda k: f"bit {power[k]} of {model.name_of_column(int(columns[owner[k]]))}",
    )  # fmt: skip
    weight: FloatArray = 2.0 ** power.astype(np.float64)
    extension.add_rows(
        len(columns),
        Entries.joined((np.arange(len(columns)), columns, 1.0), (owner, bits, -weight)),
        least, least, lambda k: f"{model.name_of_column(int(columns[k]))} in bits",
    )  # fmt: skip
    old = terms.chosen(expanded)
    place = np.searchsorted(columns, old.first)
    bit, term = spans((np.cumsum(n_bits) - n_bits)[place], n_bits[place])
    kept = terms.chosen(~expanded)
    switched = _Terms(
        row=np.append(kept.row, old.row[term]),
        first=np.append(kept.first, bits[bit]),
        second=np.append(kept.second, old.second[term]),
        coefficient=np.append(kept.coefficient, old.coefficient[term] * weight[bit]),
    )
    return switched, [(old.row, old.second, old.coefficient * least[place])]


def _products(
    extension: Extension, terms: _Terms, lower: FloatArray, upper: FloatArray, whole: NDArray[np.bool_]
) -> Part:
    """Add a column with its rows for each pair, and return the terms in them."""
    n = extension.n_columns
    pairs, place = np.unique(terms.first * n + terms.second, return_inverse=True)
    switch, factor = pairs // n, pairs % n
    least, most, count = lower[factor], upper[factor], len(pairs)
    name = extension.name_of_column

    def product(k: int) -> str:
        return f"{name(int(switch[k]))} * {name(int(factor[k]))}"

    def row_name(what: str, k: int) -> str:
        return f"{product(k)}, {what}"

    kind = np.where(whole[factor], Kind.INTEGER, Kind.CONTINUOUS)
    kind = np.where(whole[factor] & (least >= 0.0) & (most <= 1.0), Kind.BINARY, kind).astype(np.uint8)
    column = extension.add_columns(count, np.minimum(least, 0.0), np.maximum(most, 0.0), kind, product)
    each = np.arange(count)
    # w - u b <= 0, w - l b >= 0, w - y - l b <= -l, w - y - u b >= -u
    for has_factor, bound, upwards, what in (
        (False, most, True, "at most 0 if off"),
        (False, least, False, "at least 0 if off"),
        (True, least, True, "at most the factor if on"),
        (True, most, False, "at least the factor if on"),
    ):
        parts: list[tuple[IntArray, IntArray, FloatArray | float]] = [(each, column, 1.0), (each, switch, -bound)]
        side: FloatArray = np.zeros(count)
        if has_factor:
            parts.append((each, factor, -1.0))
            side = -bound
        low, high = (-np.inf, side) if upwards else (side, np.inf)
        extension.add_rows(count, Entries.joined(*parts), low, high, partial(row_name, what))
    return terms.row, column[place], terms.coefficient


def _with_linear(extension: Extension, linear: Entries) -> Model:
    """Return the model with linear terms for those of objective and rows that are gone."""
    in_rows = linear.row != _OBJECTIVE
    extension.add_entries(Entries(row=linear.row[in_rows], column=linear.column[in_rows], value=linear.value[in_rows]))
    built = extension.built()
    added = np.bincount(linear.column[~in_rows], weights=linear.value[~in_rows], minlength=built.n_columns)
    return replace(built, objective=built.objective + added)
