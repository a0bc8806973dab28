"""The command that shows an answer again which was kept; nothing is solved."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from app import exporting, options

SHOW_EXAMPLE: Final = "Example: nl2opt run plan.json --sensitivity --save answer.json, then: nl2opt show answer.json"
Kept = Annotated[
    str,
    typer.Argument(
        metavar="FILE|ID", help="What --save wrote; or the id of a run, the beginning of one, or last for the newest."
    ),
]


def show(answer: Kept, as_json: options.AsJson = False, export: exporting.Export = None) -> int:
    """Show an answer that was kept, with what --sensitivity, --pool and --conflict found; nothing is solved."""
    from app.exit_codes import exit_code_of_status
    from app.output import print_answer
    from nl2opt.pipeline.after.runs import find_run

    kept = find_run(answer)
    print_answer(kept, as_json=as_json)
    return max(exporting.write_all(kept, export), exit_code_of_status(kept.status))
