from __future__ import annotations

from nl2opt.chat.scripted import ScriptedChatModel
from nl2opt.pipeline.answer import Answer
from nl2opt.pipeline.options import FormulateOptions
from nl2opt.pipeline.program.answering import answer_by_program
from nl2opt.verification.evidence import NOT_VERIFIED, Outcome
from tests.nl2opt.pipeline.cases import OPTIMUM, PROBLEM, scripted
from tests.nl2opt.pipeline.program.cases import HIGHSPY, MISSPELT, RIGHT, WITHOUT_SOLD, pyomo, said

OTHERWISE_WRONG = pyomo(
    'model.hours = pyo.Constraint(expr=2 * model.make["chairs"] + 5 * model.make["tables"] <= 400)',
    'model.sold = pyo.Constraint(expr=model.make["tables"] >= 40)',
)
"""All numbers are used, and the answer is another one: maximum 6400."""


def drawn(*programs: str, rounds: int = 3) -> tuple[Answer, ScriptedChatModel]:
    """Answer the problem with a small chat model."""
    chat = scripted(*map(said, programs), style="scalar")
    return answer_by_program(PROBLEM, chat, FormulateOptions(rounds=rounds)), chat


def drafts(answer: Answer) -> tuple[Outcome, str]:
    (found,) = [item for item in answer.evidence if item.name == "drafts"]
    return found.outcome, found.text


def test_a_small_chat_model_is_asked_until_two_programs_have_the_same_optimum() -> None:
    answer, chat = drawn(RIGHT, HIGHSPY, RIGHT)
    assert len(chat.requests) == 2
    assert chat.requests[0] == chat.requests[1]
    assert (answer.objective, answer.verdict) == (OPTIMUM, "checked, 1 assumption")
    assert drafts(answer) == (Outcome.PASSED, "2 of 2 drafts of the language model have the same optimum.")


def test_the_optimum_of_two_programs_counts_more_than_that_of_the_first() -> None:
    answer, _ = drawn(OTHERWISE_WRONG, RIGHT, HIGHSPY)
    assert answer.objective == OPTIMUM
    assert drafts(answer)[0] is Outcome.PASSED


def test_a_small_chat_model_writes_another_program_where_its_model_is_doubtful() -> None:
    answer, chat = drawn(WITHOUT_SOLD, RIGHT, RIGHT)
    assert chat.requests[1] == chat.requests[0]
    assert answer.objective == OPTIMUM


def test_a_small_chat_model_that_stumbled_is_not_told_but_asked_anew() -> None:
    answer, chat = drawn(MISSPELT, RIGHT, RIGHT)
    assert chat.requests[0] == chat.requests[1] == chat.requests[2]
    assert answer.objective == OPTIMUM
    assert drafts(answer) == (Outcome.PASSED, "2 of 3 drafts of the language model have the same optimum.")


def test_where_no_two_programs_have_the_same_optimum_the_answer_is_not_verified() -> None:
    answer, _ = drawn(RIGHT, OTHERWISE_WRONG, rounds=1)
    assert (answer.objective, answer.verdict) == (OPTIMUM, NOT_VERIFIED)
    assert drafts(answer) == (Outcome.DOUBTFUL, "No two of the 2 drafts of the language model have the same optimum.")
