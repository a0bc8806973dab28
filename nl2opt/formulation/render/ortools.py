"""Renders a formulation as a program in OR-Tools: for CP-SAT where all is whole, else in MathOpt."""

from __future__ import annotations

from nl2opt.errors import FormulationError
from nl2opt.formulation.compilation.compiler import compile_formulation
from nl2opt.formulation.render.cp_sat import CpSatProgram
from nl2opt.formulation.render.cp_sat_choice import whole_model_of
from nl2opt.formulation.render.mathopt import MathOptProgram
from nl2opt.formulation.schema import Formulation


def to_ortools(formulation: Formulation) -> str:
    """Return the program.

    Raises:
        FormulationError: the formulation has no single meaning, or neither CP-SAT nor MathOpt can say it.
        ValueError: a name is not an identifier, which only an unvalidated formulation can hold.
    """
    refusal: FormulationError | None = None
    whole = whole_model_of(compile_formulation(formulation).require())
    if whole is not None:
        try:
            return CpSatProgram(formulation, whole).text()
        except FormulationError as error:
            refusal = error
    try:
        return MathOptProgram(formulation).text()
    except FormulationError as error:
        raise refusal or error from error
