"""The rungs: what each needs, and what it does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from nl2opt.errors import ChatError, Nl2optError
from nl2opt.pipeline.completion import CompletionError
from nl2opt.pipeline.verifying.asked_directions import ASKED_DIRECTIONS, asked_directions
from nl2opt.pipeline.verifying.independent import independent_evidence
from nl2opt.pipeline.verifying.judge import JUDGE, judge_evidence
from nl2opt.pipeline.verifying.subject import Means, Subject
from nl2opt.verification.checks import local_evidence, number_evidence, point_evidence
from nl2opt.verification.crosscheck import PROGRAM_AGREEMENT, crosscheck_evidence
from nl2opt.verification.data_points import MovableFormulation
from nl2opt.verification.directions import Direction, stated_directions
from nl2opt.verification.duality import duality_evidence
from nl2opt.verification.evidence import INDEPENDENT_AGREEMENT, Evidence, EvidenceKind, Outcome
from nl2opt.verification.moves import DIRECTIONS, Mover, direction_evidence
from nl2opt.verification.plausibility import plausibility_evidence
from nl2opt.verification.second_solver import SECOND_SOLVER, SolvedModel, second_solver_evidence
from solvers import SolversError, Termination

_SECOND_SOLVER_SECONDS: Final = 10.0
_DIRECTION_SECONDS: Final = 2.0
_DIRECTION_SHARE: Final = 0.03
"""Of the time of a level: in `quick`, moving numbers takes a third of a second at most."""
_ASKED_SECONDS: Final = 5.0
_PROGRAM_SECONDS: Final = 60.0
_SMALL_COLUMNS: Final = 2000
"""Models with more columns are not solved again and again, and not written as a program."""
_SLOW_SECONDS: Final = 1.0
"""Models whose solve took longer are not solved again and again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One rung of the ladder.

    Attributes:
        name: see `RUNGS`.
        kind: what it can see.
        climb: does it.
        asks: whether it asks a language model.
        is_dear: whether it is left out behind a doubt: it asks a language model, or starts a process.
        needs_strength: whether small language models are not asked, since they doubt what is right.
        needs_problem: whether there must be a text.
        needs_optimum: whether there must be a proven optimum.
    """

    name: str
    kind: EvidenceKind
    climb: Callable[[Subject, Means], Sequence[Evidence]]
    asks: bool = False
    is_dear: bool = False
    needs_strength: bool = False
    needs_problem: bool = False
    needs_optimum: bool = False


def _point(subject: Subject, means: Means) -> Sequence[Evidence]:
    if subject.solution.values is None:
        return ()
    found = [point_evidence(subject.compiled.model, subject.solution)]
    is_local = subject.solution.termination is Termination.LOCALLY_OPTIMAL
    return [*found, local_evidence(subject.solution)] if is_local else found


def _numbers(subject: Subject, means: Means) -> Sequence[Evidence]:
    return [number_evidence(subject.problem, subject.compiled.formulation)]


def _second_solver(subject: Subject, means: Means) -> Sequence[Evidence]:
    proof = duality_evidence(subject.compiled.model, subject.solution) if len(subject.compiled.stages) <= 1 else None
    solved = SolvedModel(
        model=subject.compiled.model, stages=subject.compiled.stages, solution=subject.solution,
        gap=means.options.solve.relative_gap,
    )  # fmt: skip
    if proof is not None and subject.compiled.model.n_columns > _SMALL_COLUMNS:
        text = f"No second solver was asked: the model has more than {_SMALL_COLUMNS:,} columns and a proven optimum."
        return [proof, _evidence(SECOND_SOLVER, EvidenceKind.SOLVING, Outcome.DOES_NOT_APPLY, text)]
    seconds = means.budget.at_most(_SECOND_SOLVER_SECONDS)
    found = second_solver_evidence(solved, seconds=seconds, cancel=means.cancel)
    if proof is not None and found.outcome is Outcome.NOT_RUN:
        # A proof needs no second opinion that came too late.
        found = replace(found, outcome=Outcome.DOES_NOT_APPLY, text=f"{found.text} The optimum is proven without it.")
    return [found] if proof is None else [proof, found]


def _plausibility(subject: Subject, means: Means) -> Sequence[Evidence]:
    return [plausibility_evidence(subject.problem, subject.compiled, subject.solution)]


def _directions(subject: Subject, means: Means) -> Sequence[Evidence]:
    whole = means.verify.seconds
    seconds = _DIRECTION_SECONDS if whole is None else min(_DIRECTION_SECONDS, _DIRECTION_SHARE * whole)
    # The text is read before the formulation is looked at.
    return [_moved(subject, means, stated_directions(subject.problem), DIRECTIONS, seconds)]


def _asked(subject: Subject, means: Means) -> Sequence[Evidence]:
    if refusal := _too_slow(subject):
        return [_not_run(ASKED_DIRECTIONS, EvidenceKind.MODELLING, refusal)]
    directions = asked_directions(subject.problem, means)
    found = _moved(subject, means, directions, ASKED_DIRECTIONS, _ASKED_SECONDS)
    return [
        replace(
            found,
            text=f"Asked what to expect of the text alone, a language model named {_count(directions)}. {found.text}",
        )
    ]


def _count(directions: Sequence[Direction]) -> str:
    count = len(directions)
    return "no number more" if not count else f"{count} number{'s' * (count != 1)} more"


def _moved(subject: Subject, means: Means, directions: Sequence[Direction], name: str, seconds: float) -> Evidence:
    """Solve with each number of the directions moved."""
    refusal = _too_slow(subject)
    if refusal:
        return _not_run(name, EvidenceKind.MODELLING, refusal)
    assert subject.optimum is not None
    movable = MovableFormulation.of(subject.compiled.formulation, subject.problem)
    mover = Mover(
        movable, solver=means.options.solver, seconds=means.budget.at_most(seconds), cancel=means.cancel
    )  # fmt: skip
    return direction_evidence(directions, mover, subject.optimum, subject.maximizes, name=name)


def _too_slow(subject: Subject) -> str:
    """Say why numbers are not moved; empty where they can be."""
    if not subject.has_one_objective:
        return "No number was moved: without one single objective, better and worse cannot be told by a number."
    if subject.compiled.model.n_columns > _SMALL_COLUMNS or subject.solution.seconds > _SLOW_SECONDS:
        return "No number was moved: the model is too large to be solved again and again."
    return ""


def _program(subject: Subject, means: Means) -> Sequence[Evidence]:
    assert subject.optimum is not None
    if subject.compiled.model.n_columns > _SMALL_COLUMNS:
        text = f"The formulation was not run as a program: it has more than {_SMALL_COLUMNS:,} columns."
        return [_evidence(PROGRAM_AGREEMENT, EvidenceKind.SOLVING, Outcome.DOES_NOT_APPLY, text)]
    return [
        crosscheck_evidence(
            subject.compiled.formulation,
            subject.optimum,
            subject.solution.stage_objectives[1:],
            timeout_seconds=means.budget.at_most(_PROGRAM_SECONDS),
            run=partial(means.run, cancel=means.cancel),
        )
    ]


def _independent(subject: Subject, means: Means) -> Sequence[Evidence]:
    if not subject.has_one_objective:
        text = "No second model was written: one with several objectives, or none, cannot be compared by its optimum."
        return [_not_run(INDEPENDENT_AGREEMENT, EvidenceKind.MODELLING, text)]
    if subject.compiled.formulation.has_cells:
        text = "No second model was written: the text alone does not hold what the attached tables do."
        return [_not_run(INDEPENDENT_AGREEMENT, EvidenceKind.MODELLING, text)]
    return [independent_evidence(subject, means)]


def _judge(subject: Subject, means: Means) -> Sequence[Evidence]:
    return [judge_evidence(subject.problem, subject.compiled.formulation, means)]


_SOLVING, _MODELLING = EvidenceKind.SOLVING, EvidenceKind.MODELLING
LADDER: Final[tuple[Rung, ...]] = (
    Rung(name="point", kind=_SOLVING, climb=_point),
    Rung(name="numbers", kind=_MODELLING, climb=_numbers, needs_problem=True),
    Rung(name="second_solver", kind=_SOLVING, climb=_second_solver),
    Rung(name="plausibility", kind=_MODELLING, climb=_plausibility, needs_optimum=True),
    Rung(name="directions", kind=_MODELLING, climb=_directions, needs_problem=True, needs_optimum=True),
    Rung(name="program", kind=_SOLVING, climb=_program, is_dear=True, needs_optimum=True),
    Rung(
        name="asked_directions", kind=_MODELLING, climb=_asked, asks=True, is_dear=True, needs_strength=True,
        needs_problem=True, needs_optimum=True,
    ),
    Rung(
        name="independent", kind=_MODELLING, climb=_independent, asks=True, is_dear=True, needs_problem=True,
        needs_optimum=True,
    ),
    Rung(name="judge", kind=_MODELLING, climb=_judge, asks=True, is_dear=True, needs_problem=True),
)  # fmt: skip
"""The rungs in the order in which they are climbed."""
NAME_OF_EVIDENCE: Final[Mapping[str, str]] = {
    "program": PROGRAM_AGREEMENT, "independent": INDEPENDENT_AGREEMENT, "judge": JUDGE
}  # fmt: skip
"""The names of the evidence of the rungs that are called otherwise."""


def climbed(rung: Rung, subject: Subject, means: Means) -> Sequence[Evidence]:
    """Climb a rung; that a language model cannot be asked, or answers nothing that can be read, is evidence too."""
    name = NAME_OF_EVIDENCE.get(rung.name, rung.name)
    try:
        return rung.climb(subject, means)
    except ChatError as error:
        if means.budget.seconds_left <= 0:
            text = "The time for checks was used up while a language model wrote. `--verify thorough` has no limit."
            return [_not_run(name, rung.kind, text)]
        return [_not_run(name, rung.kind, f"The language model could not be asked. {error}")]
    except CompletionError as error:
        return [_not_run(name, rung.kind, f"What the language model answered could not be read. {error}")]
    except (Nl2optError, SolversError) as error:
        return [_not_run(name, rung.kind, f"It could not be done. {error}")]


def _not_run(name: str, kind: EvidenceKind, text: str) -> Evidence:
    return _evidence(name, kind, Outcome.NOT_RUN, text)


def _evidence(name: str, kind: EvidenceKind, outcome: Outcome, text: str) -> Evidence:
    return Evidence(name=name, kind=kind, outcome=outcome, text=text)
