"""What `run` and `solve` add to an answer that is no: which demands exclude each other, and what would do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Final

import typer

if TYPE_CHECKING:
    from nl2opt.formulation.analysis.repairs import Repair
    from nl2opt.pipeline.analyses import Analysis
    from nl2opt.pipeline.answer import Answer

_HINT: Final = "To see which constraints exclude each other, and what would do, add --conflict."
_UNKNOWN: Final = "No conflict could be shown in the time that there was; --time-limit gives it more."
_NO_REPAIR: Final = "No change of these numbers was found that would do."
Conflicting = Annotated[
    bool,
    typer.Option(
        "--conflict", help="Where nothing is feasible, say which constraints exclude each other, and what would do."
    ),
]


def diagnosed(answer: Answer, time_limit: float | None) -> Answer:
    """Return an infeasible answer with the conflict and the repairs; of another, only its JSON has their keys."""
    return answer.with_analyses(*_diagnosis(answer, time_limit))


def _diagnosis(answer: Answer, time_limit: float | None) -> list[Analysis]:
    from nl2opt.errors import SettingsError
    from nl2opt.formulation.analysis.repairs import formulation_diagnosis
    from nl2opt.pipeline.analyses import Analysis
    from nl2opt.pipeline.answer import Status
    from nl2opt.settings import load_settings
    from solvers import SolveOptions
    from solvers.errors import SolversError

    no_repairs = Analysis("repairs", "", (), [])
    if answer.status is not Status.INFEASIBLE or answer.formulation is None:
        return [Analysis("conflict", "", (), None), no_repairs]
    if time_limit is None:
        time_limit = load_settings().time_limit_seconds
    try:
        options = SolveOptions(time_limit_seconds=time_limit)
    except ValueError as error:
        raise SettingsError(f"{error}.") from error
    title = "Why there is no answer"
    try:
        conflict, repairs = formulation_diagnosis(answer.formulation, options=options)
    except SolversError as error:
        return [Analysis("conflict", title, (str(error),), {"refused": str(error)}), no_repairs]
    if conflict is None:
        return [Analysis("conflict", title, (_UNKNOWN,), None), no_repairs]
    return [
        Analysis("conflict", title, tuple(conflict.lines()), conflict.to_dict()),
        Analysis("repairs", "What would do", tuple(_repair_lines(repairs)), [r.to_dict() for r in repairs]),
    ]


def hint(answer: Answer, *, wanted: bool) -> None:
    """Say on stderr how to learn why nothing is feasible."""
    from app.output import print_note
    from nl2opt.pipeline.answer import Status

    if wanted and answer.status is Status.INFEASIBLE and answer.formulation is not None:
        print_note(_HINT)


def _repair_lines(repairs: tuple[Repair, ...]) -> Iterator[str]:
    if not repairs:
        yield _NO_REPAIR
        return
    first, *others = repairs
    least = "The least that has to move: " if first.is_least else "A change that would do: "
    yield f"{least}{first}"
    if others:
        yield "Each of these alone would do as well:" if first.is_alone else "Each of these alone would do:"
        yield from (f"- {repair}" for repair in others)
    elif not first.is_alone:
        yield "No single change was found that would do."
