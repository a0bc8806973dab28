"""What stands for a function of decision variables while expressions are evaluated: columns beyond the declared ones.

Evaluating `max(x, y)` or `exp(x)` gives a fresh *defined column* for each row of the frame, so that everything
around it stays a polynomial, and records what the columns stand for. `reformulation` and `nonlinear` turn these
records into rows of the model and into its nonlinear terms once all rows and objectives are known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np

from nl2opt.formulation.evaluation import polynomial
from nl2opt.formulation.evaluation.elements import BoolArray, FloatArray, IntArray
from nl2opt.formulation.evaluation.frame import Frame
from nl2opt.formulation.evaluation.polynomial import ColumnArray, Polynomial, Terms
from nl2opt.formulation.language.syntax import Span

Extremum = Literal["max", "min"]
NonlinearFunction = Literal["product", "quotient", "power", "exp", "log", "sqrt", "sin", "cos"]
DefinedFunction = Extremum | NonlinearFunction | Literal["choice"]
_LONGEST_TEXT: Final = 60


@dataclass(frozen=True, slots=True, eq=False)
class Definition:
    """What a family of defined columns stands for: a function of arguments, one column for each row of a frame.

    Attributes:
        function: of the arguments; `max` and `min` become rows, `choice` a binary column that is free to choose
            (its argument, 0, does not count), the others nonlinear terms.
        first: the first column.
        size: number of columns.
        arguments: one polynomial for each argument of each column; refers to earlier columns only.
        owner: int64, for each argument the column that it belongs to, counted from 0, ascending. Every column has
            at least one. For `quotient` and `power` there are two, in their order.
        frame: the loop variables of each column.
        element: the element whose expression it stands in: `constraints.labour`, `objective`.
        text: as it is written there.
        span: where it is written there.
        name: speaks of text and element; nothing else has it.
    """

    function: DefinedFunction
    first: int
    size: int
    arguments: Polynomial
    owner: IntArray
    frame: Frame
    element: str
    text: str
    span: Span
    name: str

    @property
    def columns(self) -> slice:
        """The columns."""
        return slice(self.first, self.first + self.size)

    @property
    def is_extremum(self) -> bool:
        """Whether it becomes rows, not nonlinear terms."""
        return self.function in ("max", "min")

    @property
    def is_nonlinear(self) -> bool:
        """Whether it becomes nonlinear terms."""
        return self.function not in ("max", "min", "choice")

    def label(self, place: int) -> str:
        """Return the name of one column: `max(x[i], 3) in cap, i = 'a'`."""
        where = self.frame.describe(place)
        return f"{self.name}, {where}" if where else self.name


@dataclass(slots=True, eq=False)
class Definitions:
    """The definitions of one compilation, in the order in which they were met.

    Attributes:
        first: the first column that is not declared.
        element: the element whose expression is being evaluated.
        pinned: columns whose exact value counts, beyond what rows and objectives ask of them.
    """

    first: int = 0
    element: str = ""
    entries: list[Definition] = field(default_factory=list)
    pinned: list[IntArray] = field(default_factory=list)
    _names: Counter[str] = field(default_factory=Counter)

    @property
    def n_columns(self) -> int:
        """Number of columns, declared and defined."""
        return self.entries[-1].columns.stop if self.entries else self.first

    def add(
        self,
        function: DefinedFunction,
        arguments: Polynomial,
        owner: IntArray,
        frame: Frame,
        text: str,
        span: Span,
    ) -> IntArray:
        """Record a definition for each row of a frame; return its columns (n,)."""
        short = text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - 3] + "..."
        name = f"{short} in {self.element.rsplit('.', 1)[-1]}"
        self._names[name] += 1
        if self._names[name] > 1:
            name = f"{name} ({self._names[name]})"
        definition = Definition(
            function, self.n_columns, frame.size, arguments, owner, frame, self.element, text, span, name
        )  # fmt: skip
        self.entries.append(definition)
        return np.arange(definition.first, definition.first + definition.size)

    def add_choice(self, frame: Frame, text: str, span: Span) -> IntArray:
        """Return a new binary column for each row of a frame."""
        owner = np.arange(frame.size, dtype=np.int64)
        columns = self.add("choice", Polynomial(np.asarray(0.0)), owner, frame, text, span)
        self.pin(columns)
        return columns

    def pin(self, columns: ColumnArray) -> None:
        """Note columns whose exact value counts; declared ones and -1 need no note."""
        defined = columns[columns >= self.first]
        if len(defined):
            self.pinned.append(np.asarray(defined, np.int64))

    def holds_function(self, columns: ColumnArray) -> bool:
        """Whether any of the columns stands for a nonlinear function."""
        return any(
            definition.is_nonlinear and np.any((columns >= definition.first) & (columns < definition.columns.stop))
            for definition in self.entries
        )

    def is_binary(self, columns: ColumnArray) -> bool:
        """Whether all of these columns are choices."""
        inside = np.zeros(len(columns), np.bool_)
        for definition in self.entries:
            if definition.function == "choice":
                inside |= (columns >= definition.first) & (columns < definition.columns.stop)
        return bool(inside.all())

    def is_whole(self, columns: ColumnArray, is_declared_whole: Callable[[ColumnArray], bool]) -> bool:
        """Whether columns, declared or defined, take whole numbers only.

        Args:
            columns: any columns.
            is_declared_whole: tells it for declared ones.
        """
        declared = columns < self.first
        if declared.any() and not is_declared_whole(columns[declared]):
            return False
        distinct = np.unique(columns[~declared])
        return all(
            definition.function in ("max", "min", "product", "choice") and self._is_whole(definition, is_declared_whole)
            for definition in self.entries
            if np.any((distinct >= definition.first) & (distinct < definition.columns.stop))
        )

    def _is_whole(self, definition: Definition, is_declared_whole: Callable[[ColumnArray], bool]) -> bool:
        body = definition.arguments
        numbers = [body.constant, *(terms.coefficients for terms in (*body.linear, *body.quadratic))]
        return all(np.array_equal(part, np.round(part)) for part in numbers) and all(
            self.is_whole(columns, is_declared_whole)
            for terms in (*body.linear, *body.quadratic)
            for columns in terms.columns
        )


def point_with_defined(definitions: Definitions, x: FloatArray) -> FloatArray:
    """Return the values of all columns, declared and defined, at a point of the declared ones.

    The defined ones are computed from what they stand for, not from the rows that a solver was given.
    """
    point = x[: definitions.first]
    with np.errstate(all="ignore"):
        for definition in definitions.entries:
            arguments = polynomial_values(definition.arguments, len(definition.owner), point)
            point = np.append(point, _values_of(definition, arguments))
    return point


def polynomial_values(body: Polynomial, size: int, point: FloatArray) -> FloatArray:
    """Return the value of each of `size` polynomials at a point of all columns that they refer to."""
    total = np.broadcast_to(body.constant, (size,)).astype(np.float64)
    for terms in (*body.linear, *body.quadratic):
        products = terms.coefficients * np.multiply.reduce([point[columns] for columns in terms.columns])
        total = total + np.bincount(terms.explicit_rows(), weights=products, minlength=size)
    return total


def _values_of(definition: Definition, arguments: FloatArray) -> FloatArray:
    if not definition.size:
        return np.empty(0)
    begins = np.searchsorted(definition.owner, np.arange(definition.size))
    match definition.function:
        case "max":
            return np.asarray(np.maximum.reduceat(arguments, begins))
        case "min":
            return np.asarray(np.minimum.reduceat(arguments, begins))
        case "choice":
            return arguments  # what a solver chose is not known here, and no expression names it
        case "product":
            return np.asarray(np.multiply.reduceat(arguments, begins))
        case "quotient":
            return np.asarray(arguments[0::2] / arguments[1::2])
        case "power":
            return np.asarray(np.power(arguments[0::2], arguments[1::2]))
        case function:
            return np.asarray(_FUNCTIONS[function](arguments))


_FUNCTIONS: Final[dict[str, Callable[[FloatArray], FloatArray]]] = {
    "exp": np.exp, "log": np.log, "sqrt": np.sqrt, "sin": np.sin, "cos": np.cos,
}  # fmt: skip


def column_polynomial(columns: ColumnArray) -> Polynomial:
    """Return polynomials that are one column each, with coefficient 1."""
    return Polynomial(np.asarray(0.0), (Terms(None, (columns,), np.asarray(1.0)),))


def interleaved(arguments: Sequence[Polynomial | FloatArray], size: int) -> tuple[Polynomial, IntArray]:
    """Put listed arguments, each with a polynomial or number for each of `size` rows, one behind the other.

    Returns:
        The arguments of row 0, those of row 1 and so on, and the row that each belongs to.
    """
    count = len(arguments)
    rows = np.arange(size, dtype=np.int64) * count
    parts = [
        (part if isinstance(part, Polynomial) else Polynomial(part)).moved(rows + place, size * count)
        for place, part in enumerate(arguments)
    ]
    return polynomial.add(parts), np.repeat(np.arange(size), count)


def selected(body: Polynomial, keep: BoolArray) -> Polynomial:
    """Return the polynomials of some rows, numbered anew."""
    new_rows = np.cumsum(keep) - 1

    def kept(terms: Terms) -> Terms:
        rows = terms.explicit_rows()
        chosen = keep[rows]
        coefficients = np.broadcast_to(terms.coefficients, rows.shape)[chosen]
        return Terms(new_rows[rows[chosen]], tuple(columns[chosen] for columns in terms.columns), coefficients)

    constant = body.constant if body.constant.ndim == 0 else body.constant[keep]
    return Polynomial(
        np.asarray(constant), tuple(map(kept, body.linear)), tuple(map(kept, body.quadratic))
    )  # fmt: skip
