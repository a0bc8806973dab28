"""Makes a formulation of a model file, so that an old model can be explained, changed and run."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from nl2opt.formulation.exchange.families import Column, Declarations
from nl2opt.formulation.exchange.identifiers import Identifiers
from nl2opt.formulation.language.parser import MAX_EXPRESSION_CHARACTERS
from nl2opt.formulation.schema import Assumption, Bound, Constraint, Domain, Formulation, Objective
from solvers.errors import ExchangeError
from solvers.exchange import DEFAULT_MAX_BYTES, ImportedModel, read_model
from solvers.exchange.numerals import numeral
from solvers.model import Kind, Model

MAX_ENTRIES: Final = 200_000
"""Coefficients of a model that becomes a formulation: a longer text serves nobody."""
_FEWEST_SUMMED: Final = 3
"""Members of a family whose part of the objective is written as one sum."""
MAX_ELEMENTS: Final = 50_000
"""Rows and columns together."""
_DOMAINS: Final[dict[int, Domain]] = {
    Kind.CONTINUOUS: "continuous",
    Kind.INTEGER: "integer",
    Kind.BINARY: "binary",
}


def import_model(path: str | os.PathLike[str], *, max_bytes: int = DEFAULT_MAX_BYTES) -> Formulation:
    """Read an LP or MPS file and write it as a formulation.

    Each column becomes a variable and each row a constraint, under names that a formulation takes; where that changes a
    name, the description tells it. Columns such as `x[1,2]` or `ship(a,b)` become one variable with its sets. What the
    file leaves open becomes an assumption.

    Args:
        path: of the file, `.lp` or `.mps`, packed by gzip or not.
        max_bytes: how long its text may be, unpacked.

    Raises:
        solvers.ExchangeError: it cannot be read, or is too large for a formulation.
    """
    return formulation_of_model(read_model(path, max_bytes=max_bytes), Path(path).name)


def formulation_of_model(imported: ImportedModel, source: str) -> Formulation:
    """Write a flat model as a formulation; see `import_model`.

    Args:
        imported: the model with its notes.
        source: where it comes from, for messages and the title.

    Raises:
        solvers.ExchangeError: it is too large, or has no columns.
    """
    model = imported.model
    _refuse_size(model, source)
    identifiers = Identifiers()
    declared = Declarations(_columns(model, imported), identifiers)
    called = np.array(declared.references, object)
    objective = _objective(model, declared, called, source)
    return Formulation(
        title=model.title or source,
        sets=declared.sets,
        parameters=declared.parameters,
        variables=declared.variables,
        objective=objective,
        constraints=list(_constraints(model, called, imported, identifiers, source)),
        assumptions=[Assumption(text=note) for note in imported.notes],
    )


def _columns(model: Model, imported: ImportedModel) -> list[Column]:
    names = [model.name_of_column(place) for place in range(model.n_columns)]
    return [
        Column(
            imported.originals.get(name, name),
            _DOMAINS[kind],
            "-inf" if low == -np.inf else _plain(low),
            None if high == np.inf else _plain(high),
        )
        for name, kind, low, high in zip(
            names, model.column_kind.tolist(), model.column_lower.tolist(), model.column_upper.tolist(), strict=True
        )
    ]


def _objective(model: Model, declared: Declarations, called: np.ndarray, source: str) -> Objective | None:
    """Return the objective; `None` where any feasible point will do."""
    costs = model.objective.copy()
    terms = []
    for family in declared.folded:
        own = costs[family.columns]
        if len(own) >= _FEWEST_SUMMED and 2 * np.count_nonzero(own) > len(own):
            total = declared.weighted_sum(family, [_plain(cost) for cost in own.tolist()])
            terms.append(f"- {total[1:]}" if total.startswith("-") else f"+ {total}")
            costs[family.columns] = 0.0
    places = np.flatnonzero(costs)
    terms += _linear(costs[places].tolist(), called[places])
    products = model.quadratic_objective
    if products is not None:
        terms += _products(products.coefficient.tolist(), called[products.first], called[products.second])
    if model.objective_constant:
        terms.append(_signed(model.objective_constant, ""))
    if not terms:
        return None
    return Objective(sense=model.sense.value, expression=_within(_sum(terms), "the objective", source))


def _constraints(
    model: Model, called: np.ndarray, imported: ImportedModel, identifiers: Identifiers, source: str
) -> Iterable[Constraint]:
    terms = _linear(model.row_values.tolist(), called[model.row_columns])
    starts = model.row_starts.tolist()
    products = model.quadratic_rows
    product_terms: list[str] = []
    product_starts = [0] * (model.n_rows + 1)
    if products is not None:
        product_terms = _products(products.coefficient.tolist(), called[products.first], called[products.second])
        product_starts = np.searchsorted(products.row, np.arange(model.n_rows + 1)).tolist()
    for row, (low, high) in enumerate(zip(model.row_lower.tolist(), model.row_upper.tolist(), strict=True)):
        if low == -np.inf and high == np.inf:
            continue
        own = terms[starts[row] : starts[row + 1]] + product_terms[product_starts[row] : product_starts[row + 1]]
        name = model.name_of_row(row)
        original = imported.originals.get(name, name)
        chosen = identifiers.new(original, prefix="r")
        yield Constraint(
            name=chosen,
            expression=_within(_comparison(_sum(own), low, high), f"the row {original}", source),
            description="" if chosen == original else f"`{original}` in the file",
        )


def _comparison(total: str, low: float, high: float) -> str:
    if low == high:
        return f"{total} == {numeral(low)}"
    if high == np.inf:
        return f"{total} >= {numeral(low)}"
    if low == -np.inf:
        return f"{total} <= {numeral(high)}"
    return f"{numeral(low)} <= {total} <= {numeral(high)}"


def _linear(values: Sequence[float], called: Iterable[str]) -> list[str]:
    return [_signed(value, name) for value, name in zip(values, called, strict=True)]


def _products(values: Sequence[float], first: Iterable[str], second: Iterable[str]) -> list[str]:
    return [
        _signed(value, f"{left} ** 2" if left == right else f"{left} * {right}")
        for value, left, right in zip(values, first, second, strict=True)
    ]


def _signed(value: float, what: str) -> str:
    sign, size = ("-", -value) if value < 0 else ("+", value)
    if not what:
        return f"{sign} {numeral(size)}"
    return f"{sign} {what}" if size == 1 else f"{sign} {numeral(size)} * {what}"


def _sum(terms: Sequence[str]) -> str:
    if not terms:
        return "0"
    text = " ".join(terms)
    return text[2:] if text[0] == "+" else f"-{text[2:]}"


def _plain(value: float) -> Bound:
    return int(value) if value.is_integer() else value


def _within(text: str, what: str, source: str) -> str:
    if len(text) > MAX_EXPRESSION_CHARACTERS:
        raise ExchangeError(
            f"{source}: {what} is too long for an expression ({len(text):,} characters, at most "
            f"{MAX_EXPRESSION_CHARACTERS:,}). Solve the file with a solver, or formulate it with sets and parameters."
        )
    return text


def _refuse_size(model: Model, source: str) -> None:
    if not model.n_columns:
        raise ExchangeError(f"{source}: the model has no columns, so there is nothing to formulate.")
    elements = model.n_columns + model.n_rows
    if len(model.row_values) > MAX_ENTRIES or elements > MAX_ELEMENTS:
        raise ExchangeError(
            f"{source}: the model has {model.n_rows:,} rows, {model.n_columns:,} columns and {len(model.row_values):,} "
            f"coefficients. A formulation is made of at most {MAX_ELEMENTS:,} rows and columns and {MAX_ENTRIES:,} "
            "coefficients; a larger model must be formulated with sets and parameters."
        )
