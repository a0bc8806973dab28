"""Checks the names of one expression: unknown, hidden and misused ones, with the loop variables that each node sees."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nl2opt.formulation.checks.lookalikes import look_alike, strange_letter
from nl2opt.formulation.findings import Finding, Severity, did_you_mean
from nl2opt.formulation.language.parser import Expression
from nl2opt.formulation.language.syntax import (
    NEIGHBOURS,
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
from nl2opt.formulation.schema import RESERVED_NAMES

if TYPE_CHECKING:
    from nl2opt.formulation.checks.names import NameChecker


@dataclass(frozen=True, slots=True)
class Field:
    """A field that holds an expression: where it stands, and its text."""

    element: str
    field: str
    text: str
    loop_variables: tuple[str, ...] = ()


class FieldChecker:
    """Checks the names of one expression, with the loop variables that are visible at each node."""

    def __init__(self, names: NameChecker, field: Field, expression: Expression) -> None:
        self.names = names
        self.field = field
        self.expression = expression

    def check(self) -> None:
        """Add what is wrong to the findings."""
        scope = frozenset(self.field.loop_variables)
        if scope:
            mentioned = {node.name for node in walk(self.expression.root) if isinstance(node, Name)}
            for name in self.field.loop_variables:
                if name in mentioned:
                    self._hidden(name, None, frozenset())
        if self.field.element.startswith("sets."):
            self._iterable(self.expression.root, scope)
        else:
            self._visit(self.expression.root, scope)

    def _add(self, code: str, message: str, node: Node | Clause | None, mend: str = "") -> None:
        text = self.expression.quote(node) if node is not None else ""
        finding = Finding(
            code=code,
            element=self.field.element,
            field=self.field.field,
            message=message,
            text=text,
            mend=mend,
        )
        if finding not in self.names.said:
            self.names.said.add(finding)
            self.names.findings.append(finding)

    def _hidden(self, name: str, clause: Clause | None, scope: frozenset[str]) -> None:
        names = self.names
        is_set = name in names.sets or name in names.families
        kind = "set" if is_set else "parameter" if name in names.parameters else "variable"
        if name in RESERVED_NAMES or name.startswith("__"):
            self._add("hidden_name", f"`{name}` has a meaning of its own in expressions", clause, "Rename it.")
        elif is_set or name in names.parameters or name in names.variables:
            mend = "Rename it." if clause is not None else "Name the variable's indices by `as`."
            self._add("hidden_name", f"the loop variable `{name}` hides the {kind} `{name}`", clause, mend)
        elif name in scope:
            self._add("hidden_name", f"the loop variable `{name}` hides an outer one", clause, "Rename it.")

    def _visit(self, node: Node, scope: frozenset[str]) -> None:
        match node:
            case Aggregate() | Comprehension():
                self._visit(node.body, self._clauses(node, scope))
            case Call() if node.function == "len" or node.function in ORDERED:
                sets = 1 if node.function in ("ord", *NEIGHBOURS) else len(node.arguments)
                for place, argument in enumerate(node.arguments):
                    (self._iterable if place < sets else self._visit)(argument, scope)
            case SetOperation():
                word = "or" if node.operator == "|" else "and"
                message = f"`{node.operator}` joins sets, and no set is expected here"
                self._add("set_operator", message, node, f"Write `{word}` between conditions.")
            case Comparison():
                self._comparison(node, scope)
            case Name():
                self._name(node, scope)
            case Index():
                self._indexed(node, scope)
                for index in node.indices:
                    self._visit(index, scope)
            case _:
                for child in children(node):
                    self._visit(child, scope)

    def _clauses(self, node: Aggregate | Comprehension, scope: frozenset[str]) -> frozenset[str]:
        """Check the clauses, and the key of a mapping; return the loop variables that its body sees."""
        for clause in node.clauses:
            self._iterable(clause.iterable, scope)
            for target in clause.targets:
                self._hidden(target, clause, scope)
            scope = scope | set(clause.targets)
            for condition in clause.conditions:
                self._visit(condition, scope)
        if isinstance(node, Comprehension) and node.key is not None:
            self._visit(node.key, scope)
        return scope

    def _comparison(self, node: Comparison, scope: frozenset[str]) -> None:
        self._visit(node.operands[0], scope)
        for operator, operand in zip(node.operators, node.operands[1:], strict=True):
            if operator in ("in", "not in"):
                self._iterable(operand, scope)
            else:
                self._visit(operand, scope)
        for operand in node.operands:
            if isinstance(operand, Text):
                self._compared_text(operand, node)

    def _compared_text(self, literal: Text, comparison: Comparison) -> None:
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

    def _iterable(self, node: Node, scope: frozenset[str]) -> None:
        """Check a node that must be a set."""
        match node:
            case Name():
                self._set_name(node, scope)
            case Index():
                self._family(node)
                for index in node.indices:
                    self._visit(index, scope)
            case SetOperation():
                self._iterable(node.left, scope)
                self._iterable(node.right, scope)
            case Addition():
                for _, term in node.terms:
                    self._iterable(term, scope)
            case Comprehension() if node.key is not None:  # a family: the values are sets
                self._iterable(node.body, self._clauses(node, scope))
            case _:
                self._visit(node, scope)

    def _set_name(self, node: Name, scope: frozenset[str]) -> None:
        names, name = self.names, node.name
        names.used[name] += 1
        if name in names.families:
            self._add("needs_index", names.family(name), node, f"Write `{name}[...]`.")
        elif name not in names.sets:
            mend = self._mend_name(name, names.sets) or "Declare it in `sets`."
            self._add("unknown_set", f"there is no set `{name}`", node, mend)

    def _family(self, node: Index) -> None:
        names, name = self.names, node.name
        names.used[name] += 1
        if name in names.families:
            return
        if name in names.sets:
            self._add("not_indexable", f"`{name}` has no indices", node, f"Write `{name}` alone.")
        elif name in names.parameters or name in names.variables:
            kind = "parameter" if name in names.parameters else "variable"
            self._add("not_a_set", f"`{name}` is a {kind}, and a set is expected here", node)
        else:
            mend = self._mend_name(name, names.families) or "Declare it in `sets`, with an `index`."
            self._add("unknown_set", f"there is no family of sets `{name}`", node, mend)

    def _mend_name(self, name: str, known: Iterable[str]) -> str:
        """Say what an unknown name was probably meant to be."""
        known = list(known)
        twin = look_alike(name, known)
        if twin is None:
            return did_you_mean(name, known)
        return f"Did you mean `{twin}`? It looks the same, but one has the letter {strange_letter(name, twin)}."

    def _name(self, node: Name, scope: frozenset[str]) -> None:
        names, name = self.names, node.name
        names.used[name] += 1
        if name in scope:
            return
        declared = names.parameters.get(name) or names.variables.get(name)
        if declared is not None:
            self._not_a_decision(node)
            if declared.index:
                indices = ", ".join(declared.index)
                self._add("needs_index", f"`{name}` is indexed by {indices}", node, f"Write `{name}[...]`.")
        elif name in names.sets or name in names.families:
            self._add("set_as_number", f"the set `{name}` stands where a number is expected", node)
        elif name in names.element_owners:
            mend = f"Write it in quotes: `'{name}'`."
            self._add("unknown_name", f"`{name}` is an element of `{names.element_owners[name]}`", node, mend)
        else:
            known = [*names.parameters, *names.variables, *scope]
            mend = self._mend_own(name) or self._mend_name(name, known)
            self._add("unknown_name", f"there is no `{name}`", node, mend)

    def _mend_own(self, name: str) -> str:
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

    def _indexed(self, node: Index, scope: frozenset[str]) -> None:
        names, name = self.names, node.name
        names.used[name] += 1
        declared = names.parameters.get(name) or names.variables.get(name)
        if declared is None:
            if name in names.families:
                self._add("set_as_number", f"the set `{name}` stands where a number is expected", node)
            elif name in names.sets or name in scope:
                self._add("not_indexable", f"`{name}` has no indices", node)
            else:
                mend = self._mend_name(name, [*names.parameters, *names.variables])
                self._add("unknown_name", f"there is no `{name}`", node, mend)
            return
        self._not_a_decision(node)
        if not declared.index:
            self._add("not_indexable", f"`{name}` has no indices", node, f"Write `{name}` alone.")

    def _not_a_decision(self, node: Name | Index) -> None:
        """Refuse decision variables in sets, parameters and bounds, which must be known beforehand."""
        part = self.field.element.split(".")[0]
        if node.name in self.names.variables and part not in ("objective", "constraints"):
            message = f"`{node.name}` is a decision variable, and a known value is expected here"
            mend = "Write a constraint instead." if part == "variables" else ""
            self._add("variable_as_constant", message, node, mend)
