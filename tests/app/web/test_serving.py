from __future__ import annotations

import ast
import http.client
import importlib.metadata
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.web import serving
from app.web.serving import server_options
from tests.app.conftest import Command
from tests.app.web.conftest import Served

ROOT = Path(__file__).parents[3]


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield int(listener.getsockname()[1])


def test_no_file_is_named_like_a_package() -> None:
    # Streamlit puts the folder of its script first on the path, so such a file would be imported for the package.
    packages = set(importlib.metadata.packages_distributions()) | sys.stdlib_module_names
    own = {"app", "data", "nl2opt", "solvers", "tests"}
    files = {path for path in (ROOT / "app").rglob("*") if path.suffix == ".py" or path.is_dir()}
    names = {path.stem for path in files if path.name not in ("__init__.py", "__pycache__")} - {"web"}
    assert names & (packages | own) == set()
    in_the_way = {path.stem for path in (ROOT / "app" / "web").iterdir()} & (packages | own | {"web"})
    assert in_the_way <= {"__init__", "__pycache__"}


def test_the_command_line_does_not_wait_for_streamlit() -> None:
    code = "import app.cli, sys; print([name for name in ('streamlit', 'pandas', 'nl2opt') if name in sys.modules])"
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert finished.stdout == "[]\n"


def test_only_the_pages_know_streamlit() -> None:
    importing = set()
    for path in (ROOT / "app").rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        for node in tree.body:
            if isinstance(node, ast.Import) and any(
                alias.name.partition(".")[0] == "streamlit" for alias in node.names
            ):
                importing.add(path.name)
    assert {name for name in importing if not name.endswith(("_page.py", "_view.py"))} == {"guarding.py"}


def test_a_port_that_is_taken_is_said(command: Command, taken: int) -> None:
    ended = command("app", "--port", taken, "--no-browser")
    assert ended.code == 2
    assert f"The port {taken} at 127.0.0.1 cannot be used (Address already in use)." in ended.err
    assert "--port" in ended.err


def test_without_a_port_the_next_free_one_is_taken(taken: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "_FIRST_PORT", taken)
    assert serving._free_port("127.0.0.1", None) > taken
    monkeypatch.setattr(serving, "_TRIED_PORTS", 1)
    with pytest.raises(Exception, match=f"No port from {taken} to {taken} is free"):
        serving._free_port("127.0.0.1", None)


def test_a_host_that_is_none_is_said(command: Command) -> None:
    ended = command("app", "--host", "no such host", "--no-browser")
    assert (ended.code, "There is no address `no such host`" in ended.err) == (2, True)
    ended = command("app", "--host", "192.0.2.1", "--no-browser")
    assert (ended.code, ended.err) == (2, "192.0.2.1 is no address of this machine; leave out --host, or give one.\n")


def test_without_streamlit_the_command_says_how_to_install_it(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "find_spec", lambda name: None)
    ended = command("app")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        "The web page needs Streamlit, which is not installed. Install it with: pip install 'nl2opt[app]'\n"
    )


def test_settings_that_make_no_sense_are_said_before_anything_is_served(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NL2OPT_ROUNDS", "many")
    ended = command("app", "--no-browser")
    assert (ended.code, "NL2OPT_ROUNDS" in ended.err) == (2, True)


@pytest.mark.parametrize(
    ("host", "shown"),
    [("localhost", "localhost"), ("0.0.0.0", "localhost"), ("::1", "[::1]"), ("[::]", "localhost")],  # noqa: S104
)
def test_the_address_is_written_as_a_browser_wants_it(host: str, shown: str) -> None:
    assert serving._shown(host) == shown


def test_no_browser_is_opened_where_there_is_no_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda url: opened.append(url) or True)
    assert not serving._opened("http://localhost:1")
    monkeypatch.setenv("DISPLAY", ":0")
    assert serving._opened("http://localhost:1")
    assert opened == ["http://localhost:1"]


def test_the_server_is_closed_to_others() -> None:
    options = server_options("127.0.0.1", 8501)
    assert options["server.enableXsrfProtection"] is True
    assert options["server.enableCORS"] is True
    assert options["browser.gatherUsageStats"] is False
    assert options["client.showErrorDetails"] == "none"
    assert "localhost" in options["server.allowedHosts"]
    assert server_options("192.0.2.1", 8501)["server.allowedHosts"] == []


def test_every_option_is_one_that_streamlit_knows() -> None:
    from streamlit import config

    known = set(config.get_config_options())
    assert set(server_options("127.0.0.1", 8501)) <= known


def test_a_served_page_listens_here_only_and_ends_when_it_is_told(serve: Callable[..., Served]) -> None:
    served = serve()
    port = int(served.url.rpartition(":")[2])
    with urllib.request.urlopen(served.url, timeout=10) as reply:  # noqa: S310 - it is ours
        page = reply.read().decode()
    assert "<title>Streamlit</title>" in page
    assert upgraded(port, host=f"127.0.0.1:{port}", origin=f"http://127.0.0.1:{port}")
    assert not upgraded(port, host=f"evil.example:{port}", origin=f"http://evil.example:{port}")
    assert not upgraded(port, host=f"127.0.0.1:{port}", origin="http://evil.example")
    assert listening(port) == {"0100007F"}
    assert uploaded(port) == 403
    served.process.terminate()
    said, _ = served.process.communicate(timeout=30)
    assert served.process.returncode == 0
    assert f"nl2opt is at http://localhost:{port} and stops with Ctrl-C." in said
    assert "Traceback" not in said


def upgraded(port: int, *, host: str, origin: str) -> bool:
    """Whether a page of an origin may talk to the server."""
    request = (
        f"GET /_stcore/stream HTTP/1.1\r\nHost: {host}\r\nOrigin: {origin}\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(request.encode())
        return connection.recv(100).startswith(b"HTTP/1.1 101")


def uploaded(port: int) -> int:
    """Send a file as another page would, without the token of this one; return how it is answered."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("PUT", "/_stcore/upload_file/session/file", body=b"x")
        return connection.getresponse().status
    finally:
        connection.close()


def listening(port: int) -> set[str]:
    """Return the addresses, as Linux writes them, at which something listens at a port."""
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            local, _, state = line.split()[1:4]
            address, _, number = local.rpartition(":")
            if state == "0A" and int(number, 16) == port:
                found.add(address)
    return found
