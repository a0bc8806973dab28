"""The form: a problem in words, examples, tables, and how it is to be answered."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import streamlit as st

from app.web import attaching
from app.web.asking import Request, what_is_sent
from app.web.live_runs import live_runs
from app.web.markup import escaped, small, strip
from nl2opt.errors import Nl2optError
from solvers.errors import SolversError

if TYPE_CHECKING:
    from nl2opt.settings import Settings

_PLACEHOLDER: Final = (
    "For example: A workshop makes chairs and tables. A chair brings a profit of $30, a table $80. A chair takes 2 "
    "hours of work, a table 5 hours, and there are 400 hours. How many of each should be made?"
)
_ROUTES: Final = {
    "formulation": "Formulation: checked and compiled, no program runs",
    "program": "Program: written by the language model, run in the sandbox",
    "both": "Both, compared",
}
_SET, _LOCAL, _ENDPOINT = "set", "local", "endpoint"
_EXAMPLES_IN_A_ROW: Final = 3


def ask() -> None:
    """Show the form; begin a run when it is sent."""
    from nl2opt.settings import load_settings

    settings = load_settings()
    st.header("What is to be decided?", anchor=False)
    _at_work()
    text = _text()
    sent = st.container()
    _examples()
    uploads = _uploads()
    private = _private(uploads)
    with st.expander("Language model, solver and route", icon=":material/tune:"):
        llm = _llm(settings)
        solver, time_limit, route = _solving(settings)
    with sent:
        asked = llm if llm is not None else settings.llm
        st.html(small(what_is_sent(asked, settings, has_tables=bool(uploads)) + _to_fetch(asked, settings)))
        begins = st.button("Solve", type="primary", icon=":material/play_arrow:")
    if begins:
        with sent:
            request = Request(problem=text, llm=llm, solver=solver, time_limit=time_limit, route=route)
            _begin(request, uploads, private)


def open_run(run: str) -> None:
    """Show a run."""
    st.query_params["run"] = run
    st.rerun()


def open_form(problem: str | None = None) -> None:
    """Show the form, with a text in it where one is given."""
    if problem is not None:
        st.session_state["draft"] = problem
        st.session_state.pop("problem", None)
    st.query_params.clear()
    st.rerun()


def _at_work() -> None:
    """Lead back to runs that are at work."""
    for run in live_runs().running():
        words, button = st.columns([4, 1], vertical_alignment="center")
        words.html(small(f"A run is at work: {_beginning(run.request.problem)}"))
        if button.button("Show it", key=f"show-{run.id}"):
            open_run(run.id)


def _beginning(text: str, characters: int = 90) -> str:
    line = " ".join(text.split())
    return line if len(line) <= characters else f"{line[: characters - 1]}…"


def _text() -> str:
    # A box that is not shown loses its text, as on the way to the history and back; `draft` does not.
    if "problem" not in st.session_state:
        st.session_state["problem"] = st.session_state.get("draft", "")
    text = st.text_area(
        "Your problem in words: what can be decided, what limits it, and what is best",
        key="problem", height=210, placeholder=_PLACEHOLDER,
    )  # fmt: skip
    st.session_state["draft"] = text
    return text or ""


def examples() -> dict[str, str]:
    """Return the texts of the examples by their names."""
    here = Path(__file__).parent / "examples"
    folder = here if here.is_dir() else Path(__file__).parents[2] / "examples"
    return {file.stem.replace("_", " ").capitalize(): file.read_text("utf-8") for file in sorted(folder.glob("*.txt"))}


def _examples() -> None:
    texts = examples()
    if not texts:
        return
    st.caption("Or begin with an example:")
    for first in range(0, len(texts), _EXAMPLES_IN_A_ROW):
        for column, (name, text) in zip(
            st.columns(_EXAMPLES_IN_A_ROW), list(texts.items())[first : first + _EXAMPLES_IN_A_ROW], strict=False
        ):
            with column.container(border=True, height="stretch"):
                st.html(f'<div style="font-size:.85rem;min-height:3rem">{escaped(_beginning(text))}</div>')
                st.button(name, key=f"example-{name}", width="stretch", on_click=_take, args=(text,))


def _take(text: str) -> None:
    st.session_state["problem"] = " ".join(text.split())


def _uploads() -> list[attaching.Upload]:
    return list(
        st.file_uploader(
            "Tables with your data (CSV, Excel, JSON or Parquet)", type=list(attaching.SUFFIXES),
            accept_multiple_files=True, key="tables",
        )
    )  # fmt: skip


def _private(uploads: list[attaching.Upload]) -> list[str]:
    """Show what the language model would see of the tables, and ask which columns it must not see."""
    if not uploads or not st.toggle("Show exactly what the language model sees of the tables", key="seen"):
        return list(st.session_state.get("kept-private", ())) if uploads else []
    try:
        tables = attaching.read(uploads)
        assert tables is not None
        known = attaching.columns(tables)
        kept = [column for column in st.session_state.get("kept-private", ()) if column in known]
        private = st.multiselect("Columns of which it sees no value", known, default=kept, key="private")
        st.session_state["kept-private"] = list(private)
        shown = attaching.read(uploads, private) if private else tables
        assert shown is not None
        st.code(attaching.seen(shown), language=None, wrap_lines=True, height=220)
    except Nl2optError as error:
        st.html(strip("doubtful", "A table cannot be read.", [str(error)]))
        return []
    return list(private)


def _llm(settings: Settings) -> str | None:
    """Ask for the language model; `None` stands for that of the settings."""
    titles = {
        _SET: f"As set: {settings.llm}",
        _LOCAL: "Embedded, on this machine (local)",
        _ENDPOINT: f"At {settings.llm_base_url or 'api.openai.com'} (openai)",
    }
    kind = st.selectbox("Language model", list(titles), format_func=titles.__getitem__, key="llm")
    if kind == _LOCAL:
        return "local"
    if kind != _ENDPOINT:
        return None
    model = st.text_input(
        "Name of the model there",
        value=settings.llm.partition(":")[2] if settings.llm.startswith("openai:") else "",
        help="Address and key are settings (NL2OPT_LLM_BASE_URL, NL2OPT_LLM_API_KEY), which the page does not show.",
        key="llm-model",
    )
    return f"openai:{(model or '').strip()}"


def _solving(settings: Settings) -> tuple[str, float | None, str]:
    from solvers import BACK_ENDS

    titles = {"auto": "The one that suits the model"} | {back_end.name: back_end.title for back_end in BACK_ENDS}
    left, right = st.columns(2)
    solver = left.selectbox("Solver", list(titles), format_func=titles.__getitem__, key="solver")
    default = settings.time_limit_seconds
    limit = right.number_input(
        "Time limit of the solver, in seconds", min_value=0.1, value=None, step=10.0, key="time-limit",
        placeholder="none" if default is None else f"{default:g}",
    )  # fmt: skip
    route = st.selectbox("Route", list(_ROUTES), format_func=_ROUTES.__getitem__, key="route")
    return solver, limit, route


def _to_fetch(llm: str, settings: Settings) -> str:
    """Say that an embedded model has to be fetched first; empty where it is here."""
    from app.llms import fetched_file
    from nl2opt.chat.known import KNOWN_MODELS, QWEN

    kind, _, name = llm.strip().partition(":")
    known = KNOWN_MODELS.get(name or QWEN.name)
    if kind != "local" or known is None or fetched_file(known, settings) is not None:
        return ""
    return f" It is fetched once before the first answer ({known.size / 1e6:,.0f} MB)."


def _begin(request: Request, uploads: list[attaching.Upload], private: list[str]) -> None:
    if not request.problem.strip():
        st.html(strip("doubtful", "There is no problem yet.", ["Write one into the box, or take an example."]))
        return
    try:
        with st.spinner("Getting ready"):
            run = live_runs().start(replace(request, tables=attaching.read(uploads, private)))
    except (Nl2optError, SolversError) as error:
        st.html(strip("doubtful", "This cannot be begun.", [str(error)]))
        return
    open_run(run.id)
