"""Namespaces: a process tree with a file system, processes, network and host name of its own, without root.

What the tree sees of the file system is the folders that Python and its libraries lie in, read-only, and nothing
else: no home, no `/proc`, no other user's files, not even their names.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from solvers.sandbox.inside import system_calls as system

_ALL: Final = (
    system.CLONE_NEWUSER | system.CLONE_NEWNS | system.CLONE_NEWPID | system.CLONE_NEWNET | system.CLONE_NEWIPC
    | system.CLONE_NEWUTS
)  # fmt: skip
_LIBRARY_FOLDERS: Final = ("/usr", "/lib", "/lib32", "/lib64", "/libx32")
_FILES: Final = ("/etc/ld.so.cache", "/etc/localtime", "/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")
_PROCESSORS: Final = "/sys/devices/system/cpu"
"""Solvers count the processors here."""
JOBS: Final = "/jobs"
"""Where each run has its private folder."""


def enter_namespaces() -> None:
    """Move this process, which must have one thread, into new namespaces, as the first process there.

    The process that called stays behind and ends with what it has become; only the new one returns.

    Raises:
        OSError: the machine does not allow it; nothing has changed then.
    """
    user, group = os.getuid(), os.getgid()
    system.unshare(_ALL)
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1", encoding="ascii")
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
    system.prctl(system.PR_SET_PDEATHSIG, signal.SIGKILL)


def python_folders() -> list[str]:
    """Return the folders that Python and its libraries are read from, none below another."""
    folders = {sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix, *_LIBRARY_FOLDERS}
    folders |= {path for path in sys.path if os.path.isdir(path) and _holds_libraries(path)}
    real = sorted({os.path.realpath(folder) for folder in folders if os.path.isdir(folder)} - {"/"})
    return [folder for folder in real if not any(folder.startswith(f"{other}/") for other in real)]


def _holds_libraries(path: str) -> bool:
    """Whether a folder of the search path is one of installed libraries, and not of a project."""
    return any(part in ("site-packages", "dist-packages", "lib-dynload") for part in Path(path).parts)


def see_only(folders: Sequence[str]) -> list[str]:
    """Make a new root that holds some folders, read-only, and an empty folder for runs; return what can be read there.

    Raises:
        OSError: the machine does not allow it.
    """
    root = "/tmp"  # noqa: S108 - only this process sees what is mounted there
    system.mount("none", "/", "", system.MS_REC | system.MS_PRIVATE)
    links = [(path, os.readlink(path)) for path in _LIBRARY_FOLDERS if os.path.islink(path)]
    opened = {path: os.open(path, os.O_PATH) for path in (*folders, *_FILES, _PROCESSORS) if os.path.exists(path)}
    system.mount("tmpfs", root, "tmpfs", system.MS_NOSUID | system.MS_NODEV, "mode=755,size=1m")
    for path, descriptor in opened.items():
        target = root + path
        _make_place(target, is_folder=path not in _FILES)
        system.mount(f"/proc/self/fd/{descriptor}", target, "", system.MS_BIND | system.MS_REC)
        os.close(descriptor)
        if not path.startswith("/dev/"):
            system.make_read_only(target)
    for path, target in links:
        if not os.path.lexists(root + path):
            os.symlink(target, root + path)
    os.mkdir(root + JOBS, 0o755)
    system.mount("tmpfs", root + JOBS, "tmpfs", system.MS_NOSUID | system.MS_NODEV, "mode=755,size=1m")
    system.pivot_root(root)
    system.make_read_only("/", deep=False)
    return [path for path, _ in links] + list(opened)


def _make_place(target: str, *, is_folder: bool) -> None:
    Path(target).parent.mkdir(parents=True, exist_ok=True)
    if is_folder:
        Path(target).mkdir(exist_ok=True)
    else:
        Path(target).touch()
