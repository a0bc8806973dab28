"""Reads "at most 30% of the vehicles are bikes" as a share of all vehicles, where a draft took it of the others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from nl2opt.formulation.language.parser import ExpressionError, parse_expression
from nl2opt.formulation.language.syntax import Addition, Arithmetic, Comparison, Name, Node, Number
from nl2opt.formulation.language.writer import to_text
from nl2opt.formulation.schema import Constraint, Formulation

_SHARE: Final = re.compile(
    r"(?P<number>\d+(?:\.\d+)?)\s*(?:%|per\s?cent)\s+of\s+(?P<whole>(?:[a-z-]+\s+){0,3}[a-z-]+)", re.IGNORECASE
)
_WHOLES: Final = re.compile(r"\b(?:total|all|overall|whole|entire)\b", re.IGNORECASE)


def with_shares_of_the_whole(formulation: Formulation, problem: str, repairs: list[str]) -> Formulation:
    """Return a formulation of two variables whose rows `x <= 0.3 * y` are shares of `x + y`, where the text says so.

    It says so when the words behind "30% of" do not name y.

    Args:
        formulation: in the scalar style.
        problem: the text.
        repairs: gets a sentence for each row that is changed.
    """
    if len(formulation.variables) != 2:
        return formulation
    shares = list(_shares(problem))
    constraints = [_mended(constraint, shares, formulation, repairs) for constraint in formulation.constraints]
    return formulation.model_copy(update={"constraints": constraints})


def _shares(problem: str) -> Iterator[tuple[float, str]]:
    """Yield each share of a text, and the words of what it is a share of."""
    for match in _SHARE.finditer(problem):
        yield float(match["number"]) / 100, match["whole"].lower()


def _mended(
    constraint: Constraint, shares: list[tuple[float, str]], formulation: Formulation, repairs: list[str]
) -> Constraint:
    try:
        root = parse_expression(constraint.expression).root
    except ExpressionError:
        return constraint
    if not isinstance(root, Comparison) or len(root.operands) != 2 or root.operators[0] not in ("<=", ">="):
        return constraint
    left, right = root.operands
    part = _share_of_another(left, right)
    if part is None or not any(_is(part[0], share) and not _names(whole, part[1]) for share, whole in shares):
        return constraint
    share, _ = part
    names = [variable.name for variable in formulation.variables]
    whole = Addition(tuple((1, Name(name)) for name in names))
    text = to_text(Comparison((left, Arithmetic("*", Number(share), whole)), root.operators))
    repairs.append(
        f"'{constraint.description or constraint.name}' (`{constraint.expression}`) was read as `{text}`: the problem "
        "speaks of a share of the whole"
    )
    return constraint.model_copy(update={"expression": text})


def _share_of_another(left: Node, right: Node) -> tuple[float, str] | None:
    """Return share and name of a row `x <= share * y`; `None` for any other."""
    match left, right:
        case Name(name), Arithmetic("*", Number(share), Name(other)) if name != other and 0 < share < 1:
            return share, other
        case _:
            return None


def _is(value: float, share: float) -> bool:
    return abs(value - share) <= 1e-9


def _names(whole: str, variable: str) -> bool:
    """Whether words name a variable: they share a word with its name, and say nothing of a total."""
    if _WHOLES.search(whole):
        return False
    words = {_stem(word) for word in re.findall(r"[a-z]+", whole)}
    return bool(words & {_stem(word) for word in variable.split("_")})


def _stem(word: str) -> str:
    return word.removesuffix("s").removesuffix("e")
