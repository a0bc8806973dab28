"""Irreducible infeasible sets: demands that cannot all be met, while without any one of them the others can.

Chinneck, Feasibility and Infeasibility in Optimization (2008), chapter 6: deletion filter and additive method; Junker,
QUICKXPLAIN: preferred explanations and relaxations for over-constrained problems, AAAI 2004, for fewer questions. HiGHS
finds a first set for linear models; whatever finds it, the last word is a deletion filter that asks for each member.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from solvers.backends.highs_load import core, load, refusal_of, set_option
from solvers.backends.worker import run_interruptibly
from solvers.diagnosis.members import BoolArray, Member, Numbering, Part, demanded, restricted
from solvers.diagnosis.probe import Prober
from solvers.errors import SolversError
from solvers.model import IntArray, Kind, Model
from solvers.options import DEFAULT_OPTIONS, SolveOptions

_FROM_LP_AND_IRREDUCIBLE: Final = 2 + 4
"""Value of HiGHS's `iis_strategy`; its default finds nothing and calls that valid."""
_IIS_SHARE: Final = 0.3
"""The part of the time that HiGHS may take for its set."""
_MOST_ENTRIES_FOR_IIS: Final = 5_000
"""Above so many entries HiGHS takes long for its set; the proof that there is no solution is at hand."""
_WHOLE: Final = 1e-9
_ACCEPTED: Final = 1e-6
_FIRST_ADDED: Final = 16
_SHARE: Final = 0.25
"""The part of the time left that one question may take."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ConflictSet:
    """Demands that cannot all be met together.

    Attributes:
        members: the demands, in the order of the model: rows, bounds, cones, global constraints. Both sides of an
            equation are two members.
        is_irreducible: whether it was shown that without any one of them the others can be met.
        unproven: the members for which the time did not suffice to show that; empty when it is irreducible.
        needs_integrality: whether the members can be met when columns need not be whole; always false for models with
            indicator rows or global constraints, which mean nothing for fractions.
        message: one sentence for a person.
        seconds: wall clock.
    """

    members: tuple[Member, ...]
    is_irreducible: bool
    unproven: tuple[Member, ...] = ()
    needs_integrality: bool = False
    message: str
    seconds: float

    @property
    def rows(self) -> IntArray:
        """The rows with a side among the members, ascending."""
        rows = (Part.ROW_LOWER, Part.ROW_UPPER)
        return np.unique([member.place for member in self.members if member.part in rows]).astype(np.int64)


def conflict_set(
    model: Model, *, options: SolveOptions = DEFAULT_OPTIONS, cancel: threading.Event | None = None
) -> ConflictSet | None:
    """Return an irreducible infeasible set of a model.

    A model may have many; which is returned is not specified, but it is the same for the same model, unless the time
    runs out. That columns are whole counts as given.

    Args:
        model: with any kind of rows and constructs that a solver takes.
        options: of the solver. The time limit is that of the whole search, 20 seconds when it is `None`.
        cancel: set it to stop; what was found so far is returned.

    Returns:
        The set; `None` when the model has a feasible point, and when nobody could tell in time.

    Raises:
        ModelError: the arrays do not make a model.
        UnsupportedModelError: no solver takes the model.
    """
    model.validate()
    return _Search(model, Prober(model, options, cancel)).found()


class _Search:
    """One search; sets of demands are arrays of their numbers, ascending."""

    def __init__(self, model: Model, prober: Prober) -> None:
        self.model = model
        self.prober = prober
        self.numbering = Numbering.of(model)
        self.demanded = demanded(model)
        self.everything = np.flatnonzero(self.demanded)
        self.relaxed = not model.is_integer

    def found(self) -> ConflictSet | None:
        alone = self.obvious()
        if alone is not None:
            return self.filtered(alone)
        if self.told(self.everything, share=0.5) is not False:
            return None
        if self.model.is_linear and self.model.is_integer:
            # What is wrong without fractions too is found faster, and easier to understand.
            self.relaxed = self.told(self.everything, relaxed=True) is False
        demands = self.without_bounds()
        candidate = self.of_linear(demands)
        if candidate is None:
            candidate = self.reduced(self.grown(demands))
        return self.filtered(candidate)

    def told(self, demands: IntArray, *, relaxed: bool = False, share: float = _SHARE) -> bool | None:
        """Return whether demands can be met together; `None` when that cannot be told."""
        return self.prober.is_feasible(self.mask(demands), relaxed=relaxed or self.relaxed, share=share)

    def mask(self, demands: IntArray) -> BoolArray:
        kept = np.zeros(self.numbering.total, bool)
        kept[demands] = True
        return kept

    # -- first sets -----------------------------------------------------------------------------------

    def obvious(self) -> NDArray[np.int64] | None:
        """Return a row without decisions that is false, sides that cross, or bounds that leave no value."""
        model, numbering = self.model, self.numbering
        always = np.ones(model.n_rows, bool)
        if model.indicators is not None:
            always[model.indicators.row] = False
        constant = always & ~self.has_terms()
        crossed = always & (model.row_lower > model.row_upper)
        for part, is_false in (
            (Part.ROW_LOWER, (constant & (model.row_lower > _ACCEPTED)) | (always & (model.row_lower == np.inf))),
            (Part.ROW_UPPER, (constant & (model.row_upper < -_ACCEPTED)) | (always & (model.row_upper == -np.inf))),
        ):
            if is_false.any():
                return np.array([numbering.number(Member(part, int(np.argmax(is_false))))])
        whole = model.column_kind != Kind.CONTINUOUS
        lower = np.where(whole, np.ceil(model.column_lower - _WHOLE), model.column_lower)
        upper = np.where(whole, np.floor(model.column_upper + _WHOLE), model.column_upper)
        for parts, is_empty in (
            ((Part.ROW_LOWER, Part.ROW_UPPER), crossed),
            ((Part.COLUMN_LOWER, Part.COLUMN_UPPER), lower > upper),
        ):
            if is_empty.any():
                place = int(np.argmax(is_empty))
                numbers = [numbering.number(Member(part, place)) for part in parts]
                return np.array([number for number in numbers if self.demanded[number]])
        return None

    def has_terms(self) -> BoolArray:
        """Return which rows (m,) have a column in them."""
        model = self.model
        found = np.zeros(model.n_rows, bool)
        found[model.entry_rows()[model.row_values != 0]] = True
        if model.quadratic_rows is not None:
            found[model.quadratic_rows.row] = True
        if model.nonlinear is not None:
            found[model.nonlinear.row] = True
        return found

    def without_bounds(self) -> NDArray[np.int64]:
        """Return the demands without bounds where these are in conflict already, as people see them; else all."""
        bounds = self.bounds_among(self.everything)
        if not bounds.any() or not self.model.is_linear or not self.relaxed:
            return self.everything
        rows = self.everything[~bounds]
        return rows if self.told(rows) is False else self.everything

    def of_linear(self, demands: NDArray[np.int64]) -> NDArray[np.int64] | None:
        """Return HiGHS's set of a linear model or relaxation that is infeasible; `None` where there is none."""
        model = self.model
        if not self.relaxed or not model.is_linear or refusal_of(model) is not None:
            return None
        if len(model.row_values) > _MOST_ENTRIES_FOR_IIS:
            found = self.from_certificate(demands)
        else:
            found = self.from_highs(self.mask(demands))
        return found if len(found) and self.told(found) is False else None

    def from_certificate(self, demands: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the demands in the proof that demands cannot be met together; none without a proof."""
        if self.told(demands) is not False or self.prober.warm is None:
            return demands[:0]
        proof = self.prober.warm.certificate()
        return demands[:0] if proof is None else demands[proof[demands]]

    def from_highs(self, kept: BoolArray) -> NDArray[np.int64]:
        """Return the demands of HiGHS's set that exist; none where it has no set, or says so itself."""
        linear = replace(restricted(self.model, kept), column_kind=np.zeros(self.model.n_columns, np.uint8))
        rows = np.flatnonzero(kept[self.numbering.within(Part.ROW_LOWER)] | kept[self.numbering.within(Part.ROW_UPPER)])

        def asked() -> Any:
            try:
                highs = load(linear)
            except SolversError:
                return None
            set_option(highs, "iis_strategy", _FROM_LP_AND_IRREDUCIBLE)
            set_option(highs, "time_limit", _IIS_SHARE * self.prober.seconds_left)
            return highs.getIis()[1]

        iis = run_interruptibly(asked, threading.Event())
        if iis is None or not iis.valid_:
            return np.empty(0, np.int64)
        numbers = [
            *self._numbers(rows[np.array(iis.row_index_, np.int64)], iis.row_bound_, Part.ROW_LOWER, Part.ROW_UPPER),
            *self._numbers(iis.col_index_, iis.col_bound_, Part.COLUMN_LOWER, Part.COLUMN_UPPER),
        ]
        return np.array(sorted(number for number in numbers if kept[number]), np.int64)

    def _numbers(self, places: Any, bounds: Any, lower: Part, upper: Part) -> list[int]:
        status = core()
        sides = {
            int(status.kIisBoundStatusLower): (lower,),
            int(status.kIisBoundStatusUpper): (upper,),
            int(status.kIisBoundStatusBoxed): (lower, upper),
        }
        return [
            self.numbering.number(Member(part, int(place)))
            for place, bound in zip(places, bounds, strict=True)
            for part in sides.get(int(bound), ())
        ]

    def grown(self, demands: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return an infeasible set: all bounds, and rows and constructs added where points miss them.

        Bounds are there from the start, since branch and bound may never end without them.
        """
        asked = self.mask(demands)
        kept = self.mask(demands[self.bounds_among(demands)])
        added = _FIRST_ADDED
        while (answer := self.prober.is_feasible(kept, relaxed=self.relaxed)) is True:
            missed = np.where(asked & ~kept, self.prober.violated(), 0.0)
            worst = np.argsort(-missed, kind="stable")[:added]
            worst = worst[missed[worst] > _ACCEPTED]
            if not len(worst):
                answer = None
                break
            kept[worst] = True
            added *= 2
        return np.flatnonzero(kept) if answer is False else demands

    def bounds_among(self, demands: IntArray) -> BoolArray:
        """Return which of the demands are bounds of columns."""
        starts = self.numbering.starts
        return np.asarray((demands >= starts[2]) & (demands < starts[4]))

    # -- smaller sets ---------------------------------------------------------------------------------

    def reduced(self, demands: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return a small infeasible part of an infeasible set: first of its rows, then of its bounds."""
        bounds = self.bounds_among(demands)
        rows = self.explained(demands[bounds], demands[~bounds])
        return np.sort(np.concatenate([rows, self.explained(rows, self.bounds_of(rows, demands[bounds]))]))

    def bounds_of(self, rows: NDArray[np.int64], bounds: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the bounds of columns that occur in rows; all of them where there is anything but linear rows."""
        model = self.model
        if not model.is_linear:
            return bounds
        used = np.zeros(model.n_columns, bool)
        is_used = np.isin(model.entry_rows(), rows % max(model.n_rows, 1))
        used[model.row_columns[is_used]] = True
        return np.asarray(bounds[used[(bounds - self.numbering.starts[2]) % max(model.n_columns, 1)]])

    def explained(self, held: NDArray[np.int64], demands: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return a part of the demands that is infeasible together with those that are held (QUICKXPLAIN).

        Where the answer to a question is not known, more is kept.
        """
        if not len(demands) or self.told(held) is False:
            return demands[:0]
        return self._explained(held, demands, False)

    def _explained(self, held: NDArray[np.int64], demands: NDArray[np.int64], has_grown: bool) -> NDArray[np.int64]:
        if has_grown and self.told(held) is False:
            return demands[:0]
        if len(demands) == 1 or self.prober.is_over:
            return demands
        first, second = np.array_split(demands, 2)
        of_second = self._explained(np.concatenate([held, first]), second, True)
        of_first = self._explained(np.concatenate([held, of_second]), first, len(of_second) > 0)
        return np.concatenate([of_first, of_second])

    def filtered(self, demands: NDArray[np.int64]) -> ConflictSet | None:
        """Drop what is not needed, one by one, and say for what is left whether the need for it was shown."""
        kept, unproven = self.mask(demands), []
        for number in demands.tolist():
            if self.prober.is_over:
                unproven.append(number)
                continue
            kept[number] = False
            answer = self.prober.is_feasible(kept)
            if answer is False:
                continue
            kept[number] = True
            if answer is None:
                unproven.append(number)
        if not self.prober.is_confirmed_infeasible(kept):
            return None
        return self.conclusion(np.flatnonzero(kept), unproven)

    def conclusion(self, numbers: NDArray[np.int64], unproven: list[int]) -> ConflictSet:
        model = self.model
        has_fractions = model.is_integer and model.indicators is None and not model.global_constraints
        needs = has_fractions and self.told(numbers, relaxed=True) is not False
        message = "No values satisfy all of these at once; without any one of them there are some."
        if unproven:
            message = (
                "No values satisfy all of these at once. The time did not suffice to show that "
                f"{len(unproven)} of the {len(numbers)} are needed, so fewer may be in conflict."
            )
        return ConflictSet(
            members=tuple(map(self.numbering.member, numbers.tolist())),
            is_irreducible=not unproven,
            unproven=tuple(map(self.numbering.member, unproven)),
            needs_integrality=needs,
            message=message,
            seconds=self.prober.seconds,
        )
