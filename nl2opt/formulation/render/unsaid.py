"""What a modelling library has no words for, and the library that has."""

from __future__ import annotations

from typing import Final

from nl2opt.formulation.language.parser import ExpressionError
from nl2opt.formulation.language.syntax import Call
from nl2opt.formulation.language.writer import to_text

_SAID_BY: Final = {"cumulative": "ortools", "circuit": "ortools"}
"""The library that says a demand which PySCIPOpt does not."""


def unsaid(library: str, node: Call) -> ExpressionError:
    """Return the error that says that a library has no words for a demand or a function.

    Args:
        library: the one that has not.
        node: the demand or function.
    """
    return unsaid_thing(library, f"`{node.function}`", to_text(node), said_by=_SAID_BY.get(node.function, "pyscipopt"))


def unsaid_thing(library: str, what: str, text: str, *, said_by: str = "pyscipopt") -> ExpressionError:
    """Return the error that says that a library has no words for something.

    Args:
        library: the one that has not.
        what: what it is, as a sentence begins.
        text: where it stands.
        said_by: the library that has.
    """
    message = f"{what} cannot be written as a {library} program"
    return ExpressionError(f"not_in_{library}", message, text=text, mend=f"Render it to {said_by}.")
