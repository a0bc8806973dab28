"""What the tests see of a page that AppTest runs."""

from __future__ import annotations

import html
import re
import time

from streamlit.testing.v1 import AppTest

from app.web.live_runs import live_runs
from tests.app.web.cases import START_PAGE


def opened(**query: str) -> AppTest:
    """Return the first page, shown once."""
    page = AppTest.from_file(str(START_PAGE), default_timeout=30)
    for name, value in query.items():
        page.query_params[name] = value
    return shown(page)


def history() -> AppTest:
    """Return the page of the runs, shown once."""
    return shown(opened().switch_page("history_page.py"))


def shown(page: AppTest) -> AppTest:
    """Show a page again; it must not fail."""
    page.run()
    assert [error.value for error in page.exception] == []
    return page


def press(page: AppTest, label: str) -> AppTest:
    """Press the first button of a label, and show what comes of it."""
    found = [button for button in page.button if button.label == label]
    assert found, f"no button {label!r} among {[button.label for button in page.button]}"
    found[0].click()
    return shown(page)


def text(page: AppTest) -> str:
    """Return the text that HTML elements and others show."""
    pieces = [str(item.value) for item in page.get("html")]
    pieces += [str(item.value) for kind in (page.header, page.caption, page.code) for item in kind]
    return re.sub(" +", " ", html.unescape(re.sub(r"<[^>]*>", " ", "\n".join(pieces))))


def source(page: AppTest) -> str:
    """Return the HTML of the page."""
    return "\n".join(str(item.value) for item in page.get("html"))


def tones(page: AppTest) -> list[str]:
    """Return the colours of the boxes, from the top."""
    return re.findall(r'data-tone="(\w+)"', source(page))


def run_of(page: AppTest) -> str:
    """Return the run that the address names."""
    value = page.query_params["run"]
    return str(value[0] if isinstance(value, list) else value)


def asked(problem: str) -> AppTest:
    """Ask a problem, wait for the answer, and return the page that shows it."""
    page = opened()
    page.text_area(key="problem").set_value(problem)
    press(page, "Solve")
    return ended(page)


def ended(page: AppTest) -> AppTest:
    """Wait until the run of a page has nothing more to do, and show it."""
    live = live_runs().get(run_of(page))
    assert live is not None
    assert live.wait(30)
    end = time.monotonic() + 30
    while live.analysing and time.monotonic() < end:
        time.sleep(0.02)
    return shown(page)
