"""Static check of names: every unknown, doubled, hidden or misused name of a formulation, all at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from nl2opt.formulation.findings import Finding, Severity, did_you_mean
from nl2opt.formulation.lookalikes import look_alike, strange_letter
from nl2opt.formulation.parser import Expression, ExpressionError, parse_expression
from nl2opt.formulation.schema import RESERVED_NAMES, Formulation, Parameter, Set, Variable
from nl2opt.formulation.syntax import (
    ORDERED,
    Addition,
    Aggregate,
    Call,
    Clause,
    Comparison,
    Comprehension,
    Index,
    Name,
    Node,
    SetOperation,
    Text,
    children,
    walk,
)

Kind = Literal["set", "parameter", "variable"]


@dataclass(frozen=True, slots=True)
class Field:
    """A field that holds an expression: where it stands, and its text."""

    element: str
    field: str
    text: str
    loop_variables: tuple[str, ...] = ()


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
    if formulation.objective is not None:
        yield Field("objective", "expression", formulation.objective.expression)
    for constraint in formulation.constraints:
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
        name = set_name.lower()
        names.append(name if name not in names else f"{name}{names.count(name) + 1}")
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
            _FieldChecker(self, field, expression).check()
        self.unused()
        return self.findings

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


class _FieldChecker:
    """Checks the names of one expression, with the loop variables that are visible at each node."""

    def __init__(self, names: NameChecker, field: Field, expression: Expression) -> None:
        self.names = names
        self.field = field
        self.expression = expression

    def check(self) -> None:
        scope = frozenset(self.field.loop_variables)
        if scope:
            mentioned = {node.name for node in walk(self.expression.root) if isinstance(node, Name)}
            for name in self.field.loop_variables:
                if name in mentioned:
                    self.hidden(name, None, frozenset())
        if self.field.element.startswith("sets."):
            self.iterable(self.expression.root, scope)
        else:
            self.visit(self.expression.root, scope)

    def add(self, code: str, message: str, node: Node | Clause | None, mend: str = "") -> None:
        text = self.expression.quote(node) if node is not None else ""
        finding = Finding(
            code=code,
            element=self.field.element,
            field=self.field.field,
            message=message,
            text=text,
            mend=mend,
        )
        if finding not in self.names.findings:
            self.names.findings.append(finding)

    def hidden(self, name: str, clause: Clause | None, scope: frozenset[str]) -> None:
        names = self.names
        is_set = name in names.sets or name in names.families
        kind = "set" if is_set else "parameter" if name in names.parameters else "variable"
        if name in RESERVED_NAMES or name.startswith("__"):
            self.add("hidden_name", f"`{name}` has a meaning of its own in expressions", clause, "Rename it.")
        elif is_set or name in names.parameters or name in names.variables:
            mend = "Rename it." if clause is not None else "Name the variable's indices by `as`."
            self.add("hidden_name", f"the loop variable `{name}` hides the {kind} `{name}`", clause, mend)
        elif name in scope:
            self.add("hidden_name", f"the loop variable `{name}` hides an outer one", clause, "Rename it.")

    def visit(self, node: Node, scope: frozenset[str]) -> None:
        match node:
            case Aggregate() | Comprehension():
                self.visit(node.body, self.clauses(node, scope))
            case Call() if node.function == "len" or node.function in ORDERED:
                sets = 1 if node.function in ("next", "ord", "prev") else len(node.arguments)
                for place, argument in enumerate(node.arguments):
                    (self.iterable if place < sets else self.visit)(argument, scope)
            case SetOperation():
                word = "or" if node.operator == "|" else "and"
                message = f"`{node.operator}` joins sets, and no set is expected here"
                self.add("set_operator", message, node, f"Write `{word}` between conditions.")
            case Comparison():
                self.comparison(node, scope)
            case Name():
                self.name(node, scope)
            case Index():
                self.indexed(node, scope)
                for index in node.indices:
                    self.visit(index, scope)
            case _:
                for child in children(node):
                    self.visit(child, scope)

    def clauses(self, node: Aggregate | Comprehension, scope: frozenset[str]) -> frozenset[str]:
        """Check the clauses, and the key of a mapping; return the loop variables that its body sees."""
        for clause in node.clauses:
            self.iterable(clause.iterable, scope)
            for target in clause.targets:
                self.hidden(target, clause, scope)
            scope = scope | set(clause.targets)
            for condition in clause.conditions:
                self.visit(condition, scope)
        if isinstance(node, Comprehension) and node.key is not None:
            self.visit(node.key, scope)
        return scope

    def comparison(self, node: Comparison, scope: frozenset[str]) -> None:
        self.visit(node.operands[0], scope)
        for operator, operand in zip(node.operators, node.operands[1:], strict=True):
            if operator in ("in", "not in"):
                self.iterable(operand, scope)
            else:
                self.visit(operand, scope)
        for operand in node.operands:
            if isinstance(operand, Text):
                self.compared_text(operand, node)

    def compared_text(self, literal: Text, comparison: Comparison) -> None:
        """Warn of a comparison with a text that is no element: it is always false, or always true."""
        known = self.names.element_texts
        if known is not None and literal.value not in known:
            self.names.findings.append(
                Finding(
                    severity=Severity.WARNING,
                    code="unknown_element",
                    element=self.field.element,
                    field=self.field.field,
                    message=f"no set has the element `{literal.value}`",
                    text=self.expression.quote(comparison),
                    mend=did_you_mean(literal.value, sorted(known)[:1000]),
                )
            )

    def iterable(self, node: Node, scope: frozenset[str]) -> None:
        """Check a node that must be a set."""
        match node:
            case Name():
                self.set_name(node, scope)
            case Index():
                self.family(node)
                for index in node.indices:
                    self.visit(index, scope)
            case SetOperation():
                self.iterable(node.left, scope)
                self.iterable(node.right, scope)
            case Addition():
                for _, term in node.terms:
                    self.iterable(term, scope)
            case Comprehension() if node.key is not None:  # a family: the values are sets
                self.iterable(node.body, self.clauses(node, scope))
            case _:
                self.visit(node, scope)

    def set_name(self, node: Name, scope: frozenset[str]) -> None:
        names, name = self.names, node.name
        names.used[name] += 1
        if name in names.families:
            self.add("needs_index", names.family(name), node, f"Write `{name}[...]`.")
        elif name not in names.sets:
            mend = self.mend_name(name, names.sets) or "Declare it in `sets`."
            self.add("unknown_set", f"there is no set `{name}`", node, mend)

    def family(self, node: Index) -> None:
        names, name = self.names, node.name
        names.used[name] += 1
        if name in names.families:
            return
        if name in names.sets:
            self.add("not_indexable", f"`{name}` has no indices", node, f"Write `{name}` alone.")
        elif name in names.parameters or name in names.variables:
            kind = "parameter" if name in names.parameters else "variable"
            self.add("not_a_set", f"`{name}` is a {kind}, and a set is expected here", node)
        else:
            mend = self.mend_name(name, names.families) or "Declare it in `sets`, with an `index`."
            self.add("unknown_set", f"there is no family of sets `{name}`", node, mend)

    def mend_name(self, name: str, known: Iterable[str]) -> str:
        """Say what an unknown name was probably meant to be."""
        known = list(known)
        twin = look_alike(name, known)
        if twin is None:
            return did_you_mean(name, known)
        return f"Did you mean `{twin}`? It looks the same, but one has the letter {strange_letter(name, twin)}."

    def name(self, node: Name, scope: frozenset[str]) -> None:
        names, name = self.names, node.name
        names.used[name] += 1
        if name in scope:
            return
        declared = names.parameters.get(name) or names.variables.get(name)
        if declared is not None:
            self.not_a_decision(node)
            if declared.index:
                indices = ", ".join(declared.index)
                self.add("needs_index", f"`{name}` is indexed by {indices}", node, f"Write `{name}[...]`.")
        elif name in names.sets or name in names.families:
            self.add("set_as_number", f"the set `{name}` stands where a number is expected", node)
        elif name in names.element_owners:
            mend = f"Write it in quotes: `'{name}'`."
            self.add("unknown_name", f"`{name}` is an element of `{names.element_owners[name]}`", node, mend)
        else:
            known = [*names.parameters, *names.variables, *scope]
            self.add("unknown_name", f"there is no `{name}`", node, self.mend_own(name) or self.mend_name(name, known))

    def mend_own(self, name: str) -> str:
        """Say how a bound names its variable's own indices; empty when the name is not meant for one."""
        part, _, owner = self.field.element.partition(".")
        variable = self.names.variables.get(owner)
        if part != "variables" or variable is None or variable.as_ is not None or len(variable.index) == 0:
            return ""
        if look_alike(name, self.field.loop_variables) or len(name) > 2:
            return ""
        letters = [name, *(letter for letter in "ijklmn" if letter != name)][: len(variable.index)]
        stated = ", ".join(f'"{letter}"' for letter in letters)
        return f'Name the variable\'s indices, as in `"as": [{stated}]`.'

    def indexed(self, node: Index, scope: frozenset[str]) -> None:
        names, name = self.names, node.name
        names.used[name] += 1
        declared = names.parameters.get(name) or names.variables.get(name)
        if declared is None:
            if name in names.families:
                self.add("set_as_number", f"the set `{name}` stands where a number is expected", node)
            elif name in names.sets or name in scope:
                self.add("not_indexable", f"`{name}` has no indices", node)
            else:
                mend = self.mend_name(name, [*names.parameters, *names.variables])
                self.add("unknown_name", f"there is no `{name}`", node, mend)
            return
        self.not_a_decision(node)
        if not declared.index:
            self.add("not_indexable", f"`{name}` has no indices", node, f"Write `{name}` alone.")

    def not_a_decision(self, node: Name | Index) -> None:
        """Refuse decision variables in sets, parameters and bounds, which must be known beforehand."""
        part = self.field.element.split(".")[0]
        if node.name in self.names.variables and part not in ("objective", "constraints"):
            message = f"`{node.name}` is a decision variable, and a known value is expected here"
            mend = "Write a constraint instead." if part == "variables" else ""
            self.add("variable_as_constant", message, node, mend)


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
