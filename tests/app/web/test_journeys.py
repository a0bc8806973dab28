"""A person's ways through the page, in a real browser, against a real server."""

from __future__ import annotations

import json
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.app.cases import PROBLEM
from tests.app.web.cases import ENDLESS, HOSTILE
from tests.app.web.conftest import Served
from tests.nl2opt.chat.server import Endpoint, drip

pytestmark = pytest.mark.browser
NAMES = ("chromium", "chromium-browser", "google-chrome")
PATIENCE = 60_000
"""Milliseconds; a busy machine takes long to draw a page."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = os.environ.get("NL2OPT_TEST_BROWSER") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.fail(
            "These tests need a browser: apt-get install chromium, or set NL2OPT_TEST_BROWSER to one of the family. "
            "Leave them out with: -m 'not browser'."
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def endpoint() -> Iterator[Endpoint]:
    server = Endpoint()
    server.replies = [drip(60)]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.released.set()
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def served(serve: Callable[..., Served], endpoint: Endpoint) -> Served:
    return serve(NL2OPT_LLM_BASE_URL=endpoint.base_url, NL2OPT_LLM_API_KEY="sk-very-secret")


@pytest.fixture
def page(browser: Browser, served: Served) -> Iterator[Page]:
    context = browser.new_context(accept_downloads=True, viewport={"width": 1000, "height": 900})
    context.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    page = context.new_page()
    failures: list[str] = []
    page.on("dialog", lambda dialog: failures.append(dialog.message))
    page.on("request", lambda request: None if request.url.startswith(served.url) else failures.append(request.url))
    yield page
    context.close()
    # Nothing is fetched from elsewhere, and no text runs as a script.
    assert [failure for failure in failures if not failure.startswith(("data:", "blob:", "ws:"))] == []


def ask(page: Page, served: Served, problem: str) -> None:
    page.goto(served.url)
    page.get_by_label("Your problem in words").fill(problem)
    page.get_by_role("button", name="Solve").click()


def test_asked_solved_downloaded_and_found_again(page: Page, served: Served, tmp_path: Path) -> None:
    ask(page, served, PROBLEM)
    expect(page.get_by_text("Maximum $3,600")).to_be_visible()
    expect(page.get_by_text("All 5 numbers of the text are used.")).to_be_visible()
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Answer (JSON)").click()
    downloading.value.save_as(tmp_path / "answer.json")
    answer = json.loads((tmp_path / "answer.json").read_text())
    assert (answer["objective"], answer["status"]) == (3600, "solved")
    assert f"run={answer['id']}" in page.url
    assert "sk-very-secret" not in page.content()

    page.get_by_role("link", name="History").click()
    page.get_by_placeholder("words of the problem").fill("hectares maize")
    page.get_by_placeholder("words of the problem").press("Enter")
    expect(page.get_by_text("solved · $3,600")).to_be_visible()
    page.get_by_role("button", name="Open").first.click()
    expect(page.get_by_text("Maximum $3,600")).to_be_visible()
    assert f"run={answer['id']}" in page.url


def test_a_streaming_run_survives_a_refresh_and_a_closed_tab_until_it_is_stopped(
    page: Page, browser: Browser, served: Served, endpoint: Endpoint
) -> None:
    page.goto(served.url)
    page.get_by_label("Your problem in words").fill(PROBLEM)
    page.get_by_text("Language model, solver and route").click()
    page.get_by_role("combobox", name="Language model").click()
    page.get_by_role("option", name="(openai)").click()
    name = page.get_by_role("textbox", name="Name of the model there")
    name.fill("m")
    name.press("Enter")
    expect(page.get_by_text("is sent to the language model m at")).to_be_visible()
    page.get_by_role("button", name="Solve").click()
    expect(page.get_by_text("xxxxxxxx")).to_be_visible()
    page.reload()
    expect(page.get_by_text("At work for")).to_be_visible()
    address = page.url
    page.close()

    second = browser.new_page()
    second.set_default_timeout(PATIENCE)
    second.goto(address)
    expect(second.get_by_text("xxxxxxxx")).to_be_visible()
    second.get_by_role("button", name="Stop").click()
    expect(second.get_by_text("The language model was stopped.")).to_be_visible()
    end = time.monotonic() + 10
    while not endpoint.dropped.is_set():
        assert time.monotonic() < end
        time.sleep(0.02)
    second.close()
    kept = json.loads((served.folder / "runs" / f"{address.rpartition('run=')[2]}.answer.json").read_text())
    assert (kept["status"], kept["problem"]) == ("interrupted", PROBLEM)


def test_stop_keeps_the_best_point_of_the_solver(page: Page, served: Served) -> None:
    ask(page, served, ENDLESS)
    expect(page.get_by_text("best so far")).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Interrupted · ")).to_be_visible()
    expect(page.get_by_text("Best so far")).to_be_visible()


def test_texts_stay_texts_on_a_narrow_screen(page: Page, served: Served) -> None:
    page.set_viewport_size({"width": 400, "height": 900})
    ask(page, served, f"{HOSTILE} on 10 hectares")
    expect(page.get_by_text("Downloads")).to_be_visible()
    expect(page.locator(".katex").first).to_be_visible()
    assert page.locator("main img, main a[href*='evil'], main a[href^='javascript']").count() == 0
    assert page.locator(".katex-error").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
