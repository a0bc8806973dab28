"""Rewrites what a back end lacks into what it has, exactly.

A rewrite keeps the columns of a model in their places and adds columns and rows behind them, so that a point of the
rewritten model, cut to the columns of the model itself, is a point of the model with the same objective.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from solvers.errors import UnsupportedModelError
from solvers.features import Feature, features_of
from solvers.model import Model

REWRITES: Final[Mapping[Feature, Callable[[Model], Model]]] = {}
"""What writes a feature in terms of others, in the order in which they are tried; each raises
`UnsupportedModelError` where the model does not allow it, such as a column without the bound that a big-M needs."""


def adapted(model: Model, features: frozenset[Feature]) -> Model:
    """Return a model that asks for the features of a back end only; the model itself where it does already.

    Args:
        model: what is to be solved.
        features: what the back end takes.

    Raises:
        UnsupportedModelError: a feature that is missing cannot be rewritten.
    """
    for feature, rewrite in REWRITES.items():
        if feature in features_of(model) - features:
            model = rewrite(model)
    missing = features_of(model) - features
    if missing:
        raise UnsupportedModelError(f"{' and '.join(sorted(missing))} cannot be rewritten.")
    return model
