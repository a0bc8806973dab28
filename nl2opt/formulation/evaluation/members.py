"""Reads polynomials as single columns, which is all that cones and global constraints take.

What is not a single column, with a coefficient and an offset where these are allowed, gets a defined column that is
equal to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nl2opt.formulation.evaluation import polynomial
from nl2opt.formulation.evaluation.constructs import AffineMembers
from nl2opt.formulation.evaluation.definitions import column_polynomial
from nl2opt.formulation.evaluation.elements import IntArray
from nl2opt.formulation.evaluation.frame import Frame
from nl2opt.formulation.evaluation.polynomial import Polynomial
from nl2opt.formulation.language.syntax import Node

if TYPE_CHECKING:
    from nl2opt.formulation.evaluation.evaluate import Evaluator


def affine_members(evaluator: Evaluator, node: Node, frame: Frame) -> AffineMembers:
    """Return the value of a node as one affine term for each row of a frame."""
    body = evaluator.polynomial(node, frame)
    single = single_columns(body, frame.size)
    if single is None or evaluator.context.definitions.holds_function(single.column):
        columns = defined_value(evaluator, node, body, frame)
        return AffineMembers(columns, np.ones(frame.size), np.zeros(frame.size))
    evaluator.context.definitions.pin(single.column)
    return single


def plain_columns(evaluator: Evaluator, node: Node, frame: Frame) -> IntArray:
    """Return the value of a node as one column for each row of a frame."""
    body = evaluator.polynomial(node, frame)
    single = single_columns(body, frame.size)
    is_plain = single is not None and (single.coefficient == 1).all() and not single.offset.any()
    if single is None or not is_plain or evaluator.context.definitions.holds_function(single.column):
        return defined_value(evaluator, node, body, frame)
    evaluator.context.definitions.pin(single.column)
    return single.column


def defined_value(evaluator: Evaluator, node: Node, body: Polynomial, frame: Frame) -> IntArray:
    """Return new columns that are equal to polynomials: maxima of one argument each."""
    definitions = evaluator.context.definitions
    text = evaluator.expression.quote(node)
    columns = definitions.add("max", body, np.arange(frame.size, dtype=np.int64), frame, text, node.span)
    definitions.pin(columns)
    return columns


def linear_body(evaluator: Evaluator, node: Node, body: Polynomial, frame: Frame) -> Polynomial:
    """Return a polynomial that is linear in columns of the model: itself, or a column that is equal to it."""
    definitions = evaluator.context.definitions
    if not body.quadratic and not any(definitions.holds_function(terms.columns[0]) for terms in body.linear):
        return body
    without_constant = Polynomial(np.asarray(0.0), body.linear, body.quadratic)
    columns = column_polynomial(defined_value(evaluator, node, without_constant, frame))
    return polynomial.add([columns, body.constant])


def single_columns(body: Polynomial, size: int) -> AffineMembers | None:
    """Return polynomials with at most one linear term each as affine members; `None` when one has more."""
    if body.quadratic:
        return None
    column, coefficient = np.full(size, -1, np.int64), np.zeros(size)
    for terms in body.linear:
        values = np.broadcast_to(terms.coefficients, (terms.count,))
        keep = values != 0
        rows, columns, values = terms.explicit_rows()[keep], terms.columns[0][keep], values[keep]
        if len(np.unique(rows)) < len(rows) or (column[rows] >= 0).any():
            return None
        column[rows], coefficient[rows] = columns, values
    offset = np.broadcast_to(body.constant, (size,)).astype(np.float64)
    return AffineMembers(column, coefficient, offset)
