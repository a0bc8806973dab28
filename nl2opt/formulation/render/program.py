"""What the programs of all modelling libraries have in common: data at the top, then the model, then the solve.

A program is built from validated identifiers, literals and nodes of the expression language. Text of people
and language models stands in comments and string literals only.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import ClassVar

import numpy as np

from nl2opt.errors import FormulationError
from nl2opt.formulation.checks.names import error_finding
from nl2opt.formulation.compilation.compiled import CompiledFormulation
from nl2opt.formulation.compilation.compiler import compile_formulation
from nl2opt.formulation.evaluation.context import ParameterTable
from nl2opt.formulation.evaluation.elements import FloatArray, SetTable
from nl2opt.formulation.findings import Finding
from nl2opt.formulation.language.parser import ExpressionError, parse_expression
from nl2opt.formulation.language.precedence import ADDITION
from nl2opt.formulation.objectives import SENSES, Stage, objective_elements
from nl2opt.formulation.render.data_text import parameter_lines, set_lines, unit_text, uses_defaults
from nl2opt.formulation.render.extremum_text import ExtremumText, exact_spans
from nl2opt.formulation.render.folding import Pieces, commented, enclosed
from nl2opt.formulation.render.literals import comment_text, is_written_whole, number_literal
from nl2opt.formulation.render.loops import Loop, Members
from nl2opt.formulation.render.names import ProgramNames
from nl2opt.formulation.render.python_text import PythonText
from nl2opt.formulation.render.relations import Demand, Predicate, Relations, demand_of
from nl2opt.formulation.render.set_functions import SET_FUNCTIONS
from nl2opt.formulation.render.unsaid import unsaid, unsaid_thing
from nl2opt.formulation.render.variable_bounds import FRACTIONAL, Side, bound_text, whole_bound
from nl2opt.formulation.schema import Constraint, Formulation, Objective, Variable


class Program(ABC):
    """Writes the program of one formulation; a subclass for each modelling library.

    Attributes:
        reserved: names that the program uses itself.
        attributes: names that the object to which variables and constraints are attached has already.
        prefix: what stands in front of the name of a variable: `model.`.
        writer: the class that writes expressions.
        refused: findings about expressions that the library cannot take.
    """

    reserved: ClassVar[tuple[str, ...]]
    attributes: ClassVar[frozenset[str]] = frozenset()
    prefix: ClassVar[str] = ""
    writer: ClassVar[type[PythonText]] = PythonText

    def __init__(self, formulation: Formulation) -> None:
        """Compile a formulation and name what is in it.

        Raises:
            FormulationError: the formulation has no single meaning.
            ValueError: a name is not an identifier, which only an unvalidated formulation can hold.
        """
        reserved = (*self.reserved, *SET_FUNCTIONS, "defaultdict")
        self.names = ProgramNames(formulation, reserved=reserved, attributes=self.attributes)
        self.formulation = formulation
        self.compiled = compile_formulation(formulation).require()
        self.python = self._writer_of(self.compiled)
        self.relations = Relations(self.compiled, self.python)
        self.refused: list[Finding] = []

    def _writer_of(self, compiled: CompiledFormulation) -> PythonText:
        formulation = self.formulation
        parameters = compiled.context.parameters.items()
        return self.writer(
            self.names,
            sets={name: _components(table) for name, table in compiled.context.sets.items()},
            families={name: _components(family.members) for name, family in compiled.context.families.items()},
            index=dict(_indices(formulation)),
            prefixed={variable.name: self.prefix for variable in formulation.variables},
            fractional=frozenset(name for name, table in parameters if not _is_whole(table)),
        )

    def text(self) -> str:
        """Return the program.

        Raises:
            FormulationError: the library cannot take some expressions; there is a finding for each of them.
        """
        data = [*set_lines(self.compiled, self.names), *parameter_lines(self.compiled, self.names)]
        variables = [*self.model_lines(), *self._variables()]
        rows = [*self._objective(), *self._constraints()]
        if self.refused:
            raise FormulationError(self.refused)
        functions = [f"\n\n{text}" for name, text in SET_FUNCTIONS.items() if name in self.python.helpers]
        blocks = [*self._header(), *functions, *data, "", *variables, *self.helper_lines(), *rows, self.footer()]
        return "\n".join(blocks)

    def _header(self) -> Iterator[str]:
        """Yield the imports, then the title.

        Never the other way round: a comment in the first two lines of a program can name its encoding, and in
        some encodings plain words of a person are code.
        """
        imports = self.import_line()
        standard = ["import math"] if self.python.uses_math else []
        if uses_defaults(self.compiled):
            standard.append("from collections import defaultdict")
        yield from [*standard, ""] if standard else []
        yield imports
        title = comment_text(self.formulation.title)
        if title:
            yield f"\n# {title}"

    def _variables(self) -> Iterator[str]:
        yield "\n# Variables"
        for variable in self.formulation.variables:
            yield from commented(variable.description, unit_text(variable.unit))
            if variable.domain == "semicontinuous":
                yield from self._attempt(f"variables.{variable.name}", partial(self.semicontinuous_lines, variable))
            else:
                yield from self.variable_lines(variable)

    def _objective(self) -> Iterator[str]:
        yield "\n# Objective"
        objective = self.formulation.objective
        if isinstance(objective, list):
            yield from self._attempt("objective", lambda: self.objective_list_lines(objective))
            return
        if objective is not None:
            yield from commented(objective.description)
        yield from self._attempt("objective", lambda: self.objective_lines(objective))

    def _constraints(self) -> Iterator[str]:
        if self.formulation.constraints:
            yield "\n# Constraints"
        for constraint in self.formulation.constraints:
            if not constraint.enabled:
                yield from commented(f"switched off: {constraint.name}: {constraint.expression}")
                continue
            yield from commented(constraint.description)
            demand = demand_of(constraint)
            if isinstance(demand, Demand):
                rows = partial(self.constraint_lines, constraint, demand)
            else:
                rows = partial(self.predicate_lines, constraint, demand)
            yield from self._attempt(f"constraints.{constraint.name}", rows)

    def predicate_lines(self, constraint: Constraint, demand: Predicate) -> Iterable[str]:
        """Return the lines of a demand that is no comparison.

        Raises:
            ExpressionError: the library has no words for it.
        """
        raise unsaid(self.writer.library, demand.body)

    def semicontinuous_lines(self, variable: Variable) -> Iterable[str]:
        """Return the lines of a semicontinuous variable.

        Raises:
            ExpressionError: the library has no words for it.
        """
        raise unsaid_thing(self.writer.library, "a semicontinuous variable", variable.name)

    def _attempt(self, element: str, write: Callable[[], Iterable[str]]) -> list[str]:
        """Write the lines of an element; what the library cannot take becomes a finding."""
        try:
            return list(write())
        except ExpressionError as error:
            self.refused.append(error_finding(error, element, "expression"))
            return []

    def begin(self, element: str) -> None:
        """Prepare to write the expression of an element: where maxima in it take binary variables."""
        if isinstance(self.python, ExtremumText):
            self.python.exact = exact_spans(self.compiled, element)

    def stage_pieces(self, objectives: Sequence[Objective], stage: Stage) -> Pieces:
        """Return the weighted sum of the objectives of one stage as code."""
        elements = [element for element, _ in objective_elements(self.formulation)]
        parts: Pieces = []
        for place in stage.places:
            objective = objectives[place]
            self.begin(elements[place])
            root = parse_expression(objective.expression).root
            if len(stage.places) == 1:
                return self.python.pieces(root, around=ADDITION)
            sign = ("+ " if parts else "") if SENSES[objective.sense] is stage.sense else "- "
            weight = "" if objective.weight == 1 else f"{number_literal(float(objective.weight))} * "
            parts += enclosed(f"{sign}{weight}(", self.python.pieces(root), ")")
        return parts

    def bound(self, variable: Variable, side: Side, scope: Mapping[str, Loop]) -> str | None:
        """Return a bound of a variable as code, `None` where there is none.

        Args:
            variable: whose bound it is.
            side: which bound.
            scope: the variable's own indices as loop variables.
        """
        return bound_text(variable, side, self.bound_values(variable, side), self.python, scope)

    def bound_values(self, variable: Variable, side: Side) -> FloatArray:
        """Return the bound of each column of a variable (n,)."""
        table, model = self.compiled.variables[variable.name], self.compiled.model
        bounds = model.column_lower if side == "lower" else model.column_upper
        return bounds[table.offset : table.offset + table.size]

    def has_crossed_bounds(self, variable: Variable) -> bool:
        """Whether a lower bound exceeds the upper one, so that nothing is feasible."""
        lower, upper = self.bound_values(variable, "lower"), self.bound_values(variable, "upper")
        if variable.domain not in FRACTIONAL:
            lower, upper = whole_bound(lower, "lower"), whole_bound(upper, "upper")
        return bool(np.any(lower > upper))

    @abstractmethod
    def import_line(self) -> str:
        """Return the line that imports the library."""

    @abstractmethod
    def model_lines(self) -> Iterable[str]:
        """Return the lines that make the empty model."""

    @abstractmethod
    def variable_lines(self, variable: Variable) -> Iterable[str]:
        """Return the lines that add a variable."""

    def helper_lines(self) -> Iterable[str]:
        """Return the lines of what stands between the variables and the objective."""
        return ()

    @abstractmethod
    def objective_lines(self, objective: Objective | None) -> Iterable[str]:
        """Return the lines that state the objective."""

    @abstractmethod
    def objective_list_lines(self, objectives: Sequence[Objective]) -> Iterable[str]:
        """Return the lines that state several objectives."""

    @abstractmethod
    def constraint_lines(self, constraint: Constraint, demand: Demand) -> Iterable[str]:
        """Return the lines that add the rows of a constraint."""

    @abstractmethod
    def footer(self) -> str:
        """Return the end of the program, which solves the model and prints what came out."""


def _components(table: SetTable) -> list[Members]:
    """Return the elements that each component of a set's elements may be."""
    return [frozenset(table.universe.elements[code] for code in np.unique(column)) for column in table.columns]


def _indices(formulation: Formulation) -> Iterator[tuple[str, list[str]]]:
    """Yield the names of families of sets, parameters and variables, each with the names of its sets."""
    yield from ((declared.name, declared.index) for declared in formulation.sets)
    yield from ((declared.name, declared.index) for declared in formulation.parameters)
    yield from ((declared.name, declared.index) for declared in formulation.variables)


def _is_whole(table: ParameterTable) -> bool:
    """Whether all numbers of a parameter are whole in Python."""
    return is_written_whole(table.values) and is_written_whole(table.default)
