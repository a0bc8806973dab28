"""Finds a run by what a person calls it: its id, the beginning of it, `last`, or a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nl2opt.errors import StoreError
from nl2opt.formulation.findings import did_you_mean
from nl2opt.formulation.words.quantities import with_unit
from nl2opt.pipeline.after.comparison import is_same, signed
from nl2opt.pipeline.after.edits import EDIT_WORDS
from nl2opt.pipeline.runs import run_file, run_ids
from nl2opt.pipeline.store import load_answer, runs_folder

if TYPE_CHECKING:
    from nl2opt.pipeline.answer import Answer

LAST: Final = "last"
_SHOWN: Final = 5


def find_run(name: str) -> Answer:
    """Return the answer of a run.

    Args:
        name: its id, a beginning of it that no other has, `last` for the newest in the run store, or a file.

    Raises:
        StoreError: there is none, there are several, or it cannot be read.
    """
    text = name.strip()
    if _is_file(text):
        return load_answer(text)
    ids = run_ids()
    if text == LAST:
        if not ids:
            raise StoreError(f"There is no run in {runs_folder()} yet. Solve a problem first, with `nl2opt solve`.")
        return load_answer(run_file(ids[0]))
    matching = [text] if text in ids else [run for run in ids if text and run.startswith(text)]
    if len(matching) == 1:
        return load_answer(run_file(matching[0]))
    if matching:
        shown = ", ".join(matching[:_SHOWN])
        raise StoreError(f"`{text}` is the beginning of {len(matching)} runs; write more of it: {shown}.")
    guess = did_you_mean(text, ids[:1000])
    guess = guess if guess.startswith("Did") else ""
    raise StoreError(
        f"There is no file and no run `{text}` in {runs_folder()}. {guess or 'Write `last` for the newest one.'}"
    )


def _is_file(text: str) -> bool:
    try:
        return bool(text) and text != LAST and Path(text).is_file()
    except (OSError, ValueError):
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryStep:
    """One answer of a chain.

    Attributes:
        id: of the answer.
        words: what was asked for to get to it; empty for the first answer.
        status: as text.
        objective: `None` without a point.
        unit: of the objective.
    """

    id: str
    words: str
    status: str
    objective: float | None
    unit: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the step as JSON objects."""
        return {"id": self.id, "words": self.words, "status": self.status, "objective": self.objective}


def history_of(answer: Answer) -> tuple[HistoryStep, ...]:
    """Return the answers from the first one to this one."""
    objectives = answer.formulation.objectives if answer.formulation is not None else ()
    unit = objectives[0].unit if objectives else ""
    asked = ["", *(f"{EDIT_WORDS[edit.kind]}: {' '.join(edit.words.split())}" for edit in answer.edits)]
    reached = [(edit.parent, edit.parent_status, edit.parent_objective) for edit in answer.edits]
    reached.append((answer.id, answer.status.value, answer.objective))
    return tuple(
        HistoryStep(id=run, words=words, status=status, objective=objective, unit=unit)
        for words, (run, status, objective) in zip(asked, reached, strict=True)
    )


def history_lines(steps: tuple[HistoryStep, ...]) -> Iterator[str]:
    """Yield one line for each answer of a chain."""
    before: float | None = None
    width = max(len(step.id) for step in steps)
    for step in steps:
        value = step.status.replace("_", " ") if step.objective is None else with_unit(step.objective, step.unit)
        if step.objective is not None and step.status != "solved":
            value += f" ({step.status.replace('_', ' ')})"
        if before is not None and step.objective is not None and not is_same(before, step.objective):
            value += f" ({signed(step.objective - before, step.unit)})"
        before = step.objective
        yield f"{step.id:<{width}}  {step.words or 'first answer'}: {value}"
