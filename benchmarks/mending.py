"""How many errors of the checker a language model mends in one round, told by the checker's own messages.

    python benchmarks/mending.py --llm local --count 24

Small textbook formulations of `tests/nl2opt/formulation/gallery`, said in words, are the problems. Each is broken in
one way that language models break formulations, the last answer of the conversation is the broken one, and the
feedback of self-correction follows it. A fault is *mended* when the next answer has no error, and mended *rightly*
when it also has the known optimum. The run may be stopped and started again: what was asked is not asked twice.
"""

from __future__ import annotations

import argparse
import json
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from accuracy import wilson
from machine import describe_machine

from nl2opt import Formulation, FormulationError
from nl2opt.chat.base import CompletionOptions, Message
from nl2opt.chat.choose import choose_chat_model
from nl2opt.pipeline.feedback import finding_points
from nl2opt.pipeline.indexed import read_draft
from nl2opt.pipeline.prompts import plain_prompt, prompt, worked_examples
from nl2opt.settings import load_settings
from solvers import SolversError

GALLERY = Path(__file__).parent.parent / "tests" / "nl2opt" / "formulation" / "gallery"
LONGEST = 1000
MAX_TOKENS = 900
Content = dict[str, Any]


def misspell_a_name(content: Content) -> bool:
    """Write a name in the last constraint with its last letter missing."""
    row = content["constraints"][-1]
    for kind in ("parameters", "variables"):
        for declared in content.get(kind, ()):
            name = declared["name"]
            if len(name) > 3 and re.search(rf"\b{name}\b", row["expression"]):
                row["expression"] = re.sub(rf"\b{name}\b", name[:-1], row["expression"])
                return True
    return False


def write_one_equals_sign(content: Content) -> bool:
    """Write `=` for a comparison."""
    row = content["constraints"][-1]
    changed = re.sub(r"==", "=", row["expression"], count=1)
    done = changed != row["expression"]
    row["expression"] = changed
    return done


def leave_an_index_out(content: Content) -> bool:
    """Write an indexed variable without its index in the objective."""
    objective = content.get("objective")
    if not isinstance(objective, dict):
        return False
    for declared in content["variables"]:
        if declared.get("index"):
            changed = re.sub(rf"\b{declared['name']}\[[^\]]*\]", declared["name"], objective["expression"], count=1)
            if changed != objective["expression"]:
                objective["expression"] = changed
                return True
    return False


def leave_an_entry_out(content: Content) -> bool:
    """Leave the last entry of a table out."""
    for declared in content.get("parameters", ()):
        value = declared.get("value")
        if "default" in declared or not isinstance(value, dict | list) or len(value) < 2:
            continue
        if isinstance(value, dict):
            value.popitem()
        else:
            value.pop()
        return True
    return False


def add_an_unknown_field(content: Content) -> bool:
    """Move the clauses of a constraint into a field that does not exist."""
    for row in content["constraints"]:
        match = re.search(r"\s+for\s+(\w+) in (\w+)\s*$", row["expression"])
        if match is not None and row["expression"][: match.start()].count("(") == row["expression"].count(")"):
            row["expression"] = row["expression"][: match.start()]
            row["for_all"] = f"{match[1]} in {match[2]}"
            return True
    return False


def leave_the_domain_out(content: Content) -> bool:
    """Leave the domain of the last variable out."""
    return content["variables"][-1].pop("domain", None) is not None


FAULTS: tuple[Callable[[Content], bool], ...] = (
    misspell_a_name, write_one_equals_sign, leave_an_index_out, leave_an_entry_out, add_an_unknown_field,
    leave_the_domain_out,
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A formulation, broken in one way: its name and fault, the whole one, and the broken one as JSON."""

    name: str
    fault: str
    whole: Formulation
    broken: str


def cases(count: int) -> Iterator[Case]:
    """Yield cases, the kinds of faults in turn, over the formulations in order."""
    files = [path for path in sorted(GALLERY.glob("*.json")) if path.stat().st_size <= LONGEST]
    used: set[str] = set()
    for number in range(count):
        fault = FAULTS[number % len(FAULTS)]
        for path in files:
            content = json.loads(path.read_text(encoding="utf-8"))
            if path.stem in used or not content.get("constraints") or not fault(content):
                continue
            broken = json.dumps(content, ensure_ascii=False)
            try:
                if not any(finding.is_error for finding in Formulation.from_json(broken).check()):
                    continue
            except FormulationError:
                pass
            used.add(path.stem)
            yield Case(path.stem, fault.__name__, Formulation.from_json(path.read_text(encoding="utf-8")), broken)
            break


def errors_of(text: str) -> list[str]:
    """Return the checker's errors, as self-correction tells them."""
    try:
        return finding_points(Formulation.from_json(text).check())
    except FormulationError as error:
        return [str(finding) for finding in error.findings]


def agree(wanted: Formulation, found: Formulation) -> bool:
    """Whether two formulations end in the same way, at the same optimum if any."""
    try:
        first, second = wanted.solve(), found.solve()
    except (SolversError, FormulationError):
        return False
    if first.objective is None or second.objective is None:
        return first.termination is second.termination
    return math.isclose(first.objective, second.objective, rel_tol=1e-6, abs_tol=1e-6)


def main() -> None:
    """Run the cases and print a line for each, then the shares."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--llm", default="local")
    parser.add_argument("--count", type=int, default=24)
    parser.add_argument("--cache", default="benchmarks/results/cache")
    arguments = parser.parse_args()
    print(describe_machine(["nl2opt", "xllamacpp"]), flush=True)
    model = choose_chat_model(arguments.llm, load_settings(cache_dir=Path(arguments.cache)))
    instructions = [Message("system", plain_prompt("indexed"))]
    for example in worked_examples("indexed"):
        answer = json.dumps(example["answer"], ensure_ascii=False)
        instructions += [Message("user", example["problem"]), Message("assistant", answer)]
    mended = right = asked = 0
    for case in cases(arguments.count):
        feedback = prompt("feedback", points=errors_of(case.broken))
        conversation = [
            *instructions, Message("user", case.whole.describe()), Message("assistant", case.broken),
            Message("user", feedback),
        ]  # fmt: skip
        options = CompletionOptions(max_tokens=MAX_TOKENS, shared_messages=len(instructions))
        draft = read_draft(model.complete(conversation, options=options), ())
        is_mended = draft.formulation is not None and not finding_points(draft.formulation.check())
        is_right = is_mended and draft.formulation is not None and agree(case.whole, draft.formulation)
        asked, mended, right = asked + 1, mended + is_mended, right + is_right
        print(f"{case.name}: {case.fault}: {'mended' if is_mended else 'NOT mended'}, right: {is_right}", flush=True)
    for word, number in (("mended", mended), ("mended rightly", right)):
        low, high = wilson(number, asked)
        print(f"{word}: {number}/{asked} = {number / asked:.1%} (95 % Wilson {low:.1%} to {high:.1%})")


if __name__ == "__main__":
    main()
