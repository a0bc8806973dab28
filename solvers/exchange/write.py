"""Writes a flat model as the text of an LP or MPS file, and reads it back before it is offered."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from solvers.errors import ExchangeError
from solvers.exchange import lp_writer, mps_writer
from solvers.exchange.collected import Collected
from solvers.exchange.compare import first_difference
from solvers.exchange.flat import BoolArray, FlatModel, flattened
from solvers.exchange.highs_reader import can_read_back, read_with_highs
from solvers.exchange.lp_reader import collect_lp
from solvers.exchange.mps_reader import collect_mps
from solvers.exchange.safe_names import safe_names
from solvers.model import Model

_OBJECTIVE: Final = "obj"
_SECOND: Final = "_upper"


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenModel:
    """The text of a model file.

    Attributes:
        text: in ASCII; its first lines tell the names that had to be changed.
        columns: the original name of each column of the file, by the name in the file.
        rows: the original name of each row of the file; two rows of the file may come from one with two sides.
    """

    text: str
    columns: Mapping[str, str]
    rows: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Format:
    title: str
    suffix: str
    comment: str
    split_rows: Callable[[Model], BoolArray]
    text: Callable[[Model, Sequence[str], Sequence[str], str], str]
    collect: Callable[[str, str], Collected]


_LP: Final = _Format("LP", ".lp", "\\", lp_writer.split_rows, lp_writer.lp_text, collect_lp)
_MPS: Final = _Format("MPS", ".mps", "*", mps_writer.split_rows, mps_writer.mps_text, collect_mps)


def write_lp(model: Model) -> WrittenModel:
    """Write a model as an LP file.

    Every number reads back as itself. A row with two sides becomes two rows, `NAME` and `NAME_upper`; a row without
    sides is left out. Names are made safe, see `solvers.exchange.safe_names`. What was written is read back, by HiGHS
    where it can, and compared.

    Args:
        model: linear, integer or quadratic, with quadratic rows or without.

    Raises:
        ModelError: its arrays do not make a model.
        ExchangeError: the format cannot hold it, or it does not read back as the same.
    """
    if not model.n_columns:
        raise ExchangeError("LP files cannot hold a model without columns; write an MPS file.")
    return _written(model, _LP)


def write_mps(model: Model) -> WrittenModel:
    """Write a model as an MPS file in free format, with OBJSENSE, ranges and QUADOBJ or QCMATRIX where it needs them.

    As `write_lp`, but a row with two sides stays one row where its range can be stated exactly.

    Args:
        model: linear, integer or quadratic, with quadratic rows or without.

    Raises:
        ModelError: its arrays do not make a model.
        ExchangeError: the format cannot hold it, or it does not read back as the same.
    """
    return _written(model, _MPS)


def _written(model: Model, form: _Format) -> WrittenModel:
    model.validate()
    flat = flattened(model, format_name=form.title, split=form.split_rows(model))
    column_names = [model.name_of_column(place) for place in range(model.n_columns)]
    row_names = list(_row_names(flat, model))
    columns = safe_names(column_names, prefix="x")
    rows = safe_names(row_names, prefix="r", taken=(_OBJECTIVE,))
    content = replace(flat.model, column_name=columns.__getitem__, row_name=rows.__getitem__)
    body = form.text(content, columns, rows, _OBJECTIVE)
    _require_same(content, body, form)
    origins = [model.name_of_row(row) for row in flat.origin.tolist()]
    dropped = [model.name_of_row(row) for row in flat.dropped.tolist()]
    heading = _heading(
        model.title, form, zip(columns, column_names, strict=True), zip(rows, origins, strict=True), dropped
    )
    return WrittenModel(
        text="".join(f"{form.comment} {line}\n" for line in heading) + body,
        columns=dict(zip(columns, column_names, strict=True)),
        rows=dict(zip(rows, origins, strict=True)),
    )


def _row_names(flat: FlatModel, model: Model) -> Iterator[str]:
    for row, is_second in zip(flat.origin.tolist(), flat.is_second.tolist(), strict=True):
        name = model.name_of_row(row)
        yield f"{name}{_SECOND}" if is_second else name


def _heading(
    title: str,
    form: _Format,
    columns: Iterator[tuple[str, str]] | zip[tuple[str, str]],
    rows: Iterator[tuple[str, str]] | zip[tuple[str, str]],
    dropped: Sequence[str],
) -> Iterator[str]:
    """Yield the comments at the top: the names that are not those of the model."""
    quoted = partial(json.dumps, ensure_ascii=True)
    if title:
        yield f"title {quoted(title)}"
    for what, pairs in (("column", columns), ("row", rows)):
        yield from (f"name map: {what} {safe} is {quoted(name)}" for safe, name in pairs if safe != name)
    yield from (f"left out, since it has no sides: row {quoted(name)}" for name in dropped)


def _require_same(content: Model, text: str, form: _Format) -> None:
    """Read back what was written.

    Raises:
        ExchangeError: it is another model.
    """
    read = read_with_highs(text, form.suffix) if can_read_back(content) else form.collect(text, "the file").model()
    difference = first_difference(content, read)
    if difference is not None:
        raise ExchangeError(f"The {form.title} file does not read back as the same model; it differs in {difference}.")
