"""Reads what is to be verified: an answer, a formulation, or the file of either."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path

from nl2opt.errors import ProblemError, StoreError
from nl2opt.formulation.schema import Formulation
from nl2opt.pipeline.after.runs import find_run
from nl2opt.pipeline.answer import Answer
from nl2opt.pipeline.events import OnPipelineEvent
from nl2opt.pipeline.formulate import require_problem
from nl2opt.pipeline.options import FormulateOptions
from nl2opt.pipeline.solve import answer_formulation


def answer_to_verify(
    given: Answer | Formulation | str | Path,
    problem: str,
    options: FormulateOptions,
    *,
    on_event: OnPipelineEvent | None = None,
    cancel: threading.Event | None = None,
) -> Answer:
    """Return the answer that is to be verified; a formulation is solved.

    Args:
        given: an answer, a formulation, the file of either, or the id of a run.
        problem: in words, where the answer has none; empty for none.
        options: of the solver.
        on_event: called with steps and solver events.
        cancel: set it to stop.

    Raises:
        FormulationError: the formulation has no single meaning.
        ProblemError: the problem cannot be worked on, or the answer has another one.
        StoreError: there is no such file or run, or it is neither.
    """
    text = require_problem(problem) if problem else ""
    found = given if isinstance(given, Answer | Formulation) else _read(given)
    if isinstance(found, Formulation):
        return answer_formulation(found, options, problem=text, on_event=on_event, cancel=cancel)
    if not text or text == found.problem:
        return found
    if found.problem:
        raise ProblemError(
            "The answer has a problem of its own, and another one was given. Leave the problem out, or verify the "
            "formulation alone."
        )
    return replace(found, problem=text, trace=replace(found.trace, problem=text))


def _read(given: str | Path) -> Answer | Formulation:
    """Read an answer or a formulation, told apart by what every stored answer holds; or find a run."""
    path = Path(given)
    try:
        is_file = path.is_file()
        content = json.loads(path.read_bytes()) if is_file else None
    except OSError as error:
        raise StoreError(f"{path} cannot be read ({error.strerror or error}).") from error
    except (ValueError, RecursionError) as error:
        raise StoreError(f"{path} is neither a kept answer nor a formulation: it is not JSON ({error}).") from error
    if is_file and isinstance(content, dict) and "store_version" not in content and "variables" in content:
        return Formulation.from_json(path.read_bytes())
    return Answer.load(given) if is_file else find_run(str(given))
