"""Checks that what is added and compared has the same unit, wherever units are stated.

What has no unit is not judged, and neither is what is multiplied by a plain number, since the number may have any.
All findings are warnings, since units are for people and change no number.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from nl2opt.formulation.checks.expression_names import Field
from nl2opt.formulation.checks.names import expression_fields
from nl2opt.formulation.checks.units import INSTALL_PINT, NO_PINT, Unit, can_read_units, read_unit
from nl2opt.formulation.findings import Finding, Severity
from nl2opt.formulation.language.parser import Expression, ExpressionError, parse_expression
from nl2opt.formulation.language.syntax import (
    Addition,
    Aggregate,
    Arithmetic,
    Call,
    Comparison,
    Comprehension,
    Conditional,
    Index,
    Name,
    Node,
    Number,
    children,
)
from nl2opt.formulation.schema import Formulation, Objective

_FEWEST: Final = 2
"""With fewer units there is nothing to compare, and pint need not be loaded."""


def unit_findings(formulation: Formulation) -> list[Finding]:
    """Return the warnings about units; none when fewer than two are stated."""
    stated = [d for part in (formulation.parameters, formulation.variables) for d in part if d.unit]
    objectives = _objectives(formulation)
    if len(stated) + sum(bool(objective.unit) for objective in objectives) < _FEWEST:
        return []
    if not can_read_units():
        message = NO_PINT.removesuffix(".")
        return [Finding(severity=Severity.WARNING, code="units_not_checked", message=message, mend=INSTALL_PINT)]
    units = {d.name: unit for d in stated if (unit := read_unit(d.unit)) is not None}
    findings: list[Finding] = []
    for field in expression_fields(formulation):
        try:
            expression = parse_expression(field.text)
        except ExpressionError:
            continue
        check = _FieldCheck(units, field, expression)
        found = check.unit(expression.root)
        wanted = units.get(field.element.partition(".")[2])
        if field.element.startswith("objective"):
            wanted = next((read_unit(o.unit) for o in objectives if o.expression == field.text), None)
        check.against(found, wanted)
        findings += check.findings
    return list(dict.fromkeys(findings))


def _objectives(formulation: Formulation) -> list[Objective]:
    objective = formulation.objective
    if isinstance(objective, list):
        return list(objective)
    return [] if objective is None else [objective]


class _FieldCheck:
    """Finds the unit of each part of one expression, and where two do not agree."""

    def __init__(self, units: dict[str, Unit], field: Field, expression: Expression) -> None:
        self.units = units
        self.field = field
        self.expression = expression
        self.findings: list[Finding] = []

    def unit(self, node: Node) -> Unit | None:
        """Return the unit of a node; `None` when it has none, or when that cannot be told."""
        match node:
            case Name() | Index():
                return self.units.get(node.name)
            case Addition():
                return self.agreed(node, [term for _, term in node.terms], "+", "what is added")
            case Arithmetic():
                return self.arithmetic(node)
            case Comparison():
                self.comparison(node)
                return None
            case Conditional():
                self.unit(node.test)
                return self.agreed(node, [node.body, node.otherwise], "or", "what two cases give")
            case Call(function="min" | "max" | "sum" | "abs" | "round" | "ceil" | "floor"):
                return self.agreed(node, node.arguments, "and", "what is put together")
            case Aggregate() | Comprehension():
                for clause in node.clauses:
                    for part in (clause.iterable, *clause.conditions):
                        self.unit(part)
                body = self.unit(node.body)
                keeps = isinstance(node, Comprehension) or node.function in ("sum", "min", "max")
                return body if keeps else None
            case _:
                for child in children(node):
                    self.unit(child)
                return None

    def arithmetic(self, node: Arithmetic) -> Unit | None:
        left, right = self.unit(node.left), self.unit(node.right)
        match node.operator, node.right:
            case (("*" | "/"), _) if left is not None and right is not None:
                return left * right ** (1 if node.operator == "*" else -1)
            case (("*" | "/"), Number(value=1.0 | -1.0)):
                return left
            case "*", _ if isinstance(node.left, Number) and abs(node.left.value) == 1:
                return right
            case "**", Number(value=power) if left is not None:
                return left**power
        return None

    def comparison(self, node: Comparison) -> None:
        sides = [self.unit(operand) for operand in node.operands]
        for one, operator, other in zip(sides, node.operators, sides[1:], strict=False):
            if one is not None and other is not None:
                self.judge(node, one, operator, other, "what is compared")

    def agreed(self, node: Node, parts: Sequence[Node], sign: str, what: str) -> Unit | None:
        """Return the unit of parts that must have the same one; those without a unit take it on."""
        units = [unit for part in parts if (unit := self.unit(part)) is not None]
        for other in units[1:]:
            if not self.judge(node, units[0], sign, other, what):
                return None
        return units[0] if units else None

    def judge(self, node: Node, one: Unit, sign: str, other: Unit, what: str) -> bool:
        """Return whether two units agree, and warn if not."""
        fault, mend = _disagreement(one, other)
        if fault:
            self.warn(f"{one} {sign} {other}: {what} {fault}", mend, self.expression.quote(node))
        return not fault

    def against(self, found: Unit | None, wanted: Unit | None) -> None:
        """Warn when an expression has another unit than the element that it belongs to."""
        if found is None or wanted is None:
            return
        fault, mend = _disagreement(found, wanted)
        if fault:
            part = self.field.element.partition(".")[0].removesuffix("s")
            self.warn(f"the expression is in {found}, the {part} in {wanted}", mend, self.field.text)

    def warn(self, message: str, mend: str, text: str) -> None:
        finding = Finding(
            severity=Severity.WARNING,
            code="units",
            element=self.field.element,
            field=self.field.field,
            message=message,
            text=" ".join(text.split()),
            mend=mend,
        )
        self.findings.append(finding)


def _disagreement(one: Unit, other: Unit) -> tuple[str, str]:
    """Return what is wrong between two units and what to do; two empty texts when they agree."""
    if one.dimensions != other.dimensions:
        return "has different units", "Is a factor missing, or a unit wrong?"
    if math.isclose(one.scale, other.scale, rel_tol=1e-9):
        return "", ""
    large, small = (one, other) if one.scale > other.scale else (other, one)
    fault = "is of one dimension on two scales, and numbers are not converted"
    return fault, f"Multiply what is in `{large}` by {large.scale / small.scale:.9g} to have it in `{small}`."
