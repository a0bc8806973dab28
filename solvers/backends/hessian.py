"""The Hessian of a quadratic objective: its sparse lower triangle, and whether it is convex."""

from __future__ import annotations

import numpy as np

from solvers.model import FloatArray, IntArray, QuadraticTerms

MAX_DENSE_COLUMNS = 2000
"""Up to this many columns with products of two columns convexity is decided by a dense factorisation."""


def lower_triangle(terms: QuadraticTerms, n_columns: int) -> tuple[IntArray, IntArray, FloatArray]:
    """Return Q of `1/2 x'Qx` as the compressed columns of its lower triangle.

    Returns:
        starts int32 (n,), rows int32 (k,), values float64 (k,).
    """
    column = np.minimum(terms.first, terms.second).astype(np.int64)
    row = np.maximum(terms.first, terms.second).astype(np.int64)
    # c*x*x is 1/2 * (2c) * x*x; c*x*y is 1/2 * (c*x*y + c*y*x), and only one of the two is stored.
    values = np.where(row == column, 2.0, 1.0) * terms.coefficient
    key, inverse = np.unique(column * n_columns + row, return_inverse=True)
    totals = np.bincount(inverse, weights=values, minlength=len(key))
    column, row = key // n_columns, key % n_columns
    counts = np.bincount(column, minlength=n_columns)
    starts = np.concatenate(([0], np.cumsum(counts)))[:-1]
    return starts.astype(np.int32), row.astype(np.int32), np.asarray(totals, np.float64)


def is_convex(terms: QuadraticTerms, sign: float) -> bool | None:
    """Return whether `sign * terms` is a convex function; `None` when too many columns have products to tell.

    Columns that occur in squares only are judged by the signs of their coefficients. For the others the matrix
    must be positive semidefinite: no eigenvalue is negative, where rounding is allowed for in proportion to the
    largest one (Golub and Van Loan, Matrix Computations, section 8.1).
    """
    used, places = np.unique(np.concatenate((terms.first, terms.second)), return_inverse=True)
    first, second = np.split(places, 2)
    coefficient = sign * terms.coefficient
    square = first == second
    squares = np.bincount(first[square], weights=coefficient[square], minlength=len(used))
    coupled = np.unique(np.concatenate((first[~square], second[~square])))
    if np.any(np.delete(squares, coupled) < 0.0):
        return False
    if not len(coupled):
        return True
    if len(coupled) > MAX_DENSE_COLUMNS:
        return None
    dense = np.diag(squares[coupled])
    places = np.searchsorted(coupled, first[~square]), np.searchsorted(coupled, second[~square])
    np.add.at(dense, places, coefficient[~square])
    eigenvalues = np.linalg.eigvalsh(dense + dense.T)
    return bool(eigenvalues[0] >= -1e-9 * np.abs(eigenvalues).max())
