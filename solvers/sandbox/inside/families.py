"""The solver families: which libraries a worker has imported before its first run."""

from __future__ import annotations

import contextlib
import importlib
import random
from typing import Final

_EVERYWHERE: Final = ("numpy", "numpy.random", "scipy", "scipy.sparse", "scipy.optimize", "pandas", "json", "csv",
                      "math", "itertools", "collections", "dataclasses", "tempfile", "inspect", "linecache",
                      "traceback", "logging", "difflib", "solvers.sandbox.inside.guest")  # fmt: skip
FAMILIES: Final[dict[str, tuple[str, ...]]] = {
    "pyomo": ("highspy", "pyomo.environ", "pyomo.contrib.appsi.solvers.highs", "pyomo.contrib.fbbt.fbbt",
              "pyomo.contrib.solver.solvers.highs", "pyomo.repn.plugins.lp_writer"),
    "ortools": ("ortools.sat.python.cp_model", "ortools.math_opt.python.mathopt", "ortools.linear_solver.pywraplp",
                "ortools.linear_solver.linear_solver_pb2",
                "ortools.graph.python.min_cost_flow"),
    "pyscipopt": ("pyscipopt",),
}  # fmt: skip
"""What each family imports, beside what all do."""
DEFAULT_FAMILY: Final = "pyomo"


def family_of(source: str) -> str:
    """Guess the family of a program from its words; a wrong guess costs an import, and nothing else."""
    if "ortools" in source:
        return "ortools"
    if "pyscipopt" in source and "pyomo" not in source:
        return "pyscipopt"
    return DEFAULT_FAMILY


def import_family(family: str) -> None:
    """Import what a family needs; a library that is not installed is missing from its programs, too."""
    for name in (*_EVERYWHERE, *FAMILIES[family]):
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    from solvers.sandbox.inside.harvest import prepare
    from solvers.sandbox.inside.harvest.rehearsal import rehearse

    rehearse()
    prepare()


def seed_random_numbers(seed: int) -> None:
    """Let random numbers begin anew, since a forked process has those of its parent."""
    random.seed(seed)
    with contextlib.suppress(ImportError):
        import numpy as np

        np.random.seed(seed % 2**32)
