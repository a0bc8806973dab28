"""The llama.cpp engine in this process, one for each model file."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from nl2opt.errors import ChatUnreachableError, ModelFileError

CONTEXT_TOKENS = 8192
GGUF_MAGIC = b"GGUF"


class Engine:
    """A loaded model; one request at a time.

    Raises:
        ModelFileError: the file is missing or not a GGUF file.
        ChatUnreachableError: the engine is not installed or cannot load the file.
    """

    def __init__(self, path: Path, threads: int) -> None:
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

    def chat(
        self,
        body: Mapping[str, Any],
        on_turn: Callable[[], bool],
        on_chunk: Callable[[dict[str, Any]], bool],
    ) -> dict[str, Any] | None:
        """Send one request in the form of the OpenAI interface, with `stream` set.

        Args:
            body: the request.
            on_turn: called when earlier requests are done; returning true drops this one.
            on_chunk: gets each piece of the answer; returning true stops the engine.

        Returns:
            The engine's error object, or `None` when all went well.
        """
        failure: dict[str, Any] | None = None

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

        with self._lock:
            if on_turn():
                return None
            returned = self._server.handle_chat_completions(dict(body), received)
        if isinstance(returned, dict) and "error" in returned:
            return dict(returned["error"])
        return failure


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


def engine_for(path: Path) -> Engine:
    """Return the engine for a model file; it is loaded once, until the file changes, and then shared.

    Raises:
        ModelFileError: the file is missing or not a GGUF file.
        ChatUnreachableError: the engine is not installed or cannot load the file.
    """
    try:
        facts = path.stat()
    except OSError as error:
        raise ModelFileError(f"The model file {path} cannot be read ({error.strerror}).") from error
    with _loading:
        return _load(path.resolve(), usable_threads(), (facts.st_size, facts.st_mtime_ns))


@lru_cache(maxsize=2)
def _load(path: Path, threads: int, _version: tuple[int, int]) -> Engine:
    return Engine(path, threads)
