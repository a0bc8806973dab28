"""Finds quantities of which the text does not say whether they are whole: "how many servings"."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator, Sequence
from typing import Final

from nl2opt.formulation.schema import Assumption, Change, Formulation, Variable
from nl2opt.formulation.words.expression_words import listed
from nl2opt.pipeline.measures import MEASURED
from nl2opt.pipeline.readings.spotted import Spotted, alternative
from nl2opt.pipeline.readings.text_rows import head_of, stem, stems
from nl2opt.text.numbers import sentence_around


class Sort(enum.Enum):
    """What one unit of a quantity is."""

    MEASURE = enum.auto()
    """Can be split at will: a kilogram, an hour, a dollar."""
    BODY = enum.auto()
    """Cannot be split: a person, a bus, a plant."""
    PORTION = enum.auto()
    """May be split or not: a serving, a batch, a unit."""
    THING = enum.auto()
    """Anything else that is counted."""


def _stems(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in text.split())


_MEASURES: Final = _stems(
    """second minute hour milligram gram kilogram kg kgs ton tonne pound lb lbs ounce oz milliliter millilitre liter
    litre gallon pint quart acre hectare meter metre kilometer kilometre mile yard feet dollar euro cent money kwh mwh
    kw mw megawatt kilowatt watt joule barrel bushel amount quantity volume weight mass acreage area length budget
    investment invest spending spend flow rate percentage percent proportion share fraction temperature concentration
    fuel oil water flour gas power energy load distance land capital price"""
)
_UNITS: Final = re.compile(
    r"^(?:s|sec|min|h|hr|hrs|d|mg|g|kg|t|lb|lbs|oz|ml|l|gal|ha|acres?|m|m2|m3|km|mi|ft|%|\$|€|£|usd|eur|k\$|m\$|kwh"
    r"|mwh|kw|mw|gw|bbl|barrels?|tons?|tonnes?|hours?|minutes?|pounds?|ounces?|lit(?:er|re)s?|gallons?|dollars?|euros?"
    r"|kilograms?|grams?|hectares?)$",
    re.IGNORECASE,
)
_BODIES: Final = _stems(
    """person people worker employee staff nurse doctor driver teacher student man men woman women child children
    passenger guard officer agent operator engineer assistant waiter clerk player team crew vehicle car truck van bus
    buses plane aircraft airplane jet ship boat ferry train tram bike bicycle scooter motorcycle cart wagon trailer
    camel horse cow pig sheep goat dog animal machine robot drone plant factory factories warehouse building house
    facility facilities station store shop hospital school clinic ambulance tower antenna satellite server computer
    project depot hub volunteer"""
)
_PORTIONS: Final = _stems(
    """serving portion unit batch batches dose dosage cup spoon spoonful scoop glass helping load bag sack meal
    pack packet bundle share bond sheet hundredweight"""
)
_LEAD: Final = re.compile(
    r"(?:the |total |(?:whole )?(?:numbers?|counts?|units?|pieces|quantit(?:y|ies)|amounts?) of )+"
)
_END_OF_PHRASE: Final = re.compile(
    r"\b(?:of|from|to|in|on|for|per|by|at|with|that|who|which|each|made|sold|used|bought|[a-z]+ed|[a-z]+ing)\b"
)
_KNOWN: Final = ((_PORTIONS, Sort.PORTION), (_BODIES, Sort.BODY), (_MEASURES, Sort.MEASURE))
_WHOLE: Final = re.compile(
    r"\b(?:whole|integers?|integral|indivisible|discrete|rounded|entire (?:number|unit)s?|no fractions?"
    r"|(?:cannot|can not|can't|must not|may not|should not|not) be (?:split|divided|cut|fractional|partial))\b",
    re.IGNORECASE,
)
_ALLOWED: Final = r"(?:is|are) (?:also )?(?:allowed|possible|permitted|acceptable|fine|ok)"
_SPLIT: Final = re.compile(
    r"\b(?:need not be (?:whole|integers?)|not necessarily (?:whole|integers?)|any fraction|divisible"
    r"|(?:can|may) (?:also )?be (?:split|divided|fractional|fractions?|partial)"
    r"|continuous (?:variable|quantit|amount|value)"
    rf"|(?:fractional|fractions?|partial)(?: of)?(?: [a-z]+){{0,3}} {_ALLOWED})",
    re.IGNORECASE,
)
_COUNTED: Final = re.compile(r"\b(?:how many|numbers? of|count of)\b", re.IGNORECASE)
_QUESTION: Final = re.compile(r"\bhow (?:many|much)\b", re.IGNORECASE)
_SHOWN: Final = 4
_MOST_ALONE: Final = 3
"""Up to so many families of quantities are also turned one by one."""


def sort_of(variable: Variable) -> Sort:
    """Return what one unit of a variable is, by its unit, its description and its name."""
    if _UNITS.match(variable.unit.strip()) or MEASURED.match(variable.description.strip()):
        return Sort.MEASURE
    return _counted(variable)[1]


def _counted(variable: Variable) -> tuple[str, Sort]:
    """Return the word that says what is counted, and its sort; an empty word where no word is known.

    It is the last known word before "of", "from" and their like: "tonnes shipped from a plant" are tonnes, "full time
    staff" is staff. In "units of bikes" bikes are counted, in "units of oil" units are.
    """
    phrase = head_of(variable.description).lower() or variable.name.lower().replace("_", " ")
    lead = _LEAD.match(phrase)
    rest = phrase[lead.end() :] if lead is not None else phrase
    found = _last_known(_END_OF_PHRASE.split(rest, maxsplit=1)[0])
    is_units = lead is not None and "unit" in lead.group()
    return ("units", Sort.PORTION) if is_units and found[1] is Sort.MEASURE else found


def _last_known(phrase: str) -> tuple[str, Sort]:
    for word in reversed(re.findall(r"[a-z]+", phrase)):
        for known, sort in _KNOWN:
            if stem(word) in known:
                return word, sort
    return "", Sort.THING


def open_wholeness(problem: str, formulation: Formulation, covered: frozenset[str]) -> Iterator[Spotted]:
    """Yield an assumption for the whole quantities that may be fractional, and one for the others.

    Args:
        problem: the text.
        formulation: of it.
        covered: paths that other assumptions are about already.
    """
    unsettled = [v for v in formulation.variables if domain_path(v) not in covered]
    whole = [v for v in unsettled if v.domain == "integer" and _may_be_fractional(v, problem)]
    split = [v for v in unsettled if v.domain == "continuous" and _may_be_whole(v, problem)]
    if whole:
        yield wholeness(whole, problem)
    if split:
        yield wholeness(split, problem)


def wholeness(variables: Sequence[Variable], problem: str, text: str = "") -> Spotted:
    """Return the assumption that variables are whole, or need not be, with the readings that turn them.

    Args:
        variables: all of one domain, integer or continuous.
        problem: the text.
        text: the assumption where it is stated already.
    """
    domain = "continuous" if variables[0].domain == "integer" else "integer"
    words = ("are whole numbers", "may be fractional")
    now, other = words if domain == "continuous" else reversed(words)
    subject = _subject(variables, problem)
    readings = [
        alternative(f"{subject} {_agreeing(other, subject, variables)}", [_turned(v, domain) for v in variables])
    ]
    if 1 < len(variables) <= _MOST_ALONE and any(v.index for v in variables):
        readings += [
            alternative(f"only {v.name} {_singular(other) if not v.index else other}", [_turned(v, domain)])
            for v in variables
        ]
    element = variables[0].name if len(variables) == 1 else ""
    assumption = Assumption(
        text=text or f"{subject} {_agreeing(now, subject, variables)}", element=element, alternatives=readings
    )
    return Spotted(assumption, _quote(variables, problem))


def domain_path(variable: Variable) -> str:
    """Return the path of a variable's domain."""
    return f"variables.{variable.name}.domain"


def _turned(variable: Variable, domain: str) -> Change:
    return Change(kind="set", path=domain_path(variable), value=domain)


def _may_be_fractional(variable: Variable, problem: str) -> bool:
    """Whether a text leaves open that a whole quantity may be fractional."""
    if _SPLIT.search(problem):
        return True
    if _WHOLE.search(problem):
        return False
    match sort_of(variable):
        case Sort.MEASURE | Sort.PORTION:
            return True
        case Sort.BODY:
            return False
        case Sort.THING:
            return not _COUNTED.search(problem)


def _may_be_whole(variable: Variable, problem: str) -> bool:
    """Whether a text leaves open that a fractional quantity is whole."""
    if _SPLIT.search(problem):
        return False
    sort = sort_of(variable)
    if sort is Sort.MEASURE:
        return False
    return sort is not Sort.THING or bool(_WHOLE.search(problem) or _COUNTED.search(problem))


def _subject(variables: Sequence[Variable], problem: str) -> str:
    """Return what variables are called: the word for one unit where they share it, else their names."""
    units = {unit for v in variables for unit in [_unit_word(v)]}
    if len(units) == 1 and (unit := units.pop()):
        return unit
    names = [variable.name for variable in variables]
    return f"{', '.join(names[:_SHOWN])} and {len(names) - _SHOWN} more" if len(names) > _SHOWN else listed(names)


def _unit_word(variable: Variable) -> str:
    """Return the word of a description for one portion, as in `servings`; empty where there is none."""
    word, sort = _counted(variable)
    return word if sort is Sort.PORTION and stem(word) != word else ""


def _agreeing(words: str, subject: str, variables: Sequence[Variable]) -> str:
    is_one = len(variables) == 1 and subject == variables[0].name and not variables[0].index
    return _singular(words) if is_one else words


def _singular(words: str) -> str:
    return "is a whole number" if words.startswith("are") else words


def _quote(variables: Sequence[Variable], problem: str) -> str:
    """Return the question that asks for the quantities, or the first sentence that names one of them."""
    asked = list(_QUESTION.finditer(problem))
    if asked:
        return sentence_around(problem, asked[-1].start() + 1, asked[-1].end())
    words = stems(" ".join(f"{v.name} {v.description}" for v in variables))
    for match in re.finditer(r"[A-Za-z]+", problem):
        if stem(match.group().lower()) in words:
            return sentence_around(problem, match.start() + 1, match.end())
    return ""
