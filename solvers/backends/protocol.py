"""What a back end is: a name, what it takes, and one verb."""

from __future__ import annotations

import threading
from typing import Protocol

from solvers.events import OnSolverEvent
from solvers.features import Feature
from solvers.model import Model
from solvers.options import SolveOptions
from solvers.solution import Solution


class BackEnd(Protocol):
    """A solver.

    Attributes:
        name: by which it is asked for, in lower case.
        title: for people.
        package: the module that brings it, which is imported when it is first used.
        install: what `pip install` takes to bring it.
        suits: the models that it is made for, in words, as in "linear models".
        features: what models may ask of it.
        is_chosen: whether `auto` may choose it: not for solvers that find local optima only, nor for a second
            opinion that another back end gives better.
    """

    @property
    def name(self) -> str: ...  # noqa: D102 - see the class
    @property
    def title(self) -> str: ...  # noqa: D102
    @property
    def package(self) -> str: ...  # noqa: D102
    @property
    def install(self) -> str: ...  # noqa: D102
    @property
    def suits(self) -> str: ...  # noqa: D102
    @property
    def features(self) -> frozenset[Feature]: ...  # noqa: D102
    @property
    def is_chosen(self) -> bool: ...  # noqa: D102

    def refusal(self, model: Model) -> str | None:
        """Return why a model is not taken although its features are; `None` where it is."""
        ...

    def solve(
        self,
        model: Model,
        *,
        options: SolveOptions,
        on_event: OnSolverEvent | None,
        cancel: threading.Event | None,
    ) -> Solution:
        """Solve a valid model that this back end takes."""
        ...
