"""Writes results to stdout or a file, so that none is lost when a file cannot be written.

Imports nothing of `nl2opt` by itself: errors are said with it, a broken installation among them.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typer

if TYPE_CHECKING:
    from nl2opt.formulation.findings import Finding
    from nl2opt.pipeline.answer import Answer

_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def printable(text: str) -> str:
    """Return a text without the control characters by which a language model could steer a terminal."""
    return _CONTROL.sub("\ufffd", text)


def print_json(content: Any) -> None:
    """Print one JSON object on a line of its own, in ASCII, which every terminal and program reads."""
    typer.echo(json.dumps(content))


def print_answer(answer: Answer, *, as_json: bool) -> None:
    """Print an answer on stdout, as a page for people or as one JSON object."""
    if as_json:
        print_json(answer.to_dict())
        return
    from rich.console import Console

    from nl2opt.pipeline.report import sections

    console = Console(soft_wrap=True, highlight=False)
    for number, (title, lines) in enumerate(sections(answer)):
        if number:
            console.print()
        console.print(title, style="bold", markup=False)
        for line in lines:
            console.print(f"  {printable(line)}", markup=False)


def print_note(text: str) -> None:
    """Print a line on stderr."""
    typer.echo(printable(text), err=True)


def write_result(text: str, output: Path | None) -> None:
    """Write a result to a file, or to stdout when none is named.

    Raises:
        StoreError: the file cannot be written; the result stands on stdout then.
    """
    if output is None:
        typer.echo(text, nl=False)
        return
    from nl2opt.errors import StoreError
    from nl2opt.pipeline.store import write_whole

    try:
        write_whole(output, text)
    except StoreError as error:
        typer.echo(text, nl=False)
        raise StoreError(f"{error} The result was printed instead.") from error


def finding_lines(findings: tuple[Finding, ...]) -> list[str]:
    """Return one line for each finding, its severity first."""
    return [f"{finding.severity}: {finding}" for finding in findings]
