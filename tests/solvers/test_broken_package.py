from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

MISSING = """
import sys
from importlib.machinery import PathFinder

class Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        return None if name.split(".")[0] in BLOCKED else PathFinder.find_spec(name, path, target)

BLOCKED = sys.argv[1].split(",")
sys.meta_path[sys.meta_path.index(PathFinder)] = Finder
"""
BROKEN = """
import sys
from importlib.machinery import ModuleSpec, SourceFileLoader

class Broken:
    @staticmethod
    def find_spec(name, path=None, target=None):
        return ModuleSpec(name, Broken) if name in sys.argv[1].split(",") else None
    @staticmethod
    def create_module(spec):
        return None
    @staticmethod
    def exec_module(module):
        raise ImportError("libhighs.so.1: cannot open shared object file")

sys.meta_path.insert(0, Broken)
"""
MODEL = """
import numpy as np
from solvers import SolversError, sensitivity, solve
from solvers.exchange import write_lp
from tests.solvers.cases import INTEGER, MIN, SOLVED, build_model
quadratic = build_model(MIN, [1], kinds=INTEGER, products=[(0, 0, 1)])
model = quadratic if sys.argv[3] == "quadratic" else SOLVED["lp_max"].model
try:
    match sys.argv[3]:
        case "file":
            print(write_lp(model).text)
        case "prices":
            print(sensitivity(model).method)
        case _:
            print(solve(model, solver=sys.argv[2]).solver)
except SolversError as error:
    print(f"{type(error).__name__}: {error}")
"""


def said(how: str, packages: str, solver: str, model: str = "linear") -> str:
    """Return what comes of a model in a process that lacks some packages."""
    ran = subprocess.run(
        [sys.executable, "-c", how + MODEL, packages, solver, model],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert "Traceback" not in ran.stderr
    return ran.stdout.strip()


@pytest.mark.parametrize(
    ("packages", "solver", "model", "text"),
    [
        (
            "highspy",
            "highs",
            "linear",
            "MissingSolverError: HiGHS is not installed. Install it with: pip install highspy",
        ),
        ("highspy", "auto", "linear", "Clarabel"),
        ("pyscipopt,ortools", "auto", "quadratic", "UnsupportedModelError: No installed solver takes this model."),
    ],
)
def test_a_solver_that_is_not_there_is_said_or_another_is_taken(
    packages: str, solver: str, model: str, text: str
) -> None:
    assert said(MISSING, packages, solver, model).startswith(text)


def test_a_solver_that_cannot_be_loaded_is_said_with_the_mend() -> None:
    assert said(BROKEN, "highspy", "highs") == (
        "MissingSolverError: HiGHS cannot be loaded (libhighs.so.1: cannot open shared object file). "
        "Install it again with: pip install --force-reinstall highspy~=1.13.1"
    )


def test_model_files_are_written_and_read_back_without_highs() -> None:
    ended = said(MISSING, "highspy", "auto", "file")
    assert ended.startswith("maximize")


def test_shadow_prices_without_highs_are_refused_with_the_command_that_installs_it() -> None:
    ended = said(MISSING, "highspy", "auto", "prices")
    assert ended.startswith("MissingSolverError: HiGHS cannot be loaded (")
