"""Renderings of a formulation: programs, LaTeX, Markdown."""

from __future__ import annotations

from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from nl2opt.formulation.schema import Formulation

LIBRARY_NAMES: Final = {"pyomo": "Pyomo", "highspy": "highspy", "ortools": "OR-Tools", "pyscipopt": "PySCIPOpt"}
"""Modelling libraries that programs are written for, each with the name that people know it by."""
LIBRARIES: Final = tuple(LIBRARY_NAMES)
_WRITERS: Final = {
    "pyomo": ("pyomo", "to_pyomo"),
    "highspy": ("highspy", "to_highspy"),
    "ortools": ("ortools", "to_ortools"),
    "pyscipopt": ("scip", "to_scip"),
}
"""The module that writes the programs of each library, and the function in it."""


def render_program(formulation: Formulation, library: str = "pyomo") -> str:
    """Write a program that builds and solves a formulation.

    Raises:
        FormulationError: the formulation has no single meaning, or the library cannot say it.
        ValueError: there is no such library.
    """
    if library not in LIBRARIES:
        near = get_close_matches(library, LIBRARIES, n=1)
        hint = f" Did you mean `{near[0]}`?" if near else ""
        raise ValueError(f"There is no rendering for `{library}`; there are: {', '.join(LIBRARIES)}.{hint}")
    module, function = _WRITERS[library]
    text: str = getattr(import_module(f"nl2opt.formulation.render.{module}"), function)(formulation)
    return text
