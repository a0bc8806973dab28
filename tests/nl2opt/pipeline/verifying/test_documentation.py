"""The examples of docs/verification.md do what they show."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]


def test_the_examples_about_verification_do_what_they_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    result = doctest.testfile(str(ROOT / "docs" / "verification.md"), module_relative=False, encoding="utf-8")
    assert result.attempted > 4
    assert result.failed == 0
