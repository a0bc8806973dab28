"""Asks a small language model for a formulation in the scalar style, in two steps.

First the variables; then, in a grammar that admits no other names, objective and constraints. A model of
1.5 billion parameters left to itself invents names and definitions; in the grammar it cannot.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final

from nl2opt.chat.base import Completion, Finish, Message
from nl2opt.errors import FormulationError
from nl2opt.pipeline.completion import CompletionError, json_object
from nl2opt.pipeline.drafting import Ask, Draft
from nl2opt.pipeline.measures import with_split_amounts
from nl2opt.pipeline.prompts import plain_prompt, worked_examples
from nl2opt.pipeline.scalar import identifier, read_scalar, unique
from nl2opt.pipeline.shares import with_shares_of_the_whole

_STEP_1: Final = "Step 1: the variables."
_STEP_3: Final = "Step 3: the constraint that is missing, alone. The text also says:"
_STEP_1_TOKENS: Final = 800
_TEMPERATURE: Final = 0.4
_STEP_2_TOKENS: Final = 2000
_TEXT: Final = {"type": "string", "maxLength": 200}


def _object(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object", "properties": properties, "required": list(properties), "additionalProperties": False,
    }  # fmt: skip


VARIABLES_SCHEMA: Final[dict[str, Any]] = {
    "anyOf": [
        _object(
            variables={
                "type": "array",
                "minItems": 1,
                "maxItems": 40,
                "items": _object(
                    name={"type": "string", "pattern": "^[a-z][a-z0-9_]{0,39}$"},
                    description=_TEXT,
                    domain={"enum": ["integer", "continuous", "binary"]},
                ),
            }
        ),
        _object(not_a_problem=_TEXT),
    ]
}


def rows_schema(names: Sequence[str]) -> dict[str, Any]:
    """Return the schema of the second step: expressions of these names and numbers only.

    A side is a sum of terms; a term is a number times a name, or a number times a sum in parentheses; in the
    objective also a product of two names. Plain numbers stand on the right of a comparison, where small
    models put them rightly. Everything has an end: a small model that begins to repeat itself would go on.
    """
    number = r"[0-9]{1,12}(\.[0-9]{1,8})?"
    more = f"{{0,{2 * len(names) + 2}}}"
    name = "(" + "|".join(sorted(map(re.escape, names), key=len, reverse=True)) + ")"
    group = rf"\(-?({number} \* )?{name}( [+-] ({number} \* )?{name}){more}\)"
    term = rf"({number} \* ({name}|{group})|{name}|{group})"
    side = rf"-?{term}( [+-] {term}){more}"
    right_term = rf"({term}|{number}( \* {number})?)"
    right = rf"-?{right_term}( [+-] {right_term}){more}"
    gain = rf"({number} \* ({name}( \* {name})?|{group})|{name}( \* {name})?|{group}|{number})"
    return _object(
        objective=_object(
            sense={"enum": ["maximize", "minimize"]},
            expression={"type": "string", "pattern": rf"^-?{gain}( [+-] {gain}){more}$"},
        ),
        constraints={
            "type": "array",
            "maxItems": 30,
            "items": _object(name=_TEXT, expression={"type": "string", "pattern": f"^{side} (<=|>=|==) {right}$"}),
        },
    )


class ScalarWriter:
    """Asks for scalar variables, then for the rows over them."""

    draws_again: Final = True

    def write(self, ask: Ask, problem: str) -> Draft:
        """Ask for a first draft."""
        examples = _examples()
        conversation = [*examples, Message("user", f"{problem}\n\n{_STEP_1}")]
        first = ask(
            conversation, json_schema=VARIABLES_SCHEMA, max_tokens=_STEP_1_TOKENS, shared_messages=len(examples)
        )
        try:
            variables = _content(first)
            reason = variables.get("not_a_problem")
            if isinstance(reason, str) and "variables" not in variables:
                return Draft(formulation=None, not_a_problem=reason or "it asks for no decision")
            names = _names(variables)
            variables = _each_once(variables)
        except CompletionError as error:
            said = (*conversation, Message("assistant", first.text))
            return Draft(formulation=None, faults=(str(error),), conversation=said)
        conversation += [Message("assistant", json.dumps(variables)), Message("user", _step_2(names))]
        return self._rows(ask, conversation, variables, names)

    def revise(
        self, ask: Ask, draft: Draft, feedback: Sequence[str], round: int, *, missing: Sequence[str] = ()
    ) -> Draft:
        """Ask for the rows that are missing, or for all of them once more; without variables, for these again.

        A small model that is shown its own mistake repeats it, and one that is told what was wrong takes the
        words of the reproach for words of the problem. So it is neither shown nor told: it draws again, at a
        temperature above 0, and the pipeline compares the drafts.
        """
        if missing:
            return self._completed(ask, draft, missing)
        ask_again = partial(ask, temperature=_TEMPERATURE, sample=round)
        variables = _stated_variables(draft.conversation)
        if variables is None:
            return self.write(ask_again, _problem_of(draft.conversation))
        names = _names(variables)
        begin = _begin(draft.conversation)
        conversation = [
            *draft.conversation[: begin + 1],
            Message("assistant", json.dumps(variables)),
            Message("user", _step_2(names)),
        ]
        return self._rows(ask_again, conversation, variables, names)

    def _completed(self, ask: Ask, draft: Draft, missing: Sequence[str]) -> Draft:
        """Ask for the constraints of some clauses of the problem alone, and add them to the draft.

        One constraint for one clause is what a small model can do; another try at all of them loses others.
        """
        variables = _stated_variables(draft.conversation)
        if variables is None or draft.formulation is None:
            return draft
        clauses = " ".join(f'"{clause}"' for clause in missing)
        conversation = (*draft.conversation, Message("user", f"{_STEP_3} {clauses}"))
        rows = rows_schema(_names(variables))["properties"]["constraints"]
        schema = _object(constraints={**rows, "minItems": 1, "maxItems": 2 * len(missing)})
        completion = ask(conversation, json_schema=schema, max_tokens=_STEP_2_TOKENS)
        try:
            reading = read_scalar({**_content(completion), "variables": variables["variables"], "objective": None})
        except CompletionError as error:
            return Draft(formulation=None, faults=(str(error),), conversation=draft.conversation)
        except FormulationError as error:
            return Draft(formulation=None, faults=tuple(map(str, error.findings)), conversation=draft.conversation)
        taken = {
            element.name for part in (draft.formulation.variables, draft.formulation.constraints) for element in part
        }
        added = [row.model_copy(update={"name": unique(row.name, taken)}) for row in reading.formulation.constraints]
        constraints = [*draft.formulation.constraints, *added]
        formulation = draft.formulation.model_copy(update={"constraints": constraints})
        repairs = [*draft.repairs, *reading.repairs]
        formulation = with_shares_of_the_whole(formulation, _problem_of(draft.conversation), repairs)
        return replace(draft, formulation=formulation, repairs=tuple(repairs))

    def _rows(
        self, ask: Ask, conversation: Sequence[Message], variables: Mapping[str, Any], names: Sequence[str]
    ) -> Draft:
        completion = ask(conversation, json_schema=rows_schema(names), max_tokens=_STEP_2_TOKENS)
        said = (*conversation, Message("assistant", completion.text))
        try:
            rows = _content(completion)
            repairs: list[str] = []
            problem = _problem_of(conversation)
            declared = [with_split_amounts(variable, problem, repairs) for variable in variables["variables"]]
            reading = read_scalar({**rows, "variables": declared})
        except CompletionError as error:
            return Draft(formulation=None, faults=(str(error),), conversation=said)
        except FormulationError as error:
            return Draft(formulation=None, faults=tuple(map(str, error.findings)), conversation=said)
        repairs += reading.repairs
        formulation = with_shares_of_the_whole(reading.formulation, problem, repairs)
        return Draft(formulation=formulation, repairs=tuple(repairs), conversation=said)


def _examples() -> list[Message]:
    messages = [Message("system", plain_prompt("scalar"))]
    for example in worked_examples("scalar"):
        answer = example["answer"]
        messages.append(Message("user", f"{example['problem']}\n\n{_STEP_1}"))
        if "variables" not in answer:
            messages.append(Message("assistant", json.dumps(answer)))
            continue
        rows = {"objective": answer["objective"], "constraints": answer["constraints"]}
        messages += [
            Message("assistant", json.dumps({"variables": answer["variables"]})),
            Message("user", _step_2([variable["name"] for variable in answer["variables"]])),
            Message("assistant", json.dumps(rows)),
        ]
    return messages


def _step_2(names: Sequence[str]) -> str:
    return f"Step 2: the objective and the constraints. Use only these variables: {', '.join(names)}."


def _content(completion: Completion) -> dict[str, Any]:
    if completion.finish is Finish.LENGTH:
        raise CompletionError("The answer was cut off because it was too long. Write it again, shorter.")
    return json_object(completion.text)


def _names(variables: Mapping[str, Any]) -> list[str]:
    """Return the declared names, each once.

    Raises:
        CompletionError: there are none.
    """
    items = variables.get("variables")
    names = [item.get("name") for item in items if isinstance(item, Mapping)] if isinstance(items, list) else []
    found = list(dict.fromkeys(identifier(name) for name in names if isinstance(name, str) and name.strip()))
    if not found:
        raise CompletionError('There are no variables. Answer {"variables": [{"name": ..., "domain": ...}]}.')
    return found


def _each_once(variables: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out variables whose name was declared before: no redraw of the rows could mend that."""
    kept: dict[str, Any] = {}
    for item in variables["variables"]:
        if not isinstance(item, Mapping):
            continue
        name = item.get("name")
        kept.setdefault(identifier(name) if isinstance(name, str) else str(len(kept)), item)
    return {**variables, "variables": list(kept.values())}


def _begin(conversation: Sequence[Message]) -> int:
    """Return the place of the message that states the problem: the last that asks for step 1."""
    return max(n for n, m in enumerate(conversation) if m.role == "user" and m.content.endswith(_STEP_1))


def _problem_of(conversation: Sequence[Message]) -> str:
    return conversation[_begin(conversation)].content.removesuffix(_STEP_1).rstrip()


def _stated_variables(conversation: Sequence[Message]) -> dict[str, Any] | None:
    """Return the variables that the conversation declares for the problem; `None` when it does not."""
    for message in conversation[_begin(conversation) + 1 :]:
        if message.role == "assistant" and '"variables"' in message.content:
            try:
                content = json_object(message.content)
                _names(content)
            except CompletionError:
                continue
            return content
    return None
