"""Elements of sets as whole numbers: one code for each distinct element, one table for each set."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from nl2opt.formulation.evaluation.ordering import stable_order
from nl2opt.formulation.evaluation.spread import Places, Rows, Spread, distinct_part, taken, written_out

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
Element = str | int
MISSING: Final = -1
"""Position of what is not in a set."""
MAX_INTEGER: Final = 2**53
"""Whole numbers up to this size can be elements: beyond it a float no longer tells neighbours apart."""
_INTEGER: Final = re.compile(r"-?\d{1,16}", re.ASCII)


def integer_of(text: str) -> int | None:
    """Return the whole number that a text such as "-12" writes; `None` when it writes none."""
    return int(text) if _INTEGER.fullmatch(text) else None


class Universe:
    """Every distinct element of a formulation, numbered from 0 in the order in which they were met.

    The text `"1"` and the number 1 are different elements.
    """

    def __init__(self) -> None:
        self.elements: list[Element] = []
        self._code_of: dict[Element, int] = {}
        self._numbers = np.empty(0)
        self._integers: tuple[IntArray, IntArray] = (np.empty(0, np.int64), np.empty(0, np.int64))
        self._counted = 0
        self._has_numbers = False
        self._waiting: list[Callable[[], object]] = []

    def intern(self, elements: Collection[Element]) -> IntArray:
        """Return the codes of elements; new ones are added."""
        try:
            return self._known(iter(elements), len(elements))
        except KeyError:
            self._add(elements)
            return self._known(iter(elements), len(elements))

    def intern_tuples(self, elements: Sequence[Sequence[Element]], arity: int) -> tuple[IntArray, ...]:
        """Return the codes of tuples of `arity` elements, one array for each component; new elements are added."""
        self._add(chain.from_iterable(elements))
        return self._columns(elements, arity)

    def known_tuples(self, elements: Sequence[Sequence[object]], arity: int) -> tuple[IntArray, ...] | None:
        """Return the codes of what may be tuples of elements, when they are: all of texts that are known."""
        for give_codes in self._waiting:
            give_codes()
        self._waiting.clear()
        try:
            columns = self._columns(elements, arity)
        except (KeyError, TypeError):
            return None
        return None if self._has_numbers else columns  # a number can equal something of another type, as 1 does True

    def wait(self, give_codes: Callable[[], object]) -> None:
        """Note a set whose elements get their codes later."""
        self._waiting.append(give_codes)

    def _columns(self, elements: Sequence[Sequence[object]], arity: int) -> tuple[IntArray, ...]:
        codes = self._known(chain.from_iterable(elements), len(elements) * arity)
        return tuple(np.ascontiguousarray(column) for column in codes.reshape(-1, arity).T)

    def _known(self, elements: Iterator[object], count: int) -> IntArray:
        return np.fromiter(map(self._code_of.__getitem__, cast(Iterator[Element], elements)), np.int64, count)

    def _add(self, elements: Iterable[Element]) -> None:
        code_of = self._code_of
        distinct = dict.fromkeys(elements)
        new = [element for element in distinct if element not in code_of] if code_of else list(distinct)
        code_of.update(zip(new, range(len(code_of), len(code_of) + len(new)), strict=True))
        self.elements += new
        self._has_numbers = self._has_numbers or int in set(map(type, new))

    def find(self, element: Element) -> int:
        """Return the code of an element; `MISSING` when it is in no set."""
        return self._code_of.get(element, MISSING)

    def find_other_kind(self, element: Element | tuple[Element, ...]) -> int:
        """Return the code of the number that a text writes, or of the text of a number; `MISSING` if in no set."""
        if isinstance(element, tuple):
            return MISSING
        other = str(element) if isinstance(element, int) else integer_of(element)
        return MISSING if other is None else self.find(other)

    @property
    def numbers(self) -> FloatArray:
        """The elements as numbers, by code; NaN for texts."""
        self._refresh()
        return self._numbers

    def codes_of_integers(self, values: FloatArray) -> IntArray:
        """Return the codes of whole numbers; `MISSING` for those that are in no set."""
        self._refresh()
        integers, codes = self._integers
        if not len(integers):
            return np.full(values.shape, MISSING, np.int64)
        places = np.minimum(np.searchsorted(integers, values), len(integers) - 1)
        return np.where(integers[places] == values, codes[places], MISSING)

    def _refresh(self) -> None:
        if self._counted == len(self.elements):
            return
        self._counted = len(self.elements)
        self._numbers = np.array([e if isinstance(e, int) else np.nan for e in self.elements], np.float64)
        codes = np.flatnonzero(~np.isnan(self._numbers))
        order = np.argsort(self._numbers[codes], kind="stable")
        self._integers = (self._numbers[codes][order].astype(np.int64), codes[order])


@dataclass(frozen=True, eq=False)
class SetTable:
    """An ordered set of elements, or of tuples of elements.

    Attributes:
        name: of the set; empty for a set that stands in an expression.
        universe: where the codes come from.
        columns: codes of the elements, one array of length `size` for each component of the tuples.
    """

    name: str
    universe: Universe
    columns: tuple[IntArray, ...]
    _position_of_key: dict[str, IntArray] = field(default_factory=dict, repr=False)

    @property
    def arity(self) -> int:
        """Number of components: 1 for plain elements, 2 for pairs."""
        return len(self.columns)

    @property
    def size(self) -> int:
        """Number of elements."""
        return len(self.columns[0])

    def give_codes(self) -> None:
        """Make sure that the universe knows the elements, before it is asked for them."""
        self.columns  # noqa: B018 - made when it is first asked for

    def label(self, position: int) -> Element | tuple[Element, ...]:
        """Return the element at a position, as a person wrote it."""
        parts = tuple(self.universe.elements[column[position]] for column in self.columns)
        return parts[0] if self.arity == 1 else parts

    def labels(self) -> list[Element | tuple[Element, ...]]:
        """Return all elements in order."""
        elements = self.universe.elements
        lists = [[elements[code] for code in column.tolist()] for column in self.columns]
        return list(lists[0]) if self.arity == 1 else list(zip(*lists, strict=True))

    def positions(self, codes: Sequence[IntArray]) -> IntArray:
        """Return the positions of elements given by the codes of their components.

        Args:
            codes: one array for each component, all of the same shape; `MISSING` is not in the set.
        """
        key = self._ranks(0)[self._clip(codes[0], 0)]
        for component in range(1, self.arity):
            rank = self._ranks(component)[self._clip(codes[component], component)]
            key = np.where((key < 0) | (rank < 0), MISSING, key * self._count(component) + rank)
        if self.arity == 1:
            return key
        keys, places = self._sorted_keys()
        if not len(keys):
            return np.full(key.shape, MISSING, np.int64)
        found = np.minimum(np.searchsorted(keys, key), len(keys) - 1)
        return np.where((keys[found] == key) & (key >= 0), places[found], MISSING)

    def rows_by_code(self, component: int) -> tuple[IntArray, IntArray]:
        """Return the positions sorted by one component's code, and where each code's run begins.

        Returns:
            `order` of length `size`, and `starts` such that the rows of code `c` are
            `order[starts[c]:starts[c + 1]]`, for codes below `len(starts) - 1`.
        """
        cache = self._position_of_key
        if f"order{component}" not in cache:
            column = self.columns[component]
            counts = np.bincount(column, minlength=len(self.universe.elements))
            cache[f"order{component}"] = stable_order(column, len(counts))
            cache[f"starts{component}"] = np.concatenate(([0], np.cumsum(counts)))
        return cache[f"order{component}"], cache[f"starts{component}"]

    def _clip(self, codes: IntArray, component: int) -> IntArray:
        """Send codes that are younger than the rank table, and missing ones, to its last entry."""
        return np.where((codes < 0) | (codes >= len(self._ranks(component)) - 1), -1, codes)

    def _ranks(self, component: int) -> IntArray:
        """Positions (arity 1) or ranks of codes among a component's distinct ones; the last entry is `MISSING`."""
        name = f"ranks{component}"
        if name not in self._position_of_key:
            column = self.columns[component]
            table = np.full(int(column.max(initial=-1)) + 2, MISSING, np.int64)
            if self.arity == 1:
                table[column] = np.arange(self.size)
            else:
                distinct = np.unique(column)
                table[distinct] = np.arange(len(distinct))
            self._position_of_key[name] = table
        return self._position_of_key[name]

    def _count(self, component: int) -> int:
        return int(self._ranks(component).max(initial=0)) + 1

    def _sorted_keys(self) -> tuple[IntArray, IntArray]:
        cache = self._position_of_key
        if "keys" not in cache:
            key = self._ranks(0)[self.columns[0]]
            for component in range(1, self.arity):
                key = key * self._count(component) + self._ranks(component)[self.columns[component]]
            cache["places"] = stable_order(key, int(key.max(initial=0)) + 1)
            cache["keys"] = key[cache["places"]]
        return cache["keys"], cache["places"]


class ListedSet(SetTable):
    """A set of plain elements that was written down as a list.

    The codes are made when something asks for them: where loops run over whole sets, nothing does.
    """

    def __init__(self, name: str, universe: Universe, elements: Sequence[Element]) -> None:
        """Make the table of elements that are distinct texts and whole numbers."""
        for attribute, value in (
            ("name", name), ("universe", universe), ("elements", elements), ("_position_of_key", {})
        ):  # fmt: skip
            object.__setattr__(self, attribute, value)  # as a frozen dataclass does
        universe.wait(self.give_codes)

    elements: Sequence[Element]

    @cached_property
    def columns(self) -> tuple[IntArray, ...]:
        """Codes of the elements."""
        return (self.universe.intern(self.elements),)

    @property
    def arity(self) -> int:
        """Number of components: 1."""
        return 1

    @property
    def size(self) -> int:
        """Number of elements."""
        return len(self.elements)

    def label(self, position: int) -> Element | tuple[Element, ...]:
        """Return the element at a position, as a person wrote it."""
        return self.elements[position]

    def labels(self) -> list[Element | tuple[Element, ...]]:
        """Return all elements in order."""
        return list(self.elements)


@dataclass(frozen=True, slots=True, eq=False)
class Elements:
    """One element, or one tuple of elements, for each row of a frame.

    Attributes:
        table: the set that the elements were drawn from.
        places: int64 (n,), where in the set; spread where loops repeat them.
        component: which component of the set's tuples; `None` for the whole tuple (or a plain element).
    """

    table: SetTable
    places: Places
    component: int | None = None

    @property
    def positions(self) -> IntArray:
        """Where in the set, written out: int64 (n,)."""
        return written_out(self.places)

    @property
    def arity(self) -> int:
        """Number of components of each element."""
        return 1 if self.component is not None else self.table.arity

    def codes(self) -> tuple[IntArray, ...]:
        """Return the codes, one array (n,) for each component."""
        columns = self.table.columns if self.component is None else (self.table.columns[self.component],)
        return tuple(written_out(self._at_places(column)) for column in columns)

    def components(self) -> list[Elements]:
        """Return the elements' components, one by one; the elements themselves when they have only one."""
        if self.arity == 1:
            return [self]
        return [Elements(self.table, self.places, component) for component in range(self.table.arity)]

    def table_codes(self) -> IntArray:
        """Return the codes that occur in the set the elements were drawn from, of the first component named."""
        return self.table.columns[self.component or 0]

    def numbers(self) -> FloatArray:
        """Return the elements as numbers (n,); NaN for texts."""
        column = self.table.columns[self.component or 0]
        return written_out(self._at_places(self.table.universe.numbers[column]))

    def _at_places(self, values: NDArray[Any]) -> Places:
        """Look values of the set's elements up, once for what is spread."""
        found = values[distinct_part(self.places)]
        return self.places.of(found) if isinstance(self.places, Spread) else found

    def take(self, rows: Rows) -> Elements:
        """Return the elements at some rows."""
        return Elements(self.table, taken(self.places, rows), self.component)

    def label(self, row: int) -> Element | tuple[Element, ...]:
        """Return the element of one row, as a person wrote it."""
        position = int(self.positions[row])
        if self.component is None:
            return self.table.label(position)
        code = int(self.table.columns[self.component][position])
        return self.table.universe.elements[code]
