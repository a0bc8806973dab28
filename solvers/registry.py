"""The table of back ends, and the choice among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.util import find_spec

from solvers.adaptation import adapted, rewriting
from solvers.backends.clarabel import Clarabel
from solvers.backends.cp_sat import CpSat
from solvers.backends.glop import Glop
from solvers.backends.highs import Highs
from solvers.backends.ipopt import Ipopt
from solvers.backends.pdlp import Pdlp
from solvers.backends.protocol import BackEnd
from solvers.backends.scip import Scip
from solvers.errors import MissingSolverError, UnknownSolverError, UnsupportedModelError
from solvers.features import Feature, features_of
from solvers.model import Model
from solvers.refusals import Refusal, lacking, no_solver

BACK_ENDS: tuple[BackEnd, ...] = (Highs(), CpSat(), Clarabel(), Scip(), Glop(), Pdlp(), Ipopt())
"""All back ends, the preferred ones first."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Choice:
    """A back end for a model.

    Attributes:
        back_end: the solver.
        model: what it gets: the model itself, or one that says the same in terms that it takes.
        reason: one sentence for a person, why this one, and what of the model was rewritten for it.
    """

    back_end: BackEnd
    model: Model
    reason: str


def choose(model: Model, solver: str = "auto") -> Choice:
    """Return the back end for a model.

    Args:
        model: what is to be solved.
        solver: name of a back end in any letter case, or `auto` for the first that takes the model.

    Raises:
        UnknownSolverError: there is no back end of that name.
        MissingSolverError: the package of the back end is not installed.
        UnsupportedModelError: the back end, or every one, lacks something that the model needs.
    """
    asked = back_end_named(solver)
    if asked is not None:
        return _asked(model, asked)
    refusals = []
    for back_end in _ordered(model):
        try:
            return _taken(model, back_end, f"{back_end.title} takes {back_end.suits}.")
        except UnsupportedModelError as error:
            missing = features_of(model) - back_end.features if error.__cause__ is not None else frozenset[Feature]()
            reason = _why(error.__cause__) if missing else str(error)
            refusals.append(Refusal(title=back_end.title, missing=missing, reason=reason))
        except MissingSolverError as error:
            missing = features_of(model) - back_end.features
            refusals.append(Refusal(title=back_end.title, missing=missing, reason=str(error)))
    raise UnsupportedModelError(no_solver(model, refusals))


def _asked(model: Model, back_end: BackEnd) -> Choice:
    """Return the back end that was asked for; where it does not take the model, say which one does."""
    try:
        return _taken(model, back_end, f"{back_end.title} was asked for.")
    except UnsupportedModelError as error:
        try:
            other = choose(model).back_end
        except UnsupportedModelError:
            raise error from error.__cause__
        raise UnsupportedModelError(f"{error} {other.title} takes it.") from error.__cause__


def back_end_named(solver: str) -> BackEnd | None:
    """Return the back end of a name, in any letter case; `None` for `auto`.

    Raises:
        UnknownSolverError: there is no back end of that name.
    """
    name = solver.lower()
    if name == "auto":
        return None
    for back_end in BACK_ENDS:
        if back_end.name == name:
            return back_end
    names = ["auto", *(back_end.name for back_end in BACK_ENDS)]
    near = get_close_matches(name, names, n=1)
    hint = f" Did you mean `{near[0]}`?" if near else ""
    raise UnknownSolverError(f"There is no solver `{solver}`; there are: {', '.join(names)}.{hint}")


def is_installed(back_end: BackEnd) -> bool:
    """Return whether the package of a back end can be imported."""
    try:
        return find_spec(back_end.package.partition(".")[0]) is not None
    except (ImportError, ValueError):
        return False


def _ordered(model: Model) -> Sequence[BackEnd]:
    """Return the back ends that `auto` may choose, those made for the model's global constraints first."""
    chosen = [back_end for back_end in BACK_ENDS if back_end.is_chosen]
    if not model.global_constraints:
        return chosen
    return sorted(chosen, key=lambda back_end: Feature.GLOBAL not in back_end.features)


def _taken(model: Model, back_end: BackEnd, reason: str) -> Choice:
    """Return the model in terms that a back end takes.

    Raises:
        MissingSolverError: its package is not installed.
        UnsupportedModelError: it does not take the model.
    """
    if not is_installed(back_end):
        raise MissingSolverError(f"{back_end.title} is not installed. Install it with: pip install {back_end.install}")
    try:
        rewritten = adapted(model, back_end.features)
    except UnsupportedModelError as error:
        missing = features_of(model) - back_end.features
        text = f"{back_end.name} does not take {lacking(missing, model)}. {_why(error)}"
        raise UnsupportedModelError(text.rstrip()) from error
    refusal = back_end.refusal(rewritten)
    if refusal is not None:
        raise UnsupportedModelError(refusal)
    how = rewriting(model, rewritten)
    return Choice(back_end=back_end, model=rewritten, reason=f"{reason[:-1]}, after {how}." if how else reason)


def _why(error: BaseException | None) -> str:
    """Return why a model could not be rewritten; empty where there is no rewrite at all."""
    return "" if error is None or str(error).endswith("cannot be rewritten.") else str(error)
