from __future__ import annotations

import threading
import time

import pytest

from nl2opt.chat.scripted import ScriptedChatModel
from nl2opt.formulation.schema import Formulation
from nl2opt.pipeline.answer import Answer, Status
from nl2opt.pipeline.events import PipelineEvent, Step, StepStarted
from nl2opt.pipeline.options import FormulateOptions
from nl2opt.pipeline.program.answering import SOLVED_AGAIN, answer_by_program
from nl2opt.verification.evidence import NOT_VERIFIED, Outcome
from solvers import SolveOptions
from solvers.errors import ProgramError
from solvers.sandbox import Pool
from solvers.sandbox.inside.layers import SECCOMP
from tests.nl2opt.pipeline.cases import INDEXED, OPTIMUM, PROBLEM, scripted
from tests.nl2opt.pipeline.program.cases import (
    CP_SAT,
    HIGHSPY,
    HOURS,
    IN_A_FUNCTION,
    INFEASIBLE,
    MATHOPT,
    MISSPELT,
    PYSCIPOPT,
    PYWRAPLP,
    RIGHT,
    SOLD,
    UNBOUNDED,
    WITHOUT_SOLD,
    programmed,
    pyomo,
    ran,
    said,
)


def outcomes(answer: Answer) -> dict[str, Outcome]:
    return {item.name: item.outcome for item in answer.evidence}


def test_a_problem_gets_an_answer_by_a_program_with_everything_in_it() -> None:
    answer = programmed([said(RIGHT)])
    assert answer.status is Status.SOLVED
    assert answer.objective == answer.bound == OPTIMUM
    assert answer.values is not None
    assert answer.values.to_plain() == {"make": {"chairs": 100, "tables": 40}}
    assert answer.route == "program"
    assert answer.program == RIGHT
    assert outcomes(answer) == dict.fromkeys(("point", SOLVED_AGAIN, "numbers"), Outcome.PASSED)
    assert answer.verdict == "checked, 1 assumption"
    assert [item.text for item in answer.assumptions] == ["make[chairs] and make[tables] are whole numbers"]
    record = answer.program_run
    assert record is not None
    assert (record.kind, record.library, record.agrees) == ("finished", "pyomo", True)
    assert (record.claimed_objective, record.solved_objective) == (OPTIMUM, OPTIMUM)
    assert answer.warnings == ()
    assert (answer.usage.requests, answer.trace.attempts[0].program) == (1, RIGHT)


@pytest.mark.parametrize("program", [CP_SAT, PYSCIPOPT, HIGHSPY, PYWRAPLP, MATHOPT, IN_A_FUNCTION])
def test_every_library_is_solved_again(program: str) -> None:
    answer = programmed([said(program)], rounds=0)
    assert (answer.status, answer.objective) == (Status.SOLVED, OPTIMUM)
    assert outcomes(answer)[SOLVED_AGAIN] is Outcome.PASSED
    assert answer.values is not None
    assert dict(answer.values) == {"chairs": 100, "tables": 40}


# -- correction ---------------------------------------------------------------------------------------


def corrected(first: str, second: str = RIGHT) -> tuple[Answer, str]:
    """Return the answer after one correction, and what the chat model was told."""
    chat = scripted(said(first), said(second))
    answer = answer_by_program(PROBLEM, chat, FormulateOptions(style="indexed", rounds=1))
    assert len(chat.requests) == 2
    return answer, chat.requests[1][-1].content


@pytest.mark.parametrize(
    ("program", "told"),
    [
        (MISSPELT, "Line 3, `model.make = pyo.Varr("),
        (RIGHT.replace("pyo.maximize)", "pyo.maximize"), "SyntaxError"),
        (WITHOUT_SOLD, 'The number 40 is not used: "At most 40 tables can be sold."'),
        (UNBOUNDED, "The objective can improve without end. These run away: make[chairs] (up)."),
        (INFEASIBLE, "These exclude each other: "),
        ("import math\nprint(3)\n", "left no model behind"),
        ("import socket\nsocket.create_connection(('example.org', 80))\n", "may not"),
        ("import pulp\n", "`pulp` is not installed. There are pyomo, ortools"),
        ("import sys\nsys.exit(3)\n", "SystemExit: 3"),
    ],
)  # fmt: skip
def test_a_program_is_corrected_with_what_is_wrong(program: str, told: str) -> None:
    answer, message = corrected(program)
    assert told in message
    assert (answer.status, answer.objective) == (Status.SOLVED, OPTIMUM)
    first, second = answer.trace.attempts
    assert (first.chosen, second.chosen) == (False, True)
    assert first.feedback
    assert second.feedback == ()


def test_the_feedback_names_the_line_the_error_and_the_demands_in_conflict() -> None:
    _, message = corrected(MISSPELT)
    assert "AttributeError: module 'pyomo.environ' has no attribute 'Varr'" in message
    _, message = corrected(INFEASIBLE)
    assert "`2*make[chairs] + 5*make[tables] <= 400`" in message
    assert ">= 300" in message


def test_an_endless_program_is_stopped_and_corrected() -> None:
    chat = scripted(said("import time\nwhile True: pass\n"), said(RIGHT))
    options = FormulateOptions(style="indexed", rounds=1, solve=SolveOptions(time_limit_seconds=1))
    answer = answer_by_program(PROBLEM, chat, options)
    assert "took longer than 1 seconds. Does a loop never end" in chat.requests[1][-1].content
    assert answer.is_solved


def test_the_history_of_what_was_tried_is_told() -> None:
    chat = scripted(said(MISSPELT), said(UNBOUNDED), said(RIGHT))
    answer = answer_by_program(PROBLEM, chat, FormulateOptions(style="indexed"))
    assert answer.is_solved
    assert "Earlier programs failed too:" not in chat.requests[1][-1].content
    assert "Earlier programs failed too:\n\n- Line 3, `model.make = pyo.Varr(" in chat.requests[2][-1].content
    # The conversation stays short: the last program alone.
    assert [message.role for message in chat.requests[2]] == [message.role for message in chat.requests[1]]


def test_where_a_correction_changes_nothing_a_new_program_is_asked_for() -> None:
    chat = scripted(said(MISSPELT), said(MISSPELT), said(RIGHT))
    assert answer_by_program(PROBLEM, chat, FormulateOptions(style="indexed")).is_solved
    assert chat.requests[2] == chat.requests[0]


def test_the_best_program_is_kept_when_a_correction_is_worse() -> None:
    answer = programmed([said(WITHOUT_SOLD), said(MISSPELT)], rounds=1)
    assert (answer.status, answer.objective, answer.verdict) == (Status.SOLVED, 6400.0, NOT_VERIFIED)
    assert outcomes(answer)["numbers"] is Outcome.DOUBTFUL
    assert [attempt.chosen for attempt in answer.trace.attempts] == [True, False]


def test_a_program_that_fails_after_it_has_solved_its_model_has_an_answer() -> None:
    answer = programmed([said(pyomo(HOURS, SOLD, end='print(model.make["desks"].value)'))])
    assert (answer.status, answer.objective) == (Status.SOLVED, OPTIMUM)
    assert len(answer.trace.attempts) == 1
    assert "After it had built its model, the program failed" in answer.warnings[0]


def test_a_half_built_model_is_no_answer() -> None:
    answer = programmed([said(pyomo(HOURS, "undefined_name"))], rounds=0)
    assert (answer.status, answer.objective, answer.values) == (Status.PROGRAM_FAILED, None, None)
    assert "NameError" in answer.message


# -- what the program says is not believed ------------------------------------------------------------


def test_a_forged_optimum_is_replaced_by_that_of_the_model() -> None:
    forger = RIGHT + 'model.make["tables"].set_value(4000, skip_validation=True)\n'
    answer = programmed([said(forger)], rounds=0)
    assert answer.objective == OPTIMUM
    assert answer.verdict == NOT_VERIFIED
    assert outcomes(answer)[SOLVED_AGAIN] is Outcome.FAILED


def test_a_print_out_alone_is_a_claim_that_is_not_verified() -> None:
    answer = programmed(
        [said('import math\nprint("chairs = 100")\nprint("Optimal objective value: 6200")\n')], rounds=0
    )
    assert answer.status is Status.CLAIMED
    assert (answer.objective, answer.verdict, answer.is_solved) == (OPTIMUM, NOT_VERIFIED, False)
    assert outcomes(answer)[SOLVED_AGAIN] is Outcome.DOUBTFUL
    assert "the program's own claim, not checked" in str(answer)


# -- what ends without an answer ----------------------------------------------------------------------


def test_rounds_without_success_say_what_to_do() -> None:
    answer = programmed([said(MISSPELT), "no", said(RIGHT.replace("pyo.Constraint", "pyo.Constrain"))], rounds=2)
    assert answer.status is Status.PROGRAM_FAILED
    assert "in 3 attempts. Last: Line" in answer.message
    assert "--rounds" in answer.message
    assert answer.program is not None
    assert answer.values is None


def test_an_infeasible_problem_is_an_answer() -> None:
    answer = programmed([said(INFEASIBLE)], rounds=0)
    assert (answer.status, answer.objective) == (Status.INFEASIBLE, None)
    assert "These exclude each other" in answer.message


def test_no_code_at_all_is_said() -> None:
    answer = programmed(["I would rather not."], rounds=0)
    assert (answer.status, answer.program) == (Status.PROGRAM_FAILED, None)
    assert "There is no program in the answer." in answer.message


def test_a_text_without_a_decision_is_no_problem() -> None:
    answer = programmed(["NOT A PROBLEM: it asks for a story"])
    assert (answer.status, answer.message) == (
        Status.NO_FORMULATION,
        "There is no decision problem in the text: it asks for a story.",
    )


def test_a_chat_model_that_cannot_be_asked_is_said() -> None:
    assert programmed([]).status is Status.LLM_UNREACHABLE
    later = programmed([said(WITHOUT_SOLD)])
    assert (later.status, later.objective) == (Status.SOLVED, 6400.0)
    assert "could not be asked again" in later.warnings[0]


def test_without_a_sandbox_the_program_is_written_and_not_run() -> None:
    with Pool(without=frozenset({SECCOMP})) as pool:
        chat = scripted(said(RIGHT))
        answer = answer_by_program(PROBLEM, chat, FormulateOptions(style="indexed"), run=pool.run)
    assert (answer.status, answer.program, answer.objective) == (Status.NOT_RUN, RIGHT, None)
    assert "nl2opt run PROGRAM.py --unsafe-no-sandbox" in answer.message
    assert answer.program_run is not None
    assert (answer.program_run.kind, answer.evidence) == ("", ())
    assert len(chat.requests) == 1


def test_a_run_can_be_stopped_while_the_program_runs() -> None:
    cancel = threading.Event()

    def stop(event: PipelineEvent) -> None:
        if isinstance(event, StepStarted) and event.step is Step.RUN_PROGRAM:
            threading.Timer(0.3, cancel.set).start()

    started = time.monotonic()
    chat: ScriptedChatModel = scripted(said("import time\nwhile True: pass\n"))
    answer = answer_by_program(PROBLEM, chat, FormulateOptions(style="indexed"), on_event=stop, cancel=cancel)
    assert answer.status is Status.INTERRUPTED
    assert time.monotonic() - started < 10
    assert len(chat.requests) == 1


def test_the_steps_are_told() -> None:
    steps: list[tuple[Step, int]] = []

    def note(event: PipelineEvent) -> None:
        if isinstance(event, StepStarted):
            steps.append((event.step, event.round))

    answer_by_program(PROBLEM, scripted(said(MISSPELT), said(RIGHT)), FormulateOptions(style="indexed"), on_event=note)
    assert steps == [
        (Step.WRITE_PROGRAM, 1), (Step.RUN_PROGRAM, 1), (Step.MEND_PROGRAM, 2), (Step.RUN_PROGRAM, 2), (Step.SOLVE, 2),
        (Step.VERIFY, 1),
    ]  # fmt: skip


def test_a_formulation_is_told_where_there_is_one() -> None:
    chat = scripted(said(RIGHT))
    formulation = Formulation.from_dict(INDEXED)
    answer = answer_by_program(PROBLEM, chat, FormulateOptions(style="indexed"), formulation=formulation)
    assert chat.requests[0][-1].content == f"{PROBLEM}\n\nThe problem as a formulation:\n{formulation.describe()}"
    assert answer.formulation == formulation
    assert answer.program == RIGHT


# -- programs that are there already ------------------------------------------------------------------


def test_a_program_is_run_without_a_chat_model() -> None:
    answer = ran(RIGHT)
    assert (answer.status, answer.objective, answer.trace.llm, answer.problem) == (Status.SOLVED, OPTIMUM, "", "")
    assert answer.verdict == NOT_VERIFIED
    assert outcomes(answer) == dict.fromkeys(("point", SOLVED_AGAIN), Outcome.PASSED)


def test_a_program_that_fails_says_where() -> None:
    answer = ran("def f():\n    return 1 / 0\n\nf()\n")
    assert answer.status is Status.PROGRAM_FAILED
    assert "Line 2, `return 1 / 0`, stopped the program: ZeroDivisionError: division by zero." in answer.message
    assert "It was called from line 4, `f()`." in answer.message


def test_what_cannot_be_a_program_is_an_error() -> None:
    with pytest.raises(ProgramError, match="empty"):
        ran("  \n")
