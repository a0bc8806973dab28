"""Facts that help to mend an exception: the real signature of a function, names that are nearly those asked for."""

from __future__ import annotations

import ast
import builtins
import difflib
import inspect
from collections.abc import Iterator, Mapping
from types import CodeType, FrameType, TracebackType
from typing import Any, Final

_MOST: Final = 3
_LENGTH: Final = 300
_HERE: Final = "Pyomo, highspy, OR-Tools, PySCIPOpt, numpy, scipy and pandas"
_MISSING: Final = frozenset(
    {"gurobipy", "cplex", "docplex", "pulp", "cvxpy", "mip", "xpress", "mosek", "cvxopt", "casadi", "amplpy", "coptpy"}
)


def hints_for(error: BaseException, program: str, text: bytes) -> list[str]:
    """Return at most three hints.

    Args:
        error: that the program did not catch.
        program: file name of the program in tracebacks.
        text: the program.
    """
    found: list[str] = []
    try:
        for hint in _hints(error, program, text):
            if hint and hint not in found:
                found.append(hint if len(hint) <= _LENGTH else f"{hint[: _LENGTH - 1]}…")
            if len(found) == _MOST:
                break
    except Exception:  # noqa: BLE001 - the objects are the program's, and may do anything
        return found
    return found


def _hints(error: BaseException, program: str, text: bytes) -> Iterator[str]:
    place = _innermost(error.__traceback__, program)
    if isinstance(error, ImportError):
        name = (error.name or "").partition(".")[0]
        if isinstance(error, ModuleNotFoundError) and name in _MISSING:
            yield f"{name} is not installed. Installed are {_HERE}."
        else:
            yield _imported(error)
    elif isinstance(error, AttributeError) and error.name:
        yield _near(error.name, dir(error.obj), f"`{type(error.obj).__name__}` has")
    elif isinstance(error, NameError) and error.name and place is not None:
        frame = place[0]
        yield _near(error.name, [*frame.f_locals, *frame.f_globals, *dir(builtins)], "There is")
    if isinstance(error, KeyError) and place is not None and error.args:
        yield from _keys(error.args[0], place, text)
    if isinstance(error, TypeError | ValueError) and place is not None:
        yield from _signatures(place, text)


def _innermost(trace: TracebackType | None, program: str) -> tuple[FrameType, int] | None:
    """Return the innermost frame of the program, and the place of its last instruction."""
    found = None
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == program:
            found = (trace.tb_frame, trace.tb_lasti)
        trace = trace.tb_next
    return found


def _near(wanted: str, names: list[str], opening: str) -> str:
    public = list(dict.fromkeys(name for name in names if isinstance(name, str) and not name.startswith("_")))
    near = difflib.get_close_matches(wanted, public, n=3, cutoff=0.6)
    by_case = [name for name in public if name.lower() == wanted.lower() and name not in near]
    shown = [*by_case, *near][:3]
    return f"{opening} no `{wanted}`. Did you mean {' or '.join(f'`{name}`' for name in shown)}?" if shown else ""


def _imported(error: ImportError) -> str:
    import sys

    module = sys.modules.get(error.name or "")
    words = str(error).split("'")
    return _near(words[1], dir(module), f"`{error.name}` has") if module is not None and len(words) > 1 else ""


def _keys(key: Any, place: tuple[FrameType, int], text: bytes) -> Iterator[str]:
    """Say which keys a mapping has that was asked for another one."""
    for node in _nodes_at(place, text, ast.Subscript):
        held = _value(node.value, place[0])
        if isinstance(held, Mapping) and not _holds(held, key):
            keys = [repr(name) for name in list(held)[:6]]
            more = ", ..." if len(held) > len(keys) else ""
            yield f"`{ast.unparse(node.value)}` has no key {key!r}; it has {', '.join(keys)}{more}."


def _holds(held: Mapping[Any, Any], key: Any) -> bool:
    try:
        return key in held
    except TypeError:
        return False


def _signatures(place: tuple[FrameType, int], text: bytes) -> Iterator[str]:
    """Give the signatures of the functions that the failing line calls, the innermost call first."""
    calls = list(_nodes_at(place, text, ast.Call))
    for node in sorted(calls, key=lambda call: (call.end_lineno or 0, -(call.col_offset or 0)), reverse=True)[:2]:
        function = _value(node.func, place[0])
        signature = _signature(function) if callable(function) else ""
        if signature:
            yield f"The signature is `{ast.unparse(node.func)}{signature}`."


def _signature(function: Any) -> str:
    try:
        return str(inspect.signature(function))
    except (TypeError, ValueError):
        first = (getattr(function, "__doc__", None) or "").strip().partition("\n")[0]
        return first[first.index("(") :] if "(" in first and not inspect.isclass(function) else ""


def _nodes_at(place: tuple[FrameType, int], text: bytes, kind: type[ast.AST]) -> Iterator[Any]:
    """Yield the nodes of a kind that enclose, or are, what was being computed when the exception came."""
    begin, end = _span(place[0].f_code, place[1])
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, kind):
            first = (node.lineno, node.col_offset)  # type: ignore[attr-defined]
            last = (node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]
            if first <= begin and end <= last:
                yield node


def _span(code: CodeType, instruction: int) -> tuple[tuple[int, int], tuple[int, int]]:
    positions = list(code.co_positions())[instruction // 2]
    line, end_line, column, end_column = (value or 0 for value in positions)
    return (line, column), (end_line, end_column)


def _value(node: ast.expr, frame: FrameType) -> Any:
    """Return what a name, or a chain of attributes, stands for; `None` for anything else."""
    if isinstance(node, ast.Name):
        for names in (frame.f_locals, frame.f_globals, vars(builtins)):
            if node.id in names:
                return names[node.id]
        return None
    if isinstance(node, ast.Attribute):
        return getattr(_value(node.value, frame), node.attr, None)
    return None
