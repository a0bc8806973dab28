"""Turns what goes wrong on a page into a sentence; no traceback reaches a person."""

from __future__ import annotations

import logging
from collections.abc import Callable

import streamlit as st

from app.web.markup import strip
from nl2opt.errors import Nl2optError
from solvers.errors import SolversError

_log = logging.getLogger(__name__)


def guarded(show: Callable[[], None]) -> None:
    """Show a page; where it cannot be shown, say why."""
    try:
        show()
    except (Nl2optError, SolversError) as error:
        st.html(strip("bad", "This page cannot be shown.", [str(error)]))
    except Exception as error:  # noqa: BLE001 - a page's outermost frame; Streamlit's own signals are no Exception
        _log.error("A page failed in a way that nobody foresaw.", exc_info=error)
        st.html(strip("bad", "This page failed in a way that nobody foresaw.", [f"{type(error).__name__}: {error}"]))
