from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from nl2opt.chat.base import NO_USAGE, Completion, Finish, Message
from nl2opt.pipeline.drafting import Draft
from nl2opt.pipeline.scalar_writer import VARIABLES_SCHEMA, ScalarWriter, rows_schema
from tests.nl2opt.pipeline.cases import GAIN, HOURS, NOT_A_PROBLEM, PROBLEM, RIGHT, SOLD, VARIABLES, rows

STEP_2 = "Step 2: the objective and the constraints. Use only these variables: chairs, tables."


@dataclass
class Asked:
    """Gives replies in turn, and keeps what was asked."""

    replies: list[Completion]
    messages: list[Sequence[Message]] = field(default_factory=list)
    options: list[dict[str, Any]] = field(default_factory=list)

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
        self.messages.append(tuple(messages))
        self.options.append({"json_schema": json_schema, "temperature": temperature, "sample": sample})
        return self.replies.pop(0)


def asked(*replies: str, finish: Finish = Finish.STOP) -> Asked:
    return Asked([Completion(text=text, finish=finish, usage=NO_USAGE, model="m") for text in replies])


def first_draft(ask: Asked) -> Draft:
    return ScalarWriter().write(ask, PROBLEM)


def test_the_variables_are_asked_for_and_then_the_rows_over_them() -> None:
    ask = asked(VARIABLES, RIGHT)
    draft = first_draft(ask)
    assert draft.formulation is not None
    assert [variable.name for variable in draft.formulation.variables] == ["chairs", "tables"]
    assert [constraint.expression for constraint in draft.formulation.constraints] == [HOURS, SOLD]
    assert [messages[-1].content for messages in ask.messages] == [f"{PROBLEM}\n\nStep 1: the variables.", STEP_2]
    assert [option["json_schema"] for option in ask.options] == [VARIABLES_SCHEMA, rows_schema(["chairs", "tables"])]
    assert {option["temperature"] for option in ask.options} == {0.0}
    assert draft.conversation[-1] == Message("assistant", RIGHT)


def test_names_are_told_as_the_language_takes_them() -> None:
    written = {"variables": [{"name": "Chairs made", "domain": "integer"}, {"name": "sum", "domain": "integer"}]}
    ask = asked(json.dumps(written), RIGHT)
    first_draft(ask)
    assert ask.messages[1][-1].content.endswith("Use only these variables: chairs_made, sum_.")


def test_a_text_without_decision_is_no_problem() -> None:
    ask = asked(NOT_A_PROBLEM)
    assert first_draft(ask).not_a_problem == "it asks for a story"
    assert first_draft(asked('{"not_a_problem": ""}')).not_a_problem


def test_variables_count_more_than_the_remark_that_there_is_no_problem() -> None:
    both = json.dumps({**json.loads(VARIABLES), "not_a_problem": ""})
    assert first_draft(asked(both, RIGHT)).formulation is not None


@pytest.mark.parametrize(
    ("reply", "finish", "fault"),
    [
        (VARIABLES, Finish.LENGTH, "cut off"),
        ("chairs and tables", Finish.STOP, "no JSON object"),
        ('{"variables": []}', Finish.STOP, "There are no variables"),
        ('{"variables": ["x"]}', Finish.STOP, "There are no variables"),
        ('{"variables": [{"name": " "}]}', Finish.STOP, "There are no variables"),
    ],
)
def test_without_variables_no_rows_are_asked_for(reply: str, finish: Finish, fault: str) -> None:
    ask = asked(reply, finish=finish)
    draft = first_draft(ask)
    assert draft.formulation is None
    assert fault in draft.faults[0]
    assert len(ask.messages) == 1


@pytest.mark.parametrize(
    ("reply", "fault"), [("no", "no JSON object"), (rows(HOURS).replace("maximize", "most"), "not one of")]
)
def test_rows_that_cannot_be_read_are_a_fault(reply: str, fault: str) -> None:
    draft = first_draft(asked(VARIABLES, reply))
    assert draft.formulation is None
    assert fault in draft.faults[0]


@pytest.mark.parametrize("feedback", [[], ["The number 400 is not used."]])
def test_a_revision_repeats_the_question_without_the_draft_or_reproaches(feedback: list[str]) -> None:
    first = asked(VARIABLES, rows(SOLD))
    draft = first_draft(first)
    again = asked(RIGHT)
    revised = ScalarWriter().revise(again, draft, feedback, 2)
    assert revised.formulation is not None
    assert len(revised.formulation.constraints) == 2
    assert again.messages == [first.messages[1]]
    assert again.options[0]["temperature"] > 0
    assert again.options[0]["sample"] == 2


def test_a_revision_of_a_draft_without_variables_asks_for_these_again() -> None:
    draft = first_draft(asked("no"))
    ask = asked(VARIABLES, RIGHT)
    assert ScalarWriter().revise(ask, draft, draft.faults, 2).formulation is not None
    assert ask.messages[0][-1].content == f"{PROBLEM}\n\nStep 1: the variables."
    assert [option["sample"] for option in ask.options] == [2, 2]
    assert all(option["temperature"] > 0 for option in ask.options)


def test_what_is_missing_is_asked_for_alone_and_added() -> None:
    draft = first_draft(asked(VARIABLES, rows(HOURS)))
    ask = asked(json.dumps({"constraints": [{"name": "c1", "expression": SOLD}]}))
    completed = ScalarWriter().revise(ask, draft, (), 2, missing=["At most 40 tables can be sold."])
    assert completed.formulation is not None
    assert [(c.name, c.expression) for c in completed.formulation.constraints] == [("c1", HOURS), ("c1_2", SOLD)]
    assert tuple(ask.messages[0][:-1]) == draft.conversation
    assert ask.messages[0][-1].content.endswith('The text also says: "At most 40 tables can be sold."')
    assert set(ask.options[0]["json_schema"]["properties"]) == {"constraints"}


def test_a_completion_of_a_draft_that_cannot_be_read_is_a_fault() -> None:
    draft = first_draft(asked(VARIABLES, rows(HOURS)))
    assert ScalarWriter().revise(asked("no"), draft, (), 2, missing=["At most 40 tables."]).formulation is None


def objective_pattern(*names: str) -> re.Pattern[str]:
    return re.compile(rows_schema(names)["properties"]["objective"]["properties"]["expression"]["pattern"])


def constraint_pattern(*names: str) -> re.Pattern[str]:
    return re.compile(rows_schema(names)["properties"]["constraints"]["items"]["properties"]["expression"]["pattern"])


@pytest.mark.parametrize(
    "text",
    [
        HOURS,
        SOLD,
        "tables <= 0.4 * (chairs + tables)",
        "-chairs + 2 * tables >= 0",
        "chairs - tables == 3 * chairs",
        "(chairs + tables) <= 12 * 7 + 3",
    ],
)
def test_the_grammar_of_constraints_admits_linear_rows(text: str) -> None:
    assert constraint_pattern("chairs", "tables").search(text)


@pytest.mark.parametrize(
    "text",
    [
        "desks <= 3",
        "chairs",
        "chairs <= ",
        "chairs < 3",
        "chairs = 3",
        "3 <= chairs",
        "chairs * tables <= 3",
        "2chairs <= 3",
        "chairs <= 1,200",
        "chairs <= 40%",
        "chairs <= 3 <= tables",
        "chairs <= 3 for i in I",
        "chair <= 3",
        "chairss <= 3",
    ],
)
def test_the_grammar_of_constraints_admits_nothing_else(text: str) -> None:
    assert not constraint_pattern("chairs", "tables").search(text)


@pytest.mark.parametrize("text", [GAIN, "chairs", "2 * chairs * tables - 3 * chairs", "30 * (chairs + tables) - 100"])
def test_the_grammar_of_the_objective_admits_products_of_two_and_numbers(text: str) -> None:
    assert objective_pattern("chairs", "tables").search(text)


@pytest.mark.parametrize("text", ["chairs * tables * chairs", "desks", "chairs <= 3", "profit"])
def test_the_grammar_of_the_objective_admits_nothing_else(text: str) -> None:
    assert not objective_pattern("chairs", "tables").search(text)


def test_signs_in_names_have_no_meaning_in_the_grammar() -> None:
    pattern = constraint_pattern("a.b", "c|d", "a")
    assert pattern.search("a.b + c|d + a <= 3")
    assert not pattern.search("axb <= 3")
    assert not pattern.search("d <= 3")


def test_a_name_that_begins_another_does_not_hide_it() -> None:
    assert constraint_pattern("x", "x_1", "x_10").search("x_10 + x_1 + x <= 3")
