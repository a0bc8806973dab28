"""The five elements: sets, parameters, variables, objectives and constraints."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, PrivateAttr, Tag, model_validator

from nl2opt.formulation.field_types import Bound, Element, ElementName, Label, OptionalName, Scalar, lower_case

Domain = Literal["continuous", "integer", "binary", "semicontinuous"]
Origin = Literal["stated", "table", "given"]
"""Where a value comes from: the formulation itself, an attached table, or the person who asked."""


class Set(Element):
    """An ordered set.

    Attributes:
        index: names of the sets that a family of sets is indexed by; empty for a plain set.
        elements: texts, whole numbers or lists of these (a set of pairs has arity 2), in order; or an
            expression: `"range(1, 13)"`, `"[(i, j) for i in I for j in J if i != j]"`. Of a family: an object
            that gives each key its list, a list of lists in the order of the index, or a mapping
            `"{i: [j for j in J if dist[i, j] <= 3] for i in I}"`. May be left out where a table gives them.
        table: name of the attached table that gives the elements; `None` when they stand in `elements`.
        column: column of that table whose cells are the elements, in the order in which they appear; several for a
            set of tuples; `"*"` for the headers of the columns of numbers.
        seen: fingerprints of the elements that the table gave when the formulation was saved.
    """

    name: ElementName
    index: list[str] = Field(default_factory=list)
    elements: list[Any] | str | dict[Any, Any]
    description: str = ""
    table: str | None = None
    column: str | list[str] | None = None
    seen: list[str] = Field(default_factory=list)
    _origin: Origin = PrivateAttr(default="stated")

    @model_validator(mode="before")
    @classmethod
    def _elements_from_table(cls, content: Any) -> Any:
        if isinstance(content, dict) and content.get("table") is not None and "elements" not in content:
            return {**content, "elements": []}
        return content

    @property
    def origin(self) -> Origin:
        """Where the elements come from: `table` when an attached table gave them."""
        return self._origin

    def from_table(self, elements: list[Any]) -> Set:
        """Return the set with the elements that its table gives."""
        filled = self.model_copy(update={"elements": elements})
        filled._origin = "table"
        return filled

    def unfilled(self) -> Set:
        """Return the set without elements that a table gave, ready for another one."""
        return self._emptied() if self._origin == "table" else self

    def without_cells(self) -> Set:
        """Return the set without elements that a table gave, or that were written in their place later."""
        return self._emptied() if self._origin == "table" or self.table is not None else self

    def _emptied(self) -> Set:
        emptied = self.model_copy(update={"elements": []})
        emptied._origin = "stated"
        return emptied

    @cached_property
    def known_distinct(self) -> list[list[Any]]:
        """What the elements were when they were last found to be distinct texts: one list, or none yet."""
        return []


class Parameter(Element):
    """A known number, or a table of them.

    Attributes:
        index: names of the sets it is indexed by; a set of pairs counts as two indices.
        value: a number; for an indexed one nested lists in the order of the sets, nested objects, or an
            object with keys `"a,b"`; or an expression of other parameters; `None` when a table gives it.
        unit: as in `$/item`; empty when it has none.
        source: the words of the problem that it was taken from; empty when they are not known.
        default: what a key that is left out means; `None` makes it an error.
        table: name of the attached table that holds the values; `None` when they stand in `value`.
        column: column of that table; left out for one that is wide: rows for the first index, columns for the last.
        keys: columns of that table that hold the elements of the indices, in the order of `index`; `None` to find them
            by the names of sets and columns.
        row: of a parameter without an index: what stands in the first column of its row; `None` for the only row, or
            the one that is called like the parameter.
        missing: whether the problem needs the number and does not give it.
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
    keys: list[str] | None = None
    row: str | None = None
    missing: bool = False
    _origin: Origin = PrivateAttr(default="stated")

    @property
    def origin(self) -> Origin:
        """Where the value comes from: `table`, `given` by the person who asked, or `stated` in the formulation."""
        return self._origin

    @property
    def is_missing(self) -> bool:
        """Whether its value is neither stated nor given, and was said to be missing."""
        return self.missing and self.value is None

    def from_table(self, value: Any, unit: str = "") -> Parameter:
        """Return the parameter with the value that its table gives."""
        filled = self.model_copy(update={"value": value, "unit": self.unit or unit})
        filled._origin = "table"
        return filled

    def given(self, value: Any) -> Parameter:
        """Return the parameter with a value that a person gave."""
        source = self.source or "given by the person who asked"
        filled = self.model_copy(update={"value": value, "source": source, "missing": False})
        filled.model_fields_set.update({"value", "source"})
        filled._origin = "given"
        return filled

    def unfilled(self) -> Parameter:
        """Return the parameter without a value that a table gave, ready for another one."""
        return self._emptied() if self._origin == "table" else self

    def without_cells(self) -> Parameter:
        """Return the parameter without a value that a table gave, or that was written in its place later."""
        return self._emptied() if self._origin == "table" or self.table is not None else self

    def without_names(self) -> Parameter:
        """Return the parameter with numbers in the place of the names of elements."""
        return self.model_copy(update={"value": _nameless(self.value)}) if isinstance(self.value, dict) else self

    def _emptied(self) -> Parameter:
        emptied = self.model_copy(update={"value": None})
        emptied.model_fields_set.discard("value")
        emptied._origin = "stated"
        return emptied


def _nameless(value: Any) -> Any:
    """Return a table with numbers in the place of its keys."""
    if not isinstance(value, dict):
        return value
    return {f"no {place}": _nameless(part) for place, part in enumerate(value.values(), start=1)}


class Variable(Element):
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
    domain: Annotated[Domain, BeforeValidator(lower_case)]
    lower: Bound | None = None
    upper: Bound | None = None
    as_: list[ElementName] | None = Field(default=None, alias="as")
    description: str = ""
    unit: str = ""

    @property
    def states_lower(self) -> bool:
        """Whether a lower bound was written down."""
        return self.lower is not None or self.domain == "binary"


class Objective(Element):
    """What is made as large or as small as possible.

    Attributes:
        name: by which one of several is called; may be empty.
        priority: one of several with a larger priority is optimised before the others.
        weight: above 0; objectives of one priority are added up with their weights.
        tolerance: by how much objectives of smaller priority may make this one worse than its optimum, relative to
            max(1, |optimum|).
    """

    sense: Annotated[Literal["minimize", "maximize"], BeforeValidator(lower_case)]
    expression: str
    description: str = ""
    unit: str = ""
    name: OptionalName = ""
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


class Constraint(Element):
    """A row, or one row for each value of the loop variables of its expression.

    Attributes:
        enabled: whether it is demanded; one that is switched off stays in the file and demands nothing.
    """

    name: Label
    expression: str
    description: str = ""
    source: str = ""
    enabled: bool = True
