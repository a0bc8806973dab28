"""The script that Streamlit runs: which pages there are."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import streamlit as st

_HERE: Final = Path(__file__).parent
ASK: Final = str(_HERE / "ask_page.py")
HISTORY: Final = str(_HERE / "history_page.py")


def show() -> None:
    """Show the page that the address names."""
    st.set_page_config(page_title="nl2opt", page_icon="📐", layout="centered")
    pages = [
        st.Page(ASK, title="Ask", icon=":material/edit_note:", default=True),
        st.Page(HISTORY, title="History", icon=":material/history:", url_path="history"),
    ]
    st.navigation(pages, position="top").run()


if __name__ == "__main__":
    show()
