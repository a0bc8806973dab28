"""Functions on sets and numbers that a program brings along, where it uses them."""

from __future__ import annotations

from typing import Final

SET_FUNCTIONS: Final = {
    "neighbour": """def neighbour(elements, element, steps, cyclic=False):
    \"\"\"Return the element that stands some steps behind another one.\"\"\"
    place = elements.index(element) + steps
    if not cyclic and not 0 <= place < len(elements):
        raise IndexError(f"there is no element {steps} behind {element!r}")
    return elements[place % len(elements)]
""",
    "union": """def union(first, second):
    \"\"\"Return the elements of two sets, in order.\"\"\"
    return list(dict.fromkeys([*first, *second]))
""",
    "intersection": """def intersection(first, second):
    \"\"\"Return the elements of a set that are in another one too, in order.\"\"\"
    return [element for element in first if element in second]
""",
    "difference": """def difference(first, second):
    \"\"\"Return the elements of a set that are not in another one, in order.\"\"\"
    return [element for element in first if element not in second]
""",
    "interpolated": """def interpolated(place, points):
    \"\"\"Return the value at a number of the straight lines through some points.\"\"\"
    for (left, low), (right, high) in zip(points, points[1:]):
        if place <= right:
            break
    return low + (high - low) * (place - left) / (right - left)
""",
}
"""Each function by its name, as it stands in the program."""
