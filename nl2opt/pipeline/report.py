"""The answer as a page that people read: what to do first, then why it can be believed."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from nl2opt.formulation.schema import Formulation
from nl2opt.pipeline.answer import Answer, Status
from nl2opt.verification.evidence import Outcome

_WIDTH = 100
_SHOWN_VALUES = 40
_SHOWN_ELEMENTS = 12
_MARKS = {Outcome.PASSED: "+", Outcome.FAILED: "x", Outcome.DOUBTFUL: "?", Outcome.NOT_RUN: "-"}
Section = tuple[str, list[str]]


def report(answer: Answer) -> str:
    """Return the answer as plain text."""
    blocks = []
    for title, lines in sections(answer):
        blocks.append("\n".join([title, *(f"  {line}" for line in lines)]))
    return "\n\n".join(blocks)


def markdown_report(answer: Answer) -> str:
    """Return the answer as Markdown, for notebooks."""
    fence = "```"
    return "\n\n".join(f"**{title}**\n{fence}text\n{chr(10).join(lines)}\n{fence}" for title, lines in sections(answer))


def sections(answer: Answer) -> list[Section]:
    """Return the parts of the page: titles and lines."""
    found: list[Section] = [("Answer", list(_headline(answer)))]
    if answer.values is not None:
        found.append(("Values", list(_values(answer))))
    if answer.formulation is not None:
        found.append(("Formulation", list(formulation_lines(answer.formulation))))
    if answer.evidence:
        found.append(
            (
                "Checks",
                [f"{_MARKS[item.outcome]} {line}" for item in answer.evidence for line in _wrapped(item.text)],
            )
        )
    if answer.assumptions:
        texts = list(dict.fromkeys(item.text for item in answer.assumptions))
        found.append(("Assumptions", [f"- {line}" for text in texts for line in _wrapped(text)]))
    if answer.warnings:
        found.append(("Warnings", [f"! {line}" for text in answer.warnings for line in _wrapped(text)]))
    found.append(("Run", list(_run(answer))))
    return found


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, subsequent_indent="  ", break_long_words=False) or [""]


def _headline(answer: Answer) -> Iterator[str]:
    objective = answer.formulation.objective if answer.formulation is not None else None
    if answer.objective is not None:
        word = {"maximize": "Maximum", "minimize": "Minimum"}[objective.sense] if objective else "Value"
        if answer.status is not Status.SOLVED:
            word = "Best so far"
        yield f"{word}: {with_unit(answer.objective, objective.unit if objective else '')}"
        if answer.status is not Status.SOLVED and answer.bound is not None:
            yield f"No point can be better than {number(answer.bound)}."
    yield from _wrapped(answer.message)
    if answer.evidence:
        yield f"Verdict: {answer.verdict}"


def _values(answer: Answer) -> Iterator[str]:
    assert answer.values is not None
    units = {v.name: (v.unit, v.description) for v in answer.formulation.variables} if answer.formulation else {}
    rows: list[tuple[str, str, str]] = []
    hidden = zeros = 0
    for name in answer.values:
        unit, description = units.get(name, ("", ""))
        entries = answer.values.entries(name)
        for index, value in entries:
            if len(entries) > 1 and value == 0:
                zeros += 1
            elif len(rows) >= _SHOWN_VALUES:
                hidden += 1
            else:
                label = f"{name}[{', '.join(map(str, index))}]" if index else name
                rows.append((label, with_unit(value, unit), description if not index else ""))
    width = max((len(label) for label, _, _ in rows), default=0)
    amount = max((len(value) for _, value, _ in rows), default=0)
    for label, shown, description in rows:
        yield f"{label:<{width}}  {shown:>{amount}}  {description}".rstrip()
    if hidden:
        yield f"... and {hidden} more"
    if zeros:
        yield f"({zeros} values are 0)"


def formulation_lines(formulation: Formulation) -> Iterator[str]:
    """Yield the five elements, one line or more for each."""
    for declared in formulation.sets:
        yield f"set {declared.name} = {_elements(declared.elements)}"
    for parameter in formulation.parameters:
        index = f"[{', '.join(parameter.index)}]" if parameter.index else ""
        yield f"parameter {parameter.name}{index} = {_short(parameter.value)} {parameter.unit}".rstrip()
    for variable in formulation.variables:
        index = f"[{', '.join(variable.index)}]" if variable.index else ""
        lower = variable.lower if variable.lower is not None else 0
        bounds = "" if variable.domain == "binary" else f" >= {lower}"
        upper = f", <= {variable.upper}" if variable.upper is not None else ""
        yield f"variable {variable.name}{index} {variable.domain}{bounds}{upper}"
    if formulation.objective is not None:
        yield f"{formulation.objective.sense} {formulation.objective.expression}"
    for constraint in formulation.constraints:
        yield f"subject to {constraint.name}: {constraint.expression}"


def _elements(elements: object) -> str:
    if isinstance(elements, list):
        shown = ", ".join(map(str, elements[:_SHOWN_ELEMENTS]))
        more = f", ... ({len(elements)})" if len(elements) > _SHOWN_ELEMENTS else ""
        return f"{{{shown}{more}}}"
    return str(elements)


def _short(value: object) -> str:
    text = number(value) if isinstance(value, int | float) else str(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _run(answer: Answer) -> Iterator[str]:
    usage = answer.usage
    parts = [f"{answer.seconds:.1f} s"]
    if answer.trace.llm:
        parts.append(f"language model {answer.trace.llm}")
        parts.append(f"{usage.prompt_tokens + usage.completion_tokens:,} tokens")
        rounds = len(answer.trace.attempts)
        parts.append(f"{rounds} attempt{'s' if rounds != 1 else ''}")
    if answer.solver:
        parts.append(answer.solver)
    yield ", ".join(parts)


def number(value: float) -> str:
    """Return a number for people: whole ones without a point, others with up to ten digits."""
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:,.10g}"


def with_unit(value: float, unit: str) -> str:
    """Return a number with its unit; currency signs stand in front."""
    if unit in ("$", "€", "£"):
        return f"{unit}{number(value)}" if value >= 0 else f"-{unit}{number(-value)}"
    return f"{number(value)} {unit}".rstrip()
