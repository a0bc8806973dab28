"""Files that hold what the embedded engine computed for the beginning that many requests share.

Reading instructions and worked examples takes a small machine half a minute; reading its state back takes a
tenth of a second. A state holds nothing but the shared messages, never a person's problem.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

_SUFFIX: Final = ".state"
_KEPT: Final = 4
"""States that are kept; one takes about 30 kB a token."""


class StateFolder:
    """A folder of states, by name."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def usable(self) -> bool:
        """Make the folder, and return whether that was possible: states only save time."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError:
            return False
        return os.access(self.path, os.W_OK)

    def name_of(self, identity: str, messages: Sequence[Any]) -> str:
        """Return the file name of the state after some messages.

        Args:
            identity: of engine and weights; another one makes other states.
            messages: as they are sent.
        """
        content = json.dumps([identity, list(messages)], ensure_ascii=False)
        return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:32] + _SUFFIX

    def has(self, name: str) -> bool:
        """Whether a state is there."""
        return (self.path / name).is_file()

    def unfinished(self, name: str) -> str:
        """Return the file name under which a state is written before it is complete."""
        return f"{name}.{os.getpid()}.part"

    def finish(self, name: str) -> None:
        """Give a state that was written whole its name, and remove the oldest beyond those that are kept."""
        with contextlib.suppress(OSError):
            os.replace(self.path / self.unfinished(name), self.path / name)
            states = sorted(self.path.glob(f"*{_SUFFIX}"), key=lambda path: path.stat().st_mtime)
            for old in states[:-_KEPT]:
                old.unlink(missing_ok=True)

    def discard(self, name: str) -> None:
        """Remove what is there of a state that could not be written or read."""
        for file in (name, self.unfinished(name)):
            with contextlib.suppress(OSError):
                (self.path / file).unlink(missing_ok=True)
