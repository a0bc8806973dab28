"""Other readings of a problem on the command line: how many are tried, which is asked about, and taking one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from app import options

if TYPE_CHECKING:
    from nl2opt.pipeline.answer import Answer
    from solvers import SolveOptions

TAKE_EXAMPLE: Final = "Example: nl2opt solve diet.txt --save diet.answer.json, then: nl2opt take diet.answer.json 1"
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
Kept = Annotated[
    str, typer.Argument(metavar="FILE|ID", help="What --save wrote, or the id of a run that nl2opt solve kept.")
]
Number = Annotated[int, typer.Argument(metavar="NUMBER", help="Of the reading, as the answer lists it.")]


def take(
    answer: Kept,
    number: Number,
    solver: options.Solver = "auto",
    time_limit: options.TimeLimit = None,
    readings: Readings = None,
    as_json: options.AsJson = False,
    save: options.Save = None,
) -> int:
    """Take another reading of a problem that was solved, and show its answer; no language model is asked."""
    from app.exit_codes import exit_code_of_status
    from app.output import print_answer, print_note
    from nl2opt.errors import StoreError
    from nl2opt.pipeline.answer import Answer

    kept = Answer.load(answer)
    new = kept.take(number, readings=_number(readings), solver=solver, options=_solve_options(time_limit))
    try:
        path = new.save(save)
    except StoreError as error:
        print_note(f"Warning: the answer was not saved. {error}")
    else:
        print_note(f"Kept in {path}")
    print_answer(new, as_json=as_json)
    return exit_code_of_status(new.status)


def asked(answer: Answer, *, ask: bool, readings: int | None, solver: str, time_limit: float | None) -> Answer:
    """Return the answer after the question which reading is meant, where that was wanted and matters."""
    if not ask:
        return answer
    from nl2opt.pipeline.options import FormulateOptions
    from nl2opt.pipeline.readings.asking import asked as asked_by
    from nl2opt.pipeline.readings.terminal import ask_at_terminal

    how = FormulateOptions(readings=_number(readings), solver=solver, solve=_solve_options(time_limit))
    return asked_by(answer, ask_at_terminal, how)


def _number(readings: int | None) -> int:
    from nl2opt.settings import load_settings

    return load_settings().readings if readings is None else readings


def _solve_options(time_limit: float | None) -> SolveOptions:
    from nl2opt.errors import SettingsError
    from nl2opt.settings import load_settings
    from solvers import SolveOptions

    try:
        return SolveOptions(time_limit_seconds=load_settings().time_limit_seconds if time_limit is None else time_limit)
    except ValueError as error:
        raise SettingsError(f"{error}.") from error
