from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from nl2opt.chat.base import WritingStyle
from nl2opt.chat.scripted import Reply, ScriptedChatModel
from nl2opt.pipeline.answer import Answer, Status
from nl2opt.pipeline.options import FormulateOptions
from nl2opt.pipeline.program.both import TOLD_AGREEMENT, _agree, _Side, answer_both
from nl2opt.verification.evidence import INDEPENDENT_AGREEMENT, NOT_VERIFIED, VERIFIED, Evidence, Outcome
from solvers import Termination, solve
from solvers.sandbox import Pool
from solvers.sandbox.inside.layers import SECCOMP
from tests.nl2opt.pipeline.cases import INDEXED, NOT_A_PROBLEM, OPTIMUM, PROBLEM, VARIABLES, indexed, scripted
from tests.nl2opt.pipeline.cases import RIGHT as ROWS
from tests.nl2opt.pipeline.program.cases import GAIN, HOURS, MISSPELT, RIGHT, SOLD, pyomo, said
from tests.solvers.cases import MAX, build_model

ELSEWHERE = pyomo(HOURS, SOLD.replace("<= 40", "<= 2 * 40"))
"""Holds every number of the text, and reaches 6400."""
DOUBTFUL = indexed(parameters=INDEXED["parameters"][:3], constraints=INDEXED["constraints"][:1])
"""A formulation without the number 40; reaches 6400."""


def both(*replies: str | Reply, style: WritingStyle = "indexed", **options: Any) -> tuple[Answer, ScriptedChatModel]:
    chat = scripted(*replies, style=style)
    return answer_both(PROBLEM, chat, FormulateOptions(**options)), chat


def comparison(answer: Answer) -> Evidence:
    (found,) = [item for item in answer.evidence if item.name in (INDEPENDENT_AGREEMENT, TOLD_AGREEMENT)]
    return found


def test_two_routes_that_agree_are_evidence() -> None:
    answer, chat = both(indexed(), said(RIGHT))
    assert (answer.route, answer.status, answer.objective) == ("both", Status.SOLVED, OPTIMUM)
    assert comparison(answer).outcome is Outcome.PASSED
    assert comparison(answer).name == INDEPENDENT_AGREEMENT
    assert "demands exactly the same" in comparison(answer).text
    assert answer.verdict == VERIFIED
    assert answer.formulation is not None
    assert answer.program == RIGHT
    assert answer.warnings == ()
    # The program was written without sight of the formulation.
    assert chat.requests[1][-1].content == PROBLEM
    assert len(answer.trace.attempts) == 2


def test_the_scalar_style_is_compared_too() -> None:
    answer, _ = both(VARIABLES, ROWS, ROWS, said(RIGHT), style="scalar")
    assert comparison(answer).outcome is Outcome.PASSED
    assert answer.values is not None
    assert dict(answer.values) == {"chairs": 100, "tables": 40}


def test_a_disagreement_is_told_once_and_may_be_mended() -> None:
    answer, chat = both(indexed(), said(ELSEWHERE), said(RIGHT))
    told = chat.requests[2][-1].content
    assert "Another model of the same problem, written independently, reaches 6,200; this one reaches 6,400." in told
    assert "make['table'] has the upper bound 40 in the other model and 80 in the program." in told
    assert comparison(answer).name == TOLD_AGREEMENT
    assert "After the program was told" in comparison(answer).text
    assert answer.verdict.startswith("checked")
    assert answer.program == RIGHT


def test_a_disagreement_that_stays_is_a_warning_with_both_optima() -> None:
    answer, _ = both(indexed(), said(ELSEWHERE), said(ELSEWHERE))
    assert answer.objective == OPTIMUM
    assert answer.verdict == NOT_VERIFIED
    assert comparison(answer).outcome is Outcome.DOUBTFUL
    assert answer.warnings == (
        "The two routes disagree: The formulation reaches 6,200, the program reaches 6,400. The program was asked to "
        "mend it, and did not come to the same. This is the answer of the formulation, which is preferred.",
        "make['table'] has the upper bound 40 in the formulation and 80 in the program.",
    )


def test_the_side_with_more_doubts_is_told() -> None:
    answer, chat = both(DOUBTFUL, said(RIGHT), indexed(), rounds=0)
    told = chat.requests[2][-1].content
    assert "this one reaches 6,400" in told
    assert (answer.objective, answer.formulation is not None) == (OPTIMUM, True)
    assert comparison(answer).name == TOLD_AGREEMENT


def test_a_program_without_doubts_is_preferred_to_a_formulation_with_some() -> None:
    answer, _ = both(DOUBTFUL, said(RIGHT), DOUBTFUL, rounds=0)
    assert answer.objective == OPTIMUM
    assert "This is the answer of the program, which has fewer doubtful points." in answer.warnings[0]


def test_where_the_program_comes_to_nothing_the_formulation_answers() -> None:
    answer, _ = both(indexed(), said(MISSPELT), rounds=0)
    assert (answer.status, answer.objective) == (Status.SOLVED, OPTIMUM)
    assert comparison(answer).outcome is Outcome.NOT_RUN
    assert "No program came to an end that could be compared." in comparison(answer).text
    assert answer.verdict.startswith("checked")


def test_where_the_formulation_comes_to_nothing_the_program_answers() -> None:
    answer, _ = both("nothing", said(RIGHT), rounds=0)
    assert (answer.status, answer.objective, answer.formulation) == (Status.SOLVED, OPTIMUM, None)
    assert "so this is the program's answer" in answer.warnings[0]


def test_where_both_come_to_nothing_both_are_told() -> None:
    answer, _ = both("nothing", said(MISSPELT), rounds=0)
    assert answer.status is Status.NO_FORMULATION
    assert "The other route came to: The language model wrote no program" in answer.warnings[0]


def test_two_infeasible_models_agree() -> None:
    rows = [*INDEXED["constraints"], {"name": "many", "expression": "make['chair'] >= 300"}]
    many = 'model.many = pyo.Constraint(expr=model.make["chairs"] >= 300)'
    answer, _ = both(indexed(constraints=rows), said(pyomo(HOURS, SOLD, many)), rounds=0)
    assert answer.status is Status.INFEASIBLE
    assert comparison(answer).outcome is Outcome.PASSED


def test_another_objective_is_named() -> None:
    gain = GAIN.replace("80", "8 * 8")
    answer, _ = both(indexed(), said(pyomo(HOURS, SOLD, gain=gain)), said(pyomo(HOURS, SOLD, gain=gain)), rounds=0)
    assert comparison(answer).outcome is Outcome.DOUBTFUL
    assert "Only in the objective of the formulation: 80." in comparison(answer).text


def test_no_problem_is_none_on_both_routes() -> None:
    answer, chat = both(NOT_A_PROBLEM)
    assert (answer.status, len(chat.requests)) == (Status.NO_FORMULATION, 1)
    assert both()[0].status is Status.LLM_UNREACHABLE


def test_without_a_sandbox_the_formulation_answers_and_says_so() -> None:
    with Pool(without=frozenset({SECCOMP})) as pool:
        answer = answer_both(
            PROBLEM, scripted(indexed(), said(RIGHT), style="indexed"), FormulateOptions(), run=pool.run
        )
    assert (answer.status, answer.objective, answer.program) == (Status.SOLVED, OPTIMUM, RIGHT)
    assert comparison(answer).outcome is Outcome.NOT_RUN
    assert "No sandbox on this system" in comparison(answer).text


@pytest.mark.parametrize(
    ("reached", "gap", "asked", "agree"),
    [
        (98.0, 0.02, 0.05, True),  # as far from the optimum of 100 as its gap
        (90.0, 0.02, 0.05, False),
        (98.0, 0.02, 0.0, False),  # nothing was asked for, so a limit was reached
    ],
)
def test_what_was_solved_to_the_gap_that_was_asked_for_agrees_up_to_the_gap(
    reached: float, gap: float, asked: float, agree: bool
) -> None:
    best = solve(build_model(MAX, [1.0], upper=100))
    near = replace(best, termination=Termination.LIMIT, objective=reached, gap=gap)
    sides = [
        _Side(name=name, model=None, solution=solution, doubts=0, asked_gap=asked)
        for name, solution in (("the formulation", best), ("the program", near))
    ]
    assert sides[1].is_known is (asked > 0)
    assert _agree(sides[0], sides[1]) is agree
    if asked:
        assert sides[1].end() == f"reaches {reached:g} within a gap of 2 %"
