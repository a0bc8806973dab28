"""The command `nl2opt app`: the web page, on this machine only unless another address is given."""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import os
import socket
import sys
import threading
import time
import webbrowser
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Final

import typer

APP_EXAMPLE: Final = "Example: nl2opt app, or nl2opt app --port 8600 --no-browser"
_FIRST_PORT: Final = 8501
_TRIED_PORTS: Final = 20
_STARTING_SECONDS: Final = 60.0
_STOPPING_SECONDS: Final = 2.0
_MISSING: Final = "The web page needs Streamlit, which is not installed. Install it with: pip install 'nl2opt[app]'"
Port = Annotated[
    int | None,
    typer.Option(
        "--port", metavar="NUMBER", min=1, max=65535, help="The port (default: 8501, or the next one that is free)."
    ),
]
Host = Annotated[
    str, typer.Option("--host", metavar="ADDRESS", help="The address; others than localhost let other machines in.")
]
NoBrowser = Annotated[bool, typer.Option("--no-browser", help="Open no browser.")]


def serve(port: Port = None, host: Host = "localhost", no_browser: NoBrowser = False) -> int:
    """Show the web page: ask, watch, and come back to kept answers in a browser."""
    from app.output import print_note
    from nl2opt.errors import SettingsError
    from nl2opt.settings import load_settings

    if find_spec("streamlit") is None:
        raise SettingsError(_MISSING)
    load_settings()
    address = _address(host)
    free = _free_port(address, port)
    if not _is_loopback(address):
        print_note(f"Whoever reaches {host} can use this page, with your language model: it asks for no password.")
    _serve(address, free, url=f"http://{_shown(host)}:{free}", opens_browser=not no_browser)
    return 0


def _serve(address: str, port: int, *, url: str, opens_browser: bool) -> None:
    """Run the server until it is stopped."""
    from streamlit.web import bootstrap

    from app.web.live_runs import live_runs
    from nl2opt.errors import SettingsError

    options = server_options(address, port)
    bootstrap.load_config_options(options)
    arguments = (address, port, url, opens_browser)
    threading.Thread(target=_announce, args=arguments, daemon=True, name="nl2opt-announce").start()
    try:
        bootstrap.run(str(Path(__file__).with_name("start_page.py")), False, [], options)
    except SystemExit as error:
        if error.code:
            raise SettingsError(f"The page cannot be served at port {port}.") from error
    finally:
        live_runs().stop_all(_STOPPING_SECONDS)


def server_options(address: str, port: int) -> dict[str, Any]:
    """Return how Streamlit is run, whatever its own settings say: closed to other pages, and silent."""
    hosts = ["localhost", "127.0.0.1", "[::1]", "::1"] if _is_loopback(address) else []
    return {
        "server.address": address,
        "server.port": port,
        # A page of another site cannot use a name of its own for this machine.
        "server.allowedHosts": hosts,
        "server.enableCORS": True,
        "server.corsAllowedOrigins": [],
        "server.enableXsrfProtection": True,
        "server.headless": True,
        "server.fileWatcherType": "none",
        "server.runOnSave": False,
        "server.enableStaticServing": False,
        "server.enableAgentApi": False,
        "server.baseUrlPath": "",
        "server.showEmailPrompt": False,
        "browser.gatherUsageStats": False,
        "client.showErrorDetails": "none",
        "client.showErrorLinks": False,
        "client.toolbarMode": "minimal",
        "client.allowedOrigins": [],
        "runner.magicEnabled": False,
        "logger.hideWelcomeMessage": True,
        "logger.level": "warning",
        "global.developmentMode": False,
        "theme.primaryColor": "#1f6f78",
    }


def _address(host: str) -> str:
    """Return the address to listen at.

    Raises:
        SettingsError: it is none of this machine's.
    """
    from nl2opt.errors import SettingsError

    name = host.strip().strip("[]")
    if name == "localhost":
        return "127.0.0.1"
    with contextlib.suppress(ValueError):
        return str(ipaddress.ip_address(name))
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise SettingsError(
            f"There is no address `{host}`; leave out --host, or give one of this machine's."
        ) from error
    return str(found[0][4][0])


def _free_port(address: str, port: int | None) -> int:
    """Return the port that was asked for, or the first that is free.

    Raises:
        SettingsError: it is taken, or cannot be used.
    """
    from nl2opt.errors import SettingsError

    tried = [port] if port is not None else range(_FIRST_PORT, _FIRST_PORT + _TRIED_PORTS)
    reason: OSError | None = None
    for number in tried:
        try:
            _bind(address, number)
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                raise SettingsError(
                    f"{address} is no address of this machine; leave out --host, or give one."
                ) from error
            reason = error
        else:
            return number
    if port is None:
        raise SettingsError(f"No port from {tried[0]} to {tried[-1]} is free at {address}. Choose one with --port.")
    why = reason.strerror if reason is not None and reason.strerror else "it cannot be used"
    raise SettingsError(f"The port {port} at {address} cannot be used ({why}). Choose another with --port, or none.")


def _bind(address: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        if os.name != "nt":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((address, port))


def _is_loopback(address: str) -> bool:
    return ipaddress.ip_address(address.partition("%")[0]).is_loopback


def _shown(host: str) -> str:
    """Return how a browser writes the host."""
    name = host.strip().strip("[]")
    if name in ("0.0.0.0", "::"):  # noqa: S104 - said by a person; this is only how it is written
        return "localhost"
    return f"[{name}]" if ":" in name else name


def _announce(address: str, port: int, url: str, opens_browser: bool) -> None:
    """Say where the page is as soon as it is there, and open a browser."""
    from app.output import print_note

    end = time.monotonic() + _STARTING_SECONDS
    target = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address, address)  # noqa: S104 - see above
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection((target, port), timeout=1.0):
            break
        time.sleep(0.1)
    else:
        return
    print_note(f"nl2opt is at {url} and stops with Ctrl-C.")
    if opens_browser and not _opened(url):
        print_note("No browser could be opened here; open the address in one.")


def _opened(url: str) -> bool:
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return False  # a browser in this terminal would be no help
    try:
        return webbrowser.open(url)
    except (webbrowser.Error, OSError):
        return False
