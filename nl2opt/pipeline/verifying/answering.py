"""From a problem to a verified answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from nl2opt.chat.base import ChatModel
from nl2opt.errors import ChatError
from nl2opt.pipeline.answer import Answer
from nl2opt.pipeline.clock import Clock
from nl2opt.pipeline.formulate import style_for
from nl2opt.pipeline.program.both import answer_both
from nl2opt.pipeline.search import FormulationSearch
from nl2opt.pipeline.solve import answer_of_search, unreachable_answer, with_tables_told
from nl2opt.pipeline.trace import Trace
from nl2opt.pipeline.verifying.asked_directions import ASKED_DIRECTIONS
from nl2opt.pipeline.verifying.budget import Budget, BudgetedChatModel
from nl2opt.pipeline.verifying.judge import JUDGE
from nl2opt.pipeline.verifying.verify import Verifier, doubts
from nl2opt.tables.table import Tables
from nl2opt.verification.moves import DIRECTIONS

_CAUSES: Final = (DIRECTIONS, ASKED_DIRECTIONS, JUDGE)
"""The checks whose doubts name what is wrong, so that a language model can mend it."""


def answer_verified(
    problem: str,
    chat_model: ChatModel,
    verifier: Verifier,
    *,
    crosscheck: bool = False,
    route: str = "formulation",
    settle: Callable[[Answer], Answer] | None = None,
    tables: Tables | None = None,
) -> Answer:
    """Formulate, solve and verify a problem.

    Where the judge or a direction names what is wrong, that is told to the language model once, if its writing style
    lets it correct a draft, a round is left, and the budget allows it. What it writes then counts only when the checks
    find less to doubt in it.

    Args:
        problem: in words, not empty.
        chat_model: which writes the formulation.
        verifier: verifies, and knows how the formulation is looked for and solved.
        crosscheck: whether the rendered program is run in any case.
        route: `formulation` or `both`.
        settle: asks a person which reading is meant, and returns the answer of that, before it is verified; `None`
            where nobody is asked. What a person settled is not written again.
        tables: that are attached on the route `formulation`, and values that are given; `None` for none. What checks
            say may hold their cells, and is not told to the language model then.

    Returns:
        The answer, whatever happened; its status says what.
    """
    options, on_event, cancel = verifier.options, verifier.on_event, verifier.cancel
    if route == "both":
        answer = answer_both(
            problem, chat_model, options, crosscheck=crosscheck, run=verifier.run, on_event=on_event, cancel=cancel
        )  # fmt: skip
        settled = answer if settle is None else settle(answer)
        return _timed(settled, verifier.verified(settled), answer.seconds)
    clock = Clock.start()
    style = style_for(options, chat_model, tables)
    search = FormulationSearch(problem, chat_model, style, options, on_event=on_event, cancel=cancel, tables=tables)
    try:
        found = search.run()
    except ChatError as error:
        return unreachable_answer(clock, error, Trace(problem=problem, llm=chat_model.name, style=style), cancel)
    answer = answer_of_search(clock, problem, found, options, crosscheck=crosscheck, on_event=on_event, cancel=cancel)
    if tables is not None:
        answer = with_tables_told(answer, tables)
    if settle is not None:
        answer = settle(answer)
    budget = Budget(verifier.verify)
    answer = verifier.verified(answer, budget=budget)
    told = [item.text for item in answer.evidence if item.name in _CAUSES and item.is_doubt]
    may_be_told = settle is None and tables is None and search.can_be_told
    is_paid = len(search.candidates) <= options.rounds and budget.calls_left >= 1
    if not told or not (may_be_told and is_paid) or (cancel is not None and cancel.is_set()):
        return replace(answer, seconds=clock.seconds())
    search.ask.chat_model = BudgetedChatModel(chat_model, budget)
    again = search.reconsider(told)
    second = answer_of_search(clock, problem, again, options, crosscheck=crosscheck, on_event=on_event, cancel=cancel)
    second = verifier.verified(second, budget=budget)
    return replace(_better(answer, second), seconds=clock.seconds())


def _better(first: Answer, second: Answer) -> Answer:
    """Return the answer with fewer doubts, the first where they have as many, with everything that was asked."""
    checks = (*first.trace.checks, *second.trace.checks)
    is_better = second.is_solved >= first.is_solved and doubts(second) < doubts(first)
    attempts = second.trace.attempts
    if is_better:
        note = (
            "The checks found fault with a first formulation; this is the second, which the language model wrote then."
        )
        trace = replace(second.trace, checks=checks)
        return replace(second, trace=trace, warnings=(*second.warnings, note))
    chosen = [attempt.round for attempt in first.trace.attempts if attempt.chosen]
    attempts = tuple(replace(attempt, chosen=attempt.round in chosen) for attempt in attempts)
    return replace(first, trace=replace(first.trace, attempts=attempts, checks=checks))


def _timed(before: Answer, after: Answer, seconds: float) -> Answer:
    """Return an answer with the time of its verification added."""
    spent = sum(item.seconds for item in after.evidence if item not in before.evidence)
    return replace(after, seconds=seconds + spent)
