"""How much a program may take."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Final

MEGABYTE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much one run of a program may take; what goes over a limit ends the run, and the run says which.

    Attributes:
        seconds: wall clock, more than 0, at most a day.
        cpu_seconds: of all threads together; `None` for `seconds` times the cores of the machine.
        memory_bytes: that the program may allocate beside what its libraries take, at least 64 MB.
        folder_bytes: of all files in the private folder, at least 1 MB.
        folder_files: how many files and folders may lie there, at least 16.
        output_bytes: of each of the two outputs, at least 1 kB; a program that writes more is stopped.
        descriptors: open files, at least 32.
        tasks: threads, at least 4.

    Raises:
        ValueError: a limit is zero, negative, not a number or absurd; the text says which and what it may be.
    """

    seconds: float = 30.0
    cpu_seconds: float | None = None
    memory_bytes: int = 2048 * MEGABYTE
    folder_bytes: int = 64 * MEGABYTE
    folder_files: int = 4096
    output_bytes: int = 16 * MEGABYTE
    descriptors: int = 128
    tasks: int = 64

    def __post_init__(self) -> None:
        """Refuse what no run can be held to."""
        for field in fields(self):
            value = getattr(self, field.name)
            if value is None and field.name == "cpu_seconds":
                continue
            least, most, unit = _ALLOWED[field.name]
            is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
            is_whole = is_number and value == int(value)
            if not is_number or not least <= value <= most or ("seconds" not in field.name and not is_whole):
                kind = "a number" if "seconds" in field.name else "a whole number"
                raise ValueError(f"`{field.name}` is {value!r}; it must be {kind} from {least:g} to {most:g} {unit}.")


_ALLOWED: Final[dict[str, tuple[float, float, str]]] = {
    "seconds": (0.01, 86_400, "seconds"),
    "cpu_seconds": (0.01, 86_400 * 1024, "seconds"),
    "memory_bytes": (64 * MEGABYTE, 2**46, "bytes"),
    "folder_bytes": (MEGABYTE, 2**40, "bytes"),
    "folder_files": (16, 10_000_000, "files"),
    "output_bytes": (1024, 1024 * MEGABYTE, "bytes"),
    "descriptors": (32, 65_536, "descriptors"),
    "tasks": (4, 4096, "threads"),
}
