"""Runs generated programs, each in a process that is sealed off from the machine."""

from solvers.sandbox.explanation import explained
from solvers.sandbox.inside.families import FAMILIES
from solvers.sandbox.limits import Limits
from solvers.sandbox.pool import Pool, close_shared_pools, run_program
from solvers.sandbox.program_run import (
    ClaimedSolution,
    Frame,
    GuestException,
    Isolation,
    ModelFile,
    ProgramRun,
    RunKind,
)
from solvers.sandbox.resolve import ClaimedPoint, Resolved, resolved
from solvers.sandbox.wording import DESCRIPTION, NOT_RUN

__all__ = [
    "DESCRIPTION",
    "FAMILIES",
    "NOT_RUN",
    "ClaimedPoint",
    "ClaimedSolution",
    "Frame",
    "GuestException",
    "Isolation",
    "Limits",
    "ModelFile",
    "Pool",
    "ProgramRun",
    "Resolved",
    "RunKind",
    "close_shared_pools",
    "explained",
    "resolved",
    "run_program",
]
