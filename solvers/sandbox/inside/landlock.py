"""Landlock: a process gives up, for good, all of the file system but named folders.

Source: the kernel's documentation, `Documentation/userspace-api/landlock.rst`.
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterable
from typing import Final

from solvers.sandbox.inside.system_calls import system_call

_CREATE_RULESET: Final = 444
_ADD_RULE: Final = 445
_RESTRICT_SELF: Final = 446
_VERSION: Final = 1
_PATH_BENEATH: Final = 1

_READ: Final = 1 << 2 | 1 << 3
"""Read files, list folders."""
_READ_FILE: Final = 1 << 2
_WRITE: Final = 1 << 1 | 1 << 4 | 1 << 5 | 1 << 7 | 1 << 8 | 1 << 12
"""Write files; remove folders and files; make folders, files and symbolic links."""
_FILE: Final = 1 << 1 | _READ_FILE
_HANDLED: Final = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
"""The rights that each version of Landlock knows from that version on."""
_REFER: Final = 1 << 13
_TRUNCATE: Final = 1 << 14
_NETWORK: Final = 0b11
_SCOPES: Final = 0b11
"""Abstract sockets and signals of processes outside."""


def landlock_version() -> int:
    """Return the version of Landlock that the kernel has on; 0 when none."""
    try:
        return system_call(_CREATE_RULESET, None, 0, _VERSION)
    except OSError:
        return 0


def restrict_files(version: int, readable: Iterable[str], writable: Iterable[str]) -> None:
    """Let this process read and write below some paths, and nothing else.

    Args:
        version: of Landlock, as `landlock_version` says.
        readable: files and folders; those that do not exist are passed over.
        writable: files and folders that may be read and written.

    Raises:
        OSError: Landlock is off, or a path cannot be opened.
    """
    handled = max((since, rights) for since, rights in _HANDLED.items() if since <= version)[1]
    attributes = struct.pack("=Q", handled)
    if version >= 4:
        attributes += struct.pack("=Q", _NETWORK)
    if version >= 6:
        attributes += struct.pack("=Q", _SCOPES)
    ruleset = system_call(_CREATE_RULESET, ctypes.c_char_p(attributes), len(attributes), 0)
    try:
        for path in readable:
            if os.path.exists(path):
                _allow(ruleset, path, _READ if os.path.isdir(path) else _READ_FILE)
        for path in writable:
            rights = _READ | _WRITE | _REFER | _TRUNCATE if os.path.isdir(path) else _FILE | _TRUNCATE
            _allow(ruleset, path, rights & handled)
        system_call(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = ctypes.c_char_p(struct.pack("=Qi", rights, descriptor))
        system_call(_ADD_RULE, ruleset, _PATH_BENEATH, rule, 0)
    finally:
        os.close(descriptor)
