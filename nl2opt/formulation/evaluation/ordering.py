"""Sorting of whole numbers that are not negative, as codes and places are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]


def stable_order(keys: IntArray, limit: int) -> IntArray:
    """Return the order that sorts keys, equal ones in the order in which they stand.

    Args:
        keys: int64 (n,), from 0 to below `limit`.
        limit: above all keys.
    """
    return sort_in_place(keys.copy(), limit)


def sort_in_place(keys: IntArray, limit: int) -> IntArray:
    """Sort keys, and return the order that did it; see `stable_order`.

    Each key is joined with its place into one number: numpy sorts numbers with vector instructions, which is several
    times faster than its stable sort of places.
    """
    bits = max(len(keys) - 1, 1).bit_length()
    if limit.bit_length() + bits > 63:
        order = np.argsort(keys, kind="stable")
        keys[:] = keys[order]
        return order
    keys <<= bits
    keys |= np.arange(len(keys))
    keys.sort()
    order = keys & ((1 << bits) - 1)
    keys >>= bits
    return order


def has_repetition(keys: NDArray[np.integer]) -> bool:
    """Whether a number stands twice."""
    ordered = np.sort(keys)
    return bool((ordered[1:] == ordered[:-1]).any())
