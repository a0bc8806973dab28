"""A person says which reading is meant: the edits are made, and what was said is recorded."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from nl2opt.errors import SettingsError
from nl2opt.formulation.editing.edit import inverse
from nl2opt.formulation.schema import Alternative, Assumption, Formulation
from nl2opt.pipeline.after.edits import Edit
from nl2opt.pipeline.gap_words import unproven_in_words
from nl2opt.pipeline.options import FormulateOptions
from nl2opt.pipeline.readings.finding import open_assumptions
from nl2opt.pipeline.readings.reading import Reading
from nl2opt.pipeline.readings.spotted import SAID, alternative
from nl2opt.pipeline.trace import Trace
from nl2opt.verification.evidence import verdict

if TYPE_CHECKING:
    from nl2opt.pipeline.answer import Answer
    from nl2opt.pipeline.events import OnPipelineEvent


def require_reading(answer: Answer, which: int | str | Reading) -> Reading:
    """Return one of the readings of an answer, by its number or its text.

    Raises:
        SettingsError: there is none such.
    """
    known = answer.alternatives
    if isinstance(which, Reading):
        found = which if which in known else None
    else:
        found = next((reading for reading in known if which in (reading.number, reading.text)), None)
    if found is not None:
        return found
    if not known:
        raise SettingsError("The answer has no other readings that could be taken.")
    named = "; ".join(f"{reading.number}: {reading.text}" for reading in known)
    asked = which.text if isinstance(which, Reading) else which
    raise SettingsError(f"The answer has no reading {asked!r}; there are: {named}.")


def taken(
    answer: Answer,
    which: int | str | Reading,
    options: FormulateOptions,
    *,
    on_event: OnPipelineEvent | None = None,
    cancel: threading.Event | None = None,
) -> Answer:
    """Return the answer of another reading: its edits are made, solved and checked, and recorded as said.

    Raises:
        SettingsError: the answer has no such reading.
        FormulationError: the edits cannot be made any more.
    """
    from nl2opt.pipeline.solve import answer_formulation

    reading = require_reading(answer, which)
    assert answer.formulation is not None
    formulation = with_reading(answer.formulation, reading)
    trace: Trace = answer.trace
    # A wish or a what-if brings numbers that the text does not hold; another reading of the text does not.
    is_changed = any(edit.kind != "take" for edit in answer.edits)
    new = answer_formulation(
        formulation, options, problem=answer.problem, is_changed=is_changed, trace=trace, on_event=on_event,
        cancel=cancel,
    )  # fmt: skip
    kept = [text for text in answer.warnings if not text.startswith("The assumption that ")]
    return replace(new, warnings=tuple(dict.fromkeys([*new.warnings, *kept])), data_notes=answer.data_notes)


def taken_edit(answer: Answer, which: int | str | Reading) -> Edit:
    """Return the step from an answer to that of another reading, for its history.

    Raises:
        SettingsError: the answer has no such reading.
    """
    reading = require_reading(answer, which)
    return Edit(
        kind="take",
        words=reading.text,
        changes=reading.changes,
        parent=answer.id,
        parent_status=answer.status.value,
        parent_objective=answer.objective,
    )


def with_reading(formulation: Formulation, reading: Reading) -> Formulation:
    """Return a formulation with the edits of a reading, and with an assumption that records it and leads back.

    Raises:
        FormulationError: the edits cannot be made.
    """
    back = inverse(formulation, reading.changes)
    changed = formulation.apply(reading.changes)
    return _recorded(changed, reading, reading.text, alternative(reading.assumption, back))


def confirmed(answer: Answer, reading: Reading) -> Answer:
    """Return an answer whose own reading was confirmed: it is recorded, and the other one is no longer open."""
    assert answer.formulation is not None
    other = alternative(reading.text, reading.changes)
    formulation = _recorded(answer.formulation, reading, reading.assumption, other)
    said = formulation.assumptions[-1]
    assumptions = [item for item in answer.assumptions if item.text != reading.assumption]
    left = tuple(item for item in answer.alternatives if item.assumption != reading.assumption)
    return with_open_assumptions(
        replace(answer, formulation=formulation, assumptions=(*assumptions, said), alternatives=left)
    )


def with_open_assumptions(answer: Answer) -> Answer:
    """Return an answer with the word that its evidence and its open assumptions earn."""
    from nl2opt.pipeline.answer import Status

    if answer.values is None:
        return answer
    is_stopped = answer.status in (Status.LIMIT, Status.INTERRUPTED)
    unproven = unproven_in_words(answer.objective, answer.gap) if is_stopped else ""
    count = len(open_assumptions(answer.assumptions, answer.alternatives))
    return replace(answer, verdict=verdict(answer.evidence, open_assumptions=count, unproven=unproven))


def _recorded(formulation: Formulation, reading: Reading, said: str, other: Alternative) -> Formulation:
    kept = [assumption for assumption in formulation.assumptions if assumption.text != reading.assumption]
    note = Assumption(text=f"{SAID}{said}", element=reading.element, alternatives=[other])
    return formulation.model_copy(update={"assumptions": [*kept, note]})
