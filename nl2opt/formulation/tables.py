"""Turns the data of a formulation, sets and parameter values, into tables of codes and numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from nl2opt.formulation.clauses import expand, range_rows
from nl2opt.formulation.context import Context, ParameterTable
from nl2opt.formulation.element_values import element_of, set_of
from nl2opt.formulation.elements import MAX_INTEGER, FloatArray, IntArray, SetTable, Universe, integer_of
from nl2opt.formulation.evaluate import Evaluator
from nl2opt.formulation.findings import did_you_mean
from nl2opt.formulation.frame import root_frame
from nl2opt.formulation.parser import ExpressionError, parse_expression
from nl2opt.formulation.schema import Parameter, Set
from nl2opt.formulation.syntax import Call, Comprehension, Node
from nl2opt.formulation.syntax import Sequence as SequenceNode

MAX_TABLE: Final = 200_000_000
"""Largest number of entries of a parameter or columns of a variable."""


def set_table(declared: Set, context: Context) -> SetTable:
    """Return the table of a declared set.

    Raises:
        ExpressionError: an element is not a text, a whole number or a list of these, stands twice, has
            another number of components than the first, or the expression of the elements has no value.
    """
    if isinstance(declared.elements, str):
        return _computed_set(declared.name, declared.elements, context)
    elements = declared.elements
    if elements and isinstance(elements[0], list | tuple):
        arity = len(elements[0])
        for element in elements:
            if not isinstance(element, list | tuple) or len(element) != arity or not arity:
                message = f"{_short(element)} does not have {arity} components as the first element has"
                raise ExpressionError("element", message)
        columns = tuple(_codes([element[c] for element in elements], context.universe) for c in range(arity))
    else:
        columns = (_codes(elements, context.universe),)
    return _without_repetition(SetTable(declared.name, context.universe, columns))


def _codes(elements: Sequence[Any], universe: Universe) -> IntArray:
    for element in elements if set(map(type, elements)) != {str} else ():
        if type(element) is int and abs(element) > MAX_INTEGER:
            message = f"{_short(element)} is too large to be an element of a set"
            raise ExpressionError("element", message, mend="Write it in quotes.")
        if type(element) is not str and type(element) is not int:
            message = f"{_short(element)} cannot be an element of a set"
            raise ExpressionError("element", message, mend="Elements are texts or whole numbers.")
    return universe.intern(elements)


def _without_repetition(table: SetTable) -> SetTable:
    if len(set(zip(*(column.tolist() for column in table.columns), strict=True))) != table.size:
        labels = table.labels()
        seen: set[object] = set()
        twice = next(label for label in labels if label in seen or seen.add(label))  # type: ignore[func-returns-value]
        raise ExpressionError("repeated_element", f"the element {twice!r} stands twice", mend="Leave one out.")
    return table


def _computed_set(name: str, text: str, context: Context) -> SetTable:
    expression = parse_expression(text)
    evaluator = Evaluator(context, expression)
    root = expression.root
    if isinstance(root, Call) and root.function == "range":
        _, table, positions = range_rows(evaluator, root, root_frame())
        return SetTable(name, context.universe, (table.columns[0][positions],))
    if isinstance(root, Comprehension) and root.key is None:
        frame, _ = expand(evaluator, root_frame(), root.clauses, root.body)
        return _without_repetition(SetTable(name, context.universe, element_of(evaluator, root.body, frame).codes()))
    if isinstance(root, SequenceNode) and not root.items:
        return SetTable(name, context.universe, (np.empty(0, np.int64),))
    table = set_of(evaluator, root)
    return _without_repetition(SetTable(name, context.universe, table.columns))


def parameter_table(declared: Parameter, context: Context) -> ParameterTable:
    """Return the numbers of a declared parameter.

    Raises:
        ExpressionError: a number is missing or not a number, a key is unknown, or a list does not have
            the length of its set.
    """
    dimensions = tuple(context.sets[name] for name in declared.index)
    size = 1
    for table in dimensions:
        size *= table.size
    if size > MAX_TABLE:
        raise ExpressionError("too_large", f"the parameter would have {size:,} entries, more than {MAX_TABLE:,}")
    value = declared.value
    if value is None and declared.table is not None:
        message = f"the table `{declared.table}` is not attached"
        raise ExpressionError("no_table", message, mend="Write the numbers into `value`.")
    if value is None and "value" in declared.model_fields_set:
        raise ExpressionError("null", "null is not a value", mend="Write a number, or leave `value` out.")
    if value is None and declared.default is None:
        raise ExpressionError("no_value", "the parameter has no value", mend="Write its number into `value`.")
    if isinstance(value, str):
        values = _computed_values(declared, value, dimensions, size, context)
    elif not dimensions:
        values = np.array([_number(value if value is not None else declared.default, "")])
    else:
        values = _stated_values(declared, value, dimensions, size)
    return ParameterTable(dimensions, values)


def _number(value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        mend = ""
        if value is None:
            mend = "Write the number, or leave the entry out and give a `default`."
        elif isinstance(value, list | Mapping):
            mend = "Name the sets it is indexed by in `index`."
        elif isinstance(value, str):
            mend = "Write it without quotes, signs and units."
        text = value if isinstance(value, str) else ""
        raise ExpressionError("not_a_number", f"{_short(value)} is not a number", text=text, where=where, mend=mend)
    try:
        number = float(value)
    except OverflowError:
        number = np.inf
    if not np.isfinite(number):
        raise ExpressionError("not_finite", f"{_short(value)} is not a finite number", where=where)
    return number


def _stated_values(declared: Parameter, value: Any, dimensions: tuple[SetTable, ...], size: int) -> FloatArray:
    """Read nested lists, nested objects, or an object with joined keys."""
    dense = _dense(value, dimensions)
    if dense is not None:
        return dense
    values = np.full(size, np.nan)
    if isinstance(value, Mapping) and value and not _nested(value):
        _fill_joined(values, value, dimensions)
    elif value is not None:
        _fill(values, value, [_Keys(table) for table in dimensions], 0, "")
    missing = np.isnan(values)
    if missing.any():
        if declared.default is None:
            where = entry_text(dimensions, int(np.argmax(missing)))
            raise ExpressionError(
                "missing_key",
                f"{int(missing.sum())} of {size} values are missing, the first is the one for {where}",
                mend="Give it, or a `default`.",
            )
        values[missing] = _number(declared.default, "default")
    return values


def _dense(value: Any, axes: Sequence[SetTable]) -> FloatArray | None:
    """Read complete nested data in the order of the sets, without a loop over entries; `None` when it is not."""
    if isinstance(value, np.ndarray):
        array, shape = value, tuple(table.size for table in axes)
    else:
        lists = _innermost(value, axes)
        if lists is None:
            return None
        shape = (len(lists), axes[-1].size)
        try:
            array = np.array(lists)
        except (ValueError, OverflowError):
            return None
        if array.shape == shape and _holds_truth(lists, array):
            return None
    if array.shape != shape or array.dtype.kind not in "iuf" or not np.isfinite(array).all():
        return None
    return array.astype(np.float64, copy=array is value).ravel()


def _innermost(value: Any, axes: Sequence[SetTable]) -> list[list[Any]] | None:
    """Return the lists of entries along the last axis; `None` where a level is not its set, complete and in order."""
    rows: list[Any] = [value]
    for depth, table in enumerate(axes):
        if depth:
            rows = list(chain.from_iterable(rows))
        kinds = set(map(type, rows))
        if kinds == {list}:  # the usual case, told without a look at each row
            if set(map(len, rows)) != {table.size}:
                return None
            continue
        labels = table.labels()
        texts = [str(label) for label in labels]
        for place, row in enumerate(rows):
            if isinstance(row, Mapping):
                keys = list(row)
                if keys != labels and keys != texts:
                    return None
                rows[place] = list(row.values())
            elif not isinstance(row, list | tuple) or len(row) != table.size:
                return None
            elif not isinstance(row, list):
                rows[place] = list(row)
    return rows


def _holds_truth(lists: list[list[Any]], array: NDArray[Any]) -> bool:
    """Whether `true` or `false` stands among the numbers; numpy takes them for 1 and 0."""
    width = array.shape[1]
    entries = np.flatnonzero((array == 0) | (array == 1)).tolist()
    return any(isinstance(lists[entry // width][entry % width], bool) for entry in entries)


def _nested(value: Mapping[Any, Any]) -> bool:
    return any(isinstance(item, Mapping | list | tuple) for item in value.values())


class _Keys:
    """Positions of a set's elements by the keys of JSON, which are texts even where elements are numbers."""

    def __init__(self, table: SetTable) -> None:
        self.table = table
        labels = [label if isinstance(label, tuple) else (label,) for label in table.labels()]
        self.place_of = {label: place for place, label in enumerate(labels)}
        self.components = [set(column) for column in zip(*labels, strict=True)]

    def split(self, key: object, wanted: int) -> list[Any]:
        """Split a key into elements: a list, `"a,b"` or `"(a, b)"`; a key of one part may hold commas."""
        if isinstance(key, tuple | list):
            return list(key)
        if wanted == 1 or not isinstance(key, str):
            return [key]
        text = key.strip()
        if text.startswith("["):
            try:
                return list(json.loads(text))
            except ValueError:
                pass
        if text[:1] + text[-1:] in ("()", "[]"):
            text = text[1:-1]
        return [part.strip().strip("'\"") for part in text.split(",")]

    def place(self, parts: Sequence[Any], key: object) -> int:
        """Return the position of the element whose components are `parts`."""
        place = self.place_of.get(tuple(parts))
        if place is None:
            place = self.place_of.get(tuple(map(self._read, self.components, parts)))
        if place is None:
            known = [",".join(map(str, label)) for label in list(self.place_of)[:1000]]
            raise ExpressionError(
                "unknown_key",
                f"the key {_short(key)} is not in the set `{self.table.name}`",
                text=str(key),
                mend=did_you_mean(str(key), known),
            )
        return place

    @staticmethod
    def _read(component: set[Any], part: Any) -> Any:
        if not isinstance(part, str) or part in component:
            return part
        text = part.strip()
        number = integer_of(text)
        return number if number is not None and number in component else text


def _fill_joined(values: FloatArray, value: Mapping[Any, Any], dimensions: tuple[SetTable, ...]) -> None:
    """Read an object whose keys name all indices at once: `"a,b"`."""
    arity = sum(table.arity for table in dimensions)
    keys = [_Keys(table) for table in dimensions]
    for key, item in value.items():
        parts = keys[0].split(key, arity)
        if len(parts) != arity:
            raise ExpressionError(
                "key",
                f"the key {_short(key)} has {len(parts)} parts, the parameter has {arity} indices",
                text=str(key),
                mend='Join the elements by a comma, as in `"a,b"`, or nest the objects.',
            )
        flat = 0
        for one in keys:
            group, parts = parts[: one.table.arity], parts[one.table.arity :]
            flat = flat * one.table.size + one.place(group, key)
        _put(values, flat, item, f"key {_short(key)}")


def _put(values: FloatArray, flat: int, item: object, where: str) -> None:
    if not np.isnan(values[flat]):
        raise ExpressionError("repeated_key", "two keys name the same element", where=where)
    values[flat] = _number(item, where)


def _fill(
    values: FloatArray, value: Any, keys: Sequence[_Keys], offset: int, where: str, begun: tuple[Any, ...] = ()
) -> None:
    """Read nested lists and objects, one level for each set, or for each component of a set of tuples.

    Args:
        values: where the numbers go, NaN where none has been given.
        value: what stands at this level.
        keys: of the sets that are still to come.
        offset: position in the product of the sets so far.
        where: the keys so far, for messages.
        begun: components of an element of the first set that outer levels gave.
    """
    if not keys:
        _put(values, offset, value, where)
        return
    first, rest = keys[0], keys[1:]
    table = first.table
    if isinstance(value, Mapping):
        for key, item in value.items():
            parts = (*begun, *first.split(key, table.arity - len(begun)))
            deeper = f"{where}, {table.name} = {key!r}" if where else f"{table.name} = {key!r}"
            if len(parts) == table.arity:
                _fill(values, item, rest, offset * table.size + first.place(parts, key), deeper)
            elif len(parts) < table.arity and isinstance(item, Mapping):
                _fill(values, item, keys, offset, deeper, parts)
            else:
                message = f"the key {_short(key)} does not name an element of `{table.name}`, of {table.arity} parts"
                raise ExpressionError("key", message, text=str(key), where=where)
    elif isinstance(value, list | tuple | np.ndarray) and not begun:
        if len(value) != table.size:
            raise ExpressionError(
                "length",
                f"the list has {len(value)} entries, the set `{table.name}` has {table.size} elements",
                text=_short(value),
                where=where,
                mend="Give one entry for each element, in the order of the set.",
            )
        for place, item in enumerate(value):
            label = f"{table.name} = {table.label(place)!r}"
            deeper = f"{where}, {label}" if where else label
            _fill(values, item, rest, offset * table.size + place, deeper)
    else:
        raise ExpressionError(
            "not_a_table",
            f"{_short(value)} stands where values for each element of `{table.name}` are expected",
            where=where,
            mend="Give an object with one entry for each element.",
        )


def _computed_values(
    declared: Parameter, text: str, dimensions: tuple[SetTable, ...], size: int, context: Context
) -> FloatArray:
    """Evaluate a value that is an expression of other parameters."""
    expression = parse_expression(text)
    evaluator = Evaluator(context, expression)
    root: Node = expression.root
    if not dimensions:
        return np.array([float(np.broadcast_to(evaluator.number(root, root_frame()), (1,))[0])])
    if not isinstance(root, Comprehension) or root.key is None:
        raise ExpressionError(
            "needs_mapping",
            "the value of an indexed parameter is a table or a mapping",
            text=text,
            mend="Write `{i: ... for i in " + declared.index[0] + "}`.",
        )
    frame, _ = expand(evaluator, root_frame(), root.clauses)
    keys = root.key.items if isinstance(root.key, SequenceNode) else (root.key,)
    elements = [element_of(evaluator, key, frame) for key in keys]
    if sum(e.arity for e in elements) != sum(table.arity for table in dimensions):
        raise ExpressionError("key", "the key does not have as many parts as the parameter has indices", text=text)
    flat = np.zeros(frame.size, np.int64)
    codes = [column for e in elements for column in e.codes()]
    for table in dimensions:
        place = table.positions(codes[: table.arity])
        del codes[: table.arity]
        if place.min(initial=0) < 0:
            row = int(np.argmax(place < 0))
            raise ExpressionError("unknown_key", f"a key is not in the set `{table.name}`", where=frame.describe(row))
        flat = flat * table.size + place
    values = np.full(size, np.nan if declared.default is None else _number(declared.default, "default"))
    values[flat] = np.broadcast_to(evaluator.number(root.body, frame), (frame.size,))
    if np.isnan(values).any():
        where = entry_text(dimensions, int(np.argmax(np.isnan(values))))
        raise ExpressionError("missing_key", f"the mapping gives no value for {where}", mend="Give a `default`.")
    return values


def entry_text(dimensions: Sequence[SetTable], flat: int) -> str:
    """Say which entry of a table is meant: `ITEM = 'chair', T = 3`."""
    labels = []
    for table in reversed(dimensions):
        flat, place = divmod(flat, table.size)
        labels.append(f"{table.name} = {table.label(place)!r}")
    return ", ".join(reversed(labels))


def _short(value: object) -> str:
    """Return a value as JSON writes it, cut when it is long."""
    try:
        text = json.dumps(value, ensure_ascii=False, default=repr)
    except (RecursionError, ValueError, TypeError):
        text = f"a {type(value).__name__}"
    return text if len(text) <= 60 else text[:57] + "..."
