"""The five-element formulation: sets, parameters, variables, objective, constraints (schema version 1).

The five elements are those of LLMOPT (Jiang et al., ICLR 2025). The keys are frozen: a file of version 1 is
read by every later release. Structure is checked here, on the way in; meaning (names, lengths, keys,
expressions) is checked by `nl2opt.formulation.checker`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, Literal

from pydantic import Field

from nl2opt.formulation.changes import Alternative, Assumption, Change
from nl2opt.formulation.elements import Constraint, Domain, Objective, Objectives, Parameter, Set, Variable
from nl2opt.formulation.field_types import (
    MAX_NAME_CHARACTERS,
    RESERVED_NAMES,
    Bound,
    Element,
    ElementName,
    Scalar,
    SetElement,
)

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from nl2opt.formulation.analysis.conflict import Conflict
    from nl2opt.formulation.analysis.repairs import Repair
    from nl2opt.formulation.analysis.runaway import Runaway
    from nl2opt.formulation.analysis.sensitivity import Sensitivity
    from nl2opt.formulation.analysis.solutions import Solutions
    from nl2opt.formulation.editing.difference import Difference
    from nl2opt.formulation.findings import Finding
    from nl2opt.formulation.limits import Limits
    from nl2opt.tables.attached import Data
    from solvers import OnSolverEvent, Solution, SolveOptions

__all__ = [
    "MAX_NAME_CHARACTERS",
    "RESERVED_NAMES",
    "SCHEMA_VERSION",
    "Alternative",
    "Assumption",
    "Bound",
    "Change",
    "Constraint",
    "Domain",
    "ElementName",
    "Formulation",
    "Objective",
    "Objectives",
    "Parameter",
    "Scalar",
    "Set",
    "SetElement",
    "Variable",
]

SCHEMA_VERSION: Final = 1


class Formulation(Element):
    """A decision problem in five elements, from which everything else is made."""

    title: str = ""
    sets: list[Set] = Field(default_factory=list)
    parameters: list[Parameter] = Field(default_factory=list)
    variables: list[Variable] = Field(min_length=1)
    objective: Objectives
    constraints: list[Constraint] = Field(default_factory=list)
    assumptions: list[Assumption] = Field(default_factory=list)
    version: Literal[1] = SCHEMA_VERSION

    @property
    def objectives(self) -> tuple[Objective, ...]:
        """Every objective, in the order of the list; empty when any feasible point will do."""
        if self.objective is None:
            return ()
        return tuple(self.objective) if isinstance(self.objective, list) else (self.objective,)

    @classmethod
    def from_json(cls, text: str | bytes, *, limits: Limits | None = None) -> Formulation:
        """Read a formulation from JSON text.

        Args:
            text: the JSON.
            limits: how long it may be; `None` for the usual limits.

        Raises:
            FormulationError: the text is too long, not JSON, or not of the schema; every fault is a finding.
        """
        from nl2opt.formulation.read import formulation_from_json

        return formulation_from_json(text, limits=limits)

    @classmethod
    def from_dict(cls, content: object) -> Formulation:
        """Read a formulation from the objects that `json.loads` gives.

        Raises:
            FormulationError: it is not of the schema; every fault is a finding.
        """
        from nl2opt.formulation.read import formulation_from_dict

        return formulation_from_dict(content)

    def to_json(self, *, indent: int | None = 2) -> str:
        """Write the formulation as JSON text that `from_json` reads back; what is empty is left out.

        What attached tables gave is left out as well: their names and columns stand there, and not their cells.
        """
        content = self.unfilled().model_dump(mode="json", by_alias=True, exclude_defaults=True)
        content.setdefault("objective", None)
        for declared in content.get("sets", []):
            if "table" in declared and not declared.get("elements"):
                declared.pop("elements", None)
        return json.dumps({**content, "version": self.version}, indent=indent, ensure_ascii=False)

    def save(self, path: str | Path) -> Path:
        """Write the formulation to a JSON file that `load` and `nl2opt run` read; see `to_json`.

        Sets that a table gave keep fingerprints of their elements, so that a later run can say which ones are new.

        Raises:
            StoreError: the file cannot be written.
        """
        from nl2opt.tables.plan_file import save_plan

        return save_plan(self, path)

    @classmethod
    def load(cls, path: str | Path, *, data: Data | None = None) -> Formulation:
        """Read a formulation from a JSON file.

        Args:
            path: of the file.
            data: tables to attach, as for `with_data`; `None` for none.

        Raises:
            FormulationError: it is not a formulation, or the tables do not fit; every fault is a finding.
            DataError: a table cannot be read.
            StoreError: the file cannot be read.
        """
        from nl2opt.tables.plan_file import load_plan

        loaded = load_plan(path)
        return loaded if data is None else loaded.with_data(data)

    def with_data(self, data: Data | None, *, values: Mapping[str, Any] | None = None) -> Formulation:
        """Return the formulation with what attached tables hold in the place of what they held before.

        Args:
            data: by the name of each table a file, a DataFrame, a dict of lists or a list of dicts; or files alone.
            values: numbers for parameters, by name.

        Raises:
            DataError: a table cannot be read.
            FormulationError: the tables do not fit; every fault is a finding.
        """
        from nl2opt.tables.attached import read_tables
        from nl2opt.tables.binding import bind

        return bind(self, read_tables(data, values=values)).require()

    def given(self, **values: Any) -> Formulation:
        """Return the formulation with values for parameters, such as those that are missing.

        Raises:
            FormulationError: there is no parameter of a name.
        """
        from nl2opt.errors import FormulationError
        from nl2opt.tables.binding import with_values

        filled, findings = with_values(self, values)
        if findings:
            raise FormulationError(findings)
        return filled

    @property
    def has_cells(self) -> bool:
        """Whether attached tables gave it elements or numbers."""
        return any(d.without_cells() is not d and d.elements for d in self.sets) or any(
            p.without_cells() is not p and p.value is not None for p in self.parameters
        )

    def unfilled(self) -> Formulation:
        """Return the formulation without what attached tables gave it, so that others can be attached."""
        emptied = {
            "sets": [declared.unfilled() for declared in self.sets],
            "parameters": [parameter.unfilled() for parameter in self.parameters],
        }
        return self.model_copy(update=emptied)

    def without_cells(self) -> Formulation:
        """Return the formulation without what came from attached tables: what may be shown to a language model.

        What was changed of a table since, as by what-if, is left out as a whole, since it holds all other cells, and so
        are readings that lead back to it. Where numbers are given to elements of a table, their names are left out.
        """
        from nl2opt.formulation.editing.hidden_cells import without_cells

        return without_cells(self)

    @property
    def enabled_constraints(self) -> list[Constraint]:
        """The constraints that are not switched off, in order."""
        return [constraint for constraint in self.constraints if constraint.enabled]

    def apply(self, changes: Change | Iterable[Change]) -> Formulation:
        """Return the formulation with one change or several made, in order; this one stays as it is.

        Raises:
            FormulationError: a path does not exist, or the schema refuses what comes out; then nothing is changed.
        """
        from nl2opt.formulation.editing.edit import apply

        return apply(self, changes)

    def diff(self, other: Formulation) -> Difference:
        """Return what turns this formulation into another: typed changes, and words for a person."""
        from nl2opt.formulation.editing.difference import diff

        return diff(self, other)

    def describe(self) -> str:
        """Say the formulation in plain English: every number, bound, domain, index and clause, and nothing else."""
        from nl2opt.formulation.words.describe import describe

        return describe(self)

    def structure_hash(self) -> str:
        """Return a fingerprint that does not depend on names, order and the scale of rows.

        Raises:
            FormulationError: the formulation has no single meaning.
        """
        from nl2opt.formulation.compilation.structure import structure_hash

        return structure_hash(self)

    def check(
        self, *, data: Data | None = None, values: Mapping[str, Any] | None = None, limits: Limits | None = None
    ) -> tuple[Finding, ...]:
        """Return everything that is wrong or doubtful in the formulation; empty when nothing is.

        Args:
            data: tables to attach, as for `with_data`; `None` for none.
            values: numbers for parameters, by name.
            limits: how large it may be; `None` for the usual limits.

        Raises:
            DataError: a table cannot be read.
        """
        if data is not None or values:
            from nl2opt.tables.checking import check_with_data

            return check_with_data(self, data, values, limits)
        from nl2opt.formulation.checker import check

        return check(self, limits=limits)

    def solve(
        self,
        *,
        data: Data | None = None,
        values: Mapping[str, Any] | None = None,
        solver: str = "auto",
        options: SolveOptions | None = None,
        on_event: OnSolverEvent | None = None,
        cancel: threading.Event | None = None,
        limits: Limits | None = None,
    ) -> Solution:
        """Compile and solve the formulation.

        Args:
            data: tables to attach, as for `with_data`; `None` for none.
            values: numbers for parameters, by name.
            solver: name of a back end; `auto` picks one.
            options: of the solver.
            on_event: called with incumbents.
            cancel: set it to stop.
            limits: how large the formulation may be; `None` for the usual limits.

        Raises:
            FormulationError: it has no single meaning; the findings say why.
            DataError: a table cannot be read.
        """
        from nl2opt.formulation.solve import solve_formulation

        bound = self if data is None and not values else self.with_data(data, values=values)
        return solve_formulation(bound, solver=solver, options=options, on_event=on_event, cancel=cancel, limits=limits)

    def sensitivity(
        self,
        *,
        constraints: Sequence[str] | None = None,
        step: float | None = None,
        seconds: float = 10.0,
        solver: str = "auto",
        options: SolveOptions | None = None,
        cancel: threading.Event | None = None,
        limits: Limits | None = None,
    ) -> Sensitivity:
        """Solve the formulation, and find out which constraints hold it back and what it would be worth to move them.

        Args:
            constraints: names of those that are looked at; `None` for the binding rows, at most 20.
            step: by which sides are moved where there are no shadow prices, as in models with integer variables;
                `None` for 1 where the side is a whole number, else a tenth of the power of ten below it.
            seconds: for everything after the first solve; what is not looked at by then is left out, with a note.
            solver: name of a back end; `auto` picks one.
            options: of the solver.
            cancel: set it to stop.
            limits: how large the formulation may be; `None` for the usual limits.

        Raises:
            FormulationError: it has no single meaning, or there is no constraint of a name; the findings say why.
        """
        from nl2opt.formulation.analysis.sensitivity import formulation_sensitivity

        return formulation_sensitivity(
            self, constraints=constraints, step=step, seconds=seconds, solver=solver, options=options, cancel=cancel,
            limits=limits,
        )  # fmt: skip

    def solutions(
        self,
        k: int,
        *,
        solver: str = "auto",
        options: SolveOptions | None = None,
        on_event: OnSolverEvent | None = None,
        cancel: threading.Event | None = None,
        limits: Limits | None = None,
    ) -> Solutions:
        """Find the k best solutions that differ in integer or binary variables, the best first, ties included.

        Args:
            k: how many, at least 1; fewer come back where fewer exist.
            solver: name of a back end; `auto` picks one.
            options: of the solver; the time limit is that of all solutions together.
            on_event: called with incumbents.
            cancel: set it to stop.
            limits: how large the formulation may be; `None` for the usual limits.

        Raises:
            FormulationError: it has no single meaning, no integer variables, or objectives of several priorities.
            ValueError: k is less than 1.
        """
        from nl2opt.formulation.analysis.solutions import formulation_solutions

        return formulation_solutions(
            self, k, solver=solver, options=options, on_event=on_event, cancel=cancel, limits=limits
        )  # fmt: skip

    def conflict(
        self,
        *,
        options: SolveOptions | None = None,
        cancel: threading.Event | None = None,
        limits: Limits | None = None,
    ) -> Conflict | None:
        """Find demands that exclude each other, none of which could be left out: why there is no solution.

        Args:
            options: of the solver; the time limit is that of the whole search, 20 seconds when it is `None`.
            cancel: set it to stop.
            limits: how large the formulation may be; `None` for the usual limits.

        Returns:
            The conflict; `None` when there is a solution, or when nobody could tell in time.

        Raises:
            FormulationError: it has no single meaning; the findings say why.
        """
        from nl2opt.formulation.analysis.conflict import formulation_conflict

        return formulation_conflict(self, options=options, cancel=cancel, limits=limits)

    def repairs(
        self,
        movable: Sequence[str] | None = None,
        *,
        options: SolveOptions | None = None,
        cancel: threading.Event | None = None,
        limits: Limits | None = None,
    ) -> tuple[Repair, ...]:
        """Find changes of its numbers that would give it a solution; each was tried out.

        Args:
            movable: names of parameters, constraints and variables, or bounds such as `make.upper`, that may move;
                `None` for the sides of all constraints and all bounds, but not for lower bounds of 0.
            options: of the solver; the time limit is that of the search for the conflict, and again that of all repairs
                together, 20 seconds when it is `None`.
            cancel: set it to stop.
            limits: how large the formulation may be; `None` for the usual limits.

        Returns:
            The one that moves least in all, then for each number of the conflict how far it would have to move alone,
                where that does; empty when there is a solution already, or nothing was found in time.

        Raises:
            FormulationError: it has no single meaning, or there is nothing of a name that was given.
        """
        from nl2opt.formulation.analysis.repairs import formulation_repairs

        return formulation_repairs(self, movable, options=options, cancel=cancel, limits=limits)

    def runaway(
        self,
        *,
        options: SolveOptions | None = None,
        cancel: threading.Event | None = None,
        limits: Limits | None = None,
    ) -> Runaway | None:
        """Find which variables change without end in a formulation that has no best solution.

        Args:
            options: of the solver.
            cancel: set it to stop.
            limits: how large the formulation may be; `None` for the usual limits.

        Returns:
            The direction; `None` when the formulation is not unbounded, or the solver knows none.

        Raises:
            FormulationError: it has no single meaning; the findings say why.
        """
        from nl2opt.formulation.analysis.runaway import formulation_runaway

        return formulation_runaway(self, options=options, cancel=cancel, limits=limits)

    def to_program(self, library: str = "pyomo") -> str:
        """Write a program that builds and solves the formulation with a modelling library.

        Args:
            library: `pyomo`; `highspy` for its own modelling layer: linear, with a convex quadratic objective;
                `ortools` or `pyscipopt`, which say demands such as `implies` too.

        Raises:
            FormulationError: the formulation has no single meaning, or the library cannot say it; the findings say why.
            ValueError: no such library.
        """
        from nl2opt.formulation.render import render_program

        return render_program(self, library)

    def to_lp(self) -> str:
        """Write the flat model as an LP file, with a map of the names that had to be changed at its top.

        Conditions, cones and global constraints are rewritten exactly; the top says what was added for which.

        Raises:
            FormulationError: the formulation has no single meaning.
            solvers.ExchangeError: LP files cannot hold it: nonlinear functions, objectives of several priorities, a
                condition on a variable without a bound.
        """
        from nl2opt.formulation.exchange.model_files import model_file

        return model_file(self, "lp").text

    def to_mps(self) -> str:
        """Write the flat model as an MPS file; otherwise as `to_lp`."""
        from nl2opt.formulation.exchange.model_files import model_file

        return model_file(self, "mps").text

    def to_latex(self, *, standalone: bool = False) -> str:
        """Write the formulation as LaTeX.

        Args:
            standalone: whether a whole document is written, with tables of the sets, parameters and variables;
                else one display of the mathematics, which notebooks show.
        """
        from nl2opt.formulation.render.latex import to_latex
        from nl2opt.formulation.render.latex_document import to_latex_document

        return to_latex_document(self) if standalone else to_latex(self)

    def to_markdown(self, *, math: bool = False) -> str:
        """Write the five elements as Markdown.

        Args:
            math: whether expressions are written as mathematics between dollar signs, which notebooks and many pages
                show; else as code, in the words of the expression language.
        """
        from nl2opt.formulation.render.markdown import to_markdown

        return to_markdown(self, math=math)

    def _repr_latex_(self) -> str:
        return self.to_latex()

    def _repr_markdown_(self) -> str:
        return self.to_markdown()
