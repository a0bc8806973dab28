"""Reads LP files, the format of CPLEX as most programs write it.

The reader of HiGHS 1.13.1 takes any text for an empty model, drops the 3 of `x + 3 >= 1`, reads no row with two sides
and tells no line; this one stops at what it does not understand, and says the line.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from solvers.errors import ExchangeError
from solvers.exchange.collected import Collected
from solvers.model import Sense

_NUMBER: Final = r"(?:\d++(?:\.\d*+)?+|\.\d++)(?:[eE][+-]?\d++)?+"
_NAME: Final = r"(?:[^\s+\-*/^<>=:\[\]0-9.][^\s+\-*/^<>=:\[\]]*(?:\[[^\[\]\s]*\])*)"
_SIGN: Final = r"[+-](?:\s*+[+-])*+"
_RELATION: Final = r"<=|=<|>=|=>|==|<|>|="
# Runs of blanks and digits are taken possessively: where two patterns can share one, a long run takes quadratic time.
_SECTION: Final = re.compile(
    r"^[ \t]*(?:(?P<objective>(?P<sense>min|max)(?:imum|imi[sz]e)?)|(?P<rows>subject\s+to|such\s+that|st\.?|s\.t\.?)"
    r"|(?P<bounds>bounds?)|(?P<general>gen(?:erals?)?|int(?:egers?)?)|(?P<binary>bin(?:ary|aries)?)"
    r"|(?P<semi>semi(?:s|-continuous)?)|(?P<sos>sos[12]?)|(?P<lazy>lazy\s+constraints|user\s+cuts|general\s+constraints"
    r"|pwlobj|multi-objectives)|(?P<end>end))(?=[ \t]*$|[ \t]+[^:<>=+\-*/^\s])",
    re.IGNORECASE | re.MULTILINE,
)
_TOKEN: Final = re.compile(
    rf"\s*+(?:(?P<label>{_NAME})\s*+:(?!:)"
    rf"|(?P<relation>{_RELATION})(?:\s*+(?P<side>[+-]?[ \t]*+(?:{_NUMBER}|inf(?:inity)?))(?=[ \t]*+(?:\n|\Z)))?"
    rf"|(?:(?P<bracket_sign>{_SIGN})\s*+)?\[(?P<inner>(?:[^\[\]]|\[[^\[\]]*\])*)\]\s*+(?P<half>/\s*+2(?:\.0*)?(?![\d.]))?"
    rf"|(?=[^\s])(?P<sign>{_SIGN})?\s*+(?P<number>{_NUMBER})?\s*+(?(number)(?:\*\s*+)?)(?P<name>{_NAME})?)",
    re.IGNORECASE,
)
_PRODUCT: Final = re.compile(
    rf"\s*+(?P<sign>{_SIGN})?\s*+(?P<number>{_NUMBER})?\s*+\*?\s*+(?P<first>{_NAME})\s*+"
    rf"(?:\^\s*+(?P<square>2)(?![\d.])|\*\s*+(?P<second>{_NAME}))\s*+"
)
_VALUE: Final = rf"(?:[+-]?\s*(?:{_NUMBER}|inf(?:inity)?))"
_BOUND: Final = re.compile(
    rf"\s*(?:(?P<free>{_NAME})\s+free"
    rf"|(?:(?P<left>{_VALUE})\s*(?P<left_sign>{_RELATION})\s*)?(?P<name>{_NAME})"
    rf"(?:\s*(?P<right_sign>{_RELATION})\s*(?P<right>{_VALUE}))?)\s*",
    re.IGNORECASE,
)
_SECTIONS: Final = ("objective", "rows", "bounds", "general", "binary", "semi", "sos", "lazy", "end")
_UNSUPPORTED: Final = {
    "semi": "semi-continuous columns are not read; write the choice with a binary column",
    "sos": "special ordered sets are not read",
    "lazy": "this section is not read",
}


def collect_lp(text: str, path: str) -> Collected:
    """Read the text of an LP file.

    Raises:
        ExchangeError: it is none, or holds what a model has no place for; the text says the line.
    """
    return _Reader(re.sub(r"\\[^\n]*", "", text), path).read()


@dataclass(slots=True)
class _Sum:
    """What stands on one side of a comparison."""

    terms: list[tuple[str, float]] = field(default_factory=list)
    products: list[tuple[str, str, float]] = field(default_factory=list)
    constant: float = 0.0
    has_parts: bool = False

    @property
    def is_number(self) -> bool:
        return not self.terms and not self.products


@dataclass(slots=True)
class _Statement:
    """A row, or the objective, as far as it has been read: sums, with comparisons (`<`, `>`, `=`) between them."""

    position: int
    label: str | None = None
    sums: list[_Sum] = field(default_factory=lambda: [_Sum()])
    relations: list[str] = field(default_factory=list)

    @property
    def is_begun(self) -> bool:
        return self.sums[0].has_parts or bool(self.relations)


class _Reader:
    def __init__(self, text: str, path: str) -> None:
        self.text = text
        self.into = Collected(path)
        self.binary: list[int] = []

    def fault(self, message: str, position: int) -> ExchangeError:
        while position < len(self.text) and self.text[position].isspace():
            position += 1
        return self.into.fault(message, self.text.count("\n", 0, position) + 1)

    def read(self) -> Collected:
        seen: set[str] = set()
        for kind, begin, end, head in self.sections():
            if kind in _UNSUPPORTED and self.text[begin:end].strip():  # HiGHS writes an empty `semi`
                raise self.fault(f"{_UNSUPPORTED[kind]}.", head)
            if kind in ("objective", "rows") and kind in seen:
                raise self.fault("this section stands twice.", head)
            seen.add(kind)
            match kind:
                case "objective":
                    self.objective(begin, end)
                case "rows":
                    self.rows(begin, end)
                case "bounds":
                    self.bounds(begin, end)
                case "general" | "binary":
                    self.kinds(begin, end, is_binary=kind == "binary")
        for column in self.binary:
            self.into.lower[column] = max(0.0, self.into.lower[column] or 0.0)
            upper = self.into.upper[column]
            self.into.upper[column] = 1.0 if upper is None else min(1.0, upper)
        return self.into

    def sections(self) -> Iterator[tuple[str, int, int, int]]:
        """Yield kind, begin and end of each section, and where its head stands."""
        heads = list(_SECTION.finditer(self.text))
        first = heads[0].start() if heads else len(self.text)
        if not heads or heads[0]["objective"] is None or self.text[:first].strip():
            raise self.fault("an LP file begins with `minimize` or `maximize`; this is something else.", 0)
        for place, head in enumerate(heads):
            kind = next(name for name in _SECTIONS if head[name] is not None)
            if kind == "objective":
                self.into.sense = Sense.MAXIMIZE if head["sense"].lower() == "max" else Sense.MINIMIZE
            end = heads[place + 1].start() if place + 1 < len(heads) else len(self.text)
            if kind == "end":
                if self.text[head.end() :].strip():
                    raise self.fault("something stands behind `end`.", head.end())
                return
            yield kind, head.end(), end, head.start()
        raise self.fault("the file ends without `end`: it is cut off.", len(self.text))

    # -- objective and rows -----------------------------------------------------------------------------

    def objective(self, begin: int, end: int) -> None:
        into = self.into
        for number, statement in enumerate(self.statements(begin, end)):
            if number or statement.relations:
                wrong = "there are two objectives" if number else "an objective has no comparison"
                raise self.fault(f"{wrong}.", statement.position)
            (total,) = statement.sums
            for name, value in total.terms:
                column = into.column(name)
                into.costs[column] = into.costs.get(column, 0.0) + value
            into.products += [(-1, into.column(a), into.column(b), value) for a, b, value in total.products]
            into.constant = total.constant

    def rows(self, begin: int, end: int) -> None:
        into = self.into
        for statement in self.statements(begin, end):
            row = len(into.rows)
            label = statement.label
            if label is None:
                label = f"R{row + 1}"
                while label in into.rows:
                    label += "_"
            if label in into.rows:
                raise self.fault(f"there are two rows {label}.", statement.position)
            into.rows[label] = row
            lower, upper = self.sides(statement)
            into.row_lower.append(lower)
            into.row_upper.append(upper)
            for sign, total in zip(
                (1.0, -1.0) if len(statement.sums) == 2 else (0.0, 1.0), statement.sums, strict=False
            ):
                into.entry_column += [into.column(name) for name, _ in total.terms]
                into.entry_value += [sign * value for _, value in total.terms]
                into.entry_row += [row] * len(total.terms)
                into.products += [
                    (row, into.column(first), into.column(second), sign * value)
                    for first, second, value in total.products
                ]

    def sides(self, statement: _Statement) -> tuple[float, float]:
        """Return the sides of a row, its numbers on the right."""
        relations, sums = statement.relations, statement.sums
        if not relations or not sums[-1].has_parts:
            what = "has no comparison" if not relations else "has nothing behind its comparison"
            raise self.fault(f"the row {statement.label or ''} {what}.".replace("  ", " "), statement.position)
        if len(relations) == 1:
            limit = sums[1].constant - sums[0].constant
            return (limit if relations[0] in "=>" else -math.inf), (limit if relations[0] in "=<" else math.inf)
        ends = sums[0], sums[-1]
        if (
            len(relations) > 2
            or relations[0] != relations[1]
            or relations[0] == "="
            or not all(e.is_number for e in ends)
        ):
            raise self.fault(
                "a row has one comparison, or two as in `1 <= x + y <= 5`; give each row a name.", statement.position
            )
        low, high = (side.constant - sums[1].constant for side in (ends if relations[0] == "<" else ends[::-1]))
        return low, high

    def statements(self, begin: int, end: int) -> Iterator[_Statement]:
        """Yield each row or objective of a section."""
        now = _Statement(begin)
        while end > begin and self.text[end - 1].isspace():
            end -= 1
        for match in _TOKEN.finditer(self.text, begin, end):
            label, relation, side, bracket_sign, inner, half, sign, number, name = match.groups()
            if name is not None or number is not None:
                self.term(now.sums[-1], sign, number, name, match.start())
            elif relation is not None:
                now.relations.append("<" if "<" in relation else ">" if ">" in relation else "=")
                now.sums.append(_Sum())
                if side is not None:
                    now.sums[-1].constant, now.sums[-1].has_parts = _number(side), True
                    yield now
                    now = _Statement(match.end())
            elif label is not None:
                if now.is_begun:
                    yield now
                elif now.label is not None:
                    raise self.fault(f"nothing stands behind `{now.label}:`.", now.position)
                now = _Statement(match.start("label"), label)
            elif inner is not None:
                self.products(now.sums[-1], inner, bracket_sign, half is not None, match.start("inner"))
            else:
                text = self.text[match.start() : end].lstrip().split("\n", 1)[0].strip()[:40]
                why = "; rows that hold only under a condition are not read" if text.startswith("->") else ""
                raise self.fault(f"`{text}` is not understood{why}.", match.start())
        if now.is_begun:
            yield now

    def term(self, total: _Sum, sign: str | None, number: str | None, name: str | None, position: int) -> None:
        """Take a number, a column, or a number times a column."""
        if sign is None and total.has_parts:
            raise self.fault(f"a sign or a comparison is missing before `{name or number}`.", position)
        value = 1.0 if number is None else float(number)
        if sign is not None and sign.count("-") % 2:
            value = -value
        total.has_parts = True
        if name is None:
            total.constant += value
        else:
            total.terms.append((name, value))

    def products(self, total: _Sum, inner: str, sign: str | None, is_half: bool, position: int) -> None:
        """Take the quadratic terms between brackets."""
        if sign is None and total.has_parts:
            raise self.fault("a sign is missing before `[`.", position)
        scale = (0.5 if is_half else 1.0) * (-1.0 if sign is not None and sign.count("-") % 2 else 1.0)
        at = 0
        while inner[at:].strip():
            match = _PRODUCT.match(inner, at)
            if match is None or (at and match["sign"] is None):
                raise self.fault(f"`{inner[at:].strip()[:40]}` is no quadratic term.", position + at)
            value = scale * (1.0 if match["number"] is None else float(match["number"]))
            value = -value if match["sign"] is not None and match["sign"].count("-") % 2 else value
            total.products.append((match["first"], match["second"] or match["first"], value))
            at = match.end()
        total.has_parts = True

    # -- bounds and kinds -------------------------------------------------------------------------------

    def lines(self, begin: int, end: int) -> Iterator[tuple[int, str]]:
        for line in self.text[begin:end].split("\n"):
            if line.strip():
                yield begin, line
            begin += len(line) + 1

    def bounds(self, begin: int, end: int) -> None:
        lower, upper = self.into.lower, self.into.upper
        for position, line in self.lines(begin, end):
            match = _BOUND.fullmatch(" ".join(line.split()))
            if match is None or (match["free"] is None and match["left"] is None and match["right"] is None):
                raise self.fault(f"`{line.strip()[:60]}` is no bound, such as `0 <= x <= 4` or `x free`.", position)
            column = self.named(match["free"] or match["name"])
            if match["free"] is not None:
                lower[column], upper[column] = -math.inf, math.inf
            for number, relation, turned in (("left", "left_sign", "><"), ("right", "right_sign", "<>")):
                if match[number] is not None:
                    sign, value = match[relation], _number(match[number])
                    if turned[0] in sign or ("<" not in sign and ">" not in sign):
                        upper[column] = value
                    if turned[1] in sign or ("<" not in sign and ">" not in sign):
                        lower[column] = value

    def named(self, name: str) -> int:
        """Return the place of a column that a bound names."""
        if name not in self.into.columns:
            self.into.notes.append(
                f"The column {name} stands in no row and not in the objective, only among the bounds."
            )
        return self.into.column(name)

    def kinds(self, begin: int, end: int, *, is_binary: bool) -> None:
        for position, line in self.lines(begin, end):
            for name in line.split():
                column = self.into.columns.get(name)
                if column is None:
                    raise self.fault(f"there is no column {name[:60]}.", position)
                self.into.whole.add(column)
                if is_binary:
                    self.binary.append(column)


def _number(text: str) -> float:
    text = "".join(text.split()).lower()
    if "inf" in text:
        return -math.inf if text[0] == "-" else math.inf
    return float(text)
