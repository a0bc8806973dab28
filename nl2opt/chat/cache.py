"""The completion cache: what was asked once costs nothing twice."""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
import threading
import weakref
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nl2opt.chat.base import (
    DEFAULT_COMPLETION_OPTIONS,
    ChatModel,
    Completion,
    CompletionOptions,
    Finish,
    Message,
    OnChatEvent,
    TokensArrived,
    Usage,
    WritingStyle,
)
from nl2opt.errors import StoreError

if TYPE_CHECKING:
    from nl2opt.settings import Settings

_TABLE = """CREATE TABLE IF NOT EXISTS completions (
    key TEXT PRIMARY KEY, model TEXT NOT NULL, text TEXT NOT NULL, finish TEXT NOT NULL,
    prompt_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL, seconds REAL NOT NULL,
    created TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP)"""


def cache_file(settings: Settings) -> Path:
    """Return where the completions are kept."""
    return settings.cache_dir / "completions.sqlite"


def request_key(model: str, messages: Sequence[Message], options: CompletionOptions) -> str:
    """Return the key of a request: a hash of everything that determines its completion.

    The number of the sample is part of it, the time limit is not.
    """
    content = {
        "model": model,
        "messages": [asdict(message) for message in messages],
        "temperature": float(options.temperature),
        "max_tokens": options.max_tokens,
        "seed": options.seed,
        "sample": options.sample,
        "json_schema": options.json_schema,
    }
    return hashlib.sha256(json.dumps(content, default=dict).encode()).hexdigest()


class CompletionCache:
    """One SQLite table of completions, for several threads and processes at once.

    Raises:
        StoreError: the file cannot be opened, or is not such a table.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(path, timeout=30.0, check_same_thread=False)
        except (sqlite3.Error, OSError) as error:
            raise self._failure(error) from error
        self._closing = weakref.finalize(self, self._connection.close)
        try:
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute(_TABLE)
            self._connection.commit()
        except sqlite3.Error as error:
            self.close()
            raise self._failure(error) from error

    def _failure(self, error: Exception) -> StoreError:
        return StoreError(
            f"The completion cache {self.path} cannot be used ({error}). Delete the file, or set NL2OPT_CACHE=false."
        )

    def get(self, key: str) -> Completion | None:
        """Return a stored completion; `None` when there is none."""
        row = self._one(
            "SELECT text, finish, prompt_tokens, completion_tokens, seconds, model FROM completions WHERE key = ?",
            key,
        )
        if row is None:
            return None
        usage = Usage(prompt_tokens=row[2], completion_tokens=row[3], seconds=row[4], requests=0)
        try:
            finish = Finish(row[1])
        except ValueError as error:
            raise self._failure(error) from error
        return Completion(text=row[0], finish=finish, usage=usage, model=row[5], cached=True)

    def put(self, key: str, completion: Completion) -> None:
        """Store a completion; one that is there already stays."""
        usage = completion.usage
        values = (
            key, completion.model, completion.text, completion.finish.value,
            usage.prompt_tokens, usage.completion_tokens, usage.seconds,
        )  # fmt: skip
        sql = (
            "INSERT OR IGNORE INTO completions "
            "(key, model, text, finish, prompt_tokens, completion_tokens, seconds) VALUES (?, ?, ?, ?, ?, ?, ?)"
        )
        self._change(sql, values)

    def delete(self, keys: Sequence[str]) -> None:
        """Remove completions; keys that are not there do not matter."""
        for key in keys:
            self._change("DELETE FROM completions WHERE key = ?", (key,))

    def forget(self, completions: Iterable[tuple[str, str]]) -> None:
        """Remove completions by chat model and text, whatever was asked to get them."""
        rows = set(completions)
        try:
            with self._lock, self._connection:
                self._connection.executemany("DELETE FROM completions WHERE model = ? AND text = ?", rows)
        except (sqlite3.Error, UnicodeError) as error:
            raise self._failure(error) from error

    def clear(self) -> None:
        """Remove all completions."""
        self._change("DELETE FROM completions", ())

    def __len__(self) -> int:
        row = self._one("SELECT COUNT(*) FROM completions")
        return int(row[0]) if row else 0

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._closing()

    def _one(self, sql: str, *values: object) -> tuple[Any, ...] | None:
        try:
            with self._lock:
                row: tuple[Any, ...] | None = self._connection.execute(sql, values).fetchone()
                return row
        except sqlite3.Error as error:
            raise self._failure(error) from error

    def _change(self, sql: str, values: Sequence[object]) -> None:
        try:
            with self._lock, self._connection:
                self._connection.execute(sql, tuple(values))
        except sqlite3.Error as error:
            raise self._failure(error) from error


class CachedChatModel:
    """A chat model that looks into the cache first.

    Only completions that arrived in full are stored.

    Attributes:
        name: of the model behind it.
        style: of the model behind it.
    """

    def __init__(self, inner: ChatModel, cache: CompletionCache) -> None:
        self.inner = inner
        self.cache = cache

    @property
    def name(self) -> str:
        """Return the name of the model behind the cache."""
        return self.inner.name

    @property
    def style(self) -> WritingStyle:
        """Return the writing style of the model behind the cache."""
        return self.inner.style

    def complete(
        self,
        messages: Sequence[Message],
        *,
        options: CompletionOptions = DEFAULT_COMPLETION_OPTIONS,
        on_event: OnChatEvent | None = None,
        cancel: threading.Event | None = None,
    ) -> Completion:
        """Return the stored completion, or ask and store; see `ChatModel.complete`.

        Raises:
            ChatError: see `ChatModel.complete`.
            StoreError: the cache cannot be read or written.
        """
        key = request_key(self.name, messages, options)
        stored = self.cache.get(key)
        if stored is not None:
            if on_event is not None:
                on_event(TokensArrived(stored.text))
            return stored
        completion = self.inner.complete(messages, options=options, on_event=on_event, cancel=cancel)
        # What was written is in hand: a full disk must not cost it.
        with contextlib.suppress(StoreError):
            self.cache.put(key, completion)
        return completion
