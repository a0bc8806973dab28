"""Reads models of CP-SAT, those that are linear."""

from __future__ import annotations

import math
from typing import Any, Final

from solvers.sandbox.inside.harvest.flat import FlatModel, FlatRow, NoFileError, added
from solvers.sandbox.inside.harvest.names import names_in
from solvers.sandbox.inside.harvest.records import Record, Records

_STATUSES: Final = {"OPTIMAL": "optimal", "FEASIBLE": "limit", "INFEASIBLE": "infeasible", "UNKNOWN": "limit"}
_ENDLESS: Final = 2**62
_OTHERS: Final = (
    "all_diff", "automaton", "bool_xor", "circuit", "cumulative", "element", "int_div", "int_mod", "int_prod",
    "inverse", "lin_max", "no_overlap", "no_overlap_2d", "reservoir", "routes", "table",
)  # fmt: skip


def watch(records: Records) -> None:
    """Remember each model that is made, and each solve."""
    from ortools.sat.python import cp_model as library

    cp_model: Any = library
    make, solve = cp_model.CpModel.__init__, cp_model.CpSolver.solve

    def made(self: Any, *arguments: Any, **options: Any) -> None:
        make(self, *arguments, **options)
        records.made("cp_sat", self)

    def solved(self: Any, model: Any, *arguments: Any, **options: Any) -> Any:
        status = solve(self, model, *arguments, **options)
        records.solved("cp_sat", model, _STATUSES.get(self.status_name(status), "unknown"), self)
        return status

    cp_model.CpModel.__init__ = made
    cp_model.CpSolver.solve = solved
    if hasattr(cp_model.CpSolver, "Solve"):
        cp_model.CpSolver.Solve = solved


def told(record: Record, namespace: dict[str, Any]) -> dict[str, Any]:
    """Return what a model says."""
    proto = record.model.proto
    known = names_in(namespace, "IntVar", lambda variable: int(variable.index))
    names = [variable.name or known.get(k, f"x{k}") for k, variable in enumerate(proto.variables)]
    content: dict[str, Any] = {"library": "cp_sat", "status": record.status}
    if proto.has_objective():
        content["sense"] = "maximize" if proto.objective.scaling_factor < 0 else "minimize"
    elif proto.has_floating_point_objective():
        content["sense"] = "maximize" if proto.floating_point_objective.maximize else "minimize"
    point = list(record.solver.response_proto.solution) if record.solver is not None else []
    if point:
        content["values"] = dict(zip(names, point, strict=False))
        if "sense" in content:
            content["objective"] = float(record.solver.objective_value)
    elif record.status == "limit":
        content["status"] = "limit"
    try:
        content["model"] = _flat(proto, names).report()
    except NoFileError as error:
        content["why_no_model"] = str(error)
    return content


def _flat(proto: Any, names: list[str]) -> FlatModel:
    domains = [list(variable.domain) for variable in proto.variables]
    if any(len(domain) > 2 for domain in domains):
        raise NoFileError("The model has variables whose values have gaps.")
    objective, constant, maximize = _objective(proto)
    return FlatModel(
        maximize=maximize,
        names=names,
        lower=[_side(domain[0]) for domain in domains],
        upper=[_side(domain[-1]) for domain in domains],
        whole=[True] * len(names),
        objective=objective,
        constant=constant,
        rows=[row for constraint in proto.constraints if (row := _row(constraint)) is not None],
    )


def _side(value: int) -> float:
    return math.copysign(math.inf, value) if abs(value) >= _ENDLESS else float(value)


def _objective(proto: Any) -> tuple[dict[int, float], float, bool]:
    if proto.has_objective():
        held = proto.objective
        scale = held.scaling_factor or 1.0
        terms = _terms(held.vars, held.coeffs, scale)
        return added(iter(terms[0])), scale * (held.offset + terms[1]), scale < 0
    if proto.has_floating_point_objective():
        held = proto.floating_point_objective
        terms = _terms(held.vars, held.coeffs, 1.0)
        return added(iter(terms[0])), held.offset + terms[1], bool(held.maximize)
    return {}, 0.0, False


def _terms(variables: Any, coefficients: Any, scale: float) -> tuple[list[tuple[int, float]], float]:
    """Return coefficients by column, and what negated variables (-1 - k stands for 1 - x[k] of binaries) add."""
    terms, constant = [], 0.0
    for variable, coefficient in zip(list(variables), list(coefficients), strict=True):
        if variable >= 0:
            terms.append((int(variable), scale * coefficient))
        else:  # minus the variable in expressions
            terms.append((-int(variable) - 1, -scale * coefficient))
    return terms, constant


def _row(constraint: Any) -> FlatRow | None:
    other = next((kind for kind in _OTHERS if getattr(constraint, f"has_{kind}")()), "")
    if other:
        raise NoFileError(f"The model holds `{other}`, which is no linear row.")
    if constraint.has_linear() and not list(constraint.enforcement_literal):
        domain = list(constraint.linear.domain)
        if len(domain) != 2:
            raise NoFileError("The model has a row whose values have gaps, as of `!=`.")
        terms, _ = _terms(constraint.linear.vars, constraint.linear.coeffs, 1.0)
        return FlatRow(added(iter(terms)), _side(domain[0]), _side(domain[1]))
    if list(constraint.enforcement_literal):
        raise NoFileError("The model has rows that hold only under a condition.")
    for kind, least, most in (("bool_or", 1.0, math.inf), ("at_most_one", -math.inf, 1.0), ("exactly_one", 1.0, 1.0)):
        if getattr(constraint, f"has_{kind}")():
            return _literals(list(getattr(constraint, kind).literals), least, most)
    if constraint.has_bool_and():
        literals = list(constraint.bool_and.literals)
        return _literals(literals, float(len(literals)), math.inf)
    return None


def _literals(literals: list[int], least: float, most: float) -> FlatRow:
    """Return the row `least <= sum of literals <= most`; a negative number stands for the negation of a variable."""
    terms = [(k, 1.0) if k >= 0 else (-k - 1, -1.0) for k in literals]
    negated = sum(k < 0 for k in literals)
    return FlatRow(added(iter(terms)), least - negated, most - negated)
