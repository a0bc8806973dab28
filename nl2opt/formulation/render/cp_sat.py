"""Renders a formulation of whole numbers as a program for CP-SAT, the constraint solver of OR-Tools."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nl2opt.formulation.compilation.compiled import CompiledFormulation
from nl2opt.formulation.language.syntax import Call, Clause, Comparison
from nl2opt.formulation.render.cp_sat_footer import footer
from nl2opt.formulation.render.cp_sat_functions import CP_SAT_FUNCTIONS
from nl2opt.formulation.render.cp_sat_text import CpSatText
from nl2opt.formulation.render.dict_program import DictProgram
from nl2opt.formulation.render.folding import Pieces, called, enclosed
from nl2opt.formulation.render.predicates import Switched
from nl2opt.formulation.render.unsaid import unsaid
from nl2opt.formulation.render.variable_bounds import whole_loops
from nl2opt.formulation.schema import Objective, Variable


def suits_cp_sat(compiled: CompiledFormulation) -> bool:
    """Whether all variables are whole numbers with a lower and an upper bound, and nothing is a smooth function."""
    model, count = compiled.model, compiled.n_declared
    bounds = np.concatenate([model.column_lower[:count], model.column_upper[:count]])
    return model.nonlinear is None and bool(model.column_kind[:count].all()) and bool(np.isfinite(bounds).all())


class CpSatProgram(DictProgram):
    """Writes one program."""

    functions = CP_SAT_FUNCTIONS
    reserved = (
        "cp_model", "Fraction", "model", "solver", "math", "value_of", "limit", "sign",
        *DictProgram.footer_names, *CP_SAT_FUNCTIONS.names,
    )  # fmt: skip
    writer = CpSatText
    python: CpSatText

    def import_line(self) -> str:
        """Return the lines that import the library."""
        standard = "from fractions import Fraction\n\n" if self.uses_whole else ""
        return f"{standard}from ortools.sat.python import cp_model"

    @property
    def uses_whole(self) -> bool:
        """Whether some numbers are scaled."""
        return "whole" in self.python.functions

    def model_lines(self) -> Iterator[str]:
        """Yield the lines that make the empty model."""
        yield "model = cp_model.CpModel()"
        yield "solver = cp_model.CpSolver()"
        if len(self.compiled.stages) > 1:
            self.python.functions.add("whole")

    def variable_lines(self, variable: Variable) -> Iterator[str]:
        """Yield the lines that add a variable; a binary one has no bounds of its own in CP-SAT, and gets rows."""
        own = self.own(variable)
        scope = whole_loops(own, self.names)
        lower, upper = (self.bound(variable, side, scope) or "0" for side in ("lower", "upper"))
        label = self.label(variable, own)
        if variable.domain == "binary":
            yield self.added(variable, own, "model.new_bool_var", [label])
        elif self.has_crossed_bounds(variable):
            ends = [f"min({lower}, {upper})", f"max({lower}, {upper})"]
            yield self.added(variable, own, "model.new_int_var", [*ends, label])
        else:
            yield self.added(variable, own, "model.new_int_var", [lower, upper, label])
        if (lower, upper) != ("0", "1") if variable.domain == "binary" else self.has_crossed_bounds(variable):
            yield from self.for_each(variable, f"model.add({{}} >= {lower})")
            yield from self.for_each(variable, f"model.add({{}} <= {upper})")

    def row_call(self, name: str, part: Comparison, clauses: tuple[Clause, ...]) -> str:
        """Return the call that adds one row of a constraint."""
        return called("model.add", [self.relation(part, clauses)])

    def relation(self, part: Comparison, clauses: tuple[Clause, ...]) -> Pieces:
        """Return one comparison as code, in whole numbers."""
        with self.python.within(clauses):
            whole = all(map(self.python.is_whole, part.operands))
        if whole:
            return super().relation(part, clauses)
        before, operator, after = self.relations.write(part, clauses)
        self.python.functions.add("whole")
        return [*enclosed("whole(", [*before, *enclosed("- (", after, ")")], ")"), f"{operator} 0"]

    def switched_calls(self, switched: Switched, clauses: tuple[Clause, ...]) -> list[str]:
        """Return the calls that demand rows where a binary variable has a value."""
        literal = f"{'' if switched.value else '~'}{self.python.write(switched.binary, clauses)}"
        return [
            f"{called('model.add', [self.relation(row, clauses)])}.only_enforce_if({literal})" for row in switched.rows
        ]

    def demand_call(self, node: Call) -> str:
        """Return the call for a demand on many variables at once.

        Raises:
            ExpressionError: CP-SAT does not know it, or it holds fractional numbers.
        """
        if node.function not in self.functions:
            raise unsaid("ortools", node)
        for argument in node.arguments:
            self.python.require_whole(argument)
        return super().demand_call(node)

    def footer(self) -> str:
        """Return the end of the program."""
        objective = self.formulation.objective
        stages = zip(self.stage_names, self.compiled.stages, strict=False)
        return footer(
            sense=str(objective.sense) if isinstance(objective, Objective) else "minimize",
            stages=[(name, str(s.sense), s.tolerance) for name, s in stages] if isinstance(objective, list) else [],
            variables=[(variable.name, self.names.element(variable.name)) for variable in self.formulation.variables],
        )
