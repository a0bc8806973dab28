"""An independent second model: written from the problem alone, compared in optimum, structure and moved data."""

from __future__ import annotations

from typing import Final

from nl2opt.formulation.words.quantities import number
from nl2opt.pipeline.verifying.second_model import Second, program_as_second, written_second
from nl2opt.pipeline.verifying.subject import Means, Subject
from nl2opt.text.numbers import numbers_in
from nl2opt.verification.data_points import MovableFormulation, moved_number
from nl2opt.verification.evidence import INDEPENDENT_AGREEMENT, OPTIMUM_AGREEMENT, Evidence, EvidenceKind, Outcome
from nl2opt.verification.model_comparison import NamedModel, demand_the_same, differences
from nl2opt.verification.moves import Mover
from solvers import Termination

_UNSURE: Final = (Termination.LIMIT, Termination.INTERRUPTED, Termination.ERROR, Termination.LOCALLY_OPTIMAL)
_TOLERANCE: Final = 1e-6
_NEEDED: Final = 2
"""Moved numbers on which both must agree where their structure differs."""
_MOST_TRIED: Final = 10
"""Numbers of the text that are moved at most; each takes two runs of a program at most."""
_FACTORS: Final = (1.5, 0.6)
"""How far numbers are moved: up, and where that changes nothing, down."""
_MOVING_SECONDS: Final = 30.0


def independent_evidence(subject: Subject, means: Means) -> Evidence:
    """Have a second model written from the problem alone, and compare it with the formulation.

    Where programs can be run safely, it is a program; else, or where that comes to nothing, another formulation: in the
    other writing style, or in the own one of another language model. On the route `both` there is a program already.

    Raises:
        ChatError: the language model could not be asked.
    """
    assert subject.optimum is not None
    if subject.program:
        second, why = program_as_second(subject.program, subject, means)
    else:
        second, why = written_second(subject, means)
    if second is None:
        return _evidence(INDEPENDENT_AGREEMENT, Outcome.NOT_RUN, f"Nothing to compare with: {why}")
    return compared(subject, second, means)


def compared(subject: Subject, second: Second, means: Means) -> Evidence:
    """Compare a formulation with something that was written independently: see `verdict` for what it takes."""
    ours, theirs = subject.optimum, second.solution.objective
    assert ours is not None
    model = subject.compiled.model
    named = NamedModel(name="the formulation", model=model), NamedModel(name=second.name, model=second.model)
    if second.solution.termination in _UNSURE:
        text = f"The second model was not solved to its end. {second.solution.message}"
        return _evidence(INDEPENDENT_AGREEMENT, Outcome.NOT_RUN, text)
    # Who minimises the loss instead of maximising the profit says the same.
    sign = 1.0 if model.sense is second.model.sense else -1.0
    if theirs is None or not _equal(ours, sign * theirs):
        return _disagreement(subject, second, named)
    text = f"{_sentence(second.words)}, written from the problem alone, has the same optimum ({number(ours)})"
    if demand_the_same(model, second.model):
        return _evidence(INDEPENDENT_AGREEMENT, Outcome.PASSED, f"{text} and demands exactly the same.")
    text = f"{text}. It is written otherwise"
    agreeing, against = _moved_alike(subject, second, sign, means)
    if against:
        found = " ".join(differences(*named))
        return _evidence(INDEPENDENT_AGREEMENT, Outcome.DOUBTFUL, f"{text}, and {against} {found}".rstrip())
    if len(agreeing) >= _NEEDED:
        told = " and when ".join(agreeing[:_NEEDED])
        more = f", and for {len(agreeing) - _NEEDED} more numbers" if len(agreeing) > _NEEDED + 1 else ""
        return _evidence(INDEPENDENT_AGREEMENT, Outcome.PASSED, f"{text}, and both still agree when {told}{more}.")
    few = "only one number" if agreeing else "no number"
    return _evidence(
        OPTIMUM_AGREEMENT, Outcome.PASSED, f"{text}, and {few} of the text could be moved in both to look further."
    )  # fmt: skip


def _disagreement(subject: Subject, second: Second, named: tuple[NamedModel, NamedModel]) -> Evidence:
    assert subject.optimum is not None
    theirs = second.solution
    end = f"reaches {number(theirs.objective)}" if theirs.objective is not None else f"is {_end(theirs.termination)}"
    if second.model.sense is not subject.compiled.model.sense:
        end = f"is to {second.model.sense.value}, and {end}"
    text = (
        f"{_sentence(second.words)}, written from the problem alone, {end}; the formulation reaches "
        f"{number(subject.optimum)}."
    )
    if second.doubts:
        why = f"It is doubtful itself, so that says little: {second.doubts[0]}"
        return _evidence(INDEPENDENT_AGREEMENT, Outcome.NOT_RUN, f"{text} {why}")
    return _evidence(INDEPENDENT_AGREEMENT, Outcome.DOUBTFUL, " ".join([text, *differences(*named)]))


def _end(termination: Termination) -> str:
    return termination.value.replace("_", " ")


def _moved_alike(subject: Subject, second: Second, sign: float, means: Means) -> tuple[list[str], str]:
    """Move each number of the text in both models, up and, where that changes nothing, down.

    Every number is tried, and not only as many as are needed: a row that is missing in one of the two shows only when
    its own number moves.

    Returns:
        The moves that change the optimum and on which both agree, in words, and the first on which they do not; empty
        where there is none.
    """
    movable = MovableFormulation.of(subject.compiled.formulation, subject.problem)
    seconds = means.budget.at_most(_MOVING_SECONDS)
    mover = Mover(movable, solver=means.options.solver, seconds=seconds, cancel=means.cancel)
    assert subject.optimum is not None
    agreeing: list[str] = []
    numbers = [datum for datum in numbers_in(subject.problem) if not datum.weak]
    for datum in numbers[:_MOST_TRIED]:
        for factor in _FACTORS:
            ours = mover.moved(datum, factor)
            if ours is None:
                continue
            found = second.moved(datum, factor)
            if found is None:
                if ours.objective is None:
                    continue
                break
            theirs = sign * found
            new = number(moved_number(datum.values[0], factor))
            if ours.objective is None or not _equal(ours.objective, theirs):
                ends = f"reaches {ours.words} and {second.name}"
                if ours.objective is None:
                    ends = f"is {ours.words} and {second.name} reaches"
                against = f"when {datum.text} becomes {new}, the formulation {ends} {number(theirs)}."
                return agreeing, against
            if not _equal(subject.optimum, ours.objective):
                agreeing.append(f"{datum.text} becomes {new} ({number(theirs)})")
                break
    return agreeing, ""


def _equal(one: float, other: float) -> bool:
    return abs(one - other) <= _TOLERANCE * max(1.0, abs(one))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _evidence(name: str, outcome: Outcome, text: str) -> Evidence:
    return Evidence(name=name, kind=EvidenceKind.MODELLING, outcome=outcome, text=text)
