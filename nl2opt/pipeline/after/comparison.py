"""Two answers side by side: what it costs or saves, what is decided otherwise, and which limits hold now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from nl2opt.formulation.analysis.sensitivity_words import objective_noun
from nl2opt.formulation.words.quantities import number, with_unit
from nl2opt.pipeline.after.points import point_of

if TYPE_CHECKING:
    from nl2opt.formulation.schema import Formulation
    from nl2opt.pipeline.answer import Answer

SHOWN: Final = 20
"""So many lines of each kind are shown."""
_SAME: Final = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueChange:
    """One value that is not what it was.

    Attributes:
        label: `make[chair]`.
        before, after: the values; `None` where there is no such entry.
        unit: as the formulation states it.
    """

    label: str
    before: float | None
    after: float | None
    unit: str = ""

    def __str__(self) -> str:
        return f"{self.label}: {_shown(self.before, self.unit)} -> {_shown(self.after, self.unit)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two answers side by side.

    Attributes:
        objective_name: what the objective is called, as in `the profit`.
        objective_before, objective_after: `None` where there is no point.
        objectives: where there are several, by name the values before and after.
        unit: of the objective.
        sense: `maximize`, `minimize`, or empty.
        status_before, status_after: as text.
        values: the values that changed.
        unchanged: how many did not.
        binds_now: the limits that are met now and were not.
        binds_no_more: those that were met and are not.
        difference: what is different between the formulations, in words; empty when nothing is.
    """

    objective_name: str
    objective_before: float | None
    objective_after: float | None
    objectives: dict[str, tuple[float, float]]
    unit: str
    sense: str
    status_before: str
    status_after: str
    values: tuple[ValueChange, ...]
    unchanged: int
    binds_now: tuple[str, ...]
    binds_no_more: tuple[str, ...]
    difference: tuple[str, ...]

    @property
    def objective_difference(self) -> float | None:
        """By how much the objective went up; `None` where either answer has none."""
        if self.objective_before is None or self.objective_after is None:
            return None
        return self.objective_after - self.objective_before

    @property
    def is_better(self) -> bool | None:
        """Whether the objective improved; `None` where it stayed, or cannot be told."""
        difference = self.objective_difference
        if difference is None or not self.sense or is_same(self.objective_before, self.objective_after):
            return None
        return (difference > 0) is (self.sense == "maximize")

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self) -> Iterator[str]:
        """Yield the comparison in words, one thing a line."""
        yield self.objective_line()
        for name, (before, after) in self.objectives.items():
            yield f"{name}: {number(before)} -> {number(after)}"
        if self.objective_before is not None and self.objective_after is not None:
            yield from _listed("What is decided otherwise:", [str(change) for change in self.values])
            if not self.values:
                yield "Nothing is decided otherwise."
            elif self.unchanged:
                yield f"The other {number(self.unchanged)} value{'s' * (self.unchanged != 1)} stayed."
        yield from _listed("Limits that are met now:", list(self.binds_now))
        yield from _listed("Limits that are met no more:", list(self.binds_no_more))

    def objective_line(self) -> str:
        """Say what became of the objective, in one sentence."""
        name = f"{self.objective_name[0].upper()}{self.objective_name[1:]}"
        if self.objective_after is None:
            was = (
                f" before it was {with_unit(self.objective_before, self.unit)}"
                if self.objective_before is not None
                else ""
            )
            return f"There is no answer now ({_status(self.status_after)});{was}.".replace(";.", ".")
        if self.objective_before is None:
            return (
                f"{name} is now {with_unit(self.objective_after, self.unit)}; "
                f"before there was no answer ({_status(self.status_before)})."
            )
        if is_same(self.objective_before, self.objective_after):
            return f"{name} stays at {with_unit(self.objective_after, self.unit)}."
        difference = self.objective_after - self.objective_before
        share = percent(difference, self.objective_before)
        judged = {True: ", better", False: ", worse", None: ""}[self.is_better]
        return (
            f"{name}: {with_unit(self.objective_before, self.unit)} -> {with_unit(self.objective_after, self.unit)} "
            f"({signed(difference, self.unit)}{share}{judged})."
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison as JSON objects."""
        return {
            "objective_before": self.objective_before,
            "objective_after": self.objective_after,
            "objective_difference": self.objective_difference,
            "objectives": {name: list(pair) for name, pair in self.objectives.items()},
            "is_better": self.is_better,
            "status_before": self.status_before,
            "status_after": self.status_after,
            "values": [
                {"label": change.label, "before": change.before, "after": change.after, "unit": change.unit}
                for change in self.values
            ],
            "unchanged": self.unchanged,
            "binds_now": list(self.binds_now),
            "binds_no_more": list(self.binds_no_more),
            "difference": list(self.difference),
            "text": str(self),
        }


def comparison(before: Answer, after: Answer) -> Comparison:
    """Compare two answers; see `Answer.compare`."""
    formulation = after.formulation or before.formulation
    objective = formulation.objectives[0] if formulation is not None and formulation.objectives else None
    values, unchanged = value_changes(before, after)
    met_before, met_after = _limits_met(before), _limits_met(after)
    has_both = met_before is not None and met_after is not None
    shared = before.objectives.keys() & after.objectives.keys()
    return Comparison(
        objective_name=objective_noun(formulation) if formulation is not None else "the objective",
        objective_before=before.objective,
        objective_after=after.objective,
        objectives={n: (before.objectives[n], after.objectives[n]) for n in before.objectives if n in shared},
        unit=objective.unit if objective is not None else "",
        sense=objective.sense if objective is not None else "",
        status_before=before.status.value,
        status_after=after.status.value,
        values=values,
        unchanged=unchanged,
        binds_now=_missing(met_after, met_before) if has_both else (),
        binds_no_more=_missing(met_before, met_after) if has_both else (),
        difference=_difference(before.formulation, after.formulation),
    )


def value_changes(before: Answer, after: Answer) -> tuple[tuple[ValueChange, ...], int]:
    """Return the values that differ between two answers, in the order of the later one, and how many do not."""
    old, new = entries_of(before), entries_of(after)
    units = {variable.name: variable.unit for variable in after.formulation.variables} if after.formulation else {}
    changed = []
    for key in dict.fromkeys((*new, *old)):
        one, other = old.get(key), new.get(key)
        if one is None or other is None or not is_same(one, other):
            changed.append(ValueChange(label=label_of(*key), before=one, after=other, unit=units.get(key[0], "")))
    return tuple(changed), len(old.keys() | new.keys()) - len(changed)


def entries_of(answer: Answer) -> dict[tuple[str, tuple[Any, ...]], float]:
    """Return all values of an answer by name and index."""
    values = answer.values
    if values is None:
        return {}
    return {(name, index): value for name in values for index, value in values.entries(name)}


def label_of(name: str, index: Sequence[object]) -> str:
    """Return `make[chair]`; the name alone without an index."""
    # Elements are texts that anyone may have written; none of them begins a line of its own.
    return f"{name}[{', '.join(' '.join(str(part).split()) for part in index)}]" if index else name


def is_same(one: float | None, other: float | None) -> bool:
    """Whether two numbers are the same but for the dust of arithmetic."""
    if one is None or other is None:
        return one is other
    return abs(one - other) <= _SAME * max(1.0, abs(one), abs(other))


def percent(difference: float, base: float) -> str:
    """Return `, +2.5 %`; empty where the base is 0."""
    if not base:
        return ""
    share = 100.0 * difference / abs(base)
    return f", {'+' if share > 0 else '-'}{number(float(f'{abs(share):.3g}'))} %"


def signed(value: float, unit: str = "") -> str:
    """Return a difference with its sign: `+$50`."""
    value = float(f"{value:.10g}")
    return f"{'+' if value > 0 else '-' if value < 0 else ''}{with_unit(abs(value), unit)}"


def _limits_met(answer: Answer) -> tuple[str, ...] | None:
    point = point_of(answer)
    return None if point is None else point.limits_met


def _missing(here: tuple[str, ...] | None, there: tuple[str, ...] | None) -> tuple[str, ...]:
    known = set(there or ())
    return tuple(name for name in here or () if name not in known)


def _difference(before: Formulation | None, after: Formulation | None) -> tuple[str, ...]:
    if before is None or after is None:
        return ()
    difference = before.diff(after)
    return tuple(str(difference).splitlines()) if difference else ()


def bulleted(lines: Iterable[str]) -> Iterator[str]:
    """Yield lines with a mark before each, but before those that go on from the one above."""
    yield from (f"  {line}" if line.startswith(" ") else f"- {line}" for line in lines)


def _listed(title: str, lines: Sequence[str]) -> Iterator[str]:
    if not lines:
        return
    yield title
    yield from (f"- {line}" for line in lines[:SHOWN])
    if len(lines) > SHOWN:
        yield f"- ... and {len(lines) - SHOWN:,} more"


def _shown(value: float | None, unit: str) -> str:
    return "none" if value is None else with_unit(float(f"{value:.10g}"), unit)


def _status(status: str) -> str:
    return status.replace("_", " ")
