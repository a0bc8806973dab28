"""Global constraints through SCIP, which takes the conditional rows that they become as they are."""

from dataclasses import replace

import pytest

from solvers import NoOverlap, solve
from tests.solvers.cases import CONTINUOUS, INF, MIN, build_model
from tests.solvers.reformulation.enumeration import affine, constants


def test_tasks_without_a_horizon_are_put_one_after_the_other() -> None:
    machine = NoOverlap(start=affine(range(3)), size=constants([3, 4, 2]), name="saw")
    model = replace(build_model(MIN, [4, 1, 5], upper=INF, kinds=CONTINUOUS), global_constraints=(machine,))
    solution = solve(model)
    assert solution.objective == pytest.approx(13, abs=1e-5)
    assert solution.reason.startswith("SCIP")
    assert solution.reason.endswith("after global constraints were written as conditional rows.")
