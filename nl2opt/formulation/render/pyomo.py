"""Renders a formulation as a Pyomo program."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Final

import numpy as np

from nl2opt.formulation.language.parser import parse_expression
from nl2opt.formulation.language.precedence import ADDITION
from nl2opt.formulation.language.syntax import Clause, Comparison
from nl2opt.formulation.objectives import stages_of
from nl2opt.formulation.render.extremum_text import extremum_functions
from nl2opt.formulation.render.folding import Pieces, called, commented, enclosed
from nl2opt.formulation.render.literals import comment_text, text_literal
from nl2opt.formulation.render.loops import Loop
from nl2opt.formulation.render.program import Program
from nl2opt.formulation.render.pyomo_attributes import ATTRIBUTES
from nl2opt.formulation.render.pyomo_footer import footer
from nl2opt.formulation.render.pyomo_text import EXTREMUM_IMPORT, EXTREMUM_NAMES, LARGEST, PyomoText
from nl2opt.formulation.render.relations import Demand
from nl2opt.formulation.render.variable_bounds import own_index, varies
from nl2opt.formulation.schema import Constraint, Formulation, Objective, Variable
from solvers import back_end_named, features_of

_DOMAINS: Final = {"continuous": "Reals", "integer": "Integers", "binary": "Binary"}
_NOTHING: Final = """
# HiGHS gets the variables that count, and here none does; it takes no model without any
model.nothing = pyo.Var(bounds=(0, 0))"""
_CROSSED: Final = """
# HiGHS gets the bounds of the variables that count, and these leave nothing
model.{rows} = pyo.ConstraintList()
for variable in model.{name}.values():
    model.{rows}.add(demanded(variable.lb <= variable.ub))"""
_HELPER: Final = '''

def demanded(relation):
    """Let Pyomo take a row without variables, which is plainly true or false."""
    if relation is True or relation is False:
        return pyo.Constraint.Feasible if relation else pyo.Constraint.Infeasible
    return relation

'''


def to_pyomo(formulation: Formulation) -> str:
    """Return the program.

    Raises:
        FormulationError: the formulation has no single meaning.
        ValueError: a name is not an identifier, which only an unvalidated formulation can hold.
    """
    return _PyomoProgram(formulation).text()


class _PyomoProgram(Program):
    """Writes one program."""

    reserved = (
        "pyo", "model", "math", "main", "results", "solver", "options", "objective", "status", "variable",
        "demanded", "relation", "nothing", "held", "stages", *EXTREMUM_NAMES,
    )  # fmt: skip
    attributes = ATTRIBUTES
    prefix = "model."
    writer = PyomoText
    python: PyomoText

    def import_line(self) -> str:
        imports = [EXTREMUM_IMPORT] if self.python.used else []
        return "\n".join(["import pyomo.environ as pyo", *imports])

    def model_lines(self) -> Iterator[str]:
        title = comment_text(self.formulation.title)
        yield f"model = pyo.ConcreteModel({f'name={text_literal(title)}' if title else ''})"

    @property
    def nothing_counts(self) -> bool:
        """Whether no variable counts in the objective or in any row."""
        model = self.compiled.model
        return model.is_linear and not np.any(model.objective) and not np.any(model.row_values)

    def helper_lines(self) -> Iterator[str]:
        if self.nothing_counts:
            yield _NOTHING
        crossed = [self.names.element(v.name) for v in self.formulation.variables if self.has_crossed_bounds(v)]
        if self.relations.constant or crossed:
            yield _HELPER.rstrip("\n")
        for name in crossed:
            yield _CROSSED.format(name=name, rows=self.names.attribute(f"{name}_bounds"))
        yield from extremum_functions(LARGEST, self.python.used)

    def variable_lines(self, variable: Variable) -> Iterator[str]:
        arguments = [[self.names.element(name)] for name in variable.index]
        arguments.append([f"domain=pyo.{_DOMAINS[variable.domain]}"])
        bounds = self.bounds(variable)
        if bounds:
            arguments.append([f"bounds={bounds}"])
        yield called(f"model.{self.names.element(variable.name)} = pyo.Var", arguments)

    def bounds(self, variable: Variable) -> str:
        """Return the bounds of a variable as code; empty when the domain says them already."""
        scope, targets = self.own_scope(variable)
        lower, upper = self.bound(variable, "lower", scope), self.bound(variable, "upper", scope)
        if variable.domain == "binary" and (lower, upper) == ("0", "1"):
            return ""
        rule = f"lambda model, {', '.join(targets)}: " if varies(variable) and targets else ""
        return f"{rule}({lower}, {upper})"

    def own_scope(self, variable: Variable) -> tuple[dict[str, Loop], list[str]]:
        """Return a variable's own indices as loop variables, and as the arguments of a rule for its bounds."""
        scope, arguments = {}, []
        for entry in own_index(variable, self.formulation, self.compiled.context.sets):
            name = entry.names[0]
            if entry.is_whole:  # Pyomo hands the components over one by one
                parts = [self.names.loop(f"{name}_{place}") for place in range(1, entry.arity + 1)]
                scope[name] = Loop(text=f"({', '.join(parts)})", arity=entry.arity)
            else:
                parts = [self.names.loop(name) for name in entry.names]
                scope |= {name: Loop(text=text) for name, text in zip(entry.names, parts, strict=True)}
            arguments += parts
        return scope, arguments

    def objective_lines(self, objective: Objective | None) -> Iterator[str]:
        if objective is None:
            yield f"model.objective = pyo.Objective(expr={'model.nothing' if self.nothing_counts else '0'})"
            return
        self.begin("objective")
        first, *rest = self.python.pieces(parse_expression(objective.expression).root, around=ADDITION)
        if self.nothing_counts:
            rest.append("+ model.nothing")
        yield called("model.objective = pyo.Objective", [[f"expr={first}", *rest], [f"sense=pyo.{objective.sense}"]])

    @cached_property
    def stage_names(self) -> list[str]:
        """The attributes that hold the objectives, in the order in which these are solved."""
        later = range(2, len(self.compiled.stages) + 1)
        return ["objective", *(self.names.attribute(f"objective_{number}") for number in later)]

    def objective_list_lines(self, objectives: Sequence[Objective]) -> Iterator[str]:
        for name, stage in zip(self.stage_names, stages_of(objectives), strict=True):
            for place in stage.places:
                yield from commented(objectives[place].description)
            parts = self.stage_pieces(objectives, stage)
            if self.nothing_counts:
                parts.append("+ model.nothing")
            yield called(
                f"model.{name} = pyo.Objective", [[f"expr={parts[0]}", *parts[1:]], [f"sense=pyo.{stage.sense}"]]
            )

    def constraint_lines(self, constraint: Constraint, demand: Demand) -> Iterator[str]:
        self.begin(f"constraints.{constraint.name}")
        name = self.names.constraint(constraint.name)
        for number, part in enumerate(demand.parts, start=1):
            own = name if len(demand.parts) == 1 else self.names.attribute(f"{name}_{number}")
            relation = self.relation(constraint.name, part, demand.clauses)
            if demand.clauses:
                yield from self.family(own, demand.clauses, relation)
            else:
                yield called(f"model.{own} = pyo.Constraint", [[f"expr={relation[0]}", *relation[1:]]])

    def family(self, name: str, clauses: tuple[Clause, ...], relation: Pieces) -> Iterator[str]:
        """Write the rows of a constraint that holds for each combination of indices as nested loops."""
        yield f"model.{name} = pyo.ConstraintList()"
        indent = ""
        for line in self.python.loops(clauses):
            yield f"{indent}{line}"
            indent += "    "
        yield called(f"model.{name}.add", [relation], indent=indent)

    def relation(self, name: str, part: Comparison, clauses: tuple[Clause, ...]) -> Pieces:
        """Return one comparison as code."""
        before, operator, after = self.relations.write(part, clauses)
        pieces = [*before, f"{operator} {after[0]}", *after[1:]]
        return enclosed("demanded(", pieces, ")") if name in self.relations.constant else pieces

    def is_for_highs(self) -> bool:
        """Whether HiGHS takes the model with each of its objectives, of which later ones hold the earlier."""
        highs, stages = back_end_named("highs"), self.compiled.stages
        models = [stage.applied_to(self.compiled.model) for stage in stages] or [self.compiled.model]
        held = [stage for stage in stages[:-1] if stage.quadratic is not None or stage.nonlinear_root is not None]
        return (
            not held
            and highs is not None
            and all(features_of(model) <= highs.features and highs.refusal(model) is None for model in models)
        )

    def footer(self) -> str:
        stages = [(name, s.tolerance) for name, s in zip(self.stage_names, self.compiled.stages, strict=False)]
        return footer(
            stages=stages if len(stages) > 1 else [],
            has_extrema=bool(self.python.used),
            is_nonlinear=not self.is_for_highs(),
            # Without rows HiGHS needs the bent objective: it misjudges the plain one.
            is_bent=any(stage.quadratic is not None for stage in self.compiled.stages)
            and bool(self.compiled.model.row_values.any()),
        )
