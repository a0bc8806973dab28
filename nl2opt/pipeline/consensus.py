"""What several drafts of one problem agree on.

A small language model errs in a row here and a row there, seldom twice in the same way. Drafts over the same
variables can be compared row by row; what more than half of them demand is kept. This is the combination
with the smallest expected number of rows that differ from a draft (minimum Bayes risk; for whole answers
it is self-consistency: Wang et al., ICLR 2023).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from nl2opt.formulation.compilation.compiled import CompiledFormulation
from nl2opt.formulation.compilation.signature import Signature, constraint_signatures, objective_signature
from nl2opt.formulation.schema import Constraint, Formulation
from nl2opt.pipeline.scalar import unique


@dataclass(frozen=True, slots=True)
class Ballot:
    """A draft with the signatures of what it demands.

    Attributes:
        formulation: as it was drafted.
        objective: signature of its objective.
        constraints: signature by name of constraint, without those that demand nothing new.
    """

    formulation: Formulation
    objective: Signature
    constraints: dict[str, Signature]

    @classmethod
    def of(cls, formulation: Formulation, compiled: CompiledFormulation) -> Ballot:
        """Read the signatures of a draft that was compiled, before or after its numbers were lifted."""
        demands = {name: rows for name, rows in constraint_signatures(compiled).items() if rows}
        return cls(formulation, objective_signature(compiled), demands)

    @property
    def demands(self) -> frozenset[Signature]:
        """Everything that the draft demands, without the objective."""
        return frozenset(self.constraints.values())

    def agrees_with(self, other: Ballot) -> bool:
        """Whether both demand the same and want the same."""
        return (
            self.formulation.variables == other.formulation.variables
            and self.objective == other.objective
            and self.demands == other.demands
        )


def combined(ballots: Sequence[Ballot]) -> Formulation | None:
    """Return the formulation of what more than half of the drafts demand; `None` without drafts.

    The variables are those of the first draft; drafts over other variables have no vote. The objective is
    the one that most drafts have, the earliest of these. Each constraint keeps the name and the words of the
    first draft that has it.
    """
    voters = [b for b in ballots if b.formulation.variables == ballots[0].formulation.variables]
    if not voters:
        return None
    most_common = Counter(ballot.objective for ballot in voters).most_common(1)[0][0]
    source = next(ballot for ballot in voters if ballot.objective == most_common)
    votes = Counter(demand for ballot in voters for demand in ballot.demands)
    kept: dict[Signature, Constraint] = {}
    taken = {variable.name for variable in voters[0].formulation.variables}
    for ballot in voters:
        for constraint in ballot.formulation.constraints:
            demand = ballot.constraints.get(constraint.name)
            if demand is None or demand in kept or 2 * votes[demand] <= len(voters):
                continue
            kept[demand] = constraint.model_copy(update={"name": unique(constraint.name, taken)})
    changes = {"objective": source.formulation.objective, "constraints": list(kept.values())}
    return voters[0].formulation.model_copy(update=changes)
