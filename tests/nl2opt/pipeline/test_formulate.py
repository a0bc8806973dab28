from __future__ import annotations

import pytest

from nl2opt.chat.scripted import Reply
from nl2opt.errors import ChatRequestError, NoFormulationError, ProblemError
from nl2opt.pipeline.formulate import (
    MAX_PROBLEM_CHARACTERS,
    formulation_of,
    no_formulation_message,
    require_problem,
    search_formulation,
)
from nl2opt.pipeline.options import FormulateOptions
from nl2opt.pipeline.search import Search
from tests.nl2opt.pipeline.cases import NOT_A_PROBLEM, PROBLEM, RIGHT, VARIABLES, indexed, scripted


def searched(*replies: str | Reply, rounds: int = 0) -> Search:
    return search_formulation(PROBLEM, scripted(*replies), FormulateOptions(rounds=rounds))


def test_a_problem_loses_the_space_around_it() -> None:
    assert require_problem(f"\n {PROBLEM}\t") == PROBLEM


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "There is no text"),
        (" \n", "There is no text"),
        ("x" * (MAX_PROBLEM_CHARACTERS + 1), "100,001 characters; at most 100,000"),
        ("caf\udce9", "Character 4 of the text is half of a character"),
    ],
)
def test_texts_that_cannot_be_worked_on_are_refused_before_anything_is_asked(text: str, message: str) -> None:
    llm = scripted(VARIABLES, RIGHT)
    with pytest.raises(ProblemError, match=message):
        search_formulation(text, llm, FormulateOptions())
    assert llm.requests == []


def test_the_formulation_of_a_search_is_the_chosen_one() -> None:
    formulation = formulation_of(searched(VARIABLES, RIGHT))
    assert [variable.name for variable in formulation.variables] == ["chairs", "tables"]
    assert formulation.parameters


def test_without_a_usable_draft_the_error_carries_the_trace() -> None:
    with pytest.raises(NoFormulationError, match="no usable formulation in 2 attempts") as caught:
        formulation_of(searched(Reply("no", when="Step 1"), rounds=1))
    assert len(caught.value.trace.attempts) == 2


def test_what_is_no_problem_is_said_to_be_none() -> None:
    with pytest.raises(NoFormulationError, match=r"no decision problem in the text: it asks for a story\.$"):
        formulation_of(searched(NOT_A_PROBLEM))


def test_a_chat_model_that_failed_before_there_was_anything_is_the_error() -> None:
    with pytest.raises(ChatRequestError):
        formulation_of(searched("no", rounds=1))


def test_the_message_tells_everything_that_was_wrong_last() -> None:
    wrong = indexed(variables=[{"name": f"x{n}"} for n in range(7)])
    search = search_formulation(PROBLEM, scripted(wrong, style="indexed"), FormulateOptions(rounds=0))
    message = no_formulation_message(search)
    assert message.startswith("The language model wrote no usable formulation in 1 attempt. Last: ")
    assert all(point in message for point in search.trace.attempts[0].feedback)
    assert message.count("`domain` is missing") == 7
