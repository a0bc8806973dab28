"""A second reader of the expression language: one row at a time, in plain Python, by walking `ast`.

It shares no code with the compiler and knows nothing of arrays, joins or frames.
"""

from __future__ import annotations

import ast
import math
import operator
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Element = str | int
Scope = Mapping[str, Any]

_ARITHMETIC: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
_COMPARISON: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda element, members: element in members,
    ast.NotIn: lambda element, members: element not in members,
}


def _neighbour(steps_sign: int) -> Callable[..., Any]:
    """Return what `prev` (-1) or `next` (1) does."""

    def neighbour(elements: list[Any], element: Any, steps: int = 1, cyclic: bool = False) -> Any:
        place = elements.index(element) + steps_sign * steps
        if not cyclic and not 0 <= place < len(elements):
            raise KeyError(place)
        return elements[place % len(elements)]

    return neighbour


_SETS: dict[type[ast.operator], Callable[[list[Any], list[Any]], list[Any]]] = {
    ast.BitOr: lambda a, b: list(dict.fromkeys([*a, *b])),
    ast.BitAnd: lambda a, b: [element for element in a if element in b],
    ast.Sub: lambda a, b: [element for element in a if element not in b],
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": abs, "min": min, "max": max, "sum": sum, "prod": math.prod, "round": round, "floor": math.floor,
    "ceil": math.ceil,
    "sqrt": math.sqrt, "len": len, "range": lambda *ends: range(*map(int, ends)),
    "first": lambda s: s[0], "last": lambda s: s[-1], "prev": _neighbour(-1), "next": _neighbour(1),
    "ord": lambda s, element: s.index(element) + 1,
}  # fmt: skip


class Polynomial(Counter[tuple[str, ...]]):
    """Coefficients by the sorted names of the columns that are multiplied; `()` is the constant."""


@dataclass(frozen=True)
class Row:
    """`lower <= coefficients <= upper`."""

    coefficients: dict[tuple[str, ...], float]
    lower: float
    upper: float


class Oracle:
    """Reads the expressions of one formulation.

    Attributes:
        sets: elements in order; pairs are tuples.
        parameters: numbers by their indices; `()` for scalars.
        variables: names; any index is a column.
        families: the sets of each family by their indices.
    """

    def __init__(
        self,
        sets: Mapping[str, list[Any]],
        parameters: Mapping[str, Mapping[tuple[Element, ...], float]],
        variables: Mapping[str, set[tuple[Element, ...]]],
        families: Mapping[str, Mapping[Element, list[Any]]],
    ) -> None:
        self.families = families
        self.sets = sets
        self.parameters = parameters
        self.variables = variables

    def objective(self, text: str) -> dict[tuple[str, ...], float]:
        return _nonzero(_polynomial(self.value(_parsed(text), {})))

    def rows(self, text: str) -> list[Row]:
        tree = _parsed(text)
        if isinstance(tree, ast.GeneratorExp):
            return [self.row(tree.elt, scope) for scope in self.run(tree.generators, {})]
        return [self.row(tree, {})]

    def row(self, tree: ast.expr, scope: Scope) -> Row:
        """Return a comparison as a row: what is compared moves to the left, constants to the right."""
        assert isinstance(tree, ast.Compare)
        sides = [_polynomial(self.value(side, scope)) for side in (tree.left, *tree.comparators)]
        if len(sides) == 3:  # a <= e <= b
            below, above = self.pair(sides[0], tree.ops[0], sides[1]), self.pair(sides[1], tree.ops[1], sides[2])
            return Row(above.coefficients, max(-below.upper, above.lower), min(-below.lower, above.upper))
        return self.pair(sides[0], tree.ops[0], sides[1])

    @staticmethod
    def pair(left: Polynomial, op: ast.cmpop, right: Polynomial) -> Row:
        body = _sum([left, _scaled(right, -1)])
        side = -body.pop((), 0.0)
        lower = -math.inf if isinstance(op, ast.LtE) else side
        upper = math.inf if isinstance(op, ast.GtE) else side
        return Row(_nonzero(body), lower, upper)

    def run(self, generators: list[ast.comprehension], scope: Scope) -> Iterator[dict[str, Any]]:
        if not generators:
            yield dict(scope)
            return
        first, *rest = generators
        for element in self.value(first.iter, scope):
            inner = {**scope, **_bound(first.target, element)}
            if all(self.value(condition, inner) for condition in first.ifs):
                yield from self.run(rest, inner)

    def value(self, tree: ast.expr, scope: Scope) -> Any:  # noqa: C901 - one case for each kind of syntax
        match tree:
            case ast.Constant(value=value):
                return value
            case ast.Name(id=name):
                return self.name(name, (), scope)
            case ast.Subscript(value=ast.Name(id=name)):
                index = self.value(tree.slice, scope)
                return self.name(name, index if isinstance(index, tuple) else (index,), scope)
            case ast.Tuple(elts=items):
                return tuple(self.value(item, scope) for item in items)
            case ast.List(elts=items):
                return [self.value(item, scope) for item in items]
            case ast.UnaryOp(op=ast.Not()):
                return not self.value(tree.operand, scope)
            case ast.UnaryOp(op=ast.USub()):
                return _scaled(_polynomial(self.value(tree.operand, scope)), -1)
            case ast.BinOp():
                return self.binary(tree, scope)
            case ast.BoolOp():
                judge = all if isinstance(tree.op, ast.And) else any
                return judge(self.value(operand, scope) for operand in tree.values)
            case ast.Compare():
                return self.compare(tree, scope)
            case ast.IfExp():
                return self.value(tree.body if self.value(tree.test, scope) else tree.orelse, scope)
            case ast.Call(func=ast.Name(id=name), args=[ast.GeneratorExp() as generator]):
                values = [self.value(generator.elt, inner) for inner in self.run(generator.generators, scope)]
                if name == "sum":
                    return _sum([_polynomial(value) for value in values])
                return _FUNCTIONS[name](map(_number, values)) if name != "len" else len(values)
            case ast.Call(func=ast.Name(id=name)):
                arguments = [self.value(argument, scope) for argument in tree.args]
                options = {str(keyword.arg): self.value(keyword.value, scope) for keyword in tree.keywords}
                return _FUNCTIONS[name](*map(_plain, arguments), **options)
            case ast.ListComp():
                return [self.value(tree.elt, inner) for inner in self.run(tree.generators, scope)]
        raise NotImplementedError(ast.dump(tree))

    def name(self, name: str, index: tuple[Any, ...], scope: Scope) -> Any:
        if name in scope:
            return scope[name]
        if name in self.sets:
            return self.sets[name]
        flat = tuple(_plain(part) for item in index for part in (item if isinstance(item, tuple) else (item,)))
        if name in self.families:
            return self.families[name][flat[0]]
        if name in self.parameters:
            return self.parameters[name][flat]
        if flat not in self.variables[name]:
            raise KeyError(flat)
        return Polynomial({(f"{name}[{', '.join(map(repr, flat))}]" if flat else name,): 1.0})

    def binary(self, tree: ast.BinOp, scope: Scope) -> Any:
        left, right = self.value(tree.left, scope), self.value(tree.right, scope)
        if isinstance(left, list):
            return _SETS[type(tree.op)](left, right)
        match tree.op:
            case ast.Add():
                return _sum([_polynomial(left), _polynomial(right)])
            case ast.Sub():
                return _sum([_polynomial(left), _scaled(_polynomial(right), -1)])
            case ast.Mult():
                return _product(_polynomial(left), _polynomial(right))
            case ast.Div():
                return _scaled(_polynomial(left), 1 / _number(right))
            case ast.Pow() if not _is_number(left):
                assert _number(right) == 2
                return _product(left, left)
            case _:
                return _ARITHMETIC[type(tree.op)](_number(left), _number(right))

    def compare(self, tree: ast.Compare, scope: Scope) -> bool:
        left = _plain(self.value(tree.left, scope))
        for op, side in zip(tree.ops, tree.comparators, strict=True):
            right = _plain(self.value(side, scope))
            if not _COMPARISON[type(op)](left, right):
                return False
            left = right
        return True


def _parsed(text: str) -> ast.expr:
    return ast.parse(f"({text})", mode="eval").body


def _bound(target: ast.expr, element: Any) -> dict[str, Any]:
    if isinstance(target, ast.Name):
        return {target.id: element}
    assert isinstance(target, ast.Tuple)
    return {name.id: part for name, part in zip(target.elts, element, strict=True) if isinstance(name, ast.Name)}


def _is_number(value: Any) -> bool:
    return not isinstance(value, Polynomial) or set(value) <= {()}


def _number(value: Any) -> float:
    assert _is_number(value)
    return float(value.get((), 0.0)) if isinstance(value, Polynomial) else float(value)


def _plain(value: Any) -> Any:
    """Return a number for a polynomial of degree 0, whole ones as integers; all else unchanged."""
    if not isinstance(value, Polynomial):
        return value
    number = _number(value)
    return int(number) if number == int(number) else number


def _polynomial(value: Any) -> Polynomial:
    return value if isinstance(value, Polynomial) else Polynomial({(): float(value)})


def _sum(parts: list[Polynomial]) -> Polynomial:
    total = Polynomial()
    for part in parts:
        for names, coefficient in part.items():
            total[names] += coefficient
    return total


def _scaled(value: Polynomial, factor: float) -> Polynomial:
    return Polynomial({names: coefficient * factor for names, coefficient in value.items()})


def _product(left: Polynomial, right: Polynomial) -> Polynomial:
    total = Polynomial()
    for a, x in left.items():
        for b, y in right.items():
            total[tuple(sorted((*a, *b)))] += x * y
    return total


def _nonzero(value: Polynomial) -> dict[tuple[str, ...], float]:
    return {names: coefficient for names, coefficient in value.items() if abs(coefficient) > 1e-12}
