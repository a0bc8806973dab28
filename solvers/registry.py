"""The table of back ends, and the choice among them."""

from __future__ import annotations

import threading
from difflib import get_close_matches
from typing import Protocol

from solvers.backends.highs import Highs
from solvers.errors import UnknownSolverError, UnsupportedModelError
from solvers.events import OnSolverEvent
from solvers.features import Feature, features_of
from solvers.model import Model
from solvers.options import SolveOptions
from solvers.solution import Solution


class BackEnd(Protocol):
    """A solver: a name, what it takes, and one verb."""

    @property
    def name(self) -> str:
        """Return the name by which the back end is called."""
        ...

    @property
    def features(self) -> frozenset[Feature]:
        """Return what models may ask of it."""
        ...

    def solve(
        self,
        model: Model,
        *,
        options: SolveOptions,
        on_event: OnSolverEvent | None,
        cancel: threading.Event | None,
    ) -> Solution:
        """Solve a valid model whose features this back end has."""
        ...


BACK_ENDS: tuple[BackEnd, ...] = (Highs(),)
"""All back ends, the preferred ones first."""


def choose(model: Model, solver: str = "auto") -> BackEnd:
    """Return the back end for a model.

    Args:
        model: what is to be solved.
        solver: name of a back end in any letter case, or `auto` for the first that takes the model.

    Raises:
        UnknownSolverError: there is no back end of that name.
        UnsupportedModelError: the back end, or every one, lacks a feature that the model needs.
    """
    wanted, back_end = features_of(model), back_end_named(solver)
    if back_end is None:
        for candidate in BACK_ENDS:
            if wanted <= candidate.features:
                return candidate
        raise UnsupportedModelError(f"No installed solver takes {_named(wanted - BACK_ENDS[0].features, model)}.")
    if not wanted <= back_end.features:
        raise UnsupportedModelError(f"{back_end.name} does not take {_named(wanted - back_end.features, model)}.")
    return back_end


def back_end_named(solver: str) -> BackEnd | None:
    """Return the back end of a name, in any letter case; `None` for `auto`.

    Raises:
        UnknownSolverError: there is no back end of that name.
    """
    name = solver.lower()
    if name == "auto":
        return None
    for back_end in BACK_ENDS:
        if back_end.name == name:
            return back_end
    names = ["auto", *(back_end.name for back_end in BACK_ENDS)]
    near = get_close_matches(name, names, n=1)
    hint = f" Did you mean `{near[0]}`?" if near else ""
    raise UnknownSolverError(f"There is no solver `{solver}`; there are: {', '.join(names)}.{hint}")


def _named(missing: frozenset[Feature], model: Model) -> str:
    """Name the features that are missing; for nonlinear functions also which and where."""
    texts = []
    for feature in sorted(missing):
        held = model.nonlinear.description(model.name_of_row) if model.nonlinear is not None else ""
        texts.append(f"{feature} ({held})" if feature is Feature.NONLINEAR and held else str(feature))
    hint = "; where a divisor is positive, multiply the comparison out" if "division" in texts[-1] else ""
    return " and ".join(texts) + hint
