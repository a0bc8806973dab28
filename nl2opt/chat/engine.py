"""The llama.cpp engine in this process, one for each model file."""

from __future__ import annotations

import json
import os
import secrets
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from nl2opt.chat.states import StateFolder
from nl2opt.errors import ChatUnreachableError, ModelFileError

CONTEXT_TOKENS = 8192
GGUF_MAGIC = b"GGUF"
_STATE_SECONDS: Final = 30.0
Chunk = dict[str, Any]


class Engine:
    """A loaded model; one request at a time.

    llama.cpp opens a port on the loopback interface, on which it saves and restores states; it answers only
    to a key that no other process has.

    Raises:
        ModelFileError: the file is missing or not a GGUF file.
        ChatUnreachableError: the engine is not installed or cannot load the file.
    """

    def __init__(self, path: Path, threads: int, states: StateFolder | None = None) -> None:
        _require_gguf(path)
        try:
            from xllamacpp import CommonParams, Server
        except ImportError as error:
            raise ChatUnreachableError(
                f"The engine for embedded language models cannot be loaded ({error}).",
                hint="Install it with: pip install 'nl2opt[local]'",
            ) from error
        params = CommonParams()
        params.verbosity = -1
        params.model.path = str(path)
        params.use_jinja = True
        params.n_ctx = CONTEXT_TOKENS
        params.n_parallel = 1
        # One computing step: a request is stopped between two of them, also while the prompt is read.
        params.n_batch = params.n_ubatch
        params.warmup = False
        self._key = secrets.token_hex(16)
        params.api_keys = [self._key]
        self._states = states if states is not None and states.usable() else None
        if self._states is not None:
            params.slot_save_path = f"{self._states.path}{os.sep}"
        params.cpuparams.n_threads = threads
        params.cpuparams_batch.n_threads = threads
        try:
            self._server = Server(params)
        except RuntimeError as error:
            raise ChatUnreachableError(
                f"llama.cpp cannot load {path} ({error}).",
                hint="The file may be damaged, or made for another version.",
            ) from error
        self._lock = threading.Lock()
        self._known_states: set[str] = set()
        self._identity = f"{version('xllamacpp')} {path.name} {path.stat().st_size} {CONTEXT_TOKENS}"

    def chat(
        self,
        body: Mapping[str, Any],
        on_turn: Callable[[], bool],
        on_chunk: Callable[[Chunk], bool],
        *,
        shared_messages: int = 0,
    ) -> Chunk | None:
        """Send one request in the form of the OpenAI interface, with `stream` set.

        Args:
            body: the request.
            on_turn: called when earlier requests are done; returning true drops this one.
            on_chunk: gets each piece of the answer; returning true stops the engine.
            shared_messages: how many messages at the beginning stand in other requests too.

        Returns:
            The engine's error object, or `None` when all went well.
        """
        with self._lock:
            if on_turn():
                return None
            if shared_messages and self._states is not None:
                stopped = self._read_beginning(body, shared_messages, on_chunk, self._states)
                if stopped:
                    return None
            return self._sent(body, on_chunk)

    def _sent(self, body: Mapping[str, Any], on_chunk: Callable[[Chunk], bool]) -> Chunk | None:
        failure: Chunk | None = None

        def received(chunk: Any) -> bool:
            nonlocal failure
            chunks = chunk if isinstance(chunk, list) else [chunk]
            for piece in chunks:
                if "error" in piece:
                    failure = piece["error"]
                    return True
                if on_chunk(piece):
                    return True
            return False

        returned = self._server.handle_chat_completions(dict(body), received)
        if isinstance(returned, dict) and "error" in returned:
            return dict(returned["error"])
        return failure

    # -- states -----------------------------------------------------------------------------------------

    def _read_beginning(
        self, body: Mapping[str, Any], count: int, on_chunk: Callable[[Chunk], bool], states: StateFolder
    ) -> bool:
        """Make the engine know the first messages: from their state, or by reading them and keeping the state.

        Returns:
            Whether `on_chunk` stopped the engine.
        """
        messages = body["messages"][:count]
        name = states.name_of(self._identity, messages)
        if name in self._known_states:
            return False
        self._known_states.add(name)
        if states.has(name) and self._slot("restore", name):
            return False
        states.discard(name)
        stopped = False

        def only_progress(chunk: Chunk) -> bool:
            nonlocal stopped
            stopped = on_chunk({"prompt_progress": chunk["prompt_progress"]} if "prompt_progress" in chunk else {})
            return stopped

        beginning = {**body, "messages": messages, "max_tokens": 1, "response_format": {"type": "text"}}
        failed = self._sent(beginning, only_progress) is not None
        if stopped:
            self._known_states.discard(name)
        elif not failed and self._slot("save", states.unfinished(name)):
            states.finish(name)
        else:
            states.discard(name)
        return stopped

    def _slot(self, action: str, file: str) -> bool:
        """Save or restore the engine's state; return whether it worked."""
        request = urllib.request.Request(  # noqa: S310 - the engine's own port on the loopback interface
            f"{self._server.listening_address}/slots/0?action={action}",
            data=json.dumps({"filename": file}).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {self._key}"},
            method="POST",
        )
        without_proxy = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with without_proxy.open(request, timeout=_STATE_SECONDS) as response:
                return bool(response.status == 200)
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            return False


def _require_gguf(path: Path) -> None:
    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except OSError as error:
        raise ModelFileError(f"The model file {path} cannot be read ({error.strerror}).") from error
    if magic != GGUF_MAGIC:
        raise ModelFileError(f"{path} is not a GGUF model file.", hint="Give the path of a .gguf file.")


def usable_threads() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return max(1, os.cpu_count() or 1)


_loading = threading.Lock()


def engine_for(path: Path, states: Path | None = None) -> Engine:
    """Return the engine for a model file; it is loaded once, until the file changes, and then shared.

    Args:
        path: of the model file.
        states: folder for the states of shared beginnings; `None` keeps none.

    Raises:
        ModelFileError: the file is missing or not a GGUF file.
        ChatUnreachableError: the engine is not installed or cannot load the file.
    """
    try:
        facts = path.stat()
    except OSError as error:
        raise ModelFileError(f"The model file {path} cannot be read ({error.strerror}).") from error
    with _loading:
        return _load(path.resolve(), usable_threads(), states, (facts.st_size, facts.st_mtime_ns))


@lru_cache(maxsize=2)
def _load(path: Path, threads: int, states: Path | None, _version: tuple[int, int]) -> Engine:
    return Engine(path, threads, StateFolder(states) if states is not None else None)
