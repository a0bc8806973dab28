"""The ground floor: the flat model, the solvers, and the re-check of what they return.

Knows nothing of people, formulations or language models.
"""

from solvers.check import PointCheck, check_point
from solvers.errors import ModelError, SolversError, UnknownSolverError, UnsupportedModelError
from solvers.events import Incumbent, OnSolverEvent, Progress, SolverEvent
from solvers.features import Feature, features_of
from solvers.lexicographic import DEFAULT_OBJECTIVE_TOLERANCE, ObjectiveStage, solve_in_order
from solvers.model import Kind, Model, QuadraticRows, QuadraticTerms, Sense
from solvers.nonlinear import NonlinearTerms, Operator
from solvers.options import DEFAULT_OPTIONS, SolveOptions
from solvers.registry import BACK_ENDS, BackEnd, back_end_named, choose
from solvers.solution import OPTIMALITY_GAP, Solution, Termination
from solvers.solve import solve

__all__ = [
    "BACK_ENDS",
    "DEFAULT_OBJECTIVE_TOLERANCE",
    "DEFAULT_OPTIONS",
    "OPTIMALITY_GAP",
    "BackEnd",
    "Feature",
    "Incumbent",
    "Kind",
    "Model",
    "ModelError",
    "NonlinearTerms",
    "ObjectiveStage",
    "OnSolverEvent",
    "Operator",
    "PointCheck",
    "Progress",
    "QuadraticRows",
    "QuadraticTerms",
    "Sense",
    "Solution",
    "SolveOptions",
    "SolverEvent",
    "SolversError",
    "Termination",
    "UnknownSolverError",
    "UnsupportedModelError",
    "back_end_named",
    "check_point",
    "choose",
    "features_of",
    "solve",
    "solve_in_order",
]
