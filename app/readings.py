"""Other readings of a problem on the command line: how many are tried, and which is asked about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

if TYPE_CHECKING:
    from nl2opt.pipeline.answer import Answer
    from solvers import SolveOptions

_MOST: Final = 100
_NONE: Final = "none"


def how_many(text: str) -> int:
    """Return the number that `--readings` means; 0 for `none`.

    Raises:
        typer.BadParameter: it means none.
    """
    word = text.strip().lower()
    if word == _NONE:
        return 0
    if not (word.isascii() and word.isdigit() and len(word) < 10 and int(word) <= _MOST):
        raise typer.BadParameter(f"`{text}` is neither a whole number from 0 to {_MOST} nor `{_NONE}`")
    return int(word)


Readings = Annotated[
    int | None,
    typer.Option(
        "--readings",
        metavar="NUMBER|none",
        parser=how_many,
        help="How many other readings of the problem are solved, too (default: 8, or the setting `readings`).",
    ),
]
Ask = Annotated[
    bool,
    typer.Option("--ask", help="Where a reading of the problem moves the answer, ask at the terminal which is meant."),
]


def asked(
    answer: Answer, *, ask: bool, readings: int | None, solver: str, time_limit: float | None, gap: float | None
) -> Answer:
    """Return the answer after the question which reading is meant, where that was wanted and matters."""
    if not ask:
        return answer
    from nl2opt.pipeline.options import FormulateOptions
    from nl2opt.pipeline.readings.asking import asked as asked_by
    from nl2opt.pipeline.readings.terminal import ask_at_terminal

    how = FormulateOptions(readings=number_of(readings), solver=solver, solve=solve_options_of(time_limit, gap))
    return asked_by(answer, ask_at_terminal, how)


def number_of(readings: int | None) -> int:
    """Return how many readings are tried; the setting where no option was given."""
    from nl2opt.settings import load_settings

    return load_settings().readings if readings is None else readings


def solve_options_of(time_limit: float | None, gap: float | None) -> SolveOptions:
    """Return the options of the solver; those of the settings where none was given.

    Raises:
        SettingsError: they make no sense.
    """
    from nl2opt.errors import SettingsError
    from nl2opt.settings import load_settings
    from solvers import SolveOptions

    if time_limit is None:
        time_limit = load_settings().time_limit_seconds
    try:
        return SolveOptions(time_limit_seconds=time_limit, relative_gap=gap or 0.0)
    except ValueError as error:
        raise SettingsError(f"{error}.") from error
