"""Other readings of the problem, with what the answer would be."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from app.web.ask_view import open_run
from app.web.asking import Request
from app.web.live_runs import live_runs
from app.web.markup import escaped, heading, small
from nl2opt.formulation.words.quantities import with_unit

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.web.live_runs import LiveRun
    from nl2opt.pipeline.answer import Answer

_SHOWN: Final = 10
_ENDS: Final = {
    "infeasible": "nothing would satisfy all demands",
    "unbounded": "the objective could improve without end",
}


def alternatives(answer: Answer) -> None:
    """Show the other readings that move the answer, or were not tried."""
    readings = [reading for reading in _readings(answer) if reading.get("moves") is not False]
    if not readings:
        return
    unit = answer.formulation.objectives[0].unit if answer.formulation and answer.formulation.objectives else ""
    st.html(heading("What if you meant"))
    for reading in readings[:_SHOWN]:
        words, button = st.columns([4, 1], vertical_alignment="center")
        quote = " ".join(str(reading.get("quote") or "").split())
        words.html(
            f'<div style="overflow-wrap:anywhere">{escaped(reading.get("text", ""))}: '
            f"<b>{escaped(outcome(reading, answer, unit))}</b></div>{small(quote) if quote else ''}"
        )
        take = getattr(answer, "take", None)
        if take is not None and button.button("Take this", key=f"take-{reading.get('number')}", width="stretch"):
            open_run(live_runs().begin(Request(problem=answer.problem), partial(_taken, take, reading["number"])).id)
    if len(readings) > _SHOWN:
        st.html(small(f"... and {len(readings) - _SHOWN} more, which the answer in JSON has"))


def _taken(take: Callable[[int], Answer], number: int, run: LiveRun) -> Answer:
    """Make the answer of a reading; it is solved again, without the language model."""
    run.stages.begin("Taking the other reading")
    return take(number)


def outcome(reading: dict[str, Any], answer: Answer, unit: str) -> str:
    """Say what the answer would be."""
    objective = reading.get("objective")
    if objective is None:
        return _ENDS.get(str(reading.get("end"))) or f"not known{_because(reading)}"
    shown = with_unit(objective, unit)
    return shown if answer.objective is None else f"{shown} instead of {with_unit(answer.objective, unit)}"


def _because(reading: dict[str, Any]) -> str:
    return f", since {reading['note']}" if reading.get("note") else ""


def _readings(answer: Answer) -> list[dict[str, Any]]:
    return [dict(reading.to_plain()) for reading in getattr(answer, "alternatives", ())]
