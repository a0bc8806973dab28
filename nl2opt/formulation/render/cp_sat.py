"""Renders a formulation of whole numbers as a program for CP-SAT, the constraint solver of OR-Tools."""

from __future__ import annotations

from collections.abc import Iterator

from nl2opt.formulation.language.parser import parse_expression
from nl2opt.formulation.language.syntax import Call, Clause, Comparison
from nl2opt.formulation.render.cp_sat_footer import footer
from nl2opt.formulation.render.cp_sat_functions import CP_SAT_FUNCTIONS
from nl2opt.formulation.render.cp_sat_text import CpSatText
from nl2opt.formulation.render.dict_program import DictProgram
from nl2opt.formulation.render.folding import Pieces, called, enclosed
from nl2opt.formulation.render.predicates import Switched
from nl2opt.formulation.render.unsaid import unsaid
from nl2opt.formulation.render.variable_bounds import Side, whole_loops
from nl2opt.formulation.schema import Formulation, Objective, Variable
from solvers.backends.whole_model import WholeModel


class CpSatProgram(DictProgram):
    """Writes one program."""

    functions = CP_SAT_FUNCTIONS
    reserved = (
        "cp_model", "Fraction", "model", "solver", "math", "value_of", "row", "scale", "sign",
        *DictProgram.footer_names, *CP_SAT_FUNCTIONS.names,
    )  # fmt: skip
    writer = CpSatText
    python: CpSatText

    def __init__(self, formulation: Formulation, whole: WholeModel) -> None:
        """Prepare; see `Program`.

        Args:
            formulation: what the program is for.
            whole: its model in whole numbers.
        """
        super().__init__(formulation)
        self.whole = whole

    def import_line(self) -> str:
        """Return the lines that import the library."""
        standard = "from fractions import Fraction\n\n" if self.uses_whole else ""
        return f"{standard}from ortools.sat.python import cp_model"

    @property
    def uses_whole(self) -> bool:
        """Whether some numbers are scaled."""
        return bool({"whole", "scaled"} & self.python.functions)

    def model_lines(self) -> Iterator[str]:
        """Yield the lines that make the empty model."""
        yield "model = cp_model.CpModel()"
        yield "solver = cp_model.CpSolver()"
        if len(self.compiled.stages) > 1:
            self.python.functions.add("scaled")

    def variable_lines(self, variable: Variable) -> Iterator[str]:
        """Yield the lines that add a variable; a binary one has no bounds of its own in CP-SAT, and gets rows."""
        own = self.own(variable)
        scope = whole_loops(own, self.names)
        stated = self.bound(variable, "lower", scope), self.bound(variable, "upper", scope)
        lower, upper = stated[0] or self.implied(variable, "lower"), stated[1] or self.implied(variable, "upper")
        if None in stated:
            yield "# CP-SAT needs bounds; those that are not stated follow from the constraints"
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

    def implied(self, variable: Variable, side: Side) -> str:
        """Return a bound that follows from the rows for all of a variable that has none."""
        table = self.compiled.variables[variable.name]
        columns = slice(table.offset, table.offset + table.size)
        if not table.size:
            return "0"
        return str(self.whole.lower[columns].min() if side == "lower" else self.whole.upper[columns].max())

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
        before = enclosed("whole(", before, f', "{operator}",')
        return [*before, *enclosed("", after, ")")]

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
            self.python.require_whole(argument, mend="Choose a unit in which all numbers are whole.")
        return super().demand_call(node)

    def objective_lines(self, objective: Objective | None) -> Iterator[str]:
        """Yield the lines that give the objective its name."""
        if objective is not None and not self.python.is_whole(parse_expression(objective.expression).root):
            self.python.functions.add("scaled")
        yield from super().objective_lines(objective)

    def footer(self) -> str:
        """Return the end of the program."""
        objective = self.formulation.objective
        stages = zip(self.stage_names, self.compiled.stages, strict=False)
        return footer(
            sense=str(objective.sense) if isinstance(objective, Objective) else "minimize",
            is_scaled="scaled" in self.python.functions,
            stages=[(name, str(s.sense), s.tolerance) for name, s in stages] if isinstance(objective, list) else [],
            variables=[(variable.name, self.names.element(variable.name)) for variable in self.formulation.variables],
        )
