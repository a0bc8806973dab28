"""Tells amounts that can be split from things that are counted, by the words of a variable."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

_MEASURE: Final = (
    r"(?:seconds?|minutes?|hours?|milligrams?|grams?|kilograms?|kgs?|tons?|tonnes?|pounds?|lbs?|ounces?|oz"
    r"|millilit(?:er|re)s?|lit(?:er|re)s?|gallons?|pints?|quarts?|acres?|hectares?"
    r"|(?:square |cubic )?(?:centi|kilo)?met(?:er|re)s?|(?:square |cubic )?feet|yards?|miles?"
    r"|dollars?|euros?|kilowatt[- ]?hours?|kwh|mwh|megawatts?)"
)
_FOLLOWING: Final = r"(?=\s*(?:$|[;,.(]|(?:of|on|in|for|to|at|with|per|used|spent|allocated|invested|worked)\b))"
"""What may follow a measure: in "kilogram packages" and "pound cakes" it belongs to a thing that is counted."""
MEASURED: Final = re.compile(
    rf"^(?:the )?(?:total )?(?:(?:number|amount|quantity) (?:of|in) )?{_MEASURE}\b{_FOLLOWING}", re.IGNORECASE
)
"""How a description begins that counts a measure."""
_WHOLE: Final = re.compile(r"\b(?:whole|integers?|integral|indivisible|discrete|round(?:ed)?)\b", re.IGNORECASE)


def with_split_amounts(variable: Mapping[str, Any], problem: str, repairs: list[str]) -> dict[str, Any]:
    """Return a variable whose domain is continuous when it counts a measure: minutes, kilograms, acres.

    Small models call most quantities integer. Nothing is changed where the problem speaks of whole numbers.

    Args:
        variable: of a draft; its description says what one unit of it is.
        problem: the text.
        repairs: gets a sentence when the domain is changed.
    """
    description = variable.get("description")
    if variable.get("domain") != "integer" or not isinstance(description, str) or _WHOLE.search(problem):
        return dict(variable)
    found = MEASURED.match(description.strip())
    if found is None:
        return dict(variable)
    repairs.append(f"'{variable.get('name')}' counts {found.group().lower()}, which can be split: it need not be whole")
    return {**variable, "domain": "continuous"}
