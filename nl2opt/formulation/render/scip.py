"""Renders a formulation as a program in PySCIPOpt, the Python interface of SCIP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from nl2opt.formulation.language.syntax import Clause, Comparison
from nl2opt.formulation.render.dict_program import DictProgram
from nl2opt.formulation.render.folding import Pieces, assigned_pieces, called
from nl2opt.formulation.render.literals import comment_text, text_literal
from nl2opt.formulation.render.predicates import Switched
from nl2opt.formulation.render.scip_footer import footer
from nl2opt.formulation.render.scip_functions import SCIP_FUNCTIONS
from nl2opt.formulation.render.scip_text import ScipText
from nl2opt.formulation.render.variable_bounds import whole_loops
from nl2opt.formulation.schema import Formulation, Objective, Variable
from solvers import Sense

_TYPES: Final = {"continuous": "C", "integer": "I", "binary": "B", "semicontinuous": "C"}
_CURVED: Final = 'model.setParam("numerics/feastol", 1e-9)'


def to_scip(formulation: Formulation) -> str:
    """Return the program.

    Raises:
        FormulationError: the formulation has no single meaning, or SCIP has no words for a part of it.
        ValueError: a name is not an identifier, which only an unvalidated formulation can hold.
    """
    return _ScipProgram(formulation).text()


class _ScipProgram(DictProgram):
    """Writes one program."""

    functions = SCIP_FUNCTIONS
    reserved = ("pyscipopt", "itertools", "model", "math", "solved", *DictProgram.footer_names, *SCIP_FUNCTIONS.names)
    writer = ScipText
    python: ScipText

    def import_line(self) -> str:
        pairs = {"all_different", "no_overlap"} & self.python.functions
        return "import itertools\n\nimport pyscipopt" if pairs else "import pyscipopt"

    def model_lines(self) -> Iterator[str]:
        title = comment_text(self.formulation.title)
        yield f"model = pyscipopt.Model({text_literal(title) if title else ''})"
        yield "model.hideOutput()"
        if self.is_curved:
            yield _CURVED

    @property
    def is_curved(self) -> bool:
        """Whether anything is not linear, so that SCIP meets rows only up to its tolerance."""
        model, stages = self.compiled.model, self.compiled.stages
        return (
            not model.is_linear
            or model.cones is not None
            or any(definition.function != "choice" for definition in self.compiled.context.definitions.entries)
            or any(stage.quadratic is not None or stage.nonlinear_root is not None for stage in stages)
        )

    def variable_lines(self, variable: Variable) -> Iterator[str]:
        own = self.own(variable)
        scope = whole_loops(own, self.names)
        lower, upper = self.bound(variable, "lower", scope), self.bound(variable, "upper", scope)
        if variable.domain == "semicontinuous":
            lower = "0"
        kind = _TYPES[variable.domain]
        if variable.domain == "binary" and (lower, upper) != ("0", "1"):
            kind = "I"
        arguments = [self.label(variable, own)]
        if kind != "C":
            arguments.append(f'vtype="{kind}"')
        if lower != "0" and kind != "B":
            arguments.append(f"lb={lower}")
        if upper is not None and kind != "B":
            arguments.append(f"ub={upper}")
        yield self.added(variable, own, "model.addVar", arguments)

    def semicontinuous_lines(self, variable: Variable) -> Iterator[str]:
        self.python.functions.add("either")
        yield from self.variable_lines(variable)

    def begin(self, element: str) -> None:
        super().begin(element)
        self.python.is_bent = False

    def objective_text(self, name: str, pieces: Pieces, sense: Sense, *, is_linear: bool) -> Iterator[str]:
        if is_linear and not self.python.is_bent:
            yield assigned_pieces(name, pieces)
            return
        # SCIP takes linear objectives only, so that others become a variable and a row.
        yield f'{name} = model.addVar("objective", lb=None)'
        operator = ">=" if sense is Sense.MINIMIZE else "<="
        yield called("model.addCons", [[f"{name} {operator} {pieces[0]}", *pieces[1:]]])

    def row_call(self, name: str, part: Comparison, clauses: tuple[Clause, ...]) -> str:
        is_constant = name in self.relations.constant
        if is_constant:
            self.python.functions.add("demand")
        return called("demand" if is_constant else "model.addCons", [self.relation(part, clauses)])

    def switched_calls(self, switched: Switched, clauses: tuple[Clause, ...]) -> list[str]:
        self.python.functions.add("demand_if")
        binary = self.python.write(switched.binary, clauses)
        value = [] if switched.value else [["value=0"]]
        return [called("demand_if", [[binary], self.relation(row, clauses), *value]) for row in switched.rows]

    def footer(self) -> str:
        objective = self.formulation.objective
        stages = zip(self.stage_names, self.compiled.stages, strict=False)
        return footer(
            sense=objective.sense if isinstance(objective, Objective) else "minimize",
            stages=[(name, str(s.sense), s.tolerance) for name, s in stages] if isinstance(objective, list) else [],
            variables=[(variable.name, self.names.element(variable.name)) for variable in self.formulation.variables],
        )
