"""Edits of a formulation, and the assumptions whose other readings are such edits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, model_validator

from nl2opt.formulation.field_types import Element

if TYPE_CHECKING:
    from nl2opt.formulation.schema import Formulation


class Change(Element):
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


class Alternative(Element):
    """Another reading of the problem, and the edit or edits that make it.

    Attributes:
        text: the reading, in words.
        change: the edit, where one makes it.
        changes: the edits, in order, where it takes several; exactly one of the two is given.
    """

    text: str
    change: Change | None = None
    changes: list[Change] = Field(default_factory=list)

    @model_validator(mode="after")
    def _has_edits(self) -> Alternative:
        if (self.change is None) == (not self.changes):
            raise ValueError("an alternative has either `change`, one edit, or `changes`, a list of them")
        return self

    @property
    def edits(self) -> tuple[Change, ...]:
        """The edits that make the reading, in order."""
        return tuple(self.changes) if self.change is None else (self.change,)


class Assumption(Element):
    """Something the problem does not say that the formulation takes for granted.

    Attributes:
        text: the assumption, in words.
        element: the name of the element it concerns; empty for the whole formulation.
        alternatives: other readings.
    """

    text: str
    element: str = ""
    alternatives: list[Alternative] = Field(default_factory=list)
