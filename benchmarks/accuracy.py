"""Solving accuracy on public benchmarks, with and without self-correction, from the same stored completions.

    python benchmarks/accuracy.py --data FOLDER --sets nl4opt mamo_easy --llm local

FOLDER holds `nl4opt.jsonl`, `mamo_easy.jsonl`, one object a line with `id`, `question`, `answer`. The rows are
`random.Random(1).sample(range(60, n), 40)`; those were seen once, so `--seed 2` and later seeds each draw 40 rows that
no earlier seed drew. `--tuning N` takes the first N rows instead, which are never reported. The run may be stopped and
started again: what was asked is not asked twice.

An answer is right when its objective equals the label to a relative 1e-6, or to half a unit of the last
decimal that the label shows. A label of null asks for no optimum.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import statistics
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from machine import describe_machine

import nl2opt
from nl2opt.settings import load_settings

FIRST_REPORTED = 60
REPORTED = 40


@dataclass(frozen=True)
class Result:
    """One row: right or not, with and without corrections."""

    right: bool
    seconds: float
    answer: nl2opt.Answer


def is_right(objective: float | None, label: Any) -> bool:
    """Compare strictly; see the text at the top."""
    try:
        wanted = float(label)
    except (TypeError, ValueError):
        return objective is None
    if objective is None:
        return False
    shown = str(label)
    decimals = len(shown.split(".")[1]) if "." in shown and "e" not in shown and not shown.endswith(".0") else None
    rounding = 0.5 * 10**-decimals * (1 + 1e-9) if decimals is not None else 0.0
    return abs(objective - wanted) <= max(1e-6 * max(1.0, abs(wanted)), rounding)


def wilson(right: int, total: int) -> tuple[float, float]:
    """Return the 95 % Wilson interval of a share."""
    z = 1.959964
    share = right / total
    centre = share + z * z / (2 * total)
    margin = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    return (centre - margin) / (1 + z * z / total), (centre + margin) / (1 + z * z / total)


def rows_of(path: Path, tuning: int | None, seed: int) -> list[dict[str, Any]]:
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    if tuning is not None:
        return rows[: min(tuning, FIRST_REPORTED)]
    untouched = list(range(FIRST_REPORTED, len(rows)))
    drawn: list[int] = []
    for number in range(1, seed + 1):
        untouched = [place for place in untouched if place not in drawn]
        drawn = random.Random(number).sample(untouched, min(REPORTED, len(untouched)))
    return [rows[place] for place in drawn]


def solve_row(row: dict[str, Any], arguments: argparse.Namespace, rounds: int) -> Result:
    settings = load_settings(cache_dir=Path(arguments.cache), rounds=rounds)
    answer = nl2opt.solve(row["question"], llm=arguments.llm, settings=settings, time_limit=60)
    objective = answer.objective if answer.status is nl2opt.Status.SOLVED else None
    seconds = sum(e.completion.usage.seconds for a in answer.trace.attempts for e in a.exchanges)
    return Result(is_right(objective, row["answer"]), seconds, answer)


def show(name: str, row: dict[str, Any], on: Result, off: Result) -> None:
    answer = on.answer
    print(
        f"{name}:{row['id']} {'right' if on.right else 'WRONG'} (off: {'right' if off.right else 'WRONG'}) "
        f"{answer.status} {answer.objective} label {row['answer']} {answer.verdict} "
        f"attempts {len(answer.trace.attempts)} {on.seconds:.0f} s",
        flush=True,
    )


def summary(name: str, results: list[tuple[Result, Result]]) -> None:
    total = len(results)
    for label, place in (("on", 0), ("off", 1)):
        right = sum(pair[place].right for pair in results)
        low, high = wilson(right, total)
        seconds = statistics.median(pair[place].seconds for pair in results)
        print(
            f"{name}: self-correction {label}: {right}/{total} = {right / total:.1%} "
            f"(95 % Wilson {low:.1%} to {high:.1%}), median {seconds:.1f} s a problem"
        )
    checked = [on for on, _ in results if on.answer.verdict.startswith(("checked", "verified"))]
    print(f"{name}: {len(checked)} answers earn 'checked', {sum(on.right for on in checked)} of them are right")
    executed = sum(on.answer.objective is not None for on, _ in results)
    print(f"{name}: execution rate {executed}/{total}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--sets", nargs="+", default=["nl4opt", "mamo_easy"])
    parser.add_argument("--llm", default="local")
    parser.add_argument("--cache", default="benchmarks/results/cache")
    parser.add_argument("--tuning", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limit", type=int, default=REPORTED)
    arguments = parser.parse_args()
    print(describe_machine(["nl2opt", "highspy", "xllamacpp"]), flush=True)
    tables = {
        name: rows_of(arguments.data / f"{name}.jsonl", arguments.tuning, arguments.seed)[: arguments.limit]
        for name in arguments.sets
    }
    results: dict[str, list[tuple[Result, Result]]] = {name: [] for name in tables}
    for place in range(max(map(len, tables.values()))):  # interleaved, so that a part is a fair part
        for name, rows in tables.items():
            if place < len(rows):
                on = solve_row(rows[place], arguments, rounds=3)
                off = solve_row(rows[place], arguments, rounds=0)
                results[name].append((on, off))
                show(name, rows[place], on, off)
    for name, pairs in results.items():
        summary(name, pairs)


if __name__ == "__main__":
    main()
