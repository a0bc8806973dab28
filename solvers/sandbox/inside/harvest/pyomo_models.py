"""Reads models of Pyomo."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from solvers.model import Model
from solvers.sandbox.inside.harvest.entries import Entries
from solvers.sandbox.inside.harvest.found import Found, NoModelError
from solvers.sandbox.inside.harvest.pyomo_watch import LIBRARY, TRIGGER, made_otherwise, watch

__all__ = ["LIBRARY", "TRIGGER", "flat_model", "found", "made_otherwise", "watch"]

_NO_ROWS: Final = {
    "SOSConstraint": "a special ordered set",
    "Disjunction": "a disjunction",
    "LogicalConstraint": "a logical constraint",
    "Complementarity": "a complementarity",
    "ComplementarityList": "a complementarity",
    "Arc": "arcs of a network",
    "Integral": "an integral",
}


def found(model: Any, detail: Any, namespace: Mapping[str, Any]) -> Found | None:
    """Read a model; `None` where it has no data yet."""
    import pyomo.environ as pyo

    if not model.is_constructed():
        return None
    objectives = list(model.component_data_objects(pyo.Objective, active=True, descend_into=True))
    result = Found(library=LIBRARY, status=detail or "not_solved")
    if len(objectives) == 1:
        result.sense = "maximize" if objectives[0].sense == pyo.maximize else "minimize"
    if result.status not in ("infeasible", "unbounded", "infeasible_or_unbounded", "not_solved"):
        result.values = {
            variable.name: variable.value
            for variable in model.component_data_objects(pyo.Var, descend_into=True)
            if variable.value is not None
        }
        if len(objectives) == 1:
            result.objective = pyo.value(objectives[0], exception=False)
        if result.status == "limit" and result.values:
            result.status = "feasible"
    try:
        result.model = flat_model(model, objectives)
    except NoModelError as error:
        result.why_no_model = str(error)
    return result


def flat_model(model: Any, objectives: list[Any]) -> Model:
    """Return the rows of a model whose constraints are linear or quadratic.

    Raises:
        NoModelError: it has more than that.
    """
    import pyomo.environ as pyo
    from pyomo.repn.standard_repn import generate_standard_repn

    for kind in model.collect_ctypes(active=True, descend_into=True):
        if kind.__name__ in _NO_ROWS:
            raise NoModelError(f"It holds {_NO_ROWS[kind.__name__]}, which stands in no file of rows.")
    if len(objectives) > 1:
        raise NoModelError(
            f"It has {len(objectives)} active objectives: {', '.join(one.name for one in objectives[:5])}."
        )
    parts = [(one, one.expr) for one in objectives]
    parts += [(one, one.body) for one in model.component_data_objects(pyo.Constraint, active=True, descend_into=True)]
    places: dict[int, int] = {}
    variables: list[Any] = []

    def place(variable: Any) -> int:
        found = places.get(id(variable))
        if found is None:
            found = places[id(variable)] = len(variables)
            variables.append(variable)
        return found

    read = []
    for part, body in parts:
        repn = generate_standard_repn(body, quadratic=True)
        if repn.nonlinear_expr is not None:
            raise NoModelError(f"{part.name} is neither linear nor quadratic.")
        linear = [place(variable) for variable in repn.linear_vars]
        products = [(place(first), place(second)) for first, second in repn.quadratic_vars]
        read.append((part, repn, linear, products))
    entries = Entries(
        [variable.name for variable in variables],
        maximize=bool(objectives) and objectives[0].sense == pyo.maximize,
        constant=float(read[0][1].constant) if objectives else 0.0,
    )
    _add_columns(entries, variables)
    for part, repn, linear, products in read:
        row = -1
        if part.ctype is pyo.Objective:
            entries.costs(linear, repn.linear_coefs)
        else:
            lower, upper = (pyo.value(side) for side in (part.lower, part.upper))
            constant = float(repn.constant)
            row = entries.row(
                linear,
                repn.linear_coefs,
                -float("inf") if lower is None else lower - constant,
                float("inf") if upper is None else upper - constant,
                part.name,
            )
        for (first, second), value in zip(products, repn.quadratic_coefs, strict=True):
            entries.product(row, first, second, value)
    return entries.model()


def _add_columns(entries: Entries, variables: list[Any]) -> None:
    bounds = [variable.bounds for variable in variables]
    entries.bounds(
        (-float("inf") if lower is None else lower for lower, _ in bounds),
        (float("inf") if upper is None else upper for _, upper in bounds),
    )
    for variable in variables:
        if not (variable.is_continuous() or variable.is_integer() or variable.is_binary()):
            raise NoModelError(f"The domain of {variable.name} is neither continuous nor whole.")
    entries.whole(column for column, variable in enumerate(variables) if not variable.is_continuous())
