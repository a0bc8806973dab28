"""Whole numbers for decimal ones, exactly: 0.1 is 1/10, not the nearest binary fraction."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import numpy as np
from numpy.typing import NDArray

LARGEST: Final = 2**62
"""Sizes from here on count as too large: sums and products of them could leave 64 bits."""
_EXACT_FLOAT: Final = 2.0**53
_MOST_PLACES: Final = 18
"""Ten to this power still fits into 64 bits."""
_FEWER_DIGITS: Final = 15
"""So many significant digits survive one operation of floating-point arithmetic."""
_SHORT: Final = 12
_POWERS: Final = np.array([10**places for places in range(_MOST_PLACES + 1)], np.int64)

_FloatArray = NDArray[np.float64]
_Int64Array = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Decimals:
    """Numbers `mantissa / 10**places`.

    Attributes:
        mantissa: int64 (k,).
        places: int64 (k,), digits behind the point, at least 0.
        too_large: bool (k,), numbers with more digits than 64 bits hold; their mantissa is 0.
    """

    mantissa: _Int64Array
    places: _Int64Array
    too_large: NDArray[np.bool_]

    def times_power(self, power: _Int64Array) -> tuple[_Int64Array, NDArray[np.bool_]]:
        """Return the numbers times `10**power` (k,), which must be whole, and which of them are too large."""
        shift = power - self.places
        fits = ~self.too_large & (shift <= _MOST_PLACES)
        factor = _POWERS[np.where(fits, shift, 0)]
        fits &= np.abs(self.mantissa).astype(np.float64) * factor < LARGEST
        return np.where(fits, self.mantissa * np.where(fits, factor, 0), 0), ~fits

    def parts(self, power: _Int64Array) -> tuple[_Int64Array, _FloatArray, NDArray[np.bool_]]:
        """Return the numbers times `10**power`: their floors (k,), the fractions above, and which are too large."""
        dropped = np.clip(self.places - power, 0, None)
        divisor = _POWERS[np.minimum(dropped, _MOST_PLACES)]
        floor, rest = np.divmod(self.mantissa, divisor)
        # Floats print with 17 digits, so that with more places to drop the floor is 0 or -1, and so is the quotient.
        whole = Decimals(mantissa=floor, places=np.minimum(self.places, power), too_large=self.too_large)
        floors, too_large = whole.times_power(power)
        return floors, rest / 10.0 ** dropped.astype(np.float64), too_large


def decimals_of(values: _FloatArray) -> Decimals:
    """Return the decimal numbers that floats stand for: those as which they print.

    What floating-point arithmetic leaves of a short decimal number counts as that number: 0.1 + 0.2 prints as
    0.30000000000000004 and means 0.3. Whole numbers stay as they are.

    Args:
        values: float64 (k,), finite.
    """
    whole = (np.trunc(values) == values) & (np.abs(values) < _EXACT_FLOAT)
    mantissa = np.where(whole, values, 0.0).astype(np.int64)
    places = np.zeros(len(values), np.int64)
    too_large = np.zeros(len(values), bool)
    others = np.flatnonzero(~whole)
    if len(others):
        different, inverse = np.unique(values[others], return_inverse=True)
        pairs = [_decimal(value) for value in different.tolist()]
        mantissa[others] = np.array([number for number, _ in pairs], np.int64)[inverse]
        places[others] = np.array([count for _, count in pairs], np.int64)[inverse]
        too_large[others] = mantissa[others] == 0
    return Decimals(mantissa=mantissa, places=places, too_large=too_large)


def _decimal(value: float) -> tuple[int, int]:
    """Return mantissa and places of a number; (0, 0) for one whose digits do not fit into 64 bits."""
    number = Decimal(repr(value))
    if len(number.as_tuple().digits) > _FEWER_DIGITS:
        shorter = Decimal(f"{value:.{_FEWER_DIGITS}g}").normalize()
        if len(shorter.as_tuple().digits) <= _SHORT:
            number = shorter
    numerator, denominator = number.normalize().as_integer_ratio()
    places = max(0, -int(number.normalize().as_tuple().exponent))
    mantissa = numerator * (10**places // denominator)
    return (mantissa, places) if abs(mantissa) < LARGEST else (0, 0)
