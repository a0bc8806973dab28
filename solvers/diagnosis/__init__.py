"""Why a model has no solution, and what would give it one."""

from solvers.diagnosis.conflict import ConflictSet, conflict_set
from solvers.diagnosis.levers import Levers, moved
from solvers.diagnosis.members import Member, Numbering, Part, demanded
from solvers.diagnosis.repair import SideRepair, cheapest_repair, lone_repairs

__all__ = [
    "ConflictSet",
    "Levers",
    "Member",
    "Numbering",
    "Part",
    "SideRepair",
    "cheapest_repair",
    "conflict_set",
    "demanded",
    "lone_repairs",
    "moved",
]
