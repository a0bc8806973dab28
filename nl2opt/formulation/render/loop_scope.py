"""The loop variables that are visible where an expression is being written, and what they run over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nl2opt.formulation.language.syntax import (
    NEIGHBOURS,
    Addition,
    Call,
    Clause,
    Comprehension,
    Index,
    Name,
    Node,
    SetOperation,
)
from nl2opt.formulation.language.syntax import Sequence as SequenceNode
from nl2opt.formulation.render.loops import Loop, Members
from nl2opt.formulation.render.names import ProgramNames


class LoopScope:
    """Knows what the loop variables around an expression stand for."""

    def __init__(
        self,
        names: ProgramNames,
        *,
        sets: Mapping[str, Sequence[Members]],
        families: Mapping[str, Sequence[Members]],
    ) -> None:
        """Begin without loop variables; see `PythonText` for the arguments."""
        self._names = names
        self._sets = sets
        self._families = families
        self._scope: dict[str, Loop] = {}

    def _enter(self, clause: Clause) -> None:
        """Make the loop variables of a clause visible; a lone one over a set of pairs stands for a pair."""
        members = self._components(clause.iterable)
        loops: dict[str, Loop] = {}
        for place, target in enumerate(clause.targets):
            text = self._names.loop(target)
            if len(clause.targets) == 1 and len(members) > 1:
                loops[target] = Loop(text=text, arity=len(members))
            else:
                loops[target] = Loop(text=text, members=members[place] if place < len(members) else None)
        self._scope = {**self._scope, **loops}

    def _components(self, iterable: Node) -> Sequence[Members | None]:
        """Return what the components of the elements of a set, list or range may be."""
        if isinstance(iterable, Name) and iterable.name in self._sets:
            return self._sets[iterable.name]
        match iterable:
            case Index() if iterable.name in self._families:
                return self._families[iterable.name]
            case SetOperation():
                return self._components(iterable.left)
            case Addition():
                return self._components(iterable.terms[0][1])
            case SequenceNode() if iterable.items and isinstance(iterable.items[0], SequenceNode):
                return [None] * len(iterable.items[0].items)
            case Comprehension() if isinstance(iterable.body, SequenceNode):
                return [None] * len(iterable.body.items)
            case _:
                return [None]

    def _arity(self, index: Node) -> int:
        """Return how many indices an index stands for."""
        if isinstance(index, Name) and index.name in self._scope:
            return self._scope[index.name].arity
        if isinstance(index, Call) and index.function in ("first", "last", *NEIGHBOURS):
            return len(self._components(index.arguments[0]))
        return 1

    def _runs_over(self, node: Node) -> Members | None:
        """Return the elements that a loop variable runs over; `None` for other nodes."""
        if isinstance(node, Call) and node.function in ("first", "last", *NEIGHBOURS):
            return self._components(node.arguments[0])[0]
        loop = self._scope.get(node.name) if isinstance(node, Name) else None
        return loop.members if loop is not None else None
