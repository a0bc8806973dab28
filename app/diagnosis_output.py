"""What `run` and `solve` add to an answer that is no: which demands exclude each other, and what would do."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated, Final

import typer

from app.analyses import Addition

if TYPE_CHECKING:
    from nl2opt.formulation.analysis.repairs import Repair
    from nl2opt.pipeline.answer import Answer

_WIDTH: Final = 100
_HINT: Final = "To see which constraints exclude each other, and what would do, add --conflict."
_UNKNOWN: Final = "No conflict could be shown in the time that there was; --time-limit gives it more."
_NO_REPAIR: Final = "No change of these numbers was found that would do."
Conflicting = Annotated[
    bool,
    typer.Option(
        "--conflict", help="Where nothing is feasible, say which constraints exclude each other, and what would do."
    ),
]


def diagnosis(answer: Answer, time_limit: float | None) -> list[Addition]:
    """Return the conflict and the repairs of an infeasible answer; where it is another, only its JSON says so."""
    from nl2opt.errors import SettingsError
    from nl2opt.formulation.analysis.repairs import formulation_diagnosis
    from nl2opt.pipeline.answer import Status
    from nl2opt.settings import load_settings
    from solvers import SolveOptions
    from solvers.errors import SolversError

    if answer.status is not Status.INFEASIBLE or answer.formulation is None:
        return [Addition("conflict", "", [], None), Addition("repairs", "", [], [])]
    if time_limit is None:
        time_limit = load_settings().time_limit_seconds
    try:
        options = SolveOptions(time_limit_seconds=time_limit)
    except ValueError as error:
        raise SettingsError(f"{error}.") from error
    try:
        conflict, repairs = formulation_diagnosis(answer.formulation, options=options)
    except SolversError as error:
        return [
            Addition("conflict", "Why there is no answer", _wrapped([str(error)]), {"refused": str(error)}),
            Addition("repairs", "", [], []),
        ]
    if conflict is None:
        return [
            Addition("conflict", "Why there is no answer", _wrapped([_UNKNOWN]), None), Addition("repairs", "", [], [])
        ]  # fmt: skip
    return [
        Addition(
            "conflict", "Why there is no answer", _wrapped(conflict.lines()), conflict.to_dict()
        ),
        Addition("repairs", "What would do", _wrapped(_repair_lines(repairs)), [r.to_dict() for r in repairs]),
    ]  # fmt: skip


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


def _wrapped(lines: Iterable[str]) -> list[str]:
    """Return lines of a page, long ones on several."""
    return [
        part
        for line in lines
        for part in textwrap.wrap(line, _WIDTH, subsequent_indent="  ", break_long_words=False) or [""]
    ]
