"""Asks a person which reading is meant, where it matters most, before the answer is given."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nl2opt.formulation.words.quantities import with_unit
from nl2opt.pipeline.options import FormulateOptions
from nl2opt.pipeline.readings.finding import open_assumptions
from nl2opt.pipeline.readings.reading import Reading
from nl2opt.pipeline.readings.settling import confirmed, taken
from nl2opt.pipeline.readings.words import outcome_words

if TYPE_CHECKING:
    from nl2opt.pipeline.answer import Answer
    from nl2opt.pipeline.events import OnPipelineEvent


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the readings that a person can choose.

    Attributes:
        text: the reading, in words.
        objective: what the answer would be; `None` where that is not known, or there would be none.
        outcome: the same in words, as in `39.8 instead of 40`.
    """

    text: str
    objective: float | None = None
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What a person is asked.

    Attributes:
        text: the question, in words.
        quote: the words of the problem that it is about; empty where none are known.
        choices: the readings; the first is the one that is taken when nobody chooses.
    """

    text: str
    quote: str
    choices: tuple[Choice, ...]

    @property
    def default(self) -> Choice:
        """The reading that is taken when nobody chooses."""
        return self.choices[0]


Ask = Callable[[Question], Choice | None]
"""Gets a question and returns one of its choices; `None` leaves the question open."""


def question_of(answer: Answer) -> Question | None:
    """Return the question about the open assumption that moves the answer most; `None` where none is open."""
    readings = _asked_readings(answer)
    if not readings:
        return None
    unit = _unit(answer)
    own = with_unit(answer.objective, unit) if answer.objective is not None else answer.status.value.replace("_", " ")
    choices = [Choice(readings[0].assumption, answer.objective, own)]
    choices += [
        Choice(reading.text, reading.objective, outcome_words(reading, unit=unit, objective=answer.objective))
        for reading in readings
    ]
    return Question("Which reading is meant?", readings[0].quote, tuple(choices))


def asked(
    answer: Answer,
    ask: Ask,
    options: FormulateOptions,
    *,
    on_event: OnPipelineEvent | None = None,
    cancel: threading.Event | None = None,
) -> Answer:
    """Ask about the open assumption that moves the answer most, and return the answer of what is chosen.

    Where nothing is open, or nobody chooses, the answer stays as it is; the latter with a warning.

    Args:
        answer: with its readings.
        ask: what puts the question to a person.
        options: with which another reading is solved.
        on_event: called with steps and solver events.
        cancel: set it to stop.
    """
    question = question_of(answer)
    if question is None:
        return answer
    reply = ask(question)
    if reply is None or reply not in question.choices:
        why = "nobody chose" if reply is None else f"`{reply!r}` is none of the choices"
        note = f"The question which reading is meant stays open, since {why}: {question.default.text} is taken."
        return replace(answer, warnings=(*answer.warnings, note))
    readings = _asked_readings(answer)
    place = question.choices.index(reply)
    if place == 0:
        return confirmed(answer, readings[0])
    return taken(answer, readings[place - 1], options, on_event=on_event, cancel=cancel)


def _asked_readings(answer: Answer) -> list[Reading]:
    """Return the readings of the assumption that is asked about, those that move the answer most first."""
    if answer.formulation is None:
        return []
    still_open = open_assumptions(answer.assumptions, answer.alternatives)
    candidates = [
        reading for reading in answer.alternatives if reading.assumption in still_open and reading.moves is not False
    ]
    if not candidates:
        return []
    asked_about = candidates[0].assumption
    return [reading for reading in answer.alternatives if reading.assumption == asked_about]


def _unit(answer: Answer) -> str:
    objectives = answer.formulation.objectives if answer.formulation is not None else ()
    return max(objectives, key=lambda one: one.priority).unit if objectives else ""
