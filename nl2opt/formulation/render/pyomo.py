"""Renders a formulation as a Pyomo program: data at the top, then the model, then the solve.

The program is built from validated identifiers, literals and nodes of the expression language. Text of people
and language models stands in comments and string literals only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from nl2opt.formulation.compiler import CompiledFormulation, compile_formulation
from nl2opt.formulation.elements import SetTable
from nl2opt.formulation.names import infinite_bound, own_indices
from nl2opt.formulation.parser import parse_expression
from nl2opt.formulation.precedence import ADDITION
from nl2opt.formulation.render.literals import comment_text, element_literal, number_literal, text_literal
from nl2opt.formulation.render.names import ProgramNames
from nl2opt.formulation.render.python_text import PythonText
from nl2opt.formulation.schema import Constraint, Formulation, Variable
from nl2opt.formulation.syntax import Clause, Comparison, Comprehension, Index, Name, Node, walk

_DOMAINS: Final = {"continuous": "Reals", "integer": "Integers", "binary": "Binary"}
_LINE: Final = 100
_RESERVED: Final = (
    "pyo", "model", "math", "main", "results", "solver", "options", "objective", "status", "variable",
    "demanded", "relation",
)  # fmt: skip
_HELPER: Final = '''

def demanded(relation):
    """Let Pyomo take a row without variables, which is plainly true or false."""
    if relation is True or relation is False:
        return pyo.Constraint.Feasible if relation else pyo.Constraint.Infeasible
    return relation
'''
_FOOTER: Final = '''

def main():
    """Solve the model with HiGHS and print what came out."""
    solver = pyo.SolverFactory("highs")
    options = {"mip_rel_gap": 0.0, "mip_abs_gap": 0.0}
    results = solver.solve(model, load_solutions=False, options=options)
    status = str(results.solver.termination_condition)
    if status == "optimal":
        model.solutions.load_from(results)
        for variable in model.component_data_objects(pyo.Var):
            if variable.value:
                print(f"{variable.name} = {variable.value:g}")
        print(f"objective: {pyo.value(model.objective)!r}")
    print(f"status: {status}")


if __name__ == "__main__":
    main()
'''


def to_pyomo(formulation: Formulation) -> str:
    """Return the program.

    Raises:
        FormulationError: the formulation has no single meaning.
        ValueError: a name is not an identifier, which only an unvalidated formulation can hold.
    """
    names = ProgramNames(formulation, _RESERVED)
    compilation = compile_formulation(formulation)
    return _Renderer(formulation, compilation.require(), names).render()


class _Renderer:
    """Writes one program."""

    def __init__(self, formulation: Formulation, compiled: CompiledFormulation, names: ProgramNames) -> None:
        self.formulation = formulation
        self.compiled = compiled
        self.sets = compiled.context.sets
        self.parameters = compiled.context.parameters
        self.names = names
        index_sets = {d.name: d.index for part in (formulation.parameters, formulation.variables) for d in part}
        members = {n: frozenset(t.labels()) for n, t in self.sets.items() if t.arity == 1}
        prefixed = {variable.name: "model." for variable in formulation.variables}
        tuple_sets = frozenset(name for name, table in self.sets.items() if table.arity > 1)
        self.python = PythonText(names, index_sets, members, tuple_sets, prefixed)

    def render(self) -> str:
        parts = [
            *self.header(),
            *self.set_lines(),
            *self.parameter_lines(),
            "",
            f"model = pyo.ConcreteModel({self.title()})",
            *self.variable_lines(),
        ]
        rules = list(self.constraint_lines())
        helper = _HELPER if any("demanded(" in line for line in rules) else ""
        return "\n".join(parts) + "\n" + helper + "\n".join(["", *self.objective_lines(), *rules]) + "\n" + _FOOTER

    def title(self) -> str:
        text = comment_text(self.formulation.title)
        return f"name={text_literal(text)}" if text else ""

    def header(self) -> Iterator[str]:
        title = comment_text(self.formulation.title)
        if title:
            yield f"# {title}"
        if self.uses_mathematics():
            yield "import math"
            yield ""
        yield "import pyomo.environ as pyo"

    def uses_mathematics(self) -> bool:
        texts = [c.expression for c in self.formulation.constraints]
        texts += [self.formulation.objective.expression] if self.formulation.objective else []
        texts += [b for v in self.formulation.variables for b in (v.lower, v.upper) if isinstance(b, str)]
        wanted = {"exp", "log", "sqrt", "sin", "cos", "ceil", "floor", "prod"}
        return any(
            getattr(node, "function", "") in wanted
            for text in texts
            if infinite_bound(text) is None
            for node in walk(parse_expression(text).root)
        )

    # -- data -----------------------------------------------------------------------------------------

    def set_lines(self) -> Iterator[str]:
        if self.formulation.sets:
            yield "\n# Sets"
        for declared in self.formulation.sets:
            yield from _commented(declared.description)
            items = [element_literal(label) for label in self.sets[declared.name].labels()]
            yield _assigned(self.names.element(declared.name), "[", items, "]")

    def parameter_lines(self) -> Iterator[str]:
        if self.formulation.parameters:
            yield "\n# Parameters"
        for declared in self.formulation.parameters:
            table = self.parameters[declared.name]
            name = self.names.element(declared.name)
            unit = f"[{declared.unit}]" if declared.unit else ""
            source = f"from: {declared.source}" if declared.source else ""
            remark = " ".join(part for part in (declared.description, unit, source) if part)
            if not table.dimensions:
                yield from _commented(remark)
                yield f"{name} = {number_literal(float(table.values[0]))}"
                continue
            yield from _commented(remark)
            keys = _keys(table.dimensions)
            items = [f"{key}: {number_literal(v)}" for key, v in zip(keys, table.values.tolist(), strict=True)]
            yield _assigned(name, "{", items, "}")

    # -- variables ------------------------------------------------------------------------------------

    def variable_lines(self) -> Iterator[str]:
        yield "\n# Variables"
        for variable in self.formulation.variables:
            remark = " ".join(
                part for part in (variable.description, f"[{variable.unit}]" if variable.unit else "") if part
            )
            yield from _commented(remark)
            arguments = [self.names.element(name) for name in variable.index]
            arguments.append(f"domain=pyo.{_DOMAINS[variable.domain]}")
            bounds = self.bounds(variable)
            if bounds:
                arguments.append(f"bounds={bounds}")
            yield f"model.{self.names.element(variable.name)} = pyo.Var({', '.join(arguments)})"

    def bounds(self, variable: Variable) -> str:
        """Return the bounds of a variable as code; empty when the domain says them already."""
        lower = self.bound(variable, variable.lower if variable.lower is not None else 0.0)
        upper = self.bound(variable, variable.upper if variable.upper is not None else float("inf"))
        if variable.domain == "binary" and lower == "0" and upper == "None":
            return ""
        if variable.domain == "binary":
            lower, upper = f"max(0, {lower})", "1" if upper == "None" else f"min(1, {upper})"
        own = own_indices(variable, self.formulation)
        if any(isinstance(b, str) and infinite_bound(b) is None for b in (variable.lower, variable.upper)) and own:
            targets = ", ".join(self.names.loop(name) for name in own)
            return f"lambda model, {targets}: ({lower}, {upper})"
        return f"({lower}, {upper})"

    def bound(self, variable: Variable, bound: float | str) -> str:
        number = infinite_bound(bound) if isinstance(bound, str) else float(bound)
        if number is not None:
            return "None" if np.isinf(number) else number_literal(number)
        scope = own_indices(variable, self.formulation)
        return self.python.write(parse_expression(str(bound)).root, scope=scope)

    # -- objective and constraints ----------------------------------------------------------------------

    def objective_lines(self) -> Iterator[str]:
        objective = self.formulation.objective
        yield "# Objective"
        if objective is None:
            yield "model.objective = pyo.Objective(expr=0)"
            return
        yield from _commented(objective.description)
        body = self.python.write(parse_expression(objective.expression).root)
        yield f"model.objective = pyo.Objective(expr={body}, sense=pyo.{objective.sense})"

    def constraint_lines(self) -> Iterator[str]:
        if self.formulation.constraints:
            yield "\n# Constraints"
        for constraint in self.formulation.constraints:
            yield from self.one_constraint(constraint)

    def one_constraint(self, constraint: Constraint) -> Iterator[str]:
        root = parse_expression(constraint.expression).root
        clauses = root.clauses if isinstance(root, Comprehension) else ()
        body = root.body if isinstance(root, Comprehension) else root
        assert isinstance(body, Comparison)
        yield from _commented(constraint.description)
        name = self.names.constraint(constraint.name)
        for suffix, part in self.parts(body):
            if clauses:
                yield from self.family(f"{name}{suffix}", clauses, self.relation(constraint.name, part, clauses))
            else:
                yield f"model.{name}{suffix} = pyo.Constraint(expr={self.relation(constraint.name, part, ())})"

    def family(self, name: str, clauses: Sequence[Clause], relation: str) -> Iterator[str]:
        """Write the rows of a constraint that holds for each combination of indices as nested loops."""
        yield f"model.{name} = pyo.ConstraintList()"
        depth = 0
        for line in self.python.loops(clauses):
            yield f"{'    ' * depth}{line}"
            depth += 1
        yield f"{'    ' * depth}model.{name}.add({relation})"

    @staticmethod
    def parts(body: Comparison) -> Iterator[tuple[str, Comparison]]:
        """Split a chain of comparisons into single ones."""
        pairs = list(zip(body.operands, body.operators, body.operands[1:], strict=False))
        for number, (left, operator, right) in enumerate(pairs, start=1):
            yield ("" if len(pairs) == 1 else f"_{number}"), Comparison((left, right), (operator,))

    def relation(self, name: str, part: Comparison, clauses: Sequence[Clause]) -> str:
        """Return one comparison as code; strict ones as the compiler read them."""
        left, right = part.operands
        operator = part.operators[0]
        before, after = (self.python.write(side, clauses, ADDITION) for side in (left, right))
        if operator in ("<", ">"):
            strict = {family.strict for family in self.compiled.families if family.name == name}
            step = {"<": " - 1", ">": " + 1"}[operator] if "tightened" in strict else ""
            operator = "<=" if operator == "<" else ">="
            after += step
        relation = f"{before} {operator} {after}"
        return relation if self.has_variable(left) or self.has_variable(right) else f"demanded({relation})"

    def has_variable(self, node: Node) -> bool:
        variables = {variable.name for variable in self.formulation.variables}
        return any(isinstance(n, Name | Index) and n.name in variables for n in walk(node))


def _commented(text: str) -> Iterator[str]:
    line = comment_text(text)
    if line:
        yield f"# {line}"


def _assigned(name: str, opening: str, items: Sequence[str], closing: str) -> str:
    """Return an assignment of a list or dict, on one line when it fits, else filled lines."""
    short = f"{name} = {opening}{', '.join(items)}{closing}" if len(items) < 40 else ""
    if short and len(short) <= _LINE:
        return short
    lines, line = [], "   "
    for item in items:
        if len(line) + len(item) + 2 > _LINE and line.strip():
            lines.append(line.rstrip())
            line = "   "
        line += f" {item},"
    lines.append(line.rstrip())
    return "\n".join([f"{name} = {opening}", *lines, closing])


def _keys(dimensions: Sequence[SetTable]) -> list[str]:
    """Return the keys of a parameter's table as literals, in the order of the product of its sets."""
    labels: list[tuple[str, ...]] = [()]
    for table in dimensions:
        parts = [
            tuple(map(element_literal, e)) if isinstance(e, tuple) else (element_literal(e),) for e in table.labels()
        ]
        labels = [label + part for label in labels for part in parts]
    return [label[0] if len(label) == 1 else f"({', '.join(label)})" for label in labels]
