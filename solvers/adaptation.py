"""Rewrites what a back end lacks into what it has, exactly.

A rewrite keeps the columns of a model in their places and adds columns and rows behind them, so that a point of the
rewritten model, cut to the columns of the model itself, is a point of the model with the same objective.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Final

from solvers.errors import UnsupportedModelError
from solvers.features import Feature, features_of
from solvers.model import Model
from solvers.reformulation.cones import without_cones
from solvers.reformulation.constraints import without_global_constraints
from solvers.reformulation.indicators import without_indicators
from solvers.reformulation.products import without_products

REWRITES: Final[Mapping[Feature, Callable[[Model], Model]]] = MappingProxyType(
    {
        Feature.GLOBAL: without_global_constraints,
        Feature.INDICATOR: without_indicators,
        Feature.CONE: without_cones,
        Feature.INTEGER_QUADRATIC: without_products,
        Feature.QUADRATIC_ROWS: partial(without_products, of_objective=False),
        Feature.QUADRATIC_OBJECTIVE: partial(without_products, of_rows=False),
    }
)
"""What writes a feature in terms of others, in the order in which they are tried: global constraints may become
conditional rows, and cones products. Each raises `UnsupportedModelError` where the model does not allow it, such as a
column without the bound that a big-M needs, or returns the model itself where there is no way at all."""

_WORDS: Final[Mapping[Feature, str]] = MappingProxyType(
    {
        Feature.GLOBAL: "global constraints",
        Feature.INDICATOR: "conditional rows",
        Feature.CONE: "second-order cones",
        Feature.INTEGER_QUADRATIC: "products with whole columns",
        Feature.QUADRATIC_ROWS: "products with whole columns",
        Feature.QUADRATIC_OBJECTIVE: "products with whole columns",
    }
)


def adapted(model: Model, features: frozenset[Feature]) -> Model:
    """Return a model that asks for the features of a back end only; the model itself where it does already.

    Args:
        model: what is to be solved.
        features: what the back end takes.

    Raises:
        UnsupportedModelError: a feature that is missing cannot be rewritten.
    """
    if (features_of(model) - features) - REWRITES.keys():
        raise _missing(features_of(model) - features)
    for feature, rewrite in REWRITES.items():
        if feature in features_of(model) - features:
            model = rewrite(model)
    missing = features_of(model) - features
    if missing:
        raise _missing(missing)
    return model


def rewriting(model: Model, rewritten: Model) -> str:
    """Say in words what of a model was rewritten, as in "conditional rows were written as linear rows"."""
    gone = features_of(model) - features_of(rewritten)
    held = list(dict.fromkeys(words for feature, words in _WORDS.items() if feature in gone))
    if not held:
        return ""
    listed = held[0] if len(held) == 1 else f"{', '.join(held[:-1])} and {held[-1]}"
    target = "linear rows"
    if Feature.INDICATOR in features_of(rewritten):
        target = "conditional rows"
    elif Feature.CONE in gone:
        target = "quadratic rows"
    return f"{listed} were written as {target}"


def _missing(features: frozenset[Feature]) -> UnsupportedModelError:
    return UnsupportedModelError(f"{' and '.join(sorted(features))} cannot be rewritten.")
