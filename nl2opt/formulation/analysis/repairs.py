"""What would make an infeasible formulation feasible: changes of its own numbers, each tried out."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from nl2opt.errors import FormulationError
from nl2opt.formulation.analysis.conflict import Conflict, named_conflict
from nl2opt.formulation.analysis.movable import Lever, Movable, movable_of, written
from nl2opt.formulation.analysis.sensitivity_words import objective_noun
from nl2opt.formulation.compilation.compiled import CompiledFormulation
from nl2opt.formulation.compilation.compiler import compile_formulation
from nl2opt.formulation.findings import Finding, did_you_mean
from nl2opt.formulation.limits import Limits
from nl2opt.formulation.render.literals import one_line
from nl2opt.formulation.schema import Change, Formulation
from nl2opt.formulation.solve import solve_compiled
from nl2opt.formulation.words.quantities import number, with_unit
from solvers import SolveOptions, Termination
from solvers.diagnosis import ConflictSet, Numbering, SideRepair, cheapest_repair, conflict_set, lone_repairs

_MOST_ALONE: Final = 20
_NOTHING: Final = 1e-9
_NUDGE: Final = 1e-6
"""By which share an amount grows where, rounded as it is written, it does not quite do."""
_TRIES: Final = 4
_SECONDS: Final = 20.0
_LEAST_SECONDS: Final = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One number that a repair moves.

    Attributes:
        element: where it stands: `parameters.hours`, `constraints.labour`, `variables.make`.
        name: for people: `hours`, `demand['berlin']`, `the number 120 in labour`, `the upper bound of make`.
        old: what it is; `None` where the amount is added to an expression.
        new: what it becomes; `None` as for `old`.
        amount: by how much it goes up; below 0 where it goes down.
        unit: as stated; may be empty.
        change: the edit of the formulation; numbers that stand in one text share it.
    """

    element: str
    name: str
    old: float | None
    new: float | None
    amount: float
    unit: str = ""
    change: Change

    def __str__(self) -> str:
        verb = "raise" if self.amount > 0 else "lower"
        by = with_unit(abs(self.amount), one_line(self.unit))
        if self.old is None or self.new is None:
            if self.element.startswith("variables."):
                return f"{verb} {self.name} by {by}: `{self.change.value}`"
            return f"move the side of {self.name} {'up' if self.amount > 0 else 'down'} by {by}: `{self.change.value}`"
        before = "" if self.name.startswith(("the number ", "the capacity ")) else f" from {number(self.old)}"
        return f"{verb} {self.name}{before} to {number(self.new)}, by {by}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """Changes that make an infeasible formulation feasible, and their price.

    Attributes:
        moves: the numbers that move.
        amount: how far they move, all together.
        objective: the best value of the (first) objective afterwards, as far as it was found; `None` when there is no
            objective or it has no end.
        termination: of the solve that tried the repair out.
        is_least: whether it was proven that less does not do: of all that may move, or of this one number.
        is_alone: whether one number moves by itself.
        objective_name: what the objective is called.
        objective_unit: as stated; may be empty.
    """

    moves: tuple[Move, ...]
    amount: float
    objective: float | None
    termination: Termination
    is_least: bool
    is_alone: bool
    objective_name: str = "the objective"
    objective_unit: str = ""

    @property
    def changes(self) -> tuple[Change, ...]:
        """The edits, for `Formulation.apply`."""
        return _distinct(move.change for move in self.moves)

    def __str__(self) -> str:
        first, *others = [str(move) for move in self.moves]
        text = "; and ".join([f"{first[0].upper()}{first[1:]}", *others])
        return f"{text}. {self._price()}"

    def _price(self) -> str:
        if self.termination is Termination.UNBOUNDED:
            return "There are values then, but no limit to the objective."
        if self.objective is None:
            return "There are values then."
        name = f"{self.objective_name[0].upper()}{self.objective_name[1:]}"
        best = "" if self.termination is Termination.OPTIMAL else " at least as good as"
        return f"{name} is then{best} {with_unit(_clear(self.objective), one_line(self.objective_unit))}."

    def to_dict(self) -> dict[str, Any]:
        """Return the repair as JSON objects."""
        return {
            "moves": [
                {
                    "element": move.element, "name": move.name, "old": move.old, "new": move.new,
                    "amount": move.amount, "unit": move.unit, "change": move.change.model_dump(mode="json"),
                }
                for move in self.moves
            ],
            "amount": self.amount,
            "objective": self.objective,
            "termination": str(self.termination),
            "is_least": self.is_least,
            "is_alone": self.is_alone,
            "text": str(self),
        }  # fmt: skip


def formulation_repairs(
    formulation: Formulation,
    movable: Sequence[str] | None = None,
    *,
    options: SolveOptions | None = None,
    cancel: threading.Event | None = None,
    limits: Limits | None = None,
) -> tuple[Repair, ...]:
    """Return what would make an infeasible formulation feasible; see `Formulation.repairs`.

    Raises:
        FormulationError: it has no single meaning, or nothing that may move has a name that was given.
        solvers.SolversError: no back end takes the model.
    """
    compiled = compile_formulation(formulation, limits=limits).require()
    return compiled_repairs(compiled, movable, options=options, cancel=cancel)


def formulation_diagnosis(
    formulation: Formulation,
    *,
    options: SolveOptions | None = None,
    cancel: threading.Event | None = None,
    limits: Limits | None = None,
) -> tuple[Conflict | None, tuple[Repair, ...]]:
    """Return the conflict of an infeasible formulation and the repairs, with one search for the conflict.

    Raises:
        FormulationError: it has no single meaning.
        solvers.SolversError: no back end takes the model.
    """
    compiled = compile_formulation(formulation, limits=limits).require()
    found = conflict_set(compiled.model, options=options or SolveOptions(), cancel=cancel)
    if found is None:
        return None, ()
    return named_conflict(compiled, found), compiled_repairs(compiled, options=options, cancel=cancel, conflict=found)


def compiled_repairs(
    compiled: CompiledFormulation,
    movable: Sequence[str] | None = None,
    *,
    options: SolveOptions | None = None,
    cancel: threading.Event | None = None,
    conflict: ConflictSet | None = None,
) -> tuple[Repair, ...]:
    """Return what would make a compiled formulation feasible; see `Formulation.repairs`.

    Args:
        compiled: the formulation.
        movable: what may move.
        options: of the solver.
        cancel: set it to stop.
        conflict: of the model, where it is known already.

    Raises:
        FormulationError: nothing that may move has a name that was given.
        solvers.SolversError: no back end takes the model.
    """
    options = options or SolveOptions()
    if options.time_limit_seconds is None:
        options = replace(options, time_limit_seconds=_SECONDS)
    _require_known(compiled, movable)
    conflict = conflict or conflict_set(compiled.model, options=options, cancel=cancel)
    if conflict is None:
        return ()
    mender = _Mender(compiled, movable, options, cancel)
    cheapest = mender.cheapest()
    alone = sorted(mender.alone(conflict), key=lambda repair: repair.amount)
    # What moves one number is said before what moves several as far.
    is_first = cheapest is not None and not any(each.amount <= cheapest.amount * (1.0 + _NUDGE) for each in alone)
    found = [cheapest, *alone] if cheapest is not None and is_first else alone
    different: dict[str, Repair] = {}
    for repair in found:
        different.setdefault(repr(repair.changes), repair)
    return tuple(different.values())


@dataclass(slots=True)
class _Mender:
    """Looks for repairs of one formulation, and tries each out."""

    compiled: CompiledFormulation
    movable: Sequence[str] | None
    options: SolveOptions
    cancel: threading.Event | None
    started: float = field(default_factory=time.perf_counter)

    def left(self, share: float = 1.0) -> SolveOptions:
        """Return the options with a share of the time that is left."""
        limit = self.options.time_limit_seconds
        assert limit is not None
        seconds = max(_LEAST_SECONDS, share * (limit - time.perf_counter() + self.started))
        return replace(self.options, time_limit_seconds=seconds)

    @property
    def is_over(self) -> bool:
        """Whether there is no time left."""
        limit = self.options.time_limit_seconds
        assert limit is not None
        stopped = self.cancel is not None and self.cancel.is_set()
        return stopped or time.perf_counter() - self.started >= limit

    def cheapest(self) -> Repair | None:
        """Return the cheapest repair, all that may move together; `None` where none does, or none was found in time.

        A parameter that is used for something else too may not do; then what stands around it moves.
        """
        fixed: set[str] = set()
        for _ in range(_TRIES):
            found = self.allowed(movable_of(self.compiled, fixed=fixed))
            side = cheapest_repair(self.compiled.model, found.levers, options=self.left(0.4), cancel=self.cancel)
            if side is None or self.is_over:
                return None
            repair = self.tried(found, side, is_alone=False)
            if repair is not None:
                return repair
            moved = [found.pulls[number].parameter for number in np.flatnonzero(side.amount).tolist()]
            more = {parameter.name for parameter in moved if parameter is not None}
            if not more:
                return None
            fixed |= more
        return None

    def alone(self, conflict: ConflictSet) -> Iterator[Repair]:
        """Yield for each number that the conflict hangs on the least move of it alone that does."""
        found = self.allowed(movable_of(self.compiled))
        numbering = Numbering.of(self.compiled.model)
        sides = np.array([numbering.number(member) for member in conflict.members], np.int64)
        levers = found.levers
        free = (levers.lowest < 0) | (levers.highest > 0)
        which = _in_turn(found, [lever for lever in levers.moving(sides).tolist() if free[lever]])[:_MOST_ALONE]
        for _, side in lone_repairs(self.compiled.model, levers, which, options=self.left(), cancel=self.cancel):
            if self.is_over:
                return
            repair = None if side is None else self.tried(found, side, is_alone=True)
            if repair is not None:
                yield repair

    def allowed(self, found: Movable) -> Movable:
        """Return the levers with those held that may not move."""
        may = np.array([self.may_move(found, number) for number in range(found.levers.count)], bool)
        levers = replace(
            found.levers,
            lowest=np.where(may, found.levers.lowest, 0.0),
            highest=np.where(may, found.levers.highest, 0.0),
        )
        return replace(found, levers=levers)

    def may_move(self, found: Movable, number: int) -> bool:
        pull = found.pulls[number]
        if self.movable is None:
            return not pull.is_domain
        return not _names(pull.element, *pull.users).isdisjoint(self.movable)

    def tried(self, found: Movable, side: SideRepair, *, is_alone: bool) -> Repair | None:
        """Return a repair after solving what it leads to; `None` where that has no solution either."""
        numbers = np.flatnonzero(np.abs(side.amount) > _NOTHING).tolist()
        if not numbers:
            return None
        for factor in (1.0, 1.0 + _NUDGE):
            amounts = {number: factor * float(side.amount[number]) for number in numbers}
            changes = found.changes(amounts)
            if changes is None:
                return None
            moves = tuple(_move(found, number, amounts[number], changes[number]) for number in numbers)
            repair = self.solved(moves, side.is_cheapest, is_alone)
            if repair is not None:
                return repair
        return None

    def solved(self, moves: tuple[Move, ...], is_least: bool, is_alone: bool) -> Repair | None:
        formulation = self.compiled.formulation
        try:
            mended = compile_formulation(
                formulation.apply(_distinct(move.change for move in moves)), limits=self.compiled.context.limits
            ).require()
        except FormulationError:
            return None
        solution = solve_compiled(mended, options=self.left(0.4), cancel=self.cancel)
        if not solution.has_point and solution.termination is not Termination.UNBOUNDED:
            return None
        objectives = formulation.objectives
        first = max(objectives, key=lambda objective: objective.priority, default=None)
        return Repair(
            moves=moves,
            amount=sum(abs(move.amount) for move in moves),
            objective=solution.objective if objectives else None,
            termination=solution.termination,
            is_least=is_least,
            is_alone=is_alone or len(moves) == 1,
            objective_name=objective_noun(formulation),
            objective_unit=first.unit if first is not None else "",
        )


def _in_turn(found: Movable, levers: Sequence[int]) -> list[int]:
    """Return levers so that each element has its turn: the first ones of all elements, then the second ones."""
    seen: Counter[str] = Counter()
    turns = []
    for lever in levers:
        element = found.pulls[lever].element
        turns.append((seen[element], lever))
        seen[element] += 1
    return [lever for _, lever in sorted(turns)]


def _move(found: Movable, number: int, amount: float, change: Change) -> Move:
    lever: Lever = found.lever(number)
    new = None if lever.old is None else float(written(lever.old + amount))
    moved = float(written(amount)) if new is None or lever.old is None else new - lever.old
    return Move(
        element=lever.element, name=lever.name, old=lever.old, new=new, amount=float(written(moved)), unit=lever.unit,
        change=change,
    )  # fmt: skip


def _distinct(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Return changes, each once: several numbers of one text share a change."""
    return tuple({repr(change): change for change in changes}.values())


def _clear(value: float) -> float:
    """Return a number without the dust of floating-point arithmetic."""
    return float(f"{value:.9g}") + 0.0


def _names(*elements: str) -> set[str]:
    """Return elements with and without the list that they stand in."""
    return {name for element in elements for name in (element, element.partition(".")[2])}


def _require_known(compiled: CompiledFormulation, movable: Sequence[str] | None) -> None:
    """Refuse names of what may move that nothing has.

    Raises:
        FormulationError: there are such names; each is a finding.
    """
    if movable is None:
        return
    formulation = compiled.formulation
    elements = [f"parameters.{parameter.name}" for parameter in formulation.parameters]
    elements += [f"constraints.{constraint.name}" for constraint in formulation.constraints]
    for variable in formulation.variables:
        elements += [f"variables.{variable.name}{part}" for part in ("", ".lower", ".upper")]
    known = _names(*elements)
    unknown = [
        Finding(
            code="unknown_name", element="repairs", field="movable", text=name,
            message=f"there is no parameter, constraint or variable `{name}` that could move",
            mend=did_you_mean(name, sorted(known)),
        )
        for name in movable
        if name not in known
    ]  # fmt: skip
    if unknown:
        raise FormulationError(tuple(unknown))
