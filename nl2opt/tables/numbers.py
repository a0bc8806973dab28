"""Reads the numbers of a column of texts: thousands separators, decimal commas, currency signs, percentages.

What could be read in two ways, as "1,200" can, is decided by the rest of the column, then by the rest of the file, and
left in doubt where neither tells. Nothing is decided without saying so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from nl2opt.formulation.evaluation.elements import BoolArray, FloatArray, IntArray
from nl2opt.tables.table import TextArray

if TYPE_CHECKING:
    import pandas as pd

Decimal = Literal[".", ","]
"""The sign before decimals."""
_NO_VALUE: Final = ("-", "–", "—", "n/a", "na", "n.a.", "nan", "null", "none", "#n/a", "k.a.")
_CURRENCY: Final = r"(?:[$€£¥₹]|US\$|USD|EUR|GBP|CHF|JPY|CNY|INR|SEK|NOK|DKK|PLN|CZK|CAD|AUD)"
_GAP: Final = re.compile(r"['’\s\u00a0\u202f]")
_GAPS: Final = re.compile(r"^[1-9]\d{0,2}(?:['’\s\u00a0\u202f]\d{3})+(?:[.,]\d*)?$")
"""Gaps before thousands; elsewhere, as in telephone numbers, they make no number."""
_DIGITS: Final = r"[\d.,'’\s\u00a0\u202f]*\d[.,]?(?:[eE][+-]?\d+)?"
_SIGNED: Final = rf"^\s*([+\-−]?)\s*{_CURRENCY}?\s*([+\-−]?)\s*({_DIGITS})\s*{_CURRENCY}?\s*(%?)\s*$"
_OTHER_SIGNS: Final = re.compile(r"[^\d.\n+\-eE]")
_CODES: Final = re.compile(r"^0\d+$", re.MULTILINE)
_SURE_POINT: Final = re.compile(r"^(?![1-9]\d{0,2}\.\d{3}$).*\.", re.MULTILINE)
_COMMA_GROUPS: Final = r"^[1-9]\d{0,2}(?:,\d{3})+$"
_POINT_GROUPS: Final = r"^[1-9]\d{0,2}(?:\.\d{3})+$"
_ONE_COMMA_GROUP: Final = r"^[1-9]\d{0,2},\d{3}$"
_ONE_POINT_GROUP: Final = r"^[1-9]\d{0,2}\.\d{3}$"
_POINT_DECIMALS: Final = r"^(?:\d{1,3}(?:,\d{3})+|\d*)\.\d*(?:[eE][+-]?\d+)?$"
_COMMA_DECIMALS: Final = r"^(?:\d{1,3}(?:\.\d{3})+|\d*),\d*(?:[eE][+-]?\d+)?$"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NumberReading:
    """What came of reading a column of texts as numbers.

    Attributes:
        values: float64 (n,), NaN where a cell is empty or cannot be read.
        faults: positions (k,) of cells that are neither empty nor numbers.
        decimal: what the column itself shows to be the sign before decimals; `None` when it shows nothing.
        notes: what was taken for granted, in words that follow the name of the column.
        doubt: why the numbers cannot be told; empty when they can.
    """

    values: FloatArray
    faults: IntArray
    decimal: Decimal | None = None
    notes: tuple[str, ...] = ()
    doubt: str = ""


def read_numbers(texts: TextArray, *, decimal: Decimal | None = None, hint: Decimal | None = None) -> NumberReading:
    """Read a column of texts as numbers.

    Args:
        texts: the cells; an empty text is an empty cell.
        decimal: the sign before decimals, where a person has said it.
        hint: what the rest of the file shows it to be; `None` when it shows nothing.
    """
    import pandas as pd

    cells = pd.Series(texts, dtype=object)
    stated = np.asarray(texts != "", np.bool_)
    if decimal != "," and (plain := plain_numbers(cells)) is not None:
        return plain
    return _Reader(cells, stated, decimal, hint).read()


def plain_numbers(cells: pd.Series) -> NumberReading | None:
    """Read plain numbers; `None` where there is anything else, or points that may stand before thousands.

    Args:
        cells: texts; an empty one is an empty cell.
    """
    import pandas as pd

    texts = cells.to_numpy(object)
    joined = "\n".join(text for text in texts.tolist() if isinstance(text, str))
    if _OTHER_SIGNS.search(joined) or _CODES.search(joined):
        return None
    has_point = "." in joined
    if has_point and not _SURE_POINT.search(joined):
        return None
    stated = np.asarray(texts != "", np.bool_) & ~cells.isna().to_numpy(np.bool_)
    values = pd.to_numeric(pd.Series(np.where(stated, texts, "nan")), errors="coerce").to_numpy(np.float64)
    if np.isinf(values).any() or np.isnan(values[stated]).any() or not stated.any():
        return None
    return NumberReading(values=values, faults=np.empty(0, np.int64), decimal="." if has_point else None)


def repeated(reading: NumberReading, codes: IntArray) -> NumberReading:
    """Return the reading of a column from that of its distinct cells.

    Args:
        reading: of the distinct cells.
        codes: for each row its cell among these.
    """
    is_fault = np.zeros(len(reading.values), np.bool_)
    is_fault[reading.faults] = True
    return replace(reading, values=reading.values[codes], faults=np.flatnonzero(is_fault[codes]))


class _Reader:
    """Reads one column in which not everything is plain."""

    def __init__(self, cells: pd.Series, stated: BoolArray, decimal: Decimal | None, hint: Decimal | None) -> None:
        self.cells = cells
        self.asked = decimal
        self.hint = hint
        words = cells.str.strip().str.casefold()
        self.no_value = stated & words.isin(_NO_VALUE).to_numpy()
        self.stated = stated & ~self.no_value
        self.notes: list[str] = []

    def read(self) -> NumberReading:
        """Read the column."""
        import pandas as pd

        brackets = self.cells.str.match(r"^\s*\(.*\d.*\)\s*$").to_numpy(np.bool_) & self.stated
        inside = self.cells.str.replace(r"^\s*\((.*)\)\s*$", r"\1", regex=True)
        parts = inside.str.extract(_SIGNED)
        written = parts[2].str.strip()
        gaps = (written.str.contains(_GAP, na=False) & ~written.str.match(_GAPS, na=False)).to_numpy(np.bool_)
        digits = written.str.replace(_GAP, "", regex=True).mask(pd.Series(gaps, index=written.index))
        negative = (parts[0].isin(["-", "−"]) | parts[1].isin(["-", "−"])).to_numpy() | brackets
        percent = (parts[3] == "%").to_numpy() & self.stated
        readable = digits.notna().to_numpy() & self.stated
        decimal, doubt = self.convention(digits[readable])
        texts = digits.where(readable, "nan")
        if doubt:
            texts = texts.where(~texts.str.contains(",", regex=False), "nan")
        values, wrong = self.converted(texts, decimal or ".")
        values[negative] *= -1.0
        values[percent] /= 100.0
        values[np.isinf(values)] = np.nan
        faults = np.flatnonzero(self.stated & (~readable | (wrong & readable)))
        self.tell(inside, percent, brackets)
        faults = faults[:0] if doubt else faults
        return NumberReading(values=values, faults=faults, decimal=self.shown, notes=tuple(self.notes), doubt=doubt)

    shown: Decimal | None = None

    def convention(self, digits: pd.Series) -> tuple[Decimal | None, str]:
        """Return the sign before decimals, and a doubt where nothing tells."""
        has_comma, has_point = digits.str.contains(",", regex=False), digits.str.contains(".", regex=False)
        one_comma, one_point = digits.str.match(_ONE_COMMA_GROUP), digits.str.match(_ONE_POINT_GROUP)
        comma = (
            has_comma & ~one_comma & digits.str.match(_COMMA_DECIMALS) & ~digits.str.match(_COMMA_GROUPS)
        ).any() or (has_point & ~has_comma & ~one_point & digits.str.match(_POINT_GROUPS)).any()
        point = (
            has_point & ~one_point & digits.str.match(_POINT_DECIMALS) & ~digits.str.match(_POINT_GROUPS)
        ).any() or (has_comma & ~has_point & ~one_comma & digits.str.match(_COMMA_GROUPS)).any()
        if comma != point:
            self.shown = "," if comma else "."
        chosen = self.asked or self.shown
        example = next(iter(digits[one_comma | one_point]), "")
        if chosen is not None:
            if has_comma.any():
                self.notes.append(f"was read with the decimal {_name(chosen)}")
            return chosen, ""
        if comma and point:
            return None, "holds numbers with decimal commas and numbers with decimal points"
        if not example:
            return None, ""
        if self.hint is not None:
            value = example.replace(".", "").replace(",", ".") if self.hint == "," else example.replace(",", "")
            self.notes.append(
                f"was read with the decimal {_name(self.hint)}, as other columns are: {example} is {value}"
            )
            return self.hint, ""
        if one_comma.any():
            groups, decimals = example.replace(",", ""), example.replace(",", ".")
            return None, f"holds numbers that may mean two things: {example} may be {groups} or {decimals}"
        self.notes.append(f"was read with the decimal point: {example} is {float(example):g}")
        return ".", ""

    def converted(self, texts: pd.Series, decimal: Decimal) -> tuple[FloatArray, BoolArray]:
        """Return numbers, and which cells do not follow the convention."""
        import pandas as pd

        group = "." if decimal == "," else ","
        grouped = rf"^[1-9]\d{{0,2}}(?:\{group}\d{{3}})+(?:\{decimal}\d*)?(?:[eE][+-]?\d+)?$"
        with_groups = texts.str.contains(group, regex=False)
        wrong = (with_groups & ~texts.str.match(grouped)).to_numpy(np.bool_)
        plain = texts.str.replace(group, "", regex=False).str.replace(decimal, ".", regex=False)
        values = pd.to_numeric(plain.mask(pd.Series(wrong, index=texts.index), "nan"), errors="coerce")
        found = values.to_numpy(np.float64, copy=True)
        return found, wrong | (np.isnan(found) & (texts != "nan").to_numpy())

    def tell(self, cells: pd.Series, percent: BoolArray, brackets: BoolArray) -> None:
        """Note what was done to cells."""
        if percent.any():
            which = "percentages" if percent.sum() == self.stated.sum() else "percentages in some cells"
            self.notes.append(f"has {which}: 5 % was read as 0.05")
        if cells[self.stated].str.contains(_CURRENCY).any():
            self.notes.append("has currency signs in its cells, which were left out")
        if brackets.any():
            self.notes.append("has numbers in parentheses, which were read as negative")
        if self.no_value.any():
            words = list(dict.fromkeys(self.cells[self.no_value].str.strip()))[:3]
            self.notes.append(f"has cells such as `{words[0]}`, which were read as empty")


def _name(decimal: Decimal) -> str:
    return "comma" if decimal == "," else "point"
