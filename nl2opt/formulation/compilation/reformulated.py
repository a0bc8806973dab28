"""The rows and binary columns that make maxima, minima and absolute values exact, with their names."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from nl2opt.formulation.compilation.assemble import RowFamily
from nl2opt.formulation.compilation.intervals import Interval
from nl2opt.formulation.evaluation.definitions import Definition
from nl2opt.formulation.evaluation.elements import BoolArray, IntArray
from nl2opt.formulation.findings import Finding


@dataclass(frozen=True, slots=True, eq=False)
class DefinitionRows(RowFamily):
    """Rows that tie defined columns to their arguments; `name` is that of the constraint they belong to.

    Attributes:
        definition: whose columns they tie.
        owner: for each row the column, counted from 0.
        relation: what they say: `at least`, `at most`, `one of`.
        argument: for each row the number of the argument, from 1; 0 when it concerns all.
    """

    definition: Definition | None = None
    owner: IntArray = field(default_factory=lambda: np.empty(0, np.int64))
    relation: str = ""
    argument: IntArray = field(default_factory=lambda: np.empty(0, np.int64))

    def label(self, row: int) -> str:
        """Return the name of one row: `max(x, y) in cap, at least argument 2`."""
        assert self.definition is not None
        number = int(self.argument[row])
        what = f"{self.relation} argument {number}" if number else f"{self.relation} its arguments"
        return f"{self.definition.label(int(self.owner[row]))}, {what}"


@dataclass(frozen=True, slots=True, eq=False)
class Binaries:
    """Binary columns that say which argument of a maximum or minimum is attained.

    Attributes:
        definition: of the maximum or minimum.
        owner: for each binary the defined column, counted from 0.
        argument: for each the number of the argument, from 1.
    """

    definition: Definition
    owner: IntArray
    argument: IntArray

    def label(self, place: int) -> str:
        """Return the name of one binary: `max(x, y) in cap, argument 2 chosen`."""
        return f"{self.definition.label(int(self.owner[place]))}, argument {int(self.argument[place])} chosen"


@dataclass(frozen=True, slots=True, eq=False)
class Reformulation:
    """What `max`, `min` and `abs` need beside the declared columns and the rows of the constraints.

    Columns are numbered as in the definitions; binaries stand behind these.

    Attributes:
        families: the rows, those of inner definitions last.
        binaries: the binary columns, in order.
        box: bounds of the declared and defined columns.
        used: bool, which of these are used anywhere.
        exact: bool, which of these needed binaries.
        findings: bounds that are missing.
    """

    families: tuple[DefinitionRows, ...]
    binaries: tuple[Binaries, ...]
    box: Interval
    used: BoolArray
    exact: BoolArray
    findings: tuple[Finding, ...]

    @property
    def n_binaries(self) -> int:
        """Number of binary columns."""
        return sum(len(group.owner) for group in self.binaries)
