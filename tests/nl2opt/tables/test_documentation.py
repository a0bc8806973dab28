"""The examples of docs/tables.md do what they show."""

from __future__ import annotations

import doctest
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_the_examples_about_tables_do_what_they_show() -> None:
    result = doctest.testfile(str(ROOT / "docs" / "tables.md"), module_relative=False, encoding="utf-8")
    assert result.attempted > 10
    assert result.failed == 0
