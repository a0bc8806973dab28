"""Solving accuracy and execution rate of generated programs, with and without correction, and of both routes.

    python benchmarks/programs.py --data FOLDER --sets nl4opt mamo_easy --llm local

The rows, labels and what counts as right are those of `accuracy.py`; the completions of the formulation route are
shared with it. A program is *executed* when it comes to its end and its model, solved again outside the sandbox, has
an optimum; what a program merely prints is counted apart. The run may be stopped and started again: what was asked is
not asked twice.

Five lines for each set, all from the same stored completions: programs with correction, programs without, formulations,
both routes, and both routes where they agree. Of the last the share of rows is told, too: an agreement that is rare or
wrong is worth little.
"""

from __future__ import annotations

import argparse
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from accuracy import REPORTED, is_right, rows_of, wilson
from machine import describe_machine

import nl2opt
from nl2opt.settings import load_settings
from nl2opt.verification.evidence import INDEPENDENT_AGREEMENT, VERIFIED

WAYS: Final = ("program", "program, no correction", "formulation", "both")


@dataclass(frozen=True)
class Row:
    """One row: the answers of all ways, and the label."""

    label: Any
    answers: dict[str, nl2opt.Answer]

    def is_right(self, way: str) -> bool:
        """Whether the answer of a way is right; a mere claim counts as what it says."""
        answer = self.answers[way]
        counted = answer.status in (nl2opt.Status.SOLVED, nl2opt.Status.CLAIMED)
        return is_right(answer.objective if counted else None, self.label)

    def agrees(self) -> bool:
        """Whether both routes agree without having been told."""
        evidence = {item.name: item.outcome for item in self.answers["both"].evidence}
        return evidence.get(INDEPENDENT_AGREEMENT) == "passed"


def answers_of(question: str, arguments: argparse.Namespace) -> dict[str, nl2opt.Answer]:
    """Answer a row in all ways."""
    found = {}
    for way in WAYS:
        rounds = 0 if "no correction" in way else arguments.rounds
        settings = load_settings(cache_dir=Path(arguments.cache), rounds=rounds)
        route = way.partition(",")[0]
        found[way] = nl2opt.solve(question, llm=arguments.llm, settings=settings, time_limit=60, route=route)
    return found


def show(name: str, row: dict[str, Any], result: Row) -> None:
    """Print a line for a row."""
    parts = [f"{way}: {'right' if result.is_right(way) else 'WRONG'} ({result.answers[way].objective})" for way in WAYS]
    run = result.answers["program"].program_run
    ended = f"{run.kind or 'not run'}/{run.solved_status or run.claimed_status or 'nothing'}" if run else "no program"
    attempts = len(result.answers["program"].trace.attempts)
    print(
        f"{name}:{row['id']} label {row['answer']}; {'; '.join(parts)}; {ended}, {attempts} attempts; "
        f"agree: {result.agrees()}",
        flush=True,
    )


def share(name: str, right: int, total: int) -> str:
    """Return a share with its 95 % Wilson interval."""
    if not total:
        return f"{name}: no rows"
    low, high = wilson(right, total)
    return f"{name}: {right}/{total} = {right / total:.1%} (95 % Wilson {low:.1%} to {high:.1%})"


def summary(name: str, rows: Sequence[Row]) -> None:
    """Print the shares of a set."""
    for way in WAYS:
        seconds = [row.answers[way].usage.seconds for row in rows]
        line = share(f"{name}: {way}", sum(row.is_right(way) for row in rows), len(rows))
        print(f"{line}, language model median {statistics.median(seconds):.1f} s a problem")
    for way in WAYS[:2]:
        executed = sum(row.answers[way].is_solved for row in rows)
        claimed = sum(row.answers[way].status is nl2opt.Status.CLAIMED for row in rows)
        print(f"{share(f'{name}: {way}: executed', executed, len(rows))}; mere claims {claimed}")
    agreed = [row for row in rows if row.agrees()]
    print(share(f"{name}: rows on which both routes agree", len(agreed), len(rows)))
    print(share(f"{name}: right where both agree", sum(row.is_right("both") for row in agreed), len(agreed)))
    for way in ("formulation", "program", "both"):
        words = Counter(row.answers[way].verdict.partition(",")[0] for row in rows)
        earned = [row for row in rows if row.answers[way].verdict.startswith(("checked", VERIFIED))]
        print(f"{name}: {way}: {dict(words)}; of those that earn a word "
              f"{share('right', sum(row.is_right(way) for row in earned), len(earned))}")  # fmt: skip
    failures = Counter(
        attempt.outcome for row in rows for attempt in row.answers["program"].trace.attempts if attempt.feedback
    )
    print(f"{name}: what came of the programs that were mended: {dict(failures.most_common())}")


def main() -> None:
    """Run the rows and print a line for each, then the shares."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--sets", nargs="+", default=["nl4opt", "mamo_easy"])
    parser.add_argument("--llm", default="local")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cache", default="benchmarks/results/cache")
    parser.add_argument("--tuning", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limit", type=int, default=REPORTED)
    arguments = parser.parse_args()
    print(describe_machine(["nl2opt", "highspy", "ortools", "pyscipopt", "pyomo", "xllamacpp"]), flush=True)
    tables = {
        name: rows_of(arguments.data / f"{name}.jsonl", arguments.tuning, arguments.seed)[: arguments.limit]
        for name in arguments.sets
    }
    results: dict[str, list[Row]] = {name: [] for name in tables}
    for place in range(max(map(len, tables.values()))):  # interleaved, so that a part is a fair part
        for name, rows in tables.items():
            if place < len(rows):
                result = Row(rows[place]["answer"], answers_of(rows[place]["question"], arguments))
                results[name].append(result)
                show(name, rows[place], result)
    for name, found in results.items():
        summary(name, found)


if __name__ == "__main__":
    main()
