"""An answer: what to do first, then why it can be believed, then what it was made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

import streamlit as st

from app.web import headline
from app.web.alternatives_view import alternatives
from app.web.ask_view import open_form
from app.web.downloads_view import downloads
from app.web.formulation_view import formulation_parts
from app.web.guarding import guarded
from app.web.live_runs import LiveRun, diagnosed, live_runs, sensitive
from app.web.markup import Tone, heading, lines, paragraphs, points, small, strip
from app.web.values_view import values
from nl2opt.pipeline.answer import Status
from nl2opt.pipeline.readings.words import assumption_lines

if TYPE_CHECKING:
    from nl2opt.pipeline.answer import Answer

_EVERY_SECONDS: Final = 0.5


def show_answer(answer: Answer, live: LiveRun | None) -> None:
    """Show an answer; `live` is its run where that is of this process."""
    st.html(
        strip(
            headline.tone(answer), headline.head(answer), headline.paragraphs(answer),
            large=headline.objective(answer),
        )
    )  # fmt: skip
    _again(answer)
    if live is not None and live.fault:
        st.html(strip("doubtful", "The answer could not be kept.", [live.fault]))
    if live is not None and live.failure:
        st.html(strip("doubtful", "More could not be found out.", [live.failure]))
    if answer.values is not None:
        values(answer)
    _part("What is missing", _marked("?", "doubtful", map(str, answer.missing)))
    _part("Data", _marked("–", "quiet", answer.data_notes))
    _analyses(answer, live)
    _part("Checks", headline.checks(answer))
    _part("Assumptions", _marked("–", "quiet", assumption_lines(answer.assumptions, answer.alternatives)))
    alternatives(answer)
    _part("Warnings", _marked("!", "doubtful", answer.warnings))
    formulation_parts(answer)
    downloads(answer)
    _about(answer)


def _again(answer: Answer) -> None:
    """Offer the text again."""
    if not answer.problem:
        return
    with st.expander("The problem"):
        st.html(lines(answer.problem))
    with st.container(horizontal=True):
        if st.button("Change the text and ask again", icon=":material/edit:"):
            open_form(answer.problem)
        if st.button("New problem", icon=":material/add:"):
            open_form("")


def _part(title: str, items: Sequence[tuple[str, Tone, str]]) -> None:
    if items:
        st.html(heading(title))
        st.html(points(items))


def _marked(mark: str, tone: Tone, texts: Iterable[str]) -> list[tuple[str, Tone, str]]:
    return [(mark, tone, text) for text in dict.fromkeys(texts)]


# -- what else was found out --------------------------------------------------------------------------------


def _analyses(answer: Answer, live: LiveRun | None) -> None:
    """Show conflict, repairs and sensitivity where they are there, and offer them where they can be had."""
    for analysis in answer.analyses:
        if analysis.lines:
            st.html(heading(analysis.title))
            st.html(paragraphs(analysis.lines))
    if live is not None and live.analysing:
        _waiting(answer.id)
        return
    known = {analysis.key for analysis in answer.analyses}
    if answer.formulation is None:
        return
    if answer.status is Status.INFEASIBLE and "conflict" not in known:
        if st.button("What excludes each other, and what would do?", icon=":material/help:"):
            live_runs().analyse(answer, "Looking for what excludes each other", diagnosed)
            st.rerun()
    elif answer.values is not None and "sensitivity" not in known:
        label = "What would one unit more of each limit be worth?"
        if st.button(label, icon=":material/trending_up:", key="sensitivity"):
            live_runs().analyse(answer, "Moving each limit", sensitive)
            st.rerun()


@st.fragment(run_every=_EVERY_SECONDS)
def _waiting(run: str) -> None:
    """Say what is being found out, again and again until it is."""
    guarded(partial(_still, run))


def _still(run: str) -> None:
    live = live_runs().get(run)
    if live is None or not live.analysing:
        st.rerun()
    st.html(small(f"{live.analysing} …"))


def _about(answer: Answer) -> None:
    """Say what it took."""
    usage = answer.usage
    parts = [f"run {answer.id}", answer.created.replace("T", " ").replace("+00:00", " UTC"), f"{answer.seconds:.1f} s"]
    if answer.trace.llm:
        parts.append(f"language model {answer.trace.llm}")
        parts.append(f"{usage.prompt_tokens + usage.completion_tokens:,} tokens")
    if answer.solver:
        parts.append(f"{answer.solver}{f': {answer.solver_reason}' if answer.solver_reason else ''}")
    st.divider()
    st.html(small(" · ".join(parts)))
