"""Random models that files can hold, and what must be read back from the file of one."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from solvers import Kind, Model, QuadraticRows, QuadraticTerms, Sense

NUMBERS = st.floats(-1e6, 1e6, allow_nan=False).filter(lambda x: x == 0 or abs(x) > 1e-9) | st.integers(-9, 9).map(
    float
)
SIDES = st.one_of(NUMBERS, st.just(np.inf))
NAMES = st.one_of(
    st.sampled_from(
        ["free", "inf", "e3", "2x", "x[1,2]", "x 1 2", "a:b", "", "End", "st", "obj", "ü[Ω]", "x_1_2", "\n"]
    ),
    st.text(max_size=80),
)


@st.composite
def models(draw: st.DrawFn, *, quadratic_rows: bool = False) -> Model:
    n, m = draw(st.integers(1, 5)), draw(st.integers(0, 4))
    kinds, lower, upper = [], [], []
    for _ in range(n):
        kind = draw(st.sampled_from(list(Kind)))
        low, high = -draw(SIDES), draw(SIDES)
        if kind is Kind.BINARY:
            low, high = draw(st.sampled_from([(0.0, 1.0), (0.0, 0.0), (1.0, 1.0)]))
        kinds.append(int(kind))
        lower.append(low)
        upper.append(high)
    dense = np.array([[draw(NUMBERS) for _ in range(n)] for _ in range(m)], np.float64).reshape(m, n)
    dense *= np.array([[draw(st.booleans()) for _ in range(n)] for _ in range(m)], np.float64).reshape(m, n)
    row, column = np.nonzero(dense)
    column_names, row_names = draw(_named(n)), draw(_named(m))
    products = draw(st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1), NUMBERS), max_size=4))
    terms = draw(st.lists(st.tuples(st.integers(0, m - 1), st.integers(0, n - 1), st.integers(0, n - 1), NUMBERS),
                          min_size=1, max_size=4)) if quadratic_rows and m else []  # fmt: skip
    return Model(
        sense=draw(st.sampled_from(list(Sense))),
        column_lower=np.array(lower), column_upper=np.array(upper), column_kind=np.array(kinds, np.uint8),
        objective=np.array([draw(NUMBERS) for _ in range(n)]), objective_constant=draw(NUMBERS),
        row_starts=np.searchsorted(row, np.arange(m + 1)), row_columns=column, row_values=dense[row, column],
        row_lower=-np.array([draw(SIDES) for _ in range(m)]), row_upper=np.array([draw(SIDES) for _ in range(m)]),
        quadratic_objective=QuadraticTerms(
            first=np.array([p[0] for p in products]), second=np.array([p[1] for p in products]),
            coefficient=np.array([p[2] for p in products]),
        ) if products else None,
        quadratic_rows=QuadraticRows(
            row=np.array([t[0] for t in terms]), first=np.array([t[1] for t in terms]),
            second=np.array([t[2] for t in terms]), coefficient=np.array([t[3] for t in terms]),
        ) if terms else None,
        column_name=column_names.__getitem__, row_name=row_names.__getitem__,
    )  # fmt: skip


def _named(count: int) -> st.SearchStrategy[list[str]]:
    return st.lists(NAMES, min_size=count, max_size=count)


def same_demands(one: Model, other: Model, rng: np.random.Generator) -> None:
    """Assert that two models with the same columns judge points alike: objective, bounds, kinds and rows by name."""
    assert one.sense is other.sense
    assert one.column_lower.tolist() == other.column_lower.tolist()
    assert one.column_upper.tolist() == other.column_upper.tolist()
    assert ((one.column_kind > 0) == (other.column_kind > 0)).all()
    for _ in range(3):
        x = rng.integers(-3, 4, one.n_columns).astype(np.float64)
        scale = 1e-9 * max(1.0, abs(one.objective_value(x)), float(np.abs(one.objective) @ np.abs(x)))
        assert abs(one.objective_value(x) - other.objective_value(x)) <= scale
