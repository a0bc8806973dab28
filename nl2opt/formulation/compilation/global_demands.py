"""Reads global constraints and cones: `all_different`, `no_overlap`, `cumulative`, `circuit`, `soc`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from nl2opt.formulation.evaluation.clauses import expand
from nl2opt.formulation.evaluation.constructs import AffineMembers, ConeDemand, GlobalDemand, GlobalKind
from nl2opt.formulation.evaluation.element_values import element_of
from nl2opt.formulation.evaluation.elements import IntArray
from nl2opt.formulation.evaluation.evaluate import Evaluator
from nl2opt.formulation.evaluation.frame import Frame
from nl2opt.formulation.evaluation.members import affine_members, plain_columns
from nl2opt.formulation.evaluation.spread import rows_written_out
from nl2opt.formulation.language.parser import ExpressionError
from nl2opt.formulation.language.syntax import Call, Comprehension, Node, Sequence

if TYPE_CHECKING:
    from nl2opt.formulation.compilation.rows import RowScope

_WRITTEN: Final = {
    "all_different": "Write `all_different(x[i] for i in I)`.",
    "no_overlap": "Write `no_overlap((start[j], duration[j]) for j in J)`.",
    "cumulative": "Write `cumulative(((start[j], duration[j], need[j]) for j in J), capacity)`.",
    "circuit": "Write `circuit((i, j, use[i, j]) for (i, j) in ARCS)`, with `use` binary.",
    "soc": "Write `soc(radius, (x[i] for i in I))`: the radius is at least the norm of the others.",
}
_ITEMS: Final = {"all_different": 1, "no_overlap": 2, "cumulative": 3, "circuit": 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class GlobalReader:
    """Reads one global constraint or cone, for each row of a frame.

    Attributes:
        name: of the constraint.
        evaluator: of its expression.
        frame: its loop variables.
        scope: the compilation around it.
    """

    name: str
    evaluator: Evaluator
    frame: Frame
    scope: RowScope

    def record(self, node: Call) -> None:
        """Add what is demanded to the constructs of the compilation.

        Raises:
            ExpressionError: it does not have the arguments that it needs, or they are not whole, or not binary.
        """
        constructs = self.evaluator.context.constructs
        if node.function == "soc":
            constructs.cones.append(self._cone(node))
            return
        match node.function:
            case "all_different":
                demand = self._all_different(node)
            case "circuit":
                demand = self._circuit(node)
            case _:
                demand = self._tasks(node)
        constructs.globals.append(demand)

    def _all_different(self, node: Call) -> GlobalDemand:
        owner, parts = self._listed(node, node.arguments)
        members = _joined([affine_members(self.evaluator, item, frame) for (item,), frame in parts])
        order = np.argsort(owner, kind="stable")
        members = _taken(members, order)
        whole = np.array_equal(members.coefficient, np.round(members.coefficient))
        whole &= np.array_equal(members.offset, np.round(members.offset))
        if not whole or not self.scope.is_whole(members.column[members.column >= 0]):
            message = "`all_different` takes whole numbers only"
            raise self.evaluator.fail(node, "not_whole", message, mend="Make the domain of the variable integer.")
        return GlobalDemand("all_different", self.name, self.frame, owner[order], (members,))

    def _tasks(self, node: Call) -> GlobalDemand:
        """Read `no_overlap` and `cumulative`."""
        is_cumulative = node.function == "cumulative"
        arguments, capacity = node.arguments, None
        if is_cumulative:
            if len(arguments) != 2:
                raise self._wrong(node, "`cumulative` takes tasks and a capacity")
            capacity = affine_members(self.evaluator, arguments[1], self.frame)
            arguments = arguments[:1]
        owner, parts = self._listed(node, arguments)
        columns = [
            _joined([affine_members(self.evaluator, items[place], frame) for items, frame in parts])
            for place in range(_ITEMS[node.function])
        ]
        order = np.argsort(owner, kind="stable")
        kind: GlobalKind = "cumulative" if is_cumulative else "no_overlap"
        members = tuple(_taken(column, order) for column in columns)
        for place, what in enumerate(("size", "demand")[: len(members) - 1], start=1):
            self._refuse_negative(node, members[place], what)
        return GlobalDemand(kind, self.name, self.frame, owner[order], members, capacity)

    def _refuse_negative(self, node: Call, members: AffineMembers, what: str) -> None:
        bad = (members.column < 0) & (members.offset < 0)
        if bad.any():
            number = members.offset[int(np.argmax(bad))]
            raise self.evaluator.fail(node, "negative", f"a task has the {what} {number:g}, which is below 0")

    def _circuit(self, node: Call) -> GlobalDemand:
        owner, parts = self._listed(node, node.arguments)
        tails: list[IntArray] = []
        heads: list[IntArray] = []
        for (tail, head, _), frame in parts:
            for item, found in ((tail, tails), (head, heads)):
                codes = element_of(self.evaluator, item, frame).codes()
                if len(codes) != 1:
                    raise self._wrong(node, "a node of `circuit` is one element, not a pair")
                found.append(codes[0])
        columns = [plain_columns(self.evaluator, items[2], frame) for items, frame in parts]
        order = np.argsort(owner, kind="stable")
        column = np.concatenate(columns)[order]
        if not self.scope.is_binary(column):
            raise self._wrong(node, "an arc of `circuit` is chosen by a binary variable")
        ones, zeros = np.ones(len(column)), np.zeros(len(column))
        nodes = np.concatenate(tails)[order], np.concatenate(heads)[order]
        members = (AffineMembers(column, ones, zeros),)
        return GlobalDemand("circuit", self.name, self.frame, owner[order], members, nodes=nodes)

    def _cone(self, node: Call) -> ConeDemand:
        if len(node.arguments) < 2:
            raise self._wrong(node, "`soc` takes a radius and what its norm is taken of")
        head = plain_columns(self.evaluator, node.arguments[0], self.frame)
        owner, parts = self._listed(node, node.arguments[1:])
        columns = np.concatenate([plain_columns(self.evaluator, item, frame) for (item,), frame in parts])
        order = np.argsort(owner, kind="stable")
        return ConeDemand(self.name, self.frame, head, owner[order], columns[order])

    def _listed(self, node: Call, arguments: tuple[Node, ...]) -> tuple[IntArray, list[tuple[tuple[Node, ...], Frame]]]:
        """Return the members of a constraint.

        Returns:
            For each member, in the order of the parts, the row of the frame that it belongs to; and the parts, each
            the nodes of its items with the frame that they are evaluated in.
        """
        wanted = _ITEMS.get(node.function, 1)
        if len(arguments) == 1 and isinstance(arguments[0], Sequence) and (wanted > 1 or len(arguments[0].items) > 1):
            arguments = arguments[0].items
        if not arguments:
            raise self._wrong(node, f"`{node.function}` has no members")
        owners: list[IntArray] = []
        parts: list[tuple[tuple[Node, ...], Frame]] = []
        for argument in arguments:
            body, frame = argument, self.frame
            rows: IntArray = np.arange(self.frame.size)
            if isinstance(argument, Comprehension) and argument.key is None:
                body = argument.body
                frame, found = expand(self.evaluator, self.frame, argument.clauses, body)
                rows = rows_written_out(found)
            items = body.items if isinstance(body, Sequence) else (body,)
            if len(items) != wanted:
                noun = "item" if wanted == 1 else "items"
                raise self._wrong(node, f"each member of `{node.function}` has {wanted} {noun}, here {len(items)}")
            owners.append(rows)
            parts.append((items, frame))
        return np.concatenate(owners), parts

    def _wrong(self, node: Call, message: str) -> ExpressionError:
        return self.evaluator.fail(node, "arguments", message, mend=_WRITTEN[node.function])


def _joined(parts: list[AffineMembers]) -> AffineMembers:
    return AffineMembers(
        np.concatenate([part.column for part in parts]),
        np.concatenate([part.coefficient for part in parts]),
        np.concatenate([part.offset for part in parts]),
    )


def _taken(members: AffineMembers, order: IntArray) -> AffineMembers:
    return AffineMembers(members.column[order], members.coefficient[order], members.offset[order])
