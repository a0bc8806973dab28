from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvers import QuadraticTerms
from solvers.backends.hessian import MAX_DENSE_COLUMNS, is_convex, lower_triangle


def terms_of(products: Sequence[tuple[int, int, float]]) -> QuadraticTerms:
    first, second, coefficient = zip(*products, strict=True) if products else ((), (), ())
    return QuadraticTerms(
        first=np.array(first, np.int64),
        second=np.array(second, np.int64),
        coefficient=np.array(coefficient, np.float64),
    )


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 6), st.integers(0, 15), st.integers(0, 2**32 - 1))
def test_half_of_the_quadratic_form_of_the_triangle_is_the_sum_of_the_terms(n: int, k: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    terms = QuadraticTerms(first=rng.integers(0, n, k), second=rng.integers(0, n, k), coefficient=rng.normal(size=k))
    starts, rows, values = lower_triangle(terms, n)
    columns = np.repeat(np.arange(n), np.diff(np.append(starts, len(rows))))
    lower = np.zeros((n, n))
    lower[rows, columns] = values
    assert np.all(rows >= columns)
    full = lower + np.tril(lower, -1).T
    point = rng.normal(size=n)
    assert point @ full @ point / 2 == pytest.approx(terms.value(point).sum())


@pytest.mark.parametrize(
    ("products", "convex"),
    [
        ([], True),
        ([(0, 0, 1)], True),
        ([(0, 0, -1)], False),
        ([(0, 0, -1e-12)], False),
        ([(0, 1, 1)], False),
        ([(0, 0, 1), (1, 1, 1), (0, 1, -2)], True),
        ([(0, 0, 1), (1, 1, 1), (1, 0, -2.001)], False),
        ([(0, 0, 1e-12), (1, 1, 1e-12), (1, 0, -2.001e-12)], False),
        ([(0, 0, 1), (0, 0, -1)], True),
        ([(0, 0, 2), (0, 0, -3)], False),
        ([(7, 7, 1), (900_000, 900_000, 1), (7, 900_000, 1)], True),
    ],
)
def test_convexity(products: list[tuple[int, int, float]], convex: bool) -> None:
    assert is_convex(terms_of(products), 1.0) is convex
    assert is_convex(terms_of([(i, j, -c) for i, j, c in products]), -1.0) is convex


def test_squares_are_judged_however_many_there_are() -> None:
    columns = np.arange(MAX_DENSE_COLUMNS + 10)
    squares = QuadraticTerms(first=columns, second=columns, coefficient=np.ones(len(columns)))
    assert is_convex(squares, 1.0) is True
    assert is_convex(squares, -1.0) is False


def test_too_many_products_are_not_judged() -> None:
    columns = np.arange(MAX_DENSE_COLUMNS)
    chain = QuadraticTerms(first=columns, second=columns + 1, coefficient=np.ones(len(columns)))
    assert is_convex(chain, 1.0) is None


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_a_square_of_linear_forms_is_convex_and_less_a_multiple_of_its_size_it_is_not(n: int, seed: int) -> None:
    factor = np.random.default_rng(seed).normal(size=(n, n))
    matrix = factor.T @ factor
    first, second = (place.ravel() for place in np.indices((n, n)))
    terms = QuadraticTerms(first=first, second=second, coefficient=matrix.ravel())
    assert is_convex(terms, 1.0)
    smallest = np.linalg.eigvalsh(matrix)[0]
    shifted = matrix - (smallest + 0.01 * np.trace(matrix)) * np.eye(n)
    assert not is_convex(QuadraticTerms(first=first, second=second, coefficient=shifted.ravel()), 1.0)
