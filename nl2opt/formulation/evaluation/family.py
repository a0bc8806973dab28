"""Families of sets: for each element of other sets a set of its own, all in one table."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from nl2opt.formulation.evaluation.elements import Element, IntArray, SetTable


@dataclass(frozen=True, eq=False)
class FamilyTable:
    """The sets of a family, one behind the other.

    Attributes:
        name: of the family.
        dimensions: the sets that it is indexed by; an owner is a position in their product.
        members: the elements of all its sets, ordered by owner; one element may stand in several sets.
        starts: int64 (owners + 1,), such that the set of owner o is `members[starts[o]:starts[o + 1]]`.
    """

    name: str
    dimensions: tuple[SetTable, ...]
    members: SetTable
    starts: IntArray

    @property
    def size(self) -> int:
        """Number of sets."""
        return len(self.starts) - 1

    @property
    def arity(self) -> int:
        """Number of components of the elements."""
        return self.members.arity

    @cached_property
    def owners(self) -> IntArray:
        """The owner of each member."""
        return np.repeat(np.arange(self.size), np.diff(self.starts))

    @cached_property
    def owned(self) -> SetTable:
        """The members with their owner as a first component, in which a member of a set is looked up."""
        return SetTable("", self.members.universe, (self.owners, *self.members.columns))

    def labels(self, owner: int) -> list[Element | tuple[Element, ...]]:
        """Return the elements of one set in order."""
        return [self.members.label(place) for place in range(self.starts[owner], self.starts[owner + 1])]
