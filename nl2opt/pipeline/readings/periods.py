"""Finds amounts "per week" that are taken for the whole time, where the text says how many weeks there are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from nl2opt.formulation.schema import Assumption, Change, Formulation
from nl2opt.formulation.words.quantities import number as shown
from nl2opt.pipeline.readings.spotted import Spotted, alternative
from nl2opt.pipeline.readings.text_rows import TextRow, is_number, row_about, text_rows
from nl2opt.text.numbers import TextNumber, clause_around, numbers_in
from nl2opt.verification.accounting import NumberAccount

_PERIODS: Final = r"(?P<period>day|week|month|quarter|year|shift|hour)"
_PER: Final = re.compile(rf"\b(?:per|a|an|each|every)\s+{_PERIODS}\b", re.IGNORECASE)
_COUNT: Final = re.compile(rf"^[ -]{_PERIODS}s?\b", re.IGNORECASE)


def amounts_per_period(problem: str, formulation: Formulation, account: NumberAccount) -> Iterator[Spotted]:
    """Yield an assumption for each limit "per week" that is not multiplied, where a number of weeks is not used.

    Args:
        problem: the text.
        formulation: of it.
        account: which numbers of the text it holds.
    """
    counts = dict(_unused_counts(problem, account))
    rows = [row for row in text_rows(formulation) if row.limits] if counts else []
    for amount in numbers_in(problem) if rows else ():
        clause = clause_around(problem, amount.start, amount.end)
        per = _PER.search(clause)
        count = counts.get(per["period"].lower()) if per is not None else None
        if per is None or count is None or amount.start == count.start:
            continue
        row = row_about([row for row in rows if any(is_number(v, row.limits) for v in amount.values)], clause)
        change = _multiplied(row, amount, count.values[0], formulation) if row is not None else None
        if change is not None:
            period = per["period"].lower()
            total = shown(amount.values[0] * count.values[0])
            now = f"{amount.text} is for the whole time, not for each of {count.text} {period}s"
            reading = alternative(f"{amount.text} is for each {period}: {total} in {count.text} {period}s", [change])
            yield Spotted(Assumption(text=now, alternatives=[reading]), clause)


def _unused_counts(problem: str, account: NumberAccount) -> Iterator[tuple[str, TextNumber]]:
    """Yield numbers of periods that a formulation does not hold."""
    for number in (*account.unused, *account.unused_weak):
        behind = _COUNT.match(problem[number.end : number.end + 20])
        if behind is not None and number.values[0] > 1:
            yield behind["period"].lower(), number


def _multiplied(row: TextRow, amount: TextNumber, count: float, formulation: Formulation) -> Change | None:
    """Return the edit that multiplies the scalar parameter of a row that is an amount; `None` where there is none."""
    for parameter in formulation.parameters:
        value = parameter.value
        is_amount = isinstance(value, int | float) and is_number(float(value), frozenset(amount.values))
        if is_amount and re.search(rf"\b{re.escape(parameter.name)}\b", row.constraint.expression):
            return Change(kind="set", path=f"parameters.{parameter.name}.value", value=value * count)
    return None
