"""Says what is different between two formulations, one line for each thing, in the order of the elements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any, Final

import numpy as np
from pydantic import BaseModel

from nl2opt.formulation.checks.names import expression_fields
from nl2opt.formulation.editing.difference import kept_names, same
from nl2opt.formulation.editing.edit import unique_names
from nl2opt.formulation.editing.entries import element_text, table_entries
from nl2opt.formulation.language.parser import ExpressionError, parse_expression
from nl2opt.formulation.language.syntax import Index, Name, walk
from nl2opt.formulation.language.writer import number_text
from nl2opt.formulation.render.literals import one_line
from nl2opt.formulation.schema import Constraint, Formulation, Objective, Parameter, Set, Variable

_MOST_LINES: Final = 8
"""How many entries of one table are said one by one."""
_MOST_PLACES: Final = 3
_LONGEST: Final = 60
"""Texts longer than this stand on lines of their own."""
_KINDS: Final = {"sets": "set", "parameters": "parameter", "variables": "variable", "constraints": "constraint"}


def difference_lines(before: Formulation, after: Formulation) -> Iterator[str]:
    """Yield what is different, in words; nothing when the formulations are equal."""
    uses = _uses(after)
    for part in Formulation.model_fields:
        old, new = getattr(before, part), getattr(after, part)
        if part == "objective":
            yield from _objective(old, new)
        elif part == "assumptions":
            yield from _assumptions([a.text for a in old], [a.text for a in new], same(old, new))
        elif part in _KINDS:
            yield from _part(part, old, new, uses, before, after)
        elif not same(old, new):
            yield from _changed(part, old, new)


def _part(
    part: str,
    old: Sequence[Any],
    new: Sequence[Any],
    uses: Mapping[str, str],
    before: Formulation,
    after: Formulation,
) -> Iterator[str]:
    kind = _KINDS[part]
    if unique_names(old) is None or unique_names(new) is None:  # the checker refuses such a formulation
        if not same(old, new):
            yield f"{part}: changed, two of them have the same name"
        return
    old_of, new_of = {e.name: e for e in old}, {e.name: e for e in new}
    in_place = set(kept_names(list(old_of), list(new_of)))
    for name, element in old_of.items():
        if name not in new_of:
            yield f"removed {kind} {_whole(element)}"
    for name, element in new_of.items():
        if name not in old_of:
            yield f"added {kind} {_whole(element)}"
            continue
        if name not in in_place:
            yield f"moved {kind} {name}"
        match old_of[name]:
            case Set() as declared:
                yield from _set(declared, element)
            case Parameter() as declared:
                yield from _parameter(declared, element, uses.get(name, ""), before, after)
            case declared:
                yield from _fields(name, declared, element)


def _whole(element: Any) -> str:
    """Say an element that came or went, as short as it takes to know it."""
    name = f"{element.name}[{', '.join(element.index)}]" if getattr(element, "index", None) else element.name
    match element:
        case Set():
            return f"{name}: {_shown(element.elements)}"
        case Parameter():
            entries = f" = {_shown(element.value)}" if element.value is not None else ""
            return f"{name}{entries}{f' {one_line(element.unit)}' if element.unit else ''}"
        case Variable():
            return f"{name}: {element.domain}{_between(element)}"
        case _:
            return f"{name}: {one_line(element.expression)}{'' if element.enabled else ' (switched off)'}"


def _between(variable: Variable) -> str:
    lower = "" if variable.lower is None else f", at least {_shown(variable.lower)}"
    return lower + ("" if variable.upper is None else f", at most {_shown(variable.upper)}")


def _objective(old: Any, new: Any) -> Iterator[str]:
    if isinstance(old, Objective) and isinstance(new, Objective):
        yield from _fields("objective", old, new)
    elif _all_named(old) and _all_named(new):
        old_of, new_of = {o.name: o for o in old}, {o.name: o for o in new}
        yield from (f"removed objective {_aim(o)}" for name, o in old_of.items() if name not in new_of)
        yield from (f"added objective {_aim(o)}" for name, o in new_of.items() if name not in old_of)
        kept = [name for name in old_of if name in new_of]
        for name in kept:
            yield from _fields(f"objective {name}", old_of[name], new_of[name])
        if kept != [name for name in new_of if name in old_of]:
            yield "objective: listed in another order"
    elif not same(old, new):
        yield from _listed_objectives(old, new)


def _listed_objectives(old: Any, new: Any) -> Iterator[str]:
    """Compare objectives some of which have no name: those that stayed are found by what they say, the others by place.

    One objective that is no list, or none, is compared as a list.
    """
    olds, news = _as_list(old), _as_list(new)
    matcher = SequenceMatcher(
        None, [o.model_dump_json() for o in olds], [o.model_dump_json() for o in news], autojunk=False
    )
    removed, added, changed = [], [], []
    for kind, start, end, new_start, new_end in matcher.get_opcodes():
        if kind == "equal":
            continue
        # What stands at the same number is the same objective, with other words.
        pairs = min(end - start, new_end - new_start) if start == new_start else 0
        changed += list(range(start, start + pairs))
        removed += list(range(start + pairs, end))
        added += list(range(new_start + pairs, new_end))
    lines = []
    for place in removed:
        moved = next((n for n in added if same(olds[place], news[n])), None)
        if moved is None:
            lines.append(f"removed objective{_label(olds, place, old)}: {_aim(olds[place], named=False)}")
        else:
            added.remove(moved)
            lines.append(f"moved objective {place + 1} to place {moved + 1}: {_aim(olds[place])}")
    lines += [f"added objective{_label(news, n, new)}: {_aim(news[n], named=False)}" for n in added]
    for place in changed:
        lines += _fields(f"objective{_label(olds, place, old)}", olds[place], news[place])
        if olds[place].name != news[place].name:
            lines += _changed(f"objective {place + 1}: name", olds[place].name or None, news[place].name or None)
    yield from lines
    if not lines:
        yield "objective: now a list of one" if isinstance(new, list) else "objective: no list of one any more"


def _as_list(objectives: Any) -> list[Objective]:
    return objectives if isinstance(objectives, list) else [objectives] if objectives else []


def _label(objectives: list[Objective], place: int, written: Any) -> str:
    """Return what an objective is called behind the word: its name or number; nothing where it is no list."""
    return f" {objectives[place].name or place + 1}" if isinstance(written, list) else ""


def _all_named(objectives: Any) -> bool:
    """Whether these are several objectives that can be told apart by their names."""
    return isinstance(objectives, list) and all(o.name for o in objectives) and unique_names(objectives) is not None


def _aim(objective: Objective, *, named: bool = True) -> str:
    """Say an objective, and its priority, weight and tolerance where these are not the usual ones."""
    name = f"{objective.name}: " if objective.name and named else ""
    others = "".join(
        f", {field} {_shown(getattr(objective, field))}"
        for field in ("priority", "weight", "tolerance")
        if getattr(objective, field) != Objective.model_fields[field].default
    )
    return f"{name}{objective.sense} {one_line(objective.expression)}{others}"


def _fields(name: str, old: BaseModel, new: BaseModel, but: tuple[str, ...] = ()) -> Iterator[str]:
    for field, definition in type(old).model_fields.items():
        one, other = getattr(old, field), getattr(new, field)
        if field == "name" or field in but or same(one, other):
            continue
        if field == "enabled" and isinstance(old, Constraint):
            yield f"switched {'on' if other else 'off'} constraint {name}"
        else:
            yield from _changed(f"{name}: {definition.alias or field}", one, other)


def _changed(what: str, old: Any, new: Any) -> Iterator[str]:
    before, after = _shown(old), _shown(new)
    if len(before) + len(after) <= _LONGEST and not what.endswith("expression"):
        yield f"{what} {before} -> {after}"
    else:
        yield f"{what}\n    before: {before}\n    after:  {after}"


def _set(old: Set, new: Set) -> Iterator[str]:
    if isinstance(old.elements, list) and isinstance(new.elements, list):
        gone = [e for e in map(_key, old.elements) if e not in set(map(_key, new.elements))]
        come = [e for e in map(_key, new.elements) if e not in set(map(_key, old.elements))]
        for word, elements in (("removed", gone), ("added", come)):
            if elements:
                yield f"{old.name}: {word} {_listed([element_text(e) for e in elements])}"
        if not gone and not come and not same(old.elements, new.elements):
            yield f"{old.name}: the elements are in another order"
        yield from _fields(old.name, old, new, but=("elements",))
    else:
        yield from _fields(old.name, old, new)


def _key(element: Any) -> Any:
    return tuple(element) if isinstance(element, list) else element


def _parameter(old: Parameter, new: Parameter, uses: str, before: Formulation, after: Formulation) -> Iterator[str]:
    yield from _fields(old.name, old, new, but=("value",))
    if same(old.value, new.value):
        return
    where = f"{uses}: " if uses else ""
    old_entries, new_entries = _by_text(old, before), _by_text(new, after)
    if old_entries is None or new_entries is None:
        unit = f" {one_line(new.unit)}" if new.unit and _is_number(new.value) else ""
        for line in _changed(f"{where}{old.name}", old.value, new.value):
            yield line + unit
        return
    yield from _entries(f"{where}{old.name}", old_entries, new_entries)


def _by_text(parameter: Parameter, formulation: Formulation) -> dict[str, Any] | None:
    entries = table_entries(parameter, formulation)
    return None if entries is None else {element_text(label): value for label, value in entries}


def _entries(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """Say the entries of a table that differ: one by one when few, else how many and how far."""
    lines = [f"{name}[{key}] {_shown(old[key])} removed" for key in old if key not in new]
    changed = [key for key in new if key in old and not same(old[key], new[key])]
    lines += [f"{name}[{key}] {_shown(old[key])} -> {_shown(new[key])}" for key in changed]
    lines += [f"{name}[{key}] {_shown(new[key])} added" for key in new if key not in old]
    if 0 < len(lines) <= _MOST_LINES:
        yield from lines
        return
    if not lines:
        yield f"{name}: the same numbers, written in another way"
        return
    counts = {
        "changed": len(changed),
        "removed": sum(key not in new for key in old),
        "added": sum(key not in old for key in new),
    }
    parts = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
    numbers = [new[key] - old[key] for key in changed if _is_number(new[key]) and _is_number(old[key])]
    spread = f", by {_signed(min(numbers))} to {_signed(max(numbers))}" if numbers else ""
    yield f"{name}: of {len(old)} entries {parts}{spread}"


def _assumptions(old: list[str], new: list[str], equal: bool) -> Iterator[str]:
    gone, come = [t for t in old if t not in new], [t for t in new if t not in old]
    for word, texts in (("removed", gone), ("added", come)):
        for text in texts:
            yield f"{word} assumption: {one_line(text)}"
    if not gone and not come and not equal:
        yield "assumptions: changed in their order, elements or alternatives"


def _uses(formulation: Formulation) -> dict[str, str]:
    """Return for each name the elements whose expressions hold it: `labour, overtime`."""
    places: dict[str, dict[str, None]] = {}
    for field in expression_fields(formulation):
        try:
            root = parse_expression(field.text).root
        except ExpressionError:
            continue
        element = field.element.partition(".")[2] or field.element
        for node in walk(root):
            if isinstance(node, Name | Index):
                places.setdefault(node.name, {})[element] = None
    return {name: _listed(list(elements), _MOST_PLACES) for name, elements in places.items()}


def _listed(texts: list[str], most: int = _MOST_LINES) -> str:
    rest = f" and {len(texts) - most} more" if len(texts) > most else ""
    return ", ".join(map(one_line, texts[:most])) + rest


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _signed(number: float) -> str:
    return f"{number:+.6g}"


def _shown(value: Any) -> str:
    """Return a value as a line of text, a table by its size."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return number_text(value) if np.isfinite(value) else str(value)
    if isinstance(value, str):
        return one_line(value) or "none"
    if isinstance(value, Mapping | list | tuple | np.ndarray):
        items = [f"{k}: {_shown(v)}" for k, v in value.items()] if isinstance(value, Mapping) else None
        items = list(map(_shown, value)) if items is None and len(value) <= _MOST_LINES else items
        if items is not None and len(items) <= _MOST_LINES:
            text = ", ".join(items)
            return f"({text})" if isinstance(value, tuple) or (isinstance(value, list) and not items) else text
        return f"{len(value)} entries"
    return str(value)
