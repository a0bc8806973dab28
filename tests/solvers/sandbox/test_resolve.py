from __future__ import annotations

from typing import Any

import pytest

from solvers import SolveOptions, Termination
from solvers.errors import ExchangeError
from solvers.sandbox import ClaimedSolution, ModelFile, Resolved, resolved

LP = """\
maximize
 obj: 30 x1 + 80 x2
subject to
 hours: 2 x1 + 5 x2 <= 400
bounds
 x2 <= 40
generals
 x1 x2
end
"""


def again(text: str = LP, *, status: str = "optimal", objective: float | None = 6200.0, **options: Any) -> Resolved:
    file = ModelFile(format="lp", text=text, names={"x1": "make[chair]", "x2": "make[table]"})
    claimed = ClaimedSolution(library="pyomo", status=status, sense="maximize", objective=objective, model=file)
    return resolved(claimed, options=SolveOptions(**options))


def test_the_model_is_solved_under_the_names_of_the_program() -> None:
    found = again()
    assert (found.solution.termination, found.solution.objective) == (Termination.OPTIMAL, 6200.0)
    assert found.values == {"make[chair]": 100.0, "make[table]": 40.0}
    assert found.model.name_of_column(0) == "make[chair]"


MANY = LP.replace("30 x1 + 80 x2", "30000 x1 + 80000 x2 + 30 x3").replace("bounds", "bounds\n x3 <= 9")
MANY = MANY.replace("x1 x2", "x1 x2 x3")
"""Maximum 6,200,270."""


@pytest.mark.parametrize(
    ("objective", "third", "agrees"),
    [
        (6_200_000.0, 0.0, True),  # within 1e-4 of the optimum, at a point that is feasible
        (6_200_000.0, 4.0, False),  # the point has another objective
        (6_200_500.0, 9.0, False),  # better than the optimum
        (6_199_000.0, 0.0, False),  # too far away
    ],
)
def test_a_solver_that_stopped_near_the_optimum_is_believed(objective: float, third: float, agrees: bool) -> None:
    file = ModelFile(format="lp", text=MANY, names={})
    values = {"x1": 100.0, "x2": 40.0, "x3": third}
    claimed = ClaimedSolution(
        library="highspy", status="optimal", sense="maximize", objective=objective, values=values, model=file
    )
    found = resolved(claimed)
    assert (found.agrees, found.is_confirmed) == (agrees, agrees)
    assert found.solution.objective == 6_200_270
    assert (found.claimed_gap > 0) is (objective < 6_200_270)


INFEASIBLE = LP.replace("<= 400", "<= -1")
UNBOUNDED = LP.replace("2 x1 + 5 x2 <= 400", "x2 - x1 <= 400")


@pytest.mark.parametrize(
    ("text", "status", "objective", "agrees"),
    [
        (LP, "optimal", 6200.0, True),
        (LP, "optimal", 6200.001, True),
        (LP, "optimal", 6201.0, False),
        (LP, "feasible", 6100.0, None),
        (LP, "not_solved", None, None),
        (LP, "infeasible", None, False),
        (INFEASIBLE, "infeasible", None, True),
        (INFEASIBLE, "infeasible_or_unbounded", None, True),
        (INFEASIBLE, "optimal", 6200.0, False),
        (UNBOUNDED, "unbounded", None, True),
        (UNBOUNDED, "infeasible", None, False),
    ],
)
def test_a_claim_is_compared_with_what_was_found(
    text: str, status: str, objective: float | None, agrees: bool | None
) -> None:
    assert again(text, status=status, objective=objective).agrees is agrees


def test_a_limit_says_nothing_of_a_claim() -> None:
    found = again(time_limit_seconds=0.0)
    assert (found.solution.termination, found.agrees) == (Termination.LIMIT, None)


def test_a_program_without_a_model_file_is_not_solved_again() -> None:
    claimed = ClaimedSolution(library="print", status="optimal", objective=3.0)
    with pytest.raises(ExchangeError, match="left no model"):
        resolved(claimed)


def test_a_file_that_cannot_be_read_is_an_error() -> None:
    with pytest.raises(ExchangeError):
        again("this is no model")
