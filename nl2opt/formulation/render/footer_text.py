"""What the ends of programs share whose families of variables are dicts: the function that prints their values."""

from __future__ import annotations

from collections.abc import Mapping

_SHOW = '''def show(@PARAMETERS@):
    """Print the values of a variable that are not zero, one line for each index."""
    for index, variable in values.items() if isinstance(values, dict) else [(None, values)]:
        value = @VALUE@
        if @COUNTS@:
            parts = index if isinstance(index, tuple) else (index,)
            texts = [str(part) if str(part).isprintable() else repr(part) for part in parts]
            place = "" if index is None else f"[{','.join(texts)}]"
            print(f"{name}{place} = {@SHOWN@}")
'''


def show_function(value: str, *, parameters: str = "name, values", is_whole: bool = False) -> str:
    """Return the function that prints the values of a variable.

    Args:
        value: code for the value of `variable` in the solution.
        parameters: of the function, as code.
        is_whole: whether all values are whole numbers, which are 0 or not.
    """
    marks = {"@PARAMETERS@": parameters, "@VALUE@": value}
    counts = {"@COUNTS@": "value", "@SHOWN@": "value"} if is_whole else {"@COUNTS@": "abs(value) > 1e-9"}
    return filled(_SHOW, {"@SHOWN@": "value:g", **marks, **counts})


def filled(text: str, marks: Mapping[str, str]) -> str:
    """Return a text with its marks replaced, in their order."""
    for mark, code in marks.items():
        text = text.replace(mark, code)
    return text
