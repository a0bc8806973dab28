"""Other readings of a problem in words, for the page of an answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from nl2opt.formulation.schema import Assumption
from nl2opt.formulation.words.expression_words import listed
from nl2opt.formulation.words.quantities import number, with_unit
from nl2opt.pipeline.readings.commands import change_options
from nl2opt.pipeline.readings.reading import End, Reading

TITLE: Final = "What if you meant"
NATURAL: Final = "what it counts cannot be negative"
"""Why nobody means a reading under which numbers of things are negative."""
_ENDS: Final = {
    End.INFEASIBLE: "nothing would satisfy all constraints",
    End.UNBOUNDED: "the objective could improve without end",
}
_SHOWN: Final = 10
_NAMED: Final = 6
_QUOTED: Final = 100
"""Characters of the problem that are quoted."""


def reading_lines(readings: Sequence[Reading], *, unit: str, objective: float | None, id: str) -> Iterator[str]:
    """Yield one paragraph for each reading that moves the answer or was not tried, and one on how to take it.

    Args:
        readings: numbered.
        unit: of the objective.
        objective: of the answer; `None` without one.
        id: of the answer in the run store; empty where it is not kept.
    """
    told = [reading for reading in readings if reading.moves is not False]
    for reading in told[:_SHOWN]:
        words = f"{reading.number}. {reading.text}: {outcome_words(reading, unit=unit, objective=objective)}"
        yield f"{words}{_quote(reading)}"
        options = change_options(reading.changes)
        if options:
            yield f"   nl2opt change FORMULATION.json {options} | nl2opt run -"
    if len(told) > _SHOWN:
        yield f"... and {len(told) - _SHOWN} more, not shown here: the answer's `alternatives` have them all"
    if told:
        first = told[0].number
        kept = f", or: nl2opt take {id} {first}" if id else ""
        yield f"To take one of them: answer.take({first}){kept}"


def outcome_words(reading: Reading, *, unit: str, objective: float | None) -> str:
    """Say what the answer would be, as in `39.8 instead of 40`."""
    if reading.end is End.OPTIMAL:
        if reading.objective is None:
            return "there would be a solution"
        shown = with_unit(reading.objective, unit)
        if objective is None:
            return f"there would be an answer, {shown}"
        if reading.moves is False:
            return f"{shown} as well"
        return f"{shown} instead of {with_unit(objective, unit)}"
    return _ENDS.get(reading.end) or f"not known, since {reading.note or 'it was not tried'}"


def effect_words(reading: Reading) -> str:
    """Say how far the objective moves, as in `+0.2`; empty where it does not."""
    if not reading.difference or reading.moves is False:
        return ""
    return f"{'+' if reading.difference > 0 else '-'}{number(abs(reading.difference))}"


def _quote(reading: Reading) -> str:
    quote = " ".join(reading.quote.split())
    if not quote:
        return ""
    return f' ("{quote if len(quote) <= _QUOTED else f"{quote[: _QUOTED - 3]}..."}")'


def assumption_lines(assumptions: Sequence[Assumption], readings: Sequence[Reading]) -> Iterator[str]:
    """Yield each assumption once; what cannot be negative is named in one line at the end."""
    natural = {reading.assumption: reading.element for reading in readings if reading.note == NATURAL}
    texts = list(dict.fromkeys(assumption.text for assumption in assumptions))
    for text in texts:
        if text not in natural:
            yield f"{text} (makes no difference)" if _makes_no_difference(text, readings) else text
    names = [natural[text] for text in texts if text in natural]
    if len(names) == 1:
        yield f"{names[0]} is not negative"
    elif len(names) > _NAMED + 1:
        yield f"{', '.join(names[:_NAMED])} and {len(names) - _NAMED} more are not negative"
    elif names:
        yield f"{listed(names)} are not negative"


def _makes_no_difference(text: str, readings: Sequence[Reading]) -> bool:
    """Whether all readings of an assumption were solved and none moves the answer."""
    own = [reading for reading in readings if reading.assumption == text]
    return bool(own) and all(reading.moves is False and reading.end is not End.NOT_TRIED for reading in own)
