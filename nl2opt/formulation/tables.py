"""Turns the data of a formulation, sets and parameter values, into tables of codes and numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, Final

import numpy as np

from nl2opt.formulation.clauses import expand, range_rows
from nl2opt.formulation.context import Context, ParameterTable
from nl2opt.formulation.elements import MISSING, FloatArray, SetTable, Universe
from nl2opt.formulation.evaluate import Evaluator
from nl2opt.formulation.findings import did_you_mean
from nl2opt.formulation.frame import ROOT
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
                raise ExpressionError(
                    "element",
                    f"{element!r} does not have {arity} components as the first element has",
                    text=str(element),
                )
        columns = tuple(_codes([element[c] for element in elements], context.universe) for c in range(arity))
    else:
        columns = (_codes(elements, context.universe),)
    return _without_repetition(SetTable(declared.name, context.universe, columns))


def _codes(elements: Sequence[Any], universe: Universe) -> Any:
    for element in elements:
        if isinstance(element, bool) or not isinstance(element, str | int):
            raise ExpressionError(
                "element",
                f"{element!r} cannot be an element of a set",
                mend="Elements are texts or whole numbers.",
            )
    return universe.intern(elements)


def _without_repetition(table: SetTable) -> SetTable:
    labels = table.labels()
    if len(set(labels)) != len(labels):
        seen: set[object] = set()
        twice = next(label for label in labels if label in seen or seen.add(label))  # type: ignore[func-returns-value]
        raise ExpressionError("repeated_element", f"the element {twice!r} stands twice")
    return table


def _computed_set(name: str, text: str, context: Context) -> SetTable:
    expression = parse_expression(text)
    evaluator = Evaluator(context, expression)
    root = expression.root
    if isinstance(root, Call) and root.function == "range":
        _, table, positions = range_rows(evaluator, root, ROOT)
        return SetTable(name, context.universe, (table.columns[0][positions],))
    if isinstance(root, Comprehension) and root.key is None:
        frame, _ = expand(evaluator, ROOT, root.clauses, root.body)
        return _without_repetition(SetTable(name, context.universe, evaluator.element(root.body, frame).codes()))
    if isinstance(root, SequenceNode) and not root.items:
        return SetTable(name, context.universe, (np.empty(0, np.int64),))
    table = evaluator.set_of(root)
    return SetTable(name, context.universe, table.columns)


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
    if value is None and declared.default is None:
        if declared.table is not None:
            raise ExpressionError(
                "no_table",
                f"the table `{declared.table}` is not attached",
                mend="Write the numbers into `value`.",
            )
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
        if isinstance(value, list | Mapping):
            mend = "Name the sets it is indexed by in `index`."
        elif isinstance(value, str):
            mend = "Write it without quotes, signs and units."
        raise ExpressionError("not_a_number", f"{_short(value)} is not a number", where=where, mend=mend)
    try:
        number = float(value)
    except OverflowError:
        number = np.inf
    if not np.isfinite(number):
        raise ExpressionError("not_finite", f"{_short(value)} is not a finite number", where=where)
    return number


def _stated_values(declared: Parameter, value: Any, dimensions: tuple[SetTable, ...], size: int) -> FloatArray:
    """Read nested lists, nested objects, or an object with joined keys."""
    axes = _axes(dimensions)
    if axes is not None:
        dense = _dense(value, axes)
        if dense is not None:
            return dense
    values = np.full(size, np.nan)
    if isinstance(value, Mapping) and value and not _nested(value):
        _fill_joined(values, value, dimensions)
    elif value is not None:
        _fill(values, value, list(dimensions), 0, "", declared.default is not None)
    missing = np.isnan(values)
    if missing.any():
        if declared.default is None:
            where = _where(dimensions, int(np.argmax(missing)))
            raise ExpressionError(
                "missing_key",
                f"{int(missing.sum())} of {size} values are missing, the first is the one for {where}",
                mend="Give it, or a `default`.",
            )
        values[missing] = _number(declared.default, "default")
    return values


def _axes(dimensions: tuple[SetTable, ...]) -> list[SetTable] | None:
    """The sets, when all are of plain elements; nested lists and objects then mirror them one to one."""
    return list(dimensions) if all(table.arity == 1 for table in dimensions) else None


def _dense(value: Any, axes: list[SetTable]) -> FloatArray | None:
    """Read complete nested data in the order of the sets, without a loop over entries; `None` when it is not."""
    rows = [value]
    for depth, table in enumerate(axes):
        if isinstance(value, np.ndarray):
            break
        labels = table.labels()
        texts = [str(label) for label in labels]
        inner: list[Any] = []
        for row in rows:
            if isinstance(row, Mapping):
                keys = list(row)
                if keys != labels and keys != texts:
                    return None
                inner.append(row.values())
            elif isinstance(row, list | tuple) and len(row) == table.size:
                inner.append(row)
            else:
                return None
        rows = list(chain.from_iterable(inner)) if depth < len(axes) - 1 else inner
    try:
        array = value if isinstance(value, np.ndarray) else np.array([list(row) for row in rows])
    except (ValueError, OverflowError):
        return None
    if isinstance(value, np.ndarray) and array.shape != tuple(table.size for table in axes):
        return None
    if array.dtype.kind not in "iuf" or not np.isfinite(array).all():
        return None
    return array.astype(np.float64).ravel()


def _nested(value: Mapping[Any, Any]) -> bool:
    return any(isinstance(item, Mapping | list | tuple) for item in value.values())


def _fill_joined(values: FloatArray, value: Mapping[Any, Any], dimensions: tuple[SetTable, ...]) -> None:
    """Read an object whose keys name all indices at once: `"a,b"`."""
    arity = sum(table.arity for table in dimensions)
    for key, item in value.items():
        parts = list(key) if isinstance(key, tuple) else _split(key, arity, dimensions)
        if len(parts) != arity:
            raise ExpressionError(
                "key",
                f"the key {key!r} has {len(parts)} parts, the parameter has {arity} indices",
                mend='Join the elements by a comma, as in `"a,b"`, or nest the objects.',
            )
        flat = 0
        for table in dimensions:
            group, parts = parts[: table.arity], parts[table.arity :]
            flat = flat * table.size + _position(table, group, key)
        values[flat] = _number(item, f"key {key!r}")


def _split(key: object, arity: int, dimensions: tuple[SetTable, ...]) -> list[str]:
    """Split a joined key; a key of one part is never split, since an element may hold a comma."""
    text = str(key)
    if arity == 1:
        return [text]
    return [part.strip() for part in text.strip("()[] ").split(",")]


def _fill(values: FloatArray, value: Any, tables: list[SetTable], offset: int, where: str, has_default: bool) -> None:
    """Read nested lists and objects, one level for each set."""
    if not tables:
        values[offset] = _number(value, where)
        return
    table, rest = tables[0], tables[1:]
    if isinstance(value, Mapping):
        entries = [(_position(table, _group(key, table), key), key, item) for key, item in value.items()]
    elif isinstance(value, list | tuple | np.ndarray):
        if len(value) != table.size:
            raise ExpressionError(
                "length",
                f"the list has {len(value)} entries, the set `{table.name}` has {table.size} elements",
                where=where,
            )
        entries = [(place, table.label(place), item) for place, item in enumerate(value)]
    else:
        raise ExpressionError(
            "not_a_table",
            f"{_short(value)} stands where values for each element of `{table.name}` are expected",
            where=where,
            mend="Give an object with one entry for each element.",
        )
    for place, key, item in entries:
        deeper = f"{where}, {table.name} = {key!r}" if where else f"{table.name} = {key!r}"
        _fill(values, item, rest, offset * table.size + place, deeper, has_default)


def _group(key: object, table: SetTable) -> list[Any]:
    if table.arity == 1:
        return [key]
    return list(key) if isinstance(key, tuple | list) else _split(key, table.arity, (table,))


def _position(table: SetTable, group: Sequence[Any], key: object) -> int:
    """Return the position of an element named by a key of JSON, whose keys are always texts."""
    codes = []
    for component, part in enumerate(group):
        code = table.universe.find(part)
        if (code == MISSING or not (table.columns[component] == code).any()) and isinstance(part, str):
            text = part.strip()
            if text.lstrip("-").isdecimal():
                code = table.universe.find(int(text))
        codes.append(np.array([code]))
    place = int(table.positions(codes)[0])
    if place == MISSING:
        known = [",".join(map(str, e)) if isinstance(e, tuple) else str(e) for e in table.labels()[:1000]]
        raise ExpressionError(
            "unknown_key",
            f"the key {key!r} is not in the set `{table.name}`",
            mend=did_you_mean(str(key), known),
        )
    return place


def _computed_values(
    declared: Parameter, text: str, dimensions: tuple[SetTable, ...], size: int, context: Context
) -> FloatArray:
    """Evaluate a value that is an expression of other parameters."""
    try:
        expression = parse_expression(text)
    except ExpressionError as error:
        if not dimensions and not any(sign in text for sign in "+-*/("):
            raise ExpressionError(
                "not_a_number",
                f"{_short(text)} is not a number",
                mend="Write it without quotes, signs and units.",
            ) from None
        raise error from None
    evaluator = Evaluator(context, expression)
    root: Node = expression.root
    if not dimensions:
        return np.array([float(np.broadcast_to(evaluator.number(root, ROOT), (1,))[0])])
    if not isinstance(root, Comprehension) or root.key is None:
        raise ExpressionError(
            "needs_mapping",
            "the value of an indexed parameter is a table or a mapping",
            text=text,
            mend="Write `{i: ... for i in " + declared.index[0] + "}`.",
        )
    frame, _ = expand(evaluator, ROOT, root.clauses)
    keys = root.key.items if isinstance(root.key, SequenceNode) else (root.key,)
    elements = [evaluator.element(key, frame) for key in keys]
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
    values = np.full(size, np.nan if declared.default is None else float(declared.default))
    values[flat] = np.broadcast_to(evaluator.number(root.body, frame), (frame.size,))
    if np.isnan(values).any():
        where = _where(dimensions, int(np.argmax(np.isnan(values))))
        raise ExpressionError("missing_key", f"the mapping gives no value for {where}", mend="Give a `default`.")
    return values


def _where(dimensions: Sequence[SetTable], flat: int) -> str:
    labels = []
    for table in reversed(dimensions):
        flat, place = divmod(flat, table.size)
        labels.append(f"{table.name} = {table.label(place)!r}")
    return ", ".join(reversed(labels))


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
