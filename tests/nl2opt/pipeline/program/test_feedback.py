from __future__ import annotations

from dataclasses import replace

import pytest

from nl2opt.pipeline.program.feedback import model_points, number_points, run_points
from solvers import Model, SolveOptions, solve
from solvers.sandbox import ClaimedSolution, Resolved, run_program
from tests.nl2opt.pipeline.cases import PROBLEM, compiled
from tests.nl2opt.pipeline.program.cases import RIGHT


@pytest.mark.parametrize(
    ("program", "points"),
    [
        ("x = 1\n", []),
        (
            "x = 1\nprint(y)\n",
            ["Line 2, `print(y)`, stopped the program: NameError: name 'y' is not defined."],
        ),
        ("x = (1\n", ["Line 1, `x = (1`, stopped the program: SyntaxError: '(' was never closed."]),
        (
            "x = bytearray(3 * 2**30)\n",
            [
                "The program asked for more than the 2048 MB of memory that it may have. Build a smaller model: one "
                "variable for each decision of the problem, and no more."
            ],
        ),
        (
            "import ctypes\nctypes.string_at(0)\n",
            ["The program crashed or was stopped from outside (SIGSEGV). Use the library as in the example."],
        ),
        (
            "while True: print('x' * 100_000)\n",
            [
                "The program wrote more than 16,777,216 bytes of output. Print the objective and the values, nothing "
                "else."
            ],
        ),
    ],
)
def test_what_stopped_a_program_is_said_with_what_to_do(program: str, points: list[str]) -> None:
    assert run_points(run_program(program)) == points


def test_a_long_message_is_shortened() -> None:
    (point,) = run_points(run_program("raise ValueError('x' * 10_000)\n"))
    assert len(point) < 700


def solved(expression: str, *rows: str) -> Resolved:
    content = {
        "variables": [{"name": name, "domain": "continuous", "lower": 0, "upper": 50} for name in ("x", "y")],
        "objective": {"sense": "maximize", "expression": expression},
        "constraints": [{"name": f"c{n}", "expression": row} for n, row in enumerate(rows)],
    }
    model: Model = compiled(content).model
    solution = solve(model, options=SolveOptions())
    return Resolved(claimed=CLAIMED, model=model, solution=solution, values={}, agrees=None, claimed_point=None)


CLAIMED = ClaimedSolution(library="pyomo", status="optimal", objective=3.0)


def test_demands_that_exclude_each_other_are_named_with_rows_and_bounds() -> None:
    (point,) = model_points(CLAIMED, solved("x", "x + y >= 70", "x <= y - 40"))
    assert point.startswith("No values satisfy all constraints of the model at once. These exclude each other: ")
    for part in ("`x + y >= 70` (c0)", "`x - y <= -40` (c1)", "`y <= 50`"):
        assert part in point


def test_a_claim_that_is_not_the_models_is_told() -> None:
    again = solved("x", "x <= 40", "x + y <= 60")
    (point,) = model_points(CLAIMED, replace(again, agrees=False))
    assert point.startswith("The program says 3, but the optimum of its model is 40.")


def test_a_model_that_was_not_solved_and_cannot_be_read_is_told() -> None:
    claimed = ClaimedSolution(library="pyscipopt", status="not_solved", why_no_model="it has a cone")
    assert model_points(claimed, None) == [
        "The program ended without an optimum: its model is not solved (it has a cone)."
    ]
    assert model_points(CLAIMED, None) == []


def test_numbers_that_are_missing_are_told_with_their_clause() -> None:
    assert number_points(PROBLEM, RIGHT) == []
    assert number_points(PROBLEM, RIGHT.replace("<= 40)", "<= 41)")) == [
        'The number 40 is not used: "At most 40 tables can be sold."'
    ]
