"""Templates that say an answer in plain words for a planner; data fill them in."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from nl2opt.formulation.analysis.sensitivity import ConstraintRow, Sensitivity, VariableEntry
from nl2opt.formulation.analysis.sensitivity_words import SensitivityWords, objective_noun
from nl2opt.formulation.render.literals import one_line
from nl2opt.formulation.schema import Formulation, Objective, Variable
from nl2opt.formulation.words.quantities import number, with_unit
from nl2opt.pipeline.after.comparison import is_same
from nl2opt.pipeline.after.known import Forced, Known
from nl2opt.pipeline.gap_words import gap_in_words
from solvers import Method

Section = tuple[str, tuple[str, ...]]
MOST_LINES: Final = 12
"""So many lines of each kind are shown."""
MOST_ENTRIES: Final = 24
_NOTHING: Final = 1e-9


def sections_of(known: Known) -> tuple[Section, ...]:
    """Return the explanation in parts: titles and lines."""
    found = [(title, tuple(one_line(line) for line in lines)) for title, lines in _sections(known)]
    return tuple((title, lines) for title, lines in found if lines)


def _sections(known: Known) -> Iterator[tuple[str, list[str]]]:
    answer = known.answer
    if answer.values is None:
        yield from _without_values(known)
        return
    yield "What is decided", list(_decided(known))
    yield "What it brings", list(_brings(known))
    if known.sensitivity is None:
        return
    words = _PlannerWords(known.sensitivity)
    yield "What holds it back", list(words.holding_back())
    yield "What is left over", list(words.left_over())
    yield "What is not done, and why", [*words.not_done(), *_forced_lines(known)]
    yield "Good to know", list(words.remarks())


# -- what is decided --------------------------------------------------------------------------------


def _decided(known: Known) -> Iterator[str]:
    answer = known.answer
    assert answer.values is not None
    declared = {v.name: v for v in answer.formulation.variables} if answer.formulation is not None else {}
    idle: list[str] = []
    for name in answer.values:
        variable = declared.get(name)
        entries = [(index, _clear(value)) for index, value in answer.values.entries(name)]
        kept = [(", ".join(map(str, index)), value) for index, value in entries if value]
        title = _title(name, variable)
        if not entries:
            continue
        if not entries[0][0] and len(entries) == 1:
            if entries[0][1]:
                yield f"{title}: {_amount(entries[0][1], variable)}."
            else:
                idle.append(title)
            continue
        zeros = len(entries) - len(kept)
        rest = f" ({number(zeros)} other{'s are' if zeros != 1 else ' is'} 0)" if zeros and kept else ""
        if not kept:
            yield f"{title}: nothing; all {number(zeros)} are 0."
        elif variable is not None and variable.domain == "binary":
            no = f" ({number(zeros)} other{'s' * (zeros != 1)}: no)" if zeros else ""
            separator = "; " if any("," in label for label, _ in kept) else ", "
            yield f"{title}: yes for {_listed([label for label, _ in kept], separator)}{no}."
        else:
            yield f"{title}: {_entries_listed([(label, _amount(value, variable)) for label, value in kept])}{rest}."
    if idle:
        yield f"Nothing of {_listed(idle)}."


def _title(name: str, variable: Variable | None) -> str:
    """Return what a variable is called: its description where it has a short one."""
    description = variable.description.strip().rstrip(".") if variable is not None else ""
    if description and len(description) <= 60:
        return f"{description[0].upper()}{description[1:]} (`{name}`)"
    return f"`{name}`"


def _amount(value: float, variable: Variable | None) -> str:
    if variable is not None and variable.domain == "binary":
        return "yes" if value else "no"
    return with_unit(value, variable.unit if variable is not None else "")


def _entries_listed(entries: Sequence[tuple[str, str]]) -> str:
    """Return entries with their amounts; with signs between where a name is no plain word."""
    if all(label.replace(" ", "").isalpha() for label, _ in entries):
        return _listed([f"{label} {amount}" for label, amount in entries])
    return _listed([f"{label} = {amount}" for label, amount in entries], "; ")


def _listed(parts: Sequence[str], separator: str = ", ") -> str:
    more = f"{separator}and {number(len(parts) - MOST_ENTRIES)} more" if len(parts) > MOST_ENTRIES else ""
    return separator.join(parts[:MOST_ENTRIES]) + more


# -- what it brings ---------------------------------------------------------------------------------


def _brings(known: Known) -> Iterator[str]:
    from nl2opt.pipeline.answer import Status

    answer, formulation = known.answer, known.answer.formulation
    objectives = formulation.objectives if formulation is not None else ()
    if answer.objective is None or (formulation is not None and not objectives):
        yield "Any plan that keeps all limits will do; this is one."
        return
    if answer.status is Status.CLAIMED:
        yield f"A program says that it reaches {number(_clear(answer.objective))}; nothing but its own word is known."
        return
    first = objectives[0] if objectives else None
    name = objective_noun(formulation) if formulation is not None else "the objective"
    value = with_unit(_clear(answer.objective), first.unit if first is not None else "")
    if answer.objectives and formulation is not None:
        yield from _several(known, objectives)
    else:
        yield f"{_capital(name)} is {value}{_how_good(known, first)}"
    yield from _parts(known, first)


def _how_good(known: Known, objective: Objective | None) -> str:
    from nl2opt.pipeline.answer import Status

    answer = known.answer
    extreme = "" if objective is None else "largest" if objective.sense == "maximize" else "smallest"
    if answer.status is Status.SOLVED:
        return f": the {extreme} that is possible, and proven to be." if extreme else ", and no plan is better."
    if answer.status is Status.LOCALLY_OPTIMAL:
        return ". No plan nearby is better; one that is very different may be."
    words = gap_in_words(answer.objective or 0.0, answer.gap)
    bound = "" if answer.bound is None else f" No plan can be better than {_with_unit(answer.bound, objective)}."
    near = f" It is within {words} of the best possible." if words else ""
    return (
        f". It is the best that was found before the search ended, and it was not proven to be the best.{bound}{near}"
    )


def _several(known: Known, objectives: Sequence[Objective]) -> Iterator[str]:
    from nl2opt.formulation.objectives import objective_name

    order = sorted(range(len(objectives)), key=lambda place: -objectives[place].priority)
    for place in order:
        name = objective_name(objectives, place)
        if name in known.answer.objectives:
            yield f"`{name}` is {_with_unit(known.answer.objectives[name], objectives[place])}."


def _parts(known: Known, objective: Objective | None) -> Iterator[str]:
    """Say what each decision adds to a linear objective."""
    compiled, sensitivity = known.compiled, known.sensitivity
    if compiled is None or sensitivity is None or sensitivity.solution.values is None or len(compiled.stages) != 1:
        return
    model, count = compiled.model, compiled.n_declared
    if model.quadratic_objective is not None or model.nonlinear is not None or model.objective[count:].any():
        return
    parts = model.objective[:count] * sensitivity.solution.values[:count]
    columns = np.flatnonzero(np.abs(parts) > _NOTHING)
    if not 1 < len(columns) <= MOST_LINES:
        return
    columns = columns[np.argsort(-np.abs(parts[columns]), kind="stable")]
    shown = [f"{model.name_of_column(c)} {_with_unit(float(parts[c]), objective)}" for c in columns.tolist()]
    constant = model.objective_constant
    rest = f", and {_with_unit(constant, objective)} whatever is decided" if constant else ""
    yield f"It is made up of {', '.join(shown)}{rest}."


# -- what holds it back -----------------------------------------------------------------------------


class _PlannerWords(SensitivityWords):
    """Says a sensitivity in parts."""

    def __init__(self, sensitivity: Sensitivity) -> None:
        super().__init__(sensitivity)
        formulation: Formulation = sensitivity.compiled.formulation
        self.descriptions = {c.name: c.description.strip().rstrip(".") for c in formulation.constraints}
        self.wishes = {c.name: c.source.strip() for c in formulation.constraints}
        self.senses = [objective.sense for objective in formulation.objectives]
        self.variables = {variable.name: variable for variable in formulation.variables}

    def holding_back(self) -> Iterator[str]:
        rows = [row for row in self.sensitivity.constraints if row.is_binding]
        rows.sort(key=_weight, reverse=True)
        yield from _shortened([self._about(row) + self._worth(row) for row in rows], "limits that are met")
        bounds = [line for entry in self.sensitivity.variables if (line := self.at_bound(entry))]
        yield from _shortened(bounds, "bounds that are met")
        if not rows and not bounds:
            yield "No limit is met: nothing but the objective itself keeps the plan from being another one."

    def left_over(self) -> Iterator[str]:
        rows = [row for row in self.sensitivity.constraints if not row.is_binding]
        yield from _shortened([self._about(row) + self.slack(row) for row in rows], "limits that are not met")

    def not_done(self) -> Iterator[str]:
        """Say of what is 0 what it would cost to do it, where a reduced cost tells."""
        idle = [entry for entry in self.sensitivity.variables if abs(entry.value) <= _NOTHING]
        lines = [line for entry in idle if (line := self.idle(entry))]
        yield from _shortened(lines, "things that are not done")

    def idle(self, entry: VariableEntry) -> str:
        cost = entry.reduced_cost
        if cost is None or not self.senses:
            return ""
        label = f"`{one_line(entry.label)}` is 0"
        if abs(cost) <= _NOTHING:
            return ""
        is_worse = (cost < 0) is (self.senses[0] == "maximize")
        if not is_worse:
            return ""
        text = f"{label}: each 1 of it would {self.change(_clear(cost))}."
        end = entry.cost_upper if self.senses[0] == "maximize" else entry.cost_lower
        if end is not None and math.isfinite(end) and entry.cost is not None:
            side = "above" if self.senses[0] == "maximize" else "below"
            text += (
                f" It would pay if it counted {side} {number(_clear(end))} in the objective (now {number(entry.cost)})."
            )
        return text

    def at_bound(self, entry: VariableEntry) -> str:
        """Say a bound other than 0 that holds a variable."""
        variable = self.variables[entry.name]
        cost = entry.reduced_cost
        if variable.domain == "binary" or cost is None or abs(cost) <= _NOTHING or abs(entry.value) <= _NOTHING:
            return ""
        value = with_unit(_clear(entry.value), entry.unit)
        return f"`{one_line(entry.label)}` is at its bound of {value}; each 1 more would {self.change(_clear(cost))}."

    def remarks(self) -> Iterator[str]:
        if self.sensitivity.found.method is Method.STEPS:
            yield "What one step more or less would do was found by solving again with one side moved at a time."
        elif self.sensitivity.found.method is Method.PRICES and self.sensitivity.constraints:
            yield "What one more unit is worth holds while everything else stays as it is."
        if self.sensitivity.found.is_degenerate:
            yield "Some of these worths are not unique: they differ between one unit more and one unit less."
        yield from (note for note in self.sensitivity.notes if not note.startswith("The optimum is at a kink"))

    def _about(self, row: ConstraintRow) -> str:
        description = self.descriptions.get(row.name, "")
        return f"{_capital(description)}: " if description else ""

    def _worth(self, row: ConstraintRow) -> str:
        if row.is_possible_up is None and row.step is None:
            return f"`{one_line(row.label)}` is met exactly: {row.relation} {self.amount(row.right, row)}."
        spare = "is used up" if row.relation == "<=" and row.right > 0 else "is just met"
        what = f"`{one_line(row.label)}` {spare}" if row.relation != "=" else ""
        text = self.binding(row)
        return f"{what}. {text}" if what else text


def _weight(row: ConstraintRow) -> float:
    worths = (row.price_up, row.price_down, row.change_up, row.change_down)
    return max((abs(worth) for worth in worths if worth is not None), default=0.0)


def _forced_lines(known: Known) -> Iterator[str]:
    """Say what it would cost to do what is not done, in models without prices."""
    answer, formulation = known.answer, known.answer.formulation
    objectives = formulation.objectives if formulation is not None else ()
    if formulation is None or not objectives or answer.objective is None:
        return
    name, objective = objective_noun(formulation), objectives[0]
    for forced in known.forced:
        line = _forced_line(forced, name, objective, answer.objective)
        if line:
            yield line


def _forced_line(forced: Forced, name: str, objective: Objective, best: float) -> str:
    label = f"`{one_line(forced.label)}` is 0"
    if forced.is_possible is False:
        return f"{label}: {forced.words} nothing would be feasible."
    if forced.objective is None:
        return ""
    value = _with_unit(forced.objective, objective)
    if is_same(forced.objective, best):
        return f"{label}, but a plan {forced.words} is just as good."
    by = _with_unit(abs(forced.objective - best), objective)
    return f"{label}: {forced.words}, {name} would be {value} at best, worse by {by}."


# -- where there are no values ----------------------------------------------------------------------


def _without_values(known: Known) -> Iterator[tuple[str, list[str]]]:
    from nl2opt.pipeline.answer import Status

    answer = known.answer
    yield "What happened", [answer.message] if known.runaway is None else ["The objective can improve without end."]
    if known.conflict is not None:
        yield "Why there is no answer", list(known.conflict.lines())
        wishes = wish_lines(known)
        yield "Whose demands these are", wishes
        yield "What would do", list(_repair_lines(known))
    elif known.runaway is not None:
        yield "What runs away", list(known.runaway.sentences())
    elif answer.status is Status.CLAIMED and answer.program_run is not None:
        claimed = answer.program_run.claimed_objective
        reached = "" if claimed is None else f"The program says that it reaches {number(_clear(claimed))}. "
        yield "What is claimed", [f"{reached}Nobody has checked it: the number may be wrong, and so may the plan."]


def wish_lines(known: Known) -> list[str]:
    """Say which wishes the members of a conflict come from."""
    if known.conflict is None or known.answer.formulation is None:
        return []
    elements = list(dict.fromkeys(member.element for member in known.conflict.members))
    lines: list[str] = []
    for edit in known.answer.edits:
        touched = [element for element in elements if element in _touched(edit.elements, known.answer.formulation)]
        if touched:
            names = ", ".join(f"`{element.partition('.')[2]}`" for element in touched)
            asked = "The wish" if edit.kind == "revise" else "The change"
            lines.append(f'{asked} "{one_line(edit.words)}" is behind {names}.')
    if len(lines) > 1:
        lines.append("So these exclude each other, and one of them has to give way.")
    return lines


def _touched(elements: frozenset[str], formulation: Formulation) -> set[str]:
    """Return the elements that edits touched, and the constraints that name a parameter which they touched."""
    from nl2opt.pipeline.after.targets import parameters_of

    parameters = {element.partition(".")[2] for element in elements if element.startswith("parameters.")}
    found = set(elements)
    for constraint in formulation.constraints:
        if parameters & set(parameters_of(constraint.expression, formulation)):
            found.add(f"constraints.{constraint.name}")
    return found


def _repair_lines(known: Known) -> Iterator[str]:
    if not known.repairs:
        yield "No change of these numbers was found that would do."
        return
    first, *others = known.repairs
    yield f"{'The least that has to move' if first.is_least else 'A change that would do'}: {first}"
    if others:
        yield "Each of these alone would do:"
        yield from (f"- {repair}" for repair in others)


# -- small words ------------------------------------------------------------------------------------


def _shortened(lines: Sequence[str], what: str) -> Iterator[str]:
    yield from lines[:MOST_LINES]
    if len(lines) > MOST_LINES:
        yield f"... and {number(len(lines) - MOST_LINES)} more {what}."


def _clear(value: float) -> float:
    """Return a number without the dust of arithmetic."""
    return 0.0 if abs(value) < _NOTHING else float(f"{value:.10g}")


def _with_unit(value: float, objective: Objective | None) -> str:
    return with_unit(_clear(value), objective.unit if objective is not None else "")


def _capital(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}" if text else text
