"""Asks a small chat model for one simple change at a time, in a grammar that admits only the names that there are."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final

from nl2opt.chat.base import Finish, Message
from nl2opt.errors import ChangeError
from nl2opt.formulation.analysis.entry_path import entry_labels
from nl2opt.formulation.changes import Change
from nl2opt.formulation.compilation.compiled import CompiledFormulation
from nl2opt.pipeline.after.asking import changes_of
from nl2opt.pipeline.after.change_writer import Proposal
from nl2opt.pipeline.after.requests import Request
from nl2opt.pipeline.completion import CompletionError, json_object
from nl2opt.pipeline.drafting import Ask
from nl2opt.pipeline.mending import mend_expression
from nl2opt.pipeline.prompts import plain_prompt, worked_examples
from nl2opt.pipeline.scalar import identifier, unique
from nl2opt.pipeline.scalar_writer import rows_schema

_MOST_STEPS: Final = 5
_MOST_NAMES: Final = 60
_TOKENS: Final = 400
_TEMPERATURE: Final = 0.4
_TEXT: Final = {"type": "string", "maxLength": 200}
_NEXT: Final = 'That is noted. What else does the wish ask for? {"done": true} when nothing is left.'


class StepWriter:
    """Asks for one change at a time.

    A proposal that cannot be used is drawn again, since a small model that is shown its own mistake repeats it.
    """

    def write(self, ask: Ask, problem: str, compiled: CompiledFormulation, wish: str) -> Proposal:
        """Ask for the first time."""
        content = {
            "problem": problem[:4000],
            "variables": column_names(compiled),
            "numbers": dict(parameter_entries(compiled)),
            "constraints": {c.name: c.expression for c in compiled.formulation.constraints},
            "wish": wish,
        }
        messages = (*_examples(), Message("user", json.dumps(content, ensure_ascii=False)))
        return self._asked(ask, messages, compiled)

    def correct(
        self, ask: Ask, proposal: Proposal, faults: Sequence[str], compiled: CompiledFormulation, round: int
    ) -> Proposal:
        """Draw again from the beginning, at a temperature above 0."""
        again = partial(ask, temperature=_TEMPERATURE, sample=round)
        return self._asked(again, proposal.conversation[: len(_examples()) + 1], compiled)

    def _asked(self, ask: Ask, messages: tuple[Message, ...], compiled: CompiledFormulation) -> Proposal:
        changes: list[Change] = []
        taken = {constraint.name for constraint in compiled.formulation.constraints}
        for step in range(_MOST_STEPS):
            schema = step_schema(compiled, is_first=not step)
            shared = len(_examples()) if not step else 0
            completion = ask(messages, json_schema=schema, max_tokens=_TOKENS, shared_messages=shared)
            messages = (*messages, Message("assistant", completion.text))
            if completion.finish is Finish.LENGTH:
                return Proposal(faults=("The answer was cut off because it was too long.",), conversation=messages)
            try:
                content = json_object(completion.text)
                if content.get("done"):
                    break
                if isinstance(content.get("cannot"), str):
                    if not changes:
                        return Proposal(cannot=content["cannot"] or "it gave no reason", conversation=messages)
                    break
                found = list(_changes(content, compiled, taken))
            except CompletionError as error:
                return Proposal(faults=(str(error),), conversation=messages)
            except ChangeError as error:
                return Proposal(faults=tuple(map(str, error.findings)), conversation=messages)
            if any(change in changes for change in found):
                break  # it begins to repeat itself
            changes += found
            messages = (*messages, Message("user", _NEXT))
        faults = () if changes else ("Nothing was to be changed.",)
        return replace(Proposal(conversation=messages), changes=tuple(changes), faults=faults)


def _examples() -> tuple[Message, ...]:
    """Return the instructions and the worked examples, the same for every wish."""
    messages = [Message("system", plain_prompt("revise_scalar"))]
    for example in worked_examples("revise_scalar"):
        question = json.dumps(example["told"], ensure_ascii=False)
        for step in example["steps"]:
            messages += [Message("user", question), Message("assistant", json.dumps(step, ensure_ascii=False))]
            question = _NEXT
    return tuple(messages)


def step_schema(compiled: CompiledFormulation, *, is_first: bool) -> dict[str, Any]:
    """Return the schema of one step: only names that there are."""
    rows = rows_schema(column_names(compiled))["properties"]["constraints"]["items"]["properties"]
    number = {"type": "number"}
    numbers = [name for name, _ in parameter_entries(compiled)]
    bounds = [
        f"{v.name}.{side}"
        for v in compiled.formulation.variables
        if v.domain != "binary"
        for side in ("upper", "lower")
    ]
    on = [constraint.name for constraint in compiled.formulation.enabled_constraints]
    whole = [v.name for v in compiled.formulation.variables if v.domain == "continuous"]
    forms = [_object(constraint=_object(name=_TEXT, expression=rows["expression"]))]
    forms += [_object(number={"enum": numbers}, to=number)] if numbers else []
    forms += [_object(bound={"enum": bounds}, to=number)] if bounds else []
    forms += [_object(leave_out={"enum": on})] if on else []
    forms += [_object(whole={"enum": whole})] if whole else []
    forms.append(_object(cannot=_TEXT) if is_first else _object(done={"enum": [True]}))
    return {"anyOf": forms}


def _object(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object", "properties": properties, "required": list(properties), "additionalProperties": False,
    }  # fmt: skip


def column_names(compiled: CompiledFormulation) -> list[str]:
    """Return the names of the first decisions, as expressions call them: `make['chair']`."""
    return [compiled.model.name_of_column(column) for column in range(min(compiled.n_declared, _MOST_NAMES))]


def parameter_entries(compiled: CompiledFormulation) -> list[tuple[str, float]]:
    """Return the first numbers with their names, `hours` and `profit[chair]`; no cells of attached tables."""
    found: list[tuple[str, float]] = []
    attached = {parameter.name for parameter in compiled.formulation.parameters if parameter.table is not None}
    for name, table in compiled.context.parameters.items():
        size = math.prod(dimension.size for dimension in table.dimensions)
        if name in attached or len(found) + size > _MOST_NAMES:
            continue
        for place in range(size):
            labels = entry_labels(table.dimensions, place)
            label = f"{name}[{', '.join(map(str, labels))}]" if labels else name
            value = float(table.values[place]) if table.keys is None else table.default
            found.append((label, value))
    return found


def _changes(content: Mapping[str, Any], compiled: CompiledFormulation, taken: set[str]) -> Iterator[Change]:
    """Yield the changes of one step.

    Raises:
        CompletionError: it is none.
        ChangeError: it names what is not there.
    """
    constraint = content.get("constraint")
    if isinstance(constraint, Mapping) and isinstance(constraint.get("expression"), str):
        words = str(constraint.get("name") or "wish")
        text = mend_expression(constraint["expression"], words, [])
        value = {"name": unique(identifier(words), taken), "expression": text, "description": words}
        yield Change(kind="add", path="constraints", value=value)
        return
    for key in ("number", "bound"):
        if isinstance(content.get(key), str) and isinstance(content.get("to"), int | float):
            request = Request(content[key], content["to"], f"{content[key]} to {content['to']}")
            yield from changes_of([request], compiled)
            return
    if isinstance(content.get("leave_out"), str):
        yield from changes_of([Request(content["leave_out"], False, f"without {content['leave_out']}")], compiled)
        return
    if isinstance(content.get("whole"), str):
        yield Change(kind="set", path=f"variables.{content['whole']}.domain", value="integer")
        return
    raise CompletionError("The answer is none of the forms that are asked for.")
