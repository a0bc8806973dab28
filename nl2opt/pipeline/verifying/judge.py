"""The judge: a language model compares the problem with the formulation in words. It can lower a verdict only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from nl2opt.chat.base import Message
from nl2opt.formulation.schema import Formulation
from nl2opt.pipeline.completion import CompletionError, json_object
from nl2opt.pipeline.prompts import plain_prompt
from nl2opt.pipeline.verifying.data_blocks import data_block
from nl2opt.pipeline.verifying.subject import Means
from nl2opt.verification.evidence import Evidence, EvidenceKind, Outcome
from nl2opt.verification.quotes import find_quote

JUDGE: Final = "judge"
"""Name of the check that a language model finds nothing missing, added or turned round."""
_MAX_TOKENS: Final = 800
_MOST: Final = 6
_LONGEST_WHY: Final = 200
_KINDS: Final = {"missing": "Missing", "added": "Added", "turned": "Turned round"}
SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "remarks": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "kind": {"type": "string", "enum": list(_KINDS)},
                    "quote": {"type": "string"},
                    "constraint": {"type": "string"},
                    "why": {"type": "string"},
                },
                "required": ["kind", "quote", "constraint", "why"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["remarks"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """One thing that the judge finds wrong.

    Attributes:
        kind: `missing`, `added` or `turned`.
        quote: words of the problem.
        constraint: of the formulation; `objective` for that, empty where something is missing.
        why: in its own words.
    """

    kind: str
    quote: str
    constraint: str
    why: str

    @property
    def text(self) -> str:
        """The remark in one sentence."""
        place = f" ({self.constraint})" if self.constraint else ""
        why = f" - {self.why}" if self.why else ""
        return f'{_KINDS[self.kind]}{place}: "{self.quote}"{why.rstrip(".")}.'


def judge_evidence(problem: str, formulation: Formulation, means: Means) -> Evidence:
    """Ask a language model what the formulation lacks, adds or turns round.

    A remark counts only when its quote stands in the problem and its constraint in the formulation. That the judge
    finds nothing raises no verdict. It is told which tables give what, and not their cells.

    Raises:
        ChatError: it could not be asked.
        CompletionError: its answer cannot be read.
    """
    content = f"{data_block('problem', problem)}\n\n{data_block('model', formulation.without_cells().describe())}"
    messages = [Message("system", plain_prompt("judge")), Message("user", content)]
    completion = means.ask(JUDGE, messages, json_schema=SCHEMA, max_tokens=_MAX_TOKENS)
    items = json_object(completion.text).get("remarks")
    if not isinstance(items, list):
        raise CompletionError("There are no remarks in the answer.")
    remarks = list(read_remarks(problem, formulation, items))
    dropped = len(items) - len(remarks)
    plural = "s" if dropped != 1 else ""
    note = (
        f" {dropped} remark{plural} that the texts do not bear out {'were' if plural else 'was'} dropped."
        if dropped
        else ""
    )
    if remarks:
        text = f"A language model that compared problem and formulation says: {' '.join(r.text for r in remarks)}{note}"
        return _evidence(Outcome.DOUBTFUL, text)
    text = f"A language model that compared problem and formulation found nothing missing, added or turned round.{note}"
    return _evidence(Outcome.PASSED, text)


def read_remarks(problem: str, formulation: Formulation, items: list[Any]) -> Iterator[Remark]:
    """Yield the remarks whose quote stands in the problem and whose constraint stands in the formulation."""
    known = {constraint.name for constraint in formulation.constraints} | {"objective"}
    known |= {variable.name for variable in formulation.variables}
    for item in items[:_MOST]:
        if not isinstance(item, dict) or item.get("kind") not in _KINDS or not isinstance(item.get("quote"), str):
            continue
        named = str(item.get("constraint") or "").strip()
        place = find_quote(problem, item["quote"])
        if place is None or (named not in known and (named or item["kind"] != "missing")):
            continue
        yield Remark(
            kind=item["kind"],
            quote=" ".join(problem[place[0] : place[1]].split()),
            constraint=named,
            why=" ".join(str(item.get("why") or "").split())[:_LONGEST_WHY],
        )


def _evidence(outcome: Outcome, text: str) -> Evidence:
    return Evidence(name=JUDGE, kind=EvidenceKind.MODELLING, outcome=outcome, text=text)
