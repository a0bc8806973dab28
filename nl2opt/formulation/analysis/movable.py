"""The numbers of a formulation that sides of rows and bounds hang on, as levers that a repair may move.

The side of a row moves with a parameter that stands alone on it or is added to it, else with the number that is
written there, else with an amount that is added to it. A bound moves with the parameter or number that it is.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from nl2opt.formulation.analysis.entry_path import entry_change, entry_labels
from nl2opt.formulation.checks.names import infinite_bound, own_indices
from nl2opt.formulation.compilation.assemble import RowFamily
from nl2opt.formulation.compilation.bounds import own_frame
from nl2opt.formulation.compilation.compiled import CompiledFormulation
from nl2opt.formulation.evaluation.evaluate import Evaluator
from nl2opt.formulation.evaluation.frame import Frame
from nl2opt.formulation.evaluation.lookup import flat_positions
from nl2opt.formulation.language.parser import Expression, ExpressionError, parse_expression
from nl2opt.formulation.language.precedence import ADDITION, precedence
from nl2opt.formulation.language.syntax import (
    Addition,
    Comparison,
    Comprehension,
    Index,
    Name,
    Node,
    Number,
    walk,
)
from nl2opt.formulation.language.writer import number_text
from nl2opt.formulation.schema import Change, Parameter, Variable
from solvers.diagnosis import Levers, Numbering, Part

IntArray = NDArray[np.int64]
_DIGITS: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Lever:
    """A number that may move.

    Attributes:
        element: where it stands: `parameters.hours`, `constraints.labour`, `variables.make`.
        path: of what a change of it sets: `parameters.hours.value`, `constraints.labour.expression`.
        name: for people: `hours`, `demand['berlin']`, `the number 120 in labour`, `the upper bound of make`.
        old: what it is; `None` where an amount is added to an expression.
        unit: as stated; may be empty.
    """

    element: str
    path: str
    name: str
    old: float | None
    unit: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class _Pull:
    """Sides that move with numbers of one kind, one lever for each different `flat`.

    Attributes:
        parameter: whose entries move; `None` when a text does.
        field: of the element that holds the text: `expression`, `lower`, `upper`.
        text: what is edited, and the node in it; `None` for a parameter.
    """

    key: tuple[str, ...]
    element: str
    side: IntArray
    flat: IntArray
    rate: float
    parameter: Parameter | None = None
    field: str = ""
    text: Expression | None = None
    node: Node | None = None
    old: float | None = None
    users: frozenset[str] = frozenset()
    is_domain: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Movable:
    """What may move in a formulation.

    Attributes:
        levers: for `solvers.diagnosis.cheapest_repair`, as far as they may move.
        pulls: for each lever what moves with it.
        flats: for each lever the entry of its parameter.
    """

    compiled: CompiledFormulation
    levers: Levers
    pulls: tuple[_Pull, ...]
    flats: IntArray

    def lever(self, number: int) -> Lever:
        """Return a lever for people."""
        pull = self.pulls[number]
        if pull.parameter is not None:
            change = self._entry(number, 0.0)
            table = self.compiled.context.parameters[pull.parameter.name]
            return Lever(
                element=pull.element, path=change.path if change is not None else pull.element,
                name=_entry_name(pull.parameter.name, entry_labels(table.dimensions, int(self.flats[number]))),
                old=self.old(number), unit=pull.parameter.unit,
            )  # fmt: skip
        name = pull.element.partition(".")[2]
        if pull.field != "expression":
            what = f"the {pull.field} bound of {name}"
        else:
            what = name if pull.old is None else f"the number {number_text(float(written(pull.old)))} in {name}"
        return Lever(element=pull.element, path=f"{pull.element}.{pull.field}", name=what, old=pull.old)

    def old(self, number: int) -> float | None:
        """Return the number that a lever moves; `None` where an amount is added."""
        pull = self.pulls[number]
        if pull.parameter is None:
            return pull.old
        table = self.compiled.context.parameters[pull.parameter.name]
        return float(table.at(self.flats[number : number + 1])[0])

    def change(self, number: int, amount: float) -> Change | None:
        """Return the change that moves a lever; `None` where the formulation has no place for it."""
        pull = self.pulls[number]
        old = self.old(number)
        if pull.parameter is not None:
            assert old is not None
            return self._entry(number, old + amount)
        path = f"{pull.element}.{pull.field}"
        if pull.text is None:
            assert old is not None
            return Change(kind="set", path=path, value=written(old + amount))
        assert pull.node is not None
        return Change(kind="set", path=path, value=_edited(pull.text, pull.node, old, amount))

    def _entry(self, number: int, value: float) -> Change | None:
        parameter = self.pulls[number].parameter
        assert parameter is not None
        dimensions = self.compiled.context.parameters[parameter.name].dimensions
        return entry_change(parameter, dimensions, int(self.flats[number]), written(value))


def written(value: float) -> int | float:
    """Return a number as it is written: whole ones without a point, others without dust."""
    value = float(f"{value:.{_DIGITS}g}")
    return int(value) if value == int(value) and abs(value) < 1e15 else value


def movable_of(compiled: CompiledFormulation, *, fixed: Collection[str] = ()) -> Movable:
    """Return everything that sides and bounds hang on; its levers may all move.

    Args:
        compiled: the formulation.
        fixed: names of parameters that are not looked at; the texts that name them move instead.
    """
    return _Reader(compiled, frozenset(fixed)).movable()


@dataclass(slots=True)
class _Reader:
    """Reads what the sides of one formulation hang on."""

    compiled: CompiledFormulation
    fixed: frozenset[str]
    parameters: dict[str, Parameter] = field(default_factory=dict)
    variables: frozenset[str] = frozenset()

    def movable(self) -> Movable:
        formulation = self.compiled.formulation
        self.parameters = {
            p.name: p for p in formulation.parameters
            if p.name not in self.fixed and p.value is not None and not isinstance(p.value, str)
        }  # fmt: skip
        self.variables = frozenset(variable.name for variable in formulation.variables)
        return _joined(self.compiled, [*self.of_rows(), *self.of_bounds()])

    # -- rows -----------------------------------------------------------------------------------------

    def of_rows(self) -> Iterator[_Pull]:
        start = 0
        families: dict[str, list[tuple[int, RowFamily]]] = {}
        for family in self.compiled.families:
            if not family.element and not family.part:
                families.setdefault(family.name, []).append((start, family))
            start += family.size
        for constraint in self.compiled.formulation.enabled_constraints:
            expression = parse_expression(constraint.expression)
            root = expression.root
            body = root.body if isinstance(root, Comprehension) and root.key is None else root
            found = families.get(constraint.name, [])
            if not isinstance(body, Comparison) or not found:
                continue
            if len(found) == len(body.operators):
                for place, (begin, family) in enumerate(found):
                    yield from self.of_pair(constraint.name, expression, body, place, begin, family)
            elif len(found) == 1 and len(body.operators) == 2:
                yield from self.of_chain(constraint.name, expression, body, *found[0])

    def of_pair(
        self, name: str, expression: Expression, body: Comparison, place: int, begin: int, family: RowFamily
    ) -> Iterator[_Pull]:
        """Yield what moves the sides of `left <= right`."""
        left, right = body.operands[place], body.operands[place + 1]
        sign = -1.0 if self.is_known(left) and not self.is_known(right) else 1.0
        sides = self.sides(begin, family, lower=True, upper=True)
        offered = [(right, sign), (left, -sign)]
        offered.sort(key=lambda pair: not self.is_known(pair[0]))
        yield self.chosen(name, expression, offered, sides, family.frame)

    def of_chain(
        self, name: str, expression: Expression, body: Comparison, begin: int, family: RowFamily
    ) -> Iterator[_Pull]:
        """Yield what moves each side of `low <= e <= high`."""
        for end, operator in ((body.operands[0], body.operators[0]), (body.operands[2], body.operators[1])):
            is_first = end is body.operands[0]
            is_lower = (operator in ("<", "<=")) == is_first
            for lower in (True, False) if operator == "==" else (is_lower,):
                sides = self.sides(begin, family, lower=lower, upper=not lower)
                yield self.chosen(name, expression, [(end, 1.0)], sides, family.frame)

    def sides(self, begin: int, family: RowFamily, *, lower: bool, upper: bool) -> IntArray:
        """Return the numbers of the sides of a family, both sides of its rows one after the other."""
        rows, m = np.arange(begin, begin + family.size), self.compiled.model.n_rows
        return np.concatenate([rows] * lower + [m + rows] * upper)

    def is_known(self, node: Node) -> bool:
        return not any(isinstance(part, Name | Index) and part.name in self.variables for part in walk(node))

    def chosen(
        self, name: str, expression: Expression, offered: list[tuple[Node, float]], sides: IntArray, frame: Frame
    ) -> _Pull:
        """Return what moves sides: a parameter, else a number, else an amount that is added."""
        element = f"constraints.{name}"
        whole = [(node, rate) for node, rate in offered if self.is_parameter(node)]
        terms = [
            (term, sign * rate) for node, rate in offered if isinstance(node, Addition) for sign, term in node.terms
            if self.is_parameter(term)
        ]  # fmt: skip
        for node, rate in [*whole, *terms]:
            pull = self.of_parameter(node, expression, frame, sides, rate, element)
            if pull is not None:
                return pull
        zeros = np.zeros(len(sides), np.int64)
        for node, rate in offered:
            number = _number(node)
            if number is not None:
                return _Pull(
                    (element, str(node.span)), element, sides, zeros, rate, field="expression", text=expression,
                    node=node, old=number, users=frozenset([element]),
                )  # fmt: skip
        node, rate = offered[0]
        return _Pull(
            (element, str(node.span)), element, sides, zeros, rate, field="expression", text=expression, node=node,
            users=frozenset([element]),
        )  # fmt: skip

    def is_parameter(self, node: Node) -> bool:
        return isinstance(node, Name | Index) and node.name in self.parameters

    def of_parameter(
        self, node: Node, expression: Expression, frame: Frame, sides: IntArray, rate: float, element: str
    ) -> _Pull | None:
        """Return the entries of a parameter that sides, one or two for each row of a frame, hang on."""
        assert isinstance(node, Name | Index)
        parameter = self.parameters[node.name]
        dimensions = self.compiled.context.parameters[node.name].dimensions
        flat = np.zeros(frame.size, np.int64)
        if isinstance(node, Index):
            try:
                flat = flat_positions(Evaluator(self.compiled.context, expression), node, dimensions, frame)
            except ExpressionError:
                return None
        flat = np.tile(np.broadcast_to(flat, (frame.size,)), len(sides) // max(frame.size, 1))
        return _Pull(
            ("parameters", node.name), f"parameters.{node.name}", sides, flat.astype(np.int64), rate,
            parameter=parameter, users=frozenset([element]),
        )  # fmt: skip

    # -- bounds ---------------------------------------------------------------------------------------

    def of_bounds(self) -> Iterator[_Pull]:
        for variable in self.compiled.formulation.variables:
            if variable.domain in ("continuous", "integer"):
                for side in ("lower", "upper"):
                    pull = self.of_bound(variable, side)
                    if pull is not None:
                        yield pull

    def of_bound(self, variable: Variable, side: Literal["lower", "upper"]) -> _Pull | None:
        bound = variable.lower if side == "lower" else variable.upper
        element, table = f"variables.{variable.name}", self.compiled.variables[variable.name]
        part = Part.COLUMN_LOWER if side == "lower" else Part.COLUMN_UPPER
        start = Numbering.of(self.compiled.model).within(part).start + table.offset
        sides = np.arange(start, start + table.size)
        zeros = np.zeros(len(sides), np.int64)
        if bound is None:
            bound = 0 if side == "lower" else "inf"
        number = infinite_bound(bound) if isinstance(bound, str) else float(bound)
        users = frozenset([element, f"{element}.{side}"])
        if number is not None:
            if not math.isfinite(number):
                return None
            is_domain = side == "lower" and number == 0
            return _Pull(
                (element, side), element, sides, zeros, 1.0, field=side, old=number, users=users, is_domain=is_domain
            )  # fmt: skip
        expression = parse_expression(str(bound))
        if self.is_parameter(expression.root):
            frame = own_frame(variable, own_indices(variable, self.compiled.formulation), table.dimensions)
            pull = self.of_parameter(expression.root, expression, frame, sides, 1.0, element)
            if pull is not None:
                return pull
        return _Pull(
            (element, side), element, sides, zeros, 1.0, field=side, text=expression, node=expression.root, users=users
        )  # fmt: skip


def _joined(compiled: CompiledFormulation, pulls: list[_Pull]) -> Movable:
    """Give each different number of the pulls a lever."""
    groups: dict[tuple[str, ...], list[_Pull]] = {}
    for pull in pulls:
        groups.setdefault(pull.key, []).append(pull)
    sides, lever, rate, flats, lowest, of_lever = [], [], [], [], [], []
    count = 0
    for group in groups.values():
        users = frozenset[str]().union(*(pull.users for pull in group))
        first = replace(group[0], users=users)
        different, inverse = np.unique(np.concatenate([pull.flat for pull in group]), return_inverse=True)
        sides.append(np.concatenate([pull.side for pull in group]))
        lever.append(count + inverse)
        rate.append(np.concatenate([np.full(len(pull.side), pull.rate) for pull in group]))
        flats.append(different)
        lowest.append(_lowest(compiled, first, different))
        of_lever += [first] * len(different)
        count += len(different)
    empty = np.empty(0, np.int64)
    return Movable(
        compiled,
        Levers(
            cost=np.ones(count), lowest=np.concatenate([np.empty(0), *lowest]), highest=np.full(count, np.inf),
            side=np.concatenate([empty, *sides]), lever=np.concatenate([empty, *lever]),
            rate=np.concatenate([np.empty(0), *rate]),
        ),
        tuple(of_lever),
        np.concatenate([empty, *flats]),
    )  # fmt: skip


def _lowest(compiled: CompiledFormulation, pull: _Pull, flats: IntArray) -> NDArray[np.float64]:
    """Return how far levers may go down: what is not negative stays so, but for a bound or side of 0."""
    if pull.parameter is not None:
        old = compiled.context.parameters[pull.parameter.name].at(flats)
        return np.where(old >= 0, -old, -np.inf)
    return np.full(len(flats), -pull.old if pull.old is not None and pull.old > 0 else -np.inf)


def _number(node: Node) -> float | None:
    """Return the number that a node is, with its sign; `None` for others."""
    match node:
        case Number():
            return node.value
        case Addition(terms=((sign, Number(value=value)),)):
            return sign * value
        case _:
            return None


def _edited(text: Expression, node: Node, old: float | None, amount: float) -> str:
    """Return a text with a number replaced, or with an amount added to a node."""
    begin, end = node.span
    if old is not None:
        new = number_text(float(written(old + amount)))
    else:
        inner = text.text[begin:end]
        inner = f"({inner})" if precedence(node) < ADDITION else inner
        new = f"{inner} {'-' if amount < 0 else '+'} {number_text(float(written(abs(amount))))}"
    return text.text[:begin] + new + text.text[end:]


def _entry_name(name: str, labels: Sequence[object]) -> str:
    """Return `demand['berlin']`; the name alone for a scalar."""
    return f"{name}[{', '.join(map(repr, labels))}]" if labels else name
