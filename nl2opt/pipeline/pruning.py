"""Leaves rows out of a draft that the problem does not ask for.

Small language models tend to add a row or two to a list that is complete: the same number once more, or a comparison
of two variables that the text never makes. Which row is too many is found out by the account of numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations
from typing import Final

from nl2opt.formulation.language.parser import ExpressionError, parse_expression
from nl2opt.formulation.language.syntax import Number, walk
from nl2opt.formulation.schema import Constraint, Formulation
from nl2opt.pipeline.feedback import number_points
from nl2opt.verification.accounting import account_numbers

_MOST_ROWS: Final = 6
"""How many doubtful rows are tried without; more of them are no slip but a wrong draft."""
_MOST_LEFT_OUT: Final = 2
_COMPARES: Final = re.compile(
    r"\b(?:exceed(?:s|ed|ing)?|outnumber(?:s|ed)?|equal(?:s|ly)?|same|as (?:many|much|few|little)|than)\b"
    r"(?!\s+(?:[$€£]?\d|(?:a|one|two|three|four|five|six|seven|eight|nine|ten|half)\b))",
    re.IGNORECASE,
)
"""Words by which a text compares two quantities without a number: "must not exceed the number of vans"."""


def pruned(formulation: Formulation, problem: str, *, infeasible: bool) -> tuple[Formulation, tuple[str, ...]] | None:
    """Return a formulation without rows that the problem does not ask for, and why they went, one sentence each.

    Rows are left out when fewer doubts about numbers remain without them, and every number is used that was; a row
    without any number also where the text compares nothing, or where no point satisfies all rows.

    Args:
        formulation: in the scalar style, which compiles.
        problem: the text.
        infeasible: whether no point satisfies all rows.

    Returns:
        `None` when every row has its reason.
    """
    doubtful = list(_doubtful(formulation, problem, infeasible=infeasible))[:_MOST_ROWS]
    before = len(number_points(problem, formulation))
    unused = set(account_numbers(problem, formulation).unused)
    best: tuple[int, int, Formulation, tuple[Constraint, ...]] | None = None
    for count in range(1, min(_MOST_LEFT_OUT, len(doubtful)) + 1):
        for left_out in combinations(doubtful, count):
            kept = [constraint for constraint in formulation.constraints if constraint not in left_out]
            shorter = formulation.model_copy(update={"constraints": kept})
            if not unused.issuperset(account_numbers(problem, shorter).unused):
                continue
            points = len(number_points(problem, shorter))
            needless = all(_without_numbers(constraint) for constraint in left_out)
            better = points < before or (needless and points == before)
            if better and (best is None or points < best[0]):
                best = (points, count, shorter, left_out)
    if best is None:
        return None
    _, _, shorter, left_out = best
    return shorter, tuple(
        f"'{constraint.description or constraint.name}' (`{constraint.expression}`) was left out: the problem does not "
        "seem to ask for it"
        for constraint in left_out
    )


def _doubtful(formulation: Formulation, problem: str, *, infeasible: bool) -> Iterator[Constraint]:
    """Yield the rows that may be too many, the last first."""
    overused = {number.value for number in account_numbers(problem, formulation).overused}
    compares = _COMPARES.search(problem) is not None
    for constraint in reversed(formulation.constraints):
        numbers = _numbers(constraint)
        if (numbers & overused) or (not numbers and (infeasible or not compares)):
            yield constraint


def _numbers(constraint: Constraint) -> set[float]:
    """Return the numbers of a row but for 0 and 1."""
    try:
        root = parse_expression(constraint.expression).root
    except ExpressionError:
        return set()
    return {abs(node.value) for node in walk(root) if isinstance(node, Number)} - {0.0, 1.0}


def _without_numbers(constraint: Constraint) -> bool:
    return not _numbers(constraint)
