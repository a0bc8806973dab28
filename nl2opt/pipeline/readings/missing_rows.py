"""Finds limits of the text that no constraint demands: "at most 40 tables" where nothing holds a 40."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from nl2opt.formulation.language.writer import number_text
from nl2opt.formulation.schema import Assumption, Change, Formulation
from nl2opt.pipeline.readings.spotted import Spotted, alternative
from nl2opt.pipeline.readings.text_rows import stems
from nl2opt.text.numbers import TextNumber, clause_around
from nl2opt.verification.accounting import NumberAccount

_MOST: Final = re.compile(
    r"\b(?:at most|up to|no more than|not more than|maximum(?: of)?|not exceed|cannot exceed)\s+(?:a total of\s+)?$",
    re.IGNORECASE,
)
_LEAST: Final = re.compile(
    r"\b(?:at least|no (?:less|fewer) than|not (?:less|fewer) than|minimum(?: of)?)\s+$", re.IGNORECASE
)
_NEXT_WORDS: Final = re.compile(r"\s*(?:[a-z-]+\s+(?:of\s+)?){0,2}[a-z-]+", re.IGNORECASE)
_WINDOW: Final = 40


def unmet_limits(problem: str, formulation: Formulation, account: NumberAccount) -> Iterator[Spotted]:
    """Yield an assumption for each limit of one quantity that the text states and no constraint demands.

    Args:
        problem: the text.
        formulation: of it.
        account: which numbers of the text it holds.
    """
    taken = {constraint.name for constraint in formulation.constraints}
    for number in account.unused:
        before = problem[max(0, number.start - _WINDOW) : number.start]
        operator = "<=" if _MOST.search(before) else ">=" if _LEAST.search(before) else ""
        limited = _limited(problem, number, formulation) if operator else ""
        if not limited:
            continue
        name = "limit"
        while name in taken:
            name += "_more"
        taken.add(name)
        clause = clause_around(problem, number.start, number.end)
        text = f"{limited} {operator} {number_text(number.values[0])}"
        row = Change(kind="add", path="constraints", value={"name": name, "expression": text, "source": clause})
        reading = alternative(f"{text} is demanded, too", [row])
        yield Spotted(
            Assumption(text=f"{number.text} limits nothing: no constraint holds it", alternatives=[reading]), clause
        )


def _limited(problem: str, number: TextNumber, formulation: Formulation) -> str:
    """Return the one quantity that the words behind a number name, as an expression; empty where there is none."""
    behind = _NEXT_WORDS.match(problem, number.end)
    words = stems(behind.group()) if behind is not None else frozenset()
    found = []
    elements = {declared.name: declared.elements for declared in formulation.sets}
    for variable in formulation.variables:
        if variable.domain == "binary":
            continue
        if not variable.index and stems(variable.name) and stems(variable.name) <= words:
            found.append(variable.name)
        members = elements.get(variable.index[0]) if len(variable.index) == 1 else None
        for member in members if isinstance(members, list) else ():
            if isinstance(member, str) and stems(member) and stems(member) <= words:
                found.append(f"{variable.name}[{member!r}]")
    return found[0] if len(found) == 1 else ""
