from __future__ import annotations

import pytest

from solvers.errors import ExchangeError
from solvers.sandbox import RunKind, resolved
from solvers.sandbox.printed import printed_solution
from tests.solvers.sandbox.harvest.conftest import Guest


@pytest.mark.parametrize(
    ("output", "status", "objective"),
    [
        ("Optimal value: 12.5", "optimal", 12.5),
        ("Just print the best solution: 1430.0\n", "unknown", 1430.0),
        ("Objective: -3e2", "unknown", -300.0),
        ("Objective value = 6,200.50", "unknown", 6200.5),
        ("Status: Optimal\nObjective Function Value: 12", "optimal", 12.0),
        ("x = 3\nMaximum profit: $1,250", "unknown", 1250.0),
        ("Total cost is 81.0 euros", "unknown", 81.0),
        ("Optimal Value: 1\nthen a better one\nOptimal Value: 2", "optimal", 2.0),
        ("Minimum total cost (USD): 75", "unknown", 75.0),
        ("No optimal solution found\nObjective: 4", "unknown", 4.0),
        ("Optimal objective: 3.", "optimal", 3.0),
        ("The problem is infeasible.", "infeasible", None),
        ("Model is unbounded", "unbounded", None),
    ],
)
def test_the_words_of_a_program_are_read(output: str, status: str, objective: float | None) -> None:
    found = printed_solution(output)
    assert found is not None
    assert (found.library, found.status, found.objective) == ("print", status, objective)
    assert found.model is None
    assert found.why_no_model


@pytest.mark.parametrize(
    "output",
    ["", "hello", "x = 3", "No Best Solution", "Optimal value: none", "Objective: 1e999", "12.5", "the optimal x is 3"],
)
def test_other_output_says_nothing(output: str) -> None:
    assert printed_solution(output) is None


def test_long_lines_are_not_searched() -> None:
    assert printed_solution("optimal " * 100_000 + ": 3") is None


def test_a_program_that_only_prints_has_a_claim_without_a_model(guest: Guest) -> None:
    [claimed] = guest.finished("print('Just print the best solution:', 42)").claimed_solutions
    assert (claimed.library, claimed.objective) == ("print", 42.0)
    with pytest.raises(ExchangeError, match="it left no model"):
        resolved(claimed)


def test_what_a_program_printed_before_it_failed_is_no_claim(guest: Guest) -> None:
    run = guest.run("print('Objective: 42')\n1 / 0")
    assert (run.kind, run.claimed_solutions) == (RunKind.EXCEPTION, ())


def test_objects_speak_before_print_outs(guest: Guest) -> None:
    [claimed] = guest.finished(
        "import pyomo.environ as pyo\nm = pyo.ConcreteModel()\nm.x = pyo.Var()\nm.o = pyo.Objective(expr=m.x)\n"
        "print('Optimal value: 3')"
    ).claimed_solutions
    assert claimed.library == "pyomo"
