"""Reads models of OR-Tools' MathOpt."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np

from solvers.indicators import IndicatorRows
from solvers.model import Model
from solvers.sandbox.inside.harvest.entries import Entries
from solvers.sandbox.inside.harvest.found import Found, NoModelError, distinct
from solvers.sandbox.inside.harvest.labels import labels_of
from solvers.sandbox.inside.harvest.memory import Memory, remembers_makers, wrapped
from solvers.sandbox.inside.harvest.renaming import Renaming

LIBRARY: Final = "mathopt"
TRIGGER: Final = "ortools.math_opt.python.mathopt"
_STATUS: Final = {
    "OPTIMAL": "optimal",
    "INFEASIBLE": "infeasible",
    "UNBOUNDED": "unbounded",
    "INFEASIBLE_OR_UNBOUNDED": "infeasible_or_unbounded",
    "IMPRECISE": "unknown",
    "FEASIBLE": "feasible",
    "NO_SOLUTION_FOUND": "limit",
}
_LACKING: Final = ("GUROBI", "GLPK", "OSQP", "ECOS", "SCS", "SANTORINI")
_OTHER_CONSTRAINTS: Final = {
    "second_order_cone_constraints": "a second-order cone",
    "sos1_constraints": "a special ordered set",
    "sos2_constraints": "a special ordered set",
}


def watch(memory: Memory, renaming: Renaming) -> None:
    """Let models of MathOpt tell the memory.

    Args:
        memory: of the program.
        renaming: whether solvers that are not there are replaced.
    """
    from ortools.math_opt.python import mathopt
    from ortools.math_opt.python import solve as solving

    remembers_makers(memory, LIBRARY, mathopt.Model)

    def solver_for(asked: Any) -> Any:
        name = getattr(asked, "name", "")
        if not renaming.is_on or name not in _LACKING:
            return asked
        renaming.told(name, "SCIP")
        return mathopt.SolverType.GSCIP

    def solve(former: Callable[..., Any], opt_model: Any, solver_type: Any, *arguments: Any, **named: Any) -> Any:
        with memory.inside() as is_outermost:
            result = former(opt_model, solver_for(solver_type), *arguments, **named)
            if is_outermost:
                memory.solved(LIBRARY, opt_model, result)
            return result

    def make_incremental(
        former: Callable[..., Any], self: Any, opt_model: Any, solver_type: Any, *arguments: Any, **named: Any
    ) -> None:
        former(self, opt_model, solver_for(solver_type), *arguments, **named)
        self._solved_model = opt_model

    def solve_incremental(former: Callable[..., Any], self: Any, *arguments: Any, **named: Any) -> Any:
        result = former(self, *arguments, **named)
        memory.solved(LIBRARY, self._solved_model, result)
        return result

    wrapped(solving, "solve", solve)
    mathopt.solve = solving.solve
    wrapped(mathopt.IncrementalSolver, "__init__", make_incremental)
    wrapped(mathopt.IncrementalSolver, "solve", solve_incremental)


def found(model: Any, result: Any, namespace: Mapping[str, Any]) -> Found:
    """Read a model."""
    proto = model.export_model()
    ids = list(proto.variables.ids)
    places = {number: place for place, number in enumerate(ids)}
    labels = labels_of(namespace, lambda held: _place(held, model, places))
    given = list(proto.variables.names) or [""] * len(ids)
    names = distinct([name or labels.get(place, "") for place, name in enumerate(given)], unnamed="x")
    read = Found(
        library=LIBRARY,
        status="not_solved" if result is None else _STATUS.get(result.termination.reason.name, "unknown"),
        sense="maximize" if proto.objective.maximize else "minimize",
    )
    if result is not None and result.has_primal_feasible_solution():
        values = {variable.id: value for variable, value in result.variable_values().items()}
        read.values = {name: values[number] for name, number in zip(names, ids, strict=True) if number in values}
        read.objective = result.objective_value()
    try:
        read.model = _flat_model(proto, places, names)
    except NoModelError as error:
        read.why_no_model = str(error)
    return read


def _place(held: Any, model: Any, places: Mapping[int, int]) -> int | None:
    if type(held).__name__ != "Variable" or getattr(held, "elemental", None) is not getattr(model, "_elemental", 0):
        return None
    return places.get(held.id)


def _flat_model(proto: Any, places: dict[int, int], names: list[str]) -> Model:
    for kind, words in _OTHER_CONSTRAINTS.items():
        if len(getattr(proto, kind, ())):
            raise NoModelError(f"It holds {words}, which stands in no file of rows.")
    if len(getattr(proto, "auxiliary_objectives", ())):
        raise NoModelError("It has more than one objective.")
    variables, objective = proto.variables, proto.objective
    entries = Entries(names, maximize=objective.maximize, constant=objective.offset)
    entries.bounds(variables.lower_bounds, variables.upper_bounds)
    entries.whole(place for place, is_whole in enumerate(variables.integers) if is_whole)
    linear = objective.linear_coefficients
    entries.costs((places[number] for number in linear.ids), linear.values)
    for first, second, value in _products(objective.quadratic_coefficients):
        entries.product(-1, places[first], places[second], value)
    rows, matrix = proto.linear_constraints, proto.linear_constraint_matrix
    row_ids = np.asarray(matrix.row_ids, np.int64)
    order = np.argsort(row_ids, kind="stable")
    columns = [places[number] for number in np.asarray(matrix.column_ids, np.int64)[order].tolist()]
    values = np.asarray(matrix.coefficients, np.float64)[order].tolist()
    begins = np.searchsorted(row_ids[order], np.asarray(rows.ids, np.int64)).tolist()
    ends = np.searchsorted(row_ids[order], np.asarray(rows.ids, np.int64), side="right").tolist()
    row_names = list(rows.names) or [""] * len(begins)
    for place, (begin, end) in enumerate(zip(begins, ends, strict=True)):
        entries.row(
            columns[begin:end], values[begin:end], rows.lower_bounds[place], rows.upper_bounds[place], row_names[place]
        )
    for constraint in proto.quadratic_constraints.values():
        terms = constraint.linear_terms
        row = entries.row(
            [places[number] for number in terms.ids], list(terms.values), constraint.lower_bound,
            constraint.upper_bound, constraint.name,
        )  # fmt: skip
        for first, second, value in _products(constraint.quadratic_terms):
            entries.product(row, places[first], places[second], value)
    return _with_conditions(proto, places, entries)


def _products(terms: Any) -> Any:
    return zip(terms.row_ids, terms.column_ids, terms.coefficients, strict=True)


def _with_conditions(proto: Any, places: dict[int, int], entries: Entries) -> Model:
    rows, columns, values = [], [], []
    for constraint in proto.indicator_constraints.values():
        terms = constraint.expression
        rows.append(
            entries.row(
                [places[number] for number in terms.ids], list(terms.values), constraint.lower_bound,
                constraint.upper_bound, constraint.name,
            )
        )  # fmt: skip
        columns.append(places[constraint.indicator_id])
        values.append(0 if constraint.activate_on_zero else 1)
    model = entries.model()
    if not rows:
        return model
    indicators = IndicatorRows(row=np.array(rows), column=np.array(columns), value=np.array(values, np.uint8))
    return replace(model, indicators=indicators)
