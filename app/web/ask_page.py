"""The page where a problem is asked, and where a run is seen: `?run=ID` names it."""

from __future__ import annotations

import streamlit as st

from app.web.guarding import guarded


def show() -> None:
    """Show the run that the address names, or the form."""
    from app.web.ask_view import ask
    from app.web.run_view import show_run

    run = st.query_params.get("run", "")
    if run:
        show_run(run)
    else:
        ask()


if __name__ == "__main__":
    guarded(show)
