"""The values of an answer, zeros hidden until they are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from app.web.markup import heading, small, table
from nl2opt.formulation.words.quantities import with_unit

if TYPE_CHECKING:
    import pandas as pd

    from nl2opt.pipeline.answer import Answer

_IN_A_TABLE: Final = 40
"""Rows of a table that is written out; a longer one becomes a grid that scrolls."""


def values(answer: Answer) -> None:
    """Show the values of all variables."""
    assert answer.values is not None
    frames = answer.frames()
    facts = {v.name: (v.unit, v.description) for v in answer.formulation.variables} if answer.formulation else {}
    is_zero = {name: frame["value"] == 0 for name, frame in frames.items() if len(frame) > 1}
    zeros = int(sum(found.sum() for found in is_zero.values()))
    st.html(heading("Values"))
    shows_zeros = bool(zeros) and st.toggle(f"Show the {zeros:,} that are 0", key="zeros")
    scalars: list[list[str]] = []
    for name, frame in frames.items():
        unit, description = facts.get(name, ("", ""))
        if list(frame.columns) == ["value"] and len(frame) == 1:
            scalars.append([name, with_unit(frame["value"].iloc[0].item(), unit), description])
    if scalars:
        _scalars(scalars)
    for name, frame in frames.items():
        if list(frame.columns) != ["value"] or len(frame) != 1:
            shown = frame if shows_zeros or name not in is_zero else frame[~is_zero[name]]
            _indexed(name, shown, *facts.get(name, ("", "")))


def _scalars(rows: list[list[str]]) -> None:
    import pandas as pd

    if len(rows) <= _IN_A_TABLE:
        st.html(table(["variable", "value", "meaning"], rows, right=(1,)))
    else:
        st.dataframe(pd.DataFrame(rows, columns=["variable", "value", "meaning"]), hide_index=True)


def _indexed(name: str, frame: pd.DataFrame, unit: str, description: str) -> None:
    head = f"{name}: {description}" if description else name
    if unit:
        head += f" (in {unit})"
    st.html(small(head))
    if not len(frame):
        st.html(small("All of them are 0."))
    elif len(frame) <= _IN_A_TABLE:
        columns = [str(column) for column in frame.columns]
        rows = [[*map(str, row[:-1]), with_unit(row[-1], unit)] for row in frame.astype(object).to_numpy().tolist()]
        st.html(table(columns, rows, right=(len(columns) - 1,)))
    else:
        st.dataframe(frame, hide_index=True)
