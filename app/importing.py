"""The command that makes a formulation of a model file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from app import options

if TYPE_CHECKING:
    from nl2opt.formulation.schema import Formulation

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
    if output is not None:
        print_note(f"{output} was written: {_content(formulation)}.")
    for assumption in formulation.assumptions:
        print_note(f"Note: {assumption.text}")
    return 0


def _content(formulation: Formulation) -> str:
    """Say what a formulation is made of, as in "a formulation with 2 sets and 3 variables, minimized"."""
    counts = [
        (len(formulation.sets), "set"),
        (len(formulation.parameters), "parameter"),
        (len(formulation.variables), "variable"),
        (len(formulation.constraints), "constraint"),
    ]
    named = [f"{count:,} {what}{'s' * (count != 1)}" for count, what in counts if count]
    listed = " and ".join([*([", ".join(named[:-1])] if len(named) > 1 else []), named[-1]])
    senses = [f"{objective.sense}d" for objective in formulation.objectives]
    return f"a formulation with {listed}, {senses[0] if senses else 'without an objective'}"
