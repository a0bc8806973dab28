from __future__ import annotations

from collections.abc import Iterator

import pytest

from solvers.sandbox import ClaimedSolution, Limits, Pool, ProgramRun, RunKind


@pytest.fixture(scope="session")
def shared_pool() -> Iterator[Pool]:
    """Workers for all programs of these tests."""
    with Pool() as pool:
        yield pool


class Guest:
    """Runs programs and reads what they leave behind."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool

    def run(self, program: str, *, rename_solvers: bool = True) -> ProgramRun:
        """Run a program of which any end is right."""
        return self.pool.run(program, limits=Limits(seconds=20), rename_solvers=rename_solvers)

    def finished(self, program: str) -> ProgramRun:
        """Run a program that must come to its end."""
        run = self.run(program)
        assert run.kind is RunKind.FINISHED, (run.message, run.errors[-500:])
        return run

    def claim(self, program: str) -> ClaimedSolution:
        """Return what is claimed of the model that was solved last."""
        return self.finished(program).claimed_solutions[0]


@pytest.fixture
def guest(shared_pool: Pool) -> Guest:
    """Runs programs."""
    return Guest(shared_pool)
