"""What becomes of an answer: it is kept as a run, printed, and written to the file that was named."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from app import analyses
from app.ending import failed

if TYPE_CHECKING:
    from nl2opt.pipeline.answer import Answer


def keep(answer: Answer, quiet: bool) -> None:
    """Write the answer to the run store; at a terminal, say where it is."""
    from app.output import print_note

    path, fault = saved(answer, None)
    if fault:
        print_note(f"Warning: the run could not be kept. {fault}")
    elif not quiet and sys.stderr is not None and sys.stderr.isatty():
        print_note(f"Kept, with every prompt and completion, in {path}")


def handed_out(answer: Answer, as_json: bool, save: Path | None, gap: float | None = None) -> int:
    """Print the answer, write it to the file that was named, and return the exit code."""
    from app.exit_codes import ExitCode, exit_code_of_status
    from app.output import print_answer

    # Saved first, since printing ends early when the reader goes away.
    fault = saved(answer, save)[1] if save is not None else ""
    print_answer(answer, as_json=as_json)
    if fault:
        return failed(f"The answer was not saved. {fault}", ExitCode.USAGE)
    return ExitCode.SOLVED if analyses.reached_gap(answer, gap) else exit_code_of_status(answer.status)


def saved(answer: Answer, path: Path | None) -> tuple[Path | None, str]:
    """Save an answer; return where it is, or why it could not be saved."""
    from nl2opt.errors import StoreError

    try:
        return answer.save(path), ""
    except StoreError as error:
        return None, str(error)
    except UnicodeError as error:
        # Language models write halves of characters that UTF-8 has no form for.
        return None, f"It holds text that cannot be written as UTF-8 ({error})."
