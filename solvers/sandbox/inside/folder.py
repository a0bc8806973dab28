"""The private folder of one run: a file system of its own in memory where that is allowed, else a folder."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from pathlib import Path

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
            system.mount("tmpfs", self.path, "tmpfs", system.MS_NOSUID | system.MS_NODEV, options)
        except OSError:
            os.rmdir(self.path)
            raise

    @property
    def needs_watching(self) -> bool:
        """Whether nothing but looking keeps the folder within its limits."""
        return not self._is_mount

    def is_over(self) -> bool:
        """Whether the folder holds more than it may."""
        size = count = 0
        waiting = [self.path]
        while waiting:
            with contextlib.suppress(OSError), os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    count += 1
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    else:
                        size += entry.stat(follow_symlinks=False).st_blocks * 512
                    if count > self._files or size > self._size:
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
        shutil.rmtree(Path(self.path), ignore_errors=True)
