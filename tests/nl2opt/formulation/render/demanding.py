"""Formulations with random demands that are no comparison, and with functions of decisions."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from nl2opt import Formulation

NUMBER = st.integers(0, 6)
COEFFICIENT = st.sampled_from([1, 2, -1, 3, -2, 0])
FUNCTIONS = ("piecewise(w, [(0, 0), (2, 5), (6, 7)])", "max(x, y)", "abs(x - z)")
CONDITIONS = ("0.5 * b >= 0.5", "2.5 - 2.5 * b >= 2.5", "1.5 * b == 1.5", "0.5 * b < 0.5 and x >= 1")


@st.composite
def demanding_formulations(draw: st.DrawFn, *, curved: bool = False) -> Formulation:
    """Draw a formulation of whole and fractional variables within bounds, with demands that are no comparison.

    Args:
        draw: of hypothesis.
        curved: whether there are products and cones, and conditions and tasks of numbers that are not whole.
    """
    kinds = st.one_of(demands(), curved_demands()) if curved else demands()
    functions = ["", *(f" {sign} {text}" for text in FUNCTIONS for sign in "+-")]
    bent = draw(st.sampled_from([" + x * w", " - (w - x)**2", *functions] if curved else functions))
    variables: list[dict[str, Any]] = [
        {"name": name, "domain": "integer", "lower": 0, "upper": draw(st.integers(3, 6))} for name in "xyz"
    ]
    variables.append({"name": "b", "domain": "binary"})
    semi = {"name": "w", "domain": "semicontinuous", "lower": 1.75 if curved else 2, "upper": 5.5 if curved else 6}
    variables.append(draw(st.sampled_from([semi, {"name": "w", "domain": "continuous", "lower": 0, "upper": 6}])))
    return Formulation.from_dict(
        {
            "variables": variables,
            "objective": {
                "sense": draw(st.sampled_from(["minimize", "maximize"])),
                "expression": f"{draw(linear('xyzwb'))}{bent}",
            },
            "constraints": [
                {"name": f"row_{number}", "expression": draw(kinds)} for number in range(draw(st.integers(1, 3)))
            ],
        }
    )


@st.composite
def linear(draw: st.DrawFn, names: str) -> str:
    """Draw a linear expression in variables of one letter each."""
    return " + ".join(f"{draw(COEFFICIENT)} * {name}" for name in names)


@st.composite
def comparisons(draw: st.DrawFn) -> str:
    """Draw a linear comparison."""
    return f"{draw(linear('xyzw'))} {draw(st.sampled_from(['<=', '>=']))} {draw(st.integers(-3, 9))}"


@st.composite
def demands(draw: st.DrawFn) -> str:
    """Draw what every library that knows demands can say."""
    match draw(st.sampled_from(["implies", "opposite", "either", "different", "tasks", "extremum", "plain"])):
        case "implies":
            condition = draw(st.sampled_from(["b == 1", "b == 0", "b", "not b"]))
            return f"implies({condition}, {draw(comparisons())} and {draw(comparisons())})"
        case "opposite":
            return f"implies(x >= {draw(NUMBER)} and y <= {draw(NUMBER)}, {draw(comparisons())})"
        case "either":
            return f"either({draw(comparisons())}, {draw(comparisons())}, x == {draw(NUMBER)})"
        case "different":
            return f"all_different(x, y + {draw(NUMBER)}, z)"
        case "tasks":
            return f"no_overlap((x, {draw(NUMBER)}), (y, {draw(NUMBER)}), (z, 1))"
        case "extremum":
            return f"max({draw(linear('xy'))}, {draw(linear('yw'))}) - abs({draw(linear('zw'))}) <= {draw(NUMBER)}"
    return draw(comparisons())


@st.composite
def curved_demands(draw: st.DrawFn) -> str:
    """Draw products, cones, tasks of a variable size, and conditions whose numbers are not whole."""
    match draw(st.sampled_from(["implies", "tasks", "cone", "product", "lines"])):
        case "implies":
            return f"implies({draw(st.sampled_from(CONDITIONS))}, {draw(comparisons())})"
        case "tasks":
            return f"no_overlap((x, w - {draw(NUMBER)}), (y, {draw(NUMBER)}))"
        case "cone":
            return f"soc({draw(st.sampled_from(['z', '5', 'z + w']))}, x, y - {draw(NUMBER)})"
        case "product":
            return f"x * w - y * z {draw(st.sampled_from(['<=', '>=']))} {draw(NUMBER)}"
    return f"piecewise(w, [(0, 1), (3, 0), (6, 4)]) + {draw(linear('xy'))} <= {draw(NUMBER)}"
