"""Writes the flat model of a formulation as an LP or MPS file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from nl2opt.formulation.compilation.compiled import CompiledFormulation
from nl2opt.formulation.compilation.compiler import compile_formulation
from nl2opt.formulation.schema import Formulation
from solvers.errors import ExchangeError
from solvers.exchange import WrittenModel, write_lp, write_mps
from solvers.model import Model

FileFormat = Literal["lp", "mps"]
_WRITERS: dict[FileFormat, Callable[[Model], WrittenModel]] = {"lp": write_lp, "mps": write_mps}


def model_file(formulation: Formulation, file_format: FileFormat) -> WrittenModel:
    """Write a formulation as a model file, whose names lead back to its variables and constraints.

    Raises:
        FormulationError: it has no single meaning; the findings say why.
        solvers.ExchangeError: the format cannot hold it.
    """
    return model_file_of(compile_formulation(formulation).require(), file_format)


def model_file_of(compiled: CompiledFormulation, file_format: FileFormat) -> WrittenModel:
    """Write a compiled formulation as a model file.

    Raises:
        solvers.ExchangeError: the format cannot hold it, or it has several objectives of different priority.
    """
    if len(compiled.stages) > 1:
        raise ExchangeError(
            f"{file_format.upper()} files hold one objective; this formulation has {len(compiled.stages)}, of "
            "different priority. Keep one of them, or give all the same priority and weights."
        )
    return _WRITERS[file_format](replace(compiled.model, title=compiled.formulation.title))
