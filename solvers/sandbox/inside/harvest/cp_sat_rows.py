"""Writes the constraints of CP-SAT as rows, rows under a condition, and global constraints, each exactly.

Literals are columns, or 1 minus columns. A constraint under several conditions is one under a column that is 1 where
all of them hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, Final

import numpy as np

from solvers.global_constraints import AffineColumns, AllDifferent, Circuit, Cumulative, GlobalConstraint, NoOverlap
from solvers.indicators import IndicatorRows
from solvers.model import Model
from solvers.sandbox.inside.harvest.entries import Entries
from solvers.sandbox.inside.harvest.found import NoModelError

_NO_END: Final = 2**62
_MOST_INTERVALS: Final = 50
_MOST_TASKS: Final = 40
_INFINITY: Final = float("inf")


@dataclass(frozen=True, slots=True)
class Sum:
    """A linear expression: coefficient by column, and a constant."""

    terms: dict[int, float]
    constant: float = 0.0

    def minus(self, other: Sum) -> Sum:
        """Return the difference."""
        terms = dict(self.terms)
        for column, value in other.terms.items():
            terms[column] = terms.get(column, 0.0) - value
        return Sum(terms, self.constant - other.constant)


def flat_model(proto: Any, names: list[str]) -> Model:
    """Return a model whose first columns are the variables of a `CpModelProto`.

    Raises:
        NoModelError: it holds what cannot be written as rows; the text says what.
    """
    return _Rows(proto, names).model()


class _Rows:
    def __init__(self, proto: Any, names: list[str]) -> None:
        self.proto = proto
        self.names = list(names)
        self.domains = [_intervals(one.domain) for one in proto.variables]
        self.added: list[str] = []
        self.rows: list[tuple[Sum, float, float, str]] = []
        self.products: list[tuple[int, int, int, float]] = []
        self.conditions: list[tuple[int, int, int]] = []
        self.globals: list[GlobalConstraint] = []

    def model(self) -> Model:
        for column, intervals in enumerate(self.domains):
            if not intervals:
                raise NoModelError(f"{self.names[column]} has an empty domain.")
            if len(intervals) > 1:
                self.within(Sum({column: 1.0}), intervals, (), self.names[column])
        for place, constraint in enumerate(self.proto.constraints):
            self.add(constraint, str(constraint.name) or f"constraint{place}")
        return self._assembled()

    def _assembled(self) -> Model:
        proto, n = self.proto, len(self.domains)
        entries = Entries([*self.names, *self.added], maximize=_is_maximized(proto), constant=_constant(proto))
        ends = [(intervals[0][0], intervals[-1][1]) for intervals in self.domains] + [(0.0, 1.0)] * len(self.added)
        entries.bounds((low for low, _ in ends), (high for _, high in ends))
        entries.whole(range(n + len(self.added)))
        for column, value in _costs(proto):
            entries.costs([column], [value])
        for total, lower, upper, name in self.rows:
            entries.row(
                list(total.terms), list(total.terms.values()), lower - total.constant, upper - total.constant, name
            )
        for row, first, second, value in self.products:
            entries.product(row, first, second, value)
        model = replace(entries.model(), global_constraints=tuple(self.globals))
        if not self.conditions:
            return model
        rows, columns, values = np.array(self.conditions, np.int64).T
        return replace(model, indicators=IndicatorRows(row=rows, column=columns, value=values.astype(np.uint8)))

    # -- pieces -----------------------------------------------------------------------------------------

    def binary(self, what: str) -> int:
        """Add a column that is 0 or 1."""
        column = len(self.names) + len(self.added)
        name = f"{what} #{len(self.added) + 1}"
        self.added.append(name if name not in self.names else f"{name} ")
        return column

    def literal(self, number: int) -> Sum:
        """Return a literal as a sum that is 0 or 1."""
        return Sum({number: 1.0}) if number >= 0 else Sum({-number - 1: -1.0}, 1.0)

    def total(self, literals: Iterable[int]) -> Sum:
        """Return how many literals are true."""
        terms: dict[int, float] = {}
        constant = 0.0
        for number in literals:
            column, sign = (number, 1.0) if number >= 0 else (-number - 1, -1.0)
            terms[column] = terms.get(column, 0.0) + sign
            constant += number < 0
        return Sum(terms, constant)

    def row(self, total: Sum, lower: float, upper: float, literals: Sequence[int], name: str) -> None:
        """Demand `lower <= total <= upper` where all literals are true."""
        condition = self.condition(literals, name)
        if condition is None:
            return
        for column, value in condition:
            self.conditions.append((len(self.rows), column, value))
        self.rows.append((total, lower, upper, name))

    def condition(self, literals: Sequence[int], name: str) -> list[tuple[int, int]] | None:
        """Return at most one column with the value at which all literals are true; `None` where they never are."""
        open_ones = []
        for number in dict.fromkeys(literals):
            column, wanted = (number, 1) if number >= 0 else (-number - 1, 0)
            low, high = self.ends(column)
            if low != high:
                open_ones.append(number)
            elif low != wanted:
                return None
        if len(open_ones) < 2:
            return [(number, 1) if number >= 0 else (-number - 1, 0) for number in open_ones]
        both = self.binary(f"conditions of {name}")
        all_hold = self.total(open_ones).minus(Sum({both: 1.0}))
        self.rows.append((all_hold, -_INFINITY, len(open_ones) - 1.0, f"{name}: its conditions"))
        return [(both, 1)]

    def ends(self, column: int) -> tuple[float, float]:
        """Return the bounds of a column."""
        if column >= len(self.domains):
            return 0.0, 1.0
        return self.domains[column][0][0], self.domains[column][-1][1]

    def within(self, total: Sum, intervals: list[tuple[float, float]], literals: Sequence[int], name: str) -> None:
        """Demand that a sum lies in one of several intervals where all literals are true."""
        if len(intervals) == 1:
            self.row(total, *intervals[0], literals, name)
            return
        if not intervals:
            self.row(Sum({}), 1.0, _INFINITY, literals, name)
            return
        if len(intervals) > _MOST_INTERVALS:
            raise NoModelError(f"{name} allows values in {len(intervals)} intervals, too many to be written as rows.")
        chosen = [self.binary(f"interval of {name}") for _ in intervals]
        for column, (lower, upper) in zip(chosen, intervals, strict=True):
            self.conditions.append((len(self.rows), column, 1))
            self.rows.append((total, lower, upper, name))
        self.row(Sum(dict.fromkeys(chosen, 1.0)), 1.0, _INFINITY, literals, name)

    # -- constraints ------------------------------------------------------------------------------------

    def add(self, constraint: Any, name: str) -> None:
        """Add a constraint of the model."""
        literals = list(constraint.enforcement_literal)
        for kind, write in self.writers():
            if getattr(constraint, f"has_{kind}")():
                write(getattr(constraint, kind), literals, name)
                return
        kinds = [kind[4:] for kind in dir(constraint) if kind.startswith("has_") and getattr(constraint, kind)()]
        if kinds and kinds != ["dummy_constraint"]:
            raise NoModelError(f"{name} is a constraint of the kind `{kinds[0]}`, which stands in no file of rows.")

    def writers(self) -> Iterable[tuple[str, Callable[[Any, list[int], str], None]]]:
        """Return what writes each kind of constraint, the most frequent first."""
        return (
            ("linear", self.linear),
            ("bool_or", lambda one, given, name: self.row(self.total(one.literals), 1.0, _INFINITY, given, name)),
            ("bool_and", self.bool_and),
            ("exactly_one", lambda one, given, name: self.row(self.total(one.literals), 1.0, 1.0, given, name)),
            ("at_most_one", lambda one, given, name: self.row(self.total(one.literals), 0.0, 1.0, given, name)),
            ("lin_max", self.maximum),
            ("int_prod", self.product),
            ("interval", self.interval),
            ("all_diff", self.all_different),
            ("no_overlap", self.no_overlap),
            ("cumulative", self.cumulative),
            ("circuit", self.circuit),
        )

    def linear(self, one: Any, literals: list[int], name: str) -> None:
        terms: dict[int, float] = {}
        for column, value in zip(one.vars, one.coeffs, strict=True):
            terms[column] = terms.get(column, 0.0) + float(value)
        self.within(Sum(terms), _intervals(one.domain), literals, name)

    def bool_and(self, one: Any, literals: list[int], name: str) -> None:
        members = list(one.literals)
        total = self.total(members)
        if len(literals) == 1:  # both are literals: no condition is needed
            for member in members:
                self.rows.append((self.literal(member).minus(self.literal(literals[0])), 0.0, _INFINITY, name))
        else:
            self.row(total, float(len(members)), _INFINITY, literals, name)

    def maximum(self, one: Any, literals: list[int], name: str) -> None:
        target, parts = _sum(one.target), [_sum(part) for part in one.exprs]
        for part in parts:
            self.row(target.minus(part), 0.0, _INFINITY, literals, name)
        if len(parts) > 1:
            chosen = [self.binary(f"largest of {name}") for _ in parts]
            self.row(Sum(dict.fromkeys(chosen, 1.0)), 1.0, _INFINITY, (), name)
            for column, part in zip(chosen, parts, strict=True):
                self.row(target.minus(part), -_INFINITY, 0.0, [*literals, column], name)
        else:
            self.row(target.minus(parts[0]), -_INFINITY, 0.0, literals, name)

    def product(self, one: Any, literals: list[int], name: str) -> None:
        target, parts = _sum(one.target), [_sum(part) for part in one.exprs]
        if literals or not 1 <= len(parts) <= 2:
            raise NoModelError(f"{name} is a product of {len(parts)} factors, which stands in no file of rows.")
        if len(parts) == 1:
            self.row(target.minus(parts[0]), 0.0, 0.0, (), name)
            return
        for switch, other in (parts, parts[::-1]):
            column = self._switch(switch)
            if column is not None:
                self.row(target.minus(other), 0.0, 0.0, [column], name)
                self.row(target, 0.0, 0.0, [-column - 1], name)
                return
        first, second = parts
        total = Sum(dict(target.terms), target.constant - first.constant * second.constant)
        total = total.minus(Sum({column: value * second.constant for column, value in first.terms.items()}))
        total = total.minus(Sum({column: value * first.constant for column, value in second.terms.items()}))
        for column, value in first.terms.items():
            for other_column, other_value in second.terms.items():
                self.products.append((len(self.rows), column, other_column, -value * other_value))
        self.rows.append((total, 0.0, 0.0, name))

    def _switch(self, part: Sum) -> int | None:
        """Return the column of a factor that is a column of 0 and 1; `None` for other factors."""
        if len(part.terms) != 1 or part.constant:
            return None
        ((column, value),) = part.terms.items()
        return column if value == 1.0 and self.domains[column] == [(0.0, 1.0)] else None

    def interval(self, one: Any, literals: list[int], name: str) -> None:
        total = _sum(one.start)
        size, end = _sum(one.size), _sum(one.end)
        gap = end.minus(total).minus(size)
        if any(gap.terms.values()) or gap.constant:
            self.row(gap, 0.0, 0.0, literals, name)
        if size.terms:
            self.row(size, 0.0, _INFINITY, literals, name)

    def all_different(self, one: Any, literals: list[int], name: str) -> None:
        if literals:
            raise NoModelError(f"{name} holds under a condition, which no file of rows can say.")
        self.globals.append(AllDifferent(members=_affine([_sum(part) for part in one.exprs], name), name=name))

    def tasks(self, places: Iterable[int]) -> list[tuple[Any, list[int]]]:
        """Return the intervals of a constraint, and the literals of their presence."""
        constraints = [self.proto.constraints[place] for place in places]
        return [(one.interval, list(one.enforcement_literal)) for one in constraints]

    def no_overlap(self, one: Any, literals: list[int], name: str) -> None:
        tasks = self.tasks(one.intervals)
        if not literals and not any(presence for _, presence in tasks):
            start = _affine([_sum(task.start) for task, _ in tasks], name)
            size = _affine([_sum(task.size) for task, _ in tasks], name)
            self.globals.append(NoOverlap(start=start, size=size, name=name))
            return
        if len(tasks) > _MOST_TASKS:
            raise NoModelError(f"{name} has {len(tasks)} optional tasks, too many to be written as rows.")
        for (first, here), (second, there) in combinations(tasks, 2):
            given = [*literals, *here, *there]
            before, after = self.binary(f"order in {name}"), self.binary(f"order in {name}")
            self.row(Sum({before: 1.0, after: 1.0}), 1.0, _INFINITY, given, name)
            for column, earlier, later in ((before, first, second), (after, second, first)):
                self.conditions.append((len(self.rows), column, 1))
                self.rows.append((_sum(earlier.end).minus(_sum(later.start)), -_INFINITY, 0.0, name))

    def cumulative(self, one: Any, literals: list[int], name: str) -> None:
        if literals:
            raise NoModelError(f"{name} holds under a condition, which no file of rows can say.")
        tasks, demands = self.tasks(one.intervals), []
        for (_, presence), stated in zip(tasks, one.demands, strict=True):
            demand = _sum(stated)
            if len(presence) > 1 or (presence and demand.terms):
                raise NoModelError(
                    f"{name} has an optional task with a demand that varies; no file of rows can say so."
                )
            if presence:
                literal = self.literal(presence[0])
                scaled = {column: value * demand.constant for column, value in literal.terms.items()}
                demands.append(Sum(scaled, literal.constant * demand.constant))
            else:
                demands.append(demand)
        self.globals.append(
            Cumulative(
                start=_affine([_sum(task.start) for task, _ in tasks], name),
                size=_affine([_sum(task.size) for task, _ in tasks], name),
                demand=_affine(demands, name),
                capacity=_affine([_sum(one.capacity)], name),
                name=name,
            )
        )

    def circuit(self, one: Any, literals: list[int], name: str) -> None:
        if literals or any(number < 0 for number in one.literals):
            raise NoModelError(f"{name} holds under a condition, which no file of rows can say.")
        nodes = {node: place for place, node in enumerate(sorted({*one.tails, *one.heads}))}
        self.globals.append(
            Circuit(
                tail=np.array([nodes[node] for node in one.tails]),
                head=np.array([nodes[node] for node in one.heads]),
                column=np.array(list(one.literals)),
                name=name,
            )
        )


def _sum(expression: Any) -> Sum:
    terms: dict[int, float] = {}
    for column, value in zip(expression.vars, expression.coeffs, strict=True):
        terms[column] = terms.get(column, 0.0) + float(value)
    return Sum(terms, float(expression.offset))


def _affine(sums: list[Sum], name: str) -> AffineColumns:
    if any(len(one.terms) > 1 for one in sums):
        raise NoModelError(f"A term of {name} has more than one variable.")
    pairs = [next(iter(one.terms.items()), (-1, 0.0)) for one in sums]
    return AffineColumns(
        column=np.array([column for column, _ in pairs], np.int64),
        coefficient=np.array([value for _, value in pairs], np.float64),
        offset=np.array([one.constant for one in sums], np.float64),
    )


def _intervals(domain: Any) -> list[tuple[float, float]]:
    ends = list(domain)
    return [
        (float(low) if low > -_NO_END else -_INFINITY, float(high) if high < _NO_END else _INFINITY)
        for low, high in zip(ends[::2], ends[1::2], strict=True)
    ]


def _is_maximized(proto: Any) -> bool:
    if proto.has_floating_point_objective():
        return bool(proto.floating_point_objective.maximize)
    return bool(proto.has_objective() and proto.objective.scaling_factor < 0)


def _scale(proto: Any) -> float:
    return float(proto.objective.scaling_factor) or 1.0


def _constant(proto: Any) -> float:
    if proto.has_floating_point_objective():
        return float(proto.floating_point_objective.offset)
    return _scale(proto) * float(proto.objective.offset) if proto.has_objective() else 0.0


def _costs(proto: Any) -> list[tuple[int, float]]:
    if proto.has_floating_point_objective():
        objective, scale = proto.floating_point_objective, 1.0
    elif proto.has_objective():
        objective, scale = proto.objective, _scale(proto)
    else:
        return []
    return [(column, scale * float(value)) for column, value in zip(objective.vars, objective.coeffs, strict=True)]
