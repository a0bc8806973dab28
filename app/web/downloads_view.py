"""The answer and its model as files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import streamlit as st

from app.web.markup import heading, small
from nl2opt.errors import FormulationError, StoreError
from solvers.errors import SolversError

if TYPE_CHECKING:
    from nl2opt.pipeline.answer import Answer

_AT_ONCE: Final = 5_000
"""Values up to which the files are made without being asked for."""
_MODEL: Final = {"LP model": ".lp", "MPS model": ".mps"}
_MIME: Final = {
    ".json": "application/json",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".lp": "text/plain",
    ".mps": "text/plain",
    ".tex": "application/x-tex",
    ".py": "text/x-python",
}


def downloads(answer: Answer) -> None:
    """Offer the files; what cannot be written says why."""
    st.html(heading("Downloads"))
    count = sum(len(answer.values.entries(name)) for name in answer.values) if answer.values is not None else 0
    if count > _AT_ONCE and not st.toggle(f"Write the files of {count:,} values", key="write"):
        return
    refusals = []
    with st.container(horizontal=True):
        for title, suffix, write in _files(answer):
            try:
                content = write()
            except (StoreError, SolversError, FormulationError) as error:
                refusals.append(f"{title}: {error}")
                continue
            st.download_button(
                title, content, f"{answer.id}{suffix}", _MIME[suffix], on_click="ignore", key=f"download{suffix}",
                icon=":material/download:",
            )  # fmt: skip
    for refusal in refusals:
        st.html(small(refusal))


def _files(answer: Answer) -> list[tuple[str, str, Callable[[], str | bytes]]]:
    from nl2opt.pipeline.export import writer_for

    def exported(suffix: str) -> Callable[[], str | bytes]:
        return lambda: writer_for(Path(f"answer{suffix}"))(answer)

    found: list[tuple[str, str, Callable[[], str | bytes]]] = [("Answer (JSON)", ".json", exported(".json"))]
    if answer.values is not None:
        found.append(("Values (Excel)", ".xlsx", exported(".xlsx")))
    formulation, program = answer.formulation, answer.program
    if formulation is not None:
        found += [(title, suffix, exported(suffix)) for title, suffix in _MODEL.items()]
        found.append(("LaTeX", ".tex", lambda: formulation.to_latex(standalone=True)))
    if program:
        found.append(("Program", ".py", lambda: program))
    return found
