from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from nl2opt.chat import engine
from nl2opt.chat.fetch import fetch_model
from nl2opt.chat.known import SMOLLM
from nl2opt.chat.local import LocalChatModel
from tests.conftest import ORIGINAL_CACHE_DIR
from tests.nl2opt.chat.server import Endpoint


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with Endpoint() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield server
        server.released.set()
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def model_file() -> Path:
    return fetch_model(SMOLLM, ORIGINAL_CACHE_DIR / "models")


@pytest.fixture(scope="session")
def smollm(model_file: Path) -> Iterator[LocalChatModel]:
    """The small language model, on one thread: test processes run side by side."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "usable_threads", lambda: 1)
        yield LocalChatModel("local:smollm2-135m", lambda on_event, cancel: model_file)
