"""Writes a flat model as the text of an LP or MPS file, and reads it back before it is offered."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from solvers.errors import ExchangeError
from solvers.exchange import lp_writer, mps_writer
from solvers.exchange.collected import Collected
from solvers.exchange.compare import first_difference
from solvers.exchange.flat import BoolArray, FlatModel, flattened
from solvers.exchange.highs_reader import can_read_back, read_with_highs
from solvers.exchange.lp_reader import collect_lp
from solvers.exchange.mps_reader import collect_mps
from solvers.exchange.rewriting import rewritten_for
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
        added_columns, added_rows: by the name in the file, the constraint for which a column or row was added to write
            it as rows; empty where nothing had to be rewritten.
    """

    text: str
    columns: Mapping[str, str]
    rows: Mapping[str, str]
    added_columns: Mapping[str, str] = field(default_factory=dict)
    added_rows: Mapping[str, str] = field(default_factory=dict)


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
    sides is left out. Conditional rows, cones and global constraints are rewritten exactly, see `solvers.adaptation`;
    the first lines of the file say how, and for which constraint a column or row was added. Names are made safe, see
    `solvers.exchange.safe_names`. What was written is read back, by HiGHS where it can, and compared.

    Args:
        model: without nonlinear functions.

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
        model: without nonlinear functions.

    Raises:
        ModelError: its arrays do not make a model.
        ExchangeError: the format cannot hold it, or it does not read back as the same.
    """
    return _written(model, _MPS)


def _written(stated: Model, form: _Format) -> WrittenModel:
    stated.validate()
    rewriting = rewritten_for(stated, form.title)
    model = rewriting.model
    flat = flattened(model, format_name=form.title, split=form.split_rows(model))
    column_names = [model.name_of_column(place) for place in range(model.n_columns)]
    row_names = list(_row_names(flat, model))
    columns = safe_names(column_names, prefix="x")
    rows = safe_names(row_names, prefix="r", taken=(_OBJECTIVE,))
    content = replace(flat.model, column_name=columns.__getitem__, row_name=rows.__getitem__)
    body = form.text(content, columns, rows, _OBJECTIVE)
    _require_same(content, body, form)
    origins = [model.name_of_row(row) for row in flat.origin.tolist()]
    added_columns = rewriting.added_columns(columns)
    added_rows = rewriting.added_rows(rows, flat.origin)
    heading = [
        *([f"title {json.dumps(model.title)}"] if model.title else ()),
        *rewriting.summary(added_columns, added_rows),
        *_name_map("column", columns, column_names, added_columns),
        *_name_map("row", rows, origins, added_rows),
        *(
            f"left out, since it has no sides: row {json.dumps(model.name_of_row(row))}"
            for row in rewriting.without_rewritten(flat.dropped)
        ),
    ]
    return WrittenModel(
        text="".join(f"{form.comment} {line}\n" for line in heading) + body,
        columns=dict(zip(columns, column_names, strict=True)),
        rows=dict(zip(rows, origins, strict=True)),
        added_columns=added_columns,
        added_rows=added_rows,
    )


def _row_names(flat: FlatModel, model: Model) -> Iterator[str]:
    for row, is_second in zip(flat.origin.tolist(), flat.is_second.tolist(), strict=True):
        name = model.name_of_row(row)
        yield f"{name}{_SECOND}" if is_second else name


def _name_map(what: str, safe: Sequence[str], names: Sequence[str], added: Mapping[str, str]) -> Iterator[str]:
    """Yield the names that are not those of the model, and what was added for which constraint."""
    for chosen, name in zip(safe, names, strict=True):
        if chosen != name:
            yield f"name map: {what} {chosen} is {json.dumps(name)}"
        if chosen in added:
            yield f"added: {what} {chosen} for {json.dumps(added[chosen])}"


def _require_same(content: Model, text: str, form: _Format) -> None:
    """Read back what was written.

    Raises:
        ExchangeError: it is another model.
    """
    read = read_with_highs(text, form.suffix) if can_read_back(content) else form.collect(text, "the file").model()
    difference = first_difference(content, read)
    if difference is not None:
        raise ExchangeError(f"The {form.title} file does not read back as the same model; it differs in {difference}.")
