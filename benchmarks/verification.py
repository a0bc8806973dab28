"""What the words verified, checked and not verified are worth, and what each rung of the ladder adds.

    python benchmarks/verification.py --data FOLDER --sets nl4opt mamo_easy --seed 5 --limit 30 --llm local

The rows, labels and what counts as right are those of `accuracy.py`. Each row is answered twice, from one pool of
stored completions (`--cache`): once with every rung climbed, whatever the others found, which tells what each rung is
worth by itself; and once as `--level` says (standard), which tells how often the words are earned and are right.
The run may be stopped and started again: what was asked is not asked twice.

A rung *passes* an answer or *doubts* it; for right answers a doubt is a false alarm, for wrong ones a catch. A rung
that was not run, or does not apply, does neither.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from accuracy import REPORTED, is_right, rows_of, wilson
from machine import describe_machine

import nl2opt
from nl2opt.settings import load_settings
from nl2opt.verification.evidence import NOT_VERIFIED, VERIFIED, Outcome

EVERY_RUNG: Final = nl2opt.VerifyOptions(calls=None, seconds=900.0, runs_all=True, corrections=0)
WORDS: Final = (VERIFIED, "checked", NOT_VERIFIED)
NAMES: Final = (
    "point", "numbers", "drafts", "duality", "second_solver", "plausibility", "directions", "program_agreement",
    "asked_directions", "independent_agreement", "optimum_agreement", "judge",
)  # fmt: skip
_MARKS: Final = {Outcome.PASSED: "+", Outcome.FAILED: "x", Outcome.DOUBTFUL: "?"}


@dataclass(frozen=True)
class Row:
    """One row: the answer with every rung climbed, the answer of the level, and the label."""

    label: Any
    climbed: nl2opt.Answer
    labelled: nl2opt.Answer

    @property
    def is_right(self) -> bool:
        """Whether the answer that a person would get is right."""
        return _is_right(self.labelled, self.label)

    @property
    def is_climbed_right(self) -> bool:
        """Whether the answer whose every rung was climbed is right."""
        return _is_right(self.climbed, self.label)

    @property
    def word(self) -> str:
        """The word that the answer earned: `verified`, `checked` or `not verified`."""
        return next((word for word in WORDS if self.labelled.verdict.startswith(word)), NOT_VERIFIED)

    def outcome(self, name: str) -> Outcome | None:
        """What came of a check; `None` where it was not run."""
        found = [item.outcome for item in self.climbed.evidence if item.name == name]
        return found[0] if found and found[0] in _MARKS else None

    @property
    def calls(self) -> int:
        """Requests that the level took beyond the formulation."""
        return sum(item.calls for item in self.labelled.evidence)


def _is_right(answer: nl2opt.Answer, label: Any) -> bool:
    return is_right(answer.objective if answer.status is nl2opt.Status.SOLVED else None, label)


def row_of(row: dict[str, Any], arguments: argparse.Namespace) -> Row:
    """Answer a row in both ways."""
    settings = load_settings(cache_dir=Path(arguments.cache), rounds=arguments.rounds, llm2=arguments.llm2)
    climbed, labelled = (
        nl2opt.solve(row["question"], llm=arguments.llm, settings=settings, time_limit=60, verify=verify)
        for verify in (EVERY_RUNG, arguments.level)
    )
    return Row(row["answer"], climbed, labelled)


def show(name: str, row: dict[str, Any], result: Row) -> str:
    """Return a line for a row."""
    marks = [f"{rung} {_MARKS[found]}" for rung in NAMES if (found := result.outcome(rung)) is not None]
    return (
        f"{name}:{row['id']} {'right' if result.is_right else 'WRONG'} ({result.labelled.objective}) label "
        f"{row['answer']}: {result.labelled.verdict}, {result.calls} calls, {result.labelled.seconds:.1f} s; "
        f"{', '.join(marks) or 'nothing was checked'}"
    )


def share(name: str, right: int, total: int) -> str:
    """Return a share with its 95 % Wilson interval."""
    if not total:
        return f"{name}: no rows"
    low, high = wilson(right, total)
    return f"{name}: {right}/{total} = {right / total:.1%} (95 % Wilson {low:.1%} to {high:.1%})"


def summary(name: str, rows: Sequence[Row]) -> Iterator[str]:
    """Yield the lines about a set: accuracy, the words, and the rungs."""
    yield share(f"{name}: right", sum(row.is_right for row in rows), len(rows))
    for word in WORDS:
        earned = [row for row in rows if row.word == word]
        yield share(f"{name}: {word}", len(earned), len(rows))
        yield share(f"{name}: right where {word}", sum(row.is_right for row in earned), len(earned))
    right = [row for row in rows if row.is_climbed_right]
    wrong = [row for row in rows if not row.is_climbed_right]
    for rung in NAMES:
        ran = [[row.outcome(rung) for row in part if row.outcome(rung) is not None] for part in (right, wrong)]
        if not any(ran):
            continue
        passed = sum(outcome is Outcome.PASSED for outcome in ran[0])
        caught = sum(outcome is not Outcome.PASSED for outcome in ran[1])
        yield share(f"{name}: rung {rung}: passes of the right answers", passed, len(ran[0]))
        yield share(f"{name}: rung {rung}: catches of the wrong answers", caught, len(ran[1]))


def main(given: Sequence[str] | None = None) -> None:
    """Run the rows and print a line for each, then the shares."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--sets", nargs="+", default=["nl4opt", "mamo_easy"])
    parser.add_argument("--llm", default="local")
    parser.add_argument("--llm2")
    parser.add_argument("--level", default="standard", choices=["quick", "standard", "thorough"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cache", default="benchmarks/results/cache")
    parser.add_argument("--tuning", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limit", type=int, default=REPORTED)
    parser.add_argument("--skip", type=int, default=0, help="Rows before the first, so that several parts run at once.")
    arguments = parser.parse_args(given)
    print(describe_machine(["nl2opt", "highspy", "ortools", "pyscipopt", "pyomo", "xllamacpp"]), flush=True)
    tables = {
        name: rows_of(arguments.data / f"{name}.jsonl", arguments.tuning, arguments.seed)[
            arguments.skip : arguments.limit
        ]
        for name in arguments.sets
    }
    results: dict[str, list[Row]] = {name: [] for name in tables}
    for place in range(max(map(len, tables.values()))):  # interleaved, so that a part is a fair part
        for name, rows in tables.items():
            if place < len(rows):
                result = row_of(rows[place], arguments)
                results[name].append(result)
                print(show(name, rows[place], result), flush=True)
    for name, found in results.items():
        for line in summary(name, found):
            print(line)


if __name__ == "__main__":
    main()
