"""Finds numbers that the text leaves out: what is in stock at the start, and entries of tables that became 0."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from nl2opt.formulation.compilation.compiled import CompiledFormulation
from nl2opt.formulation.language.parser import ExpressionError, parse_expression
from nl2opt.formulation.language.syntax import Addition, Arithmetic, Call, Index, Name, Node, Number, walk
from nl2opt.formulation.schema import Assumption, Change, Formulation, Parameter
from nl2opt.pipeline.readings.spotted import Spotted, alternative
from nl2opt.text.numbers import sentence_around

_STOCK: Final = re.compile(
    r"\b(?:stock|stocks|inventor(?:y|ies)|storage|stored?|warehous(?:e|es|ed)|reservoirs?|carr(?:y|ied) over|on hand"
    r"|kept (?:for|until))\b",
    re.IGNORECASE,
)
_STATED_START: Final = re.compile(
    r"\b(?:initial(?:ly)?|starting|starts?|beginning|begins?|opening|on hand|currently|at present|now|empty|already"
    r"|no (?:stock|inventory)|left over|in stock)\b",
    re.IGNORECASE,
)


def starting_stock(problem: str, formulation: Formulation) -> Iterator[Spotted]:
    """Yield an assumption where stock is carried from one period to the next, and the text names none at the start."""
    cue = _STOCK.search(problem)
    if cue is None or _STATED_START.search(problem):
        return
    if any(_STATED_START.search(assumption.text) for assumption in formulation.assumptions):
        return
    carried = _carried(formulation)
    if carried:
        text = f"there is nothing of {carried} before the first period: the problem names no starting stock"
        yield Spotted(Assumption(text=text, element=carried), sentence_around(problem, *cue.span()))


def _carried(formulation: Formulation) -> str:
    """Return the variable that one period hands to the next; empty where there is none."""
    variables = {variable.name for variable in formulation.variables if variable.index}
    for constraint in formulation.enabled_constraints:
        for node in _nodes(constraint.expression):
            if isinstance(node, Index) and node.name in variables and any(map(_is_earlier, node.indices)):
                return node.name
    return ""


def _is_earlier(index: Node) -> bool:
    match index:
        case Call("prev"):
            return True
        case Addition(((1, Name()), (-1, Number()))):
            return True
        case _:
            return False


def entries_read_as_zero(compiled: CompiledFormulation) -> Iterator[Spotted]:
    """Yield an assumption for each table whose unstated entries are 0 and multiply a decision in the objective.

    The other reading is that there is no such pair: what costs nothing because nobody stated a cost may not be done.
    """
    formulation = compiled.formulation
    variables = {variable.name for variable in formulation.variables}
    taken = {constraint.name for constraint in formulation.constraints}
    for parameter in formulation.parameters:
        if parameter.default != 0 or len(parameter.index) < 2 or not isinstance(parameter.value, Mapping):
            continue
        for objective in formulation.objectives:
            name = next((v for v in _multiplied(objective.expression, parameter) if v in variables), "")
            if name and (row := f"only_stated_{parameter.name}"[:90]) not in taken:
                yield _only_stated(parameter, name, row)
                break


def _only_stated(parameter: Parameter, variable: str, row: str) -> Spotted:
    indices = [f"k{place}" for place, _ in enumerate(parameter.index, start=1)]
    clauses = " ".join(f"for {index} in {name}" for index, name in zip(indices, parameter.index, strict=True))
    inside = ", ".join(indices)
    expression = f"{variable}[{inside}] == 0 {clauses} if {parameter.name}[{inside}] == 0"
    change = Change(kind="add", path="constraints", value={"name": row, "expression": expression})
    reading = alternative(f"where no {parameter.name} is stated, {variable} is not possible", [change])
    text = f"where no {parameter.name} is stated, it is 0"
    return Spotted(Assumption(text=text, element=parameter.name, alternatives=[reading]), parameter.source)


def _multiplied(expression: str, parameter: Parameter) -> Iterator[str]:
    """Yield the names that a parameter is multiplied by at its own indices."""
    for node in _nodes(expression):
        match node:
            case Arithmetic("*", Index(first, ours), Index(second, theirs)) if ours == theirs:
                yield from (other for name, other in ((first, second), (second, first)) if name == parameter.name)


def _nodes(expression: str) -> Iterator[Node]:
    try:
        yield from walk(parse_expression(expression).root)
    except ExpressionError:
        return
