from __future__ import annotations

import threading
from typing import Any

import pytest

import nl2opt.pipeline.solve as pipeline
from nl2opt.chat.scripted import Reply
from nl2opt.errors import FormulationError
from nl2opt.formulation.schema import Formulation
from nl2opt.pipeline.answer import Answer, Status
from nl2opt.pipeline.events import PipelineEvent, Step, StepStarted
from nl2opt.pipeline.options import FormulateOptions
from nl2opt.pipeline.solve import answer_formulation
from nl2opt.verification.evidence import NOT_VERIFIED, Outcome
from solvers import Solution, SolveOptions, Termination, solve
from tests.nl2opt.pipeline.cases import (
    HOURS,
    INDEXED,
    INFEASIBLE_ROWS,
    NOT_A_PROBLEM,
    OPTIMUM,
    PROBLEM,
    RIGHT,
    SOLD,
    VARIABLES,
    WITHOUT_LIMIT,
    answer_problem,
    answered,
    indexed,
    rows,
    scripted,
)

FREE = {"name": "x", "domain": "continuous"}
HARD = {
    "sets": [{"name": "I", "elements": "range(1, 41)"}, {"name": "K", "elements": "range(1, 6)"}],
    "variables": [{"name": "take", "index": ["I", "K"], "domain": "binary"}],
    "objective": {"sense": "maximize", "expression": "sum((3 * i + k * k) % 17 * take[i, k] for i in I for k in K)"},
    "constraints": [
        {"name": "room", "expression": "sum((i * i * 7 + k) % 101 * take[i, k] for i in I) == 150 + k for k in K"},
        {"name": "once", "expression": "sum(take[i, k] for k in K) <= 1 for i in I"},
    ],
}


def ran(content: dict[str, Any], *, crosscheck: bool = False, **options: Any) -> Answer:
    return answer_formulation(Formulation.from_dict(content), FormulateOptions(**options), crosscheck=crosscheck)


def small(expression: str | None, *constraints: str, sense: str = "minimize", **variable: Any) -> dict[str, Any]:
    return {
        "variables": [{**FREE, **variable}],
        "objective": None if expression is None else {"sense": sense, "expression": expression},
        "constraints": [{"name": f"c{n}", "expression": text} for n, text in enumerate(constraints, start=1)],
    }


def outcomes(answer: Answer) -> dict[str, Outcome]:
    return {item.name: item.outcome for item in answer.evidence}


def test_a_problem_gets_an_answer_with_everything_in_it() -> None:
    answer = answered([VARIABLES, RIGHT, RIGHT])
    assert answer.status is Status.SOLVED
    assert answer.is_solved
    assert answer.objective == OPTIMUM
    assert answer.bound == OPTIMUM
    assert answer.values is not None
    assert dict(answer.values) == {"chairs": 100, "tables": 40}
    assert answer.problem == answer.trace.problem == PROBLEM
    assert outcomes(answer) == dict.fromkeys(("point", "numbers", "drafts"), Outcome.PASSED)
    assert answer.verdict == "checked"
    assert answer.solver.startswith("HiGHS")
    assert answer.program is not None
    assert "pyomo" in answer.program
    assert answer.usage.requests == 3
    assert answer.seconds > 0


def test_ids_differ_and_begin_with_the_day() -> None:
    first, second = (ran(small("x")) for _ in range(2))
    assert first.id != second.id
    assert first.id[:8] == first.created[:10].replace("-", "")


@pytest.mark.parametrize(
    ("content", "status", "has_values"),
    [
        (small("x", "x >= 3"), Status.SOLVED, True),
        (small(None, "x >= 3"), Status.SOLVED, True),
        (small("x", "x >= 3", "x <= 2"), Status.INFEASIBLE, False),
        (small("x", sense="maximize"), Status.UNBOUNDED, False),
        (small("-x * x", "x <= 1e21"), Status.SOLVER_ERROR, False),
    ],
)
def test_the_status_says_what_happened(content: dict[str, Any], status: Status, has_values: bool) -> None:
    answer = ran(content)
    assert answer.status is status
    assert (answer.values is not None) == (answer.objective is not None) == has_values
    assert answer.message
    assert has_values or answer.verdict == NOT_VERIFIED


def test_a_model_that_no_solver_takes_says_why() -> None:
    answer = ran(small("-x * x", "x <= 1e21"))
    assert answer.status is Status.SOLVER_ERROR
    assert "Choose other units." in answer.message
    assert answer.solver == ""
    assert answer.formulation is not None


def test_a_time_limit_is_a_limit_and_no_optimum() -> None:
    answer = ran(HARD, solve=SolveOptions(time_limit_seconds=0.0))
    assert answer.status is Status.LIMIT
    assert answer.verdict == NOT_VERIFIED


def test_a_local_optimum_is_called_one_and_earns_no_word() -> None:
    answer = ran(small("x**4 - 3 * x**2 + x", lower=-2, upper=2), solver="ipopt")
    assert answer.status is Status.LOCALLY_OPTIMAL
    assert not answer.is_solved
    assert answer.bound is None
    assert answer.values is not None
    assert answer.message == "A local optimum was found; a better one may exist."
    assert outcomes(answer)["optimum"] is Outcome.DOUBTFUL
    assert answer.verdict == NOT_VERIFIED
    assert "Local optimum: " in str(answer)
    assert "that no better values exist is not proven" in str(answer)


def test_a_convex_model_has_a_proven_optimum_from_ipopt_too() -> None:
    answer = ran(small("x**2 - 3 * x"), solver="ipopt")
    assert answer.status is Status.SOLVED
    assert answer.objective == pytest.approx(-2.25)


def test_a_run_that_is_cancelled_was_interrupted() -> None:
    cancel = threading.Event()
    cancel.set()
    formulation = Formulation.from_dict(HARD)
    assert answer_formulation(formulation, FormulateOptions(), cancel=cancel).status is Status.INTERRUPTED


@pytest.mark.parametrize("termination", Termination)
def test_every_termination_has_a_status(termination: Termination, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*arguments: Any, **options: Any) -> Solution:
        return Solution(termination=termination, seconds=0.1, solver="s", raw_status="r", message="m")

    monkeypatch.setattr(pipeline, "solve_compiled", stopped)
    answer = ran(small("x"))
    expected = {"optimal": "solved", "error": "solver_error"}.get(termination.value, termination.value)
    assert answer.status.value == expected
    assert answer.values is None
    assert answer.message == "m"


def test_a_point_that_violates_the_model_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(compiled: Any, **options: Any) -> Solution:
        solution = solve(compiled.model, **options)
        assert solution.values is not None
        solution.values[0] += 1
        return solution

    monkeypatch.setattr(pipeline, "solve_compiled", wrong)
    answer = ran(INDEXED)
    assert outcomes(answer)["point"] is Outcome.FAILED
    assert answer.verdict == NOT_VERIFIED


def test_a_formulation_without_single_meaning_is_an_error_with_all_findings() -> None:
    with pytest.raises(FormulationError) as caught:
        ran(small("y + z", "x <= w"))
    assert len(caught.value.findings) == 3
    assert all(f"`{name}`" in str(caught.value) for name in "yzw")


# -- warnings and assumptions -------------------------------------------------------------------------


def test_an_implied_lower_bound_that_decides_is_told() -> None:
    answer = ran(small("x", "x <= 4"))
    assert answer.warnings == ("The assumption that x is not negative decides the answer: it would go below 0.",)
    assert [item.text for item in answer.assumptions] == ["x is not negative"]


@pytest.mark.parametrize(
    "content", [small("x", "x <= 4", lower=0), small("x", "x >= 1"), small("x", "x <= 4", sense="maximize")]
)
def test_a_lower_bound_that_was_stated_or_does_not_decide_is_not(content: dict[str, Any]) -> None:
    assert ran(content).warnings == ()


def test_assumptions_are_the_stated_and_the_implied_ones() -> None:
    answer = ran({**small("x", "x >= 1"), "assumptions": [{"text": "x is paid once"}]})
    assert [item.text for item in answer.assumptions] == ["x is paid once", "x is not negative"]


def test_repairs_and_doubtful_findings_are_warnings_each_once() -> None:
    variables = VARIABLES.replace('"integer"', '"continuous"', 1)
    answer = answered([variables, rows("2chairs + 5 * tables <= 400", SOLD, "chairs % 1 == 0"), RIGHT], rounds=0)
    assert len(answer.warnings) == 2
    assert "was read as `2 * chairs + 5 * tables <= 400`" in answer.warnings[0]
    unused = ran({**INDEXED, "parameters": [*INDEXED["parameters"], {"name": "spare", "value": 3}]})
    assert len(unused.warnings) == 1
    assert "spare" in unused.warnings[0]


# -- evidence -----------------------------------------------------------------------------------------


def test_numbers_that_are_not_used_spoil_the_verdict() -> None:
    answer = answered([VARIABLES, rows(HOURS)], rounds=0)
    assert outcomes(answer)["numbers"] is Outcome.DOUBTFUL
    assert answer.verdict == NOT_VERIFIED


def test_drafts_of_which_no_two_agree_spoil_the_verdict() -> None:
    answer = answered([VARIABLES, RIGHT, rows(HOURS, "tables >= 40")], rounds=1)
    assert outcomes(answer)["drafts"] is Outcome.DOUBTFUL
    assert answer.verdict == NOT_VERIFIED


def test_one_draft_alone_is_no_agreement() -> None:
    assert outcomes(answered([VARIABLES, RIGHT], rounds=0))["drafts"] is Outcome.NOT_RUN
    assert "drafts" not in outcomes(answered([indexed()], style="indexed"))


def test_a_formulation_that_was_given_has_no_text_to_account_for() -> None:
    assert list(outcomes(ran(INDEXED))) == ["point"]


def test_the_rendered_program_is_run_when_asked_for_and_there_is_an_optimum() -> None:
    answer = ran(INDEXED, crosscheck=True)
    assert outcomes(answer)["program_agreement"] is Outcome.PASSED
    assert "program_agreement" not in outcomes(ran(small("x", sense="maximize"), crosscheck=True))


# -- the chat model -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("replies", "status", "message"),
    [
        ([], Status.LLM_UNREACHABLE, "no reply left"),
        (["no"], Status.LLM_UNREACHABLE, "no reply left"),
        ([Reply("no", when="Step 1")], Status.NO_FORMULATION, "no usable formulation in 4 attempts"),
        ([NOT_A_PROBLEM], Status.NO_FORMULATION, "There is no decision problem in the text: it asks for a story."),
    ],
)
def test_without_formulation_the_message_says_why(replies: list[str | Reply], status: Status, message: str) -> None:
    answer = answered(replies)
    assert answer.status is status
    assert message in answer.message
    assert answer.formulation is None
    assert answer.program is None
    assert answer.problem == PROBLEM
    assert answer.trace.llm == "scripted"


def test_a_chat_model_that_fails_later_leaves_an_answer_with_a_warning() -> None:
    answer = answered([VARIABLES, RIGHT])
    assert answer.status is Status.SOLVED
    assert answer.warnings[-1].startswith("The language model could not be asked again: The script has no reply left")


@pytest.mark.parametrize("replies", [[VARIABLES, RIGHT], ["no", VARIABLES]])
def test_a_chat_model_that_was_stopped_is_not_called_unreachable(replies: list[str]) -> None:
    cancel = threading.Event()
    llm = scripted(*replies)

    def stop_after_the_first_reply(event: PipelineEvent) -> None:
        if not isinstance(event, StepStarted):
            cancel.set()

    answer = answer_problem(PROBLEM, llm, FormulateOptions(), on_event=stop_after_the_first_reply, cancel=cancel)
    assert answer.status is Status.INTERRUPTED
    assert "stopped" in answer.message
    assert len(llm.requests) == 1


@pytest.mark.parametrize(
    ("replies", "status"), [([VARIABLES, INFEASIBLE_ROWS], "infeasible"), ([VARIABLES, WITHOUT_LIMIT], "unbounded")]
)
def test_a_draft_without_optimum_is_an_answer_too(replies: list[str], status: str) -> None:
    answer = answered(replies, rounds=0)
    assert answer.status.value == status
    assert answer.formulation is not None
    assert answer.verdict == NOT_VERIFIED


def test_the_last_step_is_to_verify() -> None:
    events: list[PipelineEvent] = []
    answer_formulation(Formulation.from_dict(INDEXED), FormulateOptions(), on_event=events.append)
    steps = [event.step for event in events if isinstance(event, StepStarted)]
    assert steps == [Step.SOLVE, Step.READINGS, Step.VERIFY]
    events.clear()
    answer_problem(PROBLEM, scripted(indexed(), style="indexed"), FormulateOptions(), on_event=events.append)
    assert [event.step for event in events if isinstance(event, StepStarted)] == [
        Step.FORMULATE, Step.CHECK, Step.SOLVE, Step.READINGS, Step.VERIFY,
    ]  # fmt: skip
