"""The option `--export`: the answer, or its model, in files for other programs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.options import in_folder

if TYPE_CHECKING:
    from nl2opt.pipeline.answer import Answer


def require_writable(files: list[Path] | None) -> list[Path] | None:
    """Return files that are to be written, if their formats are known and their folders there.

    Raises:
        typer.BadParameter: the ending of a name is not known, and the text lists those that are; or a folder does not
            exist.
    """
    if not files:
        return files
    from nl2opt.errors import StoreError
    from nl2opt.pipeline.export import writer_for

    for file in files:
        try:
            writer_for(file)
        except StoreError as error:
            raise typer.BadParameter(str(error)) from error
        in_folder(file)
    return files


Export = Annotated[
    list[Path] | None,
    typer.Option(
        "--export",
        metavar="FILE",
        callback=require_writable,
        help="Write to a file by its ending: .lp or .mps the model, .json the answer, .csv or .xlsx the values. "
        "May be repeated.",
    ),
]


def write_all(answer: Answer, files: Sequence[Path] | None) -> int:
    """Write the answer to each file; say on stderr what could not be written.

    Returns:
        The exit code of a wrong use when a file could not be written although there was something to write; else 0.
    """
    if not files:
        return 0
    from app.exit_codes import ExitCode
    from app.output import print_note
    from nl2opt.errors import StoreError
    from solvers.errors import SolversError

    code = 0
    for file in files:
        try:
            answer.export(file)
        except (StoreError, SolversError) as error:
            print_note(f"{file} was not written. {error}")
            has_nothing = answer.values is None and file.suffix.lower() in (".csv", ".xlsx")
            code = code if has_nothing else ExitCode.USAGE
    return code
