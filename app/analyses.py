"""What `run` and `solve` add to an answer when they are asked to: sensitivity, and more than one solution."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Final

import typer

if TYPE_CHECKING:
    from nl2opt.pipeline.answer import Answer

_MOST_SOLUTIONS: Final = 1000
_SHARE: Final = re.compile(r"\s*(\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+)\s*(%?)\s*", re.ASCII)


def share(text: str) -> float:
    """Return the number that a share such as `0.01` or `1%` means.

    Raises:
        typer.BadParameter: it means none, or less than 0.
    """
    found = _SHARE.fullmatch(text)
    if found is None:
        raise typer.BadParameter(f"`{text}` is not a share of at least 0; write 0.01 or 1%")
    number = float(found[1]) / (100.0 if found[2] else 1.0)
    if not number < float("inf"):
        raise typer.BadParameter(f"`{text}` is too large for a share")
    return number


Sensitive = Annotated[
    bool,
    typer.Option(
        "--sensitivity", help="Also say what one unit more or less of each constraint would be worth, and how far."
    ),
]
Pool = Annotated[
    int | None,
    typer.Option(
        "--pool",
        metavar="NUMBER",
        min=1,
        max=_MOST_SOLUTIONS,
        help="Also list so many best solutions that differ in whole numbers.",
    ),
]
Gap = Annotated[
    float | None,
    typer.Option(
        "--gap",
        metavar="SHARE",
        parser=share,
        help="Stop when the answer is within this share of the best possible: 0.01 or 1% (default: 0).",
    ),
]


def analysed(
    answer: Answer, *, sensitivity: bool, pool: int | None, solver: str, time_limit: float | None, gap: float | None
) -> Answer:
    """Return the answer with what was asked for about it; as it is where it has no formulation that can be solved.

    Raises:
        SettingsError: the options make no sense.
    """
    if answer.formulation is None or not (sensitivity or pool):
        return answer
    from nl2opt.errors import SettingsError
    from nl2opt.settings import load_settings
    from solvers import SolveOptions

    if time_limit is None:
        time_limit = load_settings().time_limit_seconds
    try:
        options = SolveOptions(time_limit_seconds=time_limit, relative_gap=gap or 0.0)
    except ValueError as error:
        raise SettingsError(f"{error}.") from error
    return answer.analysed(sensitivity=sensitivity, pool=pool, solver=solver, options=options)


def reached_gap(answer: Answer, gap: float | None) -> bool:
    """Return whether the gap that was asked for was reached, which is what was to be done."""
    return gap is not None and answer.objective is not None and answer.gap is not None and answer.gap <= gap
