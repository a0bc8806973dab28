"""The command that makes a formulation of a model file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from app import options

IMPORT_EXAMPLE: Final = "Example: nl2opt import old.mps -o plan.json, then: nl2opt describe plan.json"
ModelFile = Annotated[
    Path, typer.Argument(metavar="MODEL.mps|MODEL.lp", help="An MPS or LP file, packed by gzip or not.")
]
MaxMegabytes = Annotated[
    float, typer.Option("--max-megabytes", metavar="NUMBER", min=0.0, help="Largest text that is read, unpacked.")
]


def import_file(model: ModelFile, output: options.Output = None, max_megabytes: MaxMegabytes = 100.0) -> int:
    """Write an MPS or LP file as a formulation, to be explained, changed and run."""
    import nl2opt
    from app.output import print_note, write_result

    formulation = nl2opt.import_model(model, max_bytes=int(max_megabytes * 1_000_000))
    write_result(formulation.to_json() + "\n", output)
    for assumption in formulation.assumptions:
        print_note(f"Note: {assumption.text}")
    return 0
