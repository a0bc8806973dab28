"""What programs have in common whose families of variables are dicts, and whose rows stand in loops."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import ClassVar

from nl2opt.formulation.language.parser import parse_expression
from nl2opt.formulation.language.precedence import ADDITION
from nl2opt.formulation.language.syntax import Call, Clause, Comparison
from nl2opt.formulation.objectives import SENSES, stages_of
from nl2opt.formulation.render.demand_text import DemandText
from nl2opt.formulation.render.folding import Pieces, assigned_pieces, called, commented, enclosed
from nl2opt.formulation.render.literals import text_literal
from nl2opt.formulation.render.predicates import Alternatives, Rows, Switched, logical_of
from nl2opt.formulation.render.program import Program
from nl2opt.formulation.render.program_functions import ProgramFunctions
from nl2opt.formulation.render.relations import Demand, Predicate
from nl2opt.formulation.render.switches import switch_reader
from nl2opt.formulation.render.unsaid import unsaid
from nl2opt.formulation.render.variable_bounds import (
    OwnIndex,
    key_loops,
    key_text,
    own_index,
    stated_lower,
    whole_loops,
)
from nl2opt.formulation.schema import Constraint, Objective, Variable
from solvers import Sense


class DictProgram(Program):
    """Writes one program; a subclass for each modelling library.

    Attributes:
        functions: that the program may bring along.
        footer_names: names that the end of the program uses.
    """

    functions: ClassVar[ProgramFunctions]
    footer_names: ClassVar[tuple[str, ...]] = (
        "main", "show", "status", "name", "index", "variable", "value", "values", "parts", "part", "texts", "place",
        "stages", "expression", "sense", "tolerance", "optimum", "slack", "held", "number", "objective",
    )  # fmt: skip
    writer = DemandText
    python: DemandText

    def helper_lines(self) -> Iterator[str]:
        """Return the functions of the program, and the rows of semicontinuous variables, which need them."""
        texts = self.functions.needed(self.python.functions | self.python.used)
        yield from (f"\n\n{text}".rstrip("\n") for text in texts)
        if texts:
            yield "\n"
        for variable in self.formulation.variables:
            if variable.domain == "semicontinuous":
                yield from self.semicontinuous_rows(variable)

    # -- variables ------------------------------------------------------------------------------------

    def own(self, variable: Variable) -> list[OwnIndex]:
        """Return a variable's own indices."""
        return own_index(variable, self.formulation, self.compiled.context.sets)

    def label(self, variable: Variable, own: list[OwnIndex]) -> str:
        """Return the name that the solver gets for a variable, as code; quotes keep `1` and `'1'` apart."""
        if not own:
            return text_literal(variable.name)
        parts = [f"{{{self.names.loop(name)}!r}}" for entry in own for name in entry.names]
        return f'f"{variable.name}[{",".join(parts)}]"'

    def added(self, variable: Variable, own: list[OwnIndex], method: str, arguments: Sequence[str]) -> str:
        """Return the lines that add a variable, or a family of variables in a dict."""
        name = self.names.element(variable.name)
        if not own:
            return called(f"{name} = {method}", [[argument] for argument in arguments])
        call = f"{key_text(own, self.names)}: {method}({', '.join(arguments)})"
        return assigned_pieces(name, enclosed("{", [call, *key_loops(own, self.names)], "}"))

    def for_each(self, variable: Variable, write: str) -> Iterator[str]:
        """Yield a line for each variable of a family, in which `{}` stands for the variable."""
        own = self.own(variable)
        name, indent = self.names.element(variable.name), ""
        key = key_text(own, self.names) if own else ""
        place = f"{name}[{key[1:-1] if key.startswith('(') else key}]" if own else name
        for line in key_loops(own, self.names):
            yield f"{indent}{line}:"
            indent += "    "
        yield indent + write.replace("{}", place)

    def semicontinuous_rows(self, variable: Variable) -> Iterator[str]:
        """Yield the rows that keep a variable at 0 or above its lower bound."""
        least = stated_lower(variable, self.python, whole_loops(self.own(variable), self.names))
        yield from self.for_each(variable, f"either([{{}} <= 0], [{{}} >= {least}])")

    # -- objectives -----------------------------------------------------------------------------------

    def objective_lines(self, objective: Objective | None) -> Iterator[str]:
        """Return the lines that give the objective its name."""
        if objective is None:
            yield "objective = 0  # none: any feasible point will do"
            return
        self.begin("objective")
        pieces = self.python.pieces(parse_expression(objective.expression).root, around=ADDITION)
        model = self.compiled.model
        is_linear = model.quadratic_objective is None and (
            model.nonlinear is None or model.nonlinear.objective_root is None
        )
        yield from self.objective_text("objective", pieces, SENSES[objective.sense], is_linear=is_linear)

    def objective_text(self, name: str, pieces: Pieces, sense: Sense, *, is_linear: bool) -> Iterator[str]:
        """Yield the lines that give an objective its name."""
        yield assigned_pieces(name, pieces)

    @cached_property
    def stage_names(self) -> list[str]:
        """The names of the objectives, in the order in which these are solved."""
        later = range(2, len(self.compiled.stages) + 1)
        return ["objective", *(self.names.attribute(f"objective_{number}") for number in later)]

    def objective_list_lines(self, objectives: Sequence[Objective]) -> Iterator[str]:
        """Return the lines that give each objective its name."""
        read = zip(self.stage_names, stages_of(objectives), self.compiled.stages, strict=True)
        for name, stage, compiled in read:
            for place in stage.places:
                yield from commented(objectives[place].description)
            is_linear = compiled.quadratic is None and compiled.nonlinear_root is None
            pieces = self.stage_pieces(objectives, stage)
            yield from self.objective_text(name, pieces, stage.sense, is_linear=is_linear)

    # -- constraints ----------------------------------------------------------------------------------

    def looped(self, clauses: tuple[Clause, ...], calls: Sequence[str]) -> Iterator[str]:
        """Yield calls that hold for each combination of indices as nested loops."""
        indent = ""
        for line in self.python.loops(clauses):
            yield f"{indent}{line}"
            indent += "    "
        for call in calls:
            yield "\n".join(f"{indent}{line}" for line in call.split("\n"))

    def constraint_lines(self, constraint: Constraint, demand: Demand) -> Iterator[str]:
        """Return the loops that add the rows of a constraint."""
        self.begin(f"constraints.{constraint.name}")
        calls = [self.row_call(constraint.name, part, demand.clauses) for part in demand.parts]
        yield from self.looped(demand.clauses, calls)

    def row_call(self, name: str, part: Comparison, clauses: tuple[Clause, ...]) -> str:
        """Return the call that adds one row of a constraint."""
        raise NotImplementedError

    def relation(self, part: Comparison, clauses: tuple[Clause, ...]) -> Pieces:
        """Return one comparison as code."""
        before, operator, after = self.relations.write(part, clauses)
        return [*before, f"{operator} {after[0]}", *after[1:]]

    def predicate_lines(self, constraint: Constraint, demand: Predicate) -> Iterable[str]:
        """Return the loops that call the functions of the program which stand for a demand."""
        self.begin(f"constraints.{constraint.name}")
        node, clauses = demand.body, demand.clauses
        if node.function in ("implies", "either"):
            logical = logical_of(node, switch_reader(self.compiled, clauses))
            if isinstance(logical, Alternatives):
                self.python.functions.add("either")
                groups = [enclosed("[", self.listed(rows, clauses), "]") for rows in logical.groups]
                return self.looped(clauses, [called("either", groups)])
            return self.looped(clauses, self.switched_calls(logical, clauses))
        with self.python.within(clauses):
            call = self.demand_call(node)
        return self.looped(clauses, [call])

    def switched_calls(self, switched: Switched, clauses: tuple[Clause, ...]) -> list[str]:
        """Return the calls that demand rows where a binary variable has a value."""
        raise NotImplementedError

    def demand_call(self, node: Call) -> str:
        """Return the call for a demand on many variables at once, inside its loops.

        Raises:
            ExpressionError: the library has no words for it.
        """
        if node.function not in self.functions:
            raise unsaid(self.writer.library, node)
        self.python.functions.add(node.function)
        arguments: list[str] = []
        rest = node.arguments
        if node.function == "soc":
            arguments, rest = [self.python.write(rest[0])], rest[1:]
        last = []
        if node.function == "cumulative":
            rest, last = rest[:1], [self.python.write(rest[1])]
        return called(node.function, [[text] for text in (*arguments, self.python.members(rest), *last)])

    def listed(self, rows: Rows, clauses: tuple[Clause, ...]) -> Pieces:
        """Return comparisons as the items of a list."""
        relations = [self.relation(row, clauses) for row in rows]
        parts = [[*pieces[:-1], f"{pieces[-1]},"] for pieces in relations[:-1]] + relations[-1:]
        return [piece for pieces in parts for piece in pieces]


def halves(rows: Rows) -> Rows:
    """Return rows with each equation as two inequalities."""
    return tuple(
        half
        for row in rows
        for half in (
            [Comparison(row.operands, ("<=",), row.span), Comparison(row.operands, (">=",), row.span)]
            if row.operators == ("==",)
            else [row]
        )
    )
