"""The indexed writing style: sets and parameter tables, for strong language models."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from nl2opt.chat.base import Completion, Finish, Message
from nl2opt.errors import FormulationError
from nl2opt.formulation.read import formulation_from_dict
from nl2opt.pipeline.completion import CompletionError, json_object
from nl2opt.pipeline.drafting import Ask, Draft
from nl2opt.pipeline.prompts import plain_prompt, prompt, worked_examples
from nl2opt.pipeline.readings.stated import without_unreadable_alternatives

_MAX_TOKENS: Final = 8192


class IndexedWriter:
    """Asks for a whole formulation as one JSON object."""

    draws_again: Final = False

    def __init__(self, *, with_tables: bool = False) -> None:
        """Make a writer.

        Args:
            with_tables: whether tables are attached, which the instructions then speak of.
        """
        self.with_tables = with_tables

    def write(self, ask: Ask, problem: str) -> Draft:
        """Ask for a first draft."""
        instructions = plain_prompt("indexed")
        examples = list(worked_examples("indexed"))
        if self.with_tables:
            instructions = f"{instructions}\n\n{plain_prompt('indexed_tables')}"
            examples += worked_examples("indexed_tables")
        messages = [Message("system", instructions)]
        for example in examples:
            messages.append(Message("user", example["problem"]))
            messages.append(Message("assistant", json.dumps(example["answer"], ensure_ascii=False)))
        return self._ask(ask, [*messages, Message("user", problem)], shared_messages=len(messages))

    def revise(
        self, ask: Ask, draft: Draft, feedback: Sequence[str], round: int, *, missing: Sequence[str] = ()
    ) -> Draft:
        """Ask for a better draft; what is missing is part of the feedback."""
        text = prompt("feedback", points=[*feedback, *missing])
        return self._ask(ask, [*draft.conversation, Message("user", text)])

    def _ask(self, ask: Ask, messages: list[Message], *, shared_messages: int = 0) -> Draft:
        # No JSON schema is demanded: values, indices and expressions vary too much for one to help.
        completion = ask(messages, json_schema=None, max_tokens=_MAX_TOKENS, shared_messages=shared_messages)
        conversation = (*messages, Message("assistant", completion.text))
        return read_draft(completion, conversation)


def read_draft(completion: Completion, conversation: tuple[Message, ...]) -> Draft:
    """Read a completion in the indexed style."""
    try:
        content = json_object(completion.text)
        reason = content.get("not_a_problem")
        if isinstance(reason, str) and "variables" not in content:
            return Draft(formulation=None, not_a_problem=reason or "it asks for no decision")
        notes: list[str] = []
        content = without_unreadable_alternatives(_without_nulls(content), notes)
        return Draft(formulation=formulation_from_dict(content), repairs=tuple(notes), conversation=conversation)
    except CompletionError as error:
        fault = str(error)
        if completion.finish is Finish.LENGTH:
            fault = "The answer was cut off because it was too long. Write it again, shorter."
        return Draft(formulation=None, faults=(fault,), conversation=conversation)
    except FormulationError as error:
        return Draft(formulation=None, faults=tuple(str(f) for f in error.findings), conversation=conversation)


def _without_nulls(content: dict[str, Any]) -> dict[str, Any]:
    """Drop optional fields of variables that were written as null, which can only mean none."""
    variables = content.get("variables")
    if isinstance(variables, list):
        kept = [
            {k: v for k, v in item.items() if not (v is None and k in ("upper", "unit", "description", "as"))}
            if isinstance(item, dict)
            else item
            for item in variables
        ]
        return {**content, "variables": kept}
    return content
