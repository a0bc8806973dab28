from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvers.decimals import LARGEST, decimals_of


def fraction_of(value: float) -> Fraction | None:
    decimals = decimals_of(np.array([value]))
    if decimals.too_large[0]:
        return None
    return Fraction(int(decimals.mantissa[0]), 10 ** int(decimals.places[0]))


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        (0.0, "0"), (3.0, "3"), (-2.5, "-2.5"), (0.1, "0.1"), (1e-10, "0.0000000001"), (1e16, "10000000000000000"),
        (0.1 + 0.2, "0.3"), (0.1 * 3, "0.3"), (0.7999999999999999, "0.8"), (2.9999999999999996, "3"),
        (1 / 3, "0.3333333333333333"), (123456789.125, "123456789.125"),
    ],
)  # fmt: skip
def test_a_float_means_the_decimal_number_that_was_written(value: float, meant: str) -> None:
    assert fraction_of(value) == Fraction(meant)


@pytest.mark.parametrize("value", [1e21, -1e300, float(LARGEST)])
def test_numbers_that_64_bits_do_not_hold_are_told(value: float) -> None:
    assert fraction_of(value) is None


@settings(max_examples=50)
@given(st.integers(-(10**12), 10**12), st.integers(0, 12))
def test_every_short_decimal_number_is_read_exactly(mantissa: int, places: int) -> None:
    assert fraction_of(mantissa / 10**places) == Fraction(mantissa, 10**places)


def test_multiplying_by_a_power_of_ten_is_exact_or_told() -> None:
    decimals = decimals_of(np.array([0.25, 3.0, 3.0]))
    whole, too_large = decimals.times_power(np.array([2, 18, 19]))
    assert whole[0] == 25
    assert whole[1] == 3 * 10**18
    assert too_large.tolist() == [False, False, True]
