"""The filter of system calls: an allow-list, as a program for the kernel's packet filter.

Source: the kernel's documentation, `Documentation/userspace-api/seccomp_filter.rst`.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
from collections.abc import Iterable
from typing import Final

from solvers.sandbox.inside import syscall_table as table
from solvers.sandbox.inside.system_calls import ioctl, seccomp

_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _JUMP_ANY_BIT, _RETURN, _AND = 0x20, 0x15, 0x35, 0x45, 0x06, 0x54
_ALLOW: Final = 0x7FFF0000
_NOTIFY: Final = 0x7FC00000
_ERROR: Final = 0x00050000
_KILL: Final = 0x80000000
_ARCHITECTURE: Final = 0xC000003E
_SET_MODE_FILTER: Final = 1
_NEW_LISTENER: Final = 8
_RECEIVE: Final = 0xC0502100
_SEND: Final = 0xC0182101
_THREAD: Final = 0x00010100
"""`CLONE_THREAD | CLONE_VM`."""
_NEW_NAMESPACES: Final = 0x7E020080
_PRCTL_OPTIONS: Final = (3, 15, 16, 21, 23, 27, 39, 0x53564D41)
"""Read-only ones, names of threads, names of memory."""
_IOCTL_REQUESTS: Final = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
"""Whether a descriptor is a terminal, how large it is, how much can be read; blocking, closing on exec."""
_FCNTL_REFUSED: Final = (8, 10, 15, 1024, 1026, 1031)
"""Signals to other processes when a descriptor is ready or a folder changes; leases on files; pipes of other sizes."""
_OWN_PID: Final = 0xABCD1234
"""Stands for the number of the process, until there is one."""

Instruction = tuple[int, int, int, int]


class Filter:
    """A filter, written once and installed in every child."""

    def __init__(self, *, landlock: int) -> None:
        """Write it.

        Args:
            landlock: version of Landlock; before the third it does not cover `truncate`.
        """
        self._code = b"".join(struct.pack("=HBBI", *instruction) for instruction in _instructions(landlock))

    @staticmethod
    def is_supported() -> bool:
        """Whether the table of system calls is that of this machine."""
        return platform.system() == "Linux" and platform.machine() == "x86_64"

    def install(self, pid: int, *, listen: bool) -> int:
        """Bind this process for good.

        Args:
            pid: of this process, as it sees itself.
            listen: whether to ask for a descriptor on which refused calls are reported.

        Returns:
            The descriptor; -1 without one: then refused calls fail without a report.

        Raises:
            OSError: the kernel takes no filters.
        """
        code = self._code.replace(struct.pack("=I", _OWN_PID), struct.pack("=I", pid))
        if not listen:
            silent = struct.pack("=HBBI", _RETURN, 0, 0, _ERROR | errno.EPERM)
            code = code.replace(struct.pack("=HBBI", _RETURN, 0, 0, _NOTIFY), silent)
        buffer = ctypes.create_string_buffer(code, len(code))
        program = struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(buffer))
        flags = _NEW_LISTENER if listen else 0
        descriptor = seccomp(_SET_MODE_FILTER, flags, ctypes.c_char_p(program))
        return descriptor if listen else -1


def refused_call(listener: int) -> str:
    """Take one report of a refused call, let the call fail, and return its name.

    Raises:
        OSError: there is no report any more: the process has ended.
    """
    report = ctypes.create_string_buffer(80)
    ioctl(listener, _RECEIVE, report)
    identity, _, _, number = struct.unpack_from("=QIIi", report)
    reply = struct.pack("=QqiI", identity, 0, -errno.EPERM, 0)
    ioctl(listener, _SEND, ctypes.create_string_buffer(reply, len(reply)))
    return table.NAMES.get(number, f"system call {number}")


def _instructions(landlock: int) -> list[Instruction]:
    """Return the filter: first the architecture, then each call; calls that are not known do not exist."""
    code: list[Instruction] = [
        (_LOAD, 0, 0, 4),
        (_JUMP_EQUAL, 1, 0, _ARCHITECTURE),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, 0),
        (_JUMP_AT_LEAST, 0, 1, 0x40000000),
        (_RETURN, 0, 0, _KILL),
    ]
    for number, block in _examined():
        code += [(_JUMP_EQUAL, 0, len(block), number), *block]
    allowed = {name: number for name, number in table.ALLOWED.items() if landlock >= 3 or name != "truncate"}
    answers = [
        (_ALLOW, allowed),
        (_ERROR, table.SILENT),
        (_ERROR | errno.EPERM, table.REFUSED),
        (_ERROR | errno.ENOTSUP, table.UNSUPPORTED),
    ]
    for answer, calls in answers:
        for first, last in _ranges(calls.values()):
            if first == last:
                code += [(_JUMP_EQUAL, 0, 1, first), (_RETURN, 0, 0, answer)]
            else:
                code += [(_JUMP_AT_LEAST, 0, 2, first), (_JUMP_AT_LEAST, 1, 0, last + 1), (_RETURN, 0, 0, answer)]
    for first, last in _ranges(table.REPORTED.values()):
        code += [(_JUMP_AT_LEAST, 0, 2, first), (_JUMP_AT_LEAST, 1, 0, last + 1), (_RETURN, 0, 0, _NOTIFY)]
    return [*code, (_RETURN, 0, 0, _ERROR | errno.ENOSYS)]


def _examined() -> list[tuple[int, list[Instruction]]]:
    """Return the calls whose arguments decide, each with what is looked at; each block ends in a return."""
    own_process = [_argument(0), (_JUMP_EQUAL, 0, 1, _OWN_PID), *_answered()]
    thread = [
        _argument(0),
        (_JUMP_ANY_BIT, 3, 0, _NEW_NAMESPACES),
        (_AND, 0, 0, _THREAD),
        (_JUMP_EQUAL, 0, 1, _THREAD),
        *_answered(),
    ]
    reading = [_argument(2), (_JUMP_EQUAL, 0, 3, 0), _argument(2, high=True), (_JUMP_EQUAL, 0, 1, 0), *_answered()]
    # A pair of datagram sockets could send to any socket that has a name; those that stay connected cannot.
    pair = [
        _argument(0),
        (_JUMP_EQUAL, 0, 5, 1),
        _argument(1),
        (_AND, 0, 0, 0xF),
        (_JUMP_EQUAL, 1, 0, 1),
        (_JUMP_EQUAL, 0, 1, 5),
        *_answered(),
    ]
    return [
        (435, [(_RETURN, 0, 0, _ERROR | errno.ENOSYS)]),  # clone3: the C library falls back to clone
        (56, thread),
        (62, own_process),
        (234, own_process),
        (302, reading),
        (53, pair),
        (157, [_argument(0), *_one_of(_PRCTL_OPTIONS, _ERROR | errno.EPERM)]),
        (16, [_argument(1), *_one_of(_IOCTL_REQUESTS, _ERROR | errno.ENOTTY)]),
        (72, [_argument(1), *_none_of(_FCNTL_REFUSED, _ERROR | errno.EPERM)]),
    ]


def _argument(place: int, *, high: bool = False) -> Instruction:
    return (_LOAD, 0, 0, 16 + 8 * place + 4 * high)


def _answered() -> list[Instruction]:
    return [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _NOTIFY)]


def _one_of(values: tuple[int, ...], otherwise: int) -> list[Instruction]:
    """Allow some values of what was loaded."""
    count = len(values)
    jumps = [(_JUMP_EQUAL, count - place, 0, value) for place, value in enumerate(values)]
    return [*jumps, (_RETURN, 0, 0, otherwise), (_RETURN, 0, 0, _ALLOW)]


def _none_of(values: tuple[int, ...], answer: int) -> list[Instruction]:
    """Allow all but some values of what was loaded."""
    count = len(values)
    jumps = [(_JUMP_EQUAL, count - place, 0, value) for place, value in enumerate(values)]
    return [*jumps, (_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, answer)]


def _ranges(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Return runs of successive numbers as pairs of the first and the last."""
    runs: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if runs and runs[-1][1] == number - 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs
