"""What a model may ask of a back end."""

from __future__ import annotations

import enum

from solvers.model import Model


class Feature(enum.StrEnum):
    """A property of models that not every solver takes."""

    INTEGER = "integer columns"
    QUADRATIC_OBJECTIVE = "a quadratic objective"
    INTEGER_QUADRATIC = "integer columns together with quadratic terms"
    QUADRATIC_ROWS = "quadratic rows"
    NONLINEAR = "nonlinear functions"


def features_of(model: Model) -> frozenset[Feature]:
    """Return what a model asks of a back end."""
    found = set()
    if model.is_integer:
        found.add(Feature.INTEGER)
    if model.quadratic_objective is not None:
        found.add(Feature.QUADRATIC_OBJECTIVE)
    if model.quadratic_rows is not None:
        found.add(Feature.QUADRATIC_ROWS)
    if model.nonlinear is not None:
        found.add(Feature.NONLINEAR)
    if model.is_integer and not (model.quadratic_objective is None and model.quadratic_rows is None):
        found.add(Feature.INTEGER_QUADRATIC)
    return frozenset(found)
