"""In what two flat models of one problem differ, in words; both may call their variables what they like."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from nl2opt.formulation.analysis.row_words import row_text
from nl2opt.formulation.compilation.structure import model_structure_hash
from nl2opt.formulation.evaluation.elements import BoolArray, FloatArray, IntArray
from nl2opt.formulation.words.quantities import number
from solvers import Kind, Model

_SHOWN: Final = 4
_DIGITS: Final = 6
_TOLERANCE: Final = 1e-9
_SEED: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NamedModel:
    """A model, and what people call it: `the formulation`."""

    name: str
    model: Model


@dataclass(frozen=True, slots=True, eq=False)
class _Shape:
    """A model with its rows of one column folded into bounds.

    Attributes:
        lower, upper: float64 (n,).
        whole: bool (n,).
        row: int (h,), the row of each half `a x <= b`; an equation has two.
        sign: float64 (h,), -1 for the halves that were turned.
        side: float64 (h,), `b`.
    """

    model: Model
    lower: FloatArray
    upper: FloatArray
    whole: BoolArray
    row: IntArray
    sign: FloatArray
    side: FloatArray

    @classmethod
    def of(cls, model: Model) -> _Shape:
        row, column, value = model.entry_rows(), model.row_columns, model.row_values
        used = value != 0
        row, column, value = row[used], column[used], value[used]
        single = np.bincount(row, minlength=model.n_rows) == 1
        lower, upper = model.column_lower.copy(), model.column_upper.copy()
        here = single[row]
        one, other = (side[row[here]] / value[here] for side in (model.row_lower, model.row_upper))
        np.maximum.at(lower, column[here], np.minimum(one, other))
        np.minimum.at(upper, column[here], np.maximum(one, other))
        many = np.bincount(row, minlength=model.n_rows) > 1
        above = np.flatnonzero(many & np.isfinite(model.row_upper))
        below = np.flatnonzero(many & np.isfinite(model.row_lower))
        return cls(
            model, lower, upper, model.column_kind != Kind.CONTINUOUS,
            np.concatenate((above, below)),
            np.concatenate((np.ones(len(above)), -np.ones(len(below)))),
            np.concatenate((model.row_upper[above], -model.row_lower[below])),
        )  # fmt: skip

    @property
    def n_rows(self) -> int:
        """Number of rows with more than one column."""
        return len(np.unique(self.row))

    def signatures(self, weights: FloatArray) -> FloatArray:
        """Return float64 (h, 3) that agree for halves that demand the same, whatever their scale.

        Args:
            weights: float64 (n, 2), the weights of the columns.
        """
        model = self.model
        entry = model.entry_rows()
        size = np.zeros(model.n_rows)
        np.maximum.at(size, entry, np.abs(model.row_values))
        size[size == 0] = 1.0
        sums = [
            np.bincount(entry, weights=model.row_values * weights[model.row_columns, part], minlength=model.n_rows)
            for part in range(2)
        ]
        parts = [self.sign * total[self.row] for total in sums]
        signatures: FloatArray = np.round(np.stack([*parts, self.side], axis=1) / size[self.row, None], _DIGITS) + 0.0
        return signatures


def demand_the_same(first: Model, second: Model) -> bool:
    """Whether two models demand exactly the same under other names, as far as the structure hash can tell."""
    return model_structure_hash(first) == model_structure_hash(second)


def differences(first: NamedModel, second: NamedModel) -> list[str]:
    """Say in what two models differ: variables, kinds, bounds, objective, rows.

    Variables are brought together by their names, or, where these differ, by their coefficients in the objective, if
    these tell them apart; else only counts are compared.

    Args:
        first: whose names are used where variables are named.
        second: what it is compared with.
    """
    one, other = _Shape.of(first.model), _Shape.of(second.model)
    order = _matched(first.model, second.model)
    if order is None:
        return list(_in_counts(first, one, second, other))
    return [*_in_columns(first, one, second, other, order), *_in_rows(first, one, second, other, order)]


def _matched(first: Model, second: Model) -> IntArray | None:
    """Return for each column of the first model that of the second which means the same; `None` where unclear."""
    if first.n_columns != second.n_columns:
        return None
    names = [_plain_names(model) for model in (first, second)]
    by_name = {name: column for column, name in enumerate(names[1])}
    if len(by_name) == len(names[1]) and set(names[0]) == set(by_name):
        return np.array([by_name[name] for name in names[0]], np.int64)
    gains = [np.asarray(model.objective) for model in (first, second)]
    orders = [np.argsort(gain, kind="stable") for gain in gains]
    ascending = [gain[order] for gain, order in zip(gains, orders, strict=True)]
    if not len(ascending[0]) or not np.all(np.diff(ascending[0]) > _TOLERANCE):
        return None
    if not np.allclose(ascending[0], ascending[1], rtol=_TOLERANCE, atol=0):
        return None
    matched: IntArray = np.empty(first.n_columns, np.int64)
    matched[orders[0]] = orders[1]
    return matched


def _plain_names(model: Model) -> list[str]:
    """Return the names of the columns, written alike: `make['Chair']` and `make(chair)` are one."""
    names = "\0".join(map(model.name_of_column, range(model.n_columns))).lower()
    return re.sub(r"[\s'\"]", "", names).replace("(", "[").replace(")", "]").split("\0")


def _in_columns(first: NamedModel, one: _Shape, second: NamedModel, other: _Shape, order: IntArray) -> Iterator[str]:
    name = first.model.name_of_column
    for column in np.flatnonzero(one.whole != other.whole[order])[:_SHOWN].tolist():
        whole, split = (first, second) if one.whole[column] else (second, first)
        yield f"{name(column)} is whole in {whole.name} and may be a fraction in {split.name}."
    for word, mine, theirs in (("lower", one.lower, other.lower[order]), ("upper", one.upper, other.upper[order])):
        differ = ~np.isclose(mine, theirs, rtol=_TOLERANCE, atol=_TOLERANCE)
        for column in np.flatnonzero(differ)[:_SHOWN].tolist():
            sides = [(first.name, float(mine[column])), (second.name, float(theirs[column]))]
            yield f"{name(column)} has {_bounds(word, sides)}."
    mine, theirs = first.model.objective, second.model.objective[order]
    for column in np.flatnonzero(~np.isclose(mine, theirs, rtol=_TOLERANCE, atol=_TOLERANCE))[:_SHOWN].tolist():
        yield (
            f"In the objective, {name(column)} counts {number(float(mine[column]))} in {first.name} and "
            f"{number(float(theirs[column]))} in {second.name}."
        )
    yield from _in_objectives(first, second)


def _in_objectives(first: NamedModel, second: NamedModel) -> Iterator[str]:
    if first.model.sense is not second.model.sense:
        yield _sentence(f"{first.name} is to {first.model.sense.value}, {second.name} to {second.model.sense.value}.")
    constants = [float(named.model.objective_constant) for named in (first, second)]
    if abs(constants[0] - constants[1]) > _TOLERANCE * max(1.0, *map(abs, constants)):
        yield (
            f"The objective has the constant {number(constants[0])} in {first.name} and {number(constants[1])} in "
            f"{second.name}."
        )


def _bounds(word: str, sides: list[tuple[str, float]]) -> str:
    finite = [(name, value) for name, value in sides if np.isfinite(value)]
    if len(finite) == 2:
        (one, mine), (other, theirs) = finite
        return f"the {word} bound {number(mine)} in {one} and {number(theirs)} in {other}"
    ((one, value),) = finite
    (other,) = [name for name, _ in sides if name != one]
    return f"the {word} bound {number(value)} in {one} and none in {other}"


def _in_rows(first: NamedModel, one: _Shape, second: NamedModel, other: _Shape, order: IntArray) -> Iterator[str]:
    weights = np.random.default_rng(_SEED).uniform(0.5, 1.5, (first.model.n_columns, 2))
    theirs = np.empty_like(weights)
    theirs[order] = weights
    both = np.concatenate((one.signatures(weights), other.signatures(theirs)))
    if not len(both):
        return
    _, place = np.unique(both, axis=0, return_inverse=True)
    place = place.reshape(-1)
    owner = np.arange(len(both)) >= len(one.row)
    counts = [np.bincount(place[owner == side], minlength=int(place.max()) + 1) for side in (False, True)]
    for side, named, shape in ((0, first, one), (1, second, other)):
        lonely = counts[1 - side][place[owner == bool(side)]] == 0
        rows = np.unique(shape.row[lonely]).tolist()
        texts = [f"`{row_text(named.model, row)}`" for row in rows[:_SHOWN]]
        more = f" and {len(rows) - _SHOWN} more" if len(rows) > _SHOWN else ""
        if texts:
            yield f"Only {named.name} demands {', '.join(texts)}{more}."


def _in_counts(first: NamedModel, one: _Shape, second: NamedModel, other: _Shape) -> Iterator[str]:
    shapes = (one, other)
    for noun, rest, counts in (
        ("variable", "", [shape.model.n_columns for shape in shapes]),
        ("whole variable", "", [int(shape.whole.sum()) for shape in shapes]),
        ("variable", " with an upper bound", [int(np.isfinite(shape.upper).sum()) for shape in shapes]),
        ("row", " of more than one variable", [shape.n_rows for shape in shapes]),
    ):
        if counts[0] != counts[1]:
            words = [f"{count} {noun}{'s' * (count != 1)}{rest}" for count in counts]
            yield _sentence(f"{first.name} has {words[0]}, {second.name} {words[1]}.")
    mine, theirs = (np.sort(shape.model.objective[shape.model.objective != 0]) for shape in (one, other))
    if len(mine) != len(theirs) or not np.allclose(mine, theirs, rtol=_TOLERANCE, atol=0):
        alone = [np.setdiff1d(mine, theirs)[:_SHOWN], np.setdiff1d(theirs, mine)[:_SHOWN]]
        for named, values in ((first, alone[0]), (second, alone[1])):
            if len(values):
                shown = ", ".join(number(float(value)) for value in values)
                yield f"Only in the objective of {named.name}: {shown}."
    yield from _in_objectives(first, second)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
