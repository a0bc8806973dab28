"""From a problem to a formulation, as one call."""

from __future__ import annotations

import re
import threading
from typing import Final

from nl2opt.chat.base import ChatModel, WritingStyle
from nl2opt.errors import MissingData, NoFormulationError, ProblemError, SettingsError
from nl2opt.formulation.schema import Formulation
from nl2opt.pipeline.events import OnPipelineEvent
from nl2opt.pipeline.feedback import finding_points
from nl2opt.pipeline.options import FormulateOptions
from nl2opt.pipeline.search import FormulationSearch, Search
from nl2opt.tables.table import Tables

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
    tables: Tables | None = None,
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
        tables: that are attached, and values that are given; `None` for none.

    Raises:
        ProblemError: the text is empty, far too long, or not Unicode.
        ChatError: the chat model could not be asked for a first draft.
        SettingsError: tables are attached, and the scalar style was asked for.
    """
    text = require_problem(problem)
    style = style_for(options, chat_model, tables)
    return FormulationSearch(
        text, chat_model, style, options, on_event=on_event, cancel=cancel, tables=tables
    ).run()  # fmt: skip


def style_for(options: FormulateOptions, chat_model: ChatModel, tables: Tables | None) -> WritingStyle:
    """Return the writing style: the indexed one where tables are attached or values given.

    Raises:
        SettingsError: the scalar one was asked for then.
    """
    if tables is None or tables.is_empty:
        return options.style or chat_model.style
    if options.style == "scalar":
        raise SettingsError("Tables and given values need the writing style `indexed`; leave `style` out.")
    return "indexed"


def no_formulation_message(search: Search) -> str:
    """Say why there is no usable formulation."""
    if search.not_a_problem:
        return f"There is no decision problem in the text: {search.not_a_problem.rstrip('.')}."
    if search.failure is not None:
        return str(search.failure)
    tries = len(search.trace.attempts)
    last = search.trace.attempts[-1]
    # The findings name cells of attached tables, which the language model is not told of.
    points = " ".join(finding_points(last.findings) or last.feedback) or "Nothing could be read."
    return f"The language model wrote no usable formulation in {tries} attempt{'s' * (tries != 1)}. Last: {points}"


def formulation_of(search: Search) -> Formulation:
    """Return the chosen formulation.

    Raises:
        NoFormulationError: there is none.
        MissingData: it needs numbers that nobody gives.
        ChatError: there is none because the chat model could not be asked again.
    """
    if search.failure is not None and search.best is None:
        raise search.failure
    if search.lacking is not None and search.lacking.binding is not None:
        raise MissingData(search.lacking.binding.missing, search.lacking.binding.formulation)
    if search.best is None or search.best.compiled is None:
        raise NoFormulationError(no_formulation_message(search), search.trace)
    return search.best.compiled.formulation
