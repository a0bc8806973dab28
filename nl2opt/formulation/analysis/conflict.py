"""Which demands of a formulation exclude each other, in its own names."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field as with_default
from typing import Any, Final, Literal

import numpy as np

from nl2opt.formulation.analysis.row_words import declared_text, holds_functions, known_text, place_of_row, shown
from nl2opt.formulation.compilation.compiled import CompiledFormulation
from nl2opt.formulation.compilation.compiler import compile_formulation
from nl2opt.formulation.evaluation.constructs import ConeDemand
from nl2opt.formulation.language.parser import parse_expression
from nl2opt.formulation.language.syntax import Comprehension
from nl2opt.formulation.limits import Limits
from nl2opt.formulation.render.literals import one_line
from nl2opt.formulation.schema import Formulation
from solvers import Kind, SolveOptions
from solvers.diagnosis import ConflictSet, Member, Part, conflict_set

_SHOWN_OF_EACH: Final = 5
Side = Literal["at least", "at most", "exactly", "all"]
_ROWS: Final = (Part.ROW_LOWER, Part.ROW_UPPER)
_LOWER: Final = (Part.ROW_LOWER, Part.COLUMN_LOWER)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictMember:
    """One demand of a conflict.

    Attributes:
        element: where it stands: `constraints.demand`, `variables.make`.
        field: `expression`, `lower` or `upper`.
        name: `demand['berlin']`, or the variable of a bound: `make['chair']`.
        index: the values of the constraint's loop variables, by their names; empty for bounds.
        text: the row or bound with its numbers.
        side: which side of it counts here; `all` for a global constraint, a choice, and what holds no decision.
        value: the number of that side; `None` for `all`.
        description: of the element; may be empty.
        is_needed: whether it was shown that without it the others can be met.
        is_helper: whether it was not written, but says what a function such as `abs` in its element means.
    """

    element: str
    field: Literal["expression", "lower", "upper"]
    name: str
    index: dict[str, Any] = with_default(default_factory=dict)
    text: str
    side: Side
    value: float | None
    description: str = ""
    is_needed: bool = True
    is_helper: bool = False

    def __str__(self) -> str:
        if self.field != "expression":
            return f"{self.text}, the {self.field} bound of {self.name}"
        number = "" if self.value is None else f": {self.side} {shown(self.value)}"
        about = f" - {one_line(self.description)}" if self.description else ""
        return f"{self.name} ({self.text}){number}{about}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Demands of a formulation that exclude each other.

    Attributes:
        members: the demands, rows before bounds.
        is_irreducible: whether it was shown that without any one of them the others can be met.
        needs_integrality: whether all could be met if variables that must be whole could be fractional.
        whole: the names of the variables, without indices, that must be whole and occur in the members.
        message: how sure this is, in one sentence.
        seconds: wall clock.
    """

    members: tuple[ConflictMember, ...]
    is_irreducible: bool
    needs_integrality: bool
    whole: tuple[str, ...] = ()
    message: str
    seconds: float

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self) -> Iterator[str]:
        """Yield the conflict in plain English, one demand a line."""
        count = len(self.members)
        if count == 1:
            yield "This alone can never hold:" if not self.needs_integrality else "This alone cannot hold:"
        elif self.is_irreducible:
            yield f"These {count} cannot all hold; without any one of them the others can:"
        else:
            yield f"These {count} cannot all hold:"
        said: Counter[tuple[str, str]] = Counter()
        helpers = Counter(member.element for member in self.members if member.is_helper)
        for member in self.members:
            if member.is_helper:
                continue
            said[member.element, member.field] += 1
            if said[member.element, member.field] <= _SHOWN_OF_EACH:
                yield f"- {member}"
        for (element, part), number in said.items():
            if number > _SHOWN_OF_EACH:
                what = f"rows of {element}" if part == "expression" else f"{part} bounds of {element}"
                yield f"- ... and {number - _SHOWN_OF_EACH:,} more {what}"
        for element, number in helpers.items():
            yield f"- what the functions in {element} mean ({number:,} row{'s' * (number > 1)})"
        if self.needs_integrality:
            names = ", ".join(self.whole)
            yield f"That {names} must be whole is part of it: with fractions all could hold."
        if not self.is_irreducible:
            yield self.message

    def to_dict(self) -> dict[str, Any]:
        """Return the conflict as JSON objects."""
        return {
            "members": [
                {
                    "element": member.element, "field": member.field, "name": member.name,
                    "index": {key: _plain(label) for key, label in member.index.items()}, "text": member.text,
                    "side": member.side, "value": _finite(member.value), "description": member.description,
                    "is_needed": member.is_needed, "is_helper": member.is_helper,
                }
                for member in self.members
            ],
            "is_irreducible": self.is_irreducible,
            "needs_integrality": self.needs_integrality,
            "whole": list(self.whole),
            "message": self.message,
            "text": str(self),
            "seconds": self.seconds,
        }  # fmt: skip


def formulation_conflict(
    formulation: Formulation,
    *,
    options: SolveOptions | None = None,
    cancel: threading.Event | None = None,
    limits: Limits | None = None,
) -> Conflict | None:
    """Return demands of a formulation that exclude each other; see `solvers.diagnosis.conflict_set`.

    Raises:
        FormulationError: it has no single meaning; the findings say why.
        solvers.SolversError: no back end takes the model.
    """
    return compiled_conflict(compile_formulation(formulation, limits=limits).require(), options=options, cancel=cancel)


def compiled_conflict(
    compiled: CompiledFormulation, *, options: SolveOptions | None = None, cancel: threading.Event | None = None
) -> Conflict | None:
    """Return demands of a compiled formulation that exclude each other; `None` when there are none, or none in time.

    Raises:
        solvers.SolversError: no back end takes the model.
    """
    found = conflict_set(compiled.model, options=options or SolveOptions(), cancel=cancel)
    return None if found is None else named_conflict(compiled, found)


def named_conflict(compiled: CompiledFormulation, found: ConflictSet) -> Conflict:
    """Return a conflict set of a compiled formulation in the formulation's names."""
    return Conflict(
        members=tuple(_members(compiled, found)),
        is_irreducible=found.is_irreducible,
        needs_integrality=found.needs_integrality,
        whole=_whole(compiled, found),
        message=found.message,
        seconds=found.seconds,
    )


def _members(compiled: CompiledFormulation, found: ConflictSet) -> Iterator[ConflictMember]:
    descriptions = {f"constraints.{c.name}": c.description for c in compiled.formulation.constraints}
    expressions = {f"constraints.{c.name}": c.expression for c in compiled.formulation.constraints}
    model, members, unproven = compiled.model, set(found.members), set(found.unproven)
    for row in found.rows.tolist():
        both = [member for part in _ROWS if (member := Member(part, row)) in members]
        place = place_of_row(compiled, row)
        lower, upper = float(model.row_lower[row]), float(model.row_upper[row])
        is_exact = len(both) == 2 and lower == upper
        says_itself = place.is_choice or bool(known_text(compiled, row))
        for member in both[:1] if is_exact else both:
            is_lower = member.part in _LOWER
            yield ConflictMember(
                element=place.element,
                field="expression",
                name=place.name,
                index=place.index,
                text=_text(compiled, row, expressions.get(place.element, "")),
                side="all" if says_itself else "exactly" if is_exact else "at least" if is_lower else "at most",
                value=None if says_itself else lower if is_lower else upper,
                description=descriptions.get(place.element, ""),
                is_needed=member not in unproven,
                is_helper=place.is_helper,
            )
    for member in found.members:
        if member.part in (Part.COLUMN_LOWER, Part.COLUMN_UPPER):
            yield _bound(compiled, member, member not in unproven)
        elif member.part not in _ROWS:
            yield _construct(compiled, member, descriptions, member not in unproven)


def _text(compiled: CompiledFormulation, row: int, expression: str) -> str:
    """Return a row with its numbers; of one with functions the expression, and of one without decisions both."""
    known = known_text(compiled, row)
    if holds_functions(compiled.model, row) and expression:
        return _demanded(expression)
    return f"`{_demanded(expression)}` is {known} with its numbers" if known else declared_text(compiled, row)


def _bound(compiled: CompiledFormulation, member: Member, is_needed: bool) -> ConflictMember:
    is_lower = member.part is Part.COLUMN_LOWER
    side = compiled.model.column_lower if is_lower else compiled.model.column_upper
    name, value = compiled.model.name_of_column(member.place), float(side[member.place])
    variable = variable_of_column(compiled, member.place)
    descriptions = {declared.name: declared.description for declared in compiled.formulation.variables}
    return ConflictMember(
        element=f"variables.{variable}" if variable else name,
        field="lower" if is_lower else "upper",
        name=name,
        text=f"{name} {'>=' if is_lower else '<='} {shown(value)}",
        side="at least" if is_lower else "at most",
        value=value,
        description=descriptions.get(variable, ""),
        is_needed=is_needed,
        is_helper=not variable,
    )


def _construct(
    compiled: CompiledFormulation, member: Member, descriptions: dict[str, str], is_needed: bool
) -> ConflictMember:
    """Return a cone or a global constraint, by the name that it has."""
    if member.part is Part.GLOBAL:
        name = compiled.model.global_constraints[member.place].name
        declared = name.partition("[")[0]
    else:
        demand, row = _cone(compiled, member.place)
        name, declared = demand.label(row), demand.name
    expressions = {c.name: c.expression for c in compiled.formulation.constraints}
    element = f"constraints.{declared}" if declared in expressions else "constraints"
    return ConflictMember(
        element=element, field="expression", name=name, text=_demanded(expressions.get(declared, name)), side="all",
        value=None, description=descriptions.get(element, ""), is_needed=is_needed,
    )  # fmt: skip


def _cone(compiled: CompiledFormulation, place: int) -> tuple[ConeDemand, int]:
    """Return the demand that a cone belongs to, and its row there."""
    for demand in compiled.context.constructs.cones:
        if place < len(demand.head):
            return demand, place
        place -= len(demand.head)
    raise IndexError("the model has no such cone")


def _demanded(expression: str) -> str:
    """Return what a constraint demands, without the clauses that repeat it: the name of the member tells the index."""
    parsed = parse_expression(expression)
    root = parsed.root
    return parsed.quote(root.body) if isinstance(root, Comprehension) and root.key is None else one_line(expression)


def variable_of_column(compiled: CompiledFormulation, column: int) -> str:
    """Return the variable that a column belongs to; empty for a helper column."""
    for name, table in compiled.variables.items():
        if table.offset <= column < table.offset + table.size:
            return name
    return ""


def _whole(compiled: CompiledFormulation, found: ConflictSet) -> tuple[str, ...]:
    """Return the whole variables in the rows and bounds of a conflict."""
    model = compiled.model
    columns = [m.place for m in found.members if m.part in (Part.COLUMN_LOWER, Part.COLUMN_UPPER)]
    entries = np.isin(model.entry_rows(), found.rows) & (model.row_values != 0)
    used = np.union1d(model.row_columns[entries], np.array(columns, np.int64)).astype(np.int64)
    whole = used[model.column_kind[used] != Kind.CONTINUOUS]
    names = []
    for name, table in compiled.variables.items():
        if bool(np.any((whole >= table.offset) & (whole < table.offset + table.size))):
            names.append(name)
    return tuple(names)


def _plain(label: Any) -> Any:
    return list(label) if isinstance(label, tuple) else label


def _finite(value: float | None) -> float | None:
    return value if value is not None and np.isfinite(value) else None
