"""What helps to mend a program that stopped with an exception: facts about the libraries, found out where it failed."""

from __future__ import annotations

import ast
import builtins
import contextlib
import difflib
import inspect
import re
from collections.abc import Callable, Iterable
from itertools import islice
from types import FrameType, TracebackType
from typing import Any, Final

_MOST: Final = 3
_LENGTH: Final = 300
_NEAR: Final = 3
_KEYS: Final = 1000
_NOTHING: Final = object()
_THERE: Final = "pyomo, ortools (cp_model, mathopt, pywraplp), highspy, pyscipopt, numpy, scipy and pandas"
_USUAL: Final = {
    "np": "import numpy as np",
    "pd": "import pandas as pd",
    "pyo": "import pyomo.environ as pyo",
    "math": "import math",
    "random": "import random",
    "itertools": "import itertools",
    "product": "from itertools import product",
    "combinations": "from itertools import combinations",
    "cp_model": "from ortools.sat.python import cp_model",
    "pywraplp": "from ortools.linear_solver import pywraplp",
    "mathopt": "from ortools.math_opt.python import mathopt",
    "highspy": "import highspy",
    "quicksum": "from pyscipopt import quicksum",
    "Model": "from pyscipopt import Model",
    "SolverFactory": "from pyomo.environ import SolverFactory",
    "ConcreteModel": "from pyomo.environ import ConcreteModel",
    "NonNegativeReals": "from pyomo.environ import NonNegativeReals",
}
_SAID: Final[tuple[tuple[str, str], ...]] = (
    (
        r"A feasible solution was not found",
        "The solver found no point: the model is infeasible or unbounded, or the time ran out. Call "
        "`solve(model, load_solutions=False)` and look at `results.solver.termination_condition`.",
    ),
    (
        r"No executable found for solver|unavailable solver|UnknownSolver|Solver \(.*\) not available",
        "Of Pyomo's solvers there are `appsi_highs` (linear, integer) and `scip_direct` (nonlinear).",
    ),
    (
        r"No value for uninitialized",
        "The variable has no value: the solver found no point, or it stands in no constraint and not in the objective.",
    ),
    (
        r"Cannot convert non-constant (Pyomo )?expression|relational expression used in an unexpected Boolean",
        "A condition on variables cannot be used with `if`, `and`, `or` or `max`: write it as a constraint.",
    ),
    (
        r"[Cc]onstraint .* (resolved to a trivial Boolean|does not have a proper value)|Invalid constraint expression",
        "The constraint holds no variable: where there is nothing to demand return `pyo.Constraint.Skip`.",
    ),
    (
        r"(Evaluating|use|used).*(Boolean|__bool__)|__bool__.*(BoundedLinearExpression|LinearExpr)",
        "A condition on variables cannot be used with `if`, `and` or `or`: write it as a constraint.",
    ),
    (
        r"Cannot initialize multiple indices",
        "The rule of a constraint with indices takes the model and the indices: `lambda m, i: ...`.",
    ),
    (
        r"[Hh]ighs.* does not support",
        "HiGHS takes linear constraints; for others call `pyo.SolverFactory('scip_direct')`.",
    ),
)


def hints_for(error: BaseException, program: str, text: str) -> list[str]:
    """Return at most three short facts; none where none is found.

    Nothing is run but look-ups of names, attributes and keys.

    Args:
        error: that the program did not catch.
        program: file name of the program in tracebacks.
        text: of the program.
    """
    place = _Place.of(error, program, text)
    found: list[str] = []
    for kinds, find in _FINDERS:
        if isinstance(error, kinds):
            with contextlib.suppress(Exception):  # the objects are the program's
                found += find(error, place)
    short = (hint if len(hint) <= _LENGTH else f"{hint[: _LENGTH - 1]}…" for hint in dict.fromkeys(found))
    return list(short)[:_MOST]


class _Place:
    """Where in its own code a program failed."""

    def __init__(self, frame: FrameType | None, nodes: list[ast.AST], is_own: bool) -> None:
        self.frame = frame
        self.nodes = nodes
        self.is_own = is_own

    @classmethod
    def of(cls, error: BaseException, program: str, text: str) -> _Place:
        """Find the last frame of the program, and the expressions that end and begin where it stands."""
        last: TracebackType | None = None
        trace, is_own = error.__traceback__, False
        while trace is not None:
            is_own = trace.tb_frame.f_code.co_filename == program
            last = trace if is_own else last
            trace = trace.tb_next
        if last is None:
            return cls(None, [], False)
        positions = next(islice(last.tb_frame.f_code.co_positions(), last.tb_lasti // 2, None), (None,) * 4)
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError):
            return cls(last.tb_frame, [], is_own)
        wanted = (positions[0], positions[1], positions[2], positions[3])
        nodes = [node for node in ast.walk(tree) if _span(node) == wanted]
        return cls(last.tb_frame, nodes, is_own)

    def node(self, kind: type[ast.AST]) -> Any:
        """Return the expression of a kind; `None` where there is none."""
        return next((node for node in self.nodes if isinstance(node, kind)), None)

    def held(self, node: ast.AST) -> Any:
        """Return what an expression of names, attributes and constant keys stands for; `_NOTHING` for others."""
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Name) and self.frame is not None:
            for names in (self.frame.f_locals, self.frame.f_globals, vars(builtins)):
                if node.id in names:
                    return names[node.id]
        if isinstance(node, ast.Attribute):
            holder = self.held(node.value)
            return _NOTHING if holder is _NOTHING else getattr(holder, node.attr, _NOTHING)
        if isinstance(node, ast.Subscript):
            holder, key = self.held(node.value), self.held(node.slice)
            if holder is not _NOTHING and key is not _NOTHING:
                return holder[key]
        if isinstance(node, ast.Tuple):
            parts = tuple(self.held(part) for part in node.elts)
            return _NOTHING if any(part is _NOTHING for part in parts) else parts
        return _NOTHING


def _span(node: ast.AST) -> tuple[Any, ...]:
    names = ("lineno", "end_lineno", "col_offset", "end_col_offset")
    return tuple(getattr(node, name, None) for name in names)


# -- wrong calls ----------------------------------------------------------------------------------------


def _signature(error: BaseException, place: _Place) -> list[str]:
    call = place.node(ast.Call)
    if call is None:
        return []
    called = place.held(call.func)
    if called is _NOTHING or not callable(called):
        return []
    name = ast.unparse(call.func)
    text = signature_text(called)
    said = re.match(r"(?:\w+\.)?(\w+)\(\)", str(error))
    if not text and said is not None and isinstance(call.func, ast.Attribute):  # an older name of the same function
        text = signature_text(getattr(place.held(call.func.value), said[1]))
    return [f"The call is `{name}{text}`."] if text else []


def signature_text(called: Callable[..., Any]) -> str:
    """Return the parameters of a function; those of compiled ones by their description. Empty where none tells."""
    try:
        signature = inspect.signature(called)
    except (ValueError, TypeError):
        return _described_parameters(called)
    parameters = [one for one in signature.parameters.values() if one.name != "self"]
    if all(one.kind in (one.VAR_POSITIONAL, one.VAR_KEYWORD) for one in parameters) and parameters:
        return _described_parameters(called)
    plain = [one.replace(annotation=one.empty) for one in parameters]
    return str(signature.replace(parameters=plain, return_annotation=signature.empty))


def _described_parameters(called: Callable[..., Any]) -> str:
    lines = [line.strip() for line in (inspect.getdoc(called) or "").splitlines()]
    name = getattr(called, "__name__", "")
    pattern = re.compile(rf"(?:\d+\. )?{re.escape(name)}(\(.*\))(?: ->.*)?")
    found = [match[1] for line in lines[:60] if (match := pattern.fullmatch(line))]
    found = [re.sub(r"\(self: [^,)]+(?:, )?", "(", text) for text in found]
    found = [re.sub(r"(?:\w+\.)+(\w+)", r"\1", text) for text in found if text != "(*args, **kwargs)"]
    return " or ".join(found[:3])


# -- names ----------------------------------------------------------------------------------------------


def near(wanted: str, names: Iterable[str]) -> list[str]:
    """Return the names that someone may have meant, the nearest first."""
    shown = [name for name in names if wanted.startswith("_") or not name.startswith("_")]
    plain = _plain(wanted)
    same = [name for name in shown if _plain(name) == plain and name != wanted]
    close = difflib.get_close_matches(wanted, shown, n=_NEAR, cutoff=0.75)
    begin = [name for name in shown if len(plain) > 3 and _plain(name).startswith(plain)]
    return list(dict.fromkeys([*same, *close, *sorted(begin, key=len)]))[:_NEAR]


def _plain(name: str) -> str:
    return name.replace("_", "").lower()


def _meant(names: Iterable[str]) -> str:
    return " or ".join(f"`{name}`" for name in names)


def _attribute(error: BaseException, place: _Place) -> list[str]:
    name, holder = getattr(error, "name", None), getattr(error, "obj", None)
    node = place.node(ast.Attribute)
    if node is None:
        call = place.node(ast.Call)
        node = call.func if call is not None and isinstance(call.func, ast.Attribute) else None
    if (holder is None or name is None) and node is not None:
        name, holder = node.attr, place.held(node.value)
    if not isinstance(name, str) or holder is None or holder is _NOTHING:
        return []
    found = near(name, dir(holder))
    return [f"`{_kind(holder)}` has no `{name}`; did you mean {_meant(found)}?"] if found else []


def _kind(held: Any) -> str:
    return str(getattr(held, "__name__", None) or type(held).__name__)


def _name(error: BaseException, place: _Place) -> list[str]:
    name = getattr(error, "name", None)
    if not isinstance(name, str) or place.frame is None:
        return []
    if name in _USUAL:
        return [f"`{_USUAL[name]}` is missing."]
    found = near(name, [*place.frame.f_locals, *place.frame.f_globals, *dir(builtins)])
    return [f"There is no `{name}`; did you mean {_meant(found)}?"] if found else []


def _import(error: BaseException, place: _Place) -> list[str]:
    import sys

    del place
    match = re.match(r"cannot import name '(\w+)' from '([\w.]+)'", str(error))
    module = sys.modules.get(match[2]) if match else None
    if match and module is not None:
        found = near(match[1], dir(module))
        return [f"`{match[2]}` has no `{match[1]}`" + (f"; did you mean {_meant(found)}?" if found else ".")]
    name = getattr(error, "name", None) or "This module"
    if str(name).split(".")[0] in sys.modules:
        return []
    return [f"`{name}` is not installed. There are {_THERE}."]


# -- keys -----------------------------------------------------------------------------------------------


def _key(error: BaseException, place: _Place) -> list[str]:
    node = place.node(ast.Subscript)
    holder = place.held(node.value) if node is not None else _NOTHING
    if holder is _NOTHING or not hasattr(holder, "keys"):
        return []
    wanted = place.held(node.slice)
    if wanted is _NOTHING and error.args:
        wanted = error.args[0]
    keys = list(islice(holder.keys(), _KEYS))
    name = ast.unparse(node.value)
    if isinstance(wanted, str):
        found = near(wanted, [key for key in keys if isinstance(key, str)])
        if found:
            return [f"`{name}` has no key {wanted!r}; did you mean {' or '.join(map(repr, found))}?"]
    if not keys:
        return [f"`{name}` is empty."]
    more = ", ..." if len(keys) > 6 else ""
    return [f"The keys of `{name}` are {', '.join(map(_short, keys[:6]))}{more}."]


def _short(key: Any) -> str:
    text = repr(key)
    return text if len(text) <= 40 else f"{text[:39]}…"


def _index(error: BaseException, place: _Place) -> list[str]:
    del error
    node = place.node(ast.Subscript)
    holder = place.held(node.value) if node is not None else _NOTHING
    if not isinstance(holder, list | tuple | str):
        return []
    last = f"; the last has the index {len(holder) - 1}" if holder else ""
    return [f"`{ast.unparse(node.value)}` has {len(holder)} elements{last}."]


def _said(error: BaseException, place: _Place) -> list[str]:
    del place
    message = str(error)[:2000]
    return [hint for pattern, hint in _SAID if re.search(pattern, message)][:1]


_FINDERS: Final[tuple[tuple[tuple[type[BaseException], ...], Callable[[Any, _Place], list[str]]], ...]] = (
    ((TypeError,), _signature),
    ((AttributeError,), _attribute),
    ((NameError,), _name),
    ((ImportError,), _import),
    ((KeyError,), _key),
    ((IndexError,), _index),
    ((Exception,), _said),
)
