"""Static check of names: every unknown, doubled, hidden or misused name of a formulation, all at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from typing import Any, Literal

from nl2opt.formulation.checks.expression_names import Field, FieldChecker
from nl2opt.formulation.checks.lookalikes import look_alike, strange_letter
from nl2opt.formulation.findings import Finding, Severity, did_you_mean
from nl2opt.formulation.language.parser import ExpressionError, parse_expression
from nl2opt.formulation.language.syntax import Index, Name, walk
from nl2opt.formulation.objectives import objective_elements
from nl2opt.formulation.schema import Formulation, Parameter, Set, Variable

Kind = Literal["set", "parameter", "variable"]


def expression_fields(formulation: Formulation) -> Iterator[Field]:
    """Yield every field of a formulation that holds an expression, in the order of the formulation."""
    for declared in formulation.sets:
        if isinstance(declared.elements, str):
            yield Field(f"sets.{declared.name}", "elements", declared.elements)
    for parameter in formulation.parameters:
        if isinstance(parameter.value, str):
            yield Field(f"parameters.{parameter.name}", "value", parameter.value)
    for variable in formulation.variables:
        for side in ("lower", "upper"):
            bound = getattr(variable, side)
            if isinstance(bound, str) and infinite_bound(bound) is None:
                loop_variables = own_indices(variable, formulation)
                yield Field(f"variables.{variable.name}", side, bound, loop_variables)
    for element, objective in objective_elements(formulation):
        yield Field(element, "expression", objective.expression)
    for constraint in formulation.enabled_constraints:
        yield Field(f"constraints.{constraint.name}", "expression", constraint.expression)


def infinite_bound(text: str) -> float | None:
    """Return the bound that a text such as "-inf" means; `None` when it is an expression."""
    word = text.strip().lower().lstrip("+")
    if word in ("inf", "infinity", "-inf", "-infinity"):
        return -float("inf") if word.startswith("-") else float("inf")
    return None


def own_indices(variable: Variable, formulation: Formulation) -> tuple[str, ...]:
    """Return the names by which a variable's bounds call its own indices.

    They are those of `as`, one for each component of the sets' elements; left out, the names of the sets in
    lower case, one for each set, numbered when one repeats.
    """
    if variable.as_ is not None:
        return tuple(variable.as_)
    names: list[str] = []
    for set_name in variable.index:
        name = plain = set_name.lower()
        number = 1
        while name in names:
            number += 1
            name = f"{plain}{number}"
        names.append(name)
    return tuple(names)


def _leaves(elements: Any) -> Iterator[Any]:
    """Yield what stands in lists and objects of elements, components of tuples too."""
    stack = [elements]
    while stack:
        part = stack.pop()
        if isinstance(part, dict):
            stack += part.values()
        elif isinstance(part, list | tuple):
            stack += part
        else:
            yield part


class NameChecker:
    """Finds what is wrong with the names of one formulation."""

    def __init__(self, formulation: Formulation) -> None:
        self.formulation = formulation
        self.findings: list[Finding] = []
        self.said: set[Finding] = set()
        self.used: Counter[str] = Counter()
        self.sets = {declared.name: declared for declared in formulation.sets if not declared.index}
        self.families = {declared.name: declared for declared in formulation.sets if declared.index}
        self.parameters = {declared.name: declared for declared in formulation.parameters}
        self.variables = {declared.name: declared for declared in formulation.variables}

    @cached_property
    def element_owners(self) -> dict[str, str]:
        """Which set a text element belongs to; only small sets, for the messages."""
        return {
            element: declared.name
            for declared in self.formulation.sets
            if isinstance(declared.elements, list) and not declared.index and len(declared.elements) <= 1000
            for element in declared.elements
            if isinstance(element, str)
        }

    @cached_property
    def element_texts(self) -> frozenset[str] | None:
        """Every element as text, components of tuples too; `None` when an expression gives some of them."""
        if any(isinstance(declared.elements, str) for declared in self.formulation.sets):
            return None
        return frozenset(str(part) for declared in self.formulation.sets for part in _leaves(declared.elements))

    def check(self) -> list[Finding]:
        """Return the findings: of the declarations first, then of each expression."""
        self.doubled_names()
        self.indices()
        for field in expression_fields(self.formulation):
            try:
                expression = parse_expression(field.text)
            except ExpressionError as error:
                self.findings.append(_unreadable(error, field))
                continue
            FieldChecker(self, field, expression).check()
        self.switched_off()
        self.unused()
        return self.findings

    def switched_off(self) -> None:
        """Count what stands in constraints that are switched off as used; nothing else in them matters."""
        for constraint in self.formulation.constraints:
            if not constraint.enabled:
                try:
                    root = parse_expression(constraint.expression).root
                except ExpressionError:
                    continue
                self.used.update(node.name for node in walk(root) if isinstance(node, Name | Index))

    def doubled_names(self) -> None:
        """Find names that are declared twice."""
        first: dict[str, str] = {}
        groups: tuple[tuple[str, list[str]], ...] = (
            ("sets", [d.name for d in self.formulation.sets]),
            ("parameters", [d.name for d in self.formulation.parameters]),
            ("variables", [d.name for d in self.formulation.variables]),
        )
        for part, names in groups:
            for name in names:
                if name in first:
                    message = f"the name `{name}` is used twice, in {first[name]} and in {part}"
                    self.findings.append(
                        Finding(
                            code="name_clash",
                            element=f"{part}.{name}",
                            message=message,
                            mend="Rename one of them.",
                        )
                    )
                first.setdefault(name, part)
        for name in first:
            twin = None if name.isascii() else look_alike(name, first)
            if twin is not None and (twin.isascii() or twin > name):
                letter = strange_letter(name, twin)
                message = f"the names `{twin}` and `{name}` look the same, but one has the letter {letter}"
                element = f"{first[name]}.{name}"
                self.findings.append(Finding(code="name_clash", element=element, message=message, mend="Rename it."))
        counts = Counter(constraint.name for constraint in self.formulation.constraints)
        for name, count in counts.items():
            if count > 1:
                message = f"{count} constraints have the name `{name}`"
                self.findings.append(
                    Finding(code="name_clash", element=f"constraints.{name}", message=message, mend="Rename them.")
                )

    def indices(self) -> None:
        """Check the `index` and `as` of parameters and variables."""
        declared: list[tuple[str, Set | Parameter | Variable]] = [
            *(("sets", family) for family in self.families.values()),
            *(("parameters", parameter) for parameter in self.formulation.parameters),
            *(("variables", variable) for variable in self.formulation.variables),
        ]
        for part, element in declared:
            for name in element.index:
                self.used[name] += 1
                if name in self.families:
                    self.findings.append(self.family_as_index(name, f"{part}.{element.name}"))
                elif name not in self.sets:
                    self.findings.append(
                        Finding(
                            code="unknown_set",
                            element=f"{part}.{element.name}",
                            field="index",
                            message=f"there is no set `{name}`",
                            mend=did_you_mean(name, self.sets) or "Declare it in `sets`.",
                        )
                    )
        for variable in self.formulation.variables:
            if variable.as_ is not None and len(set(variable.as_)) < len(variable.as_):
                message = f"a name stands twice in `as`: {', '.join(variable.as_)}"
                self.findings.append(
                    Finding(
                        code="name_clash",
                        element=f"variables.{variable.name}",
                        field="as",
                        message=message,
                        mend="Rename one of them.",
                    )
                )

    def family_as_index(self, name: str, element: str) -> Finding:
        """Say that a family of sets is no index, and what is."""
        index = self.families[name].index
        letters = [f"{letter}" for letter in "iklmn"[: len(index)]] if len(index) <= 5 else ["i"]
        clauses = " ".join(f"for {letter} in {set_name}" for letter, set_name in zip(letters, index, strict=False))
        own = ", ".join(letters)
        pairs = f"[({own}, j) {clauses} for j in {name}[{own}]]"
        return Finding(
            code="family_as_index",
            element=element,
            field="index",
            message=f"{self.family(name)}, and cannot be an index",
            mend=f"Declare a set of tuples, such as `{pairs}`, and use that.",
        )

    def family(self, name: str) -> str:
        """Say what a family of sets is."""
        return f"`{name}` is a family of sets, one for each element of {', '.join(self.families[name].index)}"

    def unused(self) -> None:
        """Warn of parameters and variables that stand in no expression."""
        for part, names in (("parameters", self.parameters), ("variables", self.variables)):
            for name in names:
                if not self.used[name]:
                    self.findings.append(
                        Finding(
                            severity=Severity.WARNING,
                            code=f"unused_{part.removesuffix('s')}",
                            element=f"{part}.{name}",
                            message="it stands in no expression",
                        )
                    )


def _unreadable(error: ExpressionError, field: Field) -> Finding:
    """Say that an expression cannot be read; a number with signs or units in quotes is the usual reason."""
    if field.element.startswith("parameters.") and not any(sign in field.text for sign in "+-*/([{"):
        return Finding(
            code="not_a_number",
            element=field.element,
            field=field.field,
            message=f"`{_short(field.text)}` is not a number",
            text=_short(field.text),
            mend="Write it without quotes, signs and units.",
        )
    return error_finding(error, field.element, field.field)


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."


def error_finding(error: ExpressionError, element: str, field: str) -> Finding:
    """Turn an error of an expression into a finding about the element and field that hold it."""
    return Finding(
        code=error.code,
        element=element,
        field=field,
        message=error.message,
        text=error.text,
        where=error.where,
        mend=error.mend,
    )
