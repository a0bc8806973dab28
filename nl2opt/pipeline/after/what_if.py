"""What if a number were another one: the changes, the new answer, and what is different; or a table of scenarios."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from nl2opt.errors import ChangeError
from nl2opt.formulation.changes import Change
from nl2opt.formulation.compilation.compiled import CompiledFormulation
from nl2opt.formulation.findings import Finding
from nl2opt.formulation.words.quantities import number, with_unit
from nl2opt.pipeline.after.asking import changes_of, is_scenario, words_of
from nl2opt.pipeline.after.comparison import Comparison, bulleted, comparison, entries_of, label_of, signed
from nl2opt.pipeline.after.edits import plain_change
from nl2opt.pipeline.after.points import compiled_of
from nl2opt.pipeline.after.requests import Request, requests_of
from nl2opt.pipeline.after.rerun import changed_answer
from nl2opt.pipeline.after.run_options import RunOptions
from nl2opt.pipeline.after.targets import ParameterTarget, target_of

if TYPE_CHECKING:
    from nl2opt.pipeline.answer import Answer

MOST_SCENARIOS: Final = 200
_SHOWN_VALUES: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WhatIf:
    """An answer with some numbers changed.

    Attributes:
        words: what was asked for.
        before: the answer to begin with.
        answer: the new one; its status says what happened.
        changes: of the formulation.
        comparison: what is different.
    """

    words: str
    before: Answer
    answer: Answer
    changes: tuple[Change, ...]
    comparison: Comparison

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self) -> Iterator[str]:
        """Yield what was changed and what came of it."""
        yield f"What if {self.words}?"
        yield from bulleted(self.comparison.difference)
        yield from self.comparison.lines()
        if self.answer.objective is None or not self.answer.is_solved:
            yield self.answer.message
        if self.answer.status.value == "infeasible":
            yield f"Which limits exclude each other, and what would do, is said by: nl2opt explain {self.answer.id}"

    def to_dict(self) -> dict[str, Any]:
        """Return everything as JSON objects; the answer whole, as `Answer.to_dict`."""
        return {
            "words": self.words,
            "before": self.before.id,
            "changes": [plain_change(change) for change in self.changes],
            "comparison": self.comparison.to_dict(),
            "answer": self.answer.to_dict(),
        }


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scenarios:
    """One answer for each of several values.

    Attributes:
        names: what differs between the scenarios.
        labels: for each scenario its values, as texts.
        scenarios: one for each, in order.
    """

    names: tuple[str, ...]
    labels: tuple[tuple[str, ...], ...]
    scenarios: tuple[WhatIf, ...]

    def __len__(self) -> int:
        return len(self.scenarios)

    def __iter__(self) -> Iterator[WhatIf]:
        return iter(self.scenarios)

    def __getitem__(self, place: int) -> WhatIf:
        return self.scenarios[place]

    @property
    def answers(self) -> tuple[Answer, ...]:
        """The answer of each scenario."""
        return tuple(scenario.answer for scenario in self.scenarios)

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self) -> Iterator[str]:
        """Yield a table: the values of each scenario, the objective, and the decisions that differ between them."""
        shown, more = self._varying()
        unit = self.scenarios[0].comparison.unit
        header = [*self.names, "objective", "difference", *(change for change in shown)]
        rows = [header]
        for labels, scenario in zip(self.labels, self.scenarios, strict=True):
            found = scenario.answer
            difference = scenario.comparison.objective_difference
            value = found.status.value if found.objective is None else with_unit(found.objective, unit)
            value += "" if found.objective is None or found.is_solved else f" ({found.status.value})"
            values = {label_of(*key): entry for key, entry in entries_of(found).items()}
            cells = [number(float(f"{values[label]:.10g}")) if label in values else "" for label in shown]
            rows.append([*labels, value, "" if difference is None else signed(difference, unit), *cells])
        widths = [max(len(row[column]) for row in rows) for column in range(len(header))]
        for row in rows:
            yield "  ".join(f"{cell:>{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        if more:
            yield f"{number(more)} more value{'s' * (more != 1)} differ{'s' * (more == 1)} between the scenarios."

    def _varying(self) -> tuple[list[str], int]:
        """Return the values that change in some scenario, as far as they are shown, and how many more there are."""
        labels = dict.fromkeys(change.label for scenario in self for change in scenario.comparison.values)
        found = list(labels)
        return found[:_SHOWN_VALUES], max(0, len(found) - _SHOWN_VALUES)

    def to_dict(self) -> dict[str, Any]:
        """Return all scenarios as JSON objects."""
        return {
            "names": list(self.names),
            "scenarios": [
                {"values": dict(zip(self.names, labels, strict=True))} | scenario.to_dict()
                for labels, scenario in zip(self.labels, self.scenarios, strict=True)
            ],
            "text": str(self),
        }


def what_if(
    before: Answer, what: Mapping[str, Any] | str | None, without: str | Iterable[str], options: RunOptions
) -> WhatIf | Scenarios:
    """Change numbers, solve again and compare; see `Answer.what_if`.

    Raises:
        ChangeError: something that is asked for cannot be done; then nothing is solved.
        FormulationError: the formulation has no single meaning with these numbers.
    """
    off = (without,) if isinstance(without, str) else tuple(without)
    requests = requests_of(what, off)
    compiled = compiled_of(before, "change")
    if not any(map(is_scenario, requests)):
        return _one(before, requests, changes_of(requests, compiled), options)
    return _scenarios(before, requests, compiled, options)


def _one(before: Answer, requests: Sequence[Request], changes: tuple[Change, ...], options: RunOptions) -> WhatIf:
    words = words_of(requests)
    answer = changed_answer(before, changes, options, kind="what_if", words=words)
    return WhatIf(
        words=words, before=before, answer=answer, changes=changes, comparison=comparison(before, answer)
    )  # fmt: skip


def _scenarios(
    before: Answer, requests: Sequence[Request], compiled: CompiledFormulation, options: RunOptions
) -> Scenarios:
    varied = [request for request in requests if is_scenario(request)]
    for request in varied:
        _require_values(request, compiled)
    count = math.prod(len(request.value) for request in varied)
    if count > MOST_SCENARIOS:
        message = f"these are {count:,} scenarios; at most {MOST_SCENARIOS} are solved at once"
        raise ChangeError([Finding(code="scenarios", message=message, mend="Give fewer values.")])
    chosen: list[tuple[Request, ...]] = []
    for values in itertools.product(*(request.value for request in varied)):
        given = {id(request): value for request, value in zip(varied, values, strict=True)}
        chosen.append(
            tuple(
                Request(request.target, given[id(request)], f"{request.target} = {given[id(request)]}")
                if id(request) in given
                else request
                for request in requests
            )
        )
    # All are read before the first is solved, so that a fault in the last costs no time.
    changes: list[tuple[Change, ...]] = []
    findings: list[Finding] = []
    for scenario in chosen:
        try:
            changes.append(changes_of(scenario, compiled))
        except ChangeError as error:
            findings += error.findings
    if findings:
        raise ChangeError(list(dict.fromkeys(findings)))
    solved = [_one(before, scenario, found, options) for scenario, found in zip(chosen, changes, strict=True)]
    targets = [request.target for request in varied]
    labels = tuple(
        tuple(_label(r.value) for r in scenario if r.target in targets) for scenario in chosen
    )  # fmt: skip
    return Scenarios(names=tuple(targets), labels=labels, scenarios=tuple(solved))


def _require_values(request: Request, compiled: CompiledFormulation) -> None:
    """Refuse a list that is empty, or that may be meant as the entries of a table.

    Raises:
        ChangeError: it is.
    """
    if not request.value:
        message = f"the list of values for `{request.target}` is empty"
        raise ChangeError([Finding(code="scenarios", message=message, mend="Give a number for each scenario.")])
    target = target_of(request.target, compiled)
    is_table = isinstance(target, ParameterTarget) and target.entries is None and target.parameter.index
    if is_table and any(not isinstance(value, str) for value in request.value):
        name = request.target
        message = f"a list gives scenarios, and `{name}` is a table"
        mend = (
            f'Write {{"{name}": {{"element": 35}}}} for entries, {{"{name}[element]": [30, 35]}} for scenarios of one, '
            f'{{"{name}": ["-10%", "+10%"]}} for scenarios of all.'
        )
        raise ChangeError([Finding(code="scenarios", message=message, mend=mend)])


def _label(value: object) -> str:
    return number(value) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)
