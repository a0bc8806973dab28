"""Notices when a package of the user's stands in the way of one of ours.

`solvers`, `data` and `app` are names that a project of the user's may have too; Python takes the first that
it finds on its path.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path


def require_own(package: str) -> None:
    """Check that a package of this distribution is found, and not one of the same name.

    Raises:
        ImportError: another one is; the text says where.
    """
    home = Path(__file__).resolve().parent.parent
    specification = importlib.util.find_spec(package)
    origin = specification.origin if specification is not None else None
    if origin is not None and Path(origin).resolve().parent == home / package:
        return
    if specification is None:
        raise ImportError(f"The package `{package}` of nl2opt is missing; install nl2opt again.")
    found = origin or ", ".join(specification.submodule_search_locations or ["an unknown place"])
    raise ImportError(
        f"nl2opt needs its own package `{package}`, but Python finds {found} first: "
        "rename that file or folder, or start Python from another folder."
    )
