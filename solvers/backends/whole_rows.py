"""Rows with whole coefficients that demand exactly what rows with decimal ones demand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from solvers.decimals import LARGEST, Decimals, decimals_of

_NO_LOWER: Final = -(2**63)
_NO_UPPER: Final = 2**63 - 1
_TOLERANCE: Final = 1e-9
_LARGEST_TOLERANCE: Final = 1e-3

_FloatArray = NDArray[np.float64]
_Int64Array = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WholeRows:
    """Rows times `10**power / divisor`, in the order of their entries.

    Attributes:
        values: int64 (k,), the coefficients; 0 where they are too large.
        power, divisor: int64 (m,), what each row was scaled by; each divisor is at least 1.
        too_large: bool (k,), the entries whose size is not below `LARGEST`.
    """

    values: _Int64Array
    power: _Int64Array
    divisor: _Int64Array
    too_large: NDArray[np.bool_]


def whole_rows(values: _FloatArray, row: NDArray[np.integer], n_rows: int) -> WholeRows:
    """Scale each row by the least power of ten that makes its coefficients whole, and divide out what they share.

    Args:
        values: float64 (k,), coefficients.
        row: int (k,), the row of each, ascending.
        n_rows: number of rows.
    """
    decimals = decimals_of(values)
    power = np.zeros(n_rows, np.int64)
    np.maximum.at(power, row, decimals.places)
    whole, too_large = decimals.times_power(power[row])
    divisor = np.ones(n_rows, np.int64)
    begins = np.flatnonzero(np.diff(row, prepend=-1))
    if len(begins):
        divisor[row[begins]] = np.maximum(np.gcd.reduceat(np.abs(whole), begins), 1)
    return WholeRows(values=whole // divisor[row], power=power, divisor=divisor, too_large=too_large)


def whole_sides(lower: _FloatArray, upper: _FloatArray, rows: WholeRows) -> tuple[_Int64Array, _Int64Array]:
    """Return the sides (m,) of scaled rows, rounded inwards; a side that misses a whole number by 1e-9 means it.

    Sides that no row reaches whose terms add up to less than `LARGEST` come back as `LARGEST` in size, sides that
    are infinite as the ends of 64 bits.
    """
    floors, fractions = _quotients(lower, rows)
    least = np.where(fractions <= _tolerance(floors), floors, floors + 1)
    floors, fractions = _quotients(upper, rows)
    most = np.where(fractions >= 1.0 - _tolerance(floors), floors + 1, floors)
    least = np.where(lower == -np.inf, _NO_LOWER, np.where(lower == np.inf, LARGEST, least))
    most = np.where(upper == np.inf, _NO_UPPER, np.where(upper == -np.inf, -LARGEST, most))
    return least, most


def _quotients(side: _FloatArray, rows: WholeRows) -> tuple[_Int64Array, _FloatArray]:
    finite = np.where(np.isfinite(side), side, 0.0)
    decimals: Decimals = decimals_of(finite)
    floors, fractions, too_large = decimals.parts(rows.power)
    floors, rest = np.divmod(floors, rows.divisor)
    fractions = (rest + fractions) / rows.divisor
    beyond = np.where(finite > 0, LARGEST, -LARGEST)
    # A side near zero may have more digits than 64 bits hold; one far out is beyond every row.
    scaled = np.abs(finite) * 10.0 ** rows.power.astype(np.float64) / rows.divisor
    tiny = too_large & (scaled < 1.0)
    fractions = np.where(tiny, np.where(finite > 0, scaled, 1.0 - scaled), np.where(too_large, 0.0, fractions))
    floors = np.where(tiny, np.where(finite > 0, 0, -1), np.where(too_large, beyond, floors))
    return floors, fractions


def _tolerance(floors: _Int64Array) -> _FloatArray:
    return np.minimum(_TOLERANCE * np.maximum(1.0, np.abs(floors.astype(np.float64))), _LARGEST_TOLERANCE)
