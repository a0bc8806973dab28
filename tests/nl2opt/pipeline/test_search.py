from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from nl2opt.chat.base import CompletionOptions, Message, TokensArrived
from nl2opt.chat.scripted import Reply, ScriptedChatModel
from nl2opt.errors import ChatInterruptedError, ChatRequestError
from nl2opt.pipeline.events import PipelineEvent, Step, StepStarted
from nl2opt.pipeline.formulate import search_formulation
from nl2opt.pipeline.options import FormulateOptions
from nl2opt.pipeline.search import Agreement, Search
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
    indexed,
    rows,
    scripted,
)

UNREADABLE = "I would rather make desks."
UNKNOWN_NAME = indexed(constraints=[{"name": "labour", "expression": "sum(need[i] * make[j] for i in ITEM) <= hours"}])


def searched(llm: ScriptedChatModel, **options: Any) -> Search:
    return search_formulation(PROBLEM, llm, FormulateOptions(**options))


def outcomes(search: Search) -> list[str]:
    return [attempt.outcome for attempt in search.trace.attempts]


def chosen(search: Search) -> list[int]:
    return [place for place, attempt in enumerate(search.trace.attempts) if attempt.chosen]


def objective(search: Search) -> float | None:
    assert search.best is not None
    return search.best.attempt.objective


# -- the scalar style: draw until two drafts agree ----------------------------------------------------


def test_two_drafts_that_agree_and_raise_no_doubt_end_the_search() -> None:
    llm = scripted(VARIABLES, RIGHT, rows(SOLD, "400 >= 5 * tables + 2 * chairs"), RIGHT)
    search = searched(llm)
    assert len(llm.requests) == 3
    assert search.agreement == Agreement(count=2, drafts=2)
    assert chosen(search) == [0]
    assert objective(search) == OPTIMUM


def test_a_draft_that_raises_doubts_is_not_enough_though_it_agrees() -> None:
    llm = scripted(VARIABLES, rows(HOURS), rows(HOURS), RIGHT, RIGHT)
    search = searched(llm)
    assert len(search.trace.attempts) == 4
    assert chosen(search) == [2]


def test_a_demand_without_row_is_asked_for_before_another_draft() -> None:
    missing = json.dumps({"constraints": [{"name": "sold", "expression": SOLD}]})
    llm = scripted(VARIABLES, rows(HOURS), missing, RIGHT)
    search = searched(llm)
    assert "At most 40 tables can be sold" in llm.requests[2][-1].content
    assert outcomes(search) == ["optimal"] * 3
    assert chosen(search) == [1]
    assert objective(search) == OPTIMUM


def test_a_row_too_many_is_left_out_unless_the_first_draft_is_to_be_kept() -> None:
    draft = rows(HOURS, SOLD, "chairs + tables <= 40")
    search = searched(scripted(VARIABLES, draft, RIGHT))
    assert search.agreement == Agreement(count=2, drafts=2)
    assert search.best is not None
    assert "was left out" in search.best.attempt.repairs[-1]
    assert objective(search) == OPTIMUM
    assert objective(searched(scripted(VARIABLES, draft), rounds=0)) != OPTIMUM


@pytest.mark.parametrize(
    ("bad", "outcome"),
    [(INFEASIBLE_ROWS, "infeasible"), (WITHOUT_LIMIT, "unbounded"), (UNREADABLE, "not usable")],
)
def test_after_a_bad_draft_good_ones_are_chosen(bad: str, outcome: str) -> None:
    search = searched(scripted(VARIABLES, bad, RIGHT, RIGHT))
    assert outcomes(search) == [outcome, "optimal", "optimal"]
    assert chosen(search) == [1]
    assert search.agreement == Agreement(count=2, drafts=3)


def test_variables_that_cannot_be_read_are_asked_for_again() -> None:
    search = searched(scripted(UNREADABLE, VARIABLES, RIGHT), rounds=1)
    assert outcomes(search) == ["not usable", "optimal"]
    assert len(search.trace.attempts[1].exchanges) == 2


def test_the_best_draft_is_kept_though_it_is_not_the_last() -> None:
    search = searched(scripted(VARIABLES, RIGHT, INFEASIBLE_ROWS, WITHOUT_LIMIT), rounds=2)
    assert chosen(search) == [0]
    assert objective(search) == OPTIMUM


@pytest.mark.parametrize(
    ("drafts", "place", "count"),
    [("RFF", 0, 1), ("RFFR", 0, 2), ("RFFF", 1, 3), ("FRRF", 0, 2)],
    ids=str,
)
def test_two_that_agree_do_not_outvote_a_first_draft_without_doubts_and_three_do(
    drafts: str, place: int, count: int
) -> None:
    written = {"R": RIGHT, "F": rows(HOURS, "chairs <= 40")}
    search = searched(scripted(VARIABLES, *[written[draft] for draft in drafts]), rounds=len(drafts) - 1)
    assert chosen(search) == [place]
    assert search.agreement == Agreement(count=count, drafts=len(drafts))


def test_that_nothing_is_feasible_is_one_doubt_among_others() -> None:
    infeasible, loose = rows("2 * chairs + 5 * tables <= 40", "chairs >= 400"), rows("chairs + tables <= 400")
    missing = json.dumps({"constraints": [{"name": "more", "expression": "chairs + tables <= 400"}]})
    search = searched(scripted(VARIABLES, loose, missing, infeasible), rounds=2)
    assert outcomes(search)[-1] == "infeasible"
    assert [search.trace.attempts[place].outcome for place in chosen(search)] == ["infeasible"]


def test_where_every_draft_raises_doubts_the_rows_of_most_are_combined() -> None:
    floor, ceiling = "chairs + tables >= 111", "chairs + tables <= 400"
    replies = [rows(HOURS, SOLD, floor), rows(SOLD, ceiling), rows(HOURS, "chairs + tables >= 5")]
    search = searched(scripted(VARIABLES, *replies), rounds=2)
    *drafts, combination = search.trace.attempts
    assert [attempt.combined for attempt in drafts] == [False, False, False]
    assert combination.combined
    assert combination.exchanges == ()
    assert chosen(search) == [3]
    assert search.agreement == Agreement(count=0, drafts=3)
    assert search.best is not None
    assert search.best.draft.formulation is not None
    assert [row.expression for row in search.best.draft.formulation.constraints] == [HOURS, SOLD]


def test_a_combination_that_is_one_of_the_drafts_is_not_added() -> None:
    odd = rows(HOURS, SOLD, "chairs + tables >= 2")
    search = searched(scripted(VARIABLES, RIGHT, odd, rows(SOLD, HOURS, "chairs >= tables")), rounds=2)
    assert len(search.trace.attempts) == 3
    assert chosen(search) == [0]


def test_the_numbers_become_parameters() -> None:
    search = searched(scripted(VARIABLES, RIGHT), rounds=0)
    assert search.best is not None
    assert search.best.compiled is not None
    assert sorted(p.value for p in search.best.compiled.formulation.parameters) == [2, 5, 30, 40, 80, 400]
    assert search.best.attempt.formulation == search.best.compiled.formulation


# -- the indexed style: correct until nothing is wrong ------------------------------------------------


def test_what_is_wrong_goes_back_word_for_word() -> None:
    llm = scripted(UNKNOWN_NAME, indexed(), style="indexed")
    search = searched(llm)
    first, second = search.trace.attempts
    *before, answer, question = llm.requests[1]
    assert tuple(before) == llm.requests[0]
    assert answer == Message("assistant", UNKNOWN_NAME)
    assert first.feedback
    assert all(f"- {point}" in question.content for point in first.feedback)
    assert second.chosen
    assert search.agreement is None


def test_every_fault_of_an_answer_that_is_no_formulation_goes_back() -> None:
    llm = scripted(indexed(variables=[{"name": "x"}], objective={"sense": "most"}), indexed(), style="indexed")
    searched(llm)
    question = llm.requests[1][-1].content
    assert question.count("\n- ") == 3
    assert 'Write "continuous", "integer" or "binary".' in question


def test_an_answer_that_raises_no_doubt_is_the_last() -> None:
    llm = scripted(indexed(), style="indexed")
    assert outcomes(searched(llm)) == ["optimal"]


def test_an_answer_that_is_repeated_is_not_asked_for_again() -> None:
    doubtful = indexed(parameters=[*INDEXED["parameters"][:3], {"name": "sold", "value": 41}])
    search = searched(scripted(doubtful, doubtful, style="indexed"))
    assert len(search.trace.attempts) == 2
    assert chosen(search) == [0]


def test_the_style_can_be_demanded() -> None:
    search = searched(scripted(indexed(), style="scalar"), style="indexed", rounds=0)
    assert search.trace.style == "indexed"
    assert search.best is not None


# -- both ---------------------------------------------------------------------------------------------


def test_no_rounds_of_correction_keep_the_first_draft() -> None:
    llm = scripted(VARIABLES, WITHOUT_LIMIT)
    search = searched(llm, rounds=0)
    assert outcomes(search) == ["unbounded"]
    assert chosen(search) == [0]
    assert search.agreement == Agreement(count=1, drafts=1)


def test_a_text_without_decision_ends_the_search() -> None:
    search = searched(scripted(NOT_A_PROBLEM))
    assert search.best is None
    assert search.not_a_problem == "it asks for a story"
    assert outcomes(search) == ["not a problem"]
    assert len(search.trace.attempts[0].exchanges) == 1


def test_where_nothing_can_be_used_nothing_is_chosen() -> None:
    search = searched(scripted(Reply(UNREADABLE, when="Step 1")), rounds=2)
    assert search.best is None
    assert outcomes(search) == ["not usable"] * 3
    assert chosen(search) == []


def test_a_chat_model_that_cannot_be_asked_at_first_is_an_error() -> None:
    with pytest.raises(ChatRequestError):
        searched(scripted())
    with pytest.raises(ChatRequestError):
        searched(scripted(VARIABLES))


def test_a_chat_model_that_fails_later_leaves_what_there_is() -> None:
    search = searched(scripted(VARIABLES, WITHOUT_LIMIT))
    assert isinstance(search.failure, ChatRequestError)
    assert outcomes(search) == ["unbounded"]
    assert search.best is not None


def test_cancel_stops_before_the_next_request() -> None:
    cancel = threading.Event()

    def on_event(event: PipelineEvent) -> None:
        if isinstance(event, StepStarted) and event.step is Step.CHECK:
            cancel.set()

    llm = scripted(VARIABLES, WITHOUT_LIMIT, RIGHT, RIGHT)
    search = search_formulation(PROBLEM, llm, FormulateOptions(), on_event=on_event, cancel=cancel)
    assert isinstance(search.failure, ChatInterruptedError)
    assert len(llm.requests) == 2


def test_events_come_in_order_with_the_reason_of_each_correction() -> None:
    events: list[PipelineEvent] = []
    llm = scripted(UNKNOWN_NAME, indexed(), style="indexed")
    search = search_formulation(PROBLEM, llm, FormulateOptions(), on_event=events.append)
    steps = [(event.step, event.round) for event in events if isinstance(event, StepStarted)]
    assert steps == [
        (Step.FORMULATE, 1), (Step.CHECK, 1), (Step.FORMULATE, 2), (Step.CHECK, 2), (Step.SOLVE, 2),
    ]  # fmt: skip
    tokens = [place for place, event in enumerate(events) if isinstance(event, TokensArrived)]
    assert tokens[0] == 1
    reasons = [event.reason for event in events if isinstance(event, StepStarted) and event.step is Step.FORMULATE]
    assert reasons == ["", search.trace.attempts[0].feedback[0]]


def test_the_trace_holds_every_request_and_adds_up_its_tokens() -> None:
    llm = scripted(VARIABLES, RIGHT, RIGHT)
    search = searched(llm)
    asked = [exchange.messages for attempt in search.trace.attempts for exchange in attempt.exchanges]
    assert asked == llm.requests
    assert search.trace.usage.requests == 3
    assert search.trace.usage.completion_tokens == sum(len(text.split()) for text in (VARIABLES, RIGHT, RIGHT))


def test_the_timeout_reaches_the_chat_model(monkeypatch: pytest.MonkeyPatch) -> None:
    llm = scripted(VARIABLES, RIGHT)
    complete, seen = llm.complete, []

    def remembering(messages: Any, *, options: CompletionOptions, **rest: Any) -> Any:
        seen.append(options.timeout_seconds)
        return complete(messages, options=options, **rest)

    monkeypatch.setattr(llm, "complete", remembering)
    searched(llm, rounds=0, timeout_seconds=7.5)
    assert seen == [7.5, 7.5]


def test_a_model_that_the_solver_refuses_is_a_doubt_and_no_error() -> None:
    right = json.loads(RIGHT)
    far = {"name": "far", "expression": "1e21 * chairs * tables <= 1e22"}
    curved = {"sense": "maximize", "expression": "1e21 * chairs * tables"}
    wild = json.dumps({**right, "objective": curved, "constraints": [*right["constraints"], far]})
    search = searched(scripted(VARIABLES, wild), rounds=0)
    assert outcomes(search) == ["refused by the solver"]
    assert search.best is not None
    assert search.best.refusal == search.trace.attempts[0].feedback[0]
