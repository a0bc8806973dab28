"""Finds "fewer than 10" and its like, read with the limit included where the words exclude it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from nl2opt.formulation.language.syntax import ComparisonOperator
from nl2opt.formulation.schema import Assumption, Formulation
from nl2opt.pipeline.readings.spotted import Spotted, alternative
from nl2opt.pipeline.readings.text_rows import TextRow, is_number, row_about, stems, text_rows
from nl2opt.pipeline.readings.wholeness import Sort, sort_of
from nl2opt.text.numbers import TextNumber, clause_around, numbers_in

_BELOW: Final = r"less than|fewer than|smaller than|lower than|under|below"
_ABOVE: Final = r"more than|greater than|larger than|higher than|over|above|exceed(?:s|ing)?|surpass(?:es)?"
_LIMIT: Final = re.compile(
    rf"\b(?:(?P<below>{_BELOW})|(?P<above>{_ABOVE}))\s+(?:a total of\s+|that of\s+)?(?=[$€£]?\s*[\w.])", re.IGNORECASE
)
_COMPARED: Final = re.compile(
    r"\b(?:(?P<below>(?:less|fewer)\s+(?:[a-z-]+\s+){1,3}than|fewer than the|less than the|smaller than the)"
    r"|(?P<above>more\s+(?:[a-z-]+\s+){1,3}than|(?:more|greater|larger) than (?:the|that)|outnumbers?"
    r"|exceeds? (?:the|that)))\b",
    re.IGNORECASE,
)
_NEGATED: Final = re.compile(
    r"\b(?:no|not|never|cannot|can't|neither|nor|without|avoid|prevent(?:ed|s)?|\w+n't)\s+(?:[a-z]+\s+){0,4}$",
    re.IGNORECASE,
)
_INCLUDED: Final = re.compile(r"^\s*(?:or equal|or the same)|\bor equal to\b", re.IGNORECASE)
_WINDOW: Final = 60


def strict_limits(problem: str, formulation: Formulation) -> Iterator[Spotted]:
    """Yield an assumption for each row of whole quantities that includes a limit which the words exclude.

    Between whole quantities the two readings are one apart; of others the strict one has no best value, so nothing is
    said of them.
    """
    # An acre more or less is no reading of "more than 100 acres", even where acres are whole.
    whole = {
        v.name for v in formulation.variables if v.domain in ("integer", "binary") and sort_of(v) is not Sort.MEASURE
    }
    rows = [row for row in text_rows(formulation) if whole.issuperset(row.variables) and row.operator in ("<=", ">=")]
    if not rows:
        return
    seen: set[str] = set()
    for cue, row in (*_at_numbers(problem, rows), *_between_quantities(problem, rows)):
        if row.constraint.name not in seen:
            seen.add(row.constraint.name)
            yield _spotted(problem, cue, row)


def _at_numbers(problem: str, rows: Sequence[TextRow]) -> Iterator[tuple[re.Match[str], TextRow]]:
    numbers = {number.start: number for number in numbers_in(problem)}
    for match in _LIMIT.finditer(problem):
        number = _number_behind(numbers, problem, match.end())
        if (
            number is None
            or _is_negated(problem, match.start())
            or _INCLUDED.search(problem[match.start() : number.end + 15])
        ):
            continue
        operator = "<=" if match["below"] else ">="
        fitting = [
            row for row in rows if row.operator == operator and any(is_number(v, row.limits) for v in number.values)
        ]
        row = row_about(fitting, clause_around(problem, match.start(), number.end))
        if row is not None:
            yield match, row


def _number_behind(numbers: dict[int, TextNumber], problem: str, place: int) -> TextNumber | None:
    while place < len(problem) and problem[place] in " $€£\n":
        place += 1
    return numbers.get(place)


def _between_quantities(problem: str, rows: Sequence[TextRow]) -> Iterator[tuple[re.Match[str], TextRow]]:
    compared = [row for row in rows if not row.limits and len(row.variables) > 1 and not row.numbers - {0.0}]
    for match in _COMPARED.finditer(problem):
        if _is_negated(problem, match.start()):
            continue
        clause = clause_around(problem, match.start(), match.end())
        words = stems(clause)
        named = [row for row in compared if all(stems(name) & words for name in row.variables)]
        row = row_about(named, clause)
        if row is not None:
            yield match, row


def _is_negated(problem: str, place: int) -> bool:
    return _NEGATED.search(problem[max(0, place - _WINDOW) : place]) is not None


def _spotted(problem: str, cue: re.Match[str], row: TextRow) -> Spotted:
    operator: ComparisonOperator = "<" if row.operator == "<=" else ">"
    words = " ".join(cue.group().split())
    name = row.constraint.name
    other = alternative(f'"{words}" excludes the limit itself ({name})', [row.with_operator(operator)])
    assumption = Assumption(text=f'"{words}" includes the limit itself ({name})', element=name, alternatives=[other])
    return Spotted(assumption, clause_around(problem, cue.start(), cue.end()))
