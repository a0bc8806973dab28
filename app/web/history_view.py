"""The runs that were kept: find, open, delete."""

from __future__ import annotations

from itertools import islice
from typing import Final

import streamlit as st

from app.web.live_runs import live_runs
from app.web.markup import escaped, small, strip
from app.web.start_page import ASK
from nl2opt.errors import StoreError
from nl2opt.pipeline.runs import RunSummary, delete_run, find_runs

_SHOWN: Final = 20
_CHARACTERS: Final = 160


def history() -> None:
    """Show the newest runs, those that hold some words, or more of them."""
    st.header("History", anchor=False)
    words = st.text_input("Search", key="words", placeholder="words of the problem", label_visibility="collapsed")
    limit = int(st.session_state.get("limit", _SHOWN))
    found = list(islice(find_runs(words or ""), limit + 1))
    _said()
    if not found:
        _nothing(words or "")
        return
    for summary in found[:limit]:
        _run(summary)
    if len(found) > limit and st.button("Show more", icon=":material/expand_more:"):
        st.session_state["limit"] = limit + _SHOWN
        st.rerun()


def _nothing(words: str) -> None:
    if words:
        st.html(small("No run holds these words."))
        return
    st.html(small("There are no runs yet. Each problem that you ask, here or with nl2opt solve, is kept here."))
    if st.button("Ask something", type="primary"):
        st.switch_page(ASK)


def _run(summary: RunSummary) -> None:
    live = live_runs().get(summary.id)
    is_running = live is not None and live.is_running
    status = "at work" if is_running else summary.status.replace("_", " ") or "cannot be read"
    facts = [status, summary.objective, summary.verdict, _when(summary)]
    text = " ".join((summary.fault or summary.title or summary.problem).split())
    more = " ".join(summary.problem.split()) if summary.title else ""
    with st.container(border=True):
        words, buttons = st.columns([5, 2], vertical_alignment="center")
        words.html(
            f'<div style="font-weight:600;overflow-wrap:anywhere">{escaped(_short(text))}</div>'
            f"{small(_short(more)) if more else ''}{small(' · '.join(filter(None, facts)))}"
        )
        with buttons.container(horizontal=True, horizontal_alignment="right"):
            if st.button("Open", key=f"open-{summary.id}", disabled=bool(summary.fault)):
                st.switch_page(ASK, query_params={"run": summary.id})
            with st.popover("", icon=":material/delete:", help="Delete", disabled=is_running):
                st.write("The run is deleted with all that the language model wrote for it.")
                st.button("Delete it", key=f"delete-{summary.id}", on_click=_delete, args=(summary.id,), type="primary")


def _when(summary: RunSummary) -> str:
    return summary.created.replace("T", " ").replace("+00:00", " UTC")


def _short(text: str) -> str:
    return text if len(text) <= _CHARACTERS else f"{text[: _CHARACTERS - 1]}…"


def _delete(run: str) -> None:
    """Delete a run; why it cannot be is said when the page is shown again."""
    try:
        delete_run(run)
    except StoreError as error:
        st.session_state["fault"] = str(error)
    else:
        live_runs().forget(run)


def _said() -> None:
    fault = st.session_state.pop("fault", "")
    if fault:
        st.html(strip("bad", "The run was not deleted.", [fault]))
