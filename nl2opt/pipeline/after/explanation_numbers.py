"""The numbers that an explanation of an answer may hold, in groups that belong together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from nl2opt.formulation.analysis.sensitivity import ConstraintRow, VariableEntry
from nl2opt.formulation.checks.names import expression_fields
from nl2opt.formulation.compilation.compiled import CompiledFormulation
from nl2opt.formulation.language.parser import ExpressionError, parse_expression
from nl2opt.formulation.language.syntax import Number, walk
from nl2opt.formulation.schema import Formulation
from nl2opt.pipeline.after.explanation_words import MOST_ENTRIES, MOST_LINES
from nl2opt.pipeline.after.known import Known
from nl2opt.verification.explanation_numbers import KnownNumbers, NumberGroup
from solvers.sensitivity import MOST_ROWS


def known_numbers(known: Known) -> KnownNumbers:
    """Return every number of the data, the solution and its sensitivity, and the names whose digits are none."""
    groups = list(_of_answer(known))
    words: list[str] = [known.answer.solver]
    if known.answer.formulation is not None:
        words += _texts(known.answer.formulation)
        groups += _of_expressions(known.answer.formulation)
    words += [edit.words for edit in known.answer.edits]
    if known.compiled is not None:
        groups += _of_data(known.compiled)
        words += _labels(known.compiled)
    if known.sensitivity is not None:
        groups += _of_sensitivity(known)
    groups += _of_failure(known)
    return KnownNumbers(tuple(groups), tuple(dict.fromkeys(words)))


def _of_answer(known: Known) -> Iterator[NumberGroup]:
    answer = known.answer
    gap = None if answer.gap is None else 100.0 * answer.gap
    before = [edit.parent_objective for edit in answer.edits]
    forced = [forced.objective for forced in known.forced]
    objectives = [answer.objective, answer.bound, *answer.objectives.values(), *before, *forced]
    yield NumberGroup.of("the objective", objectives)
    yield NumberGroup.of("the gap", [gap, answer.gap], derives=False)
    if answer.values is not None:
        for name in answer.values:
            yield NumberGroup.of(f"variable {name}", [value for _, value in answer.values.entries(name)])
    if answer.program_run is not None:
        run = answer.program_run
        yield NumberGroup.of("the program", [run.claimed_objective, run.solved_objective])


def _of_expressions(formulation: Formulation) -> Iterator[NumberGroup]:
    for field in expression_fields(formulation):
        try:
            root = parse_expression(field.text).root
        except ExpressionError:
            continue
        yield NumberGroup.of(field.element, [node.value for node in walk(root) if isinstance(node, Number)])
    for variable in formulation.variables:
        bounds = [bound for bound in (variable.lower, variable.upper) if isinstance(bound, int | float)]
        yield NumberGroup.of(f"bounds of {variable.name}", bounds)


def _of_data(compiled: CompiledFormulation) -> Iterator[NumberGroup]:
    for name, table in compiled.context.parameters.items():
        yield NumberGroup(f"parameter {name}", np.asarray(table.values, np.float64))
    for name, elements in compiled.context.sets.items():
        numeric = [float(label) for label in _flat(elements.labels()) if str(label).strip().lstrip("-").isdigit()]
        yield NumberGroup.of(f"set {name}", numeric, derives=False)
        yield NumberGroup.of(f"size of {name}", [elements.size], derives=False)
    model = compiled.model
    yield NumberGroup("coefficients", model.row_values, derives=False)
    if model.quadratic_rows is not None:
        yield NumberGroup("coefficients", model.quadratic_rows.coefficient, derives=False)
    sides = np.concatenate([model.row_lower, model.row_upper])
    yield NumberGroup("sides", sides, derives=False)
    for name, place in compiled.variables.items():
        columns = slice(place.offset, place.offset + place.size)
        bounds = np.concatenate([model.column_lower[columns], model.column_upper[columns]])
        yield NumberGroup(f"bounds of {name}", bounds)
        yield NumberGroup(f"coefficients of {name}", model.objective[columns])
    yield NumberGroup.of("the constant of the objective", [model.objective_constant], derives=False)


def _of_sensitivity(known: Known) -> Iterator[NumberGroup]:
    found, compiled = known.sensitivity, known.compiled
    assert found is not None
    assert compiled is not None
    rows: dict[str, list[float | None]] = {}
    binding = sum(row.is_binding for row in found.constraints)
    counts = [MOST_ROWS, 1, binding, len(found.constraints) - binding]
    for row in found.constraints:
        rows.setdefault(row.name, []).extend(_of_row(row))
    yield from (NumberGroup.of(f"constraint {name}", values) for name, values in rows.items())
    entries: dict[str, list[float | None]] = {}
    for entry in found.variables:
        entries.setdefault(entry.name, []).extend(_of_entry(entry))
    yield from (NumberGroup.of(f"worth of {name}", values) for name, values in entries.items())
    counts += [sum(entry.value == 0 for entry in found.variables), len(found.variables)]
    x = found.solution.values
    if x is not None:
        shares = compiled.model.objective[: compiled.n_declared] * x[: compiled.n_declared]
        yield NumberGroup("parts of the objective", np.append(shares, known.answer.objective or 0.0))
    for name in compiled.variables:
        values = [entry.value for entry in found.variables if entry.name == name]
        counts += [sum(value == 0 for value in values), sum(value != 0 for value in values)]
    left_out = [count - shown for count in counts for shown in (MOST_LINES, MOST_ENTRIES)]
    yield NumberGroup.of("counts", [float(count) for count in (*counts, *left_out)], derives=False)


def _of_row(row: ConstraintRow) -> list[float | None]:
    return [
        row.left, row.right, row.slack, row.price_up, row.price_down, row.lower, row.upper, row.step, row.change_up,
        row.change_down,
    ]  # fmt: skip


def _of_entry(entry: VariableEntry) -> list[float | None]:
    return [entry.value, entry.reduced_cost, entry.cost, entry.cost_lower, entry.cost_upper]


def _of_failure(known: Known) -> Iterator[NumberGroup]:
    if known.conflict is not None:
        members = known.conflict.members
        yield NumberGroup.of("the conflict", [member.value for member in members])
        yield NumberGroup.of("counts", [float(len(members))], derives=False)
    for repair in known.repairs:
        moves = [number for move in repair.moves for number in (move.old, move.new, move.amount)]
        yield NumberGroup.of("a repair", [*moves, repair.amount])
        yield NumberGroup.of("a repair", [repair.objective], derives=False)
    if known.runaway is not None:
        rates = [variable.rate for variable in known.runaway.variables]
        yield NumberGroup.of("what runs away", [*rates, known.runaway.objective])
        yield NumberGroup.of("counts", [float(len(rates))], derives=False)


def _texts(formulation: Formulation) -> Iterator[str]:
    """Yield the texts that an explanation may quote."""
    yield formulation.title
    for part in (formulation.sets, formulation.parameters, formulation.variables, formulation.constraints):
        for element in part:
            yield element.name
            yield getattr(element, "description", "")
            yield getattr(element, "source", "")
            yield getattr(element, "unit", "")
            description = getattr(element, "description", "").strip()
            yield f"{description[:1].upper()}{description[1:]}".rstrip(".")
    for objective in formulation.objectives:
        yield from (objective.name, objective.description, objective.unit)


def _labels(compiled: CompiledFormulation) -> Iterator[str]:
    """Yield the elements of sets that are words with digits in them."""
    for elements in compiled.context.sets.values():
        for label in _flat(elements.labels()):
            if isinstance(label, str) and not label.strip().isdigit():
                yield label


def _flat(labels: list[Any]) -> Iterator[Any]:
    for label in labels:
        yield from label if isinstance(label, tuple) else (label,)
