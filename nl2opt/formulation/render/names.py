"""Names in a program: validated, and never in each other's way."""

from __future__ import annotations

import builtins
import keyword
import unicodedata
from collections.abc import Iterable

from nl2opt.formulation.schema import Formulation


class ProgramNames:
    """Gives every element and loop variable a name that collides with nothing.

    Variables and constraints become attributes of the model, sets, parameters and loop variables plain names.
    """

    def __init__(self, formulation: Formulation, *, reserved: Iterable[str], attributes: Iterable[str]) -> None:
        """Name the elements of a formulation.

        Args:
            formulation: whose elements are named.
            reserved: names that the program uses itself.
            attributes: names that the model object has already.

        Raises:
            ValueError: a name is not an identifier, or not as Python would read it; no text that is not one
                ever reaches a program.
        """
        self._taken = {*reserved, *keyword.kwlist, *keyword.softkwlist, *dir(builtins)}
        self._attributes = frozenset(attributes)
        self._names: dict[str, str] = {}
        self._loops: dict[str, str] = {}
        self._constraints: dict[str, str] = {}
        for name in [d.name for d in formulation.sets] + [d.name for d in formulation.parameters]:
            self._names[name] = self._free(name)
        for variable in formulation.variables:
            self._names[variable.name] = self.attribute(variable.name)
        for constraint in formulation.constraints:
            self._constraints[constraint.name] = self.attribute(constraint.name)

    def _free(self, name: str) -> str:
        if not name.isidentifier() or unicodedata.normalize("NFKC", name) != name:
            raise ValueError(f"{name!r} is not a name")
        candidate = name
        while candidate in self._taken:
            candidate += "_"
        self._taken.add(candidate)
        return candidate

    def attribute(self, name: str) -> str:
        """Return a name for something new in the model, close to the one given; models hide what begins with `_`."""
        public = f"v{name}" if name.startswith("_") else name
        return self._free(f"{public}_" if public in self._attributes else public)

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
