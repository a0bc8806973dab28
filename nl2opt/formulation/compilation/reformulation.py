"""Writes `max`, `min` and `abs` of decision variables as rows, exactly.

Where nothing gains from a maximum that is too large (it stands with a positive sign in a `<=` row or a minimised
objective), the rows `maximum >= argument` say all that is needed. Elsewhere a binary column for each argument
picks the one that is attained: `maximum <= argument + M * (1 - chosen)`, the chosen ones adding up to 1, with the
smallest M that the bounds of the arguments allow, one for each row (Williams, Model Building in Mathematical
Programming, 5th ed. 2013, chapter 9). A minimum is the same with all signs turned round.

Definitions are taken in the reverse of the order in which they were met, so that the rows of one say what is asked
of those inside it: nothing is made exact by binaries that need not be.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from nl2opt.formulation.compilation.assemble import RowFamily
from nl2opt.formulation.compilation.extremum_arguments import Arguments, largest_of_others, may_be_largest
from nl2opt.formulation.compilation.intervals import Interval, bounds_of_columns, bounds_of_polynomials
from nl2opt.formulation.compilation.matrix import sorted_entries
from nl2opt.formulation.compilation.missing_bounds import missing_bounds
from nl2opt.formulation.compilation.reformulated import Binaries, DefinitionRows, Reformulation
from nl2opt.formulation.evaluation import polynomial
from nl2opt.formulation.evaluation.definitions import Definition, Definitions, column_polynomial, selected
from nl2opt.formulation.evaluation.elements import BoolArray, FloatArray, IntArray
from nl2opt.formulation.evaluation.polynomial import ColumnArray, Polynomial, Terms
from nl2opt.formulation.findings import Finding
from solvers import Sense

_INCREASING: Final = ("exp", "log", "sqrt")


def reformulate(
    definitions: Definitions,
    families: Sequence[RowFamily],
    objectives: Sequence[tuple[Polynomial, Sense]],
    bounds: tuple[FloatArray, FloatArray],
    name_of_column: Callable[[int], str],
) -> Reformulation:
    """Find the rows and binaries that make every maximum and minimum exact.

    Args:
        definitions: all of them.
        families: the rows of the constraints, over declared and defined columns.
        objectives: every objective that the model is solved for, in one row each, with its sense.
        bounds: lower and upper bounds of the declared columns.
        name_of_column: the name of a declared column.
    """
    return _Reformulator(definitions, families, objectives, bounds, name_of_column).run()


class _Reformulator:
    """One reformulation: what every column is wanted to be, and the rows that follow from it."""

    def __init__(
        self,
        definitions: Definitions,
        families: Sequence[RowFamily],
        objectives: Sequence[tuple[Polynomial, Sense]],
        bounds: tuple[FloatArray, FloatArray],
        name_of_column: Callable[[int], str],
    ) -> None:
        self.definitions = definitions
        self.name_of_column = name_of_column
        self.box = bounds_of_columns(*bounds, definitions.entries)
        size = definitions.n_columns
        self.smaller_helps = np.zeros(size, np.bool_)
        self.larger_helps = np.zeros(size, np.bool_)
        self.exact = np.zeros(size, np.bool_)
        self.rows: list[DefinitionRows] = []
        self.binaries: list[Binaries] = []
        self.n_columns = size
        self.findings: list[Finding] = []
        for columns in definitions.pinned:
            self.smaller_helps[columns] = self.larger_helps[columns] = True
        for family in families:
            self.note_uses(family.body, np.isfinite(family.lower), np.isfinite(family.upper))
        for body, sense in objectives:
            self.note_uses(body, np.array([sense is Sense.MAXIMIZE]), np.array([sense is Sense.MINIMIZE]))

    def run(self) -> Reformulation:
        for definition in reversed(self.definitions.entries):
            if definition.is_extremum:
                self.extremum(definition)
            elif definition.is_nonlinear:
                self.function(definition)
        return Reformulation(
            tuple(self.rows), tuple(self.binaries), self.box, self.smaller_helps | self.larger_helps, self.exact,
            tuple(dict.fromkeys(self.findings)),
        )  # fmt: skip

    # -- which way columns are pressed ----------------------------------------------------------------

    def note_uses(self, body: Polynomial, has_lower: BoolArray, has_upper: BoolArray) -> None:
        """Note for the defined columns in some rows whether it helps the rows when they are smaller or larger.

        Args:
            body: the rows.
            has_lower: for each row whether it must not be too small, or is to be large.
            has_upper: for each row whether it must not be too large, or is to be small.
        """
        if body.linear:
            parts = [part for part in body.linear if (part.columns[0] >= self.definitions.first).any()]
            rows, columns, values = sorted_entries(parts, self.n_columns)
            self.note(rows, columns, values > 0, values < 0, has_lower, has_upper)
        for terms in body.quadratic:
            coefficients = np.broadcast_to(terms.coefficients, (terms.count,))
            for column, other in (terms.columns, terms.columns[::-1]):
                defined = (column >= self.definitions.first) & (column < len(self.smaller_helps))
                if defined.any():
                    slope = self.box.at(other[defined]).scaled(coefficients[defined])
                    place = terms.explicit_rows()[defined]
                    self.note(place, column[defined], slope.upper > 0, slope.lower < 0, has_lower, has_upper)

    def note(
        self,
        rows: IntArray,
        columns: ColumnArray,
        rises: BoolArray,
        falls: BoolArray,
        has_lower: BoolArray,
        has_upper: BoolArray,
    ) -> None:
        """Note entries of defined columns by whether the row can rise or fall when the column grows."""
        known = (columns >= self.definitions.first) & (columns < len(self.smaller_helps))  # binaries need no note
        rows, columns, rises, falls = rows[known], columns[known], rises[known], falls[known]
        self.smaller_helps[columns[(rises & has_upper[rows]) | (falls & has_lower[rows])]] = True
        self.larger_helps[columns[(rises & has_lower[rows]) | (falls & has_upper[rows])]] = True

    def function(self, definition: Definition) -> None:
        """Pass on what is asked of a nonlinear function to its arguments."""
        smaller = self.smaller_helps[definition.columns][definition.owner]
        larger = self.larger_helps[definition.columns][definition.owner]
        if definition.function in _INCREASING:
            self.note_uses(definition.arguments, larger, smaller)
        else:
            self.note_uses(definition.arguments, smaller | larger, smaller | larger)

    # -- rows -----------------------------------------------------------------------------------------

    def extremum(self, definition: Definition) -> None:
        """Write the rows of a maximum or minimum; a minimum is the negative of the maximum of the negatives."""
        is_max = definition.function == "max"
        # Copies, since the rows that follow hold these columns too.
        smaller, larger = self.smaller_helps[definition.columns].copy(), self.larger_helps[definition.columns].copy()
        exact = larger if is_max else smaller
        self.exact[definition.columns] = exact
        owner = definition.owner
        interval = bounds_of_polynomials(definition.arguments, len(owner), self.box)
        if not is_max:
            interval = Interval(-interval.upper, -interval.lower)
        numbers = np.arange(len(owner)) - np.searchsorted(owner, owner) + 1
        keep = (smaller | larger)[owner] & may_be_largest(interval, owner, definition.size)
        part = Arguments(
            definition, selected(definition.arguments, keep), owner[keep], numbers[keep],
            Interval(interval.lower[keep], interval.upper[keep]),
        )  # fmt: skip
        if len(part.owner):
            self.add_rows(part, exact)

    def add_rows(self, part: Arguments, exact: BoolArray) -> None:
        is_max = part.definition.function == "max"
        own = column_polynomial(part.owner + part.definition.first)
        difference = polynomial.add([own, part.body.scaled(np.asarray(-1.0))])
        varies = part.interval.lower != part.interval.upper  # a constant argument is a bound of the column
        if varies.any():
            self.add_family(part, difference, 0.0, is_lower=is_max, chosen=varies)
        needs = exact[part.owner]
        if not needs.any():
            return
        single = np.bincount(part.owner, minlength=part.definition.size)[part.owner] == 1
        if (needs & single).any():
            self.add_family(part, difference, 0.0, is_lower=not is_max, chosen=needs & single)
        needs &= ~single
        if needs.any():
            self.add_choice(part, difference, needs)

    def add_choice(self, part: Arguments, difference: Polynomial, needs: BoolArray) -> None:
        """Let binaries choose the argument that is attained, for those maxima that need it."""
        definition, is_max = part.definition, part.definition.function == "max"
        gap = largest_of_others(part.interval.upper, part.owner, definition.size) - part.interval.lower
        if self.is_unbounded(part, gap, needs):
            return
        columns = np.arange(self.n_columns, self.n_columns + int(needs.sum()))
        self.n_columns += len(columns)
        self.binaries.append(Binaries(definition, part.owner[needs], part.argument[needs]))
        big = np.maximum(gap, 0.0)
        switch = np.full(len(needs), 0, np.int64)
        switch[needs] = columns
        sign = 1.0 if is_max else -1.0
        choice = Polynomial(np.asarray(0.0), (Terms(None, (switch,), np.where(needs, sign * big, 0.0)),))
        self.add_family(part, polynomial.add([difference, choice]), sign * big, is_lower=not is_max, chosen=needs)
        owners = np.unique(part.owner[needs])
        rows = np.searchsorted(owners, part.owner[needs])
        total = Polynomial(np.asarray(0.0), (Terms(rows, (columns,), np.asarray(1.0)),))
        ones = np.ones(len(owners))
        one_of = DefinitionRows(
            _element_name(definition),
            definition.frame.take(owners),
            total,
            ones,
            ones,
            "",
            definition,
            owners,
            "one of",
            np.zeros(len(owners), np.int64),
            element=definition.element,
        )
        self.rows.append(one_of)

    def add_family(
        self, part: Arguments, body: Polynomial, side: FloatArray | float, *, is_lower: bool, chosen: BoolArray
    ) -> None:
        """Add the rows `body >= side`, or `body <= side`, for some of the arguments."""
        definition = part.definition
        kept = selected(body, chosen) if not chosen.all() else body
        sides = np.broadcast_to(side, chosen.shape)[chosen] - np.broadcast_to(body.constant, chosen.shape)[chosen]
        nothing = np.full(len(sides), np.inf)
        lower, upper = (sides, nothing) if is_lower else (-nothing, sides)
        owner = part.owner[chosen]
        family = DefinitionRows(
            _element_name(definition), definition.frame.take(owner), kept, lower + 0.0, upper + 0.0, "",
            definition, owner, "at least" if is_lower else "at most", part.argument[chosen],
            element=definition.element,
        )  # fmt: skip
        self.rows.append(family)
        self.note_uses(kept, np.isfinite(lower), np.isfinite(upper))

    def is_unbounded(self, part: Arguments, gap: FloatArray, needs: BoolArray) -> bool:
        """Report the arguments whose bounds are needed and missing."""
        bad = needs & ~np.isfinite(gap)
        if not bad.any():
            return False
        definition, is_max = part.definition, part.definition.function == "max"
        infinite = needs & ~np.isfinite(part.interval.upper)
        low = needs & ~np.isfinite(part.interval.lower)
        for flags, is_upper in ((low, not is_max), (infinite, is_max)):
            for place in np.flatnonzero(flags)[:1].tolist():
                for column, side in missing_bounds(
                    part.body, place, is_upper=is_upper, definitions=self.definitions, box=self.box,
                    name_of_column=self.name_of_column,
                ):  # fmt: skip
                    self.findings.append(_missing(definition, int(part.owner[place]), column, side))
        if not self.findings:
            self.findings.append(_missing(definition, int(part.owner[np.argmax(bad)]), "", ""))
        return True


def _element_name(definition: Definition) -> str:
    return definition.element.split(".", 1)[1] if "." in definition.element else definition.element


def _missing(definition: Definition, place: int, variable: str, side: str) -> Finding:
    what = f"`{variable}` has no {side} bound" if variable else "the bounds of its arguments are infinite"
    mend = f"State `{side}` for the variable `{variable.split('[')[0]}`." if variable else "State bounds of variables."
    return Finding(
        code="needs_bound",
        element=definition.element,
        field="expression",
        message=f"it can only be made exact with binary variables, which need bounds, and {what}",
        text=definition.text,
        where=definition.frame.describe(place),
        mend=mend,
    )
