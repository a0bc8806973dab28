"""A fingerprint of what a formulation demands, which names, order and the scale of rows do not change.

The flat model is brought to one form and hashed by colour refinement (Weisfeiler and Leman 1968; for sums of hashes as
multisets see Shervashidze et al., JMLR 2011) on the graph of columns and rows:

* a maximised objective is minimised with the opposite sign; its scale and its constant count;
* every row becomes one or two rows `a x <= b`: `>=` is turned, `==` and two-sided rows are both halves, so that an
  equality and its two inequalities are one structure;
* each half is divided by its largest coefficient in size;
* a row of one column is a bound of that column (the tightest counts), so that `x <= 5` as a row and `upper: 5` are one;
* a binary column is a whole one between 0 and 1;
* rows without columns that hold always are dropped, one that is false counts as such;
* a row that is demanded under a condition is tied to the column of the condition, and is never a bound;
* numbers are rounded to 9 significant digits, since scaling costs the last few of sixteen.

What refinement cannot tell apart has one fingerprint: for linear programs that is harmless, since these agree in
feasibility and optimum (Chen et al., ICLR 2023); integer programs of high symmetry may differ all the same.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from nl2opt.formulation.compilation.compiler import compile_formulation
from nl2opt.formulation.evaluation.elements import BoolArray, FloatArray, IntArray
from nl2opt.formulation.schema import Formulation
from solvers import Kind, Model, Sense

_VERSION: Final = b"structure 1"
_DIGITS: Final = 9
_MOST_ROUNDS: Final = 32
"""Longest path along which structure is compared; chains of periods would need a round for each."""
_CONSTANT_TOLERANCE: Final = 1e-9
_READ: Final = frozenset({
    "sense", "column_lower", "column_upper", "column_kind", "objective", "objective_constant", "row_starts",
    "row_columns", "row_values", "row_lower", "row_upper", "quadratic_objective", "quadratic_rows", "column_name",
    "row_name", "title", "indicators",
})  # fmt: skip
"""The fields of a model that refinement reads, or that are names."""
Colours = NDArray[np.uint64]


def structure_hash(formulation: Formulation) -> str:
    """Return the fingerprint of a formulation, 64 hexadecimal digits.

    Raises:
        FormulationError: the formulation has no single meaning.
    """
    compiled = compile_formulation(formulation).require()
    if len(compiled.stages) < 2:
        return model_structure_hash(compiled.model)
    digest = hashlib.sha256(_VERSION)
    for stage in compiled.stages:
        is_last = stage is compiled.stages[-1]  # whose tolerance nothing uses
        tolerance = "" if is_last else f" {stage.tolerance!r}"
        digest.update(f"{model_structure_hash(stage.applied_to(compiled.model))}{tolerance}\n".encode())
    return digest.hexdigest()


def model_structure_hash(model: Model) -> str:
    """Return the fingerprint of a flat model; see the module."""
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        halves = _halves(model)
        columns, rows = _refined(halves, _column_colours(model, halves), _row_colours(halves))
    digest = hashlib.sha256(_VERSION)
    sign = -1.0 if model.sense is Sense.MAXIMIZE else 1.0
    digest.update(_rounded(np.array([sign * model.objective_constant])).tobytes())
    digest.update(bytes([halves.is_false]))
    for field in fields(model):
        # What refinement does not read yet counts as it stands: it may tell equals apart, never take others for equal.
        value = getattr(model, field.name)
        if field.name not in _READ and value is not None and not (isinstance(value, tuple) and not value):
            digest.update(f"{field.name}{_content(value)}".encode())
    for colours in (columns, rows):
        digest.update(np.int64(len(colours)).tobytes())
        digest.update(np.sort(colours).astype("<u8").tobytes())
    return digest.hexdigest()


def _content(value: Any) -> str:
    """Return arrays and what holds them as text, in full."""
    if is_dataclass(value) and not isinstance(value, type):
        parts = [(field.name, _content(getattr(value, field.name))) for field in fields(value) if field.name != "name"]
        return repr((type(value).__name__, parts))
    if isinstance(value, tuple):
        return repr([_content(part) for part in value])
    return repr(value.tolist() if isinstance(value, np.ndarray) else value)


@dataclass(frozen=True, slots=True, eq=False)
class _Halves:
    """The rows `a x <= b` of a model in one form, and its quadratic terms.

    Attributes:
        lower, upper: bounds of the columns, those that rows state included.
        is_false: whether a row without columns can never hold.
        sides: b of each row, scaled.
        row, column, value: the entries, sorted by row.
        products: the quadratic terms of rows (n_rows and above: of the objective).
        n_columns: of the model.
    """

    lower: FloatArray
    upper: FloatArray
    is_false: bool
    sides: FloatArray
    row: IntArray
    column: IntArray
    value: FloatArray
    products: _Products
    n_columns: int

    @property
    def n_rows(self) -> int:
        return len(self.sides)


@dataclass(frozen=True, slots=True, eq=False)
class _Products:
    """Terms `value * x[first] * x[second]` of rows, each pair once in a row."""

    row: IntArray
    first: IntArray
    second: IntArray
    value: FloatArray


_NONE: Final = np.empty(0, np.int64)
_NO_PRODUCTS: Final = _Products(_NONE, _NONE, _NONE, np.empty(0))


def _halves(model: Model) -> _Halves:
    n, m = model.n_columns, model.n_rows
    row, column, value = model.entry_rows(), np.asarray(model.row_columns, np.int64), model.row_values
    row, column, value = (part[value != 0] for part in (row, column, value))
    products = _row_products(model)
    counts = np.bincount(row, minlength=m)
    is_linear = np.bincount(products.row, minlength=m)[:m] == 0
    if model.indicators is not None:
        is_linear[model.indicators.row] = False  # what is demanded at times is neither a bound nor false
    empty = (counts == 0) & is_linear
    false = empty & ((model.row_lower > _CONSTANT_TOLERANCE) | (model.row_upper < -_CONSTANT_TOLERANCE))
    single = (counts == 1) & is_linear
    lower, upper = _tightened(model, single, row, column, value)
    size = _largest(row, value, m)
    np.maximum(size, _largest(products.row, products.value, m), out=size)
    size[size == 0] = 1.0
    kept = ~empty & ~single
    above, below = kept & np.isfinite(model.row_upper), kept & np.isfinite(model.row_lower)
    first_half = np.cumsum(above) - 1
    second_half = np.cumsum(below) - 1 + int(above.sum())
    rows, columns, values = _doubled(row, (column,), value / size[row], above, below, first_half, second_half)
    product_rows, pairs, product_values = _doubled(
        products.row,
        (products.first, products.second),
        products.value / size[products.row],
        above, below, first_half, second_half,
    )  # fmt: skip
    sides = np.concatenate(((model.row_upper / size)[above], (-model.row_lower / size)[below]))
    order = np.argsort(rows, kind="stable")
    own = _objective_products(model, len(sides))
    conditions = _conditions(model, above, below, first_half, second_half)
    return _Halves(
        lower, upper, bool(false.any()), sides,
        rows[order], columns[0][order], values[order],
        _Products(
            np.concatenate((product_rows, own.row, conditions.row)),
            np.concatenate((pairs[0], own.first, conditions.first)),
            np.concatenate((pairs[1], own.second, conditions.second)),
            np.concatenate((product_values, own.value, conditions.value)),
        ),
        n,
    )  # fmt: skip


def _conditions(
    model: Model, above: BoolArray, below: BoolArray, first_half: IntArray, second_half: IntArray
) -> _Products:
    """Return the conditions of rows as products that no other term is like: an infinite square for each half."""
    found = model.indicators
    if found is None:
        return _NO_PRODUCTS
    up, down = above[found.row], below[found.row]
    rows = np.concatenate((first_half[found.row[up]], second_half[found.row[down]]))
    columns = np.concatenate((found.column[up], found.column[down])).astype(np.int64)
    values = np.where(np.concatenate((found.value[up], found.value[down])) == 1, np.inf, -np.inf)
    return _Products(rows, columns, columns, values)


def _doubled(
    row: IntArray,
    columns: tuple[IntArray, ...],
    value: FloatArray,
    above: BoolArray,
    below: BoolArray,
    first_half: IntArray,
    second_half: IntArray,
) -> tuple[IntArray, tuple[IntArray, ...], FloatArray]:
    """Return entries for the halves `a x <= upper` and `-a x <= -lower` of rows."""
    up, down = above[row], below[row]
    rows = np.concatenate((first_half[row[up]], second_half[row[down]]))
    return (
        rows,
        tuple(np.concatenate((column[up], column[down])) for column in columns),
        np.concatenate((value[up], -value[down])),
    )


def _tightened(
    model: Model, single: BoolArray, row: IntArray, column: IntArray, value: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the bounds of columns, those that rows of one column state included."""
    lower, upper = model.column_lower.copy(), model.column_upper.copy()
    here = single[row]
    column, divisor = column[here], value[here]
    one, other = model.row_lower[row[here]] / divisor, model.row_upper[row[here]] / divisor
    np.maximum.at(lower, column, np.minimum(one, other))
    np.minimum.at(upper, column, np.maximum(one, other))
    return lower, upper


def _largest(row: IntArray, value: FloatArray, n_rows: int) -> FloatArray:
    largest = np.zeros(n_rows)
    np.maximum.at(largest, row, np.abs(value))
    return largest


def _row_products(model: Model) -> _Products:
    terms = model.quadratic_rows
    if terms is None:
        return _NO_PRODUCTS
    return _summed(terms.row, terms.first, terms.second, terms.coefficient)


def _objective_products(model: Model, row: int) -> _Products:
    terms = model.quadratic_objective
    if terms is None:
        return _NO_PRODUCTS
    sign = -1.0 if model.sense is Sense.MAXIMIZE else 1.0
    rows = np.full(len(terms.first), row)
    return _summed(rows, terms.first, terms.second, sign * terms.coefficient)


def _summed(
    row: NDArray[np.integer], first: NDArray[np.integer], second: NDArray[np.integer], value: FloatArray
) -> _Products:
    """Add the terms of one pair in one row up; those that come to nothing are left out."""
    low, high = np.minimum(first, second).astype(np.int64), np.maximum(first, second).astype(np.int64)
    order = np.lexsort((high, low, row))
    keys = np.stack((row.astype(np.int64), low, high))[:, order]
    begins = np.flatnonzero(np.concatenate(([True], (keys[:, 1:] != keys[:, :-1]).any(axis=0))))
    total = np.add.reduceat(value[order], begins) if len(order) else value
    kept = begins[total != 0] if len(order) else begins[:0]
    rows, lows, highs = keys[:, kept]
    return _Products(rows, lows, highs, total[total != 0])


# -- colours --------------------------------------------------------------------------------------------------


def _column_colours(model: Model, halves: _Halves) -> Colours:
    sign = -1.0 if model.sense is Sense.MAXIMIZE else 1.0
    whole = (np.asarray(model.column_kind) != Kind.CONTINUOUS).astype(np.uint64)
    colours = _mixed(whole)
    for part in (halves.lower, halves.upper, sign * model.objective):
        colours = _mixed(colours + _rounded(part))
    return colours


def _row_colours(halves: _Halves) -> Colours:
    """Return a colour for each row, and one for the quadratic terms of the objective."""
    sides = _mixed(_rounded(halves.sides) + np.uint64(0x5EED))
    return np.concatenate((sides, np.array([0x0B1EC7], np.uint64)))


def _refined(halves: _Halves, columns: Colours, rows: Colours) -> tuple[Colours, Colours]:
    """Refine colours until no more are told apart: each takes in the multiset of its neighbours' colours."""
    entry = _rounded(halves.value)
    row_ends = np.searchsorted(halves.row, np.arange(len(rows) + 1))
    by_column = np.argsort(halves.column, kind="stable")
    column_ends = np.searchsorted(halves.column[by_column], np.arange(len(columns) + 1))
    rows_by_column, entry_by_column = halves.row[by_column], entry[by_column]
    count = 0
    for _ in range(_MOST_ROUNDS):
        seen = _sums(_mixed(_mixed(columns[halves.column]) + entry), row_ends)
        new_rows = _mixed(_mixed(rows) + seen)
        seen = _sums(_mixed(_mixed(rows[rows_by_column] + np.uint64(1)) + entry_by_column), column_ends)
        new_columns = _mixed(_mixed(columns) + seen)
        if len(halves.products.row):
            new_rows, new_columns = _with_products(halves.products, columns, rows, new_columns, new_rows)
        columns, rows = new_columns, new_rows
        distinct = len(np.unique(columns)) + len(np.unique(rows))
        if distinct == count:
            break
        count = distinct
    return columns, rows


def _with_products(
    products: _Products, columns: Colours, rows: Colours, new_columns: Colours, new_rows: Colours
) -> tuple[Colours, Colours]:
    """Take in the quadratic terms: a row sees unordered pairs, a column its partner and the row."""
    value = _rounded(products.value)
    one, other = _mixed(columns[products.first] + np.uint64(2)), _mixed(columns[products.second] + np.uint64(2))
    square = (products.first == products.second).astype(np.uint64)
    row_message = _mixed(_mixed(one + other) + value + square)
    new_rows, new_columns = new_rows.copy(), new_columns.copy()
    np.add.at(new_rows, products.row, row_message)
    row = _mixed(rows[products.row] + value + square)
    np.add.at(new_columns, products.first, _mixed(row + other))
    np.add.at(new_columns, products.second, _mixed(row + one))
    return _mixed(new_rows), _mixed(new_columns)


def _sums(messages: Colours, ends: IntArray) -> Colours:
    """Return the sum of the messages of each run, modulo 2^64: equal multisets have equal sums."""
    running = np.concatenate((np.zeros(1, np.uint64), np.cumsum(messages, dtype=np.uint64)))
    total: Colours = running[ends[1:]] - running[ends[:-1]]
    return total


def _mixed(values: Colours) -> Colours:
    """Return well spread hashes of whole numbers (the finaliser of SplitMix64, Steele et al. 2014)."""
    mixed = values + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    result: Colours = mixed ^ (mixed >> np.uint64(31))
    return result


def _rounded(numbers: FloatArray) -> Colours:
    """Return hashes of numbers that are equal when the numbers agree in 9 significant digits."""
    finite = np.where(np.isfinite(numbers), numbers, 0.0)
    size = np.abs(finite)
    exponent = np.floor(np.log10(np.where(size > 0, size, 1.0))).astype(np.int64)
    shift = _DIGITS - 1 - exponent
    half = shift // 2  # in two steps, since 10^400 is no float
    digits = np.rint(finite * 10.0**half * 10.0 ** (shift - half)).astype(np.int64)
    over = np.abs(digits) >= 10**_DIGITS
    digits, exponent = np.where(over, digits // 10, digits), exponent + over
    digits = np.where(np.isposinf(numbers), 10**_DIGITS + 1, np.where(np.isneginf(numbers), -(10**_DIGITS) - 1, digits))
    return _mixed(_mixed(digits.astype(np.uint64)) + exponent.astype(np.uint64))
