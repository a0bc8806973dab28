"""Finds the declared columns whose missing bounds make a polynomial unbounded, however deep they stand."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from nl2opt.formulation.compilation.intervals import Interval
from nl2opt.formulation.evaluation.definitions import Definitions
from nl2opt.formulation.evaluation.polynomial import Polynomial

_Ask = tuple[int, bool]
"""A column, and whether its upper bound is asked for."""


def missing_bounds(
    body: Polynomial,
    row: int,
    *,
    is_upper: bool,
    definitions: Definitions,
    box: Interval,
    name_of_column: Callable[[int], str],
) -> list[tuple[str, str]]:
    """Return the declared columns whose bounds a polynomial lacks, each with the side: `upper` or `lower`.

    Each column is looked at once for each side, since nested functions name the same columns again and again.

    Args:
        body: polynomials over declared and defined columns.
        row: which of them.
        is_upper: whether its upper bound is asked for.
        definitions: what the defined columns stand for.
        box: bounds of all columns.
        name_of_column: the name of a declared column.
    """
    found: dict[tuple[str, str], None] = {}
    asks = list(_columns_of(body, row, is_upper=is_upper))[::-1]
    seen = set(asks)
    while asks:
        column, upper = asks.pop()
        if np.isfinite((box.upper if upper else box.lower)[column]):
            continue
        if column < definitions.first:
            found[name_of_column(column), "upper" if upper else "lower"] = None
            continue
        definition = next(d for d in definitions.entries if d.first <= column < d.columns.stop)
        inside = np.flatnonzero(definition.owner == column - definition.first).tolist()
        fresh = {
            ask: None
            for place in inside
            for ask in _columns_of(definition.arguments, place, is_upper=upper)
            if ask not in seen
        }
        seen.update(fresh)
        asks.extend(reversed(fresh))
    return list(found)


def _columns_of(body: Polynomial, row: int, *, is_upper: bool) -> Iterator[_Ask]:
    """Yield the columns of one polynomial, each with the side that its bound needs; both for products."""
    for terms in (*body.linear, *body.quadratic):
        keep = terms.explicit_rows() == row
        coefficients = np.broadcast_to(terms.coefficients, (terms.count,))[keep].tolist()
        for columns in terms.columns:
            for column, coefficient in zip(columns[keep].tolist(), coefficients, strict=True):
                sides = (is_upper == (coefficient > 0),) if len(terms.columns) == 1 else (False, True)
                yield from ((column, upper) for upper in sides)
