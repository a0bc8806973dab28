"""The private folder of one run: a file system of its own in memory where that is allowed, else a folder."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat

from solvers.sandbox.inside import system_calls as system
from solvers.sandbox.inside.layers import Ground


class JobFolder:
    """Made before a run, gone after it."""

    def __init__(self, ground: Ground, *, size: int, files: int) -> None:
        """Make it.

        Args:
            ground: of the worker.
            size: bytes that it may hold.
            files: files and folders that it may hold.

        Raises:
            OSError: it cannot be made: no space, no rights.
        """
        self.path = f"{ground.jobs}/{secrets.token_hex(8)}"
        self._size, self._files, self._is_mount = size, files, ground.own_root
        os.mkdir(self.path, 0o700)
        if not self._is_mount:
            return
        try:
            options = f"mode=700,size={size},nr_inodes={files + 1}"
            system.mount("tmpfs", self.path, "tmpfs", system.MS_NOSUID | system.MS_NODEV | system.MS_NOEXEC, options)
        except OSError:
            os.rmdir(self.path)
            raise

    @property
    def needs_watching(self) -> bool:
        """Whether nothing but looking keeps the folder within its limits."""
        return not self._is_mount

    def is_over(self) -> bool:
        """Whether the folder holds more than it may, or hides what it holds: so deep or locked that nobody can look."""
        size = count = 0
        waiting = [self.path]
        while waiting:
            try:
                with os.scandir(waiting.pop()) as entries:
                    for entry in entries:
                        count += 1
                        if entry.is_dir(follow_symlinks=False):
                            waiting.append(entry.path)
                        else:
                            size += entry.stat(follow_symlinks=False).st_blocks * 512
                        if count > self._files or size > self._size:
                            return True
            except FileNotFoundError:  # gone since it was listed
                continue
            except OSError:
                return True
        return False

    def remove(self) -> None:
        """Let it go with all that it holds."""
        if self._is_mount:
            with contextlib.suppress(OSError):
                system.unmount(self.path)
            with contextlib.suppress(OSError):
                os.rmdir(self.path)
            return
        remove_folder(self.path)


def remove_folder(path: str) -> None:
    """Remove a folder with all that it holds, however deep that lies, following no links.

    A folder within a folder is moved up before it is looked at, so that no path grows long.
    """
    with contextlib.suppress(OSError):
        os.chmod(path, stat.S_IRWXU)
    while True:
        try:
            with os.scandir(path) as entries:
                found = [(entry.path, entry.is_dir(follow_symlinks=False)) for entry in entries]
        except OSError:
            break
        removed = [_remove_entry(path, entry, is_folder=is_folder) for entry, is_folder in found]
        if not any(removed):
            break
    with contextlib.suppress(OSError):
        os.rmdir(path)


def _remove_entry(top: str, path: str, *, is_folder: bool) -> bool:
    """Remove a file, or move what a folder holds to the top and remove it; return whether that was done."""
    try:
        if not is_folder:
            os.unlink(path)
            return True
        os.chmod(path, stat.S_IRWXU)
        with os.scandir(path) as entries:
            for entry in list(entries):
                if entry.is_dir(follow_symlinks=False):
                    os.chmod(entry.path, stat.S_IRWXU)  # to move a folder is to write in it
                    os.rename(entry.path, f"{top}/{secrets.token_hex(8)}")
                else:
                    os.unlink(entry.path)
        os.rmdir(path)
    except OSError:
        return False
    return True
