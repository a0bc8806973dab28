"""One run: its stages while it is at work, its answer afterwards."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Final

import streamlit as st

from app.web.ask_view import open_form
from app.web.guarding import guarded
from app.web.live_runs import LiveRun, live_runs
from app.web.markup import Tone, heading, lines, points, small, strip, table
from app.web.result_view import show_answer
from app.web.stages import Stage
from nl2opt.errors import StoreError
from nl2opt.formulation.words.quantities import number
from nl2opt.pipeline.answer import Answer
from nl2opt.pipeline.runs import is_run_id

_EVERY_SECONDS: Final = 0.5
_SHOWN_TEXT: Final = 4000
_SHOWN_POINTS: Final = 6


def show_run(run: str) -> None:
    """Show a run of this process, or one from the run store."""
    live = live_runs().get(run) if is_run_id(run) else None
    if live is not None and live.is_running:
        _running(run)
        return
    answer = live.answer if live is not None else _stored(run)
    if answer is not None:
        show_answer(answer, live)
    elif live is not None:
        _failed(live)
    else:
        st.html(strip("doubtful", "There is no such run.", ["It was deleted, or the address is not complete."]))
        if st.button("Ask something", type="primary"):
            open_form()


def _stored(run: str) -> Answer | None:
    """Return an answer of the run store; `None` when there is none of that id."""
    from nl2opt.pipeline.runs import run_file

    if not is_run_id(run):
        return None
    path = run_file(run)
    try:
        changed = path.stat().st_mtime_ns
    except OSError:
        return None
    try:
        return _loaded(str(path), changed)
    except StoreError as error:
        st.html(strip("bad", "This run cannot be read.", [str(error)]))
        st.stop()


@st.cache_resource(max_entries=20, show_spinner=False)
def _loaded(path: str, changed: int) -> Answer:
    """Read an answer; again when its file has changed."""
    return Answer.load(Path(path))


# -- at work ------------------------------------------------------------------------------------------------


@st.fragment(run_every=_EVERY_SECONDS)
def _running(run: str) -> None:
    """Show what a run does, again and again until it has ended."""
    guarded(partial(_work, run))


def _work(run: str) -> None:
    live = live_runs().get(run)
    if live is None or not live.is_running:
        st.rerun()
    stages, stopping = live.stages.seen(), live.cancel.is_set()
    head, stop = st.columns([4, 1], vertical_alignment="center")
    head.html(heading(f"{'Stopping' if stopping else 'At work'} for {live.stages.seconds:.0f} s"))
    stop.button(
        "Stop", icon=":material/stop:", disabled=stopping, on_click=live.cancel.set, width="stretch", key="stop"
    )  # fmt: skip
    st.html(points(_stage_line(stage) for stage in stages))
    if stages:
        _current(stages[-1])
    with st.expander("The problem"):
        st.html(lines(live.request.problem))
    st.html(small("The run goes on when this page is closed; its address leads back to it."))


def _stage_line(stage: Stage) -> tuple[str, Tone, str]:
    facts = [f"{stage.seconds:.1f} s"] + ([_tokens(stage.tokens)] if stage.tokens else [])
    text = f"{stage.title} ({', '.join(facts)})"
    if stage.reason:
        text += f" — {stage.reason}"
    if stage.detail:
        text += f" — {stage.detail}"
    return ("●", "doubtful", text) if stage.is_running else ("✓", "good", text)


def _tokens(count: int) -> str:
    return f"{count:,} token{'s' * (count != 1)}"


def _current(stage: Stage) -> None:
    """Show what arrives: the text of the language model, or the solver's best points."""
    if stage.text:
        with st.container(height=230, border=True, autoscroll=True, key="tokens"):
            st.html(f'<div style="font-family:monospace;font-size:.85rem">{lines(stage.text[-_SHOWN_TEXT:])}</div>')
    if stage.now is not None:
        facts = [("best so far", stage.now.objective), ("no point can be better than", stage.now.bound)]
        said = [f"{name} {number(value)}" for name, value in facts if value is not None]
        if stage.now.nodes is not None:
            said.append(f"{stage.now.nodes:,} nodes")
        st.html(strip("quiet", "The solver", [", ".join(said)]))
    if len(stage.points) > 1:
        rows = [
            [f"{point.seconds:.1f} s", _shown(point.objective), _shown(point.bound)]
            for point in stage.points[-_SHOWN_POINTS:]
        ]
        st.html(table(["after", "best point", "bound"], rows, right=(0, 1, 2)))


def _shown(value: float | None) -> str:
    return "" if value is None else number(value)


# -- no answer ----------------------------------------------------------------------------------------------


def _failed(live: LiveRun) -> None:
    """Say why a run came to no answer; the text is kept."""
    st.html(strip("doubtful", "This run came to no answer.", [live.failure]))
    st.html(lines(live.request.problem))
    if st.button("Ask again", type="primary"):
        open_form(live.request.problem)
