"""The arguments of maxima, and which of them count for each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nl2opt.formulation.compilation.intervals import Interval
from nl2opt.formulation.evaluation.definitions import Definition
from nl2opt.formulation.evaluation.elements import BoolArray, FloatArray, IntArray
from nl2opt.formulation.evaluation.polynomial import Polynomial


@dataclass(frozen=True, slots=True, eq=False)
class Arguments:
    """Some arguments of a definition.

    Attributes:
        body: their polynomials.
        owner: the column of each, counted from 0.
        argument: the number of each among those of its column, from 1.
        interval: their bounds, those of the negatives for a minimum.
    """

    definition: Definition
    body: Polynomial
    owner: IntArray
    argument: IntArray
    interval: Interval


def may_be_largest(interval: Interval, owner: IntArray, size: int) -> BoolArray:
    """Tell which arguments can be the largest: one is enough where it is never below the others."""
    if not size:
        return np.zeros(0, np.bool_)
    floor = np.full(size, -np.inf)
    np.maximum.at(floor, owner, interval.lower)
    # The first argument whose lower bound is the floor stays, whatever the others are.
    order = np.lexsort((np.arange(len(owner)), interval.lower != floor[owner], owner))
    anchors = order[np.searchsorted(owner[order], np.arange(size))]
    keep = interval.upper > floor[owner]
    keep[anchors] = True
    return keep


def largest_of_others(values: FloatArray, owner: IntArray, size: int) -> FloatArray:
    """Return for each argument the largest value among the other arguments of its column."""
    order = np.lexsort((values, owner))
    ends = np.searchsorted(owner[order], np.arange(size), "right") - 1
    largest = np.full(size, -np.inf)
    second = np.full(size, -np.inf)
    count = np.bincount(owner, minlength=size)
    some, several = count > 0, count > 1
    largest[some] = values[order[ends[some]]]
    second[several] = values[order[ends[several] - 1]]
    is_top = np.zeros(len(values), np.bool_)
    is_top[order[ends[some]]] = True
    return np.where(is_top, second[owner], largest[owner])
