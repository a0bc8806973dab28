from fractions import Fraction
from math import ceil, floor

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from solvers.backends.whole_rows import whole_rows, whole_sides

numbers = st.builds(lambda mantissa, places: mantissa / 10**places, st.integers(-(10**6), 10**6), st.integers(0, 4))


def test_each_row_is_scaled_by_itself_and_divided_by_what_its_coefficients_share() -> None:
    rows = whole_rows(np.array([0.1, 0.25, 20, 40]), np.array([0, 0, 2, 2]), 3)
    assert rows.values.tolist() == [2, 5, 1, 2]
    lower, upper = whole_sides(np.array([0.3, -np.inf, 30]), np.array([np.inf, 1, 50]), rows)
    assert lower.tolist() == [6, -(2**63), 2]
    assert upper.tolist() == [2**63 - 1, 1, 2]


@settings(max_examples=50)
@given(st.lists(numbers, min_size=1, max_size=5), numbers, numbers)
def test_the_whole_row_demands_what_the_row_demands(values: list[float], low: float, high: float) -> None:
    rows = whole_rows(np.array(values), np.zeros(len(values), np.int64), 1)
    scale = Fraction(10 ** int(rows.power[0]), int(rows.divisor[0]))
    stated = [Fraction(str(value)) * scale for value in values]
    assert rows.values.tolist() == stated
    lower, upper = whole_sides(np.array([low]), np.array([high]), rows)
    assert lower[0] == ceil(Fraction(str(low)) * scale)
    assert upper[0] == floor(Fraction(str(high)) * scale)


def test_a_side_that_misses_a_whole_number_by_next_to_nothing_means_it() -> None:
    rows = whole_rows(np.array([1.0]), np.array([0]), 1)
    lower, upper = whole_sides(np.array([2.0000000001]), np.array([4.9999999999]), rows)
    assert (lower[0], upper[0]) == (2, 5)


def test_sides_that_no_row_reaches_stay_out_of_reach() -> None:
    rows = whole_rows(np.array([0.001, 0.003]), np.array([0, 0]), 1)
    lower, upper = whole_sides(np.array([-1e30]), np.array([1e17]), rows)
    assert (lower[0], upper[0]) == (-(2**62), 2**62)
