"""The formulation in mathematics and in words, and the program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from app.web.markup import heading, lines, mathematics, small

if TYPE_CHECKING:
    from nl2opt.formulation.schema import Formulation
    from nl2opt.pipeline.answer import Answer

_DISPLAYS: Final = 60
"""Elements that are shown as mathematics; the LaTeX of all can be downloaded."""


def formulation_parts(answer: Answer) -> None:
    """Show what was modelled, each way in a tab of its own."""
    formulation, program = answer.formulation, answer.program
    titles = ["Mathematics", "In words", "JSON"] if formulation is not None else []
    titles += ["Program"] if program else []
    if not titles:
        return
    st.html(heading("Formulation" if formulation is not None else "Program"))
    tabs = dict(zip(titles, st.tabs(titles), strict=True))
    if formulation is not None:
        with tabs["Mathematics"]:
            _mathematics(formulation)
        with tabs["In words"]:
            st.html(lines(formulation.describe()))
        with tabs["JSON"]:
            st.code(formulation.to_json(), language="json", height=420)
    if program:
        with tabs["Program"]:
            st.code(program, language="python", height=420)
            if answer.program_run is not None:
                _program_run(answer)


def _mathematics(formulation: Formulation) -> None:
    from nl2opt.formulation.render.latex import displays

    titles = {f"constraints.{c.name}": (c.name, c.description) for c in formulation.constraints}
    titles |= {f"variables.{v.name}": (v.name, v.description) for v in formulation.variables}
    found = list(displays(formulation))
    for path, latex in found[:_DISPLAYS]:
        name, description = titles.get(path, ("objective", ""))
        st.html(small(f"{name}: {description}" if description else name))
        st.latex(mathematics(latex))
    if len(found) > _DISPLAYS:
        st.html(small(f"... and {len(found) - _DISPLAYS} more"))


def _program_run(answer: Answer) -> None:
    from nl2opt.pipeline.program.report import program_sections

    assert answer.program_run is not None
    for title, text in program_sections(answer.program_run, shows_text=False):
        st.html(small(title))
        st.html(lines("\n".join(text)))
