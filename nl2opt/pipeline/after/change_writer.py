"""Asks a strong chat model for a list of changes, and reads it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from pydantic import ValidationError

from nl2opt.chat.base import Completion, Finish, Message
from nl2opt.formulation.changes import Change
from nl2opt.formulation.compilation.compiled import CompiledFormulation
from nl2opt.pipeline.after.wishes import question
from nl2opt.pipeline.completion import CompletionError, json_object
from nl2opt.pipeline.drafting import Ask
from nl2opt.pipeline.prompts import plain_prompt, prompt

_MAX_TOKENS: Final = 4096
_KINDS: Final = ("set", "add", "remove", "replace", "switch_off")
_PARTS: Final = ("sets", "parameters", "variables", "objective", "constraints", "assumptions")
_LISTS: Final = ("sets", "parameters", "variables", "constraints")
CHANGES_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "changes": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"kind": {"enum": list(_KINDS)}, "path": {"type": "string"}, "value": {}},
                "required": ["kind", "path"],
                "additionalProperties": False,
            },
        },
        "cannot": {"type": "string"},
    },
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a chat model wrote about a wish.

    Attributes:
        changes: of the formulation, not yet tried; empty where there are faults.
        faults: why it cannot be read, for its author.
        cannot: why the chat model sees no way; empty when it does.
        conversation: what the next round goes on from.
    """

    changes: tuple[Change, ...] = ()
    faults: tuple[str, ...] = ()
    cannot: str = ""
    conversation: tuple[Message, ...] = ()


class WishWriter(Protocol):
    """How a chat model is asked for changes."""

    def write(self, ask: Ask, problem: str, compiled: CompiledFormulation, wish: str) -> Proposal:
        """Ask for the first time."""
        ...

    def correct(
        self, ask: Ask, proposal: Proposal, faults: Sequence[str], compiled: CompiledFormulation, round: int
    ) -> Proposal:
        """Ask again, since the proposal cannot be used."""
        ...


class ChangeWriter:
    """Asks for all changes at once; what is wrong with them is told word for word."""

    def write(self, ask: Ask, problem: str, compiled: CompiledFormulation, wish: str) -> Proposal:
        """Ask for the first time."""
        messages = [
            Message("system", plain_prompt("revise")),
            Message("user", question(problem, compiled.formulation, wish)),
        ]
        return self._ask(ask, messages)

    def correct(
        self, ask: Ask, proposal: Proposal, faults: Sequence[str], compiled: CompiledFormulation, round: int
    ) -> Proposal:
        """Ask again in the same conversation."""
        return self._ask(ask, [*proposal.conversation, Message("user", prompt("revise_feedback", points=faults))])

    def _ask(self, ask: Ask, messages: Sequence[Message]) -> Proposal:
        completion = ask(messages, json_schema=CHANGES_SCHEMA, max_tokens=_MAX_TOKENS)
        return read_proposal(completion, (*messages, Message("assistant", completion.text)))


def read_proposal(completion: Completion, conversation: tuple[Message, ...]) -> Proposal:
    """Read a completion; what is wrong with it becomes faults."""
    try:
        content = json_object(completion.text)
    except CompletionError as error:
        fault = "The answer was cut off because it was too long." if completion.finish is Finish.LENGTH else str(error)
        return Proposal(faults=(fault,), conversation=conversation)
    cannot = content.get("cannot")
    written = content.get("changes")
    if isinstance(cannot, str) and cannot.strip() and not written:
        return Proposal(cannot=cannot.strip(), conversation=conversation)
    if not isinstance(written, list) or not written:
        fault = 'There is no list of changes. Answer {"changes": [{"kind": ..., "path": ..., "value": ...}]}.'
        return Proposal(faults=(fault,), conversation=conversation)
    changes, faults = [], []
    for place, item in enumerate(written, start=1):
        try:
            change = _added_by_name(Change.model_validate(item))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            faults.append(f"Change {place}: {where}: {first['msg']}." if where else f"Change {place}: {first['msg']}.")
            continue
        if change.path.partition(".")[0].strip() not in _PARTS:
            faults.append(f"Change {place}: `{change.path[:60]}` is no part that may change ({', '.join(_PARTS)}).")
        changes.append(change)
    return Proposal(changes=() if faults else tuple(changes), faults=tuple(faults), conversation=conversation)


def _added_by_name(change: Change) -> Change:
    """Return a change that adds an element to its list where its path names the element as well."""
    steps = [step.strip() for step in change.path.split(".")]
    is_named = len(steps) == 2 and isinstance(change.value, dict) and change.value.get("name", steps[1]) == steps[1]
    if change.kind != "add" or not is_named or steps[0] not in _LISTS or steps[1].isdigit():
        return change
    return change.model_copy(update={"path": steps[0], "value": {"name": steps[1], **change.value}})
