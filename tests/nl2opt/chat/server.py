"""An OpenAI-compatible endpoint on 127.0.0.1 that behaves, or misbehaves, as a test asks."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def endpoint(self) -> Endpoint:
        return cast(Endpoint, self.server)

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        self.close_connection = True
        self.endpoint.play(self, json.loads(content))

    def begin(self, status: int, content_type: str, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Connection", "close")
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()

    def event(self, data: object) -> None:
        self.wfile.write(f"data: {data if isinstance(data, str) else json.dumps(data)}\n\n".encode())
        self.wfile.flush()

    def piece(self, text: str | None, finish: str | None = None) -> None:
        self.event(chunk([{"index": 0, "delta": {"content": text}, "finish_reason": finish}]))

    def log_message(self, format: str, *args: Any) -> None:
        pass


Reply = Callable[[Handler], None]


class Endpoint(ThreadingHTTPServer):
    """Plays its replies in order, the last one again and again.

    Attributes:
        bodies: of the requests that came.
        keys: the `Authorization` headers that came.
        released: set it to end every reply that hangs.
        dropped: set when a client went away in the middle of an answer.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.replies: list[Reply] = [answer("hello")]
        self.bodies: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.released = threading.Event()
        self.dropped = threading.Event()
        self._lock = threading.Lock()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def play(self, handler: Handler, body: dict[str, Any]) -> None:
        if handler.path != "/v1/chat/completions":
            status(404, {"detail": "Not Found"})(handler)
            return
        with self._lock:
            self.bodies.append(body)
            self.keys.append(handler.headers["Authorization"])
            reply = self.replies[min(len(self.bodies), len(self.replies)) - 1]
        try:
            reply(handler)
        except ConnectionError:
            self.dropped.set()


def chunk(choices: list[dict[str, Any]], **more: object) -> dict[str, Any]:
    return {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": "m", "choices": choices, **more}


def answer(*pieces: str, finish: str = "stop") -> Reply:
    def reply(handler: Handler) -> None:
        handler.begin(200, "text/event-stream")
        for text in pieces:
            handler.piece(text)
        handler.piece(None, finish)
        handler.event(chunk([], usage={"prompt_tokens": 7, "completion_tokens": len(pieces), "total_tokens": 0}))
        handler.event("[DONE]")

    return reply


def status(code: int, error: object = None, headers: Mapping[str, str] | None = None) -> Reply:
    def reply(handler: Handler) -> None:
        handler.begin(code, "application/json", headers)
        handler.wfile.write(json.dumps(error).encode())

    return reply


def refusal(code: int, message: str, *, param: str | None = None, kind: str | None = None) -> Reply:
    return status(code, {"error": {"message": message, "param": param, "code": kind}})


def page(text: str, content_type: str = "text/html") -> Reply:
    def reply(handler: Handler) -> None:
        handler.begin(200, content_type)
        handler.wfile.write(text.encode())

    return reply


def hang(*pieces: str) -> Reply:
    """Send nothing, or a few pieces, and then nothing more."""

    def reply(handler: Handler) -> None:
        if pieces:
            handler.begin(200, "text/event-stream")
        for text in pieces:
            handler.piece(text)
        handler.endpoint.released.wait(30)

    return reply


def drip(seconds: float) -> Reply:
    """Send a piece every few milliseconds for so long."""

    def reply(handler: Handler) -> None:
        handler.begin(200, "text/event-stream")
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            handler.piece("x")
            time.sleep(0.01)

    return reply


def keep_alive(seconds: float) -> Reply:
    """Send comments, as proxies do, but no piece."""

    def reply(handler: Handler) -> None:
        handler.begin(200, "text/event-stream")
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            handler.wfile.write(b": ping\n\n")
            handler.wfile.flush()
            time.sleep(0.01)

    return reply


def end_early(*pieces: str) -> Reply:
    """Close the connection properly, but before the answer is complete."""

    def reply(handler: Handler) -> None:
        handler.begin(200, "text/event-stream")
        for text in pieces:
            handler.piece(text)

    return reply


def break_off(*pieces: str) -> Reply:
    """Close the connection in the middle of the transfer."""

    def reply(handler: Handler) -> None:
        handler.begin(200, "text/event-stream", {"Content-Length": "100000"})
        for text in pieces:
            handler.piece(text)

    return reply


def fail_inside(message: str) -> Reply:
    """Report an error inside a stream that began well."""

    def reply(handler: Handler) -> None:
        handler.begin(200, "text/event-stream")
        handler.piece("a")
        handler.event({"error": {"message": message}})

    return reply
