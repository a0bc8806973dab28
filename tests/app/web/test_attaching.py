from __future__ import annotations

from dataclasses import dataclass

import pytest

from app.web import attaching


@dataclass
class File:
    name: str
    content: bytes = b"a,b\n1,2\n"

    def getvalue(self) -> bytes:
        return self.content


def test_files_are_kept_by_names_until_they_are_removed() -> None:
    found = attaching.kept([File("orders.csv"), File("orders.xlsx", b"x"), File("Week 48 (new).csv")])
    assert list(found) == ["orders", "orders_2", "Week_48_new_"]
    assert [path.read_bytes() for path in found.values()] == [b"a,b\n1,2\n", b"x", b"a,b\n1,2\n"]
    assert attaching.arguments(found) == {"data": found}
    attaching.remove_all()
    assert not any(path.exists() for path in found.values())


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "..", "", ".hidden", "a/../b"])
def test_a_name_is_no_path(name: str) -> None:
    (path,) = attaching.kept([File(name)]).values()
    assert path.is_file()
    assert path.parent.name.startswith("nl2opt-tables-")
    attaching.remove_all()


def test_without_tables_nothing_is_said_of_them() -> None:
    assert attaching.kept([]) == {}
    assert attaching.arguments({}) == {}
