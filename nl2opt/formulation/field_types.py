"""What the fields of a formulation hold: names, numbers and bounds, checked on the way in."""

from __future__ import annotations

import keyword
import math
import unicodedata
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict

from nl2opt.formulation.language.syntax import FUNCTIONS

MAX_NAME_CHARACTERS: Final = 100
RESERVED_NAMES: Final = frozenset({*FUNCTIONS, "inf"})
"""Names that mean something in the expression language."""

_TAKEN: Final = "`{0}` has a meaning of its own in expressions; choose another name"


def _name(name: str) -> str:
    if name in RESERVED_NAMES:
        raise ValueError(_TAKEN.format(name))
    return _label(name)


def _label(name: str) -> str:
    """Check a name that no expression names: words of the expression language are free for it."""
    normal = unicodedata.normalize("NFKC", name)
    if not normal.isidentifier():
        raise ValueError("a name is made of letters, digits and `_`, and does not begin with a digit")
    if normal != name:
        raise ValueError(f"the name contains look-alike letters; write `{normal}`")
    if keyword.iskeyword(name) or name.startswith("__"):
        raise ValueError(_TAKEN.format(name))
    if len(name) > MAX_NAME_CHARACTERS:
        raise ValueError(f"the name is longer than {MAX_NAME_CHARACTERS} characters")
    return name


def _optional_name(name: str) -> str:
    return _name(name) if name else name


def lower_case(value: object) -> object:
    """Return a text without blanks at its ends, in lower case; anything else as it is."""
    return value.strip().lower() if isinstance(value, str) else value


def _scalar(value: float) -> float:
    try:
        float(value)
    except OverflowError:
        raise ValueError("the number is too large") from None
    return value


def _bound(bound: float | str) -> float | str:
    if isinstance(bound, int):
        return _scalar(bound)
    if isinstance(bound, float) and not math.isfinite(bound):
        if math.isnan(bound):
            raise ValueError("a bound is a number")
        return "inf" if bound > 0 else "-inf"  # what JSON can hold
    return bound


ElementName = Annotated[str, AfterValidator(_name)]
Label = Annotated[str, AfterValidator(_label)]
"""A name that no expression names."""
OptionalName = Annotated[str, AfterValidator(_optional_name)]
"""A name, or nothing."""
SetElement = str | int
"""An element of a set of arity one; elements of sets of pairs are lists of these."""
Scalar = Annotated[int | float, AfterValidator(_scalar)]
Bound = Annotated[int | float | str, AfterValidator(_bound)]
"""A number, an expression over the variable's own indices, or "-inf" / "inf"."""


class Element(BaseModel):
    """Part of a formulation: frozen, with the fields that it declares and no others."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, strict=True)
