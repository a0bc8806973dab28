"""Renders a formulation as a program in PySCIPOpt, the Python interface of SCIP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from nl2opt.formulation.findings import Finding
from nl2opt.formulation.language.syntax import Clause, Comparison
from nl2opt.formulation.render.dict_program import DictProgram
from nl2opt.formulation.render.folding import Pieces, assigned_pieces, called, enclosed
from nl2opt.formulation.render.literals import comment_text, text_literal
from nl2opt.formulation.render.predicates import Switched
from nl2opt.formulation.render.scip_footer import footer
from nl2opt.formulation.render.scip_functions import SCIP_FUNCTIONS
from nl2opt.formulation.render.scip_text import ScipText
from nl2opt.formulation.render.variable_bounds import whole_loops
from nl2opt.formulation.schema import Formulation, Objective, Variable
from solvers import Sense, back_end_named

_TYPES: Final = {"continuous": "C", "integer": "I", "binary": "B", "semicontinuous": "C"}
_UNITS: Final = "Choose other units."
_TOLERANCE: Final = 'model.setParam("numerics/feastol", 1e-9)'
_GAP: Final = """# SCIP may search for ever for the digits behind these gaps
model.setParam("limits/gap", 5e-7)
model.setParam("limits/absgap", 5e-7)"""
_STABLE: Final = """# Beyond this tolerance the linear programs of SCIP are unstable
model.setParam("constraints/nonlinear/tightenlpfeastol", False)"""


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

    def text(self) -> str:
        """Return the program.

        Raises:
            FormulationError: SCIP has no words for some expressions, or would misread some numbers.
        """
        scip = back_end_named("scip")
        refusal = scip.refusal(self.compiled.model) if scip is not None else None
        if refusal:
            message = refusal.removesuffix(_UNITS).rstrip(". ")
            self.refused.append(
                Finding(code="not_in_pyscipopt", message=message, mend=f"{_UNITS} Or render it to pyomo.")
            )
        return super().text()

    def model_lines(self) -> Iterator[str]:
        title = comment_text(self.formulation.title)
        yield f"model = pyscipopt.Model({text_literal(title) if title else ''})"
        yield "model.hideOutput()"
        has_functions = any(entry.function != "choice" for entry in self.compiled.context.definitions.entries)
        if self.is_curved or has_functions:
            yield _TOLERANCE
        if self.is_curved:
            yield _GAP
            yield _STABLE

    @property
    def is_curved(self) -> bool:
        """Whether anything but maxima and conditions is not linear."""
        model = self.compiled.model
        models = [stage.applied_to(model) for stage in self.compiled.stages] or [model]
        terms = ((each.quadratic_objective, each.quadratic_rows, each.nonlinear, each.cones) for each in models)
        return any(term is not None for each in terms for term in each)

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
            yield assigned_pieces(name, self.with_value(name, pieces))
            return
        # SCIP takes linear objectives only, so that others become a variable and a row.
        yield f'{name} = model.addVar("objective", lb=None)'
        operator = ">=" if sense is Sense.MINIMIZE else "<="
        yield called("model.addCons", [[f"{name} {operator} {pieces[0]}", *pieces[1:]]])

    def with_value(self, name: str, pieces: Pieces) -> Pieces:
        """Return an objective as an expression of PySCIPOpt, also where one of several is a plain number."""
        is_constant = not self.compiled.stages[self.stage_names.index(name)].coefficients.any()
        if not isinstance(self.formulation.objective, list) or not is_constant:
            return pieces
        return enclosed("pyscipopt.quicksum([", pieces, "])")

    def row_call(self, name: str, part: Comparison, clauses: tuple[Clause, ...]) -> str:
        is_constant = name in self.relations.constant
        relation = self.relation(part, clauses)
        if is_constant:
            self.python.functions.add("demand")
            return called("demand", [relation])
        return called("model.addCons", [relation, [f"name={self.row_label(name, clauses)}"]])

    def row_label(self, name: str, clauses: tuple[Clause, ...]) -> str:
        """Return the name that SCIP gets for a row, as code."""
        parts = [f"{{{self.names.loop(target)}!r}}" for clause in clauses for target in clause.targets]
        return f'f"{name}[{", ".join(parts)}]"' if parts else text_literal(name)

    def switched_calls(self, switched: Switched, clauses: tuple[Clause, ...]) -> list[str]:
        self.python.functions.add("demand_if")
        binary = self.python.write(switched.binary, clauses)
        value = [] if switched.value else [["value=0"]]
        return [called("demand_if", [[binary], self.relation(row, clauses), *value]) for row in switched.rows]

    def footer(self) -> str:
        objective = self.formulation.objective
        stages = zip(self.stage_names, self.compiled.stages, strict=False)
        return footer(
            is_curved=self.is_curved,
            sense=objective.sense if isinstance(objective, Objective) else "minimize",
            stages=[(name, str(s.sense), s.tolerance) for name, s in stages] if isinstance(objective, list) else [],
            variables=[(variable.name, self.names.element(variable.name)) for variable in self.formulation.variables],
        )
