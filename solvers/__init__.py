"""The ground floor: the flat model, the solvers, and the re-check of what they return.

Knows nothing of people, formulations or language models.
"""

from solvers.backends.protocol import BackEnd
from solvers.check import PointCheck, check_point
from solvers.cones import Cones
from solvers.errors import (
    ExchangeError,
    MissingSolverError,
    ModelError,
    SolversError,
    UnknownSolverError,
    UnsupportedModelError,
)
from solvers.events import Incumbent, OnSolverEvent, Progress, SolverEvent
from solvers.features import Feature, features_of
from solvers.global_constraints import (
    AffineColumns,
    AllDifferent,
    Circuit,
    Cumulative,
    GlobalConstraint,
    NoOverlap,
)
from solvers.indicators import IndicatorRows
from solvers.lexicographic import DEFAULT_OBJECTIVE_TOLERANCE, ObjectiveStage, solve_in_order
from solvers.linear_ranging import CostRange, SidePrice
from solvers.model import Kind, Model, QuadraticRows, QuadraticTerms, Sense
from solvers.nonlinear import NonlinearTerms, Operator
from solvers.options import DEFAULT_OPTIONS, SolveOptions
from solvers.pool import SolutionPool, solution_pool
from solvers.registry import BACK_ENDS, Choice, back_end_named, choose, is_installed
from solvers.sensitivity import Method, Sensitivity, SideStep, sensitivity
from solvers.solution import OPTIMALITY_GAP, Solution, Termination
from solvers.solve import solve

__all__ = [
    "BACK_ENDS",
    "DEFAULT_OBJECTIVE_TOLERANCE",
    "DEFAULT_OPTIONS",
    "OPTIMALITY_GAP",
    "AffineColumns",
    "AllDifferent",
    "BackEnd",
    "Choice",
    "Circuit",
    "Cones",
    "CostRange",
    "Cumulative",
    "ExchangeError",
    "Feature",
    "GlobalConstraint",
    "Incumbent",
    "IndicatorRows",
    "Kind",
    "Method",
    "MissingSolverError",
    "Model",
    "ModelError",
    "NoOverlap",
    "NonlinearTerms",
    "ObjectiveStage",
    "OnSolverEvent",
    "Operator",
    "PointCheck",
    "Progress",
    "QuadraticRows",
    "QuadraticTerms",
    "Sense",
    "Sensitivity",
    "SidePrice",
    "SideStep",
    "Solution",
    "SolutionPool",
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
    "is_installed",
    "sensitivity",
    "solution_pool",
    "solve",
    "solve_in_order",
]
