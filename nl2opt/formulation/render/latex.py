"""Renders a formulation as one display of LaTeX mathematics: objective, constraints, domains."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from nl2opt.formulation.checks.names import infinite_bound, own_indices
from nl2opt.formulation.language.parser import ExpressionError, parse_expression
from nl2opt.formulation.language.syntax import Addition, Arithmetic, Comprehension, Node, Number
from nl2opt.formulation.objectives import SENSES, Stage, objective_name, stages_of
from nl2opt.formulation.render.latex_math import expression_latex, lines_latex, such_that, targets_latex
from nl2opt.formulation.render.latex_text import name_latex, number_latex, subscripted, text_latex
from nl2opt.formulation.schema import Constraint, Formulation, Objective, Variable
from solvers import Sense

_LETTERS: Final = "ijklmnpqrst"
_DOMAINS: Final = {
    "continuous": r"\mathbb{R}", "integer": r"\mathbb{Z}", "binary": r"\{0, 1\}", "semicontinuous": r"\mathbb{R}",
}  # fmt: skip
_NO_OBJECTIVE: Final = r"\text{find a feasible point}"


def to_latex(formulation: Formulation) -> str:
    """Return the mathematics as one display: objective, constraints with their indices, domains."""
    return f"$$\n\\begin{{aligned}}\n{rows_latex(formulation)}\n\\end{{aligned}}\n$$"


def rows_latex(formulation: Formulation) -> str:
    """Return the rows of an `aligned` or `align` environment: sign, mathematics, for what it holds, name."""
    rows = [*_objective(formulation), *_constraints(formulation), *_domains(formulation)]
    return " \\\\\n".join(rows)


def displays(formulation: Formulation) -> Iterator[tuple[str, str]]:
    """Yield the elements one by one: a path such as `constraints.labour`, and mathematics without dollar signs.

    The objectives come as one, under `objective`; then the constraints that are demanded, then the variables.
    """
    yield "objective", _aligned(_objective(formulation))
    for constraint in formulation.enabled_constraints:
        yield f"constraints.{constraint.name}", _aligned(_constraint("", constraint, with_name=False))
    for variable in formulation.variables:
        written = variable_latex(variable, formulation)
        yield f"variables.{variable.name}", _aligned(_domain(written))


def _aligned(rows: Iterator[str]) -> str:
    return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"


def _row(head: str, lines: list[str], quantifier: str = "", label: str = "") -> Iterator[str]:
    """Yield a row of the display, the later lines of a long one moved in."""
    *earlier, last = [("&" if place == 0 else "&\\quad") + f" {line}" for place, line in enumerate(lines)]
    tail = " &&".join(["", f" {quantifier}" if quantifier else "", f" {label}" if label else ""]).rstrip("& ")
    yield from ("".join(part) for part in zip([head] + [""] * len(earlier), [*earlier, last + tail], strict=True))


def _objective(formulation: Formulation) -> Iterator[str]:
    objectives, several = formulation.objectives, isinstance(formulation.objective, list)
    if not objectives:
        yield f"{_NO_OBJECTIVE} \\quad &"
    stages = stages_of(objectives)
    for number, stage in enumerate(stages, start=1):
        sense = r"\max" if stage.sense is Sense.MAXIMIZE else r"\min"
        rank = f"{text_latex(f'{number}.')}\\; " if len(stages) > 1 else ""
        names = ", ".join(objective_name(objectives, place) for place in stage.places).replace("_", " ")
        label = text_latex(f"({names})") if several else ""
        yield from _row(f"{rank}{sense} \\quad ", _total(objectives, stage), label=label)


def _total(objectives: Sequence[Objective], stage: Stage) -> list[str]:
    """Return what a stage optimises, an objective or a weighted sum, as lines."""
    terms: list[tuple[Literal[1, -1], Node]] = []
    for place in stage.places:
        objective = objectives[place]
        try:
            node = parse_expression(objective.expression).root
        except ExpressionError:
            return [text_latex(objectives[place].expression) for place in stage.places]
        if objective.weight != 1 and len(stage.places) > 1:
            node = Arithmetic("*", Number(float(objective.weight)), node)
        terms.append((1 if SENSES[objective.sense] is stage.sense else -1, node))
    return lines_latex(terms[0][1] if len(terms) == 1 else Addition(tuple(terms)))


def _constraints(formulation: Formulation) -> Iterator[str]:
    for number, constraint in enumerate(formulation.enabled_constraints):
        yield from _constraint(r"\text{s.t.} \quad " if number == 0 else "", constraint)


def _constraint(head: str, constraint: Constraint, *, with_name: bool = True) -> Iterator[str]:
    label = text_latex(f"({constraint.name.replace('_', ' ').strip()})") if with_name else ""
    try:
        root = parse_expression(constraint.expression).root
    except ExpressionError:
        yield from _row(head, [text_latex(constraint.expression)], label=label)
        return
    if isinstance(root, Comprehension):
        yield from _row(head, lines_latex(root.body), f"\\forall\\, {such_that(root.clauses)}", label)
    else:
        yield from _row(head, lines_latex(root), label=label)


# -- variables and their domains --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class VariableLatex:
    """A variable with its indices.

    Attributes:
        symbol: the name with its indices.
        clauses: what the indices run over; empty for a scalar.
        domain: what the variable may be.
    """

    symbol: str
    clauses: str
    domain: str


def variable_latex(variable: Variable, formulation: Formulation) -> VariableLatex:
    """Return a variable as LaTeX."""
    groups = _own_letters(variable, formulation, _arities(formulation))
    symbol = subscripted(variable.name, [name_latex(letter) for group in groups for letter in group])
    clauses = zip(map(targets_latex, groups), map(name_latex, variable.index), strict=False)
    return VariableLatex(
        symbol, r",\, ".join(f"{targets} \\in {name}" for targets, name in clauses), _bounded(symbol, variable)
    )


def _domains(formulation: Formulation) -> Iterator[str]:
    for variable in formulation.variables:
        yield from _domain(variable_latex(variable, formulation))


def _domain(written: VariableLatex) -> Iterator[str]:
    yield from _row("", [written.domain], f"\\forall\\, {written.clauses}" if written.clauses else "")


def _arities(formulation: Formulation) -> dict[str, int]:
    """Return how many components the elements of each set have, as far as that stands in the formulation."""
    arities = {}
    for declared in formulation.sets:
        first = declared.elements[0] if isinstance(declared.elements, list) and declared.elements else None
        arities[declared.name] = len(first) if isinstance(first, list | tuple) else 1
    return arities


def index_letters(index: list[str]) -> list[str]:
    """Return a letter for each set of an index, one that its name begins with where that is free."""
    letters: list[str] = []
    for set_name in index:
        choices = [c for c in set_name.lower() if c.isalpha() and c.isascii()] + list(_LETTERS)
        letters.append(next((c for c in choices if c not in letters), "i"))
    return letters


def _own_letters(variable: Variable, formulation: Formulation, arities: Mapping[str, int]) -> list[tuple[str, ...]]:
    """Return for each set of a variable the names of its indices: those that its bounds use, else one letter each."""
    own = list(own_indices(variable, formulation))
    if variable.as_ is not None:
        groups = []
        for place, set_name in enumerate(variable.index):
            is_last = place == len(variable.index) - 1
            count = len(own) if is_last else arities.get(set_name, 1)
            groups.append(tuple(own[:count]))
            del own[:count]
        return groups
    if any(isinstance(b, str) and infinite_bound(b) is None for b in (variable.lower, variable.upper)):
        return [(name,) for name in own]
    return [(letter,) for letter in index_letters(variable.index)]


def _bounded(symbol: str, variable: Variable) -> str:
    domain = _DOMAINS[variable.domain]
    is_binary = variable.domain == "binary"
    lower = _bound(variable.lower) if variable.lower is not None else "" if is_binary else "0"
    upper = _bound(variable.upper) if variable.upper is not None else ""
    if upper:
        before = f"{lower} \\le " if lower else ""
        return f"{before}{symbol} \\le {upper},\\; {symbol} \\in {domain}"
    if lower == "0" and not is_binary:
        return f"{symbol} \\in {domain}_{{\\ge 0}}"
    return f"{symbol} \\ge {lower},\\; {symbol} \\in {domain}" if lower else f"{symbol} \\in {domain}"


def _bound(bound: float | str) -> str:
    """Return a bound; empty where there is none."""
    if isinstance(bound, str):
        return "" if infinite_bound(bound) is not None else expression_latex(bound)
    return number_latex(float(bound)) if math.isfinite(bound) else ""
