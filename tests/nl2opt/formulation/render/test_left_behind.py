"""What rendered programs leave behind in the sandbox is the model that their formulation says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from nl2opt import Formulation, FormulationError
from nl2opt.formulation.render import LIBRARIES
from solvers.sandbox import ClaimedSolution, Limits, Pool, RunKind, resolved
from tests.nl2opt.formulation.random_formulations import formulations, sample
from tests.nl2opt.formulation.render.formulations import FORMULATIONS
from tests.nl2opt.formulation.render.strategies import indexed_formulations

LIBRARY = pytest.mark.parametrize("library", LIBRARIES)


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with Pool() as pool:
        yield pool


def programs_in(library: str, cases: list[Formulation]) -> Iterator[tuple[Formulation, str]]:
    """Yield the programs of those formulations that a library can say."""
    for formulation in cases:
        try:
            yield formulation, formulation.to_program(library)
        except FormulationError:
            continue


def assert_left_behind(formulation: Formulation, claimed: ClaimedSolution) -> None:
    """Compare the model that a program left behind with the formulation, both solved by us."""
    solution = formulation.solve()
    found = resolved(claimed)
    assert found.solution.termination is solution.termination
    if solution.objective is not None and claimed.sense:  # CP-SAT takes no constant for an objective
        assert found.solution.objective == pytest.approx(solution.objective, rel=1e-6, abs=1e-6)
    assert found.agrees is not False, (claimed.status, claimed.objective, solution.objective)


@LIBRARY
def test_rendered_programs_leave_their_model_behind(library: str, pool: Pool) -> None:
    drawn = [*FORMULATIONS.values(), *sample(formulations(), 6), *sample(indexed_formulations(), 3)]
    cases = list(programs_in(library, drawn))
    assert len(cases) > len(FORMULATIONS) / 2
    runs = pool.map([program for _, program in cases], limits=Limits(seconds=20))
    read = 0
    for (formulation, program), run in zip(cases, runs, strict=True):
        assert run.kind is RunKind.FINISHED, (run.message, program)
        [claimed] = run.claimed_solutions
        if claimed.model is None:
            assert claimed.library != "print", program
            assert claimed.why_no_model
            continue
        read += 1
        assert_left_behind(formulation, claimed)
    assert read > len(cases) / 2
