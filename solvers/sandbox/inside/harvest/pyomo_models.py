"""Reads Pyomo models, and remembers them when they are solved."""

from __future__ import annotations

import math
from typing import Any, Final

from solvers.sandbox.inside.harvest.flat import FlatModel, FlatRow, NoFileError
from solvers.sandbox.inside.harvest.records import Record, Records

_KNOWN: Final = {
    "Var", "Param", "Set", "RangeSet", "Constraint", "Objective", "Expression", "Block", "Suffix", "BuildAction",
    "BuildCheck", "ConcreteModel", "AbstractModel", "LogicalConstraint",
}  # fmt: skip
STATUSES: Final = {
    "optimal": "optimal", "globallyOptimal": "optimal", "locallyOptimal": "feasible", "feasible": "feasible",
    "convergenceCriteriaSatisfied": "optimal", "infeasible": "infeasible", "provenInfeasible": "infeasible",
    "locallyInfeasible": "unknown", "unbounded": "unbounded", "infeasibleOrUnbounded": "infeasible_or_unbounded",
    "maxTimeLimit": "limit", "maxIterations": "limit", "iterationLimit": "limit",
}  # fmt: skip
"""Termination conditions of Pyomo, old and new."""


def watch(records: Records) -> None:
    """Remember each model that is made."""
    from pyomo.core.base.PyomoModel import ConcreteModel

    plain = ConcreteModel.__init__

    def remembered(self: Any, *arguments: Any, **options: Any) -> None:
        plain(self, *arguments, **options)
        records.made("pyomo", self)

    ConcreteModel.__init__ = remembered


def found(namespace: dict[str, Any], records: Records) -> None:
    """Remember the models among the names of a program that were made in another way."""
    from pyomo.core.base.PyomoModel import Model

    for value in list(namespace.values()):
        if isinstance(value, Model) and value.is_constructed():
            records.made("pyomo", value)


def told(record: Record) -> dict[str, Any]:
    """Return what a model says."""
    import pyomo.environ as pyo

    model = record.model
    variables = list(model.component_data_objects(pyo.Var, active=True, descend_into=True))
    objectives = list(model.component_data_objects(pyo.Objective, active=True, descend_into=True))
    values = {variable.name: variable.value for variable in variables if variable.value is not None}
    content: dict[str, Any] = {"library": "pyomo", "status": record.status}
    if len(objectives) == 1:
        content["sense"] = "minimize" if objectives[0].sense == pyo.minimize else "maximize"
    if record.status in ("optimal", "feasible", "limit") and values:
        content["values"] = values
        if objectives:
            content["objective"] = pyo.value(objectives[0], exception=False)
    try:
        content["model"] = _flat(model, variables, objectives).report()
    except NoFileError as error:
        content["why_no_model"] = str(error)
    return content


def _flat(model: Any, variables: list[Any], objectives: list[Any]) -> FlatModel:
    import pyomo.environ as pyo

    _refuse_unknown(model)
    if len(objectives) > 1:
        raise NoFileError(f"The model has {len(objectives)} active objectives.")
    free = [variable for variable in variables if not variable.fixed]
    places = {id(variable): place for place, variable in enumerate(free)}
    rows: list[FlatRow] = []
    for constraint in model.component_data_objects(pyo.Constraint, active=True, descend_into=True):
        constant, coefficients, products = _terms(constraint.body, places, constraint.name)
        lower, upper = _side(constraint.lower, -math.inf), _side(constraint.upper, math.inf)
        rows.append(FlatRow(coefficients, lower - constant, upper - constant, products))
    aim: Any = objectives[0].expr if objectives else 0.0
    constant, coefficients, products = _terms(aim, places, "the objective")
    return FlatModel(
        maximize=bool(objectives) and objectives[0].sense != pyo.minimize,
        names=[variable.name for variable in free],
        lower=[_side(variable.lb, -math.inf) for variable in free],
        upper=[_side(variable.ub, math.inf) for variable in free],
        whole=[not variable.is_continuous() for variable in free],
        objective=coefficients,
        constant=constant,
        products=products,
        rows=rows,
    )


def _refuse_unknown(model: Any) -> None:
    for block in model.block_data_objects(active=True):
        for component in block.component_objects(active=True, descend_into=False):
            kind = component.ctype.__name__
            if kind not in _KNOWN:
                raise NoFileError(f"The model holds {component.name}, a {kind}, which is no plain row.")


def _side(value: Any, default: float) -> float:
    import pyomo.environ as pyo

    return default if value is None else float(pyo.value(value))


def _terms(expression: Any, places: dict[int, int], where: str) -> tuple[float, dict[int, float], dict[Any, float]]:
    """Return the constant, the coefficients and the products of an expression."""
    from pyomo.repn import generate_standard_repn

    parts = generate_standard_repn(expression, compute_values=True, quadratic=True)
    if parts.nonlinear_expr is not None:
        raise NoFileError(f"The model is nonlinear in {where}, which no exchange file holds.")
    coefficients: dict[int, float] = {}
    for value, variable in zip(parts.linear_coefs, parts.linear_vars, strict=True):
        place = places[id(variable)]
        coefficients[place] = coefficients.get(place, 0.0) + float(value)
    products: dict[tuple[int, int], float] = {}
    for value, (first, second) in zip(parts.quadratic_coefs, parts.quadratic_vars, strict=True):
        pair = (places[id(first)], places[id(second)])
        pair = (min(pair), max(pair))
        products[pair] = products.get(pair, 0.0) + float(value)
    return float(parts.constant), coefficients, products
