"""The answer as a page that people read: what to do first, then why it can be believed."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence

from nl2opt.formulation.objectives import objective_name
from nl2opt.formulation.schema import Formulation, Objective, Parameter, Variable
from nl2opt.formulation.words.quantities import number, with_unit
from nl2opt.pipeline.after.runs import history_lines, history_of
from nl2opt.pipeline.analyses import Analysis
from nl2opt.pipeline.answer import Answer, Status
from nl2opt.pipeline.gap_words import gap_in_words
from nl2opt.pipeline.program.report import program_sections
from nl2opt.pipeline.readings.words import TITLE, assumption_lines, reading_lines
from nl2opt.tables.cells import cell_count_of
from nl2opt.tables.missing import template_json
from nl2opt.verification.evidence import Outcome

_WIDTH = 100
_SHOWN_VALUES = 40
_SHOWN_ELEMENTS = 12
_SHOWN_CHARACTERS = 80
_EXTREMES = {"maximize": "Maximum", "minimize": "Minimum"}
_MARKS = {
    Outcome.PASSED: "+", Outcome.FAILED: "x", Outcome.DOUBTFUL: "?", Outcome.NOT_RUN: "-", Outcome.DOES_NOT_APPLY: "-",
}  # fmt: skip
_LINE_BREAK = re.compile(r"\s*[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]\s*")
Section = tuple[str, list[str]]


def report(answer: Answer) -> str:
    """Return the answer as plain text."""
    blocks = []
    for title, lines in sections(answer):
        blocks.append("\n".join([title, *(f"  {line}" for line in lines)]))
    return "\n\n".join(blocks)


def markdown_report(answer: Answer) -> str:
    """Return the answer as Markdown, for notebooks; no text in it can leave its block."""
    return "\n\n".join(f"**{title}**\n{_fenced(lines)}" for title, lines in sections(answer))


def _fenced(lines: list[str]) -> str:
    text = "\n".join(lines)
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def sections(answer: Answer) -> list[Section]:
    """Return the parts of the page: titles and lines, none of which holds a line break."""
    found: list[Section] = [("Answer", list(_headline(answer)))]
    if answer.values is not None:
        found.append(("Values", list(_values(answer))))
    if answer.formulation is not None:
        found.append(("Formulation", list(formulation_lines(answer.formulation))))
    if answer.missing:
        found.append(("Missing data", list(_missing(answer))))
    if answer.data_notes:
        found.append(("Data", [line for text in answer.data_notes for line in _item("-", text)]))
    if answer.program_run is not None:
        found += program_sections(answer.program_run, shows_text=bool(answer.problem))
    if answer.evidence:
        found.append(("Checks", [line for item in answer.evidence for line in _item(_MARKS[item.outcome], item.line)]))
    if answer.assumptions:
        told = assumption_lines(answer.assumptions, answer.alternatives)
        found.append(("Assumptions", [line for text in told for line in _item("-", text)]))
    found += _readings(answer)
    if answer.warnings:
        found.append(("Warnings", [line for text in answer.warnings for line in _item("!", text)]))
    if answer.edits:
        found.append(("Steps", list(history_lines(history_of(answer)))))
    found.append(("Run", list(_run(answer))))
    found += [(analysis.title, list(_analysis(analysis))) for analysis in answer.analyses if analysis.lines]
    return [(title, [_LINE_BREAK.sub(" ", line) for line in lines]) for title, lines in found]


def _missing(answer: Answer) -> Iterator[str]:
    for item in answer.missing:
        yield from _item("?", str(item))
    first = answer.missing[0].name
    yield from _wrapped(f"Give them by values={{'{first}': ...}} in Python, or --set {first}=... on the command line.")
    template = template_json(answer.missing).splitlines()
    if len(template) <= _SHOWN_VALUES:
        yield "Or fill in this list, and give it as a file by --data:"
        yield from template


def _analysis(analysis: Analysis) -> Iterator[str]:
    for line in analysis.lines:
        yield from textwrap.wrap(line, _WIDTH, subsequent_indent="  ", break_long_words=False) or [""]


def _readings(answer: Answer) -> list[Section]:
    """Return the part about other readings of the problem; nothing where none moves the answer."""
    objectives = answer.formulation.objectives if answer.formulation is not None else ()
    unit = max(objectives, key=lambda one: one.priority).unit if objectives else ""
    kept = answer.id if answer.problem else ""
    lines = reading_lines(answer.alternatives, unit=unit, objective=answer.objective, id=kept)
    # A command that is copied must stand on one line.
    shown = [part for line in lines for part in ([line] if line.startswith(" ") else _wrapped_as_it_begins(line))]
    return [(TITLE, shown)] if shown else []


def _wrapped_as_it_begins(line: str) -> list[str]:
    return textwrap.wrap(line, _WIDTH, subsequent_indent="   ", break_long_words=False, break_on_hyphens=False)


def _item(mark: str, text: str) -> list[str]:
    first, *rest = _wrapped(text)
    return [f"{mark} {first}", *(f"  {line}" for line in rest)]


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, break_long_words=False) or [""]


def _headline(answer: Answer) -> Iterator[str]:
    declared = answer.formulation.objectives if answer.formulation is not None else ()
    if answer.objectives:
        yield from _objective_lines(answer, declared)
    elif answer.objective is not None:
        objective = declared[0] if declared else None
        sense = objective.sense if objective else answer.program_run.sense if answer.program_run else ""
        word = _EXTREMES.get(sense, "Value")
        if answer.status is not Status.SOLVED:
            word = _unproven(answer)
        yield f"{word}: {with_unit(answer.objective, objective.unit if objective else '')}"
    if answer.objective is not None and answer.status is not Status.SOLVED and answer.bound is not None:
        yield f"No point can be better than {number(answer.bound)}{_distance(answer)}."
    yield from _wrapped(answer.message)
    if answer.evidence:
        yield f"Verdict: {answer.verdict}"


def _distance(answer: Answer) -> str:
    """Say how far from the best possible the point is at most."""
    assert answer.objective is not None
    words = gap_in_words(answer.objective, answer.gap)
    return f": this is within {words} of the best possible" if words else ""


def _objective_lines(answer: Answer, declared: Sequence[Objective]) -> Iterator[str]:
    """Yield the value of each of several objectives, the largest priority first."""
    order = sorted(range(len(declared)), key=lambda place: -declared[place].priority)
    for place in order:
        objective, name = declared[place], objective_name(declared, place)
        word = _EXTREMES[objective.sense] if answer.status is Status.SOLVED else _unproven(answer)
        shown = with_unit(answer.objectives[name], objective.unit)
        yield f"{word} of {name}: {shown}{_rank(objective, declared)}"


def _unproven(answer: Answer) -> str:
    """Return what the best point is called that is not proven to be the best there is."""
    return "Local optimum" if answer.status is Status.LOCALLY_OPTIMAL else "Best so far"


def _rank(objective: Objective, declared: Sequence[Objective]) -> str:
    """Say what an objective counts for: its priority where these differ, its weight where it shares one."""
    parts = []
    if len({other.priority for other in declared}) > 1:
        parts.append(f"priority {objective.priority}")
    if sum(other.priority == objective.priority for other in declared) > 1:
        parts.append(f"weight {number(objective.weight)}")
    return f" ({', '.join(parts)})" if parts else ""


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
        yield f"({zeros} {'value is' if zeros == 1 else 'values are'} 0)"


def formulation_lines(formulation: Formulation) -> Iterator[str]:
    """Yield the five elements, one line or more for each."""
    for declared in formulation.sets:
        index = f"[{', '.join(declared.index)}]" if declared.index else ""
        yield f"set {declared.name}{index} = {_elements(declared.elements)}"
    for parameter in formulation.parameters:
        index = f"[{', '.join(parameter.index)}]" if parameter.index else ""
        yield f"parameter {parameter.name}{index} = {_value(parameter)}"
    for variable in formulation.variables:
        index = f"[{', '.join(variable.index)}]" if variable.index else ""
        yield f"variable {variable.name}{index} {variable.domain}{_bounds(variable)}"
    several = formulation.objectives if isinstance(formulation.objective, list) else ()
    for objective in () if several else formulation.objectives:
        yield f"{objective.sense} {objective.expression}"
    for place, objective in enumerate(several):
        name = objective_name(several, place)
        yield f"{objective.sense} {name}: {objective.expression}{_rank(objective, several)}"
    for constraint in formulation.constraints:
        off = "" if constraint.enabled else "(switched off) "
        yield f"{off}subject to {constraint.name}: {constraint.expression}"


def _bounds(variable: Variable) -> str:
    if variable.lower is None:
        sides = [] if variable.domain == "binary" else [">= 0"]
    else:
        sides = ["of any sign"] if variable.lower == "-inf" else [f">= {variable.lower}"]
    if variable.upper is not None and variable.upper != "inf":
        sides.append(f"<= {variable.upper}")
    return f" {', '.join(sides)}" if sides else ""


def _elements(elements: object) -> str:
    if isinstance(elements, list):
        shown = ", ".join(map(str, elements[:_SHOWN_ELEMENTS]))
        more = f", ... ({len(elements)})" if len(elements) > _SHOWN_ELEMENTS else ""
        return f"{{{shown}{more}}}"
    return _short(str(elements))


def _value(parameter: Parameter) -> str:
    value = parameter.value
    is_of_table = parameter.table is not None and (value is None or parameter.origin == "table")
    if is_of_table and not isinstance(value, int | float):
        count = f", {cell_count_of(value):,} values" if value is not None else ", not attached"
        column = f", column {parameter.column}" if parameter.column else ""
        return f"from the table {parameter.table}{column}{count} {parameter.unit}".rstrip()
    if parameter.is_missing:
        return "missing"
    if isinstance(value, int | float):
        return _short(with_unit(value, parameter.unit))
    return f"{_short(str(value))} {parameter.unit}".rstrip()


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[: _SHOWN_CHARACTERS - 3]}..."


def _run(answer: Answer) -> Iterator[str]:
    usage = answer.usage
    parts = [f"{answer.seconds:.1f} s"]
    if answer.trace.llm:
        parts.append(f"language model {answer.trace.llm}")
        parts.append(f"{usage.prompt_tokens + usage.completion_tokens:,} tokens")
        rounds = sum(not attempt.combined for attempt in answer.trace.attempts)
        parts.append(f"{rounds} attempt{'s' if rounds != 1 else ''}")
    yield ", ".join(parts)
    if answer.solver:
        reason = f": {answer.solver_reason}" if answer.solver_reason else ""
        yield from _wrapped(f"Solver: {answer.solver}{reason}")
