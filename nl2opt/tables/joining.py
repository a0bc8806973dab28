"""Finds the rows of a table among the elements of sets: joins on labels, without a loop over rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from nl2opt.formulation.evaluation.elements import IntArray, SetTable
from nl2opt.tables.table import TextArray

if TYPE_CHECKING:
    import pandas as pd

MISSING = -1


def labels_of_set(dimension: SetTable) -> list[TextArray]:
    """Return the elements of a set as texts, one array (size,) for each component."""
    labels = dimension.labels()
    if dimension.arity == 1:
        return [np.array(list(map(str, labels)), object)]
    parts = zip(*labels, strict=True) if labels else [()] * dimension.arity
    return [np.array(list(map(str, part)), object) for part in parts]


def positions_in_set(cells: Sequence[TextArray], dimension: SetTable) -> IntArray:
    """Return for each row the position of its element in a set (n,); `MISSING` where it is not in it.

    Args:
        cells: one array of labels (n,) for each component of the set's elements.
        dimension: the set.
    """
    import pandas as pd

    known = labels_of_set(dimension)
    if dimension.arity == 1:
        return _indexed(pd.Index(known[0], dtype=object), cells[0])
    member = np.zeros(dimension.size, np.int64)
    wanted = np.zeros(len(cells[0]), np.int64)
    strange = np.zeros(len(cells[0]), np.bool_)
    for of_set, of_rows in zip(known, cells, strict=True):
        distinct = pd.Index(pd.unique(of_set), dtype=object)
        part = _indexed(distinct, of_rows)
        strange |= part == MISSING
        wanted = wanted * len(distinct) + np.maximum(part, 0)
        member = member * len(distinct) + _indexed(distinct, of_set)
    found = np.asarray(pd.Index(member).get_indexer(pd.Index(wanted)), np.int64)
    return np.where(strange, MISSING, found)


def _indexed(known: pd.Index, cells: TextArray) -> IntArray:
    import pandas as pd

    codes, distinct = pd.factorize(cells)
    if not len(distinct):
        return np.full(len(cells), MISSING, np.int64)
    places = np.asarray(known.get_indexer(pd.Index(distinct, dtype=object)), np.int64)
    return np.asarray(places[codes], np.int64)
