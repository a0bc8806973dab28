"""Says what an optimum is worth in plain English."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Final

from nl2opt.formulation.analysis.sensitivity import ConstraintRow, Sensitivity, VariableEntry
from nl2opt.formulation.render.literals import one_line
from nl2opt.formulation.schema import Formulation
from nl2opt.formulation.words.quantities import number, with_unit
from solvers import Method

_MOST: Final = 20
"""So many sentences of each kind are shown."""
_PHRASE: Final = re.compile(r"[^\W\d_]+( [^\W\d_]+){0,2}")
_VERBS: Final = frozenset({"maximise", "maximize", "minimise", "minimize", "make", "earn", "the", "a", "an"})
_EXPLAINED: Final = {
    Method.PRICES: "Each price holds while everything else stays as it is, within the range that is given.",
    Method.STEPS: "The model has no shadow prices: it was solved again with one side moved at a time.",
}


def sentences(sensitivity: Sensitivity) -> list[str]:
    """Return what an optimum is worth, one sentence or two a line."""
    words = SensitivityWords(sensitivity)
    return list(words.lines())


class SensitivityWords:
    """Says one sensitivity, sentence by sentence."""

    def __init__(self, sensitivity: Sensitivity) -> None:
        self.sensitivity = sensitivity
        formulation = sensitivity.compiled.formulation
        self.objective = objective_noun(formulation)
        self.unit = formulation.objectives[0].unit if formulation.objectives else ""

    def lines(self) -> Iterator[str]:
        """Yield everything, one sentence or two a line."""
        found = self.sensitivity
        if found.solution.values is None:
            yield found.solution.message
            return
        if found.found.method in _EXPLAINED:
            yield _EXPLAINED[found.found.method]
        binding = [row for row in found.constraints if row.is_binding]
        yield from shortened([line for row in binding if (line := self.binding(row))], "binding rows")
        yield from shortened(
            [self.slack(row) for row in found.constraints if not row.is_binding], "rows with something to spare"
        )
        if not found.constraints:
            yield "There are no rows with a side that could move."
        yield from shortened([line for entry in found.variables if (line := self.variable(entry))], "variables")
        yield from found.notes

    def binding(self, row: ConstraintRow) -> str:
        """Say what a side that is met is worth."""
        if row.step is not None:
            return self.stepped(row)
        if row.is_possible_up is None:
            return f"`{one_line(row.label)}` is met exactly: {row.relation} {self.amount(row.right, row)}."
        price = row.shadow_price
        if price is not None:
            if price == 0:
                return (
                    f"`{one_line(row.label)}` is met exactly, but a little more or less would change nothing"
                    f"{self.range(row)}."
                )
            less = "take as much away" if price > 0 else "add as much"
            return (
                f"One more {self.one(row)} in `{one_line(row.label)}` would {self.change(price)}, one less would {less}"
                f"{self.range(row)}."
            )
        up = self.direction("One more", row, row.price_up, row.upper, "up to")
        down = self.direction(
            "One less", row, None if row.price_down is None else -row.price_down, row.lower, "down to"
        )
        return f"{up} {down}"

    def direction(self, how: str, row: ConstraintRow, change: float | None, end: float | None, until: str) -> str:
        """Say what it is worth to move a side in one direction."""
        start = f"{how} {self.one(row)} in `{one_line(row.label)}`"
        if change is None:
            return f"{start} is impossible: nothing would be feasible."
        what = "change nothing" if change == 0 else self.change(change)
        reach = f", {until} {self.amount(end, row)}" if end is not None and math.isfinite(end) else ", without end"
        return f"{start} would {what}{reach}."

    def stepped(self, row: ConstraintRow) -> str:
        """Say what one step more or less would change, in models without prices."""
        assert row.step is not None
        step = with_unit(row.step, row.unit or ("unit" if row.step == 1 else "units"))
        parts = []
        for more, change, possible in (
            ("more", row.change_up, row.is_possible_up),
            ("less", row.change_down, row.is_possible_down),
        ):
            if not possible:
                parts.append(f"{step} {more} is impossible: nothing would be feasible")
            elif change is None:
                parts.append(f"what {step} {more} would do is not known")
            else:
                what = "change nothing" if abs(change) < 1e-9 else self.change(change)
                parts.append(f"{step} {more} would {what}")
        return f"In `{one_line(row.label)}` ({row.relation} {self.amount(row.right, row)}), {'; '.join(parts)}."

    def slack(self, row: ConstraintRow) -> str:
        """Say how far a row is from its side."""
        name, left, right = one_line(row.label), self.amount(row.left, row), self.amount(row.right, row)
        if not math.isfinite(row.slack):
            return f"`{name}` is not demanded here."
        spare = self.amount(row.slack, row)
        if row.relation == ">=":
            return f"`{name}` is exceeded by {spare}: {left}, at least {right} are demanded."
        return f"`{name}` leaves {spare} to spare: {left} of at most {right}."

    def variable(self, entry: VariableEntry) -> str:
        """Say in which range of its coefficient a variable stays as it is; empty where none is known."""
        if entry.cost is None or entry.cost_lower is None or entry.cost_upper is None:
            return ""
        name, value = one_line(entry.label), with_unit(entry.value, entry.unit)
        text = f"`{name}` stays at {value} while its coefficient in the objective is {_between(entry)}"
        text += f" (now {number(entry.cost)})."
        if entry.reduced_cost is not None and abs(entry.reduced_cost) > 1e-9:
            text += f" Moved up by 1 from there, it would {self.change(entry.reduced_cost)}."
        return text

    def range(self, row: ConstraintRow) -> str:
        """Say from where to where the side may move."""
        if row.lower is None or row.upper is None:
            return ""
        low, high = math.isfinite(row.lower), math.isfinite(row.upper)
        now = f" (now {self.amount(row.right, row)})"
        if low and high:
            return f", from {self.amount(row.lower, row)} up to {self.amount(row.upper, row)}{now}"
        if high:
            return f", up to {self.amount(row.upper, row)}{now}"
        return f", from {self.amount(row.lower, row)} on{now}" if low else now

    def change(self, amount: float) -> str:
        """Say a change of the objective: `add $10 to the profit`."""
        verb, way = ("add", "to") if amount > 0 else ("take", "from")
        return f"{verb} {with_unit(abs(amount), self.unit)} {way} {self.objective}"

    def one(self, row: ConstraintRow) -> str:
        """Return what one unit of a side is called."""
        return one_line(row.unit) or "unit"

    def amount(self, value: float, row: ConstraintRow) -> str:
        """Return a number with the unit of a side."""
        return with_unit(value + 0.0 if abs(value) > 1e-9 else 0.0, one_line(row.unit))


def objective_noun(formulation: Formulation) -> str:
    """Return what the objective is called in a sentence: `the profit` where its description is such a phrase."""
    objective = formulation.objectives[0] if formulation.objectives else None
    if objective is None:
        return "the objective"
    phrase = objective.description.strip()
    if _PHRASE.fullmatch(phrase) and phrase.split()[0].lower() not in _VERBS:
        return f"the {phrase[0].lower()}{phrase[1:]}"
    return f"`{objective.name}`" if objective.name else "the objective"


def shortened(lines: list[str], what: str) -> Iterator[str]:
    """Yield the first lines, and how many more there are."""
    yield from lines[:_MOST]
    if len(lines) > _MOST:
        yield f"... and {len(lines) - _MOST:,} more {what}."


def _between(entry: VariableEntry) -> str:
    assert entry.cost_lower is not None
    assert entry.cost_upper is not None
    low, high = math.isfinite(entry.cost_lower), math.isfinite(entry.cost_upper)
    if low and high:
        return f"between {number(entry.cost_lower)} and {number(entry.cost_upper)}"
    if high:
        return f"at most {number(entry.cost_upper)}"
    return f"at least {number(entry.cost_lower)}" if low else "any number"
