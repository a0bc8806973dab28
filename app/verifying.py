"""The command that verifies a kept answer or a formulation again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from app import options

VERIFY_EXAMPLE: Final = "Example: nl2opt verify plan.json --problem bakery.txt --verify thorough --llm openai:MODEL"
Given = Annotated[
    str,
    typer.Argument(
        metavar="ANSWER|ID|FORMULATION.json",
        help="What --save wrote, the id of a run that nl2opt solve kept, or a file with a formulation.",
    ),
]
ProblemFile = Annotated[
    Path | None,
    typer.Option(
        "--problem",
        metavar="FILE",
        help="The problem in words, for a formulation: without it only the solving can be checked.",
    ),
]


def verify(
    answer: Given,
    problem: ProblemFile = None,
    level: options.Verify = None,
    llm: options.Llm = None,
    llm_base_url: options.BaseUrl = None,
    llm2: options.Llm2 = None,
    timeout: options.Timeout = None,
    solver: options.Solver = "auto",
    time_limit: options.TimeLimit = None,
    as_json: options.AsJson = False,
    quiet: options.Quiet = False,
    save: options.Save = None,
) -> int:
    """Verify a kept answer or a formulation from the beginning, and say what word it earns."""
    import nl2opt
    from app.exit_codes import exit_code_of_status
    from app.inputs import problem_text, settings_from
    from app.output import print_answer
    from app.progress import progress_on_stderr
    from nl2opt.errors import ProblemError

    if problem is not None and str(problem) != "-" and not problem.is_file():
        raise ProblemError(f"There is no file {problem} with a problem in words.")
    text = problem_text(str(problem)) if problem is not None else ""
    settings = settings_from(llm, llm_base_url, None, None, timeout, level, llm2)
    with progress_on_stderr(quiet=quiet) as view:
        found = nl2opt.verify(
            answer, problem=text, solver=solver, time_limit=time_limit, settings=settings, on_event=view
        )  # fmt: skip
    if save is not None:
        found.save(save)
    print_answer(found, as_json=as_json)
    return exit_code_of_status(found.status)
