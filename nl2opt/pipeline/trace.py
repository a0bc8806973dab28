"""The trace: every attempt with what was asked, what was written, and what was wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field

from nl2opt.chat.base import NO_USAGE, Completion, Message, Usage
from nl2opt.formulation.findings import Finding
from nl2opt.formulation.schema import Formulation


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request to the chat model and its completion."""

    messages: tuple[Message, ...]
    completion: Completion


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try at a formulation, or at a program.

    Attributes:
        round: 1 for the first try.
        exchanges: the requests it took.
        formulation: what came of it; `None` when none could be read, and on the program route.
        program: that was written; empty on the formulation route, and where none could be read.
        repairs: slips that were mended, in words.
        findings: what the checker said.
        feedback: what is doubtful about it; empty when nothing is. Told to the chat model where the writing style
            lets it correct a draft.
        outcome: the solver's termination, `refused by the solver`, `missing data`, `not usable` or `not a problem`; of
            a program also how its run ended (`exception`, `timeout` ...), `claimed` where nothing but its own word is
            known, or `not run`.
        objective: of the solution; `None` without one.
        combined: whether it was put together from what most of the drafts before it demand.
        chosen: whether the answer is this attempt's.
    """

    round: int
    exchanges: tuple[Exchange, ...] = ()
    formulation: Formulation | None = None
    repairs: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    feedback: tuple[str, ...] = ()
    outcome: str = "not usable"
    objective: float | None = None
    combined: bool = False
    chosen: bool = False
    program: str = ""

    @property
    def usage(self) -> Usage:
        """Return tokens and time of its requests."""
        return sum((exchange.completion.usage for exchange in self.exchanges), NO_USAGE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """Everything that happened on the way to an answer.

    Attributes:
        problem: the text that the person wrote.
        llm: name of the chat model; empty when none was asked.
        style: the writing style that it was asked to use.
        attempts: in order.
        checks: what language models were asked while the answer was verified; each says in `outcome` for which check.
    """

    problem: str
    llm: str
    style: str
    attempts: tuple[Attempt, ...] = field(default=())
    checks: tuple[Attempt, ...] = field(default=())

    @property
    def usage(self) -> Usage:
        """Return tokens and time of all requests."""
        return sum((attempt.usage for attempt in (*self.attempts, *self.checks)), NO_USAGE)
