"""Reads models of MathOpt."""

from __future__ import annotations

from typing import Any, Final

from solvers.sandbox.inside.harvest.flat import FlatModel, FlatRow, NoFileError, bound
from solvers.sandbox.inside.harvest.names import names_in
from solvers.sandbox.inside.harvest.records import Record, Records

_STATUSES: Final = {
    "OPTIMAL": "optimal", "INFEASIBLE": "infeasible", "UNBOUNDED": "unbounded", "FEASIBLE": "limit",
    "INFEASIBLE_OR_UNBOUNDED": "infeasible_or_unbounded", "NO_SOLUTION_FOUND": "limit", "IMPRECISE": "feasible",
}  # fmt: skip


def watch(records: Records) -> None:
    """Remember each model that is made, and each solve."""
    from ortools.math_opt.python import mathopt

    make, solve = mathopt.Model.__init__, mathopt.solve

    def made(self: Any, *arguments: Any, **options: Any) -> None:
        make(self, *arguments, **options)
        records.made("mathopt", self)

    def solved(model: Any, *arguments: Any, **options: Any) -> Any:
        result = solve(model, *arguments, **options)
        records.solved("mathopt", model, _STATUSES.get(result.termination.reason.name, "unknown"), result)
        return result

    mathopt.Model.__init__ = made
    mathopt.solve = solved


def told(record: Record, namespace: dict[str, Any]) -> dict[str, Any]:
    """Return what a model says."""
    proto = record.model.export_model()
    content: dict[str, Any] = {
        "library": "mathopt",
        "status": record.status,
        "sense": "maximize" if proto.objective.maximize else "minimize",
    }
    known = names_in(namespace, "Variable", lambda variable: int(variable.id))
    ids = list(proto.variables.ids)
    given = list(proto.variables.names) or [""] * len(ids)
    names = [name or known.get(id_, f"x{id_}") for id_, name in zip(ids, given, strict=True)]
    result = record.solver
    if result is not None and result.has_primal_feasible_solution():
        held = {variable.id: value for variable, value in result.variable_values().items()}
        content["values"] = {name: held[id_] for id_, name in zip(ids, names, strict=True) if id_ in held}
        content["objective"] = result.objective_value()
    try:
        content["model"] = _flat(proto, ids, names).report()
    except NoFileError as error:
        content["why_no_model"] = str(error)
    return content


def _flat(proto: Any, ids: list[int], names: list[str]) -> FlatModel:
    for kind in ("indicator_constraints", "sos1_constraints", "sos2_constraints", "second_order_cone_constraints"):
        if len(getattr(proto, kind)):
            raise NoFileError(f"The model has {kind.replace('_', ' ')}, which no exchange file holds here.")
    if len(proto.auxiliary_objectives):
        raise NoFileError("The model has several objectives.")
    place = {id_: k for k, id_ in enumerate(ids)}
    linear = proto.linear_constraints
    rows = {
        id_: FlatRow({}, bound(lower, -1), bound(upper, 1))
        for id_, lower, upper in zip(linear.ids, linear.lower_bounds, linear.upper_bounds, strict=True)
    }
    matrix = proto.linear_constraint_matrix
    for row, column, value in zip(matrix.row_ids, matrix.column_ids, matrix.coefficients, strict=True):
        rows[row].coefficients[place[column]] = float(value)  # type: ignore[index]
    variables, objective = proto.variables, proto.objective
    return FlatModel(
        maximize=bool(objective.maximize),
        names=names,
        lower=[bound(value, -1) for value in variables.lower_bounds],
        upper=[bound(value, 1) for value in variables.upper_bounds],
        whole=[bool(value) for value in variables.integers],
        objective=_vector(objective.linear_coefficients, place),
        constant=float(objective.offset),
        products=_pairs(objective.quadratic_coefficients, place),
        rows=[*rows.values(), *(_curved(row, place) for row in proto.quadratic_constraints.values())],
    )


def _curved(row: Any, place: dict[int, int]) -> FlatRow:
    products = _pairs(row.quadratic_terms, place)
    return FlatRow(_vector(row.linear_terms, place), bound(row.lower_bound, -1), bound(row.upper_bound, 1), products)


def _vector(held: Any, place: dict[int, int]) -> dict[int, float]:
    return {place[id_]: float(value) for id_, value in zip(held.ids, held.values, strict=True)}


def _pairs(held: Any, place: dict[int, int]) -> dict[tuple[int, int], float]:
    triples = zip(held.row_ids, held.column_ids, held.coefficients, strict=True)
    pairs: dict[tuple[int, int], float] = {}
    for first, second, value in triples:
        pair = (min(place[first], place[second]), max(place[first], place[second]))
        pairs[pair] = pairs.get(pair, 0.0) + float(value)
    return pairs
