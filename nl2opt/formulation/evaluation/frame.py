"""Frames: every combination of loop variables that an expression runs over, as flat columns.

A frame is a table with one row for each combination and one column for each loop variable, as in a relational
data base. Generator clauses expand it; a clause whose filter ties it to what is known already (`for (i, j) in
ARCS if i == k`) is expanded by a join, so that it costs what it yields and not the product of the sets.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from nl2opt.formulation.evaluation.elements import Elements, IntArray, SetTable
from nl2opt.formulation.evaluation.spread import Places, Repeated, Rows, Spread
from nl2opt.formulation.language.parser import ExpressionError

MAX_ROWS: Final = 200_000_000
"""Largest frame that is built; beyond it the memory of a desktop machine does not suffice."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """The combinations of loop variables that an expression is evaluated for.

    Attributes:
        size: number of rows.
        variables: loop variables in the order in which their clauses stand, each with an element a row.
        known_positions: positions already looked up, by the identities of the sets and the index
            expressions; so a frame must not outlive the sets of its formulation.
    """

    size: int
    variables: Mapping[str, Elements] = field(default_factory=dict)
    known_positions: dict[object, Places] = field(default_factory=dict)

    def describe(self, row: int) -> str:
        """Say the values of the loop variables at a row: `i = 'chair', t = 3`."""
        return ", ".join(f"{name} = {elements.label(row)!r}" for name, elements in self.variables.items())

    def take(self, rows: Rows) -> Frame:
        """Return the frame of some of the rows."""
        return Frame(len(rows), self._at(rows))

    def bind(self, rows: Rows, targets: tuple[str, ...], table: SetTable, positions: Places) -> Frame:
        """Return the frame with new loop variables.

        Args:
            rows: for each new row the row of this frame that it extends.
            targets: names of the new variables: one for the whole element, or one for each component.
            table: the set that they run over.
            positions: for each new row the position in the set.
        """
        variables = self._at(rows)
        if len(targets) == 1:
            variables[targets[0]] = Elements(table, positions)
        else:
            for component, target in enumerate(targets):
                variables[target] = Elements(table, positions, component)
        return Frame(len(rows), variables)

    def _at(self, rows: Rows) -> dict[str, Elements]:
        """Return the loop variables at some rows; what shares its places, as i and j of (i, j) in ARCS, still does."""
        moved: dict[int, Elements] = {}
        variables = {}
        for name, elements in self.variables.items():
            if id(elements.places) not in moved:
                moved[id(elements.places)] = elements.take(rows)
            places = moved[id(elements.places)].places
            variables[name] = Elements(elements.table, places, elements.component)
        return variables


def root_frame() -> Frame:
    """Return a frame without loop variables: one row, and nothing known yet."""
    return Frame(1)


def product_rows(frame: Frame, table: SetTable, chosen: IntArray | None = None) -> tuple[Rows, Places]:
    """Return every row of a frame with every position of a set: the rows and the positions.

    Args:
        frame: what is extended.
        table: the set.
        chosen: positions in the set to run over; `None` for all.
    """
    count = table.size if chosen is None else len(chosen)
    guard_size(frame.size * count)
    if not frame.size or not count:
        return Repeated(frame.size, count), np.empty(0, np.int64)
    return Repeated(frame.size, count), Spread(range(count) if chosen is None else chosen, frame.size)


def joined_rows(frame: Frame, table: SetTable, component: int, codes: IntArray) -> tuple[IntArray, IntArray]:
    """Return every row of a frame with those positions of a set whose component has the row's code.

    Args:
        frame: what is extended.
        table: the set.
        component: which component is compared.
        codes: int64 (n,), one code for each row of the frame; a negative one matches nothing.

    Returns:
        The rows of the frame, ascending, and the positions, in the order of the set within each row.
    """
    order, starts = table.rows_by_code(component)
    inside = (codes >= 0) & (codes < len(starts) - 1)
    safe = np.where(inside, codes, 0)
    first = np.where(inside, starts[safe], 0)
    count = np.where(inside, starts[safe + 1] - starts[safe], 0) if len(starts) > 1 else np.zeros_like(first)
    guard_size(int(count.sum()))
    rows = np.repeat(np.arange(frame.size), count)
    if len(first) and np.array_equal(first[1:], first[:-1] + count[:-1]):
        return rows, order[first[0] : first[0] + len(rows)]  # the runs follow each other, as in `for k in NODE`
    offset = np.arange(len(rows)) - np.repeat(np.cumsum(count) - count, count)
    return rows, order[np.repeat(first, count) + offset]


def guard_size(rows: int) -> None:
    """Refuse a frame, or as many terms, that would not fit into memory.

    Raises:
        ExpressionError: there are more than `MAX_ROWS` rows.
    """
    if rows > MAX_ROWS:
        raise ExpressionError(
            "too_many_rows",
            f"the clauses run over {rows:,} combinations, more than {MAX_ROWS:,}",
            mend="Tie the indices by a filter, or run over a set of the pairs that exist.",
        )
