"""The solvers of OR-Tools among the others: which models they get, and that they share a process with HiGHS."""

import subprocess
import sys
from pathlib import Path

import pytest

from solvers import BACK_ENDS, choose
from tests.solvers.cases import INTEGER, MIN, SOLVED, build_model

ROOT = Path(__file__).parents[2]

BOTH = """
{imports}
import numpy as np
from solvers import solve
from tests.solvers.cases import SOLVED
for solver in {order}:
    name = "integer" if solver == "cp_sat" else "lp_max"
    solution = solve(SOLVED[name].model, solver=solver)
    assert abs(solution.objective - SOLVED[name].objective) < 1e-4, (solver, solution)
    print(solver)
"""
OR_TOOLS = "from ortools.sat.python import cp_model\nfrom ortools.math_opt.python import mathopt"


@pytest.mark.parametrize(
    ("imports", "order"),
    [
        (f"import highspy\n{OR_TOOLS}", ["highs", "cp_sat", "glop", "pdlp", "highs"]),
        (f"{OR_TOOLS}\nimport highspy", ["cp_sat", "glop", "pdlp", "highs", "cp_sat"]),
        ("", ["highs", "glop", "cp_sat", "highs"]),
        ("", ["glop", "highs", "pdlp", "highs"]),
    ],
    ids=["highspy is imported first", "OR-Tools is imported first", "HiGHS solves first", "Glop solves first"],
)
def test_highs_and_or_tools_share_a_process_whichever_comes_first(imports: str, order: list[str]) -> None:
    # Both bring a `libhighs.so.1` of their own.
    ended = subprocess.run(
        [sys.executable, "-c", BOTH.format(imports=imports, order=order)],
        capture_output=True, text=True, timeout=60, cwd=ROOT, check=False,
    )  # fmt: skip
    assert (ended.returncode, ended.stderr, ended.stdout.split()) == (0, "", order)


def test_highs_comes_first_and_second_opinions_are_not_chosen() -> None:
    names = [back_end.name for back_end in BACK_ENDS]
    assert names.index("highs") < names.index("cp_sat") < names.index("glop") < names.index("pdlp")
    assert not {"glop", "pdlp"} & {back_end.name for back_end in BACK_ENDS if back_end.is_chosen}


def test_linear_integer_models_go_to_highs_and_products_of_whole_columns_to_cp_sat() -> None:
    assert choose(SOLVED["integer"].model).back_end.name == "highs"
    model = build_model(MIN, [1, -3], upper=900, kinds=INTEGER, products=[(0, 1, 1)])
    assert choose(model).back_end.name == "cp_sat"
