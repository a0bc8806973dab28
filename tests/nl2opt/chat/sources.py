"""Small stand-ins for the two places that model files come from: wheels in a folder, and a model hub."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from nl2opt.chat.known import KnownModel

CONTENT = b"GGUF" + bytes(range(256)) * 12_000
"""A little over three of the blocks in which files are read."""


def known(content: bytes = CONTENT, *, repository: str = "", slices: tuple[str, ...] = ()) -> KnownModel:
    return KnownModel(
        name="tiny",
        title="Tiny",
        file="tiny.gguf",
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        licence="Apache-2.0",
        repository=repository,
        slices=slices,
        member=".bin",
        note="",
    )


def wheel(folder: Path, name: str, members: dict[str, bytes], version: str = "1.0") -> Path:
    """Write a wheel that pip takes."""
    path = folder / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members.items():
            archive.writestr(f"{name}/{member}", content)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    return path


@contextmanager
def hub(files: dict[str, bytes], *, cut_after: int | None = None) -> Iterator[str]:
    """Serve files by their path; yield the address. With `cut_after` the connection breaks after so many bytes."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = files.get(self.path)
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            self.wfile.write((content or b"")[:cut_after])

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
