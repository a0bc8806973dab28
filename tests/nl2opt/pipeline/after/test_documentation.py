"""The examples of docs/after.md do what they show."""

from __future__ import annotations

import doctest

import pytest

from tests.nl2opt.pipeline.after.cases import ROOT


def test_the_examples_do_what_they_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    result = doctest.testfile(str(ROOT / "docs" / "after.md"), module_relative=False, encoding="utf-8")
    assert result.attempted > 20
    assert result.failed == 0
