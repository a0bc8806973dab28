"""An answer explained in plain words; a language model may say it more fluently, but no number of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from nl2opt.pipeline.after.explanation_numbers import known_numbers
from nl2opt.pipeline.after.explanation_rewriting import rewritten
from nl2opt.pipeline.after.explanation_words import Section, sections_of
from nl2opt.pipeline.after.known import known_of
from nl2opt.pipeline.after.run_options import run_options

if TYPE_CHECKING:
    from nl2opt.chat.base import ChatModel
    from nl2opt.pipeline.answer import Answer
    from nl2opt.pipeline.events import OnPipelineEvent
    from nl2opt.settings import Settings
_HOLDS_CELLS: Final = (
    "This is the text of the templates: it holds cells of attached tables, which no language model is shown."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedNumber:
    """A number of an explanation, and where it comes from.

    Attributes:
        text: as it is written.
        value: without its sign.
        place: where it was found: `parameter hours`, `a difference in constraint labour`.
    """

    text: str
    value: float
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """An answer in plain words; `str()` gives the text.

    Attributes:
        answer: id of the answer.
        sections: titles with their lines, from the templates.
        fluent: the same as a language model says it; empty where none was asked, or where it invented a number.
        llm: the language model that was asked; empty where none was.
        note: why the fluent text is not given; empty where nothing is to be said.
        numbers: every number of the text that is given, and where it comes from.
    """

    answer: str
    sections: tuple[Section, ...]
    fluent: str = ""
    llm: str = ""
    note: str = ""
    numbers: tuple[ExplainedNumber, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """The text, line by line."""
        return tuple(self._lines())

    def _lines(self) -> Iterator[str]:
        if self.fluent:
            yield from self.fluent.splitlines()
        else:
            for title, lines in self.sections:
                yield title
                yield from (line if line.startswith("- ") else f"- {line}" for line in lines)
        if self.note:
            yield self.note

    def __str__(self) -> str:
        return "\n".join(self.lines)

    def to_dict(self) -> dict[str, Any]:
        """Return the explanation as JSON objects."""
        return {
            "answer": self.answer,
            "text": str(self),
            "sections": [{"title": title, "lines": list(lines)} for title, lines in self.sections],
            "fluent": self.fluent,
            "llm": self.llm,
            "note": self.note,
            "numbers": [{"text": n.text, "value": n.value, "place": n.place} for n in self.numbers],
        }


def explained(
    answer: Answer,
    *,
    llm: str | ChatModel | None = None,
    seconds: float = 10.0,
    settings: Settings | None = None,
    on_event: OnPipelineEvent | None = None,
    cancel: threading.Event | None = None,
) -> Explanation:
    """Explain an answer; see `Answer.explain`."""
    known = known_of(answer, seconds, cancel)
    numbers = known_numbers(known)
    explanation = Explanation(answer=answer.id, sections=sections_of(known))
    if llm is not None and answer.formulation is not None and answer.formulation.has_cells:
        explanation = replace(explanation, note=_HOLDS_CELLS)
    elif llm is not None:
        options = run_options(settings=settings, on_event=on_event, cancel=cancel)
        chat_model = options.chat_model(llm)
        text, note = rewritten(str(explanation), numbers, chat_model, options)
        explanation = replace(explanation, fluent=text, llm=chat_model.name, note=note)
    text = explanation.fluent or "\n".join(line for _, lines in explanation.sections for line in lines)
    found = tuple(
        ExplainedNumber(text=stated.text, value=stated.value, place=numbers.place_of(stated))
        for stated in numbers.stated_in(text)
    )
    return replace(explanation, numbers=found)
