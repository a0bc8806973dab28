"""Asks a chat model for a program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from nl2opt.chat.base import Message, WritingStyle
from nl2opt.formulation.schema import Formulation
from nl2opt.pipeline.completion import CompletionError
from nl2opt.pipeline.drafting import Ask
from nl2opt.pipeline.program.completion import not_a_problem_in, program_in
from nl2opt.pipeline.prompts import plain_prompt, prompt, worked_examples

_MAX_TOKENS: Final = 3000
_TEMPERATURE: Final = 0.7
_PROMPTS: Final[Mapping[WritingStyle, str]] = {"indexed": "program", "scalar": "program_scalar"}
_FORMULATION: Final = "The problem as a formulation:"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramDraft:
    """What a chat model wrote.

    Attributes:
        text: of the program; empty where none could be read.
        said: the whole completion.
        faults: why no program could be read.
        not_a_problem: why the chat model sees no decision problem; empty when it does.
        is_mended: whether the chat model was told what is wrong with another one.
    """

    text: str
    said: str
    faults: tuple[str, ...] = ()
    not_a_problem: str = ""
    is_mended: bool = False


class ProgramWriter:
    """Asks for a program, and for a better one.

    Attributes:
        opening: the conversation up to the problem.
    """

    def __init__(self, problem: str, style: WritingStyle, formulation: Formulation | None = None) -> None:
        """Prepare the conversation.

        Args:
            problem: in words.
            style: whether programs have a named variable for each decision, or indexed ones with tables of data.
            formulation: of the problem, said in words beside it; `None` where there is none.
        """
        shared = [Message("system", plain_prompt(_PROMPTS[style]))]
        for example in worked_examples(_PROMPTS[style]):
            shared.append(Message("user", example["problem"]))
            shared.append(Message("assistant", fenced(example["answer"])))
        self._shared = len(shared)
        text = problem if formulation is None else f"{problem}\n\n{_FORMULATION}\n{formulation.describe()}"
        self.opening = (*shared, Message("user", text))

    def write(self, ask: Ask, *, sample: int = 0) -> ProgramDraft:
        """Ask for a program.

        Args:
            ask: puts a question to the chat model.
            sample: 0 for the likeliest one; another number draws by chance.
        """
        return self._ask(ask, list(self.opening), sample)

    def revise(self, ask: Ask, draft: ProgramDraft, points: Sequence[str], tried: Sequence[str] = ()) -> ProgramDraft:
        """Ask for a better program.

        The conversation holds the last program alone: the context of a small chat model is short.

        Args:
            ask: puts a question to the chat model.
            draft: what is made better.
            points: what is wrong with it.
            tried: what was wrong with those before it.
        """
        said = fenced(draft.text) if draft.text else draft.said
        feedback = prompt("program_feedback", points=list(points), tried=list(tried))
        written = self._ask(ask, [*self.opening, Message("assistant", said), Message("user", feedback)], 0)
        return replace(written, is_mended=True)

    def _ask(self, ask: Ask, messages: Sequence[Message], sample: int) -> ProgramDraft:
        completion = ask(
            messages, json_schema=None, max_tokens=_MAX_TOKENS, temperature=_TEMPERATURE if sample else 0.0,
            sample=sample, shared_messages=self._shared,
        )  # fmt: skip
        try:
            reason = not_a_problem_in(completion.text)
            if reason:
                return ProgramDraft(text="", said=completion.text, not_a_problem=reason)
            return ProgramDraft(text=program_in(completion), said=completion.text)
        except CompletionError as error:
            return ProgramDraft(text="", said=completion.text, faults=(str(error),))


def fenced(program: str) -> str:
    """Return a program as a block of Markdown, as chat models write it."""
    return f"```python\n{program.rstrip()}\n```"
