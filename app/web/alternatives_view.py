"""Other readings of the problem, with what the answer would be."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import streamlit as st

from app.web.ask_view import open_run
from app.web.asking import Request
from app.web.live_runs import live_runs
from app.web.markup import escaped, heading, small
from nl2opt.pipeline.readings.words import TITLE, outcome_words

if TYPE_CHECKING:
    from app.web.live_runs import LiveRun
    from nl2opt.pipeline.answer import Answer
    from nl2opt.pipeline.readings.reading import Reading

_SHOWN: Final = 10


def alternatives(answer: Answer) -> None:
    """Show the other readings that move the answer, or were not tried; each can be taken."""
    readings = [reading for reading in answer.alternatives if reading.moves is not False]
    if not readings:
        return
    objectives = answer.formulation.objectives if answer.formulation is not None else ()
    unit = max(objectives, key=lambda one: one.priority).unit if objectives else ""
    st.html(heading(TITLE))
    for reading in readings[:_SHOWN]:
        words, button = st.columns([4, 1], vertical_alignment="center")
        outcome = outcome_words(reading, unit=unit, objective=answer.objective)
        words.html(
            f'<div style="overflow-wrap:anywhere">{escaped(reading.text)}: <b>{escaped(outcome)}</b></div>'
            f"{small(' '.join(reading.quote.split()))}"
        )
        if button.button("Take this", key=f"take-{reading.number}", width="stretch"):
            open_run(live_runs().begin(Request(problem=answer.problem), partial(_taken, answer, reading)).id)
    if len(readings) > _SHOWN:
        st.html(small(f"... and {len(readings) - _SHOWN} more, which the answer in JSON has"))


def _taken(answer: Answer, reading: Reading, run: LiveRun) -> Answer:
    """Make the answer of a reading; it is solved again, without the language model."""
    run.stages.begin("Taking the other reading")
    return answer.take(reading)
