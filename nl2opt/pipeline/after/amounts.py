"""What becomes of a number: it is set, moved by an amount, or multiplied."""

from __future__ import annotations

import math
import numbers
import re
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from nl2opt.formulation.evaluation.elements import FloatArray
from nl2opt.formulation.words.quantities import number

_DIGITS: Final = 10
_PERCENT: Final = r"(?:%|per\s?cent\b|pct\b)"
_NUMBER: Final = r"\d[\d_]*(?:\.\d+)?(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?"
_PLAIN: Final = re.compile(rf"(?P<currency>[$€£]\s*)?(?P<number>[-−]?(?:{_NUMBER}))")
_SIGNED: Final = re.compile(rf"(?P<sign>[-+−])\s*(?P<number>{_NUMBER})\s*(?P<percent>{_PERCENT})?", re.IGNORECASE)
_SHARE: Final = re.compile(rf"(?P<number>{_NUMBER})\s*{_PERCENT}", re.IGNORECASE)
_MOVED: Final = re.compile(
    rf"(?P<way>up|down|plus|minus|higher|lower|more|less)(?:\s+by)?\s+(?P<number>{_NUMBER})\s*(?P<percent>{_PERCENT})?",
    re.IGNORECASE,
)
_TO: Final = re.compile(r"(?:to|at|is|becomes|=)\s*(?P<rest>.+)", re.IGNORECASE)
_MULTIPLES: Final = {"double": 2.0, "doubled": 2.0, "triple": 3.0, "tripled": 3.0, "half": 0.5, "halved": 0.5}
_DOWN: Final = ("down", "minus", "lower", "less", "-", "−")
_COMMAS: Final = re.compile(r"[-+−]?\d+(?:,\s*\d+)+(?:\.\d+)?")


class AmountError(ValueError):
    """A value means no amount; the text says why and what to write."""


@dataclass(frozen=True, slots=True)
class Amount:
    """What becomes of a number.

    Attributes:
        way: `to` a value, `by` an addend, `times` a factor.
        value: that number; infinite only for a bound that is taken away.
    """

    way: Literal["to", "by", "times"]
    value: float

    def of(self, old: FloatArray) -> FloatArray:
        """Return the new numbers (k,) of old ones.

        Raises:
            AmountError: nothing would change because all of them are 0, or a result is not finite.
        """
        if self.way == "times" and len(old) and not old.any():
            raise AmountError(
                f"{number(_share(self.value))} % of 0 is 0, so nothing would change; give a number instead"
            )
        with np.errstate(over="ignore", invalid="ignore"):
            new = {"to": np.full(old.shape, self.value), "by": old + self.value, "times": old * self.value}[self.way]
        if not np.isfinite(new).all():
            raise AmountError("the new number is not finite")
        return rounded(new)

    def __str__(self) -> str:
        if self.way == "to":
            return f"= {number(self.value)}"
        if self.way == "by":
            return f"{'up' if self.value >= 0 else 'down'} {number(abs(self.value))}"
        if self.value in (0.5, 2.0, 3.0):
            return {0.5: "halved", 2.0: "doubled", 3.0: "tripled"}[self.value]
        return f"{'up' if self.value >= 1 else 'down'} {number(_share(self.value))} %"


def _share(factor: float) -> float:
    return round(abs(factor - 1.0) * 100.0, _DIGITS)


def rounded(values: FloatArray) -> FloatArray:
    """Return numbers without the dust of their arithmetic: to ten digits."""
    size = np.abs(values)
    with np.errstate(divide="ignore"):
        digits = np.where(size > 0, np.floor(np.log10(np.where(size > 0, size, 1.0))), 0.0)
    scale = 10.0 ** (_DIGITS - 1 - digits)
    fits = np.isfinite(scale) & (scale > 0) & np.isfinite(values * scale)
    return np.where(fits, np.round(values * np.where(fits, scale, 1.0)) / np.where(fits, scale, 1.0), values) + 0.0


def written_numbers(values: FloatArray) -> list[int | float]:
    """Return numbers as a formulation writes them: whole ones without a point."""
    return [int(value) if value.is_integer() and abs(value) < 1e15 else value for value in values.tolist()]


def amount_of(value: object, *, is_bound: bool = False) -> Amount:
    """Return the amount that a value means: a number, or a text such as `440`, `+10%`, `up 5`, `to 30`, `half`.

    Args:
        value: what was given.
        is_bound: whether infinity has a meaning, as for a bound that is taken away.

    Raises:
        AmountError: it means none.
    """
    if isinstance(value, str):
        return _of_text(value, is_bound)
    if value is None and is_bound:
        return Amount("to", math.inf)
    if isinstance(value, bool | np.bool_) or not isinstance(value, numbers.Real | np.number):
        raise AmountError(f"`{_short(value)}` is no number; give one, or a text such as `+10%`")
    return Amount("to", _finite(value, is_bound))


def _of_text(text: str, is_bound: bool) -> Amount:
    words = " ".join(text.split())
    if found := _TO.fullmatch(words):
        return _of_text(found["rest"], is_bound) if not _SIGNED_PLUS.fullmatch(found["rest"]) else _plain(found["rest"])
    if words.lower() in _MULTIPLES:
        return Amount("times", _MULTIPLES[words.lower()])
    if _PLAIN.fullmatch(words) and not words.startswith(("-", "−")):
        return _plain(words)
    if found := _MOVED.fullmatch(words):
        return _moved(found["way"].lower(), found["number"], bool(found["percent"]))
    if found := _SIGNED.fullmatch(words):
        if found["sign"] in "-−" and not found["percent"]:
            size = found["number"]
            raise AmountError(f"`{text}` may mean minus {size} or {size} less; write `to -{size}` or `down {size}`")
        return _moved(found["sign"], found["number"], bool(found["percent"]))
    return _refused(text, words, is_bound)


_SIGNED_PLUS: Final = re.compile(rf"[-+−]\s*(?:{_NUMBER})")


def _plain(words: str) -> Amount:
    text = words.replace("−", "-").replace("_", "").replace(" ", "").lstrip("$€£")
    return Amount("to", _finite(float(text), False))


def _moved(way: str, size: str, is_percent: bool) -> Amount:
    value = _finite(float(size.replace("_", "")), False)
    sign = -1.0 if way in _DOWN else 1.0
    if not is_percent:
        return Amount("by", sign * value)
    if sign < 0 and value > 100:
        raise AmountError(f"down {number(value)} % is more than all of it; write at most 100 %, or a number")
    return Amount("times", round(1.0 + sign * value / 100.0, 12))


def _refused(text: str, words: str, is_bound: bool) -> Amount:
    """Refuse a text that means no amount, and say why."""
    if is_bound and words.lower() in ("inf", "+inf", "-inf", "none", "infinity"):
        return Amount("to", -math.inf if words.startswith("-") else math.inf)
    if _SHARE.fullmatch(words):
        share = words.replace(" ", "")
        raise AmountError(f"`{text}` may mean a share or a change; write `up {share}`, `down {share}`, or 0.1 for 10 %")
    if _COMMAS.fullmatch(words):
        several = ", ".join(part.strip() for part in words.split(","))
        one = words.replace(",", "").replace(" ", "")
        raise AmountError(f"`{text}` may mean one number or several; write {one} for one, [{several}] for several")
    if words.lower().lstrip("+-−") in ("nan", "inf", "infinity"):
        raise AmountError(f"`{text}` is not a finite number")
    raise AmountError(
        f"`{_short(text)}` is no number; write 440, `+10%`, `up 5`, `down 5 %`, `to 30`, `double` or `half`"
    )


def _finite(value: object, is_bound: bool) -> float:
    try:
        found = float(value)  # type: ignore[arg-type]
    except (OverflowError, ValueError, TypeError):
        raise AmountError("the number is too large") from None
    if math.isnan(found) or (math.isinf(found) and not is_bound):
        raise AmountError(f"`{found}` is not a finite number")
    return found


def _short(value: object) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= 60 else f"{text[:57]}..."
