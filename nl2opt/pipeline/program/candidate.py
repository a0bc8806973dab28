"""A program with what became of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from nl2opt.pipeline.program.record import ProgramRecord
from nl2opt.pipeline.trace import Attempt
from solvers import Termination
from solvers.sandbox import ClaimedSolution, ProgramRun, Resolved

_ENDS: Final = ("infeasible", "unbounded", "infeasible_or_unbounded")
"""What may be claimed beside an optimum."""
_TOLERANCE: Final = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ProgramCandidate:
    """One attempt at a program, judged.

    Attributes:
        attempt: as the trace keeps it.
        text: of the program; empty when none could be read.
        run: `None` when it was not run.
        claimed: what it says of its model; `None` where it left none.
        again: what was found outside the sandbox; `None` where there is nothing to solve.
        why_not_solved: why there is no second solve; empty where there is one.
    """

    attempt: Attempt
    text: str = ""
    run: ProgramRun | None = None
    claimed: ClaimedSolution | None = None
    again: Resolved | None = None
    why_not_solved: str = ""

    @property
    def has_optimum(self) -> bool:
        """Whether its model was solved to a proven optimum outside the sandbox."""
        return self.again is not None and self.again.solution.is_optimal

    def has_optimum_of(self, other: ProgramCandidate) -> bool:
        """Whether the models of both have the same optimum, in the same direction."""
        if self.again is None or other.again is None or not (self.has_optimum and other.has_optimum):
            return False
        ours, theirs = self.again.solution.objective, other.again.solution.objective
        if ours is None or theirs is None or self.again.model.sense is not other.again.model.sense:
            return False
        return abs(ours - theirs) <= _TOLERANCE * max(1.0, abs(ours))

    @property
    def is_claimed(self) -> bool:
        """Whether there is an outcome that only the program vouches for."""
        if self.again is not None or self.claimed is None:
            return False
        return self.claimed.objective is not None or self.claimed.status in _ENDS

    @property
    def standing(self) -> tuple[int, int, bool]:
        """What candidates are ordered by: what came of them, then fewest doubts, then an optimum before none.

        That nothing satisfies all rows is one doubt, as a number that is not used is one: some problems have no answer.
        """
        if self.again is not None:
            known = self.has_optimum or self.again.solution.termination is Termination.INFEASIBLE
            kind = 0 if known else 1
        elif self.claimed is not None:
            kind = 2 if self.is_claimed else 3
        else:
            kind = 4 if self.text else 5
        return kind, len(self.attempt.feedback), not self.has_optimum

    def record(self) -> ProgramRecord | None:
        """Return what an answer keeps of it; `None` where no program could be read."""
        if not self.text:
            return None
        record = ProgramRecord(text=self.text) if self.run is None else ProgramRecord.of_run(self.text, self.run)
        if self.claimed is not None:
            record = replace(
                record,
                library=self.claimed.library,
                sense=self.claimed.sense,
                claimed_status=self.claimed.status,
                claimed_objective=self.claimed.objective,
            )
        if self.again is None:
            return replace(record, why_not_solved=self.why_not_solved)
        solution, model = self.again.solution, self.again.model
        return replace(
            record,
            sense=model.sense.value if self.again.has_objective else record.sense,
            solved_status=solution.termination.value,
            solved_objective=solution.objective,
            agrees=self.again.agrees,
        )
