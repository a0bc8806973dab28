"""What the two writing styles have in common: a writer asks the chat model and reads a draft."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from nl2opt.chat.base import Completion, Message
from nl2opt.formulation.schema import Formulation


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a writer read from the chat model's completions.

    Attributes:
        formulation: `None` when none could be read.
        repairs: slips that were mended, in words.
        faults: why none could be read, told to the chat model in the next round.
        conversation: what the next round goes on from, the completions included.
        not_a_problem: why the chat model sees no decision problem in the text; empty when it does.
    """

    formulation: Formulation | None
    repairs: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    conversation: tuple[Message, ...] = ()
    not_a_problem: str = ""


class Ask(Protocol):
    """Asks the chat model, keeps the exchange in the trace, and returns the completion."""

    def __call__(
        self,
        messages: Sequence[Message],
        *,
        json_schema: Mapping[str, Any] | None,
        max_tokens: int,
        temperature: float = 0.0,
        sample: int = 0,
        shared_messages: int = 0,
    ) -> Completion:
        """Send the messages; the arguments are those of `CompletionOptions`."""
        ...


class Writer(Protocol):
    """A writing style: how a chat model is asked for a formulation, and how its answer is read.

    Attributes:
        draws_again: whether one draft without doubts is not enough. Small models are often wrong in a way
            that nothing shows, but seldom twice in the same way, so they are asked until two drafts agree.
    """

    @property
    def draws_again(self) -> bool:
        """Return whether one draft is not enough; see above."""
        ...

    def write(self, ask: Ask, problem: str) -> Draft:
        """Ask for a first draft."""
        ...

    def revise(
        self, ask: Ask, draft: Draft, feedback: Sequence[str], round: int, *, missing: Sequence[str] = ()
    ) -> Draft:
        """Ask for a better draft.

        Args:
            ask: puts a question to the language model.
            draft: what is made better.
            feedback: what is wrong with it.
            round: the number of the draft; the first revision is round 2.
            missing: clauses of the problem for which a draft without faults has no row: these alone are asked for.
        """
        ...
