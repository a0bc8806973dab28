"""Finds what only the numbers of the finished model show: infinite ones, constant rows, scales far apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from nl2opt.formulation.compilation.assemble import RowFamily
from nl2opt.formulation.evaluation.elements import FloatArray
from nl2opt.formulation.findings import Finding, Severity
from solvers import Model

_CONSTANT_TOLERANCE: Final = 1e-9
"""By how much a row without decisions may be off: its constants were rounded."""
_WIDEST_RANGE: Final = 1e12
"""Ratio of coefficients beyond which solvers, which count in 16 digits, lose the small ones."""
_LARGEST_SIZE: Final = 1e15
"""From here on a coefficient alone takes all digits of a solver."""


def review(model: Model, families: Sequence[RowFamily], *, has_objective: bool) -> list[Finding]:
    """Return what is wrong or doubtful in the numbers of a model.

    Args:
        model: as it was assembled.
        families: its rows, in order.
        has_objective: whether the formulation wants more than a feasible point.
    """
    wrong = [*_objective_faults(model), *_row_faults(model, families)]
    if wrong:
        return wrong
    doubts = [*_constant_rows(model, families), *_scale(model)]
    is_constant = model.quadratic_objective is None and not model.objective.any()
    if has_objective and is_constant and (model.nonlinear is None or model.nonlinear.objective_root is None):
        doubts.insert(0, _warning("constant_objective", "objective", "the objective contains no decision variable"))
    return list(dict.fromkeys(doubts))


def _warning(code: str, element: str, message: str, *, where: str = "", mend: str = "") -> Finding:
    return Finding(severity=Severity.WARNING, code=code, element=element, message=message, where=where, mend=mend)


def _objective_faults(model: Model) -> Iterator[Finding]:
    numbers = [model.objective, np.asarray(model.objective_constant)]
    if model.quadratic_objective is not None:
        numbers.append(model.quadratic_objective.coefficient)
    if not all(map(_all_finite, numbers)):
        yield _not_finite("objective", "")


def _row_faults(model: Model, families: Sequence[RowFamily]) -> Iterator[Finding]:
    """Find the first row of each family that holds a number which is not finite."""
    bad = np.isnan(model.row_lower) | np.isnan(model.row_upper)
    bad |= (model.row_lower == np.inf) | (model.row_upper == -np.inf)
    if not _all_finite(model.row_values):
        bad[model.entry_rows()[~np.isfinite(model.row_values)]] = True
    if model.quadratic_rows is not None:
        bad[model.quadratic_rows.row[~np.isfinite(model.quadratic_rows.coefficient)]] = True
    if bad.any():
        for family, rows in _by_family(families, bad):
            if rows.any():
                yield _not_finite(f"constraints.{family.name}", family.frame.describe(int(np.argmax(rows))))


def _not_finite(element: str, where: str) -> Finding:
    message = "it contains a number that is too large"
    return Finding(code="not_finite", element=element, field="expression", message=message, where=where)


def _constant_rows(model: Model, families: Sequence[RowFamily]) -> Iterator[Finding]:
    """Find rows without any decision: a false one, or a whole family that holds always."""
    constant = np.diff(model.row_starts) == 0
    if model.quadratic_rows is not None:
        constant[model.quadratic_rows.row] = False
    if model.nonlinear is not None:
        constant[model.nonlinear.row] = False
    if model.indicators is not None:
        constant[model.indicators.row] = False  # false under a condition means that this must not hold
    if not constant.any():
        return
    false = constant & ((model.row_lower > _CONSTANT_TOLERANCE) | (model.row_upper < -_CONSTANT_TOLERANCE))
    constants = [rows for _, rows in _by_family(families, constant)]
    for (family, rows), all_rows in zip(_by_family(families, false), constants, strict=True):
        if rows.any():
            code, where = "false_row", family.frame.describe(int(np.argmax(rows)))
            message = "it contains no decision variable and is false, so nothing is feasible"
        elif all_rows.all():
            code, where = "constant_row", ""
            message = "it contains no decision variable and holds always"
        else:
            continue
        yield _warning(code, f"constraints.{family.name}", message, where=where)


def _by_family(
    families: Sequence[RowFamily], flags: np.typing.NDArray[np.bool_]
) -> Iterator[tuple[RowFamily, np.typing.NDArray[np.bool_]]]:
    """Cut one flag for each row of the model into those of each family that has rows."""
    begin = 0
    for family in families:
        if family.size:
            yield family, flags[begin : begin + family.size]
        begin += family.size


def _scale(model: Model) -> Iterator[Finding]:
    """Warn of coefficients that are so large, or so far apart, that solvers lose digits."""
    sizes = [_range_of_sizes(model.row_values), _range_of_sizes(model.objective)]
    smallest, largest = min(low for low, _ in sizes), max(high for _, high in sizes)
    if largest > _WIDEST_RANGE * smallest:
        message = f"the coefficients range from {smallest:.3g} to {largest:.3g}"
        yield _warning("badly_scaled", "", message, mend="Choose units that bring them closer together.")
    elif largest >= _LARGEST_SIZE:
        message = f"coefficients reach {largest:.3g}, more than solvers have digits for"
        yield _warning("badly_scaled", "", message, mend="Choose larger units.")


_CHUNK: Final = 2**14
"""Numbers that are looked at together: so many stay in the cache of the processor."""


def _chunks(values: FloatArray) -> Iterator[FloatArray]:
    return (values[begin : begin + _CHUNK] for begin in range(0, values.size, _CHUNK))


def _all_finite(values: FloatArray) -> bool:
    return all(np.isfinite(chunk).all() for chunk in _chunks(values.reshape(-1)))


def _range_of_sizes(values: FloatArray) -> tuple[float, float]:
    """Return the smallest and the largest absolute value of numbers, zeros left out; (inf, 0) for none."""
    smallest, largest = np.inf, 0.0
    for chunk in _chunks(values):
        sizes = np.abs(chunk)
        least = sizes.min()
        if least == 0.0:
            least = sizes[sizes > 0.0].min(initial=np.inf)
        smallest, largest = min(smallest, float(least)), max(largest, float(sizes.max()))
    return smallest, largest
