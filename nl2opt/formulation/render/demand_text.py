"""Writes expressions and lists of members for libraries to which functions of the program give what they lack."""

from __future__ import annotations

from typing import Any

from nl2opt.formulation.language.precedence import CONDITIONAL
from nl2opt.formulation.language.syntax import Call, Comprehension, Node
from nl2opt.formulation.language.syntax import Sequence as SequenceNode
from nl2opt.formulation.render.extremum_text import ExtremumText


class DemandText(ExtremumText):
    """Writes nodes as Python code.

    Attributes:
        functions: the functions of the program that anything written calls, beside those for maxima.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Prepare; see `PythonText`."""
        super().__init__(*arguments, **options)
        self.functions: set[str] = set()

    def members(self, arguments: tuple[Node, ...]) -> str:
        """Return the members of a demand such as `all_different` as a list."""
        if len(arguments) == 1 and isinstance(arguments[0], SequenceNode):
            arguments = arguments[0].items
        if len(arguments) == 1 and isinstance(arguments[0], Comprehension):
            return self._set(arguments[0])
        parts = [
            f"*{self._set(argument)}" if isinstance(argument, Comprehension) else self._write(argument, CONDITIONAL)
            for argument in arguments
        ]
        return f"[{', '.join(parts)}]"

    def _piecewise(self, node: Call) -> str:
        argument, points = node.arguments
        if not self.holds_decision(argument):
            return super()._piecewise(node)
        self.functions.add("piecewise")
        return f"piecewise({self._write(argument, CONDITIONAL)}, {self._points(points)})"
