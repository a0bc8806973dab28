"""What an answer says at a glance: one colour, one sentence, one number."""

from __future__ import annotations

from typing import Final

from app.web.markup import Tone
from nl2opt.formulation.words.quantities import number, with_unit
from nl2opt.pipeline.answer import Answer, Status
from nl2opt.pipeline.gap_words import gap_in_words
from nl2opt.verification.evidence import NOT_VERIFIED, Outcome

_HEADS: Final = {
    Status.SOLVED: "Optimal",
    Status.LOCALLY_OPTIMAL: "Locally optimal: a point further away may be better",
    Status.INFEASIBLE: "Nothing satisfies all demands",
    Status.UNBOUNDED: "The objective can improve without end",
    Status.INFEASIBLE_OR_UNBOUNDED: "Either nothing satisfies all demands, or the objective can improve without end",
    Status.LIMIT: "Stopped at a limit",
    Status.INTERRUPTED: "Interrupted",
    Status.SOLVER_ERROR: "The solver came to no answer",
    Status.CLAIMED: "Claimed by a program, and not confirmed",
    Status.PROGRAM_FAILED: "The program came to no answer",
    Status.NOT_RUN: "The program was not run: there is no sandbox here",
    Status.NO_FORMULATION: "There is no formulation",
    Status.LLM_UNREACHABLE: "The language model could not be asked",
    Status.MISSING_DATA: "Numbers are missing",
}
_NO: Final = (Status.INFEASIBLE, Status.UNBOUNDED, Status.INFEASIBLE_OR_UNBOUNDED)
_EXTREMES: Final = {"maximize": "Maximum", "minimize": "Minimum"}
_ADVICE: Final = {
    Status.LLM_UNREACHABLE: "Your text is kept. Ask again when the language model answers, or choose another one.",
    Status.NO_FORMULATION: "Your text is kept. Say what can be decided, what limits it, what is best; ask again.",
    Status.INTERRUPTED: "Your text is kept.",
    Status.MISSING_DATA: "Your text is kept. Add the numbers to it, or attach a table that has them, and ask again.",
}
_MARKS: Final[dict[Outcome, tuple[str, Tone]]] = {
    Outcome.PASSED: ("✓", "good"),
    Outcome.DOUBTFUL: ("?", "doubtful"),
    Outcome.FAILED: ("✗", "bad"),
    Outcome.NOT_RUN: ("–", "quiet"),
}


def tone(answer: Answer) -> Tone:
    """Return the colour of an answer: green only for an optimum that was verified or checked."""
    if answer.status in _NO:
        return "bad"
    doubted = any(item.outcome in (Outcome.FAILED, Outcome.DOUBTFUL) for item in answer.evidence)
    if answer.status is not Status.SOLVED or doubted or answer.verdict.startswith(NOT_VERIFIED):
        return "doubtful"
    return "good"


def head(answer: Answer) -> str:
    """Return the first line: what happened, and the word that the evidence earned."""
    text = _HEADS.get(answer.status, answer.status.value.replace("_", " ").capitalize())
    return f"{text} · {answer.verdict}" if answer.evidence and answer.values is not None else text


def objective(answer: Answer) -> str:
    """Return the objective with its unit; empty without a point, and where there are several."""
    if answer.objective is None or answer.objectives:
        return ""
    declared = answer.formulation.objectives if answer.formulation is not None else ()
    first = declared[0] if declared else None
    sense = first.sense if first else answer.program_run.sense if answer.program_run else ""
    word = _EXTREMES.get(sense, "Value") if answer.status is Status.SOLVED else "Best so far"
    if answer.status is Status.LOCALLY_OPTIMAL:
        word = "Local optimum"
    return f"{word} {with_unit(answer.objective, first.unit if first else '')}"


def paragraphs(answer: Answer) -> list[str]:
    """Return what else stands at the top: the message, how good the point is, and which checks speak against it."""
    found = [f"{name}: {number(value)}" for name, value in answer.objectives.items()]
    found.append(answer.message)
    if answer.objective is not None and answer.status is not Status.SOLVED and answer.bound is not None:
        words = gap_in_words(answer.objective, answer.gap)
        near = f": this is within {words} of the best possible" if words else ""
        found.append(f"No point can be better than {number(answer.bound)}{near}.")
    if answer.values is not None:
        doubts = [item.text for item in answer.evidence if item.outcome in (Outcome.FAILED, Outcome.DOUBTFUL)]
        found += doubts or ([] if tone(answer) == "good" else _unchecked(answer))
    if answer.status in _ADVICE and answer.problem:
        found.append(_ADVICE[answer.status])
    return found


def checks(answer: Answer) -> list[tuple[str, Tone, str]]:
    """Return each check with its mark; nothing is green where the answer as a whole is not."""
    found: list[tuple[str, Tone, str]] = []
    is_good = tone(answer) == "good"
    for item in answer.evidence:
        name = item.name.replace("_", " ").capitalize()
        mark, colour = _MARKS[item.outcome]
        text = f"{name} ({item.kind.value}), {item.outcome.value}: {item.text}"
        found.append((mark, colour if is_good or colour != "good" else "quiet", text))
    return found


def _unchecked(answer: Answer) -> list[str]:
    if answer.verdict.startswith(NOT_VERIFIED):
        return ["Nothing was found that speaks against it, but too little was checked to rely on it."]
    return []
