"""Finds shares that were taken of the whole where the text names the others, or the other way round."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from nl2opt.formulation.language.syntax import Addition, Aggregate, Arithmetic, Comparison, Index, Name, Node, Number
from nl2opt.formulation.schema import Assumption, Formulation
from nl2opt.pipeline.readings.spotted import Spotted, alternative
from nl2opt.pipeline.readings.text_rows import TextRow, is_number, stems, text_rows
from nl2opt.text.numbers import clause_around, numbers_in

_OF: Final = re.compile(r"\s*(?:%|per\s?cent)?\s*of\s+(?P<whole>(?:[A-Za-z-]+\s*){1,5})", re.IGNORECASE)
_WHOLES: Final = re.compile(r"\b(?:total|all|overall|whole|entire|sum|combined|together)\b", re.IGNORECASE)
_OTHERS: Final = re.compile(r"\bas (?:many|much)\b|\bthe (?:others?|rest)\b", re.IGNORECASE)
_FAR: Final = 60


def open_shares(problem: str, formulation: Formulation) -> Iterator[Spotted]:
    """Yield an assumption for each share that is taken of the whole or the others where the text says the opposite."""
    numbers = [number for number in numbers_in(problem) if any(0 < value < 1 for value in number.values)]
    rows = [(row, share) for row in text_rows(formulation) if (share := _share(row, formulation)) is not None]
    for row, (part, factor, base) in rows if numbers else ():
        of_whole = part in _terms(base, part)
        for number in numbers:
            if not is_number(_value(factor, formulation), frozenset(number.values)):
                continue
            said = _said(problem[number.end : number.end + _FAR], row, part)
            if said == ("whole" if of_whole else "others"):
                break
            yield _spotted(row, (part, factor, base), of_whole, clause_around(problem, number.start, number.end))
            break


def _said(behind: str, row: TextRow, part: Node) -> str:
    """Return what the words behind a share say it is of, `whole` or `others`.

    Where they name only something else, as in "30% of the vehicles", this is what all of them are.
    """
    if _OTHERS.search(behind[:_FAR]):
        return "others"
    of = _OF.match(behind)
    if of is None:
        return "whole"
    if _WHOLES.search(of["whole"]):
        return "whole"
    own = part.name if isinstance(part, Name | Index) else ""
    named = stems(of["whole"]) - stems(own)
    return "others" if any(named & stems(name) for name in row.variables if name != own) else "whole"


def _spotted(row: TextRow, share: tuple[Node, Node, Node], of_whole: bool, clause: str) -> Spotted:
    part, factor, base = share
    sign: Final = -1 if of_whole else 1
    other = Addition(((1, base), (sign, part))) if not isinstance(base, Addition) else _joined(base, part, sign)
    left, right = row.comparison.operands
    product = Arithmetic("*", factor, other)
    operands = (part, product) if left is part else (product, right)
    name = row.constraint.name
    now, then = ("the whole", "the others") if of_whole else ("the others", "the whole")
    change = row.with_comparison(Comparison(operands, row.comparison.operators))
    reading = alternative(f"the share in {name} is one of {then}", [change])
    return Spotted(
        Assumption(text=f"the share in {name} is one of {now}", element=name, alternatives=[reading]), clause
    )


def _joined(base: Addition, part: Node, sign: int) -> Node:
    if sign == -1 and (1, part) in base.terms:
        terms = tuple(term for term in base.terms if term != (1, part))
        return terms[0][1] if len(terms) == 1 and terms[0][0] == 1 else Addition(terms)
    return Addition((*base.terms, (1 if sign == 1 else -1, part)))


def _share(row: TextRow, formulation: Formulation) -> tuple[Node, Node, Node] | None:
    """Return part, share and base of a row `part <= share * base`; `None` for any other."""
    names = set(row.variables)
    left, right = row.comparison.operands
    for part, product in ((left, right), (right, left)):
        match part, product:
            case Name(name) | Index(name), Arithmetic("*", factor, base) if name in names:
                value = _value(factor, formulation)
                if 0 < value < 1 and isinstance(base, Name | Index | Addition | Aggregate):
                    return part, factor, base
    return None


def _value(node: Node, formulation: Formulation) -> float:
    """Return the value of a number or a scalar parameter; 0 for anything else."""
    if isinstance(node, Number):
        return node.value
    if isinstance(node, Name):
        for parameter in formulation.parameters:
            if parameter.name == node.name and isinstance(parameter.value, int | float):
                return float(parameter.value)
    return 0.0


def _terms(base: Node, part: Node) -> list[Node]:
    """Return the terms of a sum; a sum over a set holds the entries of the variable that it sums."""
    if isinstance(base, Addition):
        return [term for sign, term in base.terms if sign == 1]
    if isinstance(base, Aggregate) and base.function == "sum" and isinstance(base.body, Index):
        own = isinstance(part, Index) and part.name == base.body.name
        return [part] if own else []
    return [base]
