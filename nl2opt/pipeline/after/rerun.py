"""Makes changes in the formulation of an answer and solves it again: the answer that comes knows where from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from nl2opt.formulation.changes import Change
from nl2opt.pipeline.after.edits import Edit, EditKind
from nl2opt.pipeline.after.points import require_formulation
from nl2opt.pipeline.after.run_options import RunOptions
from nl2opt.pipeline.solve import answer_formulation

if TYPE_CHECKING:
    from nl2opt.pipeline.answer import Answer
    from nl2opt.pipeline.trace import Trace


def changed_answer(
    before: Answer,
    changes: Sequence[Change],
    options: RunOptions,
    *,
    kind: EditKind,
    words: str,
    trace: Trace | None = None,
) -> Answer:
    """Return the answer with changes made in its formulation.

    Args:
        before: the answer to begin with.
        changes: in order.
        options: how it is solved.
        kind: who asked for them.
        words: what was asked for.
        trace: of the language model that was asked; `None` where none was.

    Raises:
        ChangeError: the answer has no formulation.
        FormulationError: a path does not exist, or what comes out has no single meaning.
    """
    formulation = require_formulation(before, "change").apply(changes)
    # A sweep over numbers asks for many answers, and what its text may mean was said with the first one.
    formulate = replace(options.formulate, readings=0) if kind == "what_if" else options.formulate
    answer = answer_formulation(
        formulation, formulate, problem=before.problem, is_changed=True, on_event=options.on_event,
        cancel=options.cancel,
    )  # fmt: skip
    edit = Edit(
        kind=kind, words=words, changes=tuple(changes), parent=before.id, parent_status=before.status.value,
        parent_objective=before.objective,
    )  # fmt: skip
    answer = replace(answer, problem=before.problem, data_notes=before.data_notes, edits=(*before.edits, edit))
    return answer if trace is None else replace(answer, trace=trace)
