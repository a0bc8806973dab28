"""The numbers of a formulation that may move in a repair, as levers with names and changes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nl2opt.formulation.analysis.entry_path import entry_change, entry_labels
from nl2opt.formulation.analysis.pulls import IntArray, Pull, PullReader
from nl2opt.formulation.compilation.compiled import CompiledFormulation
from nl2opt.formulation.language.parser import Expression
from nl2opt.formulation.language.precedence import ADDITION, precedence
from nl2opt.formulation.language.syntax import Node
from nl2opt.formulation.language.writer import number_text
from nl2opt.formulation.schema import Change
from solvers.diagnosis import Levers

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
class Movable:
    """What may move in a formulation.

    Attributes:
        levers: for `solvers.diagnosis.cheapest_repair`, as far as they may move.
        pulls: for each lever what moves with it.
        flats: for each lever the entry of its parameter.
    """

    compiled: CompiledFormulation
    levers: Levers
    pulls: tuple[Pull, ...]
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
            within = f" of `{pull.part}`" if pull.part else ""
            what = f"the {pull.noun} {number_text(float(written(pull.old or 0.0)))}{within} in {name}"
            what = name if pull.old is None else what
        return Lever(element=pull.element, path=f"{pull.element}.{pull.field}", name=what, old=pull.old)

    def old(self, number: int) -> float | None:
        """Return the number that a lever moves; `None` where an amount is added."""
        pull = self.pulls[number]
        if pull.parameter is None:
            return pull.old
        table = self.compiled.context.parameters[pull.parameter.name]
        return float(table.at(self.flats[number : number + 1])[0])

    def changes(self, amounts: Mapping[int, float]) -> dict[int, Change] | None:
        """Return for each of some levers the change that moves it; numbers of one text share a change.

        Args:
            amounts: by how much each lever goes up.

        Returns:
            The changes; `None` where the formulation has no place for one.
        """
        changes: dict[int, Change] = {}
        for numbers in self._sharing(amounts).values():
            change = self._change({number: amounts[number] for number in numbers})
            if change is None:
                return None
            changes |= dict.fromkeys(numbers, change)
        return changes

    def _sharing(self, numbers: Iterable[int]) -> dict[tuple[object, ...], list[int]]:
        """Return levers in groups: those of one text together, others alone."""
        groups: dict[tuple[object, ...], list[int]] = {}
        for number in numbers:
            pull = self.pulls[number]
            key: tuple[object, ...] = (number,) if pull.text is None else (pull.element, pull.field)
            groups.setdefault(key, []).append(number)
        return groups

    def _change(self, amounts: Mapping[int, float]) -> Change | None:
        """Return the change that moves levers of one text, or one other lever."""
        (number, amount), *_ = amounts.items()
        pull, old = self.pulls[number], self.old(number)
        if pull.parameter is not None:
            assert old is not None
            return self._entry(number, old + amount)
        path = f"{pull.element}.{pull.field}"
        if pull.text is None:
            assert old is not None
            return Change(kind="set", path=path, value=written(old + amount))
        nodes = {number: node for number in amounts if (node := self.pulls[number].node) is not None}
        # From the last on, so that what stands before keeps its place.
        text, end = pull.text.text, len(pull.text.text)
        for number in sorted(nodes, key=lambda number: nodes[number].span, reverse=True):
            begin, stop = nodes[number].span
            if stop > end:
                return None
            text = text[:begin] + _moved_text(pull.text, nodes[number], self.old(number), amounts[number]) + text[stop:]
            end = begin
        return Change(kind="set", path=path, value=text)

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
    return _joined(compiled, list(PullReader(compiled, frozenset(fixed)).pulls()))


def _joined(compiled: CompiledFormulation, pulls: list[Pull]) -> Movable:
    """Give each different number of the pulls a lever."""
    groups: dict[tuple[str, ...], list[Pull]] = {}
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


def _lowest(compiled: CompiledFormulation, pull: Pull, flats: IntArray) -> NDArray[np.float64]:
    """Return how far levers may go down: what is not negative stays so, but for a bound or side of 0."""
    if pull.parameter is not None:
        old = compiled.context.parameters[pull.parameter.name].at(flats)
        return np.where(old >= 0, -old, -np.inf)
    return np.full(len(flats), -pull.old if pull.old is not None and pull.old > 0 else -np.inf)


def _moved_text(text: Expression, node: Node, old: float | None, amount: float) -> str:
    """Return the text of a node with its number replaced, or with an amount added to it."""
    if old is not None:
        return number_text(float(written(old + amount)))
    begin, end = node.span
    inner = text.text[begin:end]
    inner = f"({inner})" if precedence(node) < ADDITION else inner
    return f"{inner} {'-' if amount < 0 else '+'} {number_text(float(written(abs(amount))))}"


def _entry_name(name: str, labels: Sequence[object]) -> str:
    """Return `demand['berlin']`; the name alone for a scalar."""
    return f"{name}[{', '.join(map(repr, labels))}]" if labels else name
