"""The system calls that Python has no function for, through the C library."""

from __future__ import annotations

import ctypes
import os
from typing import Any, Final

MS_BIND: Final = 4096
MS_REC: Final = 16384
MS_PRIVATE: Final = 1 << 18
MS_NOSUID: Final = 2
MS_NODEV: Final = 4
MS_NOEXEC: Final = 8
MNT_DETACH: Final = 2

CLONE_NEWNS: Final = 0x00020000
CLONE_NEWUTS: Final = 0x04000000
CLONE_NEWIPC: Final = 0x08000000
CLONE_NEWUSER: Final = 0x10000000
CLONE_NEWPID: Final = 0x20000000
CLONE_NEWNET: Final = 0x40000000

PR_SET_PDEATHSIG: Final = 1
PR_CAPBSET_DROP: Final = 24
PR_SET_NO_NEW_PRIVS: Final = 38
PR_CAP_AMBIENT: Final = 47
PR_CAP_AMBIENT_CLEAR_ALL: Final = 4

_SYS_SECCOMP: Final = 317
_SYS_CAPSET: Final = 126
_SYS_PIVOT_ROOT: Final = 155
_SYS_MOUNT_SETATTR: Final = 442
_AT_FDCWD: Final = -100
_AT_RECURSIVE: Final = 0x8000
_MOUNT_ATTR_RDONLY: Final = 1
_MOUNT_ATTR_NOSUID: Final = 2
_CAPABILITY_VERSION: Final = 0x20080522
_LAST_CAPABILITY: Final = 63

_library: Any = ctypes.CDLL(None, use_errno=True)
_library.syscall.restype = ctypes.c_long


def system_call(number: int, *arguments: Any) -> int:
    """Make a system call by its number.

    Raises:
        OSError: it failed.
    """
    result = int(_library.syscall(ctypes.c_long(number), *map(_as_argument, arguments)))
    if result < 0:
        raise _error()
    return result


def prctl(option: int, *arguments: int) -> None:
    """Change something about this process.

    Raises:
        OSError: it failed.
    """
    padded = [ctypes.c_ulong(argument) for argument in (*arguments, 0, 0, 0, 0)[:4]]
    if _library.prctl(ctypes.c_int(option), *padded) < 0:
        raise _error()


def unshare(flags: int) -> None:
    """Leave namespaces for new ones.

    Raises:
        OSError: the machine does not allow it.
    """
    if _library.unshare(ctypes.c_int(flags)) < 0:
        raise _error()


def mount(source: str, target: str, kind: str, flags: int, options: str = "") -> None:
    """Mount a file system.

    Raises:
        OSError: it failed.
    """
    texts = (source.encode(), target.encode(), kind.encode())
    if _library.mount(*texts, ctypes.c_ulong(flags), options.encode() or None) < 0:
        raise _error(target)


def unmount(target: str) -> None:
    """Take a file system away at once; what is still open in it lives on until it is closed.

    Raises:
        OSError: it failed.
    """
    if _library.umount2(target.encode(), MNT_DETACH) < 0:
        raise _error(target)


def make_read_only(target: str, *, deep: bool = True) -> None:
    """Make a mount read-only, and unless it is said otherwise all mounts below it.

    Raises:
        OSError: the kernel is older than 5.12, or does not allow it.
    """
    attributes = (ctypes.c_uint64 * 4)(_MOUNT_ATTR_RDONLY | _MOUNT_ATTR_NOSUID, 0, 0, 0)
    size = ctypes.sizeof(attributes)
    flags = _AT_RECURSIVE if deep else 0
    system_call(_SYS_MOUNT_SETATTR, _AT_FDCWD, target.encode(), flags, ctypes.byref(attributes), size)


def pivot_root(new_root: str) -> None:
    """Make a folder the root of the file system, and let the old one go.

    Raises:
        OSError: it failed.
    """
    os.chdir(new_root)
    system_call(_SYS_PIVOT_ROOT, b".", b".")
    unmount(".")
    os.chdir("/")


def drop_capabilities() -> None:
    """Give up every right that goes beyond those of an ordinary user, for good.

    Raises:
        OSError: it failed.
    """
    for capability in range(_LAST_CAPABILITY + 1):
        if _library.prctl(PR_CAPBSET_DROP, ctypes.c_ulong(capability), 0, 0, 0) < 0:
            break  # the kernel knows no more of them, or there is no right to drop any: then there is none to lose
    _library.prctl(PR_CAP_AMBIENT, ctypes.c_ulong(PR_CAP_AMBIENT_CLEAR_ALL), 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
    nothing = (ctypes.c_uint32 * 6)()
    system_call(_SYS_CAPSET, ctypes.byref(header), ctypes.byref(nothing))


def seccomp(operation: int, flags: int, argument: Any) -> int:
    """Return what the system call `seccomp` returns.

    Raises:
        OSError: it failed.
    """
    return system_call(_SYS_SECCOMP, operation, flags, argument)


def ioctl(descriptor: int, request: int, argument: Any) -> None:
    """Ask a device.

    Raises:
        OSError: it failed.
    """
    if _library.ioctl(ctypes.c_int(descriptor), ctypes.c_ulong(request), argument) < 0:
        raise _error()


def _as_argument(value: Any) -> Any:
    return ctypes.c_long(value) if isinstance(value, int) else value


def _error(place: str | None = None) -> OSError:
    number = ctypes.get_errno()
    return OSError(number, os.strerror(number), place) if place else OSError(number, os.strerror(number))
