"""Renders a formulation as a program in MathOpt, the modelling layer of OR-Tools."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from nl2opt.formulation.language.syntax import Clause, Comparison
from nl2opt.formulation.language.writer import to_text
from nl2opt.formulation.render.dict_program import DictProgram, halves
from nl2opt.formulation.render.folding import Pieces, called
from nl2opt.formulation.render.literals import comment_text, text_literal
from nl2opt.formulation.render.mathopt_footer import footer
from nl2opt.formulation.render.mathopt_functions import CONDITIONAL_FUNCTIONS, MATHOPT_FUNCTIONS
from nl2opt.formulation.render.mathopt_text import MathOptText
from nl2opt.formulation.render.predicates import Rows, Switched
from nl2opt.formulation.render.unsaid import unsaid_thing
from nl2opt.formulation.render.variable_bounds import whole_loops
from nl2opt.formulation.schema import Objective, Variable
from solvers import Sense

_METHODS: Final = {
    "continuous": "add_variable", "semicontinuous": "add_variable", "integer": "add_integer_variable",
    "binary": "add_binary_variable",
}  # fmt: skip


class MathOptProgram(DictProgram):
    """Writes one program."""

    functions = MATHOPT_FUNCTIONS
    reserved = (
        "mathopt", "itertools", "model", "math", "result", "parameters", "solved", "values_of", "solver",
        *DictProgram.footer_names, *MATHOPT_FUNCTIONS.names,
    )  # fmt: skip
    writer = MathOptText
    python: MathOptText

    def import_line(self) -> str:
        """Return the lines that import the library."""
        pairs = {"all_different", "no_overlap"} & self.python.functions
        return f"{'import itertools' + chr(10) * 2 if pairs else ''}from ortools.math_opt.python import mathopt"

    def model_lines(self) -> Iterator[str]:
        """Yield the lines that make the empty model."""
        title = comment_text(self.formulation.title)
        yield f"model = mathopt.Model({f'name={text_literal(title)}' if title else ''})"

    def variable_lines(self, variable: Variable) -> Iterator[str]:
        """Yield the lines that add a variable; bounds that cross become rows, since MathOpt refuses them."""
        own = self.own(variable)
        scope = whole_loops(own, self.names)
        lower, upper = self.bound(variable, "lower", scope), self.bound(variable, "upper", scope)
        if variable.domain == "semicontinuous":
            lower = "0"
        method, arguments = _METHODS[variable.domain], []
        crossed = self.has_crossed_bounds(variable)
        if variable.domain == "binary" and (crossed or (lower, upper) != ("0", "1")):
            method = "add_integer_variable"
        if method != "add_binary_variable":
            arguments = [f"lb={lower}"] if lower is not None else []
            arguments += [f"ub={upper}"] if upper is not None and not crossed else []
        arguments.append(f"name={self.label(variable, own)}")
        yield self.added(variable, own, f"model.{method}", arguments)
        if crossed:
            yield from self.for_each(variable, f"model.add_linear_constraint({{}} <= {upper})")

    def semicontinuous_lines(self, variable: Variable) -> Iterator[str]:
        """Yield the lines that add a semicontinuous variable."""
        self.python.functions.add("either")
        yield from self.variable_lines(variable)

    def row_call(self, name: str, part: Comparison, clauses: tuple[Clause, ...]) -> str:
        """Return the call that adds one row of a constraint."""
        function = "model.add_linear_constraint"
        if max(map(self.python.degree, part.operands)) > 1:
            function = "model.add_quadratic_constraint"
            self.require_ends()
        elif name in self.relations.constant:
            function = "demand"
            self.python.functions.add("demand")
        return called(function, [self.relation(part, clauses)])

    def switched_calls(self, switched: Switched, clauses: tuple[Clause, ...]) -> list[str]:
        """Return the calls that demand rows where a binary variable has a value."""
        self.python.functions.add("demand_if")
        self.require_linear(switched.rows)
        binary = self.python.write(switched.binary, clauses)
        value = [] if switched.value else [["value=0"]]
        return [called("demand_if", [[binary], self.relation(row, clauses), *value]) for row in halves(switched.rows)]

    def objective_text(self, name: str, pieces: Pieces, sense: Sense, *, is_linear: bool) -> Iterator[str]:
        """Yield the lines that give an objective its name.

        Raises:
            ExpressionError: it has products, and variables that are free in both directions.
        """
        if not is_linear:
            self.require_ends()
        yield from super().objective_text(name, pieces, sense, is_linear=is_linear)

    def require_ends(self) -> None:
        """Refuse products where variables are free in both directions, over which the SCIP of MathOpt never ends.

        Raises:
            ExpressionError: a variable of the formulation has neither a lower nor an upper bound.
        """
        model, count = self.compiled.model, self.compiled.n_declared
        if np.any(np.isinf(model.column_lower[:count]) & np.isinf(model.column_upper[:count])):
            what = "A product of variables in a formulation where some have neither a lower nor an upper bound"
            raise unsaid_thing("ortools", what, "")

    @property
    def is_curved(self) -> bool:
        """Whether there are products of variables."""
        model, stages = self.compiled.model, self.compiled.stages
        terms = (model.quadratic_objective, model.quadratic_rows, model.cones, *(stage.quadratic for stage in stages))
        return any(term is not None for term in terms)

    def listed(self, rows: Rows, clauses: tuple[Clause, ...]) -> Pieces:
        """Return comparisons as the items of a list, equations in halves: SCIP takes one side under a condition."""
        self.require_linear(rows)
        return super().listed(halves(rows), clauses)

    def require_linear(self, rows: Rows) -> None:
        """Refuse products under a condition, which MathOpt takes in linear rows only.

        Raises:
            ExpressionError: there is one.
        """
        for operand in (operand for row in rows for operand in row.operands):
            if self.python.degree(operand) > 1:
                raise unsaid_thing("ortools", "A product of variables under a condition", to_text(operand))

    def solver(self) -> str:
        """Return the solver that takes the model, by its name in MathOpt."""
        model = self.compiled.model
        if self.is_curved or self.python.chooses or CONDITIONAL_FUNCTIONS & self.python.functions:
            return "GSCIP"
        return "HIGHS" if model.is_integer or "piecewise" in self.python.functions else "GLOP"

    def footer(self) -> str:
        """Return the end of the program."""
        objective = self.formulation.objective
        stages = zip(self.stage_names, self.compiled.stages, strict=False)
        return footer(
            solver=self.solver(),
            is_curved=self.is_curved,
            sense=str(objective.sense) if isinstance(objective, Objective) else "minimize",
            stages=[(name, str(s.sense), s.tolerance) for name, s in stages] if isinstance(objective, list) else [],
            variables=[(variable.name, self.names.element(variable.name)) for variable in self.formulation.variables],
        )
