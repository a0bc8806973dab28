"""Says on what a measurement was taken."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path


def describe_machine(packages: Sequence[str]) -> str:
    """Return date, processor, cores, memory, load, and the versions of Python and packages, as one line."""
    cores = len(os.sched_getaffinity(0))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = ", ".join(f"{package} {version(package)}" for package in packages)
    return (
        f"{datetime.now(UTC):%Y-%m-%d}; {_processor()}, {cores} cores, {memory:.0f} GiB; "
        f"load {os.getloadavg()[0]:.1f} when the measurement began; "
        f"{platform.system()} {platform.machine()}, Python {platform.python_version()}, {versions}"
    )


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor() or "unknown processor"
