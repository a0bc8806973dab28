"""What happens while an answer is made."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass

from nl2opt.chat.base import ChatEvent
from solvers import SolverEvent


class Step(enum.StrEnum):
    """The steps of the pipeline."""

    FORMULATE = "formulate"
    CHECK = "check"
    SOLVE = "solve"
    READINGS = "readings"
    VERIFY = "verify"
    WRITE_PROGRAM = "write_program"
    MEND_PROGRAM = "mend_program"
    RUN_PROGRAM = "run_program"
    COMPARE = "compare"
    REVISE = "revise"
    EXPLAIN = "explain"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepStarted:
    """A step begins.

    Attributes:
        step: which.
        round: 1 for the first try, 2 for the first correction.
        reason: why a correction is made; empty in the first round.
    """

    step: Step
    round: int = 1
    reason: str = ""


PipelineEvent = StepStarted | ChatEvent | SolverEvent
OnPipelineEvent = Callable[[PipelineEvent], None]
