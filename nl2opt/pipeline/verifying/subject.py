"""What is verified, and with what means."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nl2opt.chat.base import ChatModel, Completion, Message
from nl2opt.formulation.compilation.compiled import CompiledFormulation
from nl2opt.pipeline.asking import RecordedAsk
from nl2opt.pipeline.events import OnPipelineEvent
from nl2opt.pipeline.options import FormulateOptions
from nl2opt.pipeline.program.judging import RunProgram
from nl2opt.pipeline.trace import Attempt
from nl2opt.pipeline.verifying.budget import Budget
from nl2opt.pipeline.verifying.options import VerifyOptions
from nl2opt.verification.evidence import Evidence
from solvers import Sense, Solution


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Subject:
    """What is verified.

    Attributes:
        problem: in words; empty where there is only a formulation.
        compiled: the formulation.
        solution: what the solver made of it.
        known: the evidence so far.
        why_no_problem: where there is no text to compare with, why.
        program: that was written on the route `both`; empty where there is none.
    """

    problem: str
    compiled: CompiledFormulation
    solution: Solution
    known: Sequence[Evidence] = ()
    why_no_problem: str = "there is no problem in words"
    program: str = ""

    @property
    def optimum(self) -> float | None:
        """The proven optimum; `None` without one."""
        return self.solution.objective if self.solution.is_optimal else None

    @property
    def maximizes(self) -> bool:
        """Whether the first objective is to be large."""
        stages = self.compiled.stages
        return (stages[0].sense if stages else self.compiled.model.sense) is Sense.MAXIMIZE

    @property
    def has_one_objective(self) -> bool:
        """Whether there is one objective, so that better and worse can be told by a number."""
        return len(self.compiled.formulation.objectives) == 1


@dataclass(slots=True, kw_only=True, eq=False)
class Means:
    """With what it is verified.

    Attributes:
        options: how the formulation was looked for and solved.
        verify: which rungs, and what they may cost.
        budget: what is left of that.
        judging: the chat model that is asked for directions and judges; `None` where none may be asked.
        writing: the chat model that writes the independent model; `None` where none may be asked.
        has_another_writer: whether the one that writes is another than the one that wrote the formulation.
        run: what runs programs.
        on_event: called with steps, tokens and solver events.
        cancel: set it to stop.
        attempts: what chat models were asked, for the trace.
    """

    options: FormulateOptions
    verify: VerifyOptions
    budget: Budget
    judging: ChatModel | None
    writing: ChatModel | None
    has_another_writer: bool = False
    run: RunProgram
    on_event: OnPipelineEvent | None = None
    cancel: threading.Event | None = None
    attempts: list[Attempt] = field(default_factory=list)

    def ask(
        self, rung: str, messages: Sequence[Message], *, json_schema: Mapping[str, Any], max_tokens: int
    ) -> Completion:
        """Ask the chat model that judges, and keep the exchange.

        Raises:
            ChatError: it could not be asked.
        """
        assert self.judging is not None
        ask = RecordedAsk(
            self.judging, timeout_seconds=self.options.timeout_seconds, on_event=self.on_event, cancel=self.cancel
        )  # fmt: skip
        completion = ask(messages, json_schema=json_schema, max_tokens=max_tokens, shared_messages=1)
        self.attempts.append(Attempt(round=1, exchanges=tuple(ask.exchanges), outcome=rung))
        return completion
