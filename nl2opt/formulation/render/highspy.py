"""Renders a formulation as a program in the modelling layer of highspy, the Python interface of HiGHS."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Final

import numpy as np

from nl2opt.formulation.language.parser import parse_expression
from nl2opt.formulation.language.syntax import Clause, Comparison
from nl2opt.formulation.objectives import stages_of
from nl2opt.formulation.render.extremum_text import extremum_functions
from nl2opt.formulation.render.folding import Pieces, assigned_pieces, called, commented, enclosed
from nl2opt.formulation.render.highspy_products import (
    PRODUCT_NAMES,
    PRODUCTS,
    reason_against_products,
)
from nl2opt.formulation.render.highspy_text import EXTREMUM_NAMES, LARGEST, LINEAR_ONLY, HighspyText
from nl2opt.formulation.render.literals import text_literal
from nl2opt.formulation.render.program import Program
from nl2opt.formulation.render.relations import Demand
from nl2opt.formulation.render.variable_bounds import (
    OwnIndex,
    Side,
    is_expression,
    key_loops,
    key_text,
    own_index,
    whole_loops,
)
from nl2opt.formulation.schema import Constraint, Formulation, Objective, Variable

_SCALAR: Final = {"continuous": "addVariable", "integer": "addIntegral", "binary": "addBinary"}
_FAMILY: Final = {"continuous": "addVariables", "integer": "addIntegrals", "binary": "addBinaries"}
_SIDES: Final[tuple[Side, Side]] = ("lower", "upper")
_MODEL: Final = """h = highspy.Highs()
h.silent()
h.setOptionValue("mip_rel_gap", 0.0)
h.setOptionValue("mip_abs_gap", 0.0)"""
_EXACT_HESSIAN: Final = (
    """h.setOptionValue("qp_regularization_value", 0.0)  # HiGHS may go round for ever with any other"""
)
_VACUOUS_ROW: Final = """
# HiGHS misjudges products of variables in a model whose rows hold no variable, so here is a row that says nothing
nothing = h.addVariable(ub=0)
h.addConstr(nothing <= 1)"""
_NO_COLUMNS: Final = "h.addVariable(ub=0)  # HiGHS looks at no row of a model without variables"
_FOOTER: Final = '''

def show(name, values):
    """Print the values of a variable that are not zero, one line for each index."""
    for index, value in values.items() if isinstance(values, dict) else [(None, values)]:
        if value:
            parts = index if isinstance(index, tuple) else (index,)
            texts = [str(part) if str(part).isprintable() else repr(part) for part in parts]
            place = "" if index is None else f"[{','.join(texts)}]"
            print(f"{name}{place} = {value:g}")


def main():
    """Solve the model with HiGHS and print what came out."""
    @SOLVE@
    if status == "optimal":
@SHOW@
@VALUES@
    print(f"status: {status}")


if __name__ == "__main__":
    main()
'''
_STATUS: Final = "    status = h.modelStatusToString(h.getModelStatus()).lower()"
_STAGES: Final = """    # Each objective, its sense, and what share of its optimum later ones may give up
    stages = [@STAGES@]
    for expression, sense, tolerance in stages:
        (h.maximize if sense == "maximize" else h.minimize)(expression)
        status = h.modelStatusToString(h.getModelStatus()).lower()
        if status != "optimal":
            break
        optimum = h.getObjectiveValue()
        slack = tolerance * max(1.0, abs(optimum))
        held = expression <= optimum + slack if sense == "minimize" else expression >= optimum - slack
        h.addConstr(held)"""
_STAGE_VALUES: Final = """        for number, (expression, _, _) in enumerate(stages, start=1):
            print(f"objective{'' if number == 1 else f' {number}'}: {float(h.val(expression))!r}")"""


def to_highspy(formulation: Formulation) -> str:
    """Return the program.

    Raises:
        FormulationError: the formulation has no single meaning, or HiGHS cannot take it: it is not linear, and its
            objective is no convex quadratic one of continuous variables either.
        ValueError: a name is not an identifier, which only an unvalidated formulation can hold.
    """
    return _HighspyProgram(formulation).text()


class _HighspyProgram(Program):
    """Writes one program."""

    reserved = ("highspy", "h", "math", "main", "show", "objective", "status", "name", "index", "value", "values",
                "parts", "part", "texts", "place", "stages", "expression", "sense", "tolerance", "optimum", "slack",
                "held", "number", "nothing", *EXTREMUM_NAMES, *PRODUCT_NAMES)  # fmt: skip
    writer = HighspyText
    python: HighspyText

    def import_line(self) -> str:
        return "import highspy"

    def model_lines(self) -> Iterator[str]:
        yield _MODEL
        if self.compiled.model.quadratic_objective is not None:
            yield _EXACT_HESSIAN
        if not self.compiled.model.n_columns:
            yield _NO_COLUMNS

    def helper_lines(self) -> Iterator[str]:
        yield from extremum_functions(LARGEST, self.python.used)
        if self.python.uses_products:
            if not self.compiled.model.row_values.any():
                yield _VACUOUS_ROW
            yield PRODUCTS.rstrip("\n") + "\n"

    # -- variables ------------------------------------------------------------------------------------

    def variable_lines(self, variable: Variable) -> Iterator[str]:
        own = own_index(variable, self.formulation, self.compiled.context.sets)
        scope = whole_loops(own, self.names)
        lower, upper = (self.bound(variable, side, scope) for side in _SIDES)
        crossed = upper is not None and self.has_crossed_bounds(variable)
        method = (_FAMILY if own else _SCALAR)[variable.domain]
        if variable.domain == "binary" and (crossed or (not own and (lower, upper) != ("0", "1"))):
            method = "addIntegrals" if own else "addIntegral"  # addBinary takes no bounds
        arguments = self.index_arguments(own)
        if lower != "0":
            arguments.append(self.bound_argument("lb", lower or "-h.inf", own, varies=is_expression(variable.lower)))
        if upper is not None and not crossed and not (method.startswith("addBinar") and upper == "1"):
            arguments.append(self.bound_argument("ub", upper, own, varies=is_expression(variable.upper)))
        name = self.names.element(variable.name)
        yield called(f"{name} = h.{method}", arguments)
        if crossed and upper is not None:
            yield "# highspy refuses a variable whose lower bound exceeds its upper one, so this one is a row"
            yield from self.upper_rows(name, upper, own)

    def index_arguments(self, own: list[OwnIndex]) -> list[Pieces]:
        """Return what a family of variables is indexed by; keys are flat, so pairs among others are unpacked."""
        if len(own) > 1 and any(entry.arity > 1 for entry in own):
            return [[f"[{key_text(own, self.names)}", *self.own_loops(own, closing="]")]]
        return [[self.names.element(entry.set_name)] for entry in own]

    def bound_argument(self, keyword: str, text: str, own: list[OwnIndex], *, varies: bool) -> Pieces:
        if not varies or not own:
            return [f"{keyword}={text}"]
        return [f"{keyword}={{{key_text(own, self.names)}: {text}", *self.own_loops(own, closing="}")]

    def upper_rows(self, name: str, upper: str, own: list[OwnIndex]) -> Iterator[str]:
        if not own:
            yield f"h.addConstr({name} <= {upper})"
            return
        index = (
            key_text(own, self.names).removeprefix("(").removesuffix(")") if len(own) > 1 else key_text(own, self.names)
        )
        yield called("h.addConstrs", [[f"{name}[{index}] <= {upper}", *self.own_loops(own, closing="")]])

    def own_loops(self, own: list[OwnIndex], *, closing: str) -> Pieces:
        """Return the clauses that run over all keys of a family."""
        return enclosed("", key_loops(own, self.names), closing)

    # -- objective and constraints ----------------------------------------------------------------------

    def objective_lines(self, objective: Objective | None) -> Iterator[str]:
        if objective is None:
            yield "# none: any feasible point will do"
            return
        self.begin("objective")
        self.python.against_products = reason_against_products(self.compiled)
        pieces = self.python.pieces(parse_expression(objective.expression).root)
        if not np.any(self.compiled.model.objective):
            pieces = enclosed("h.expr(", pieces, ")")  # a plain number is no objective
        yield assigned_pieces("objective", pieces)

    @cached_property
    def stage_names(self) -> list[str]:
        """The names of the objectives, in the order in which these are solved."""
        later = range(2, len(self.compiled.stages) + 1)
        return ["objective", *(self.names.attribute(f"objective_{number}") for number in later)]

    def objective_list_lines(self, objectives: Sequence[Objective]) -> Iterator[str]:
        self.python.against_products = reason_against_products(self.compiled)
        for name, stage in zip(self.stage_names, stages_of(objectives), strict=True):
            for place in stage.places:
                yield from commented(objectives[place].description)
            yield assigned_pieces(name, enclosed("h.expr(", self.stage_pieces(objectives, stage), ")"))

    def constraint_lines(self, constraint: Constraint, demand: Demand) -> Iterator[str]:
        self.begin(f"constraints.{constraint.name}")
        self.python.against_products = LINEAR_ONLY
        if self.is_one_row(constraint, demand):
            yield self.rows(constraint.name, self.chain(demand), demand.clauses)
            return
        for number, part in enumerate(demand.parts, start=1):
            name = constraint.name if len(demand.parts) == 1 else f"{constraint.name}_{number}"
            yield self.rows(name, self.relation(constraint.name, part, demand.clauses), demand.clauses)

    def is_one_row(self, constraint: Constraint, demand: Demand) -> bool:
        """Whether a chain is one row with two sides: `1 <= x + y <= 9`, which highspy takes as it is."""
        operators, operands = demand.body.operators, demand.body.operands
        return (
            operators in (("<=", "<="), (">=", ">="))
            and [self.python.is_decision(operand) for operand in operands] == [False, True, False]
            and constraint.name not in self.relations.constant
        )

    def chain(self, demand: Demand) -> Pieces:
        (first, second), clauses = demand.parts, demand.clauses
        lower, operator, body = self.relations.write(first, clauses)
        _, _, upper = self.relations.write(second, clauses)
        return [*lower, f"{operator} {body[0]}", *body[1:], f"{operator} {upper[0]}", *upper[1:]]

    def relation(self, name: str, part: Comparison, clauses: tuple[Clause, ...]) -> Pieces:
        """Return one comparison as code; where no variable counts, as one of a constant expression."""
        before, operator, after = self.relations.write(part, clauses)
        if name in self.relations.constant:
            before = enclosed("h.expr(", before, ")")
        return [*before, f"{operator} {after[0]}", *after[1:]]

    def rows(self, name: str, relation: Pieces, clauses: tuple[Clause, ...]) -> str:
        """Return the call that adds one row, or a family of rows."""
        if not clauses:
            return called("h.addConstr", [relation, [f"name={text_literal(name)}"]])
        generator = enclosed("(", [*relation, *self.python.heads(clauses)], ")")
        return called("h.addConstrs", [generator, [f"name_prefix={text_literal(f'{name}_')}"]])

    def objective_text(self) -> str:
        """Return what HiGHS gets as the linear objective."""
        return "linear_part(objective)" if self.python.uses_products else "objective"

    def footer(self) -> str:
        objective = self.formulation.objective
        solve = f"h.{objective.sense}({self.objective_text()})" if isinstance(objective, Objective) else "h.solve()"
        solve = f"    {solve}\n{_STATUS}"
        values = '        print(f"objective: {h.getObjectiveValue()!r}")'
        if isinstance(objective, list):
            stages = zip(self.stage_names, self.compiled.stages, strict=True)
            listed = ", ".join(f'({name}, "{stage.sense}", {stage.tolerance!r})' for name, stage in stages)
            solve, values = _STAGES.replace("@STAGES@", listed), _STAGE_VALUES
        lines = [
            f"        show({text_literal(variable.name)}, h.val({self.names.element(variable.name)}))"
            for variable in self.formulation.variables
        ]
        filled = {"    @SOLVE@": solve, "@SHOW@": "\n".join(lines), "@VALUES@": values}
        text = _FOOTER
        for mark, code in filled.items():
            text = text.replace(mark, code)
        return text
