"""A proof of optimality for linear models: a bound from the prices of the rows, by our own arithmetic."""

from __future__ import annotations

from typing import Final

import numpy as np

from nl2opt.formulation.evaluation.elements import FloatArray
from nl2opt.formulation.words.quantities import number
from nl2opt.verification.evidence import Evidence, EvidenceKind, Outcome
from solvers import Feature, Model, Sense, Solution, features_of

DUALITY: Final = "duality"
"""Name of the check that the prices of the rows prove the optimum."""
_TOLERANCE: Final = 1e-6
_NOTHING: Final = 1e-9


def dual_bound(model: Model, row_dual: FloatArray) -> float | None:
    """Return what the objective of a linear model cannot be better than, as prices of its rows prove.

    Weak duality: for `minimise c x` with `l <= A x <= u` and bounds on x, every y gives the bound that each row with
    y > 0 counts at its lower side and each with y < 0 at its upper side, and each column likewise with `c - A'y`
    (Bertsimas and Tsitsiklis, *Introduction to Linear Optimization*, 1997, section 4.3).

    Args:
        model: linear, without integer columns.
        row_dual: float64 (m,), the prices, as `Solution.row_dual` has them.

    Returns:
        The bound, in the sense of the model; `None` where the prices prove nothing, as they need a side that is not
        there.
    """
    sign = 1.0 if model.sense is Sense.MINIMIZE else -1.0
    cost, price = sign * np.asarray(model.objective, np.float64), sign * np.asarray(row_dual, np.float64)
    used = np.bincount(
        model.row_columns, weights=model.row_values * price[model.entry_rows()], minlength=model.n_columns
    )
    reduced = cost - used
    small = _NOTHING * max(1.0, float(np.abs(cost).max(initial=0.0)), float(np.abs(price).max(initial=0.0)))
    total = 0.0
    for factor, lower, upper in (
        (price, model.row_lower, model.row_upper),
        (reduced, model.column_lower, model.column_upper),
    ):
        side = np.where(factor > 0, lower, upper)
        counts = np.abs(factor) > np.where(np.isfinite(side), 0.0, small)
        if not np.isfinite(side[counts]).all():
            return None
        total += float(np.dot(factor[counts], side[counts]))
    return sign * total + float(model.objective_constant)


def duality_evidence(model: Model, solution: Solution) -> Evidence | None:
    """Prove the optimum of a linear model by its dual prices.

    Returns:
        The evidence; `None` where the model is not linear, or no prices are known.
    """
    if features_of(model) - {Feature.CONTINUOUS} or not solution.is_optimal or solution.row_dual is None:
        return None
    assert solution.objective is not None
    bound = dual_bound(model, solution.row_dual)
    if bound is None or abs(bound - solution.objective) > _TOLERANCE * max(1.0, abs(solution.objective)):
        return None
    text = (
        f"The prices of the constraints prove it: by our own arithmetic nothing can be better than {number(bound)} "
        "(strong duality)."
    )
    return Evidence(name=DUALITY, kind=EvidenceKind.SOLVING, outcome=Outcome.PASSED, text=text)
