"""What an answer may hold beside the optimum: sensitivity, several solutions, a conflict. Kept with it, once found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from nl2opt.errors import FormulationError
from nl2opt.formulation.compilation.compiled import CompiledFormulation
from nl2opt.formulation.schema import Formulation
from solvers import Solution, SolveOptions, SolversError

if TYPE_CHECKING:
    from nl2opt.formulation.analysis.sensitivity import Sensitivity
    from nl2opt.formulation.analysis.solutions import Solutions
    from nl2opt.pipeline.answer import Answer


@dataclass(frozen=True, slots=True)
class Analysis:
    """Something that was found out about an answer.

    Attributes:
        key: its name among the JSON objects of the answer, as in `sensitivity`.
        title: on the page.
        lines: on the page; nothing is shown where there are none.
        content: as JSON objects.
    """

    key: str
    title: str
    lines: tuple[str, ...]
    content: Any


@dataclass(frozen=True, slots=True, eq=False)
class Solved:
    """A compiled formulation with its solution, so that an analysis need not solve it again.

    It stays in this process: a copied or stored answer has none.

    Attributes:
        compiled: what was solved.
        solution: what came of it.
    """

    compiled: CompiledFormulation
    solution: Solution

    def __reduce__(self) -> tuple[Callable[[], None], tuple[()]]:
        """Leave nothing behind where an answer is pickled: names of columns are functions, which cannot be."""
        return _nothing, ()


def _nothing() -> None:
    return None


def analysed(
    answer: Answer, *, sensitivity: bool, pool: int | None, solver: str, options: SolveOptions | None
) -> tuple[Analysis, ...]:
    """Return the analyses that are asked for of an answer; see `Answer.analysed`."""
    formulation, solved, found = answer.formulation, answer.solved, []
    if formulation is None:
        return ()
    options = options or SolveOptions()
    if sensitivity:
        found.append(_asked("sensitivity", "Sensitivity", partial(_sensitivity, formulation, solved, solver, options)))
    if pool:
        found.append(_asked("pool", "Solutions", partial(_solutions, formulation, solved, pool, solver, options)))
    return tuple(found)


def _sensitivity(formulation: Formulation, solved: Solved | None, solver: str, options: SolveOptions) -> Sensitivity:
    from nl2opt.formulation.analysis.sensitivity import solved_sensitivity

    if solved is None:
        return formulation.sensitivity(solver=solver, options=options)
    return solved_sensitivity(solved.compiled, solved.solution, solver=solver, options=options)


def _solutions(
    formulation: Formulation, solved: Solved | None, k: int, solver: str, options: SolveOptions
) -> Solutions:
    from nl2opt.formulation.analysis.solutions import compiled_solutions

    if solved is None:
        return formulation.solutions(k, solver=solver, options=options)
    return compiled_solutions(solved.compiled, k, first=solved.solution, solver=solver, options=options)


def _asked(key: str, title: str, analyse: Callable[[], Sensitivity | Solutions]) -> Analysis:
    """Return an analysis; where it cannot be had, the reason stands in its place, and the answer stays as it is."""
    try:
        found = analyse()
    except FormulationError as error:
        reason = " ".join(str(finding) for finding in error.findings if finding.is_error)
    except SolversError as error:
        reason = str(error)
    else:
        return Analysis(key, title, tuple(str(found).splitlines()), found.to_dict())
    return Analysis(key, title, tuple(reason.splitlines()), {"refused": reason})


def analysis_to_store(analysis: Analysis) -> dict[str, Any]:
    """Return an analysis as JSON objects that `analysis_from_store` reads."""
    return {
        "key": analysis.key,
        "title": analysis.title,
        "lines": list(analysis.lines),
        "content": analysis.content,
    }


def analysis_from_store(content: Mapping[str, Any]) -> Analysis:
    """Read an analysis back."""
    lines = content["lines"]
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        raise ValueError("the lines of an analysis are not texts")
    return Analysis(str(content["key"]), str(content["title"]), tuple(lines), content["content"])
