from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from nl2opt.chat.engine import engine_for, usable_threads
from nl2opt.errors import ChatUnreachableError, ModelFileError


def test_a_file_that_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"none\.gguf cannot be read \(No such file"):
        engine_for(tmp_path / "none.gguf")


def test_a_folder_is_no_model_file(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="cannot be read"):
        engine_for(tmp_path)


@pytest.mark.parametrize("content", [b"", b"GGU", b"<html>not found</html>"])
def test_a_file_that_is_not_gguf_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "page.gguf"
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match="is not a GGUF model file"):
        engine_for(path)


@pytest.mark.model
def test_a_file_that_was_cut_off_is_refused_by_the_engine(tmp_path: Path, model_file: Path) -> None:
    path = tmp_path / "cut.gguf"
    with model_file.open("rb") as file:
        path.write_bytes(file.read(100_000))
    with pytest.raises(ChatUnreachableError, match=r"llama\.cpp cannot load .*may be damaged"):
        engine_for(path)


def test_an_engine_that_is_not_installed_is_told_with_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    path = tmp_path / "some.gguf"
    path.write_bytes(b"GGUF")
    with pytest.raises(ChatUnreachableError, match=r"pip install 'nl2opt\[local\]'"):
        engine_for(path)


def test_an_engine_uses_the_processors_that_it_may() -> None:
    assert 1 <= usable_threads() <= (os.cpu_count() or 1)
