"""One circuit through all nodes, written with the position of each."""

from __future__ import annotations

import numpy as np

from solvers.errors import UnsupportedModelError
from solvers.global_constraints import Circuit
from solvers.model import IntArray, Kind
from solvers.reformulation.extension import Entries, Extension, Name


def write_circuit(extension: Extension, constraint: Circuit) -> None:
    """Let one arc leave and one enter each node, and let positions rise along each arc but those into the first node.

    The first node is one that cannot be left out; where each can be, a binary column for each node says whether it
    is the first. With n nodes and positions u from 1 to n - 1, `u[i] - u[j] + (n - 1) x[i, j] + (n - 3) x[j, i] <=
    n - 2` makes them rise.

    Miller, Tucker and Zemlin, Integer programming formulation of traveling salesman problems, Journal of the ACM 7
    (1960); lifted by Desrochers and Laporte, Improvements and extensions to the Miller-Tucker-Zemlin subtour
    elimination constraints, Operations Research Letters 10 (1991).

    Raises:
        UnsupportedModelError: a column that chooses an arc is not binary.
    """
    name, n = constraint.name or "circuit", constraint.n_nodes
    _refuse_not_binary(extension, constraint, name)
    leaving, entering = (Entries.joined((ends, constraint.column, 1.0)) for ends in (constraint.tail, constraint.head))
    extension.add_rows(n, leaving, 1.0, 1.0, lambda node: f"one arc leaves node {node} in {name}")
    extension.add_rows(n, entering, 1.0, 1.0, lambda node: f"one arc enters node {node} in {name}")
    loop = constraint.tail == constraint.head
    optional = np.zeros(n, bool)
    optional[constraint.tail[loop]] = True
    if n and not optional.all():
        _add_positions(extension, constraint, name, int(np.flatnonzero(~optional)[0]))
    elif n:
        _add_positions_from_any(extension, constraint, name)


def _add_positions(extension: Extension, constraint: Circuit, name: str, depot: int) -> None:
    n = constraint.n_nodes
    nodes = np.delete(np.arange(n), depot)
    position = np.full(n, -1)
    position[nodes] = extension.add_columns(
        n - 1, 1.0, n - 1.0, Kind.CONTINUOUS, lambda k: f"position of node {nodes[k]} in {name}"
    )
    inner = (constraint.tail != depot) & (constraint.head != depot) & (constraint.tail != constraint.head)
    tail, head, column = constraint.tail[inner], constraint.head[inner], constraint.column[inner]
    pairs, place = np.unique(tail.astype(np.int64) * n + head, return_inverse=True)
    each = np.arange(len(pairs))
    back = head.astype(np.int64) * n + tail
    row_back = np.minimum(np.searchsorted(pairs, back), max(len(pairs) - 1, 0))
    has_back = pairs[row_back] == back if len(pairs) else np.zeros(0, bool)
    entries = Entries.joined(
        (each, position[pairs // n], 1.0),
        (each, position[pairs % n], -1.0),
        (place, column, n - 1.0),
        (row_back[has_back], column[has_back], n - 3.0),
    )
    extension.add_rows(len(pairs), entries, -np.inf, n - 2.0, _rises(name, pairs, n))


def _add_positions_from_any(extension: Extension, constraint: Circuit, name: str) -> None:
    """Add positions where each node may be left out, and so each may be the first."""
    n = constraint.n_nodes
    first = extension.add_columns(n, 0.0, 1.0, Kind.BINARY, lambda node: f"node {node} is first in {name}")
    extension.add_rows(
        1, Entries.joined((np.zeros(n, np.int64), first, 1.0)), -np.inf, 1.0, lambda _: f"one first node in {name}"
    )
    position = extension.add_columns(
        n, 0.0, n - 1.0, Kind.CONTINUOUS, lambda node: f"position of node {node} in {name}"
    )
    inner = constraint.tail != constraint.head
    tail, head, column = constraint.tail[inner], constraint.head[inner], constraint.column[inner]
    pairs, place = np.unique(tail.astype(np.int64) * n + head, return_inverse=True)
    each = np.arange(len(pairs))
    entries = Entries.joined(
        (each, position[pairs // n], 1.0),
        (each, position[pairs % n], -1.0),
        (place, column, float(n)),
        (each, first[pairs % n], -float(n)),
    )
    extension.add_rows(len(pairs), entries, -np.inf, n - 1.0, _rises(name, pairs, n))


def _rises(name: str, pairs: IntArray, n: int) -> Name:
    return lambda k: f"node {pairs[k] % n} after node {pairs[k] // n} in {name}"


def _refuse_not_binary(extension: Extension, constraint: Circuit, name: str) -> None:
    refused = np.flatnonzero(extension.model.column_kind[constraint.column] != Kind.BINARY)
    if len(refused):
        column = extension.model.name_of_column(int(constraint.column[refused[0]]))
        raise UnsupportedModelError(f"{name} chooses arcs by {column}, which is not a binary column. Make it binary.")
