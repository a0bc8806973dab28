"""What a model may ask of a back end."""

from __future__ import annotations

import enum

import numpy as np

from solvers.model import Kind, Model


class Feature(enum.StrEnum):
    """A property of models that not every solver takes."""

    CONTINUOUS = "continuous columns"
    INTEGER = "integer columns"
    QUADRATIC_OBJECTIVE = "a quadratic objective"
    INTEGER_QUADRATIC = "integer columns together with quadratic terms"
    QUADRATIC_ROWS = "quadratic rows"
    NONLINEAR = "nonlinear functions"
    INDICATOR = "rows that hold only under a condition"
    CONE = "second-order cones"
    GLOBAL = "global constraints"


def features_of(model: Model) -> frozenset[Feature]:
    """Return what a model asks of a back end."""
    has_products = model.quadratic_objective is not None or model.quadratic_rows is not None
    held = {
        Feature.CONTINUOUS: bool(np.any(model.column_kind == Kind.CONTINUOUS)),
        Feature.INTEGER: model.is_integer,
        Feature.QUADRATIC_OBJECTIVE: model.quadratic_objective is not None,
        Feature.INTEGER_QUADRATIC: model.is_integer and has_products,
        Feature.QUADRATIC_ROWS: model.quadratic_rows is not None,
        Feature.NONLINEAR: model.nonlinear is not None,
        Feature.INDICATOR: model.indicators is not None,
        Feature.CONE: model.cones is not None,
        Feature.GLOBAL: bool(model.global_constraints),
    }
    return frozenset(feature for feature, is_held in held.items() if is_held)
