"""Finds demands of which the text does not say whether more may be delivered: "the bakery needs 60 tonnes"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from nl2opt.formulation.compilation.compiled import CompiledFormulation
from nl2opt.formulation.language.syntax import ComparisonOperator
from nl2opt.formulation.schema import Assumption
from nl2opt.formulation.words.expression_words import listed
from nl2opt.pipeline.readings.slack import slack_rows
from nl2opt.pipeline.readings.spotted import Spotted, alternative
from nl2opt.pipeline.readings.text_rows import TextRow, is_number, row_about, text_rows
from nl2opt.text.numbers import clause_around, numbers_in
from solvers import Solution

_DEMAND: Final = re.compile(
    r"\b(?:demands?|demanded|needs?|needed|requires?|required|requirements?|orders?|ordered|wants?"
    r"|must (?:be )?(?:met|supplied|delivered|receive|get))\b",
    re.IGNORECASE,
)
_BOUND: Final = re.compile(
    r"\b(?:at least|at most|minimum|maximum|exactly|precisely|equals?|no (?:more|less|fewer)|not (?:more|less|fewer)"
    r"|up to|between|or more|or less|or fewer|limit(?:ed|s)?|capacity|available|exceed(?:s|ed)?|more than|less than"
    r"|fewer than|only|cannot|total(?:s|ing)?)\b",
    re.IGNORECASE,
)
_SHOWN: Final = 4


def open_demands(problem: str, compiled: CompiledFormulation, solution: Solution) -> Iterator[Spotted]:
    """Yield an assumption for demands that are met exactly, and one for those that are met or more than that.

    The latter only where a demand is more than met: else both readings have the same optimum.
    """
    rows = [row for row in text_rows(compiled.formulation) if row.limits and row.operator in (">=", "==")]
    found: dict[str, tuple[TextRow, str]] = {}
    for number in numbers_in(problem) if rows else ():
        clause = clause_around(problem, number.start, number.end)
        if not _DEMAND.search(clause) or _BOUND.search(clause):
            continue
        row = row_about([row for row in rows if any(is_number(v, row.limits) for v in number.values)], clause)
        if row is not None:
            found.setdefault(row.constraint.name, (row, clause))
    exact = [item for item in found.values() if item[0].operator == "=="]
    loose = [item for item in found.values() if item[0].operator == ">=" and _is_more(item[0], compiled, solution)]
    if exact:
        yield _spotted(exact, ">=", "met exactly", "more than met")
    if loose:
        yield _spotted(loose, "==", "met or more than met", "met exactly")


def _spotted(items: Sequence[tuple[TextRow, str]], operator: ComparisonOperator, now: str, other: str) -> Spotted:
    names = [row.constraint.name for row, _ in items]
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    subject = f"{', '.join(names[:_SHOWN])}{more}" if more else listed(names)
    changes = [row.with_operator(operator) for row, _ in items]
    may = "may be" if operator == ">=" else "is" if len(names) == 1 else "are"
    reading = alternative(f"{subject} {may} {other}", changes)
    is_are = "is" if len(names) == 1 else "are"
    element = names[0] if len(names) == 1 else ""
    assumption = Assumption(text=f"{subject} {is_are} {now}", element=element, alternatives=[reading])
    return Spotted(assumption, items[0][1])


def _is_more(row: TextRow, compiled: CompiledFormulation, solution: Solution) -> bool:
    """Whether one of the rows of a demand has slack; without a point it may be the demand that leaves none."""
    slack = slack_rows(row.constraint.name, compiled, solution)
    return solution.row_activity is None or (slack is not None and bool(slack.any()))
