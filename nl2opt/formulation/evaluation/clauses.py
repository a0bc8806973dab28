"""Runs over generator clauses: by joins where a filter ties indices, by products where none does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from nl2opt.formulation.evaluation.conditions import comparable
from nl2opt.formulation.evaluation.elements import MAX_INTEGER, Elements, FloatArray, IntArray, SetTable
from nl2opt.formulation.evaluation.frame import Frame, guard_size, joined_rows, product_rows, root_frame
from nl2opt.formulation.evaluation.spread import ONCE, Places, Repeated, Rows, Spread, chained
from nl2opt.formulation.language.parser import ExpressionError
from nl2opt.formulation.language.syntax import Call, Clause, Comparison, Index, Logic, Name, Node, Number, Text, walk
from nl2opt.formulation.language.syntax import Sequence as SequenceNode

if TYPE_CHECKING:
    from nl2opt.formulation.evaluation.evaluate import Evaluator


def expand(
    evaluator: Evaluator, frame: Frame, clauses: Sequence[Clause], body: Node | None = None
) -> tuple[Frame, Rows]:
    """Run over generator clauses.

    Args:
        evaluator: of the expression.
        frame: the combinations so far.
        clauses: applied from left to right.
        body: what will be evaluated; outer loop variables that neither it nor a later clause names
            are not carried along. `None` carries all of them.

    Returns:
        The expanded frame, and for each of its rows the row of `frame` that it extends, ascending.
    """
    rows: Rows = Repeated(frame.size, 1)
    outer_size = frame.size
    for number, clause in enumerate(clauses):
        if body is not None and frame.variables:
            later = [body, *clause.conditions, clause.iterable]
            later += [n for c in clauses[number + 1 :] for n in (c.iterable, *c.conditions)]
            frame = _without_unused(frame, later)
        frame, parents = expand_clause(evaluator, frame, clause)
        rows = chained(rows, parents) if outer_size != 1 else ONCE
    return frame, Repeated(1, frame.size) if outer_size == 1 else rows  # all extend the one row


def expand_clause(evaluator: Evaluator, frame: Frame, clause: Clause) -> tuple[Frame, Rows]:
    """Run over one clause; see `expand`."""
    conditions = [part for condition in clause.conditions for part in _conjuncts(condition)]
    rows: Rows
    positions: Places
    if _names(clause.iterable, tuple(frame.variables)):
        found = evaluator.members(clause.iterable, frame)
        rows, table, positions = found.rows, found.table, found.positions
        _refuse_other_targets(evaluator, clause, table)
    else:
        table = evaluator.set_of(clause.iterable)
        _refuse_other_targets(evaluator, clause, table)
        joined = join(evaluator, frame, clause, table, conditions)
        chosen = chosen_beforehand(evaluator, frame, clause, table, conditions) if joined is None else None
        rows, positions = joined if joined is not None else product_rows(frame, table, chosen)
    expanded = frame.bind(rows, clause.targets, table, positions)
    for condition in conditions:
        mask = evaluator.condition(condition, expanded)
        keep = np.flatnonzero(np.broadcast_to(mask, (expanded.size,)))
        if len(keep) < expanded.size:
            expanded, rows = expanded.take(keep), chained(rows, keep)
    return expanded, rows


def _refuse_other_targets(evaluator: Evaluator, clause: Clause, table: SetTable) -> None:
    """Refuse to unpack elements into another number of loop variables than they have components."""
    if len(clause.targets) not in (1, table.arity) and (table.size or table.name):
        name = table.name or evaluator.expression.quote(clause.iterable)
        message = f"{len(clause.targets)} loop variables for the elements of `{name}`, which have {table.arity}"
        raise evaluator.fail(clause, "arity", message)


def chosen_beforehand(
    evaluator: Evaluator, frame: Frame, clause: Clause, table: SetTable, conditions: list[Node]
) -> IntArray | None:
    """Filter a set by the conditions that name nothing but its own elements, before it is multiplied by a frame.

    Only leading conditions: a later one may have no value where an earlier one excludes it. Those that were used up
    are removed from `conditions`.

    Returns:
        The positions that are left; `None` when no condition can be judged beforehand.
    """
    chosen: IntArray | None = None
    own = root_frame()
    while conditions and frame.size > 1 and not _names(conditions[0], tuple(frame.variables)):
        if chosen is None:
            chosen = np.arange(table.size)
            own = root_frame().bind(Repeated(1, table.size), clause.targets, table, Spread(range(table.size)))
        try:
            mask = evaluator.condition(conditions[0], own)
        except ExpressionError:
            break  # said again, with the values of all loop variables
        keep = np.flatnonzero(np.broadcast_to(mask, (own.size,)))
        if len(keep) < own.size:
            own, chosen = own.take(keep), chosen[keep]
        del conditions[0]
    return chosen


def join(
    evaluator: Evaluator, frame: Frame, clause: Clause, table: SetTable, conditions: list[Node]
) -> tuple[IntArray, IntArray] | None:
    """Expand by a join where a condition ties the clause to what is known; `None` where none does.

    A condition that was used up by the join is removed from `conditions`.
    """
    for condition in conditions:
        if not isinstance(condition, Comparison) or len(condition.operators) != 1:
            continue
        left, right = condition.operands
        if condition.operators[0] == "==":
            tie = equality_tie(clause, table, left, right) or equality_tie(clause, table, right, left)
            if tie is not None:
                component, other = tie
                codes = join_codes(evaluator, other, frame, table.columns[component])
                if codes is None:
                    continue
                conditions.remove(condition)
                return joined_rows(frame, table, component, codes)
        if condition.operators[0] == "in" and isinstance(left, SequenceNode) and table.arity == 1:
            found = membership_tie(evaluator, frame, clause, table, left, right)
            if found is not None:
                return found
        if condition.operators[0] == "in" and isinstance(right, Index) and len(clause.targets) == 1:
            found = member_tie(evaluator, frame, clause, table, left, right)
            found = found if found is not None else owner_tie(evaluator, frame, clause, table, left, right)
            if found is not None:
                return found
    return None


def equality_tie(clause: Clause, table: SetTable, target: Node, other: Node) -> tuple[int, Node] | None:
    """Return the component that an equality fixes, and to what; `None` when it fixes none."""
    if not isinstance(target, Name) or target.name not in clause.targets:
        return None
    if table.arity > 1 and len(clause.targets) == 1:
        return None
    if _names(other, clause.targets):
        return None
    return clause.targets.index(target.name), other


def join_codes(evaluator: Evaluator, node: Node, frame: Frame, column: IntArray) -> IntArray | None:
    """Return the codes (n,) of the other side of an equality; `None` when a filter has to judge it.

    Args:
        evaluator: of the expression.
        node: the other side.
        frame: what is known before the clause.
        column: codes of the elements that the clause runs over.
    """
    if isinstance(node, Text | Number) or (isinstance(node, Name) and node.name not in frame.variables):
        return None  # the same for every row: a filter does it, and reads '1' for 1
    try:
        value = comparable(evaluator, node, frame)
    except ExpressionError:
        return None  # an earlier condition may exclude the rows where it has no value
    if isinstance(value, Elements):
        return value.codes()[0] if value.arity == 1 else None
    universe = evaluator.context.universe
    if np.isnan(universe.numbers[column]).any():
        return None  # texts and numbers do not compare; the filter says so
    return universe.codes_of_integers(np.broadcast_to(np.asarray(value, np.float64), (frame.size,)))


def membership_tie(
    evaluator: Evaluator, frame: Frame, clause: Clause, table: SetTable, element: SequenceNode, container: Node
) -> tuple[IntArray, IntArray] | None:
    """Run over `(i, j) in ARCS` for a known i, instead of every j."""
    names = [item.name if isinstance(item, Name) else None for item in element.items]
    target = clause.targets[0]
    known = [place for place, name in enumerate(names) if name in frame.variables and name != target]
    if names.count(target) != 1 or not known or not isinstance(container, Name):
        return None
    pairs = evaluator.context.sets.get(container.name)
    if pairs is None:
        return None
    outer = frame.variables[names[known[0]] or ""]
    if pairs.arity != len(names) or outer.arity != 1:
        return None
    rows, found = joined_rows(frame, pairs, known[0], outer.codes()[0])
    return _in_order(rows, table.positions((pairs.columns[names.index(target)][found],)))


def member_tie(
    evaluator: Evaluator, frame: Frame, clause: Clause, table: SetTable, element: Node, container: Index
) -> tuple[IntArray, IntArray] | None:
    """Run over the elements of `NEIGHBOUR[i]` for `j in J if j in NEIGHBOUR[i]`, instead of every j."""
    if element != Name(clause.targets[0]) or _names(container, clause.targets) or _is_literal(table):
        return None
    try:
        found = evaluator.members(container, frame)
    except ExpressionError:
        return None  # an earlier condition may exclude the rows where it has no value
    if found.table.arity != table.arity:
        return None
    return _in_order(found.rows, table.positions(found.codes()))


def owner_tie(
    evaluator: Evaluator, frame: Frame, clause: Clause, table: SetTable, element: Node, container: Index
) -> tuple[IntArray, IntArray] | None:
    """Run over those i for which a known j is in `NEIGHBOUR[i]`, instead of every i."""
    family = evaluator.context.families.get(container.name)
    if family is None or container.indices != (Name(clause.targets[0]),) or family.dimensions != (table,):
        return None
    if isinstance(element, Text | Number) or _names(element, clause.targets) or family.arity != 1:
        return None
    try:
        known = comparable(evaluator, element, frame)
    except ExpressionError:
        return None
    if not isinstance(known, Elements) or known.arity != 1 or _is_literal(known.table):
        return None
    rows, found = joined_rows(frame, family.members, 0, known.codes()[0])
    return _in_order(rows, family.owners[found])


def _is_literal(table: SetTable) -> bool:
    """Whether elements may be read as the number or the text that they write: a filter does that."""
    return not table.name and table.size == 1


def _names(node: Node, names: Sequence[str]) -> bool:
    return any(isinstance(part, Name) and part.name in names for part in walk(node))


def _in_order(rows: IntArray, positions: IntArray) -> tuple[IntArray, IntArray]:
    """Return joined rows in the order of frame and set, without repetitions and what is not in the set."""
    order = np.lexsort((positions, rows))
    rows, positions = rows[order], positions[order]
    # Triples may hold the same pair several times: each element once, and only those of the set.
    keep = positions >= 0
    keep[1:] &= (rows[1:] != rows[:-1]) | (positions[1:] != positions[:-1])
    return rows[keep], positions[keep]


def range_rows(evaluator: Evaluator, node: Call, frame: Frame) -> tuple[IntArray, SetTable, IntArray]:
    """Return the rows, the numbers as a set, and the positions that `range(...)` runs over in each row."""
    start, step, count = _range_parts(evaluator, node, frame)
    guard_size(int(count.max(initial=0)))
    guard_size(int(count.sum()))
    rows = np.repeat(np.arange(frame.size), count)
    offset = np.arange(len(rows)) - np.repeat(np.cumsum(count) - count, count)
    values = start[rows] + offset * step[rows]
    distinct, positions = np.unique(values, return_inverse=True)
    codes = evaluator.context.universe.intern([int(value) for value in distinct])
    return rows, SetTable("", evaluator.context.universe, (codes,)), positions.astype(np.int64)


def range_length(evaluator: Evaluator, node: Call) -> int:
    """Return how many numbers a `range(...)` without loop variables has."""
    return int(_range_parts(evaluator, node, root_frame())[2][0])


def _range_parts(evaluator: Evaluator, node: Call, frame: Frame) -> tuple[FloatArray, FloatArray, IntArray]:
    """Return where `range(...)` starts, its step, and how many numbers it has, in each row."""
    bounds = [np.broadcast_to(evaluator.number(argument, frame), (frame.size,)) for argument in node.arguments]
    if len(bounds) > 3 or any(not np.array_equal(bound, np.round(bound)) for bound in bounds):
        raise evaluator.fail(node, "range", "`range` takes one to three whole numbers")
    start, stop = (np.zeros(frame.size), bounds[0]) if len(bounds) == 1 else (bounds[0], bounds[1])
    step = bounds[2] if len(bounds) == 3 else np.ones(frame.size)
    if np.any(step == 0):
        raise evaluator.fail(node, "range", "the step of a `range` must not be 0")
    if any(np.abs(bound).max(initial=0) > MAX_INTEGER for bound in (start, stop)):
        raise evaluator.fail(node, "range", f"the ends of a `range` must not exceed {MAX_INTEGER:,}")
    return start, step, np.maximum(0, np.ceil((stop - start) / step)).astype(np.int64)


def _conjuncts(node: Node) -> list[Node]:
    """Split a condition at its outermost `and`s."""
    if isinstance(node, Logic) and node.operator == "and":
        return [part for operand in node.operands for part in _conjuncts(operand)]
    return [node]


def _without_unused(frame: Frame, nodes: Sequence[Node]) -> Frame:
    """Drop loop variables that no node names."""
    unused = set(frame.variables)
    for node in (node for root in nodes for node in walk(root)):
        if isinstance(node, Name):
            unused.discard(node.name)
        if not unused:
            return frame
    return Frame(frame.size, {name: e for name, e in frame.variables.items() if name not in unused})
