"""Reads nodes as sets: names, lists, `range`, comprehensions, members of a family, unions and differences.

A set that does not depend on loop variables is one table for all rows of a frame. One that does, such as
`NEIGHBOUR[i]` or `[j for j in J if dist[i, j] <= 3]`, has its own elements in each row; they stand in one table, one
row behind the other, so that it costs what it yields.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nl2opt.formulation.evaluation.clauses import expand, range_length, range_rows
from nl2opt.formulation.evaluation.context import Context
from nl2opt.formulation.evaluation.element_values import element_of, literal_element
from nl2opt.formulation.evaluation.elements import MISSING, BoolArray, Elements, IntArray, SetTable
from nl2opt.formulation.evaluation.family import FamilyTable
from nl2opt.formulation.evaluation.frame import Frame, guard_size, product_rows, root_frame
from nl2opt.formulation.evaluation.lookup import flat_positions, places
from nl2opt.formulation.evaluation.spread import rows_written_out, written_out
from nl2opt.formulation.language.parser import ExpressionError
from nl2opt.formulation.language.syntax import Addition, Call, Comprehension, Index, Name, Node, SetOperation, walk
from nl2opt.formulation.language.syntax import Sequence as SequenceNode

if TYPE_CHECKING:
    from nl2opt.formulation.evaluation.evaluate import Evaluator


@dataclass(frozen=True, slots=True, eq=False)
class Spans:
    """A set for each row of a frame: `table[begin:end]`.

    Attributes:
        table: where the elements stand in order.
        begin: int64 (n,), the position of each row's first element.
        end: int64 (n,), the position behind its last one.
        owner: int64 (n,), the first component by which `owned` knows the row's set; `None` when all rows share one.
        owned: the elements with their owner in front; `None` when all rows share one set.
    """

    table: SetTable
    begin: IntArray
    end: IntArray
    owner: IntArray | None = None
    owned: SetTable | None = None

    def place(self, element: Elements) -> IntArray:
        """Return the positions of elements in the sets of their rows; `MISSING` for those that are not in them."""
        if self.owner is None or self.owned is None:
            return written_out(places(self.table, [element]))
        if element.arity != self.table.arity:
            return np.full(len(self.begin), MISSING, np.int64)
        return self.owned.positions((self.owner, *_known_codes(self.table, element)))


@dataclass(frozen=True, slots=True, eq=False)
class Members:
    """The elements of a set for each row of a frame, all of them: `rows` ascending, `positions` in `table`."""

    rows: IntArray
    table: SetTable
    positions: IntArray

    def codes(self) -> tuple[IntArray, ...]:
        """Return the codes, one array for each component."""
        return tuple(column[self.positions] for column in self.table.columns)


def depends_on_row(node: Node, frame: Frame) -> bool:
    """Whether a node names a loop variable of a frame."""
    return any(isinstance(part, Name) and part.name in frame.variables for part in walk(node))


def set_of(evaluator: Evaluator, node: Node) -> SetTable:
    """Return the set that a node names, which must not depend on loop variables."""
    context = evaluator.context
    if isinstance(node, Name) and node.name in context.sets:
        return context.sets[node.name]
    known = evaluator.known_sets.get(node)
    if known is None:
        literal = _literal_set(evaluator, node) if isinstance(node, SequenceNode) else None
        if literal is None:
            found = members(evaluator, node, root_frame())
            literal = SetTable("", context.universe, found.codes())
        known = evaluator.known_sets[node] = literal
    return known


def spans(evaluator: Evaluator, node: Node, frame: Frame) -> Spans:
    """Return the set that a node names in each row of a frame."""
    if isinstance(node, Index) and (family := evaluator.context.families.get(node.name)) is not None:
        owner = np.broadcast_to(flat_positions(evaluator, node, family.dimensions, frame), (frame.size,))
        return Spans(family.members, family.starts[owner], family.starts[owner + 1], owner, family.owned)
    if not depends_on_row(node, frame):
        table = set_of(evaluator, node)
        return Spans(table, np.zeros(frame.size, np.int64), np.full(frame.size, table.size))
    found = members(evaluator, node, frame)
    table = SetTable("", evaluator.context.universe, found.codes())
    ends = np.searchsorted(found.rows, np.arange(frame.size + 1))
    owned = SetTable("", evaluator.context.universe, (found.rows, *table.columns))
    return Spans(table, ends[:-1], ends[1:], np.arange(frame.size), owned)


def members(evaluator: Evaluator, node: Node, frame: Frame) -> Members:
    """Return the elements of the set that a node names, for each row of a frame."""
    match node:
        case Index() if node.name in evaluator.context.families:
            return family_members(evaluator, evaluator.context.families[node.name], node, frame)
        case Call(function="range"):
            if not frame.variables:
                guard_elements(range_length(evaluator, node), evaluator.context)
            return Members(*range_rows(evaluator, node, frame))
        case Comprehension(key=None):
            inner, parents = expand(evaluator, frame, node.clauses, node.body)
            rows = rows_written_out(parents)
            if not frame.variables:
                guard_elements(inner.size, evaluator.context)
            element = element_of(evaluator, node.body, inner)
            table = SetTable("", evaluator.context.universe, element.codes())
            found = Members(rows, table, np.arange(inner.size))
            return _distinct(found) if node.distinct else refuse_repeated(evaluator, node, frame, found)
        case SequenceNode():
            return refuse_repeated(evaluator, node, frame, _listed(evaluator, node, frame))
        case SetOperation(operator="|"):
            left, right = (members(evaluator, side, frame) for side in (node.left, node.right))
            return _union(evaluator, node, left, right)
        case SetOperation():
            return _intersection(evaluator, node, frame)
        case Addition() if node.terms[0][0] == 1 and len(node.terms) > 1:
            return _difference(evaluator, node, frame)
        case Name() if node.name in evaluator.context.sets:
            table = evaluator.context.sets[node.name]
            product, positions = product_rows(frame, table)
            return Members(rows_written_out(product), table, written_out(positions))
    raise evaluator.fail(
        node,
        "not_a_set",
        f"`{evaluator.expression.quote(node)}` is not a set",
        mend="Run over a set, a `range` or a list.",
    )


def guard_elements(count: int, context: Context) -> None:
    """Refuse a set with more elements than the limit.

    Raises:
        ExpressionError: there are too many.
    """
    most = context.limits.set_elements
    if count > most:
        message = f"the set would have {count:,} elements, more than the limit of {most:,}"
        raise ExpressionError("too_large", message, mend="Raise the limit `set_elements`, or divide the problem.")


def family_members(evaluator: Evaluator, family: FamilyTable, node: Index, frame: Frame) -> Members:
    """Return the elements of a family's set, for each row of a frame, by a join."""
    owner = np.broadcast_to(flat_positions(evaluator, node, family.dimensions, frame), (frame.size,))
    begin = family.starts[owner]
    count = family.starts[owner + 1] - begin
    guard_size(int(count.sum()))
    rows = np.repeat(np.arange(frame.size), count)
    offset = np.arange(len(rows)) - np.repeat(np.cumsum(count) - count, count)
    return Members(rows, family.members, begin[rows] + offset)


def is_member(evaluator: Evaluator, element: Node, container: Node, frame: Frame) -> BoolArray:
    """Return whether an element is in the set that a node names, for each row of a frame."""
    return _contains(evaluator, element_of(evaluator, element, frame), container, frame, element)


def _contains(evaluator: Evaluator, elements: Elements, container: Node, frame: Frame, quoted: Node) -> BoolArray:
    """Return whether elements are in the set that a node names; errors about the elements quote another node."""
    if depends_on_row(container, frame):  # no set is built where the sets that it is made of can be asked
        if isinstance(container, SetOperation):
            sides = (container.left, container.right)
            left, right = (_contains(evaluator, elements, side, frame, quoted) for side in sides)
            return left | right if container.operator == "|" else left & right
        if isinstance(container, Addition) and all(sign == -1 for sign, _ in container.terms[1:]):
            inside, *outside = (_contains(evaluator, elements, term, frame, quoted) for _, term in container.terms)
            for taken in outside:
                inside = inside & ~taken
            return inside
    found = spans(evaluator, container, frame)
    refuse_arity(evaluator, elements, container, found.table, quoted=quoted)
    return np.asarray(found.place(elements) != MISSING, np.bool_)


def refuse_arity(evaluator: Evaluator, element: Elements, node: Node, table: SetTable, *, quoted: Node) -> None:
    """Refuse to look for an element in a set whose elements have another number of components.

    Args:
        evaluator: of the expression.
        element: what is looked for.
        node: the set.
        table: its elements.
        quoted: what the error quotes.
    """
    if element.arity != table.arity and table.size:
        components = f"{table.arity} component" + ("s" if table.arity > 1 else "")
        message = f"an element of `{evaluator.expression.quote(node)}` has {components}"
        raise evaluator.fail(quoted, "arity", message)


def refuse_repeated(evaluator: Evaluator, node: Node, frame: Frame, found: Members) -> Members:
    """Refuse a set in which an element stands twice."""
    codes = found.codes()
    twice = first_repeated((found.rows, *codes))
    if twice is not None:
        label = SetTable("", evaluator.context.universe, codes).label(twice)
        message, row = f"the element {label!r} stands twice", int(found.rows[twice])
        mend = "Join lists by `|`, as in `[i] | [j]`, to take each element once."
        if isinstance(node, Comprehension):
            mend = "Write `{...}` instead of `[...]` to take each element once."
        raise evaluator.fail(node, "repeated_element", message, frame=frame, row=row, mend=mend)
    return found


def first_repeated(columns: tuple[IntArray, ...]) -> int | None:
    """Return the first row of columns that repeats an earlier one; `None` when all are different."""
    ids = _identified(columns)
    _, first = np.unique(ids, return_index=True)
    if len(first) == len(ids):
        return None
    return int(np.setdiff1d(np.arange(len(ids)), first)[0])


def _known_codes(table: SetTable, element: Elements) -> tuple[IntArray, ...]:
    """Return the codes of elements; a literal `'1'` counts as the number 1 where only that stands in the table."""
    codes = element.codes()
    if element.arity == 1 and not element.table.name and element.table.size == 1:
        code = int(element.table.columns[element.component or 0][0])
        other = table.universe.find_other_kind(table.universe.elements[code])
        if other != MISSING and not np.any(table.columns[0] == code):
            return (np.full_like(codes[0], other),)
    return codes


def _literal_set(evaluator: Evaluator, node: SequenceNode) -> SetTable | None:
    """Return a list of literals as a set; `None` when something else stands in it."""
    universe = evaluator.context.universe
    if not node.items:
        return SetTable("", universe, (np.empty(0, np.int64),))
    items = [item.items if isinstance(item, SequenceNode) else (item,) for item in node.items]
    literals = [[literal_element(part) for part in item] for item in items]
    if not all(literal and None not in literal and len(literal) == len(literals[0]) for literal in literals):
        return None
    columns = zip(*literals, strict=True)
    return SetTable("", universe, tuple(universe.intern([e for e in column if e is not None]) for column in columns))


def _distinct(found: Members) -> Members:
    """Return each element once, where it stands first."""
    _, first = np.unique(_identified((found.rows, *found.codes())), return_index=True)
    first.sort()
    return Members(found.rows[first], found.table, found.positions[first])


def _listed(evaluator: Evaluator, node: SequenceNode, frame: Frame) -> Members:
    """Return the elements of a list, some of which depend on loop variables."""
    universe = evaluator.context.universe
    if not node.items:
        empty = np.empty(0, np.int64)
        return Members(empty, SetTable("", universe, (empty,)), empty)
    codes = [element_of(evaluator, item, frame).codes() for item in node.items]
    if len({len(columns) for columns in codes}) > 1:
        raise evaluator.fail(node, "arity", "the elements of the list do not have equally many components")
    columns = tuple(np.stack(parts, axis=1).ravel() for parts in zip(*codes, strict=True))
    count = len(node.items)
    return Members(
        np.repeat(np.arange(frame.size), count), SetTable("", universe, columns), np.arange(frame.size * count)
    )


def _union(evaluator: Evaluator, node: Node, left: Members, right: Members) -> Members:
    """Return for each row the elements of the left set, then those of the right one that are new."""
    _refuse_other_arity(evaluator, node, left, right)
    if not len(left.rows) or not len(right.rows):
        return left if len(left.rows) else right
    columns = [np.concatenate(pair) for pair in zip(left.codes(), right.codes(), strict=True)]
    rows = np.concatenate([left.rows, right.rows])
    _, first = np.unique(_identified((rows, *columns)), return_index=True)
    first.sort()
    kept = first[np.argsort(rows[first], kind="stable")]
    table = SetTable("", left.table.universe, tuple(column[kept] for column in columns))
    return Members(rows[kept], table, np.arange(len(kept)))


def _intersection(evaluator: Evaluator, node: SetOperation, frame: Frame) -> Members:
    """Return for each row the elements of the left set that are in the right one, in the left one's order."""
    if depends_on_row(node.left, frame) or not depends_on_row(node.right, frame):
        return _kept(evaluator, members(evaluator, node.left, frame), node.right, frame)
    table, found = set_of(evaluator, node.left), members(evaluator, node.right, frame)
    if found.table.arity != table.arity:
        return _kept(evaluator, members(evaluator, node.left, frame), node.right, frame)
    positions = table.positions(found.codes())
    order = np.lexsort((positions, found.rows))
    order = order[positions[order] != MISSING]
    return Members(found.rows[order], table, positions[order])


def _difference(evaluator: Evaluator, node: Addition, frame: Frame) -> Members:
    """Return for each row the elements of the first set that are in none of the others."""
    found = members(evaluator, node.terms[0][1], frame)
    for sign, term in node.terms[1:]:
        if sign == 1:
            message = "`+` does not join sets, and a difference in parentheses is read without them"
            mend = "Write `A | B`, and declare what is taken away as a set of its own."
            raise evaluator.fail(node, "set_operator", message, mend=mend)
        found = _kept(evaluator, found, term, frame, inside=False)
    return found


def _kept(evaluator: Evaluator, found: Members, other: Node, frame: Frame, *, inside: bool = True) -> Members:
    """Return those elements that are in the set that a node names as well, or those that are not."""
    elements = Elements(found.table, found.positions)
    mask = _contains(evaluator, elements, other, frame.take(found.rows), other) == inside
    return Members(found.rows[mask], found.table, found.positions[mask])


def _refuse_other_arity(evaluator: Evaluator, node: Node, left: Members, right: Members) -> None:
    if left.table.arity != right.table.arity and len(left.rows) and len(right.rows):
        message = f"elements of {left.table.arity} and of {right.table.arity} components do not go together"
        raise evaluator.fail(node, "arity", message)


def _identified(columns: tuple[IntArray, ...]) -> IntArray:
    """Return one number for each row of columns, the same for equal rows only."""
    ids = columns[0]
    for column in columns[1:]:
        width = int(column.max(initial=0)) + 1
        if int(ids.max(initial=0)) > np.iinfo(np.int64).max // width - 1:
            ids = np.unique(ids, return_inverse=True)[1]
        ids = ids * width + column
    return ids
