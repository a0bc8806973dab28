"""Finds out which conditions are about one binary variable, as the compiler reads them, its data included."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from nl2opt.formulation.compilation.compiled import CompiledFormulation
from nl2opt.formulation.compilation.logic import Logical
from nl2opt.formulation.evaluation.clauses import expand
from nl2opt.formulation.evaluation.evaluate import Evaluator
from nl2opt.formulation.evaluation.frame import root_frame
from nl2opt.formulation.language.parser import Expression
from nl2opt.formulation.language.syntax import (
    Aggregate,
    Clause,
    Comparison,
    Comprehension,
    Index,
    Logic,
    Name,
    Node,
    walk,
)
from nl2opt.formulation.render.relations import Reading


@dataclass(frozen=True, slots=True)
class Switch:
    """A condition on one binary variable.

    Attributes:
        binary: the variable.
        value: for which the condition holds, 0 or 1.
    """

    binary: Node
    value: int


ReadSwitch = Callable[[Node], Switch | None]
"""Returns the binary variable that a condition is about; `None` where it is about something else."""


def switch_reader(compiled: CompiledFormulation, clauses: tuple[Clause, ...]) -> ReadSwitch:
    """Return what tells the conditions of a constraint that are about one binary variable.

    `w[i] * open[i] >= 1.5` is such a condition too where the numbers make it one: it stands for `open[i] == 1`, and its
    opposite for `open[i] == 0`.

    Args:
        compiled: the formulation.
        clauses: those of the constraint.
    """
    scope = Reading.of(compiled)

    def read(node: Node) -> Switch | None:
        evaluator = Evaluator(scope.context, Expression("", Comprehension(node, clauses) if clauses else node))
        frame = expand(evaluator, root_frame(), clauses)[0] if clauses else root_frame()
        logical = Logical(name="", evaluator=evaluator, frame=frame, scope=scope, read=lambda _: [])
        plain = node
        while isinstance(plain, Logic) and plain.operator == "not":
            plain = plain.operands[0]
        if not isinstance(plain, Comparison | Name | Index):
            return None
        condition, binary = logical.switch(node), _only_variable(node, compiled)
        return None if condition is None or binary is None else Switch(binary, condition.value)

    return read


def _only_variable(node: Node, compiled: CompiledFormulation) -> Node | None:
    """Return the one place at which a node speaks of variables; `None` where there are several, or sums over them."""
    parts = list(walk(node))
    named = {part for part in parts if isinstance(part, Name | Index) and part.name in compiled.variables}
    within = any(isinstance(part, Aggregate) and named & set(walk(part)) for part in parts)
    return next(iter(named)) if len(named) == 1 and not within else None
