"""Renders a formulation as a Pyomo program: data at the top, then the model, then the solve.

The program is built from validated identifiers, literals and nodes of the expression language. Text of people
and language models stands in comments and string literals only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from nl2opt.formulation.compiler import CompiledFormulation, compile_formulation
from nl2opt.formulation.context import Context, ParameterTable
from nl2opt.formulation.elements import IntArray, SetTable
from nl2opt.formulation.names import infinite_bound, own_indices
from nl2opt.formulation.parser import Expression, parse_expression
from nl2opt.formulation.precedence import ADDITION, PRODUCT
from nl2opt.formulation.render.literals import comment_text, element_literal, number_literal, text_literal
from nl2opt.formulation.render.names import ProgramNames
from nl2opt.formulation.render.pyomo_attributes import ATTRIBUTES
from nl2opt.formulation.render.python_text import HELPERS, Loop, Members, PythonText
from nl2opt.formulation.rows import rows_of
from nl2opt.formulation.schema import Bound, Constraint, Formulation, Parameter, Set, Variable
from nl2opt.formulation.syntax import Clause, Comparison, Comprehension, Node
from solvers import Kind, Model

_DOMAINS: Final = {"continuous": "Reals", "integer": "Integers", "binary": "Binary"}
_LINE: Final = 100
_RESERVED: Final = (
    "pyo", "model", "math", "main", "results", "solver", "options", "objective", "status", "variable",
    "demanded", "relation", "defaultdict", *HELPERS,
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
    names = ProgramNames(formulation, reserved=_RESERVED, attributes=ATTRIBUTES)
    compilation = compile_formulation(formulation)
    return _Renderer(formulation, compilation.require(), names).render()


class _Renderer:
    """Writes one program."""

    def __init__(self, formulation: Formulation, compiled: CompiledFormulation, names: ProgramNames) -> None:
        self.formulation = formulation
        self.compiled = compiled
        self.sets = compiled.context.sets
        self.families = compiled.context.families
        self.parameters = compiled.context.parameters
        self.names = names
        parameters = self.parameters.items()
        self.python = PythonText(
            names,
            sets={name: _components(table) for name, table in self.sets.items()},
            families={name: _components(family.members) for name, family in self.families.items()},
            index={d.name: d.index for part in _indexed_parts(formulation) for d in part},
            prefixed={variable.name: "model." for variable in formulation.variables},
            fractional=frozenset(name for name, table in parameters if not _is_whole(table)),
        )
        self.constant = _constraints_with_constant_rows(compiled)

    def render(self) -> str:
        data = [*self.set_lines(), *self.parameter_lines()]
        variables = [f"model = pyo.ConcreteModel({self.title()})", *self.variable_lines()]
        rules = ["", *self.objective_lines(), *self.constraint_lines()]
        helper = _HELPER if self.constant else ""
        helper += "".join(f"\n\n{HELPERS[name]}" for name in HELPERS if name in self.python.helpers)
        return "\n".join([*self.header(), *data, "", *variables]) + "\n" + helper + "\n".join(rules) + "\n" + _FOOTER

    def title(self) -> str:
        text = comment_text(self.formulation.title)
        return f"name={text_literal(text)}" if text else ""

    def header(self) -> Iterator[str]:
        """Yield the imports, then the title.

        Never the other way round: a comment in the first two lines of a program can name its encoding, and in
        some encodings plain words of a person are code.
        """
        if self.python.uses_math:
            yield "import math"
        if any(table.keys is not None for table in self.parameters.values()):
            yield "from collections import defaultdict"
        if self.python.uses_math or any(table.keys is not None for table in self.parameters.values()):
            yield ""
        yield "import pyomo.environ as pyo"
        title = comment_text(self.formulation.title)
        if title:
            yield f"\n# {title}"

    # -- data -----------------------------------------------------------------------------------------

    def set_lines(self) -> Iterator[str]:
        if self.formulation.sets:
            yield "\n# Sets"
        for declared in self.formulation.sets:
            yield from _commented(declared.description)
            if declared.index:
                family = self.families[declared.name]
                items = [
                    f"{key}: [{', '.join(map(element_literal, family.labels(owner)))}]"
                    for owner, key in enumerate(_keys(family.dimensions))
                ]
                yield _assigned(self.names.element(declared.name), "{", items, "}")
                continue
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
            keys = _keys(table.dimensions) if table.keys is None else _stated_keys(table.dimensions, table.keys)
            items = [f"{key}: {number_literal(v)}" for key, v in zip(keys, table.values.tolist(), strict=True)]
            if table.keys is None:
                yield _assigned(name, "{", items, "}")
            else:
                default = number_literal(table.default)
                yield _assigned(name, f"defaultdict(lambda: {default}, {{", items, "})")

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
        scope, targets = self.own_scope(variable)
        lower, upper = self.bound(variable, "lower", scope), self.bound(variable, "upper", scope)
        if variable.domain == "binary" and (lower, upper) == ("0", "1"):
            return ""
        varies = any(isinstance(b, str) and infinite_bound(b) is None for b in (variable.lower, variable.upper))
        return (
            f"lambda model, {', '.join(targets)}: ({lower}, {upper})" if varies and targets else f"({lower}, {upper})"
        )

    def bound(self, variable: Variable, side: Literal["lower", "upper"], scope: Mapping[str, Loop]) -> str:
        """Return one bound as code; a binary variable's stays within 0 and 1."""
        bound: Bound | None = getattr(variable, side)
        is_binary = variable.domain == "binary"
        if bound is None:
            number: float | None = 0.0 if side == "lower" else float("inf")
        else:
            number = infinite_bound(bound) if isinstance(bound, str) else float(bound)
        if number is None:
            text = self.python.write(parse_expression(str(bound)).root, scope=scope)
            return (f"max(0, {text})" if side == "lower" else f"min(1, {text})") if is_binary else text
        if is_binary:
            number = max(number, 0.0) if side == "lower" else min(number, 1.0)
        return "None" if np.isinf(number) else number_literal(number)

    def own_scope(self, variable: Variable) -> tuple[dict[str, Loop], list[str]]:
        """Return a variable's own indices as loop variables, and as the arguments of a rule for its bounds."""
        own = own_indices(variable, self.formulation)
        if variable.as_ is not None or all(self.sets[name].arity == 1 for name in variable.index):
            scope = {name: Loop(text=self.names.loop(name)) for name in own}
            return scope, [loop.text for loop in scope.values()]
        scope, arguments = {}, []
        for name, set_name in zip(own, variable.index, strict=True):  # a name for each whole tuple
            arity = self.sets[set_name].arity
            parts = [self.names.loop(f"{name}_{place}" if arity > 1 else name) for place in range(1, arity + 1)]
            text = parts[0] if arity == 1 else f"({', '.join(parts)})"
            scope[name] = Loop(text=text, arity=arity)
            arguments += parts
        return scope, arguments

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
        if not constraint.enabled:
            yield from _commented(f"switched off: {constraint.name}: {constraint.expression}")
            return
        root = parse_expression(constraint.expression).root
        clauses = root.clauses if isinstance(root, Comprehension) else ()
        body = root.body if isinstance(root, Comprehension) else root
        assert isinstance(body, Comparison)
        yield from _commented(constraint.description)
        parts = list(_parts(body))
        name = self.names.constraint(constraint.name)
        for number, part in enumerate(parts, start=1):
            own = name if len(parts) == 1 else self.names.attribute(f"{name}_{number}")
            relation = self.relation(constraint.name, part, clauses)
            if clauses:
                yield from self.family(own, clauses, relation)
            else:
                yield f"model.{own} = pyo.Constraint(expr={relation})"

    def family(self, name: str, clauses: Sequence[Clause], relation: str) -> Iterator[str]:
        """Write the rows of a constraint that holds for each combination of indices as nested loops."""
        yield f"model.{name} = pyo.ConstraintList()"
        depth = 0
        for line in self.python.loops(clauses):
            yield f"{'    ' * depth}{line}"
            depth += 1
        yield f"{'    ' * depth}model.{name}.add({relation})"

    def relation(self, name: str, part: Comparison, clauses: Sequence[Clause]) -> str:
        """Return one comparison as code; strict ones as the compiler reads them."""
        left, right = part.operands
        operator = part.operators[0]
        before, after = (self.python.write(side, clauses, ADDITION) for side in (left, right))
        if operator in ("<", ">"):
            after += self.step(part, clauses)
            operator = "<=" if operator == "<" else ">="
        relation = f"{before} {operator} {after}"
        return f"demanded({relation})" if name in self.constant else relation

    def step(self, part: Comparison, clauses: Sequence[Clause]) -> str:
        """Return what is added to the right side of a strict comparison, so that `<=` or `>=` says the same.

        Between whole numbers `a < b` is `a <= b - 1`. Where the constant part of some rows is not whole, each
        row's is rounded towards what is allowed.
        """
        root: Node = Comprehension(part, tuple(clauses)) if clauses else part
        readings = {
            family.strict
            for family in rows_of("", Expression("", root), _Reading(self.compiled.context, self.compiled.model))
        }
        if "mixed" in readings:
            left, right = (self.python.write(side, clauses, PRODUCT, variables_are_zero=True) for side in part.operands)
            rest = f"({right} - {left})"
            whole = f"math.ceil{rest} - 1" if part.operators[0] == "<" else f"math.floor{rest} + 1"
            self.python.uses_math = True
            return f" + {whole} - {rest}"
        if "tightened" in readings:
            return " - 1" if part.operators[0] == "<" else " + 1"
        return ""


@dataclass(slots=True)
class _Reading:
    """A `RowScope` that reads the rows of a compiled formulation once more, and remarks nothing."""

    context: Context
    model: Model

    def warn(self, code: str, element: str, message: str, *, text: str = "", where: str = "", mend: str = "") -> None:
        """Leave the warning to the compiler."""

    def assume(self, text: str, element: str) -> None:
        """Leave the assumption to the compiler."""

    def is_whole(self, columns: IntArray) -> bool:
        return bool(np.all(self.model.column_kind[columns] != Kind.CONTINUOUS))


def _constraints_with_constant_rows(compiled: CompiledFormulation) -> frozenset[str]:
    """Return the names of the constraints with a row in which no variable counts.

    Pyomo turns such a row into a truth value, which it refuses as a constraint.
    """
    model = compiled.model
    constant = np.diff(model.row_starts) == 0
    if model.quadratic_rows is not None:
        constant[model.quadratic_rows.row] = False
    ends = np.cumsum([family.size for family in compiled.families], dtype=np.int64)
    places = np.unique(np.searchsorted(ends, np.flatnonzero(constant), "right"))
    return frozenset(compiled.families[place].name for place in places.tolist())


def _components(table: SetTable) -> list[Members]:
    """Return the elements that each component of a set's elements may be."""
    return [frozenset(table.universe.elements[code] for code in np.unique(column)) for column in table.columns]


def _parts(body: Comparison) -> Iterator[Comparison]:
    """Split a chain of comparisons into single ones."""
    for left, operator, right in zip(body.operands, body.operators, body.operands[1:], strict=False):
        yield Comparison((left, right), (operator,))


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


def _indexed_parts(formulation: Formulation) -> Iterator[Sequence[Set | Parameter | Variable]]:
    yield from (formulation.sets, formulation.parameters, formulation.variables)


def _is_whole(table: ParameterTable) -> bool:
    """Whether all numbers of a parameter are whole."""
    return bool(np.all(table.values % 1 == 0)) and table.default % 1 == 0


def _stated_keys(dimensions: Sequence[SetTable], flat: IntArray) -> list[str]:
    """Return the keys at some positions in the product of sets as literals."""
    positions = np.unravel_index(flat, [table.size for table in dimensions])
    keys = []
    for place in zip(*(column.tolist() for column in positions), strict=True):
        labels = [table.label(at) for table, at in zip(dimensions, place, strict=True)]
        parts = [part for label in labels for part in (label if isinstance(label, tuple) else (label,))]
        keys.append(element_literal(parts[0] if len(parts) == 1 else tuple(parts)))
    return keys


def _keys(dimensions: Sequence[SetTable]) -> list[str]:
    """Return the keys of a parameter's table as literals, in the order of the product of its sets."""
    labels: list[tuple[str, ...]] = [()]
    for table in dimensions:
        parts = [
            tuple(map(element_literal, e)) if isinstance(e, tuple) else (element_literal(e),) for e in table.labels()
        ]
        labels = [label + part for label in labels for part in parts]
    return [label[0] if len(label) == 1 else f"({', '.join(label)})" for label in labels]
