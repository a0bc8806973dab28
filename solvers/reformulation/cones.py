"""Second-order cones written as quadratic rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from solvers.model import Model, QuadraticRows
from solvers.reformulation.extension import Entries, Extension


def without_cones(model: Model) -> Model:
    """Return a model whose cones are rows `sum of squares - head^2 <= 0`, with heads that are at least 0.

    Lobo, Vandenberghe, Boyd and Lebret, Applications of second-order cone programming, Linear Algebra and its
    Applications 284 (1998).
    """
    cones = model.cones
    if cones is None:
        return model
    sizes, heads = np.diff(cones.starts), cones.columns[cones.starts[:-1]]
    chosen = np.flatnonzero(sizes > 1)
    lower = model.column_lower.copy()
    lower[heads] = np.maximum(lower[heads], 0.0)
    extension = Extension(model=replace(model, cones=None, column_lower=lower))
    extension.origin = lambda k: f"cone of {model.name_of_column(int(heads[chosen[k]]))}"
    rows = extension.add_rows(
        len(chosen), Entries.joined(), -np.inf, 0.0, extension.origin,
    )  # fmt: skip
    if not len(chosen):
        return extension.built()
    row_of_cone = np.full(len(sizes), -1)
    row_of_cone[chosen] = rows
    row = np.repeat(row_of_cone, sizes)
    coefficient = np.ones(len(cones.columns))
    coefficient[cones.starts[:-1]] = -1.0
    columns, row, coefficient = cones.columns[row >= 0], row[row >= 0], coefficient[row >= 0]
    old = model.quadratic_rows
    if old is not None:
        row, coefficient = np.append(old.row, row), np.append(old.coefficient, coefficient)
    terms = QuadraticRows(
        row=row,
        first=columns if old is None else np.append(old.first, columns),
        second=columns if old is None else np.append(old.second, columns),
        coefficient=coefficient,
    )
    return replace(extension.built(), quadratic_rows=terms)
