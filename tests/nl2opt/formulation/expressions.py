"""Draws small random sets, numbers and expressions over them, for the comparison with the oracle."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from tests.nl2opt.formulation.oracle import Oracle

_NUMBERS = st.sampled_from([-3, -1, 0, 0.5, 1, 2, 2.25, 7])
_OPERATORS = st.sampled_from(["<=", ">=", "=="])
_NEIGHBOURS = [("prev", ""), ("next", ", cyclic=True"), ("prev", ", 2, cyclic=True"), ("next", ", 0")]
FRAGMENTS = [
    "x", "y[i]", "I", "sum(", "max(", "(", ")", "[", "]", "{", "}", "for", "all", "in", "if", "else", ",", "i", "1",
    "2.5", "+", "-", "*", "/", "**", "//", "%", "<=", "==", "=", "<", "and", "not", "'a'", "'", '"', "#", "\n", "\\",
    ":", "≤", "∀", "é", "lambda", "await", "f'{x}'", "1e400", "0x1", "prev", "first(I)", "\t", "~", "@", "...", "p[i]",
    "for i in I", "sum(x[i] for i in I)", "for (i, j) in ARC", "z", "c", "T", "range(", "1e300", "(i, j)", "ARC",
    "N[i]", "|", "&", "prev(I, i)", "cyclic=True", "ord(", "next(T, t, 1,",
]  # fmt: skip
"""What a person or a language model might write, right and wrong."""
Loops = dict[str, str]
"""Loop variables that are visible, each with the name of the set that its elements come from."""


@dataclass(frozen=True)
class Drawn:
    """A formulation, and the oracle that knows its data."""

    content: dict[str, Any]
    oracle: Oracle


@st.composite
def formulations(draw: DrawFn) -> Drawn:
    nodes = draw(st.permutations(["a", "b", "c"]))[: draw(st.integers(1, 3))]
    periods = draw(st.permutations([1, 2, 3, 4]))[: draw(st.integers(1, 4))]
    arcs = draw(st.lists(st.sampled_from(list(product(nodes, nodes))), unique=True, min_size=1))
    sets: dict[str, list[Any]] = {"I": nodes, "T": periods, "ARC": arcs}
    families = {
        "NB": {i: draw(st.lists(st.sampled_from(nodes), unique=True)) for i in nodes},
        "DUE": {t: draw(st.lists(st.sampled_from(periods), unique=True)) for t in periods},
    }
    keys: dict[str, list[tuple[Any, ...]]] = {
        "c": [()],
        "p": [(i,) for i in nodes],
        "q": list(product(nodes, periods)),
        "w": list(arcs),
    }
    numbers = {name: {key: draw(_NUMBERS) for key in indices} for name, indices in keys.items()}
    columns = {"z": {()}, "x": set(keys["p"]), "y": set(keys["q"]), "f": set(arcs)}
    index = {"c": [], "p": ["I"], "q": ["I", "T"], "w": ["ARC"], "z": [], "x": ["I"], "y": ["I", "T"], "f": ["ARC"]}
    content = {
        "sets": [
            *({"name": name, "elements": [list(e) if name == "ARC" else e for e in s]} for name, s in sets.items()),
            {"name": "NB", "index": ["I"], "elements": families["NB"]},
            {"name": "DUE", "index": ["T"], "elements": {str(t): members for t, members in families["DUE"].items()}},
        ],
        "parameters": [
            {"name": name, "index": index[name], "value": values if index[name] else values[()]}
            for name, values in numbers.items()
        ],
        "variables": [{"name": n, "index": index[n], "domain": "continuous", "lower": 0} for n in columns],
        "objective": {"sense": "minimize", "expression": draw(linear({}, 2)) + draw(_quadratic_part())},
        "constraints": [{"name": f"c{k}", "expression": draw(constraints())} for k in range(3)],
    }
    return Drawn(content, Oracle(sets, numbers, columns, families))


@st.composite
def _quadratic_part(draw: DrawFn) -> str:
    if draw(st.booleans()):
        return ""
    text, loops = draw(clauses({}))
    return f" + sum(({draw(linear(loops, 1))}) * ({draw(linear(loops, 1))}) {text})"


@st.composite
def constraints(draw: DrawFn) -> str:
    text, loops = draw(clauses({})) if draw(st.booleans()) else ("", {})
    body = draw(linear(loops, 2))
    if draw(st.integers(0, 3)) == 0:
        return f"{draw(constants(loops, 1))} <= {body} <= {draw(constants(loops, 1))} {text}"
    right = draw(linear(loops, 1) | constants(loops, 1))
    return f"{body} {draw(_OPERATORS)} {right} {text}"


@st.composite
def clauses(draw: DrawFn, outer: Loops) -> tuple[str, Loops]:
    """Draw one or two generator clauses, and the loop variables visible behind them."""
    loops = dict(outer)
    parts = []
    for _ in range(draw(st.integers(1, 2))):
        number = len(loops)
        kind = draw(st.sampled_from(["I", "T", "ARC", "range", "list", "family", "joined"]))
        if kind in ("family", "joined"):
            iterable, of = draw(_iterables(loops, joined=kind == "joined"))
            parts.append(f"for k{number} in {iterable}")
            loops[f"k{number}"] = of
        elif kind == "ARC":
            parts.append(f"for (i{number}, j{number}) in ARC")
            loops |= {f"i{number}": "I", f"j{number}": "I"}
        elif kind == "range":
            parts.append(f"for t{number} in range({draw(st.integers(0, 2))}, {draw(constants({}, 0))} // 1)")
            loops[f"t{number}"] = "N"
        else:
            iterable = {"I": "I", "T": "T", "list": "['a', 'b']"}[kind]
            parts.append(f"for k{number} in {iterable}")
            loops[f"k{number}"] = "T" if kind == "T" else "I" if kind == "I" else "A"
        parts += [f"if {draw(conditions(loops))}"] * draw(st.integers(0, 1))
    return " ".join(parts), loops


@st.composite
def _iterables(draw: DrawFn, loops: Loops, *, joined: bool) -> tuple[str, str]:
    """Draw a member of a family, or sets joined by an operator, and the set that their elements come from."""
    choices = [("I", "I"), ("T", "T")]
    choices += [(f"NB[{name}]", "I") for name in _of(loops, "I")]
    choices += [(f"DUE[{name}]", "T") for name in _of(loops, "T")]
    choices += [(f"[{name}]", "I") for name in _of(loops, "I")] + [(f"[{name}]", "T") for name in _of(loops, "T")]
    choices += [("[e for e in I if e != 'a']", "I"), ("[e for e in T if e % 2 == 0]", "T")]
    text, of = draw(st.sampled_from(choices))
    if joined:
        other = draw(st.sampled_from([one for one, kind in choices if kind == of]))
        text = f"{text} {draw(st.sampled_from('|&-'))} {other}"
    return text, of


def _of(loops: Loops, *kinds: str) -> list[str]:
    return [name for name, kind in loops.items() if kind in kinds]


@st.composite
def conditions(draw: DrawFn, loops: Loops) -> str:
    texts, numbers = _of(loops, "I", "A"), _of(loops, "T", "N")
    choices = ["c > 0"]
    for name in texts:
        choices += [f"{name} != 'a'", f"{name} == 'b'", f"{name} in I", f"{name} == first(I)"]
        choices += [f"{name} {sign} {other}" for other in texts if other != name for sign in ("==", "!=")]
        choices += [f"({name}, {other}) in ARC" for other in texts]
    for name in _of(loops, "I"):
        choices += [f"ord(I, {name}) > 1", f"prev(I, {name}, cyclic=True) != 'a'", f"len(NB[{name}]) > 1"]
        choices += [f"{other} in NB[{name}]" for other in texts] + [f"{other} in I - NB[{name}]" for other in texts]
    for name in _of(loops, "T"):
        choices += [f"{other} in DUE[{name}]" for other in numbers] + [f"next(T, {name}, 2, cyclic=True) > 2"]
    for name in numbers:
        choices += [f"{name} > 1", f"{name} - 1 in T", f"{name} == last(T)", f"{name} % 2 == 0"]
        choices += [f"{name} {sign} {other} + 1" for other in numbers if other != name for sign in ("==", "<")]
    choices += [f"p[{name}] > c" for name in _of(loops, "I")]
    first = draw(st.sampled_from(choices))
    joined = draw(st.sampled_from(["{}", "not {}", "{} and {}", "{} or {}", "({} or {}) and {}"]))
    return joined.format(first, *(draw(st.sampled_from(choices)) for _ in range(2)))


@st.composite
def constants(draw: DrawFn, loops: Loops, depth: int) -> str:
    """Draw an expression without decisions."""
    choices = [str(draw(_NUMBERS)), "c", "len(I)"]
    choices += [f"p[{i}]" for i in _of(loops, "I")] + _of(loops, "T", "N")
    choices += [f"q[{i}, {t}]" for i in _of(loops, "I") for t in _of(loops, "T")]
    choices += [f"ord(I, {i})" for i in _of(loops, "I")] + [f"len(NB[{i}])" for i in _of(loops, "I")]
    choices += [f"w[{i}, {i.replace('i', 'j')}]" for i in loops if i.replace("i", "j") in loops and i[0] == "i"]
    text = draw(st.sampled_from(choices))
    if depth == 0:
        return text
    inner = draw(constants(loops, depth - 1))
    shape = draw(
        st.sampled_from(["{a}", "({a} - {b})", "{a} * {b}", "{a} / 4", "abs({a})", "max({a}, {b})", "sum", "if"])
    )
    if shape == "sum":
        clause, visible = draw(clauses(loops))
        return f"sum({draw(constants(visible, 0))} {clause})"
    if shape == "if":
        return f"({text} if {draw(conditions(loops))} else {inner})"
    return shape.format(a=f"({text})", b=f"({inner})")


@st.composite
def linear(draw: DrawFn, loops: Loops, depth: int) -> str:
    """Draw an expression of degree one."""
    choices = ["z", *(f"x[{i}]" for i in _of(loops, "I", "A"))]
    choices += [f"y[{i}, {t}]" for i in _of(loops, "I") for t in _of(loops, "T", "N")]
    choices += [f"x[{function}(I, {i}{steps})]" for i in _of(loops, "I") for function, steps in _NEIGHBOURS]
    choices += [f"y[{i}, prev(T, {t})]" for i in _of(loops, "I") for t in _of(loops, "T")]
    choices += [f"y[{i}, {t} - 1]" for i in _of(loops, "I") for t in _of(loops, "T")]
    choices += [f"f[{i}, {i.replace('i', 'j')}]" for i in loops if i.replace("i", "j") in loops and i[0] == "i"]
    text = draw(st.sampled_from(choices))
    if depth == 0:
        return text
    shape = draw(st.sampled_from(["{k} * {a}", "{a} + {b}", "{b} - {a}", "-{a} / 2 + {k}", "sum", "sum", "if"]))
    if shape == "sum":
        clause, visible = draw(clauses(loops))
        return f"sum({draw(linear(visible, depth - 1))} {clause})"
    inner, factor = draw(linear(loops, depth - 1)), draw(constants(loops, depth - 1))
    if shape == "if":
        return f"({text} if {draw(conditions(loops))} else ({inner}))"
    return shape.format(a=f"({text})", b=f"({inner})", k=f"({factor})")
