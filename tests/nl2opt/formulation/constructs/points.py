"""Points of small formulations, judged by the language's meaning and by the flat model, to be compared."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from nl2opt.formulation.compilation.compiled import CompiledFormulation
from solvers import Kind, check_point

Meaning = Callable[..., bool]


def auxiliary_points(compiled: CompiledFormulation, declared: Sequence[float]) -> Iterator[np.ndarray]:
    """Yield the declared point with every choice of the auxiliary binaries, defined columns at their values."""
    from nl2opt.formulation.evaluation.definitions import point_with_defined

    model, first = compiled.model, compiled.n_declared
    x = np.zeros(model.n_columns)
    x[:first] = declared
    values = point_with_defined(compiled.context.definitions, x)[first:]
    for place, column in enumerate(compiled.defined_columns.tolist()):
        if column >= 0:
            x[column] = values[place]
    free = [column for column in range(first, model.n_columns) if model.column_kind[column] == Kind.BINARY]
    for choice in itertools.product((0.0, 1.0), repeat=len(free)):
        point = x.copy()
        point[free] = choice
        yield point


def is_feasible(compiled: CompiledFormulation, declared: Sequence[float]) -> bool:
    """Whether some choice of the auxiliary binaries makes a point of the declared columns feasible."""
    return any(check_point(compiled.model, point).accepted for point in auxiliary_points(compiled, declared))
