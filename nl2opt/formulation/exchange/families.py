"""Finds the families among the columns of a flat model: `x[1,2]`, `ship(a,b)`.

A family is folded where all its names can be read without doubt, all its members have one domain, and no two are equal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

from nl2opt.formulation.evaluation.elements import Element, integer_of
from nl2opt.formulation.exchange.identifiers import Identifiers
from nl2opt.formulation.language.syntax import Text
from nl2opt.formulation.language.writer import to_text
from nl2opt.formulation.schema import Bound, Domain, Parameter, Set, Variable
from solvers.exchange.numerals import numeral

_MEMBER: Final = re.compile(r"(?P<base>[A-Za-z]\w*)(?:\[(?P<square>[^\[\]()]+)\]|\((?P<round>[^\[\]()]+)\))")
MIN_MEMBERS: Final = 2
_LETTERS: Final = "ijklmnpqrst"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a flat model as a variable of a formulation.

    Attributes:
        name: of the column, or what it was before a writer made it safe.
        domain: of its values.
        lower: a number, or `-inf`.
        upper: a number, or `None` where there is none.
    """

    name: str
    domain: Domain
    lower: Bound
    upper: Bound | None


@dataclass(frozen=True, slots=True)
class _Family:
    base: str
    columns: list[int]
    keys: list[tuple[Element, ...]]


@dataclass(frozen=True, slots=True)
class Folded:
    """A family that has become one variable.

    Attributes:
        name: of the variable.
        index: its sets; one set of tuples, or one set for each part of the index.
        columns: its columns.
        keys: the index of each column.
    """

    name: str
    index: list[str]
    columns: list[int]
    keys: list[tuple[Element, ...]]


class Declarations:
    """The variables of a formulation, with the sets and bounds that they need, and how expressions call each column."""

    def __init__(self, columns: Sequence[Column], identifiers: Identifiers) -> None:
        self.sets: list[Set] = []
        self.parameters: list[Parameter] = []
        self.variables: list[Variable] = []
        self.references: list[str] = [""] * len(columns)
        self.folded: list[Folded] = []
        self._columns = columns
        self._identifiers = identifiers
        self._own: list[str] = []
        self._set_names: dict[tuple[Any, ...], str] = {}
        families = list(_families(columns))
        folded = set(chain.from_iterable(family.columns for family in families))
        first_of = {family.columns[0]: family for family in families}
        for place, column in enumerate(columns):
            if place in first_of:
                self._fold(first_of[place])
            elif place not in folded:
                self._declare(place, column)

    def _declare(self, place: int, column: Column) -> None:
        name = self._identifiers.new(column.name, prefix="x")
        said = "" if name == column.name else f"`{column.name}` in the file"
        self.variables.append(
            Variable(name=name, domain=column.domain, lower=column.lower, upper=column.upper, description=said)
        )
        self.references[place] = name

    def _fold(self, family: _Family) -> None:
        name = self._identifiers.new(family.base, prefix="x")
        index = self._index_of(name, family)
        own = self._loop_names(len(family.keys[0]))
        lower = self._bound(f"{name}_lower", [self._columns[c].lower for c in family.columns], index, own, family)
        upper = self._bound(f"{name}_upper", [self._columns[c].upper for c in family.columns], index, own, family)
        named = [bound for bound in (lower, upper) if isinstance(bound, str) and "[" in bound]
        said = "" if name == family.base else f"`{family.base}` in the file"
        self.folded.append(Folded(name, index, family.columns, family.keys))
        self.variables.append(
            Variable(
                name=name, index=index, domain=self._columns[family.columns[0]].domain, lower=lower, upper=upper,
                as_=own if named else None, description=said,
            )
        )  # fmt: skip
        for place, key in zip(family.columns, family.keys, strict=True):
            self.references[place] = f"{name}[{', '.join(map(_literal, key))}]"

    def _loop_names(self, count: int) -> list[str]:
        """Return names for the parts of an index, the same for all families."""
        while len(self._own) < count:
            self._own.append(self._identifiers.new(_LETTERS[len(self._own)], prefix="i"))
        return self._own[:count]

    def _index_of(self, name: str, family: _Family) -> list[str]:
        """Return the sets of a family: one for each part where every combination is there, else one set of tuples."""
        parts = [list(dict.fromkeys(part)) for part in zip(*family.keys, strict=True)]
        total = 1
        for part in parts:
            total *= len(part)
        if total == len(family.keys):
            return [
                self._set(tuple(part), f"{name}_{place + 1}" if len(parts) > 1 else name)
                for place, part in enumerate(parts)
            ]
        return [self._set(tuple(family.keys), name)]

    def _set(self, elements: tuple[Any, ...], name: str) -> str:
        known = self._set_names.get(elements)
        if known is None:
            known = self._set_names[elements] = self._identifiers.new(f"{name.upper()}_SET", prefix="S")
            content = [list(element) if isinstance(element, tuple) else element for element in elements]
            self.sets.append(Set(name=known, elements=content))
        return known

    def _bound(
        self, name: str, bounds: list[Bound | None], index: list[str], own: list[str], family: _Family
    ) -> Bound | None:
        """Return the one bound of all members, or an expression that looks each up in a new parameter."""
        if len(set(bounds)) == 1:
            return bounds[0]
        return f"{self._table(name, bounds, index, family.keys)}[{', '.join(own)}]"

    def _table(
        self, name: str, values: Sequence[Bound | None], index: list[str], keys: Sequence[tuple[Element, ...]]
    ) -> str:
        """Declare a parameter with a value for each key; return its name."""
        name = self._identifiers.new(name, prefix="p")
        keyed = {",".join(map(str, key)): value for key, value in zip(keys, values, strict=True)}
        self.parameters.append(Parameter(name=name, index=index, value=keyed))
        return name

    def weighted_sum(self, family: Folded, weights: Sequence[Bound]) -> str:
        """Return the sum of a family's members, each times its weight, which a new parameter holds unless all are one.

        Args:
            family: one of `folded`.
            weights: one for each of its columns.
        """
        own = self._loop_names(len(family.keys[0]))
        member = f"{family.name}[{', '.join(own)}]"
        if len(family.index) == len(own):
            clauses = "".join(f" for {letter} in {name}" for letter, name in zip(own, family.index, strict=True))
        else:
            clauses = f" for ({', '.join(own)}) in {family.index[0]}"
        if len(set(weights)) == 1:
            weight = numeral(float(weights[0]))
            return f"sum({member}{clauses})" if weight == "1" else f"{weight} * sum({member}{clauses})"
        table = self._table(f"{family.name}_weight", weights, family.index, family.keys)
        return f"sum({table}[{', '.join(own)}] * {member}{clauses})"


def _families(columns: Sequence[Column]) -> Iterator[_Family]:
    found: dict[str, list[tuple[int, list[str]]]] = {}
    scalars = {column.name for column in columns}
    for place, column in enumerate(columns):
        match = _MEMBER.fullmatch(column.name)
        if match is not None:
            parts = [part.strip().strip("'\"") for part in (match["square"] or match["round"]).split(",")]
            found.setdefault(match["base"], []).append((place, parts))
    for base, members in found.items():
        arities = {len(parts) for _, parts in members}
        if len(members) < MIN_MEMBERS or len(arities) > 1 or base in scalars:
            continue
        keys = list(zip(*(_elements(part) for part in zip(*(parts for _, parts in members), strict=True)), strict=True))
        places = [place for place, _ in members]
        if len(set(keys)) == len(keys) and _is_alike([columns[place] for place in places], keys):
            yield _Family(base, places, keys)


def _elements(texts: Sequence[str]) -> list[Element]:
    """Return the elements in one place of an index: numbers where all are whole numbers as Python writes them."""
    numbers = [integer_of(text) for text in texts]
    if all(number is not None and str(number) == text for number, text in zip(numbers, texts, strict=True)):
        return [number for number in numbers if number is not None]
    return list(texts)


def _is_alike(members: Sequence[Column], keys: Sequence[tuple[Element, ...]]) -> bool:
    """Whether members have one domain, bounds that one table can hold, and elements that no other text equals."""
    one_domain = len({member.domain for member in members}) == 1
    tables = all(
        len(set(bounds)) == 1 or all(isinstance(bound, int | float) for bound in bounds)
        for bounds in ([member.lower for member in members], [member.upper for member in members])
    )
    return one_domain and tables and all(part != "" for key in keys for part in key) and len(keys[0]) <= len(_LETTERS)


def _literal(element: Element) -> str:
    return str(element) if isinstance(element, int) else to_text(Text(element))
