from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from nl2opt.settings import load_settings
from nl2opt.settings_file import settings_file
from tests.conftest import ORIGINAL_CACHE_DIR


@pytest.mark.parametrize("host", ["192.0.2.1", "example.invalid"])
def test_no_test_reaches_the_network(host: str) -> None:
    with pytest.raises(OSError, match=r"tests look up no address, and this is"):
        socket.create_connection((host, 9), timeout=5)


def test_no_test_connects_past_the_look_up() -> None:
    with socket.socket() as client, pytest.raises(ConnectionRefusedError, match="this machine only"):
        client.connect(("192.0.2.1", 9))


def test_this_machine_can_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(("localhost", server.getsockname()[1]), timeout=5).close()


def test_no_test_sees_the_folders_settings_or_keys_of_the_user() -> None:
    home = Path(os.environ["HOME"])
    settings = load_settings()
    assert settings.cache_dir != ORIGINAL_CACHE_DIR
    assert all(path.is_relative_to(home) for path in (settings.cache_dir, settings.runs_dir, settings_file()))
    given = {name for name in os.environ if name.startswith(("NL2OPT_", "OPENAI_"))}
    assert given == {"NL2OPT_CACHE_DIR", "NL2OPT_RUNS_DIR"}
