"""Resource limits of the kernel for one run."""

from __future__ import annotations

import math
import resource
from dataclasses import dataclass
from typing import Final

_OVERHEAD: Final = 1 << 30
"""Address space beside the allocated memory: libraries, stacks, shared mappings."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What a process takes now: a fork of it takes that before it has done anything.

    Attributes:
        address_space: bytes of all mappings.
        data: bytes of its private writable ones.
    """

    address_space: int
    data: int

    @classmethod
    def now(cls) -> Taken:
        """Look at this process, which still sees `/proc`."""
        with open("/proc/self/statm", encoding="ascii") as file:
            pages = [int(text) for text in file.read().split()]
        return cls(pages[0] * resource.getpagesize(), pages[5] * resource.getpagesize())


def set_resource_limits(
    *, cpu_seconds: float, memory_bytes: int, file_bytes: int, descriptors: int, tasks: int, taken: Taken
) -> None:
    """Bind this process.

    Args:
        cpu_seconds: of all threads.
        memory_bytes: that may be allocated.
        file_bytes: of the largest file.
        descriptors: that may be open.
        tasks: threads of the user in this namespace.
        taken: what the libraries take already.
    """
    data = memory_bytes + taken.data
    address_space = memory_bytes + taken.address_space + _OVERHEAD
    seconds = max(1, math.ceil(cpu_seconds))
    limits = {
        resource.RLIMIT_CPU: (seconds, seconds + 1),
        resource.RLIMIT_DATA: (data, data),
        resource.RLIMIT_AS: (address_space, address_space),
        resource.RLIMIT_FSIZE: (file_bytes, file_bytes),
        resource.RLIMIT_NOFILE: (descriptors, descriptors),
        resource.RLIMIT_NPROC: (tasks, tasks),
        resource.RLIMIT_CORE: (0, 0),
        resource.RLIMIT_MEMLOCK: (0, 0),
        resource.RLIMIT_MSGQUEUE: (0, 0),
    }
    for limit, (soft, hard) in limits.items():
        _, present = resource.getrlimit(limit)
        ceiling = hard if present == resource.RLIM_INFINITY else min(hard, present)
        resource.setrlimit(limit, (min(soft, ceiling), ceiling))
