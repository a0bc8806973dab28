"""The best solutions of a formulation, where it has integer decisions, and not only one of them."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, overload

import numpy as np

from nl2opt.errors import FormulationError
from nl2opt.formulation.compilation.compiled import CompiledFormulation
from nl2opt.formulation.compilation.compiler import compile_formulation
from nl2opt.formulation.findings import Finding
from nl2opt.formulation.limits import Limits
from nl2opt.formulation.schema import Formulation
from nl2opt.formulation.words.quantities import number, with_unit
from solvers import Kind, OnSolverEvent, Solution, SolutionPool, SolveOptions, solution_pool

if TYPE_CHECKING:
    from nl2opt.pipeline.values import Values


@dataclass(frozen=True, eq=False)
class NamedSolution:
    """One solution.

    Attributes:
        objective: of it.
        values: by variable, as in an answer.
    """

    objective: float
    values: Values


@dataclass(frozen=True, eq=False)
class Solutions(Sequence[NamedSolution]):
    """The best solutions of a formulation, the best first; `str()` tells where they differ.

    Attributes:
        compiled: the formulation, compiled.
        pool: the same as points of the model; says whether there are others.
    """

    compiled: CompiledFormulation
    pool: SolutionPool

    @property
    def is_complete(self) -> bool:
        """Whether fewer than were asked for exist, so that these are all."""
        return self.pool.is_complete

    @overload
    def __getitem__(self, place: int) -> NamedSolution: ...

    @overload
    def __getitem__(self, place: slice) -> tuple[NamedSolution, ...]: ...

    def __getitem__(self, place: int | slice) -> NamedSolution | tuple[NamedSolution, ...]:
        from nl2opt.pipeline.values import Values

        if isinstance(place, slice):
            return tuple(self[at] for at in range(*place.indices(len(self))))
        solution = self.pool.solutions[place]
        assert solution.objective is not None
        assert solution.values is not None
        return NamedSolution(solution.objective, Values.of(self.compiled, solution.values))

    def __len__(self) -> int:
        return len(self.pool.solutions)

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self) -> Iterator[str]:
        """Yield what the pool is, and one line for each solution: its objective, and its values that differ."""
        yield self.pool.message
        objectives = self.compiled.formulation.objectives
        unit = objectives[0].unit if objectives else ""
        model, n = self.compiled.model, self.compiled.n_declared
        points = np.array([s.values[:n] for s in self.pool.solutions if s.values is not None]).reshape(-1, n)
        if not len(points):
            return
        near = 1e-9 * np.maximum(1.0, np.abs(points).max(axis=0))
        differing = np.flatnonzero(np.ptp(points, axis=0) > near).tolist()
        for place, solution in enumerate(self.pool.solutions):
            assert solution.objective is not None
            shown = [f"{model.name_of_column(c)} = {number(points[place, c])}" for c in differing if points[place, c]]
            more = f", and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else ""
            told = (
                f": {', '.join(shown[:_SHOWN])}{more}"
                if shown
                else ": all that differs is 0"
                if len(points) > 1
                else ""
            )
            value = with_unit(solution.objective, unit) if objectives else ""
            yield f"{place + 1}. {value}{told}" if value else f"{place + 1}. {told.removeprefix(': ')}"
        if len(points) > 1:
            yield "Values that are the same in all of them, and those that are 0, are left out."
        if self.pool.n_best > 1 and objectives:
            all_of_them = "" if self.pool.has_all_best else ", and there may be more of them"
            yield f"The first {self.pool.n_best} are equally good{all_of_them}."

    def to_dict(self) -> dict[str, Any]:
        """Return everything as JSON objects."""
        return {
            "solutions": [{"objective": each.objective, "values": each.values.to_plain()} for each in self],
            "complete": self.is_complete,
            "proven": self.pool.is_proven,
            "equally_good": self.pool.n_best,
            "message": self.pool.message,
        }


_SHOWN: Final = 12
"""So many values of a solution stand on its line."""


def formulation_solutions(
    formulation: Formulation,
    k: int,
    *,
    solver: str = "auto",
    options: SolveOptions | None = None,
    on_event: OnSolverEvent | None = None,
    cancel: threading.Event | None = None,
    limits: Limits | None = None,
) -> Solutions:
    """Find the k best solutions of a formulation; see `Formulation.solutions`."""
    compiled = compile_formulation(formulation, limits=limits).require()
    return compiled_solutions(compiled, k, solver=solver, options=options, on_event=on_event, cancel=cancel)


def compiled_solutions(
    compiled: CompiledFormulation,
    k: int,
    *,
    first: Solution | None = None,
    solver: str = "auto",
    options: SolveOptions | None = None,
    on_event: OnSolverEvent | None = None,
    cancel: threading.Event | None = None,
) -> Solutions:
    """Find the k best solutions of a compiled formulation; see `Formulation.solutions`.

    Args:
        compiled: the formulation, compiled.
        k: how many, at least 1.
        first: its solution where it is known already; `None` to solve it first.
        solver: name of a back end, like all others as there.
        options: of the solver.
        on_event: called with what the solver does.
        cancel: set it to stop.
    """
    refused = _refused(compiled)
    if refused is not None:
        raise FormulationError((refused,))
    whole = np.flatnonzero(compiled.model.column_kind[: compiled.n_declared] != Kind.CONTINUOUS)
    pool = solution_pool(
        compiled.model, k, columns=whole.tolist(), first=first, solver=solver, options=options or SolveOptions(),
        on_event=on_event, cancel=cancel,
    )  # fmt: skip
    return Solutions(compiled, pool)


def _refused(compiled: CompiledFormulation) -> Finding | None:
    """Return why several solutions cannot be listed; `None` where they can."""
    if len(compiled.stages) > 1:
        return Finding(
            code="several_objectives", element="objective",
            message="solutions cannot be put into one order where objectives of several priorities are optimised",
            mend="Give all objectives the same priority, or keep one of them.",
        )  # fmt: skip
    if all(variable.domain not in ("integer", "binary") for variable in compiled.formulation.variables):
        return Finding(
            code="no_whole_numbers", element="variables",
            message="several solutions can be listed only where they differ in whole numbers, and no variable is "
            "integer or binary",
            mend="Between two solutions of a continuous problem there are infinitely many; the sensitivity "
            "says whether others are as good.",
        )  # fmt: skip
    return None
