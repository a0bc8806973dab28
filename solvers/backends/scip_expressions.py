"""Turns the nonlinear terms of a model into SCIP's expressions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np

from solvers.errors import UnsupportedModelError
from solvers.nonlinear import NonlinearTerms, Operator

_MAX_SIZE: Final = 1000
"""Operands with more nodes become columns: PySCIPOpt writes a node out for each place that uses it."""
_MAX_DEPTH: Final = 50
"""So do deeper operands: PySCIPOpt walks down by recursion."""
_FOLDED: Final[dict[Operator, Callable[[list[Any]], Any]]] = {
    Operator.PRODUCT: np.prod,
    Operator.QUOTIENT: lambda operands: np.divide(*operands),
    Operator.POWER: lambda operands: np.power(*operands),
    Operator.EXP: lambda operands: np.exp(operands[0]),
    Operator.LOG: lambda operands: np.log(operands[0]),
    Operator.SQRT: lambda operands: np.sqrt(operands[0]),
    Operator.SIN: lambda operands: np.sin(operands[0]),
    Operator.COS: lambda operands: np.cos(operands[0]),
}


@cache
def scip() -> Any:
    """Return the compiled module of PySCIPOpt, imported when the first model is solved."""
    from pyscipopt import scip as module

    return module


@dataclass(slots=True)
class Part:
    """The expression of a node.

    Attributes:
        expression: SCIP's; `None` for a constant.
        constant: its value; not finite where a function of constants is not defined, such as the logarithm of 0.
        size: number of nodes, each counted as often as it is used.
        depth: number of nodes from top to bottom.
    """

    expression: Any = None
    constant: float = 0.0
    size: int = 1
    depth: int = 1


@dataclass(slots=True)
class Translator:
    """Makes the expressions of one model.

    Attributes:
        columns: SCIP's variables.
        add_equal: adds a variable that equals an expression, and returns it.
    """

    columns: Sequence[Any]
    add_equal: Callable[[Any], Any]

    def translate(self, terms: NonlinearTerms) -> list[Part]:
        """Return the expression of each node (k,).

        Raises:
            UnsupportedModelError: a base of 0 or less has a variable exponent.
        """
        with np.errstate(all="ignore"):
            return terms.translate(constant=_constant, column=self._column, function=self._function)

    def _column(self, column: int) -> Part:
        return Part(scip().VarExpr(self.columns[column]))

    def _function(self, operator: Operator, added: float, weights: Sequence[float], operands: Sequence[Part]) -> Part:
        undefined = [each for each in operands if each.expression is None and not np.isfinite(each.constant)]
        if undefined:
            return undefined[0]
        if all(each.expression is None for each in operands):
            numbers = [each.constant for each in operands]
            if operator is Operator.SUM:
                return _constant(added + float(np.dot(weights, numbers)))
            return _constant(float(_FOLDED[operator](numbers)))
        for each in operands:
            self._cut(each)
        if operator is Operator.SUM:
            made = weighted_sum(added, weights, operands)
        elif operator is Operator.POWER:
            made = _power(*operands)
        else:
            made = _applied(operator, [_expression(each) for each in operands])
        size, depth = 3 + sum(each.size for each in operands), 2 + max(each.depth for each in operands)
        return Part(made, size=size, depth=depth)

    def _cut(self, part: Part) -> None:
        """Give an operand that is large a variable of its own, which stands for it everywhere."""
        if part.size > _MAX_SIZE or part.depth > _MAX_DEPTH:
            part.expression = scip().VarExpr(self.add_equal(part.expression))
            part.size = part.depth = 1


def weighted_sum(added: float, weights: Sequence[float], parts: Sequence[Part]) -> Any:
    """Return the expression `added + sum of weight * part`."""
    made = scip().SumExpr()
    children = []
    for weight, part in zip(weights, parts, strict=True):
        if part.expression is None:
            added += weight * part.constant
        else:
            children.append(times(weight, part.expression))
    made.children, made.constant = children, added
    return made


def times(weight: float, expression: Any) -> Any:
    """Return the expression `weight * expression`."""
    if weight == 1.0:
        return expression
    made = scip().ProdExpr()
    made.children, made.constant = [expression], weight
    return made


def _constant(value: float) -> Part:
    return Part(constant=value)


def _expression(part: Part) -> Any:
    return scip().Constant(part.constant) if part.expression is None else part.expression


def _power(base: Part, exponent: Part) -> Any:
    """Return a power; with a variable exponent it is read as exp(exponent * log(base)), as is usual."""
    if exponent.expression is None:
        return _raised(base.expression, exponent.constant)
    if base.expression is not None:
        return _product([exponent.expression, base.expression.log()]).exp()
    if base.constant <= 0.0:
        raise UnsupportedModelError(f"scip takes a variable exponent of a base above 0 only, not of {base.constant:g}.")
    return times(float(np.log(base.constant)), exponent.expression).exp()


def _raised(base: Any, exponent: float) -> Any:
    if exponent == 1.0:
        return base
    made = scip().PowExpr()
    made.children, made.expo = [base], exponent
    return made


def _product(factors: list[Any]) -> Any:
    made = scip().ProdExpr()
    made.children = factors
    return made


def _applied(operator: Operator, operands: list[Any]) -> Any:
    if operator is Operator.PRODUCT:
        return _product(operands)
    if operator is Operator.QUOTIENT:
        return _product([operands[0], _raised(operands[1], -1.0)])
    return getattr(operands[0], operator.name.lower())()
