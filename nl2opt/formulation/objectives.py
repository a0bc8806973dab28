"""Several objectives: which are optimised together, in which order, and what may be wrong with them.

Objectives of equal priority are one *stage*: they are added up with their weights, in the sense of the first of
them; one of the other sense counts negatively. Stages are solved from the largest priority to the smallest, each
with the optima of those before it held.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from nl2opt.formulation.evaluation import polynomial
from nl2opt.formulation.evaluation.polynomial import Polynomial
from nl2opt.formulation.findings import Finding, Severity
from nl2opt.formulation.schema import Formulation, Objective
from solvers import Sense

SENSES = {"minimize": Sense.MINIMIZE, "maximize": Sense.MAXIMIZE}


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """Objectives of one priority.

    Attributes:
        places: where they stand in the list of objectives.
        sense: of the first of them.
        name: of them all, for messages.
        tolerance: by how much later stages may make the optimum worse, relative to max(1, |optimum|).
    """

    places: tuple[int, ...]
    sense: Sense
    name: str
    tolerance: float

    def total(self, objectives: Sequence[Objective], bodies: Sequence[Polynomial]) -> Polynomial:
        """Return the weighted sum of the stage's objectives; a lone one stays as it is written."""
        if len(self.places) == 1:
            return bodies[self.places[0]]
        parts = []
        for place in self.places:
            sign = 1.0 if SENSES[objectives[place].sense] is self.sense else -1.0
            parts.append(bodies[place].scaled(np.asarray(sign * float(objectives[place].weight))))
        return polynomial.add(parts)


def stages_of(objectives: Sequence[Objective]) -> tuple[Stage, ...]:
    """Return the stages in the order in which they are solved."""
    stages = []
    for priority in sorted({objective.priority for objective in objectives}, reverse=True):
        places = tuple(place for place, objective in enumerate(objectives) if objective.priority == priority)
        names = [objective_name(objectives, place) for place in places]
        tolerance = max(float(objectives[place].tolerance) for place in places)
        stages.append(Stage(places, SENSES[objectives[places[0]].sense], " and ".join(names), tolerance))
    return tuple(stages)


def objective_name(objectives: Sequence[Objective], place: int) -> str:
    """Return the name of an objective; of one that has none its number, from 1."""
    return objectives[place].name or f"objective_{place + 1}"


def objective_elements(formulation: Formulation) -> list[tuple[str, Objective]]:
    """Return each objective with its path in the formulation: `objective`, or `objective.cost` in a list."""
    if not isinstance(formulation.objective, list):
        return [("objective", objective) for objective in formulation.objectives]
    return [
        (f"objective.{objective.name or place}", objective)
        for place, objective in enumerate(formulation.objectives, start=1)
    ]


def objective_findings(formulation: Formulation) -> Iterator[Finding]:
    """Yield what is wrong or doubtful in the list of objectives."""
    if isinstance(formulation.objective, list) and not formulation.objective:
        yield no_objectives()
    elements = objective_elements(formulation)
    names = Counter(objective.name for _, objective in elements if objective.name)
    for name, count in names.items():
        if count > 1:
            message = f"{count} objectives have the name `{name}`"
            yield Finding(code="name_clash", element=f"objective.{name}", message=message, mend="Rename them.")
    seen: dict[str, str] = {}
    for element, objective in elements:
        yield from _number_findings(element, objective)
        text = "".join(objective.expression.split())
        if text in seen:
            message = f"it is the same expression as that of {seen[text]}"
            mend = "Leave one of them out."
            yield Finding(
                severity=Severity.WARNING, code="duplicate_objective", element=element, field="expression",
                message=message, text=objective.expression, mend=mend,
            )  # fmt: skip
        seen.setdefault(text, element)


def no_objectives() -> Finding:
    """Return the finding about an empty list."""
    return Finding(
        code="objectives", element="objective", message="the list of objectives is empty",
        mend="Write at least one objective into the list, or null when any feasible point will do.",
    )  # fmt: skip


def _number_findings(element: str, objective: Objective) -> Iterator[Finding]:
    weight, tolerance = _float(objective.weight), _float(objective.tolerance)
    if not (math.isfinite(weight) and weight > 0):
        message = f"a weight is a number above 0, not {objective.weight}"
        mend = "Leave the objective out." if weight == 0 else "Turn its sense round, and write the weight without sign."
        yield Finding(code="weight", element=element, field="weight", message=message, mend=mend)
    if not (math.isfinite(tolerance) and tolerance >= 0):
        message = f"a tolerance is a number of at least 0, not {objective.tolerance}"
        mend = "Write the share of the optimum that may be given up, such as 0.05, or leave it out."
        yield Finding(code="tolerance", element=element, field="tolerance", message=message, mend=mend)


def _float(number: float) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf
