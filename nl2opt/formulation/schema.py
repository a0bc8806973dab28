"""The five-element formulation: sets, parameters, variables, objective, constraints (schema version 1).

The five elements are those of LLMOPT (Jiang et al., ICLR 2025). The keys are frozen: a file of version 1 is
read by every later release. Structure is checked here, on the way in; meaning (names, lengths, keys,
expressions) is checked by `nl2opt.formulation.checker`.
"""

from __future__ import annotations

import json
import keyword
import math
import unicodedata
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag

from nl2opt.formulation.language.syntax import FUNCTIONS

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterable, Sequence

    from nl2opt.formulation.analysis.conflict import Conflict
    from nl2opt.formulation.analysis.repairs import Repair
    from nl2opt.formulation.analysis.runaway import Runaway
    from nl2opt.formulation.analysis.sensitivity import Sensitivity
    from nl2opt.formulation.analysis.solutions import Solutions
    from nl2opt.formulation.editing.difference import Difference
    from nl2opt.formulation.findings import Finding
    from nl2opt.formulation.limits import Limits
    from solvers import OnSolverEvent, Solution, SolveOptions

SCHEMA_VERSION: Final = 1
MAX_NAME_CHARACTERS: Final = 100
RESERVED_NAMES: Final = frozenset({*FUNCTIONS, "inf"})
"""Names that mean something in the expression language."""

_TAKEN: Final = "`{0}` has a meaning of its own in expressions; choose another name"
Domain = Literal["continuous", "integer", "binary", "semicontinuous"]


def _name(name: str) -> str:
    if name in RESERVED_NAMES:
        raise ValueError(_TAKEN.format(name))
    return _label(name)


def _label(name: str) -> str:
    """Check a name that no expression names: words of the expression language are free for it."""
    normal = unicodedata.normalize("NFKC", name)
    if not normal.isidentifier():
        raise ValueError("a name is made of letters, digits and `_`, and does not begin with a digit")
    if normal != name:
        raise ValueError(f"the name contains look-alike letters; write `{normal}`")
    if keyword.iskeyword(name) or name.startswith("__"):
        raise ValueError(_TAKEN.format(name))
    if len(name) > MAX_NAME_CHARACTERS:
        raise ValueError(f"the name is longer than {MAX_NAME_CHARACTERS} characters")
    return name


def _optional_name(name: str) -> str:
    return _name(name) if name else name


def _lower_case(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


def _scalar(value: float) -> float:
    try:
        float(value)
    except OverflowError:
        raise ValueError("the number is too large") from None
    return value


def _bound(bound: float | str) -> float | str:
    if isinstance(bound, int):
        return _scalar(bound)
    if isinstance(bound, float) and not math.isfinite(bound):
        if math.isnan(bound):
            raise ValueError("a bound is a number")
        return "inf" if bound > 0 else "-inf"  # what JSON can hold
    return bound


ElementName = Annotated[str, AfterValidator(_name)]
Label = Annotated[str, AfterValidator(_label)]
SetElement = str | int
"""An element of a set of arity one; elements of sets of pairs are lists of these."""
Scalar = Annotated[int | float, AfterValidator(_scalar)]
Bound = Annotated[int | float | str, AfterValidator(_bound)]
"""A number, an expression over the variable's own indices, or "-inf" / "inf"."""


class _Element(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, strict=True)


class Set(_Element):
    """An ordered set.

    Attributes:
        index: names of the sets that a family of sets is indexed by; empty for a plain set.
        elements: texts, whole numbers or lists of these (a set of pairs has arity 2), in order; or an
            expression: `"range(1, 13)"`, `"[(i, j) for i in I for j in J if i != j]"`. Of a family: an object
            that gives each key its list, a list of lists in the order of the index, or a mapping
            `"{i: [j for j in J if dist[i, j] <= 3] for i in I}"`.
    """

    name: ElementName
    index: list[str] = Field(default_factory=list)
    elements: list[Any] | str | dict[Any, Any]
    description: str = ""

    @cached_property
    def known_distinct(self) -> list[list[Any]]:
        """What the elements were when they were last found to be distinct texts: one list, or none yet."""
        return []


class Parameter(_Element):
    """A known number, or a table of them.

    Attributes:
        index: names of the sets it is indexed by; a set of pairs counts as two indices.
        value: a number; for an indexed one nested lists in the order of the sets, nested objects, or an
            object with keys `"a,b"`; or an expression of other parameters; `None` when a table gives it.
        unit: as in `$/item`; empty when it has none.
        source: the words of the problem that it was taken from; empty when they are not known.
        default: what a key that is left out means; `None` makes it an error.
        table: name of the attached table that holds the values; `None` when they stand in `value`.
        column: column of that table.
    """

    name: ElementName
    index: list[str] = Field(default_factory=list)
    value: Any = None
    unit: str = ""
    source: str = ""
    description: str = ""
    default: Scalar | None = None
    table: str | None = None
    column: str | None = None


class Variable(_Element):
    """A decision, or a family of them.

    Attributes:
        index: names of the sets it is indexed by.
        domain: `continuous`, `integer`, `binary` or `semicontinuous`: 0, or between its bounds.
        lower: lower bound; left out it is 0, which is recorded as an assumption; `"-inf"` for none.
        upper: upper bound; `None` for none.
        as_: names of the variable's own indices in its bounds; left out, the set names in lower case.
    """

    name: ElementName
    index: list[str] = Field(default_factory=list)
    domain: Annotated[Domain, BeforeValidator(_lower_case)]
    lower: Bound | None = None
    upper: Bound | None = None
    as_: list[ElementName] | None = Field(default=None, alias="as")
    description: str = ""
    unit: str = ""

    @property
    def states_lower(self) -> bool:
        """Whether a lower bound was written down."""
        return self.lower is not None or self.domain == "binary"


class Objective(_Element):
    """What is made as large or as small as possible.

    Attributes:
        name: by which one of several is called; may be empty.
        priority: one of several with a larger priority is optimised before the others.
        weight: above 0; objectives of one priority are added up with their weights.
        tolerance: by how much objectives of smaller priority may make this one worse than its optimum, relative to
            max(1, |optimum|).
    """

    sense: Annotated[Literal["minimize", "maximize"], BeforeValidator(_lower_case)]
    expression: str
    description: str = ""
    unit: str = ""
    name: Annotated[str, AfterValidator(_optional_name)] = ""
    priority: int = 0
    weight: Scalar = 1
    tolerance: Scalar = 1e-12


def _one_or_several(value: object) -> str:
    return "none" if value is None else "several" if isinstance(value, list | tuple) else "one"


Objectives = Annotated[
    Annotated[Objective, Tag("one")] | Annotated[list[Objective], Tag("several")] | Annotated[None, Tag("none")],
    Discriminator(_one_or_several),
]
"""One objective, several of them, or none: any feasible point will do."""


class Constraint(_Element):
    """A row, or one row for each value of the loop variables of its expression.

    Attributes:
        enabled: whether it is demanded; one that is switched off stays in the file and demands nothing.
    """

    name: Label
    expression: str
    description: str = ""
    source: str = ""
    enabled: bool = True


class Change(_Element):
    """One edit of a formulation: set a value at a path, add, remove or replace an element, switch one off.

    Attributes:
        kind: `set` a field or an entry that is there; `add` an element, an entry or a key; `remove` one, or a field
            that may be left out; `replace` a whole element; `switch_off` a constraint.
        path: of what is changed, as in `variables.make.domain` or `parameters.cost.value.a,b`; `add` takes the path
            of the list to append to, or ends in a number (from 0) to insert there, or in a key.
        value: the new value; not used by `remove` and `switch_off`.
    """

    kind: Literal["set", "add", "remove", "replace", "switch_off"]
    path: str
    value: Any = None

    def inverse(self, formulation: Formulation) -> Change:
        """Return the change that undoes this one.

        Args:
            formulation: as it is before this change.

        Raises:
            FormulationError: the path does not exist in it.
        """
        from nl2opt.formulation.editing.edit import inverse

        (change,) = inverse(formulation, self)
        return change


class Alternative(_Element):
    """Another reading of the problem, and the edit that makes it."""

    text: str
    change: Change


class Assumption(_Element):
    """Something the problem does not say that the formulation takes for granted.

    Attributes:
        text: the assumption, in words.
        element: the name of the element it concerns; empty for the whole formulation.
        alternatives: other readings.
    """

    text: str
    element: str = ""
    alternatives: list[Alternative] = Field(default_factory=list)


class Formulation(_Element):
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
        """Write the formulation as JSON text that `from_json` reads back; what is empty is left out."""
        content = self.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        content.setdefault("objective", None)
        return json.dumps({**content, "version": self.version}, indent=indent, ensure_ascii=False)

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

    def check(self, *, limits: Limits | None = None) -> tuple[Finding, ...]:
        """Return everything that is wrong or doubtful in the formulation; empty when nothing is.

        Args:
            limits: how large it may be; `None` for the usual limits.
        """
        from nl2opt.formulation.checker import check

        return check(self, limits=limits)

    def solve(
        self,
        *,
        solver: str = "auto",
        options: SolveOptions | None = None,
        on_event: OnSolverEvent | None = None,
        cancel: threading.Event | None = None,
        limits: Limits | None = None,
    ) -> Solution:
        """Compile and solve the formulation.

        Args:
            solver: name of a back end; `auto` picks one.
            options: of the solver.
            on_event: called with incumbents.
            cancel: set it to stop.
            limits: how large the formulation may be; `None` for the usual limits.

        Raises:
            FormulationError: it has no single meaning; the findings say why.
        """
        from nl2opt.formulation.solve import solve_formulation

        return solve_formulation(self, solver=solver, options=options, on_event=on_event, cancel=cancel, limits=limits)

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
            library: `pyomo`, or `highspy` for its own modelling layer, which is linear.

        Raises:
            FormulationError: the formulation has no single meaning, or is quadratic and the library is `highspy`.
            ValueError: no such library.
        """
        from nl2opt.formulation.render import render_program

        return render_program(self, library)

    def to_lp(self) -> str:
        """Write the flat model as an LP file, with a map of the names that had to be changed at its top.

        Raises:
            FormulationError: the formulation has no single meaning.
            solvers.ExchangeError: LP files cannot hold it: nonlinear functions, objectives of several priorities.
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

    def to_markdown(self) -> str:
        """Write the five elements as Markdown."""
        from nl2opt.formulation.render.markdown import to_markdown

        return to_markdown(self)

    def _repr_latex_(self) -> str:
        return self.to_latex()

    def _repr_markdown_(self) -> str:
        return self.to_markdown()
