"""Notices when a package of the user's stands in the way of one of ours.

`solvers`, `data` and `app` are names that a project of the user's may have too; Python takes the first that
it finds on its path.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path


class ShadowedPackageError(ImportError):
    """Python finds another module where it must find a package of this distribution."""


def require_own(package: str) -> None:
    """Check that a package of this distribution is found, and not a module of the same name.

    Args:
        package: its name, without dots.

    Raises:
        ShadowedPackageError: another one is found, or none; the text is one sentence that says where.
    """
    home = Path(__file__).resolve().parent.parent
    found = _found(package)
    if found is None:
        raise ShadowedPackageError(f"The package `{package}` of nl2opt is missing; install nl2opt again.", name=package)
    if Path(found).resolve().parent == home / package:
        return
    raise ShadowedPackageError(
        f"nl2opt needs its own package `{package}`, but Python finds {found} first: "
        "rename that file or folder, or start Python from another folder.",
        name=package,
        path=found,
    )


def _found(package: str) -> str | None:
    """Return the file that Python imports for a package, or its folders; `None` when there is none."""
    try:
        specification = importlib.util.find_spec(package)
    except ValueError:  # It was put into `sys.modules` by hand.
        return str(getattr(sys.modules[package], "__file__", None) or f"a module `{package}` made by hand")
    if specification is None:
        return None
    return specification.origin or ", ".join(specification.submodule_search_locations or ["an unknown place"])
