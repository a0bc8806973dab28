"""When a run began, and its id."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Clock:
    """When a run began.

    Attributes:
        started: by the clock that measures.
        created: as ISO 8601 in UTC.
        id: of the run; begins with the day.
    """

    started: float
    created: str
    id: str

    @classmethod
    def start(cls) -> Clock:
        """Begin now."""
        now = datetime.now(UTC)
        return cls(
            time.perf_counter(),
            now.isoformat(timespec="seconds"),
            f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}",
        )

    def seconds(self) -> float:
        """Return how long it has been."""
        return time.perf_counter() - self.started
