"""Why solvers do not take a model: what they lack, in which constraint, and what would help."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

import numpy as np

from solvers.adaptation import REWRITES
from solvers.features import Feature
from solvers.model import IntArray, Kind, Model
from solvers.reformulation.constraints import name_of_constraint

_SHOWN: Final = 3
_DIVISION: Final = "; where a divisor is positive, multiply the comparison out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why one solver does not take a model.

    Attributes:
        title: of the solver.
        missing: what it lacks; empty where it takes all features, and refuses these numbers, or is not installed.
        reason: what stands in the way of writing the model for it, with the mend; empty where nothing could be written.
    """

    title: str
    missing: frozenset[Feature]
    reason: str

    @property
    def distance(self) -> tuple[int, int]:
        """How far the solver is from the model: features that nothing can write for it, then all it lacks."""
        return len(self.missing - REWRITES.keys()), len(self.missing)


def no_solver(model: Model, refusals: Sequence[Refusal]) -> str:
    """Say that no solver takes a model, which come nearest, and what each lacks in which constraint.

    Args:
        model: what was to be solved.
        refusals: of each solver, the preferred ones first; at least one.
    """
    nearest = min(refusal.distance for refusal in refusals)
    near = [refusal for refusal in refusals if refusal.distance == nearest]
    groups: dict[tuple[frozenset[Feature], str], list[str]] = {}
    for refusal in near:
        groups.setdefault((refusal.missing, refusal.reason), []).append(refusal.title)
    texts = [
        _group(model, titles, missing, reason) if missing else reason for (missing, reason), titles in groups.items()
    ]
    # Commands that install a solver end without a full stop, so that they can be copied.
    ended = [text if text.endswith(".") else f"{text} ;" for text in texts[:-1]]
    return " ".join(["No installed solver takes this model.", *ended, texts[-1]])


def _group(model: Model, titles: Sequence[str], missing: frozenset[Feature], reason: str) -> str:
    solvers, lack, comes = _listed(titles), "lack" if len(titles) > 1 else "lacks", "take" if titles[1:] else "takes"
    places = " and ".join(_placed(feature, model) for feature in sorted(missing))
    return f"{solvers} {lack} {places}. {reason or f'Without that, {solvers} {comes} it.'}"


def lacking(missing: frozenset[Feature], model: Model) -> str:
    """Name the features that are missing; for nonlinear functions also which and where."""
    texts = []
    for feature in sorted(missing):
        held = model.nonlinear.description(model.name_of_row) if model.nonlinear is not None else ""
        texts.append(f"{feature} ({held})" if feature is Feature.NONLINEAR and held else str(feature))
    return " and ".join(texts) + (_DIVISION if "division" in texts[-1] else "")


def _placed(feature: Feature, model: Model) -> str:
    """Name a feature with the constraints or columns that ask for it."""
    if feature is Feature.NONLINEAR:
        return lacking(frozenset((feature,)), model)
    places = _places(feature, model)
    return f"{feature} ({places})" if places else str(feature)


def _places(feature: Feature, model: Model) -> str:
    match feature:
        case Feature.GLOBAL:
            return _shown([name_of_constraint(one) for one in model.global_constraints])
        case Feature.INDICATOR if model.indicators is not None:
            return _rows(model, model.indicators.row)
        case Feature.QUADRATIC_ROWS if model.quadratic_rows is not None:
            return _rows(model, model.quadratic_rows.row)
        case Feature.CONE if model.cones is not None:
            return _columns(model, model.cones.columns[model.cones.starts[:-1]])
        case Feature.INTEGER | Feature.INTEGER_QUADRATIC:
            return _columns(model, np.flatnonzero(model.column_kind != Kind.CONTINUOUS))
        case Feature.CONTINUOUS:
            return _columns(model, np.flatnonzero(model.column_kind == Kind.CONTINUOUS))
        case _:
            return ""


def _rows(model: Model, rows: IntArray) -> str:
    return _shown([model.name_of_row(row) for row in islice(np.unique(rows).tolist(), _SHOWN + 1)])


def _columns(model: Model, columns: IntArray) -> str:
    return _shown([model.name_of_column(column) for column in columns[: _SHOWN + 1].tolist()])


def _shown(names: Sequence[str]) -> str:
    more = " and more" if len(names) > _SHOWN else ""
    return ", ".join(f"`{name}`" for name in names[:_SHOWN]) + more


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
