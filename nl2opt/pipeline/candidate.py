"""A candidate: one attempt at a formulation with what the rest of the pipeline needs of it."""

from __future__ import annotations

from dataclasses import dataclass

from nl2opt.formulation.compilation.compiled import CompiledFormulation
from nl2opt.pipeline.drafting import Draft
from nl2opt.pipeline.trace import Attempt
from solvers import Solution


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Candidate:
    """A draft, judged.

    Attributes:
        attempt: as the trace keeps it.
        draft: what the chat model wrote.
        compiled: `None` when the formulation is not usable.
        solution: `None` when it was not solved.
        refusal: why the solver does not take the model; empty when it does.
    """

    attempt: Attempt
    draft: Draft
    compiled: CompiledFormulation | None = None
    solution: Solution | None = None
    refusal: str = ""

    @property
    def has_optimum(self) -> bool:
        """Whether it was solved to a proven optimum."""
        return self.solution is not None and self.solution.is_optimal
