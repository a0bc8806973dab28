from __future__ import annotations

import doctest
from pathlib import Path

from solvers.sandbox.pool import close_shared_pools

DOCS = Path(__file__).parents[4] / "docs"


def test_what_the_documentation_shows_is_so() -> None:
    try:
        found = doctest.testfile(str(DOCS / "sandbox.md"), module_relative=False, optionflags=doctest.ELLIPSIS)
    finally:
        close_shared_pools()
    assert found.attempted >= 6
    assert found.failed == 0
