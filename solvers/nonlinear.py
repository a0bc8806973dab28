"""The nonlinear terms of a model: an expression graph as flat arrays, evaluated level by level.

A node is a constant, a column, or an operator over earlier nodes, so the nodes stand in topological order. Rows
and objective name the node whose value is added to their linear and quadratic terms. A back end reads the graph
with `NonlinearTerms.translate`.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from solvers.errors import ModelError

_FloatArray = NDArray[np.float64]
_IntArray = NDArray[np.integer]
Translated = TypeVar("Translated")


class Operator(enum.IntEnum):
    """What a node does with its operands."""

    CONSTANT = 0
    """The node's `value`."""
    COLUMN = 1
    """The node's `column`."""
    SUM = 2
    """`value` plus the operands, each times its weight."""
    PRODUCT = 3
    """The product of the operands."""
    QUOTIENT = 4
    """The first operand divided by the second."""
    POWER = 5
    """The first operand to the power of the second."""
    EXP = 6
    LOG = 7
    """The natural logarithm."""
    SQRT = 8
    SIN = 9
    COS = 10


_LEAVES: Final = (Operator.CONSTANT, Operator.COLUMN)
_UNARY: Final[dict[Operator, Callable[[_FloatArray], _FloatArray]]] = {
    Operator.EXP: np.exp, Operator.LOG: np.log, Operator.SQRT: np.sqrt, Operator.SIN: np.sin, Operator.COS: np.cos,
}  # fmt: skip
_WORDS: Final = {
    Operator.PRODUCT: "a product of more than two factors",
    Operator.QUOTIENT: "a division by a variable",
    Operator.POWER: "a power",
    Operator.EXP: "exp",
    Operator.LOG: "log",
    Operator.SQRT: "sqrt",
    Operator.SIN: "sin",
    Operator.COS: "cos",
}
_SHOWN: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NonlinearTerms:
    """An expression graph of k nodes with e operands, and what it adds to which rows.

    Attributes:
        operator: uint8 (k,), values of `Operator`.
        value: float64 (k,), the number of a CONSTANT, what a SUM adds; 0 for other nodes.
        column: int (k,), the column of a COLUMN; -1 for other nodes.
        starts: int (k + 1,), where each node's operands begin.
        operands: int (e,), nodes, each smaller than the node that it belongs to.
        weights: float64 (e,), the weight of each operand of a SUM; 1 for those of other nodes.
        row: int (r,), rows; a row may stand several times, the nodes add up.
        root: int (r,), for each of these the node that is added to the row.
        objective_root: the node that is added to the objective; `None` when it has no nonlinear terms.
    """

    operator: NDArray[np.uint8]
    value: _FloatArray
    column: _IntArray
    starts: _IntArray
    operands: _IntArray
    weights: _FloatArray
    row: _IntArray
    root: _IntArray
    objective_root: int | None = None

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return len(self.operator)

    def values(self, x: _FloatArray) -> _FloatArray:
        """Return the value of each node (k,) at a point (n,); not-a-number where a function is not defined."""
        found = np.where(self.operator == Operator.CONSTANT, self.value, 0.0)
        leaves = self.operator == Operator.COLUMN
        found[leaves] = x[self.column[leaves]]
        level = self._levels()
        order = np.argsort(level, kind="stable")
        ends = np.cumsum(np.bincount(level))
        with np.errstate(all="ignore"):
            for begin, end in pairwise(ends):
                nodes = order[begin:end]
                kinds = self.operator[nodes]
                for kind in np.unique(kinds).tolist():
                    chosen = nodes[kinds == kind]
                    found[chosen] = self._applied(Operator(kind), chosen, found)
        return found

    def row_values(self, x: _FloatArray) -> _FloatArray:
        """Return for each entry of `row` (r,) what is added to that row at a point (n,)."""
        return self.values(x)[self.root]

    def objective_value(self, x: _FloatArray) -> float:
        """Return what is added to the objective at a point (n,)."""
        return 0.0 if self.objective_root is None else float(self.values(x)[self.objective_root])

    def row_sizes(self, x: _FloatArray) -> _FloatArray:
        """Return for each entry of `row` (r,) the size of the largest summand of its node at a point (n,)."""
        values = self.values(x)
        sizes = np.abs(values)
        sums = np.repeat(self.operator == Operator.SUM, np.diff(self.starts))
        owner = self._owners()[sums]
        np.maximum.at(sizes, owner, np.abs(self.weights[sums] * values[self.operands[sums]]))
        return np.asarray(sizes[self.root], np.float64)

    def translate(
        self,
        *,
        constant: Callable[[float], Translated],
        column: Callable[[int], Translated],
        function: Callable[[Operator, float, Sequence[float], Sequence[Translated]], Translated],
    ) -> list[Translated]:
        """Turn the graph into the expressions of another library, each node once.

        Args:
            constant: makes the expression of a number.
            column: makes the expression of a column, given its number.
            function: makes the expression of an operator, given what a SUM adds (0 for other operators), the
                weights of the operands (all 1 but for a SUM) and the expressions of the operands.

        Returns:
            The expression of each node (k); those of `root` and `objective_root` are what belongs to the rows and
            the objective.
        """
        made: list[Translated] = []
        starts = self.starts.tolist()
        for node, kind in enumerate(self.operator.tolist()):
            if kind == Operator.CONSTANT:
                made.append(constant(float(self.value[node])))
            elif kind == Operator.COLUMN:
                made.append(column(int(self.column[node])))
            else:
                entries = slice(starts[node], starts[node + 1])
                operands = [made[operand] for operand in self.operands[entries].tolist()]
                weights = self.weights[entries].tolist()
                made.append(function(Operator(kind), float(self.value[node]), weights, operands))
        return made

    def description(self, name_of_row: Callable[[int], str]) -> str:
        """Say which rows hold which functions: `exp in growth['a'], sin and cos in the objective`.

        Args:
            name_of_row: the name of a row, given its number.
        """
        held = self._functions()
        places: dict[int, str] = {}
        for row, root in zip(self.row.tolist(), self.root.tolist(), strict=True):
            places.setdefault(int(held[root]), name_of_row(row))
            if len(places) > _SHOWN:
                break
        if self.objective_root is not None:
            places.setdefault(int(held[self.objective_root]), "the objective")
        texts = [f"{_words(mask)} in {place}" for mask, place in list(places.items())[:_SHOWN] if mask]
        return ", ".join(texts) + (" and more" if len(places) > _SHOWN else "")

    def validate(self, n_columns: int, n_rows: int) -> None:
        """Check that the arrays fit together and to a model.

        Raises:
            ModelError: they do not; the text says which.
        """
        k, e, r = self.n_nodes, len(self.operands), len(self.row)
        lengths = {"value": k, "column": k, "starts": k + 1, "weights": e, "root": r}
        for name, length in lengths.items():
            if getattr(self, name).shape != (length,):
                raise ModelError(f"nonlinear.{name} has the shape {getattr(self, name).shape}, not ({length},)")
        if not np.isin(self.operator, list(Operator)).all():
            raise ModelError("nonlinear.operator holds a number that is not an Operator")
        if self.starts[0] != 0 or self.starts[-1] != e or np.any(np.diff(self.starts) < 0):
            raise ModelError(f"nonlinear.starts must ascend from 0 to the number of operands, {e}")
        if e and (self.operands.min() < 0 or np.any(self.operands >= self._owners())):
            raise ModelError("nonlinear.operands names a node that does not stand before its own")
        if not np.isfinite(self.value).all() or not np.isfinite(self.weights).all():
            raise ModelError("nonlinear holds a number that is not finite")
        self._validate_arities()
        columns = self.column[self.operator == Operator.COLUMN]
        roots = self.root if self.objective_root is None else np.append(self.root, self.objective_root)
        for name, places, count in (("column", columns, n_columns), ("row", self.row, n_rows), ("root", roots, k)):
            if len(places) and (places.min() < 0 or places.max() >= count):
                raise ModelError(f"nonlinear.{name} names one outside 0 to {count - 1}")

    def _validate_arities(self) -> None:
        counts = np.diff(self.starts)
        leaf = np.isin(self.operator, _LEAVES)
        unary = np.isin(self.operator, list(_UNARY))
        binary = np.isin(self.operator, [Operator.QUOTIENT, Operator.POWER])
        many = ~(leaf | unary | binary)
        if (
            np.any(counts[leaf] != 0)
            or np.any(counts[unary] != 1)
            or np.any(counts[binary] != 2)
            or np.any(counts[many] < 1)
        ):
            raise ModelError("nonlinear.starts gives a node a number of operands that its operator does not take")

    def _owners(self) -> NDArray[np.int64]:
        """Return the node of each operand (e,)."""
        return np.repeat(np.arange(self.n_nodes), np.diff(self.starts))

    def _levels(self) -> NDArray[np.int64]:
        """Return how many operators stand below each node (k,); 0 for leaves."""
        owner = self._owners()
        level = np.zeros(self.n_nodes, np.int64)
        while True:
            deeper = np.zeros_like(level)
            np.maximum.at(deeper, owner, level[self.operands] + 1)
            if np.array_equal(deeper, level):
                return level
            level = deeper

    def _functions(self) -> NDArray[np.int64]:
        """Return for each node (k,) the operators at and below it, as bits."""
        own = np.where(np.isin(self.operator, list(_WORDS)), np.int64(1) << self.operator.astype(np.int64), 0)
        owner = self._owners()
        held = own
        while True:
            wider = own.copy()
            np.bitwise_or.at(wider, owner, held[self.operands])
            if np.array_equal(wider, held):
                return held
            held = wider

    def _applied(self, kind: Operator, nodes: _IntArray, values: _FloatArray) -> _FloatArray:
        """Return the values of nodes that have the same operator, from those of their operands."""
        counts = np.diff(self.starts)[nodes]
        begins = np.cumsum(counts) - counts
        entries = np.repeat(self.starts[nodes] - begins, counts) + np.arange(int(counts.sum()))
        operands = values[self.operands[entries]]
        if kind is Operator.SUM:
            return np.asarray(self.value[nodes] + np.add.reduceat(operands * self.weights[entries], begins))
        if kind is Operator.PRODUCT:
            return np.asarray(np.multiply.reduceat(operands, begins))
        if kind is Operator.QUOTIENT:
            return np.asarray(operands[0::2] / operands[1::2])
        if kind is Operator.POWER:
            return np.asarray(np.power(operands[0::2], operands[1::2]))
        return _UNARY[kind](operands)


def _words(mask: int) -> str:
    words = [word for operator, word in _WORDS.items() if mask >> operator & 1]
    if len(words) > 1 and words[0] == _WORDS[Operator.PRODUCT]:
        del words[0]
    return " and ".join(words)
