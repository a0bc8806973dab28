"""The options that several commands have, each said once."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Style(StrEnum):
    """Writing styles."""

    SCALAR = "scalar"
    INDEXED = "indexed"


class Route(StrEnum):
    """What the language model writes."""

    FORMULATION = "formulation"
    PROGRAM = "program"
    BOTH = "both"


class Level(StrEnum):
    """How far an answer is verified."""

    QUICK = "quick"
    STANDARD = "standard"
    THOROUGH = "thorough"


class Target(StrEnum):
    """What a formulation can be rendered to."""

    PYOMO = "pyomo"
    HIGHSPY = "highspy"
    ORTOOLS = "ortools"
    PYSCIPOPT = "pyscipopt"
    LATEX = "latex"
    MARKDOWN = "markdown"


def in_folder(file: Path | None) -> Path | None:
    """Return a file that is to be written, if its folder is there: told before anything is solved.

    Raises:
        typer.BadParameter: the folder does not exist.
    """
    if file is not None and not file.parent.exists():
        raise typer.BadParameter(f"The folder {file.parent} does not exist")
    return file


Problem = Annotated[
    str, typer.Argument(metavar="TEXT|FILE|-", help="The problem in words: the text, a text file, or - for stdin.")
]
FormulationFile = Annotated[
    Path, typer.Argument(metavar="FORMULATION.json", help="File with a formulation; - for stdin.")
]
FormulationOrProgram = Annotated[
    Path,
    typer.Argument(
        metavar="FORMULATION.json|PROGRAM.py",
        help="File with a formulation or a program; - for a formulation on stdin.",
    ),
]
RouteOption = Annotated[
    Route,
    typer.Option(
        "--route",
        help="What the language model writes: a formulation; a program, run in the sandbox; or both, compared.",
    ),
]
Llm = Annotated[
    str | None,
    typer.Option(
        "--llm",
        metavar="LLM",
        help="The language model: local, local:NAME, local:/path/model.gguf, openai:MODEL or scripted:FILE "
        "(default: local, or the setting `llm`).",
    ),
]
BaseUrl = Annotated[
    str | None,
    typer.Option(
        "--llm-base-url", metavar="URL", help="Address of the endpoint for openai:MODEL: http://localhost:8000/v1."
    ),
]
StyleOption = Annotated[
    Style | None, typer.Option("--style", help="How the language model writes; left out, what suits it.")
]
Rounds = Annotated[
    int | None,
    typer.Option("--rounds", metavar="NUMBER", min=0, max=20, help="Corrections at most (default: 3)."),
]
Timeout = Annotated[
    float | None,
    typer.Option(
        "--timeout",
        metavar="SECONDS",
        min=0.1,
        help="Longest wait for one completion of the language model (default: 600).",
    ),
]
Solver = Annotated[
    str, typer.Option("--solver", metavar="NAME", help="The solver; auto takes the one that suits the model.")
]
TimeLimit = Annotated[
    float | None,
    typer.Option(
        "--time-limit",
        metavar="SECONDS",
        min=0.0,
        help="Longest time for the solver (default: none); the best point so far is shown.",
    ),
]
CrossCheck = Annotated[
    bool, typer.Option("--cross-check", help="Also render a program, run it in the sandbox, and compare the optimum.")
]
Verify = Annotated[
    Level | None,
    typer.Option(
        "--verify",
        help="How far the answer is verified: quick asks no language model again, standard up to 3 times within 120 "
        "seconds, thorough as often as it takes (default: standard, or the setting `verify`).",
    ),
]
Llm2 = Annotated[
    str | None,
    typer.Option(
        "--llm2",
        metavar="LLM",
        help="A second language model, which writes the independent model and judges (default: the first one).",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout and nothing else.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")]
Save = Annotated[
    Path | None,
    typer.Option("--save", metavar="FILE", help="Write the answer with its trace to this file."),
]
Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", callback=in_folder, help="Write to this file instead of stdout."),
]
