"""What a modelling library has no words for, and the library that has."""

from __future__ import annotations

from typing import Final

from nl2opt.formulation.language.parser import ExpressionError
from nl2opt.formulation.language.syntax import Call
from nl2opt.formulation.language.writer import to_text

_SAID_BY: Final = {"cumulative": "ortools", "circuit": "ortools"}
"""The library that says a demand which PySCIPOpt does not."""
_WHOLE_ONLY: Final = "Make all variables integer, with bounds, and all numbers short decimals: CP-SAT takes it then."


def unsaid(library: str, node: Call) -> ExpressionError:
    """Return the error that says that a library has no words for a demand or a function.

    Args:
        library: the one that has not.
        node: the demand or function.
    """
    return unsaid_thing(library, f"`{node.function}`", to_text(node), said_by=_SAID_BY.get(node.function, "pyscipopt"))


def unsaid_thing(library: str, what: str, text: str, *, said_by: str = "pyscipopt", mend: str = "") -> ExpressionError:
    """Return the error that says that a library has no words for something.

    Args:
        library: the one that has not.
        what: what it is, as a sentence begins.
        text: where it stands.
        said_by: the library that has; where it is the same one, it has them for whole numbers only.
        mend: what helps, where it is no other library.
    """
    message = f"{what} cannot be written as a {library} program"
    mend = mend or (_WHOLE_ONLY if said_by == library else f"Render it to {said_by}.")
    return ExpressionError(f"not_in_{library}", message, text=text, mend=mend)
