"""Running a program from the command line: `nl2opt run PROGRAM.py`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

if TYPE_CHECKING:
    from nl2opt.pipeline.answer import Answer

SUFFIX: Final = ".py"
"""A file that ends so is a program; any other is a formulation."""
UnsafeNoSandbox = Annotated[
    bool,
    typer.Option(
        "--unsafe-no-sandbox",
        help="Run a program even where this machine cannot keep it from your files. Read it first.",
    ),
]


def is_program(path: Path) -> bool:
    """Whether a file holds a program."""
    return path.suffix.lower() == SUFFIX


def require_for_program(**given: object) -> None:
    """Refuse options that say something about formulations, where there is only a program.

    Args:
        given: the options by name, as they were given; false and `None` for those that were not.

    Raises:
        typer.BadParameter: one was given.
    """
    for name, value in given.items():
        if value:
            raise typer.BadParameter(
                "this option is for formulations, and there is only a program", param_hint=f"--{name.replace('_', '-')}"
            )


def end_workers() -> None:
    """End the workers of the sandbox, if any were started, with the folders that they have."""
    if "solvers.sandbox" in sys.modules:
        from solvers.sandbox import close_shared_pools

        close_shared_pools()


def run_program(path: Path, *, solver: str, time_limit: float | None, quiet: bool, unsafe_no_sandbox: bool) -> Answer:
    """Run a program in the sandbox, and solve its model again outside.

    Raises:
        ProblemError: the file cannot be read.
        solvers.SolversError: it is no program, or cannot be run here.
    """
    import nl2opt
    from app.progress import progress_on_stderr
    from nl2opt.errors import ProblemError

    try:
        with progress_on_stderr(quiet=quiet) as view:
            return nl2opt.run_program(
                path, solver=solver, time_limit=time_limit, unsafe_no_sandbox=unsafe_no_sandbox, on_event=view
            )
    except OSError as error:
        raise ProblemError(f"{path} cannot be read ({error.strerror or error}).") from error
