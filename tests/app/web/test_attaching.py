from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from app.web import attaching


@dataclass
class File:
    name: str
    content: bytes = b"a,b\n1,2\n"

    def getvalue(self) -> bytes:
        return self.content


def test_files_are_written_by_names_of_their_own(tmp_path: Path) -> None:
    files = [File("orders.csv"), File("orders.csv", b"x"), File("Week 48 (new).csv")]
    paths = attaching.written(files, tmp_path)
    assert [path.name for path in paths] == ["orders.csv", "orders_2.csv", "Week_48_new_.csv"]
    assert [path.read_bytes() for path in paths] == [b"a,b\n1,2\n", b"x", b"a,b\n1,2\n"]


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "..", "", ".hidden", "a/../b", "a\x00b"])
def test_a_name_is_no_path(name: str, tmp_path: Path) -> None:
    (path,) = attaching.written([File(name)], tmp_path)
    assert path.is_file()
    assert path.parent == tmp_path


def test_without_files_there_are_no_tables() -> None:
    assert attaching.read([]) is None
