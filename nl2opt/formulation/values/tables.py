"""Turns the data of a formulation, sets and parameter values, into tables of codes and numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from nl2opt.formulation.evaluation.context import Context, ParameterTable
from nl2opt.formulation.evaluation.elements import MAX_INTEGER, FloatArray, IntArray, ListedSet, SetTable, Universe
from nl2opt.formulation.evaluation.evaluate import Evaluator
from nl2opt.formulation.evaluation.frame import root_frame
from nl2opt.formulation.evaluation.ordering import has_repetition
from nl2opt.formulation.evaluation.set_values import guard_elements
from nl2opt.formulation.language.parser import ExpressionError, parse_expression
from nl2opt.formulation.language.syntax import Comprehension
from nl2opt.formulation.language.syntax import Sequence as SequenceNode
from nl2opt.formulation.schema import Parameter, Set
from nl2opt.formulation.values.joined_keys import positions_of_keys, values_in_order
from nl2opt.formulation.values.keyed import Keys, entry_text, fill, fill_joined, short
from nl2opt.formulation.values.mapping import run_over_keys

_NO_VALUE: Final = 'Write its number into `value`; or `"missing": true` where nobody gives it.'
DENSE_ENTRIES: Final = 2**20
"""Tables with a default up to this size are dense: looking up in them is faster, and they take 8 MB."""
MAX_PRODUCT: Final = 2**62
"""Positions in a product of sets must fit into 64 bits."""
SPARSE_SHARE: Final = 4
"""A large table is sparse when it has more than so many times the entries that are stated."""


def set_table(declared: Set, context: Context) -> SetTable:
    """Return the table of a declared set.

    Raises:
        ExpressionError: an element is not a text, a whole number or a list of these, stands twice, has
            another number of components than the first, or the expression of the elements has no value.
    """
    elements = declared.elements
    if declared.table is not None and not elements and declared.origin != "table":
        raise _not_attached(declared.table, "elements")
    if isinstance(elements, str):
        return _computed_set(declared.name, elements, context)
    if isinstance(elements, Mapping):
        message = "an object gives a family of sets, but the set has no index"
        raise ExpressionError("needs_index", message, mend='Name the set of the keys: `"index": ["..."]`.')
    guard_elements(len(elements), context)
    if elements and isinstance(elements[0], list | tuple):
        return _without_repetition(SetTable(declared.name, context.universe, _tuple_codes(elements, context.universe)))
    if not _are_known_to_be_distinct(declared):
        _refuse_other_types(elements)
        if not _are_distinct(elements):
            _without_repetition(SetTable(declared.name, context.universe, (context.universe.intern(elements),)))
        if set(map(type, elements)) == {str}:  # nothing of another type is equal to a text
            declared.known_distinct[:] = [list(elements)]
    return ListedSet(declared.name, context.universe, elements)


def _not_attached(table: str, field: str) -> ExpressionError:
    mend = f"Attach it: data={{'{table}': ...}} in Python, --data FILE on the command line; or write `{field}`."
    return ExpressionError("no_table", f"the table `{table}` is not attached", mend=mend)


def _are_known_to_be_distinct(declared: Set) -> bool:
    """Whether the elements, texts all of them, are what they were when they were last looked at one by one.

    A formulation is checked, compiled, rendered and compared; lists of the same texts compare much faster than the
    texts of one list with each other.
    """
    known = declared.known_distinct
    return bool(known) and known[0] == declared.elements


def _are_distinct(elements: Sequence[Any]) -> bool:
    # Equal elements have equal hashes; to sort these takes less time and memory than a set of the elements.
    hashes = np.fromiter(map(hash, elements), np.int64, len(elements))
    hashes.sort()
    return not (hashes[1:] == hashes[:-1]).any() or len(set(elements)) == len(elements)


def element_columns(elements: Sequence[Any], universe: Universe) -> tuple[IntArray, ...]:
    """Return the codes of stated elements, one array for each component.

    Raises:
        ExpressionError: an element is none, or has another number of components than the first.
    """
    if elements and isinstance(elements[0], list | tuple):
        return _tuple_codes(elements, universe)
    _refuse_other_types(elements)
    return (universe.intern(elements),)


def _tuple_codes(elements: Sequence[Any], universe: Universe) -> tuple[IntArray, ...]:
    arity = len(elements[0])
    if not arity or not _are_tuples(elements, arity):
        for element in elements:
            if not isinstance(element, list | tuple) or len(element) != arity or not arity:
                message = f"{short(element)} does not have {arity} components as the first element has"
                raise ExpressionError("element", message)
    columns = universe.known_tuples(elements, arity)
    if columns is None:
        _refuse_other_types(list(chain.from_iterable(elements)))
        columns = universe.intern_tuples(elements, arity)
    return columns


def _are_tuples(elements: Sequence[Any], arity: int) -> bool:
    return set(map(type, elements)) <= {list, tuple} and set(map(len, elements)) == {arity}


def _refuse_other_types(elements: Sequence[Any]) -> None:
    kinds = set(map(type, elements))
    if kinds <= {str} or (kinds == {int} and max(elements) <= MAX_INTEGER and min(elements) >= -MAX_INTEGER):
        return
    for element in elements:
        if type(element) is int and abs(element) > MAX_INTEGER:
            message = f"{short(element)} is too large to be an element of a set"
            raise ExpressionError("element", message, mend="Write it in quotes.")
        if type(element) is not str and type(element) is not int:
            message = f"{short(element)} cannot be an element of a set"
            raise ExpressionError("element", message, mend="Elements are texts or whole numbers.")


def _without_repetition(table: SetTable) -> SetTable:
    if _is_repeated(table):
        labels = table.labels()
        seen: set[object] = set()
        twice = next(label for label in labels if label in seen or seen.add(label))  # type: ignore[func-returns-value]
        raise ExpressionError("repeated_element", f"the element {twice!r} stands twice", mend="Leave one out.")
    return table


def _is_repeated(table: SetTable) -> bool:
    count = len(table.universe.elements)
    if count**table.arity < 2**63:  # then a tuple of codes is one number
        keys = table.columns[0]
        for column in table.columns[1:]:
            keys = keys * count + column
        return has_repetition(keys)
    return len(set(zip(*(column.tolist() for column in table.columns), strict=True))) != table.size


def _computed_set(name: str, text: str, context: Context) -> SetTable:
    expression = parse_expression(text)
    evaluator = Evaluator(context, expression)
    found = evaluator.set_of(expression.root)
    guard_elements(found.size, context)
    table = SetTable(name, context.universe, found.columns)
    return _without_repetition(table) if isinstance(expression.root, SequenceNode) else table


def parameter_table(declared: Parameter, context: Context) -> ParameterTable:
    """Return the numbers of a declared parameter.

    A large table with a default, of which few entries are stated, is sparse.

    Raises:
        ExpressionError: a number is missing or not a number, a key is unknown, a list does not have
            the length of its set, or the table is too large.
    """
    dimensions = tuple(context.sets[name] for name in declared.index)
    size = math.prod(table.size for table in dimensions)
    is_sparse = declared.default is not None and size > DENSE_ENTRIES
    most = MAX_PRODUCT if is_sparse else context.limits.table_entries
    if size > most:
        mend = "" if is_sparse else "State the entries that differ from one number, and that number as `default`."
        message = f"the parameter would have {size:,} entries, more than {most:,}"
        raise ExpressionError("too_large", message, mend=mend)
    value = declared.value
    if value is None and declared.table is not None:
        raise _not_attached(declared.table, "value")
    if declared.is_missing:
        mend = f"Give it: values={{'{declared.name}': ...}} in Python, --set {declared.name}=... on the command line."
        raise ExpressionError("missing_data", "the problem does not give the number", mend=mend)
    if value is None and "value" in declared.model_fields_set:
        raise ExpressionError("null", "null is not a value", mend="Write a number, or leave `value` out.")
    if value is None and declared.default is None:
        raise ExpressionError("no_value", "the parameter has no value", mend=_NO_VALUE)
    if not dimensions and not isinstance(value, str):
        return ParameterTable((), np.array([_number(value if value is not None else declared.default, "")]))
    default = np.nan if declared.default is None else _number(declared.default, "default")
    if isinstance(value, str):
        return _computed_values(declared, value, dimensions, default, context)
    return _stated_values(declared, value, dimensions, default, context)


def _stated_values(
    declared: Parameter, value: Any, dimensions: tuple[SetTable, ...], default: float, context: Context
) -> ParameterTable:
    """Read nested lists, nested objects, or an object with joined keys."""
    dense = _dense(value, dimensions)
    if dense is not None:
        return ParameterTable(dimensions, dense)
    size = math.prod(table.size for table in dimensions)
    is_flat = isinstance(value, Mapping) and bool(value) and not _nested(value)
    known = _flat_entries(value, dimensions) if is_flat else None
    if known is not None and (declared.default is not None or len(known[0]) == size):
        return _of_keys(dimensions, *known, default, context)
    entries = _Numbers({} if declared.default is not None and size > DENSE_ENTRIES else np.full(size, np.nan))
    if is_flat:
        fill_joined(entries, value, dimensions)
    elif value is not None:
        fill(entries, value, [Keys(table) for table in dimensions], 0, "")
    if isinstance(entries.values, dict):
        keys = np.fromiter(entries.values.keys(), np.int64, len(entries.values))
        stated = np.fromiter(entries.values.values(), np.float64, len(entries.values))
        return _of_keys(dimensions, keys, stated, default, context)
    missing = np.isnan(entries.values)
    if missing.any():
        if declared.default is None:
            where = entry_text(dimensions, int(np.argmax(missing)))
            message = f"{int(missing.sum())} of {size} values are missing, the first is the one for {where}"
            raise ExpressionError("missing_key", message, mend="Give it, or a `default`.")
        entries.values[missing] = default
    return ParameterTable(dimensions, entries.values)


def _flat_entries(value: Mapping[Any, Any], dimensions: tuple[SetTable, ...]) -> tuple[IntArray, FloatArray] | None:
    """Return the places and the numbers of an object; `None` where its entries have to be read one by one."""
    numbers = _number_array([list(value.values())])
    places = positions_of_keys(value, dimensions) if numbers is not None else None
    if numbers is None or places is None or has_repetition(places):
        return None
    return places, numbers[0].astype(np.float64, copy=False)


@dataclass(frozen=True, slots=True)
class _Numbers:
    """Numbers by their position in the product of the sets; NaN, or left out, where none has been given."""

    values: FloatArray | dict[int, float]

    def put(self, flat: int, item: Any, where: str) -> None:
        """Take a number."""
        known = self.values.get(flat, np.nan) if isinstance(self.values, dict) else self.values[flat]
        if not np.isnan(known):
            raise ExpressionError("repeated_key", "two keys name the same element", where=where)
        self.values[flat] = _number(item, where)


def _of_keys(
    dimensions: tuple[SetTable, ...], keys: IntArray, stated: FloatArray, default: float, context: Context
) -> ParameterTable:
    """Return the table of stated entries and a default: sparse when it is large and few are stated."""
    size = math.prod(table.size for table in dimensions)
    if size > max(DENSE_ENTRIES, SPARSE_SHARE * len(keys)) or size > context.limits.table_entries:
        order = np.argsort(keys)
        return ParameterTable(dimensions, stated[order], keys[order], default)
    values = np.full(size, default)
    values[keys] = stated
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
        raise ExpressionError("not_a_number", f"{short(value)} is not a number", text=text, where=where, mend=mend)
    try:
        number = float(value)
    except OverflowError:
        number = np.inf
    if not np.isfinite(number):
        raise ExpressionError("not_finite", f"{short(value)} is not a finite number", where=where)
    return number


def _dense(value: Any, axes: Sequence[SetTable]) -> FloatArray | None:
    """Read complete nested data in the order of the sets, without a loop over entries; `None` when it is not."""
    if isinstance(value, np.ndarray):
        array, shape = value, tuple(table.size for table in axes)
    else:
        lists = _innermost(value, axes)
        if lists is None:
            return None
        shape = (len(lists), len(lists[0]) if lists else axes[-1].size)
        numbers = _number_array(lists)
        if numbers is None:
            return None
        return numbers.astype(np.float64, copy=False).ravel() if numbers.shape == shape else None
    if array.shape != shape or array.dtype.kind not in "iuf" or not np.isfinite(array).all():
        return None
    return array.astype(np.float64, copy=array is value).ravel()


def _number_array(lists: list[list[Any]]) -> NDArray[Any] | None:
    """Return lists of the same length as an array; `None` unless they hold nothing but finite numbers."""
    try:
        array = np.array(lists)
    except (ValueError, OverflowError):
        return None
    if array.ndim != 2 or array.dtype.kind not in "iuf" or not np.isfinite(array).all():
        return None
    return None if _holds_truth(lists, array) else array


def _innermost(value: Any, axes: Sequence[SetTable]) -> list[list[Any]] | None:
    """Return the lists of entries along the last axis; `None` where a level is not its set, complete and in order."""
    if isinstance(value, Mapping):
        joined = values_in_order(value, axes)
        if joined is not None:
            return [joined]
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
        texts = labels if set(map(type, labels)) == {str} else [str(label) for label in labels]
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
    entries = np.flatnonzero((array == 0) | (array == 1))
    if 4 * len(entries) > array.size:
        return bool in set(map(type, chain.from_iterable(lists)))
    width = array.shape[1]
    return bool in {type(lists[entry // width][entry % width]) for entry in entries.tolist()}


def _nested(value: Mapping[Any, Any]) -> bool:
    return any(isinstance(item, Mapping | list | tuple) for item in value.values())


def _computed_values(
    declared: Parameter, text: str, dimensions: tuple[SetTable, ...], default: float, context: Context
) -> ParameterTable:
    """Evaluate a value that is an expression of other parameters."""
    expression = parse_expression(text)
    evaluator = Evaluator(context, expression)
    root = expression.root
    if not dimensions:
        number = np.broadcast_to(evaluator.number(root, root_frame()), (1,))
        return ParameterTable((), number.astype(np.float64))
    if not isinstance(root, Comprehension) or root.key is None:
        raise ExpressionError(
            "needs_mapping",
            "the value of an indexed parameter is a table or a mapping",
            text=text,
            mend="Write `{i: ... for i in " + declared.index[0] + "}`.",
        )
    frame, flat = run_over_keys(evaluator, root, dimensions)
    numbers = np.broadcast_to(evaluator.number(root.body, frame), (frame.size,))
    table = _of_keys(dimensions, flat, numbers, default, context)
    if table.keys is None and np.isnan(table.values).any():
        where = entry_text(dimensions, int(np.argmax(np.isnan(table.values))))
        raise ExpressionError("missing_key", f"the mapping gives no value for {where}", mend="Give a `default`.")
    return table
