"""Names in a program: validated, and never in each other's way."""

from __future__ import annotations

import builtins
import keyword
from collections.abc import Iterable

from nl2opt.formulation.schema import Formulation


class ProgramNames:
    """Gives every element and loop variable a name that collides with nothing.

    Raises:
        ValueError: a name is not an identifier; no text that is not one ever reaches a program.
    """

    def __init__(self, formulation: Formulation, reserved: Iterable[str]) -> None:
        self._taken = {*reserved, *keyword.kwlist, *keyword.softkwlist, *dir(builtins)}
        self._names: dict[str, str] = {}
        self._loops: dict[str, str] = {}
        self._constraints: dict[str, str] = {}
        for part in (formulation.sets, formulation.parameters, formulation.variables):
            for declared in part:
                self._names[declared.name] = self._free(declared.name)
        for constraint in formulation.constraints:
            self._constraints[constraint.name] = self._free(constraint.name)

    def _free(self, name: str) -> str:
        if not name.isidentifier() or (not name.isascii() and not name.isidentifier()):
            raise ValueError(f"{name!r} is not a name")
        candidate = name
        while candidate in self._taken:
            candidate += "_"
        self._taken.add(candidate)
        return candidate

    def element(self, name: str) -> str:
        """Return the program's name of a set, parameter or variable."""
        return self._names[name]

    def constraint(self, name: str) -> str:
        """Return the program's name of a constraint."""
        return self._constraints[name]

    def loop(self, name: str) -> str:
        """Return the program's name of a loop variable."""
        if name not in self._loops:
            self._loops[name] = self._free(name)
        return self._loops[name]

    def fresh(self, name: str) -> str:
        """Return a name that nothing else has, close to the one given."""
        return self._free(name)
