"""From a problem to a formulation, as one call."""

from __future__ import annotations

import re
import threading
from typing import Final

from nl2opt.chat.base import ChatModel
from nl2opt.errors import NoFormulationError, ProblemError
from nl2opt.formulation.schema import Formulation
from nl2opt.pipeline.events import OnPipelineEvent
from nl2opt.pipeline.options import FormulateOptions
from nl2opt.pipeline.search import FormulationSearch, Search

MAX_PROBLEM_CHARACTERS: Final = 100_000
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def require_problem(problem: str) -> str:
    """Return the problem without surrounding space.

    Raises:
        ProblemError: it is empty, far too long, or not Unicode.
    """
    text = problem.strip()
    if not text:
        raise ProblemError(
            "There is no text. Describe the decision: what can be chosen, what limits it, what is wanted."
        )
    if len(text) > MAX_PROBLEM_CHARACTERS:
        raise ProblemError(
            f"The text has {len(text):,} characters; at most {MAX_PROBLEM_CHARACTERS:,} can be read. "
            "Leave out what does not matter for the decision."
        )
    if broken := _SURROGATE.search(text):
        raise ProblemError(
            f"Character {broken.start() + 1:,} of the text is half of a character: it was read in a wrong encoding."
        )
    return text


def search_formulation(
    problem: str,
    chat_model: ChatModel,
    options: FormulateOptions,
    *,
    on_event: OnPipelineEvent | None = None,
    cancel: threading.Event | None = None,
) -> Search:
    """Look for a formulation of a problem, and correct it while there is reason to.

    Each round checks, compiles, solves and accounts for the numbers. In the indexed style what is found wrong
    goes back to the chat model word for word; in the scalar style it draws again until two drafts agree. The
    best attempt is kept, which need not be the last.

    Args:
        problem: in words.
        chat_model: which writes the drafts.
        options: how they are asked for and solved.
        on_event: called with steps, tokens and solver events.
        cancel: set it to stop.

    Raises:
        ProblemError: the text is empty, far too long, or not Unicode.
        ChatError: the chat model could not be asked for a first draft.
    """
    text = require_problem(problem)
    style = options.style or chat_model.style
    return FormulationSearch(text, chat_model, style, options, on_event=on_event, cancel=cancel).run()


def no_formulation_message(search: Search) -> str:
    """Say why there is no usable formulation."""
    if search.not_a_problem:
        return f"There is no decision problem in the text: {search.not_a_problem.rstrip('.')}."
    if search.failure is not None:
        return str(search.failure)
    tries = len(search.trace.attempts)
    points = " ".join(search.trace.attempts[-1].feedback) or "Nothing could be read."
    return f"The language model wrote no usable formulation in {tries} attempt{'s' * (tries != 1)}. Last: {points}"


def formulation_of(search: Search) -> Formulation:
    """Return the chosen formulation.

    Raises:
        NoFormulationError: there is none.
        ChatError: there is none because the chat model could not be asked again.
    """
    if search.failure is not None and search.best is None:
        raise search.failure
    if search.best is None or search.best.compiled is None:
        raise NoFormulationError(no_formulation_message(search), search.trace)
    return search.best.compiled.formulation
