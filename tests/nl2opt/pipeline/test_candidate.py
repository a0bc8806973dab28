from __future__ import annotations

from dataclasses import replace

import pytest

from nl2opt import Formulation
from nl2opt.formulation.compilation.compiler import compile_formulation
from nl2opt.pipeline.candidate import Candidate
from nl2opt.pipeline.drafting import Draft
from nl2opt.pipeline.trace import Attempt
from solvers import Termination, solve


@pytest.mark.parametrize(("asked", "reached", "counts"), [(0.0, 0.02, False), (0.05, 0.02, True), (0.05, None, False)])
def test_a_draft_solved_to_the_gap_that_was_asked_for_counts_as_solved(
    asked: float, reached: float | None, counts: bool
) -> None:
    content = {"variables": [{"name": "x", "upper": 4, "domain": "integer"}], "constraints": []}
    formulation = Formulation.from_dict({**content, "objective": {"sense": "maximize", "expression": "x"}})
    compiled = compile_formulation(formulation).require()
    solution = replace(solve(compiled.model), termination=Termination.LIMIT, gap=reached)
    attempt = Attempt(round=1, exchanges=(), outcome="limit")
    candidate = Candidate(
        attempt=attempt, draft=Draft(formulation=formulation), compiled=compiled, solution=solution, gap=asked
    )
    assert candidate.has_optimum is counts
