"""A candidate: one attempt at a formulation with what the rest of the pipeline needs of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from nl2opt.formulation.compilation.compiled import CompiledFormulation
from nl2opt.pipeline.drafting import Draft
from nl2opt.pipeline.trace import Attempt
from nl2opt.tables.binding import Binding
from solvers import Solution

MISSING_DATA: Final = "missing data"
"""Outcome of an attempt that needs numbers that nobody gives."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Candidate:
    """A draft, judged.

    Attributes:
        attempt: as the trace keeps it.
        draft: what the chat model wrote.
        compiled: `None` when the formulation is not usable.
        solution: `None` when it was not solved.
        refusal: why the solver does not take the model; empty when it does.
        gap: up to which distance from the best possible it was to be solved.
        binding: what the attached tables gave the draft; `None` where it was not read.
    """

    attempt: Attempt
    draft: Draft
    compiled: CompiledFormulation | None = None
    solution: Solution | None = None
    refusal: str = ""
    gap: float = 0.0
    binding: Binding | None = None

    @property
    def lacks_data(self) -> bool:
        """Whether it could be used if the numbers were given that it says to be missing."""
        return self.compiled is None and self.attempt.outcome == MISSING_DATA

    @property
    def has_optimum(self) -> bool:
        """Whether it was solved to a proven optimum, or as near to it as was asked."""
        if self.solution is None or not self.solution.has_point:
            return False
        return self.solution.is_optimal or (self.solution.gap is not None and self.solution.gap <= self.gap)
