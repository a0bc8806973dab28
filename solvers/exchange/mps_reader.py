"""Reads MPS files, in free format and in fixed format where no name holds a space.

The reader of HiGHS 1.13.1 passes over what it does not understand (undefined rows, entries that stand twice) with a
line in its log; this one says the line and stops. Where the format leaves something open it follows HiGHS, and notes
it.
The sections: the format of MPSX with OBJSENSE, QUADOBJ, QMATRIX, QSECTION and QCMATRIX of CPLEX.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from solvers.errors import ExchangeError
from solvers.exchange.collected import Collected
from solvers.exchange.flat import INFINITE
from solvers.model import Sense

_UNSUPPORTED: Final = {
    "SOS": "special ordered sets",
    "SETS": "special ordered sets",
    "SOS1": "special ordered sets",
    "SOS2": "special ordered sets",
    "INDICATORS": "indicator rows",
    "CSECTION": "cones",
    "GENCONS": "general constraints",
    "PWLOBJ": "piecewise linear objectives",
    "LAZYCONS": "lazy constraints",
    "USERCUTS": "user cuts",
}
_ALONE: Final = frozenset(
    ("ROWS", "COLUMNS", "RHS", "RANGES", "BOUNDS", "QUADOBJ", "QMATRIX", "QSECTION", "OBJSENSE", "ENDATA")
)
_WITH_VALUE: Final = frozenset(["NAME", "OBJSENSE", "OBJNAME", "QCMATRIX", "QSECTION", "QUADOBJ"])
_SENSES: Final = {
    "MAX": Sense.MAXIMIZE,
    "MAXIMIZE": Sense.MAXIMIZE,
    "MAXIMISE": Sense.MAXIMIZE,
    "MIN": Sense.MINIMIZE,
    "MINIMIZE": Sense.MINIMIZE,
    "MINIMISE": Sense.MINIMIZE,
}
_OBJECTIVE: Final = -1
_IGNORED: Final = -2


def collect_mps(text: str, path: str) -> Collected:
    """Read the text of an MPS file.

    Raises:
        ExchangeError: it is none, or holds what a model has no place for; the text says the line.
    """
    return _Reader(path).read(text)


class _Reader:
    def __init__(self, path: str) -> None:
        self.into = Collected(path)
        self.line = 0
        self.row_places: dict[str, int] = {}
        self.senses: list[str] = []
        self.objective: str | None = None
        self.objective_wanted: str | None = None
        self.is_whole = False
        self.column, self.column_name = -1, ""
        self.rows_of_column: set[int] = set()
        self.product_row = _OBJECTIVE
        self.is_triangle = True
        self.sides_of: dict[str, set[str]] = {"RHS": set(), "RANGES": set(), "BOUNDS": set()}
        self.stated_rhs: set[int] = set()
        self.ranges: dict[int, float] = {}
        self.unbounded_whole: set[int] = set()
        self.has_rows = False
        self.only_bounded: dict[str, int] = {}

    def fault(self, message: str) -> ExchangeError:
        return self.into.fault(message, self.line)

    def read(self, text: str) -> Collected:
        take: Callable[[list[str]], None] | None = None
        sections: dict[str, Callable[[list[str]], None]] = {
            "ROWS": self.row, "COLUMNS": self.entry, "RHS": self.side, "RANGES": self.range, "BOUNDS": self.bound,
            "OBJSENSE": self.sense, "OBJNAME": self.name_objective, "QUADOBJ": self.product, "QMATRIX": self.product,
            "QSECTION": self.product, "QCMATRIX": self.product,
        }  # fmt: skip
        for number, line in enumerate(text.split("\n"), 1):
            tokens = line.split()
            if not tokens or line[0] == "*" or tokens[0][0] == "*":
                continue
            self.line = number
            if not line[0].isspace() and self.is_header(tokens):
                word = tokens[0].upper()
                if word == "ENDATA":
                    return self.finished()
                self.begin(word, tokens)
                take = sections.get(word)
            elif take is not None:
                take(tokens)
            elif not self.has_rows:
                raise self.fault(f"`{line.strip()[:60]}` stands where a section such as NAME or ROWS is expected.")
        self.line += 1
        raise self.fault("the file ends without ENDATA: it is cut off, or no MPS file.")

    def is_header(self, tokens: list[str]) -> bool:
        word = tokens[0].upper()
        if word in _UNSUPPORTED and (len(tokens) == 1 or word in ("CSECTION", "SOS1", "SOS2")):
            raise self.fault(f"the section {word} holds {_UNSUPPORTED[word]}, which cannot be read.")
        return (len(tokens) == 1 and word in _ALONE) or word in _WITH_VALUE

    def begin(self, word: str, tokens: list[str]) -> None:
        """Take note of a section's head."""
        if word == "NAME":
            self.into.title = " ".join(tokens[1:])
        elif word in ("OBJSENSE", "OBJNAME") and len(tokens) > 1:
            (self.sense if word == "OBJSENSE" else self.name_objective)(tokens[1:])
        elif word == "ROWS":
            self.has_rows = True
        elif word == "QCMATRIX":
            self.product_row = self.place_of_row(tokens[1]) if len(tokens) == 2 else _IGNORED
            if self.product_row == _IGNORED:
                raise self.fault("QCMATRIX must name one row.")
            self.is_triangle = False
        elif word.startswith("Q"):
            if len(tokens) > 1 and tokens[1] != self.objective:
                self.product_row = self.place_of_row(tokens[1])
                raise self.fault(f"{word} for a row other than the objective is not read; use QCMATRIX.")
            self.product_row, self.is_triangle = _OBJECTIVE, word != "QMATRIX"

    # -- sections ---------------------------------------------------------------------------------------

    def sense(self, tokens: list[str]) -> None:
        word = tokens[0].upper()
        if word not in _SENSES:
            raise self.fault(f"`{tokens[0]}` is no sense of an objective; write MAX or MIN.")
        self.into.sense = _SENSES[word]

    def name_objective(self, tokens: list[str]) -> None:
        self.objective_wanted = tokens[0]

    def row(self, tokens: list[str]) -> None:
        if len(tokens) != 2 or tokens[0].upper() not in ("N", "E", "L", "G"):
            raise self.fault(f"`{' '.join(tokens)[:60]}` is no row: a letter N, E, L or G and a name, without spaces.")
        letter, name = tokens[0].upper(), tokens[1]
        if name in self.row_places:
            raise self.fault(f"there are two rows {name}.")
        if letter == "N":
            wanted = self.objective is None if self.objective_wanted is None else name == self.objective_wanted
            self.row_places[name] = _OBJECTIVE if wanted else _IGNORED
            if wanted:
                self.objective = name
            else:
                self.into.notes.append(f"The row {name} has no side and is not the objective; it was left out.")
            return
        self.row_places[name] = self.into.rows[name] = len(self.into.rows)
        self.senses.append(letter)
        self.into.row_lower.append(0.0 if letter in "EG" else -math.inf)
        self.into.row_upper.append(0.0 if letter in "EL" else math.inf)

    def entry(self, tokens: list[str]) -> None:
        if len(tokens) == 3 and tokens[1].strip("'").upper() == "MARKER":
            kind = tokens[2].strip("'").upper()
            if kind not in ("INTORG", "INTEND"):
                raise self.fault(f"the marker {tokens[2]} is not known; there are 'INTORG' and 'INTEND'.")
            self.is_whole = kind == "INTORG"
            return
        name = tokens[0]
        if len(tokens) not in (3, 5):
            raise self.fault("an entry is a column and one or two pairs of row and number, no name with a space.")
        if name != self.column_name:
            self.begin_column(name)
        into, column = self.into, self.column
        for at in range(1, len(tokens), 2):
            row = self.row_places.get(tokens[at])
            if row is None:
                row = self.place_of_row(tokens[at])
            value = self.coefficient(tokens[at + 1])
            if value == 0.0:
                continue  # SCIP writes zeros several times
            if row in self.rows_of_column and row != _IGNORED:
                raise self.fault(f"the column {name} has two entries in the row {tokens[at]}.")
            self.rows_of_column.add(row)
            if row >= 0:
                into.entry_row.append(row)
                into.entry_column.append(column)
                into.entry_value.append(value)
            elif row == _OBJECTIVE:
                into.costs[column] = value

    def begin_column(self, name: str) -> None:
        if name in self.into.columns:
            raise self.fault(f"the column {name} stands in two places; its entries must follow each other.")
        self.column, self.column_name = self.into.column(name), name
        self.rows_of_column = set()
        if self.is_whole:
            self.into.whole.add(self.column)
            self.unbounded_whole.add(self.column)

    def side(self, tokens: list[str]) -> None:
        for name, value in self.pairs(tokens, "RHS"):
            row = self.place_of_row(name)
            if row in self.stated_rhs:
                raise self.fault(f"the row {name} has two right-hand sides.")
            self.stated_rhs.add(row)
            if row == _OBJECTIVE:
                self.into.constant = -value
            elif row >= 0:
                if self.senses[row] in "EG":
                    self.into.row_lower[row] = value
                if self.senses[row] in "EL":
                    self.into.row_upper[row] = value

    def range(self, tokens: list[str]) -> None:
        for name, value in self.pairs(tokens, "RANGES"):
            row = self.place_of_row(name)
            if row < 0:
                raise self.fault(f"the row {name} has no side, so it can have no range.")
            if row in self.ranges:
                raise self.fault(f"the row {name} has two ranges.")
            self.ranges[row] = value

    def bound(self, tokens: list[str]) -> None:
        kind = tokens[0].upper()
        takes_value = kind in ("UP", "LO", "FX", "UI", "LI", "SC", "SI")
        if not takes_value and kind not in ("FR", "MI", "PL", "BV"):
            raise self.fault(f"the kind of bound `{tokens[0]}` is not known.")
        if kind in ("SC", "SI"):
            raise self.fault("semi-continuous columns are not read; write the choice with a binary column.")
        least = 3 if takes_value else 2
        rest = tokens[1:]
        if len(tokens) == least and (takes_value or rest[0] in self.into.columns):
            name = rest[0]
        elif len(tokens) >= 3 and len(tokens) <= 4:
            name = rest[1]
            self.one_set("BOUNDS", rest[0])
        else:
            raise self.fault("a bound is its kind, the name of the set, a column and a number.")
        if name not in self.into.columns:
            self.only_bounded[name] = self.line  # Pyomo leaves columns out that have quadratic terms only
        column = self.into.column(name)
        self.set_bound(column, kind, self.number(tokens[-1]) if takes_value else 0.0)

    def set_bound(self, column: int, kind: str, value: float) -> None:
        lower, upper = self.into.lower, self.into.upper
        if kind in ("LI", "UI", "BV"):
            self.into.whole.add(column)
        self.unbounded_whole.discard(column)
        match kind:
            case "LO" | "LI":
                lower[column] = value
            case "UP" | "UI":
                upper[column] = value
            case "FX":
                lower[column] = upper[column] = value
            case "FR":
                lower[column], upper[column] = -math.inf, math.inf
            case "MI":
                lower[column] = -math.inf
            case "PL":
                upper[column] = math.inf
            case "BV":
                lower[column], upper[column] = 0.0, 1.0

    def product(self, tokens: list[str]) -> None:
        if len(tokens) != 3:
            raise self.fault("a quadratic term is two columns and a number.")
        places = []
        for name in tokens[:2]:
            places.append(self.into.column(name))
            self.only_bounded.pop(name, None)
        value = self.coefficient(tokens[2])
        first, second = places
        if self.product_row == _OBJECTIVE and (first == second or not self.is_triangle):
            value *= 0.5
        self.into.products.append((self.product_row, first, second, value))

    # -- pieces -----------------------------------------------------------------------------------------

    def pairs(self, tokens: list[str], section: str) -> list[tuple[str, float]]:
        """Return names and numbers of a line, whose name of the set may be left out."""
        if len(tokens) % 2:
            self.one_set(section, tokens[0])
            tokens = tokens[1:]
        if len(tokens) not in (2, 4):
            raise self.fault(f"a line of {section} is the name of the set and one or two pairs of row and number.")
        return [(tokens[at], self.number(tokens[at + 1])) for at in range(0, len(tokens), 2)]

    def one_set(self, section: str, name: str) -> None:
        """Refuse a second set of sides, ranges or bounds: which one is meant is not in the file."""
        known = self.sides_of[section]
        known.add(name)
        if len(known) > 1:
            raise self.fault(f"there are two sets in {section}: {' and '.join(sorted(known))}. Keep one of them.")

    def place_of_row(self, name: str) -> int:
        place = self.row_places.get(name)
        if place is None:
            raise self.fault(f"there is no row {name}.")
        return place

    def coefficient(self, text: str) -> float:
        value = self.number(text)
        if abs(value) >= INFINITE:
            raise self.fault(f"a coefficient cannot be infinite, as `{text[:60]}` is: 1e20 and more count as that.")
        return value

    def number(self, text: str) -> float:
        try:
            value = float(text.replace("D", "e").replace("d", "e")) if "n" not in text.lower() else _infinity(text)
        except ValueError:
            raise self.fault(f"`{text[:60]}` is no number.") from None
        if "_" in text:
            raise self.fault(f"`{text[:60]}` is no number.")
        return value

    def finished(self) -> Collected:
        into = self.into
        if not self.has_rows:
            raise self.fault("there is no section ROWS: this is no MPS file.")
        if self.objective_wanted is not None and self.objective is None:
            raise self.fault(f"there is no row {self.objective_wanted} without a side, which OBJNAME names.")
        for name, line in self.only_bounded.items():
            raise into.fault(f"there is no column {name}.", line)
        for row, width in self.ranges.items():
            self.widen(row, width)
        for column in self.unbounded_whole:
            into.lower[column], into.upper[column] = 0.0, 1.0
        if self.unbounded_whole:
            names = list(into.columns)
            shown = ", ".join(names[column] for column in sorted(self.unbounded_whole)[:5])
            more = ", ..." if len(self.unbounded_whole) > 5 else ""
            into.notes.append(
                f"Integer columns without bounds in the file lie within 0 and 1, as MPS has it: {shown}{more}."
            )
        return into

    def widen(self, row: int, width: float) -> None:
        """Give a row its second side: an equation goes up by a positive range, and down by a negative one."""
        lower, upper = self.into.row_lower, self.into.row_upper
        if self.senses[row] == "G" or (self.senses[row] == "E" and width > 0):
            upper[row] = lower[row] + abs(width)
        else:
            lower[row] = upper[row] - abs(width)


def _infinity(text: str) -> float:
    word = text.lower().lstrip("+-")
    if word not in ("inf", "infinity"):
        raise ValueError
    return -INFINITE if text[0] == "-" else INFINITE
