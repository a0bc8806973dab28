"""Says demands that are no comparison in English: `implies`, `either`, global constraints and cones."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from nl2opt.formulation.language.syntax import PREDICATES, Call, Comprehension, Node
from nl2opt.formulation.language.syntax import Sequence as SequenceNode

Phrase = Callable[[Node], str]


def demand_in_words(node: Call, phrase: Phrase, clauses: Callable[[Comprehension], str]) -> str | None:
    """Return a demand, or a piecewise linear function, in words; `None` for other calls and for odd arguments.

    Args:
        node: the call.
        phrase: says a node.
        clauses: says what a comprehension runs over: `every job j`.
    """
    if node.function not in PREDICATES and node.function != "piecewise":
        return None
    said = _Said(phrase, clauses)
    match node.function, node.arguments:
        case "implies", (condition, demanded):
            return f"if {phrase(condition)}, then {phrase(demanded)}"
        case "either", alternatives:
            return f"at least one of these holds: {'; or '.join(map(phrase, alternatives))}"
        case "all_different", arguments:
            return f"no two of {said.members(arguments)} are equal"
        case "no_overlap", arguments:
            tasks = said.tasks(arguments, 2)
            return None if tasks is None else f"no two of these tasks overlap: {tasks}"
        case "cumulative", (members, capacity):
            tasks = said.tasks((members,), 3)
            most = phrase(capacity)
            return None if tasks is None else f"the tasks that run at the same moment need at most {most}: {tasks}"
        case "circuit", arguments:
            arcs = said.arcs(arguments)
            return None if arcs is None else f"the chosen arcs form one circuit that visits each place once: {arcs}"
        case "soc", (head, *rest):
            return f"{phrase(head)} is at least the square root of the sum of the squares of {said.members(rest)}"
        case "piecewise", (argument, points):
            return f"the piecewise linear function of {phrase(argument)} through the points {said.points(points)}"
    return None


class _Said:
    """Says lists of members."""

    def __init__(self, phrase: Phrase, clauses: Callable[[Comprehension], str]) -> None:
        self.phrase = phrase
        self.clauses = clauses

    def members(self, arguments: Sequence[Node]) -> str:
        if len(arguments) == 1 and isinstance(arguments[0], SequenceNode):
            arguments = arguments[0].items
        return ", ".join(map(self._member, arguments))

    def _member(self, node: Node) -> str:
        if isinstance(node, Comprehension):
            return f"{self.phrase(node.body)} for {self.clauses(node)}"
        return self.phrase(node)

    def tasks(self, arguments: Sequence[Node], items: int) -> str | None:
        def task(parts: Sequence[Node]) -> str:
            start, size, *need = map(self.phrase, parts)
            return f"from {start} on for {size}" + (f", needing {need[0]}" if need else "")

        return self._listed(arguments, items, task)

    def arcs(self, arguments: Sequence[Node]) -> str | None:
        def arc(parts: Sequence[Node]) -> str:
            tail, head, chosen = map(self.phrase, parts)
            return f"from {tail} to {head} where {chosen} is 1"

        return self._listed(arguments, 3, arc)

    def _listed(self, arguments: Sequence[Node], items: int, say: Callable[[Sequence[Node]], str]) -> str | None:
        if len(arguments) == 1 and isinstance(arguments[0], SequenceNode):
            arguments = arguments[0].items
        said = []
        for argument in arguments:
            body = argument.body if isinstance(argument, Comprehension) else argument
            if not isinstance(body, SequenceNode) or len(body.items) != items:
                return None
            loops = f", for {self.clauses(argument)}" if isinstance(argument, Comprehension) else ""
            said.append(say(body.items) + loops)
        return "; ".join(said)

    def points(self, node: Node) -> str:
        if isinstance(node, SequenceNode):
            return ", ".join(map(self._point, node.items))
        return f"{self._point(node.body)} for {self.clauses(node)}" if isinstance(node, Comprehension) else ""

    def _point(self, node: Node) -> str:
        if isinstance(node, SequenceNode):
            return f"({', '.join(map(self.phrase, node.items))})"
        return self.phrase(node)
